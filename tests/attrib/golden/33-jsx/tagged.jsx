import React from "react";

// SPDX-SnippetBegin
// SPDX-SnippetCopyrightText: 2022 Fay Paraugs
// SPDX-License-Identifier: MIT
export function Paginator({ page, pages, onMove }) {
  const around = [page - 1, page, page + 1].filter((number) => number >= 1 && number <= pages);
  return (
    <nav aria-label="Pages" className="paginator">
      <button type="button" disabled={page === 1} onClick={() => onMove(page - 1)}>Back</button>
      {around.map((number) => (
        <a key={number} href={`?page=${number}`} aria-current={number === page ? "page" : undefined}>
          {number} of {pages}
        </a>
      ))}
      <button type="button" disabled={page === pages} onClick={() => onMove(page + 1)}>Next</button>
    </nav>
  );
}
// SPDX-SnippetEnd

export default Paginator;

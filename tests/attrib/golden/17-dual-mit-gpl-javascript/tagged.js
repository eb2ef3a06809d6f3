// SPDX-SnippetBegin
// SPDX-SnippetCopyrightText: 2009-2016 Ned Namuna
// SPDX-License-Identifier: MIT OR GPL-3.0-or-later
function flattenTree(root, childrenOf, depthOf = Infinity) {
  const flat = [];
  const waiting = [{ node: root, depth: 0 }];
  while (waiting.length > 0) {
    const { node, depth } = waiting.pop();
    flat.push({ node, depth });
    if (depth < depthOf) {
      for (const child of [...childrenOf(node)].reverse()) {
        waiting.push({ node: child, depth: depth + 1 });
      }
    }
  }
  return flat;
}
// SPDX-SnippetEnd

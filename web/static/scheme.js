// Light or dark, where the reader wants other colours than the system's. Runs before the page is drawn.
"use strict";
{
  const KEY = "attrib-scheme";
  const root = document.documentElement;

  const stored = () => {
    try { return localStorage.getItem(KEY) ?? ""; } catch { return ""; }
  };
  const apply = (scheme) => {
    if (scheme === "light" || scheme === "dark") root.dataset.scheme = scheme;
    else delete root.dataset.scheme;
  };

  apply(stored());
  document.addEventListener("DOMContentLoaded", () => {
    const choice = document.getElementById("scheme");
    choice.value = root.dataset.scheme ?? "";
    choice.closest("label").hidden = false;
    choice.addEventListener("change", () => {
      apply(choice.value);
      // A browser may refuse to store anything: then the choice holds for this page.
      try { localStorage.setItem(KEY, choice.value); } catch { return; }
    });
  });
}

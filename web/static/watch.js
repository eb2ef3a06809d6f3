// Looks again at what is under way, without loading the whole page; when that has ended, the page is loaded anew.
"use strict";

const SECONDS = 2;

async function look(watched) {
  const answer = await fetch(watched.dataset.watch, { credentials: "same-origin" });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const now = page.getElementById(watched.id);
  if (!now || !now.dataset.watch) {
    location.reload();
    return;
  }
  // Whoever is about to press a button there keeps it.
  if (!watched.contains(document.activeElement)) watched.replaceChildren(...now.childNodes);
}

const watched = document.querySelector("[data-watch]");
if (watched) {
  setInterval(() => look(watched).catch(() => {}), SECONDS * 1000);
}

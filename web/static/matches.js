// Choosing a match: a click on any of its lines, the buttons, or the keys n and p inside a result.
// Without this file the numbers beside the lines are links that open the match.
"use strict";
{
  const shown = (body) => body.closest("details");

  // Opens a match, marks its lines, and brings both into view.
  const choose = (body) => {
    const result = body.closest(".choice");
    for (let fold = shown(body); fold; fold = fold.parentElement.closest("details")) fold.open = true;
    for (const row of result.querySelectorAll("tr.current")) row.classList.remove("current");
    const rows = result.querySelectorAll(`tr[data-match="${CSS.escape(body.id)}"]`);
    for (const row of rows) row.classList.add("current");
    const box = rows[0]?.closest(".text-box");
    if (box) box.scrollTop = rows[0].offsetTop - box.clientHeight / 4;
    history.replaceState(null, "", `#${body.id}`);
    const summary = shown(body).querySelector("summary");
    summary.focus({ preventScroll: true });
    summary.scrollIntoView({ block: "start" });
  };

  const current = (bodies) => {
    const at = bodies.findIndex((body) => shown(body).contains(document.activeElement));
    return at >= 0 ? at : bodies.findIndex((body) => `#${body.id}` === location.hash);
  };

  const step = (result, by) => {
    const bodies = [...result.querySelectorAll(".match-body")];
    if (!bodies.length) return;
    const at = current(bodies);
    const next = at < 0 ? (by > 0 ? 0 : bodies.length - 1) : (at + by + bodies.length) % bodies.length;
    choose(bodies[next]);
  };

  for (const steps of document.querySelectorAll(".steps")) steps.hidden = false;

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-step]");
    if (button) return step(button.closest(".choice"), Number(button.dataset.step));
    const row = event.target.closest("tr[data-match]");
    // Who selects lines to copy them has chosen no match.
    if (!row || !getSelection().isCollapsed) return;
    event.preventDefault();
    choose(document.getElementById(row.dataset.match));
  });

  // Only where the focus is in a result: single letters elsewhere belong to the browser and to speech input.
  document.addEventListener("keydown", (event) => {
    const by = { n: 1, p: -1 }[event.key];
    const result = event.target.closest(".choice");
    if (!by || !result || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("textarea, input, select")) return;
    event.preventDefault();
    step(result, by);
  });
}

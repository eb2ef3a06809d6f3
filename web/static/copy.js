// Copy buttons. Without this file the text areas are selected and copied by hand.
"use strict";
{
  const announcement = document.getElementById("announcement");

  const announce = (button, words) => {
    button.dataset.label ??= button.textContent;
    button.textContent = words;
    announcement.textContent = words;
    setTimeout(() => { button.textContent = button.dataset.label; announcement.textContent = ""; }, 2000);
  };

  const copy = async (area) => {
    try {
      await navigator.clipboard.writeText(area.value);
      return true;
    } catch {
      // Plain HTTP on a network has no clipboard interface, and a browser may refuse it: leave the text selected.
      area.focus();
      area.select();
      return document.execCommand("copy");
    }
  };

  for (const button of document.querySelectorAll("button[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const done = await copy(document.getElementById(button.dataset.copy));
      announce(button, done ? "Copied" : "Press Ctrl+C to copy");
    });
  }
}

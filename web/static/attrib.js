// Copy buttons. Without this file the text areas beside them are selected and copied by hand.
"use strict";

const announcement = document.getElementById("announcement");

function announce(button, words) {
  const label = button.textContent;
  button.textContent = words;
  announcement.textContent = words;
  setTimeout(() => { button.textContent = label; announcement.textContent = ""; }, 2000);
}

async function copy(area) {
  if (navigator.clipboard) {
    await navigator.clipboard.writeText(area.value);
    return true;
  }
  // Plain HTTP on a network has no clipboard interface.
  area.select();
  return document.execCommand("copy");
}

for (const button of document.querySelectorAll("button[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    copy(document.getElementById(button.dataset.copy))
      .then((done) => announce(button, done ? "Copied" : "Not copied"))
      .catch(() => announce(button, "Not copied"));
  });
}

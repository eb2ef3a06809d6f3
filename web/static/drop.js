// A file may be dropped onto the code, and what is chosen is named where the code would stand.
// Without this file the button below the code chooses a file.
"use strict";
{
  const code = document.getElementById("code");
  const input = document.getElementById("file");
  const chosen = document.getElementById("chosen-file");
  const announcement = document.getElementById("announcement");

  const tell = () => {
    const [file] = input.files;
    chosen.hidden = !file;
    code.disabled = Boolean(file);
    if (!file) return;
    const words = `${file.name} (${file.size.toLocaleString("en-GB")} bytes) will be checked instead of pasted code.`;
    chosen.querySelector("span").textContent = words;
    announcement.textContent = words;
  };

  const field = code.closest(".field");
  const holdsFiles = (event) => [...event.dataTransfer.types].includes("Files");
  // What a page does not take, a browser opens in its place: then everything typed would be lost.
  for (const name of ["dragover", "drop"]) {
    document.addEventListener(name, (event) => { if (holdsFiles(event)) event.preventDefault(); });
  }
  field.addEventListener("dragenter", (event) => { if (holdsFiles(event)) field.classList.add("dropping"); });
  field.addEventListener("dragleave", (event) => {
    if (!field.contains(event.relatedTarget)) field.classList.remove("dropping");
  });
  field.addEventListener("drop", (event) => {
    field.classList.remove("dropping");
    if (!event.dataTransfer.files.length) return;
    const one = new DataTransfer();
    one.items.add(event.dataTransfer.files[0]);
    input.files = one.files;
    tell();
  });
  input.addEventListener("change", tell);
  chosen.querySelector("button").addEventListener("click", () => {
    input.value = "";
    tell();
    code.focus();
  });
  document.getElementById("drop-hint").hidden = false;
  // A browser that comes back to the page may have kept the file.
  tell();
}

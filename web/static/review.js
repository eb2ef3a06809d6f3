// Single letters lead through the review and choose a decision, while the finding or anything in it has the focus:
// elsewhere they belong to the browser and to speech input. Without this file all of them are links and form fields.
"use strict";
{
  const typing = (target) => target.closest("textarea, select, input:not([type=radio])");

  document.addEventListener("keydown", (event) => {
    if (!event.target.closest("#review")) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.target.closest("form")?.requestSubmit();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    const meant = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (!meant) return;
    event.preventDefault();
    if (meant.type !== "radio") return meant.click();
    meant.click();
    const form = meant.closest("form");
    form.scrollIntoView({ block: "center" });
    form.elements[meant.value === "waived" ? "until" : "reason"].focus();
  });
}

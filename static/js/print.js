// Opens the print window of the browser; the sentence on the page is for who has no script.
if (document.querySelector("[data-print]")) {
  document.querySelector("[data-print]").hidden = true;
  window.addEventListener("load", () => window.print());
}

// Shows only the kinds of help that are ticked. The choice stays in this page: no address, no request, nothing kept.
(() => {
  const print = document.querySelector("[data-print]");
  if (print) {
    print.hidden = false;
    print.addEventListener("click", () => window.print());
  }
  const box = document.querySelector("[data-needs]");
  if (!box) return;
  const show = () => {
    const chosen = new Set([...box.querySelectorAll("input:checked")].map((one) => one.value));
    for (const row of document.querySelectorAll("tr[data-need]"))
      row.hidden = chosen.size > 0 && !chosen.has(row.dataset.need);
    for (const line of box.querySelectorAll("[data-when]"))
      line.hidden = (line.dataset.when === "some") !== chosen.size > 0;
  };
  box.hidden = false;
  document.querySelector("[data-jump]").hidden = true;
  box.addEventListener("change", show);
  window.addEventListener("pageshow", show);
})();

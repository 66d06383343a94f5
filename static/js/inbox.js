// The inbox by keyboard: the arrows go from row to row, Home and End to the first and the last. Only while the focus is
// in the list (WCAG 2.1.4), so no key does anything elsewhere; without this file Tab does the same, slower.
const rows = document.querySelector("[data-rows]");
const links = rows ? [...rows.querySelectorAll("tbody th a")] : [];
if (links.length > 1) {
  document.querySelector("[data-keys]").hidden = false;
  rows.addEventListener("keydown", (event) => {
    const now = links.indexOf(event.target.closest("tr")?.querySelector("th a"));
    const to = { ArrowDown: now + 1, ArrowUp: now - 1, Home: 0, End: links.length - 1 }[event.key];
    if (now < 0 || to === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    links[Math.max(0, Math.min(to, links.length - 1))].focus();
  });
}

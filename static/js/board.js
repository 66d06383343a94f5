// The projected screen by keyboard or clicker: → next, ← before, B a black screen. Without this the two links do it.
(() => {
  const go = { ArrowRight: "next", PageDown: "next", ArrowLeft: "prev", PageUp: "prev" };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === "b" || event.key === "B") document.body.classList.toggle("black");
    const link = document.querySelector(`a[rel=${go[event.key] || "none"}]`);
    if (!link) return;
    event.preventDefault();
    location.assign(link.href);
  });
})();

// Gives every text to take along a «Kopieer» button. Without this one selects the text.
(() => {
  const told = document.querySelector("[data-copied]");
  if (!navigator.clipboard) return;
  for (const text of document.querySelectorAll("textarea[data-copy]")) {
    const label = document.querySelector(`label[for="${CSS.escape(text.id)}"]`).textContent;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-even btn-small";
    button.append("Kopieer");
    const what = document.createElement("span");
    what.className = "vh";
    what.append(` ${label}`);
    button.append(what);
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(text.value);
        told.textContent = `Gekopieerd: ${label}`;
        button.firstChild.data = "Gekopieerd";
        setTimeout(() => (button.firstChild.data = "Kopieer"), 3000);
      } catch {
        text.focus();
        text.select();
        told.textContent = "Druk op Ctrl en C om te kopiëren.";
      }
    });
    text.before(button);
  }
})();

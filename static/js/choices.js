// A way out clears the rest and gives it back; «Anders, namelijk» opens its field. Without this the server says so kindly.
(() => {
  for (const form of document.querySelectorAll("form[data-type]")) {
    const all = () => [...form.querySelectorAll("input:not([type=hidden]):not([data-quiet]),textarea")];
    const stands = (one) => /^(checkbox|radio)$/.test(one.type);
    const reveal = form.querySelector("[data-reveal]");
    let kept = null;

    const sync = () => {
      if (!reveal) return;
      const open = document.getElementById(reveal.dataset.reveal).checked;
      reveal.hidden = !open;
      for (const field of reveal.querySelectorAll("textarea")) field.disabled = !open;
    };

    const touched = ({ target }) => {
      if (target.type === "radio" && "exclusive" in target.dataset) return;
      if ("exclusive" in target.dataset) {
        if (target.checked) {
          kept = all().filter((one) => one !== target).map((one) => [one, one.checked, one.value]);
          for (const [one] of kept) stands(one) ? (one.checked = false) : (one.value = "");
        } else if (kept) {
          for (const [one, checked, value] of kept) stands(one) ? (one.checked = checked) : (one.value = value);
          kept = null;
        }
      } else if (stands(target) ? target.checked : target.value) {
        for (const one of form.querySelectorAll("[type=checkbox][data-exclusive]")) one.checked = false;
        kept = null;
      }
      sync();
    };

    form.addEventListener("input", touched);
    sync();
  }
})();

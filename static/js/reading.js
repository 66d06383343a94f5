// «Hoe wil jij lezen?»: shows a choice at once on the page itself. Without this the button «Laat eerst zien» does.
(() => {
  const form = document.querySelector("form[data-reading]");
  const { dataset } = document.documentElement;
  form.querySelector("[name=preview]").hidden = true;
  form.addEventListener("change", ({ target }) => {
    if (target.value) dataset[target.name] = target.value;
    else delete dataset[target.name];
  });
})();

// Asks every two seconds how many files are ready. After five minutes, or when it cannot ask, the link stays.
(() => {
  const place = document.querySelector("[data-batch]");
  if (!place) return;
  const bar = place.querySelector("progress");
  const number = place.querySelector("[data-batch-ready]");
  let tries = 0;
  const look = async () => {
    try {
      const answer = await fetch(place.dataset.batch, { headers: { Accept: "application/json" } });
      if (!answer.ok) return;
      const { total, ready, failed, void: over } = await answer.json();
      if (ready + failed + over >= total) return location.reload();
      bar.value = ready;
      number.textContent = String(ready);
    } catch {
      return;
    }
    if (++tries < 150) setTimeout(look, 2000);
  };
  setTimeout(look, 2000);
})();

// Looks every second whether the PDF is ready. After a minute, or when it cannot ask, the link on the page stays.
(() => {
  const place = document.querySelector("[data-handover]");
  if (!place) return;
  let tries = 0;
  const look = async () => {
    try {
      const answer = await fetch(place.dataset.handover, { headers: { Accept: "application/json" } });
      if (!answer.ok) return;
      const { status } = await answer.json();
      if (status !== "queued" && status !== "rendering") return location.reload();
    } catch {
      return;
    }
    if (++tries < 60) setTimeout(look, 1000);
  };
  setTimeout(look, 1000);
})();

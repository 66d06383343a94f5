// The hands on the mentor's own screen, anew every ten seconds. Without this «Kijk opnieuw» does it.
// Only while somebody is there: a screen that is left alone must log itself out.
(() => {
  const EVERY = 10000;
  const LEFT_ALONE = 20 * 60 * 1000;
  const hands = document.querySelector("[data-hands]");
  let seen = Date.now();
  for (const name of ["pointerdown", "pointermove", "keydown"]) document.addEventListener(name, () => { seen = Date.now(); });
  const look = async () => {
    if (document.hidden || Date.now() - seen > LEFT_ALONE || hands.contains(document.activeElement)) return;
    const reply = await fetch(location.href, { redirect: "manual" }).catch(() => null);
    if (!reply?.ok) return;
    const page = new DOMParser().parseFromString(await reply.text(), "text/html");
    const fresh = page.querySelector("[data-hands]");
    if (fresh && fresh.textContent !== hands.textContent) hands.replaceChildren(...fresh.childNodes);
  };
  if (hands) setInterval(look, EVERY);
})();

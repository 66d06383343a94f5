// Keeps one page for when there is no internet, with the files it needs. Never a page of a person (contract, rule 9).
// accounts/offline.py puts two lines above this: RELEASE, so that a new release is a new script, and PAGE.
const NAME = `geen-internet ${RELEASE}`;

const keep = async () => {
  const page = await fetch(PAGE, { credentials: "omit", cache: "no-store" });
  if (!page.ok) throw new Error("no page");
  const files = new Set((await page.clone().text()).match(/\/static\/[\w./-]+/g));
  const box = await caches.open(NAME);
  await box.addAll([...files]);
  await box.put(PAGE, page);
};

const clean = async () => {
  for (const name of await caches.keys()) if (name !== NAME) await caches.delete(name);
  await registration.navigationPreload?.enable(); // the page does not wait until this script is awake
};

const go = async (event) => {
  try {
    return (await event.preloadResponse) || (await fetch(event.request));
  } catch {
    return (await caches.match(PAGE)) || Response.error();
  }
};

addEventListener("install", (event) => event.waitUntil(keep().then(() => skipWaiting())));
addEventListener("activate", (event) => event.waitUntil(clean()));
addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.mode === "navigate" && request.method === "GET") event.respondWith(go(event));
  else if (new URL(request.url).pathname.startsWith("/static/")) event.respondWith(caches.match(request, { ignoreVary: true }).then((kept) => kept || fetch(request)));
});

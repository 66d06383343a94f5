// Answers that could not be sent, on a phone of one's own (the server decides: accounts/context.py). One for each
// question, the newest wins; sent at the next page; gone after a day, at «Klaar» and when somebody else logs in.
window.outbox = (() => {
  const mark = document.documentElement.dataset.outbox || "";
  const NAME = "paspoort";
  const A_DAY = 24 * 60 * 60 * 1000;
  const FIRST_WAIT = 5000;
  const LONGEST_WAIT = 60000;
  const here = document.querySelector("form[data-autosave]")?.dataset.autosave;
  const notes = document.querySelector(".messages");
  let waiting = 0;
  let wait = FIRST_WAIT;
  let timer = 0;

  // --- The box ---

  const done = (request) =>
    new Promise((yes, no) => {
      request.onsuccess = () => yes(request.result);
      request.onerror = () => no(request.error);
    });
  const within = async (work) => {
    const opening = indexedDB.open(NAME, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore("answers", { keyPath: "url" });
    const box = await done(opening);
    try {
      const answers = box.transaction("answers", "readwrite").objectStore("answers");
      const result = await work(answers);
      waiting = await done(answers.count());
      return result;
    } finally {
      box.close();
    }
  };
  const keep = (record) => (mark ? within((box) => done(box.put({ ...record, mark }))).then(() => true, () => false) : false);
  // What was written after the sending stays.
  const drop = (url, at) =>
    within(async (box) => {
      const kept = await done(box.get(url));
      if (kept && kept.at <= at) await done(box.delete(url));
    }).then(() => true, () => false);
  const all = () =>
    within(async (box) => {
      const mine = [];
      for (const record of await done(box.getAll())) {
        const old = Date.now() - record.at > A_DAY;
        if (old || (mark && record.mark !== mark)) await done(box.delete(record.url));
        else if (mark) mine.push(record);
      }
      return mine;
    });

  // --- Sending ---

  const token = () => document.cookie.match(/(?:^|; )(?:__Host-)?csrf=(\w+)/)?.[1] || "";
  const put = ({ url, body, revision }) =>
    fetch(url, {
      method: "PUT",
      redirect: "manual",
      signal: AbortSignal.timeout?.(15000),
      headers: { "Content-Type": "application/json", "X-CSRFToken": token(), "X-Account": mark },
      body: JSON.stringify({ ...body, revision }),
    });
  const same = (one, other) => one.status === other.status && JSON.stringify(one.value) === JSON.stringify(other.value);
  const note = (name) => {
    const drawn = document.querySelector(`template[data-outbox-${name}]`).content.cloneNode(true).firstElementChild;
    notes?.append(drawn);
    return drawn;
  };

  const choose = (record) => {
    const form = note("two");
    form.action = record.question;
    form.elements.csrfmiddlewaretoken.value = token();
    form.elements.answer.value = JSON.stringify(record.body);
    form.elements.revision.value = form.elements.before.value = record.revision;
    if (record.url === here) form.submit();
  };
  const words = (value) => (typeof value === "string" ? [value] : value && typeof value === "object" ? Object.values(value).flatMap(words) : []);
  const refused = (record) => {
    const drawn = note("refused");
    drawn.querySelector("textarea").value = words(record.body.value).filter(Boolean).join("\n");
    drawn.querySelector("a").href = record.question;
    drawn.querySelector("button").addEventListener("click", () => drop(record.url, record.at).then(() => drawn.remove()));
  };

  // True when nothing more can be sent now.
  const send = async (record) => {
    let reply;
    try {
      reply = await put(record);
    } catch {
      return true;
    }
    if (reply.type === "opaqueredirect" || [401, 403, 429].includes(reply.status) || reply.status >= 500) return true;
    const { current } = await reply.json().catch(() => ({}));
    if (reply.ok || (reply.status === 409 && same(current, record.body))) {
      const gone = await drop(record.url, record.at);
      if (record.url !== here) note("sent");
      else if (gone) location.reload();
    } else if (reply.status === 409) choose(record);
    else refused(record);
    return false;
  };
  const flush = async (records) => {
    clearTimeout(timer);
    for (const record of records) {
      if (await send(record)) {
        timer = setTimeout(again, wait);
        wait = Math.min(wait * 2, LONGEST_WAIT);
        return;
      }
    }
  };
  // The question on this page is sent by answer.js, which also knows what is being typed.
  const again = async () => {
    notes?.replaceChildren();
    await flush((await all()).filter((record) => record.url !== here));
  };

  // --- When ---

  if (!window.indexedDB) return null;
  window.addEventListener("online", () => { wait = FIRST_WAIT; if (waiting) again().catch(() => {}); });
  // «Stop voor nu» wipes the browser, so first comes what is not sent yet.
  document.querySelector("[data-stop]")?.form.addEventListener("submit", async (event) => {
    if (!waiting) return;
    event.preventDefault();
    await again().catch(() => {});
    if (!waiting || confirm(document.querySelector("template[data-outbox-stop]").content.textContent)) event.target.submit();
  });
  // On the page with two answers the chosen one is what this phone keeps, until the server has it.
  for (const form of document.querySelectorAll("form[data-keep]")) {
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      await keep({ url: form.dataset.keep, question: form.getAttribute("action"), body: JSON.parse(form.elements.answer.value), revision: Number(form.elements.revision.value), at: Date.now() });
      form.submit();
    });
  }
  // Where nobody may keep an answer nothing is made; what is there from before can only get too old.
  const look = async () => {
    if (mark || (await indexedDB.databases()).some(({ name }) => name === NAME)) await flush(await all());
  };
  if (!document.querySelector("form[data-keep]")) look().catch(() => {});
  return { keep, drop };
})();

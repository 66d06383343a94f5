// One question: choosing, and saving while somebody writes. One file, because every file costs a first visit a request.

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

// Saves while somebody writes. At anything it does not expect it removes itself: the plain form does the same work.
(() => {
  const form = document.querySelector("form[data-autosave]");
  const line = document.querySelector("[data-status]");
  if (!form || !line || !window.AbortController) return;
  const { type, need, autosave: url, question, account, login, saySaved, sayBusy, sayOut, sayOffline, sayPhone } = form.dataset;
  const AGAIN = "weer-inloggen";
  const FIRST_WAIT = 2000;
  const LONGEST_WAIT = 60000;
  const TOO_LONG = 15000;
  const life = new AbortController();
  const base = JSON.parse(form.dataset.value || "null") || [];
  const all = (query) => [...form.querySelectorAll(query)];
  const values = (query) => all(query).map((one) => one.value.trim()).filter(Boolean);
  const one = (name, where = form) => (where.querySelector(`[name=${name}]:not([type=radio]),[name=${name}]:checked`)?.value ?? "").trim();

  // This is the window in which somebody logged in again: the other one still holds the answer, and sends it now.
  if (window.name === AGAIN && window.opener) {
    window.opener.dispatchEvent(new Event("online"));
    window.close();
  }

  const build = {
    short_text: () => one("value"),
    long_text: () => one("value"),
    choice: () => one("value"),
    chips: () => [...values("[name=value]:checked"), ...values("[name=own]:enabled").flatMap((own) => own.split("\n").map((word) => word.trim()).filter(Boolean))],
    scale: () => Object.fromEntries(all("[name^=value_]:checked").map((level) => [level.name.slice(6), level.value])),
    people: () => all("[data-person]").map((row) => ({ name: one("name", row), relation: one("relation", row), contact: one("contact", row) })).filter((row) => row.name || row.relation || row.contact),
    programmes: () => values("[name=value]"),
    needs: () => values("[name=value]:checked").map((key) => base.find((row) => row.need === key) || { need: key }),
    need: () => base.map((row) => (row.need === need ? { need, how_often: one("how_often"), what_works: one("what_works"), why: form.elements.why ? one("why") : row.why } : row)),
  };

  // What the page says now; nothing when it is blank: a field that is being rewritten is not an emptied answer.
  const answer = () => {
    const way = values("[name=status]:checked,[name=value][value^=':']:checked")[0];
    if (way) return { status: way.replace(":", ""), value: null };
    const value = build[type]();
    return Object.keys(value).length ? { status: "answered", value } : null;
  };

  // After a log-in in another window the token of this page is an old one. It is read when it is needed, never kept.
  const token = () => document.cookie.match(/(?:^|; )(?:__Host-)?csrf=(\w+)/)?.[1] || form.elements.csrfmiddlewaretoken.value;

  const say = (text, kind = "done") => {
    const icon = document.querySelector("svg.icon").cloneNode(true);
    const use = icon.firstElementChild;
    use.setAttribute("href", use.getAttribute("href").replace(/#.*/, `#${kind}`));
    icon.classList.add("keep");
    line.classList.toggle("status-warn", kind !== "done");
    const words = document.createElement(text === sayOut ? "a" : "span");
    words.textContent = text;
    if (text === sayOut) {
      Object.assign(words, { href: `${login}?next=${encodeURIComponent(location.pathname)}`, className: "link" });
      // Where nothing waits on the phone this window has to stay: it is the only place with the answer.
      if (!kept) words.addEventListener("click", (event) => { event.preventDefault(); window.open(words.href, AGAIN); });
    }
    line.replaceChildren(...(kind ? [icon] : []), words);
  };

  let said = "unsaved" in form.dataset ? "" : JSON.stringify(answer());
  let timer = 0;
  let wait = FIRST_WAIT;
  let busy = null;
  let stuck = false; // could not be sent; it is only here
  let kept = false; // could not be sent; it waits in the outbox of this phone
  let leaving = false;

  const unsaved = () => {
    const now = answer();
    return now && JSON.stringify(now) !== said ? now : null;
  };
  const later = () => {
    stuck = true;
    say(kept ? sayPhone : sayOffline, "offline");
    clearTimeout(timer);
    timer = setTimeout(save, wait);
    wait = Math.min(wait * 2, LONGEST_WAIT);
  };
  const out = () => {
    stuck = true;
    say(sayOut, "alert");
  };

  const put = (now, revision) =>
    fetch(url, {
      method: "PUT",
      credentials: "same-origin",
      redirect: "manual", // a redirect to the log-in, or of a school's wifi, is no success
      keepalive: true,
      signal: AbortSignal.timeout?.(TOO_LONG),
      headers: { "Content-Type": "application/json", "X-CSRFToken": token(), "X-Account": account },
      body: JSON.stringify({ ...now, revision }),
    });

  const send = async () => {
    const now = unsaved();
    if (!now || leaving) return;
    const text = JSON.stringify(now);
    const revision = Number(form.elements.revision.value);
    const at = Date.now();
    say(sayBusy, "clock");
    kept = Boolean(await window.outbox?.keep({ url, question, body: now, revision, at }));
    let reply;
    try {
      reply = await put(now, revision);
    } catch {
      return later();
    }
    if (reply.type === "opaqueredirect" || reply.status === 401 || reply.status === 403) return out();
    if (reply.status === 429 || reply.status >= 500) return later();
    stuck = false;
    wait = FIRST_WAIT;
    const body = await reply.json().catch(() => ({}));
    if (reply.status === 409 && body.current) {
      form.elements.csrfmiddlewaretoken.value = token();
      if (JSON.stringify(body.current.value) !== JSON.stringify(now.value) || body.current.status !== now.status) {
        leaving = true;
        return form.submit();
      }
      body.revision = body.current.revision;
      body.updated_at = body.current.updated_at;
    } else if (reply.status === 400) {
      return say(body.value?.[0] || body.detail || "", "alert");
    } else if (!reply.ok || !body.revision) {
      line.replaceChildren();
      return life.abort();
    }
    said = text;
    form.elements.csrfmiddlewaretoken.value = token();
    form.elements.revision.value = body.revision;
    await window.outbox?.drop(url, at);
    kept = false;
    say(`${saySaved} ${new Date(body.updated_at).toLocaleTimeString("nl-NL", { timeZone: "Europe/Amsterdam", hour: "2-digit", minute: "2-digit" })}`);
  };

  // One at a time: the next one needs the revision this one gets.
  const save = () => {
    clearTimeout(timer);
    if (leaving || life.signal.aborted) return busy;
    busy = (busy || Promise.resolve()).then(send).catch(() => life.abort());
    const mine = busy;
    mine.finally(() => { if (busy === mine) busy = null; });
    return busy;
  };

  const on = (target, name, act) => target.addEventListener(name, act, { signal: life.signal });
  on(form, "input", () => { clearTimeout(timer); timer = setTimeout(save, 800); });
  on(form, "focusout", save);
  on(document, "visibilitychange", save);
  on(window, "focus", () => stuck && save());
  on(window, "online", () => { wait = FIRST_WAIT; save(); });
  on(window, "beforeunload", (event) => { if (stuck && !kept && !leaving && unsaved()) event.preventDefault(); });
  // The page is left only with an answer that was kept; without network it stays.
  on(form, "submit", (event) => {
    if (leaving || (!busy && !unsaved())) { leaving = true; return; }
    event.preventDefault();
    const button = event.submitter;
    Promise.resolve(busy).then(save).then(() => {
      if (stuck || leaving) return;
      leaving = true;
      form.requestSubmit(button);
    });
  });
  if (!said) save();
})();

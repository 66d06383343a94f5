// Saves while somebody writes. At anything it does not expect it removes itself: the plain form does the same work.
(() => {
  const form = document.querySelector("form[data-autosave]");
  const line = document.querySelector("[data-status]");
  if (!form || !line || !window.AbortController) return;
  const { type, need, autosave: url, login, saySaved, sayBusy, sayOut, sayOffline } = form.dataset;
  const life = new AbortController();
  const base = JSON.parse(form.dataset.value || "null") || [];
  const all = (query) => [...form.querySelectorAll(query)];
  const values = (query) => all(query).map((one) => one.value.trim()).filter(Boolean);
  const one = (name, where = form) => (where.querySelector(`[name=${name}]:not([type=radio]),[name=${name}]:checked`)?.value ?? "").trim();

  const build = {
    short_text: () => one("value"),
    long_text: () => one("value"),
    choice: () => one("value"),
    chips: () => [...values("[name=value]:checked"), ...values("[name=own]:enabled").flatMap((own) => own.split("\n").map((word) => word.trim()).filter(Boolean))],
    scale: () => Object.fromEntries(all("[name^=value_]:checked").map((level) => [level.name.slice(6), level.value])),
    people: () => all("[data-person]").map((row) => ({ name: one("name", row), relation: one("relation", row), contact: one("contact", row) })).filter((row) => row.name || row.relation || row.contact),
    programmes: () => values("[name=value]"),
    needs: () => values("[name=value]:checked").map((key) => base.find((row) => row.need === key) || { need: key }),
    need: () => base.map((row) => (row.need === need ? { need, how_often: one("how_often"), what_works: one("what_works"), why: one("why") } : row)),
  };

  // What the page says now; nothing when it is blank: a field that is being rewritten is not an emptied answer.
  const answer = () => {
    const way = values("[name=status]:checked,[name=value][value^=':']:checked")[0];
    if (way) return { status: way.replace(":", ""), value: null };
    const value = build[type]();
    return Object.keys(value).length ? { status: "answered", value } : null;
  };

  // After a log-in in another tab the token of this page is an old one.
  const token = () => {
    const field = form.elements.csrfmiddlewaretoken;
    const fresh = document.cookie.match(/(?:^|; )(?:__Host-)?csrf=(\w+)/);
    if (fresh) field.value = fresh[1];
    return field.value;
  };

  const say = (text, kind = "done") => {
    const icon = document.querySelector("svg.icon").cloneNode(true);
    const use = icon.firstElementChild;
    use.setAttribute("href", use.getAttribute("href").replace(/#.*/, `#${kind}`));
    icon.classList.add("keep");
    line.classList.toggle("status-warn", kind !== "done");
    const words = document.createElement(text === sayOut ? "a" : "span");
    words.textContent = text;
    if (text === sayOut) Object.assign(words, { href: login, target: "_blank", className: "link" });
    line.replaceChildren(...(kind ? [icon] : []), words);
  };

  let said = "unsaved" in form.dataset ? "" : JSON.stringify(answer());
  let timer = 0;
  let busy = null;
  let stuck = false;
  let leaving = false;

  const send = async () => {
    const now = answer();
    const text = JSON.stringify(now);
    if (!now || text === said) return;
    say(sayBusy, "clock");
    let reply;
    try {
      reply = await fetch(url, {
        method: "PUT",
        credentials: "same-origin",
        redirect: "manual",
        keepalive: true,
        headers: { "Content-Type": "application/json", "X-CSRFToken": token() },
        body: JSON.stringify({ ...now, revision: Number(form.elements.revision.value) }),
      });
    } catch {
      stuck = true;
      say(sayOffline, "offline");
      clearTimeout(timer);
      timer = setTimeout(save, 5000);
      return;
    }
    stuck = reply.status === 401;
    if (stuck) return say(sayOut, "alert");
    const body = await reply.json().catch(() => ({}));
    if (reply.status === 409 && body.current) {
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
    form.elements.revision.value = body.revision;
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
  on(window, "online", save);
  on(window, "beforeunload", (event) => { if (stuck && !leaving) event.preventDefault(); });
  on(form, "submit", (event) => {
    clearTimeout(timer);
    token();
    if (!busy && !stuck) { leaving = true; return; }
    event.preventDefault();
    const button = event.submitter;
    (busy || save()).then(() => { if (!stuck && !leaving) form.requestSubmit(button); });
  });
  if (!said) save();
})();

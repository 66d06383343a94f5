// First the page «Geen internet» (sw.js): here, because a file of its own would cost every first visit a request.
if (navigator.serviceWorker) addEventListener("load", () => navigator.serviceWorker.register("/sw.js", { updateViaCache: "all" }).catch(() => {}));

// Reads the page aloud, sentence by sentence, with a voice of this device. Without this the button stays away.
(() => {
  const tool = document.querySelector("[data-listen]");
  const synth = window.speechSynthesis;
  if (!tool || !synth || !window.SpeechSynthesisUtterance) return;
  const part = (name) => tool.querySelector(`[data-listen-${name}]`);
  const [go, stop, said, ask, yes, no] = ["go", "stop", "said", "ask", "yes", "no"].map(part);
  const words = tool.dataset;
  const root = document.documentElement;
  const rate = { slow: 0.75, fast: 1.25 }[root.dataset.speed] || 1;
  const spot = window.Highlight && CSS.highlights ? new Highlight() : null;
  const QUIET = "script,style,template,svg,.vh,[hidden],[aria-hidden=true],[data-listen]";
  tool.closest(".page").append(said, ask);
  let net = root.dataset.voice === "net";
  let state = "off";
  let lines = [];
  let at = 0;
  let now = null;

  // --- What there is to read: every visible sentence of the page in its order, and what one wrote in a field ---

  const split = window.Intl?.Segmenter
    ? (text) => [...new Intl.Segmenter(root.lang, { granularity: "sentence" }).segment(text)].map((one) => [one.index, one.segment])
    : (text) => [...text.matchAll(/[^.!?]+[.!?]*\s*/g)].map((one) => [one.index, one[0]]);
  const flat = (text) => text.replace(/\s+/g, " ").trim();
  const seen = (one) => !one.matches(QUIET) && (one.checkVisibility ? one.checkVisibility() : one.getClientRects().length > 0);
  const block = (node) => {
    let one = node.parentElement;
    while (one.parentElement && /^(inline|contents)/.test(getComputedStyle(one).display)) one = one.parentElement;
    return one;
  };

  const pieces = () => {
    const found = [];
    const walker = document.createTreeWalker(document.getElementById("main"), 5, (node) => {
      if (node.nodeType === 3) return node.data.trim() ? 1 : 3;
      if (!seen(node)) return 2;
      return /^(TEXTAREA|INPUT|SELECT)$/.test(node.tagName) ? 1 : 3;
    });
    while (walker.nextNode()) {
      const node = walker.currentNode;
      if (node.nodeType === 1) {
        if (!/^(checkbox|radio|hidden|password|submit)$/.test(node.type)) found.push({ field: node, text: node.selectedOptions ? node.selectedOptions[0]?.text || "" : node.value });
        continue;
      }
      if (node.parentElement.closest("textarea,option")) continue;
      const home = block(node);
      const last = found[found.length - 1];
      if (last && last.home === home) {
        last.nodes.push([last.text.length, node]);
        last.text += node.data;
      } else found.push({ home, nodes: [[0, node]], text: node.data });
    }
    return found;
  };

  const place = (nodes, index) => {
    const [start, node] = nodes.findLast(([from]) => from <= index);
    return [node, Math.min(index - start, node.length)];
  };

  const cut = (piece) =>
    split(piece.text)
      .filter(([, text]) => /[\p{L}\p{N}]/u.test(text))
      .map(([index, text]) => {
        const line = { say: flat(text), box: piece.field || piece.home, lang: (piece.field || piece.home).closest("[lang]").lang };
        if (piece.field) return line;
        const range = document.createRange();
        range.setStart(...place(piece.nodes, index + text.search(/\S/)));
        range.setEnd(...place(piece.nodes, index + text.trimEnd().length));
        const control = piece.home.closest("label")?.control;
        if (control?.checked) line.say += `, ${words.chosen}`;
        return { ...line, range };
      });

  // --- The voice: one of this device; one of the internet only after a yes ---

  const voices = () =>
    new Promise((done) => {
      if (synth.getVoices().length) return done();
      synth.addEventListener("voiceschanged", done, { once: true });
      setTimeout(done, 1500);
    });
  const fits = (lang) => {
    const spoken = synth.getVoices().filter((one) => one.lang.toLowerCase().startsWith(lang.slice(0, 2)));
    const best = (some) => some.find((one) => /nl[-_]nl/i.test(one.lang)) || some[0];
    return best(spoken.filter((one) => one.localService)) || (net && best(spoken)) || null;
  };
  const elsewhere = () => synth.getVoices().some((one) => !one.localService && one.lang.startsWith(root.lang));

  // --- Reading ---

  const label = (text, icon) => {
    go.querySelector("span").textContent = text;
    const use = go.querySelector("use");
    use.setAttribute("href", use.getAttribute("href").replace(/#.*/, `#${icon}`));
  };
  const turn = (next) => {
    state = next;
    tool.closest("header").classList.toggle("listening", next !== "off");
    stop.hidden = next === "off";
    if (next === "off") label(words.go, "listen");
    else next === "on" ? label(words.wait, "pause") : label(words.on, "play");
  };
  const show = (line) => {
    document.querySelector(".spoken")?.classList.remove("spoken");
    spot?.clear();
    if (!line) return;
    if (line.range && spot) {
      spot.add(line.range);
      CSS.highlights.set("spoken", spot);
    } else line.box.classList.add("spoken");
    const box = (line.range || line.box).getBoundingClientRect();
    if (box.top < 120 || box.bottom > innerHeight - 24) line.box.scrollIntoView({ block: "center" });
  };
  const hush = () => {
    now = null;
    synth.cancel();
  };
  const end = (text = "") => {
    const inside = tool.contains(document.activeElement);
    hush();
    show();
    turn("off");
    said.textContent = text;
    if (inside) go.focus();
  };
  const speak = () => {
    const line = lines[at];
    if (!line) return end();
    const one = new SpeechSynthesisUtterance(line.say);
    const voice = fits(line.lang) || fits(root.lang);
    if (!voice) return end(words.none);
    now = one;
    one.voice = voice;
    one.lang = voice.lang.replace("_", "-");
    one.rate = rate;
    one.onend = () => { if (one === now) { at += 1; speak(); } };
    one.onerror = () => { if (one === now) end(words.lost); };
    show(line);
    synth.speak(one);
  };
  const start = () => {
    said.textContent = "";
    lines = pieces().flatMap(cut);
    at = 0;
    turn("on");
    speak();
  };

  go.addEventListener("click", async () => {
    if (state === "on") {
      hush();
      return turn("wait");
    }
    if (state === "wait") {
      turn("on");
      return speak();
    }
    await voices();
    if (fits(root.lang)) return start();
    if (!elsewhere()) return end(words.none);
    ask.hidden = false;
    ask.focus();
  });
  stop.addEventListener("click", () => end());
  no.addEventListener("click", () => { ask.hidden = true; go.focus(); });
  yes.addEventListener("click", async () => {
    net = true;
    ask.hidden = true;
    go.focus();
    start();
    const token = () => document.cookie.match(/(?:^|; )(?:__Host-)?csrf=(\w+)/)?.[1];
    try {
      if (!token()) await fetch(words.url);
      await fetch(words.url, { method: "POST", redirect: "manual", headers: { "X-CSRFToken": token() }, body: new URLSearchParams({ voice: "net" }) });
    } catch {
      // Asked again on the next page.
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    if (!ask.hidden) no.click();
    else if (state !== "off") end();
  });
  window.addEventListener("pagehide", () => now && hush()); // asking the voice to be silent takes long: not on every page
  tool.dataset.ready = "";
})();

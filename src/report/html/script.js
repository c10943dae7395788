"use strict";
// Conversations are drawn when somebody opens one; until then they are JSON in script elements that cost nothing.
(() => {
  const root = document.documentElement;
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  const byId = (id) => document.getElementById(id);
  const read = (id) => JSON.parse(byId(id).textContent);

  /** An element; texts are only ever set as text. */
  function make(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (value === true) element.setAttribute(name, "");
      else if (value !== false && value != null) element.setAttribute(name, value);
    }
    element.append(...children.filter((child) => child != null && child !== false));
    return element;
  }

  // ---- text that nobody obeys -------------------------------------------------------------------------------------

  const INVISIBLE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff0-\ufffb\ufffe\uffff]|[\u{e0000}-\u{e007f}]/gu;

  /** Text with control characters and marks of direction made visible. */
  function shown(text) {
    const out = document.createDocumentFragment();
    let from = 0;
    for (const match of text.matchAll(INVISIBLE)) {
      out.append(text.slice(from, match.index));
      const code = match[0].codePointAt(0).toString(16);
      out.append(make("span", { class: "hidden-char" }, `\\u{${code}}`));
      from = match.index + match[0].length;
    }
    out.append(text.slice(from));
    return out;
  }

  // ---- JSON as it was written -------------------------------------------------------------------------------------

  /** Tokens of a JSON text with the pointer of the value they belong to; number spellings and duplicate members stay. */
  function* tokens(text) {
    const TOKEN = /\s+|[{}[\]:,]|"(?:[^"\\]|\\.)*"|[^\s{}[\]:,"]+/gsy;
    const stack = [];
    let afterColon = false;
    const pointer = () => stack.map((level) => "/" + String(level.key ?? "").replaceAll("~", "~0").replaceAll("/", "~1")).join("");
    for (let match; (match = TOKEN.exec(text)); ) {
      const token = match[0];
      if (/^\s/.test(token)) continue;
      const top = stack.at(-1);
      if (token === "{" || token === "[") {
        yield { token, at: pointer(), kind: "open" };
        stack.push({ open: token, key: token === "[" ? 0 : null });
        afterColon = token === "[";
      } else if (token === "}" || token === "]") {
        stack.pop();
        yield { token, at: pointer(), kind: "close" };
      } else if (token === ",") {
        if (top?.open === "[") top.key += 1;
        afterColon = top?.open === "[";
        yield { token, at: "", kind: "comma" };
      } else if (token === ":") {
        afterColon = true;
        yield { token, at: "", kind: "colon" };
      } else if (top?.open === "{" && !afterColon) {
        try { top.key = JSON.parse(token); } catch { top.key = token; }
        yield { token, at: pointer(), kind: "name" };
      } else {
        yield { token, at: pointer(), kind: "value" };
      }
      if (token !== "," && token !== ":" && token !== "[" && token !== "{" && top?.open === "{" && afterColon) afterColon = false;
    }
  }

  /** Lines of pretty JSON: indentation, text, and the pointers of what begins in each. */
  function pretty(text) {
    const lines = [];
    const list = [...tokens(text)];
    let depth = 0;
    let line = null;
    const write = (token) => {
      if (!line) lines.push((line = { depth, text: "", at: [] }));
      line.text += token;
    };
    for (let at = 0; at < list.length; at++) {
      const { token, at: pointer, kind } = list[at];
      if (kind === "close") {
        depth -= 1;
        line = null;
      }
      write(kind === "colon" ? ": " : token);
      if (kind !== "colon" && kind !== "comma") line.at.push(pointer);
      if (kind === "comma") line = null;
      if (kind === "open") {
        if (list[at + 1]?.kind === "close") {
          write(list[++at].token);
        } else {
          depth += 1;
          line = null;
        }
      }
    }
    return lines;
  }

  const isJson = (text) => { try { JSON.parse(text); return true; } catch { return false; } };

  /** The longest of the pointers in the text that leads to the wanted one: an absent member is marked where it should be. */
  function nearest(lines, wanted) {
    const known = new Set(lines.flatMap((line) => line.at));
    let at = wanted;
    while (at && !known.has(at)) at = at.slice(0, at.lastIndexOf("/"));
    return at;
  }

  const LINES = 600;
  const LINE = 2000;

  /** A line, or the begin of one that would fill screens. */
  function folded(text) {
    if (text.length <= LINE) return shown(text);
    const out = make("span", {}, shown(text.slice(0, LINE / 2)));
    more(out, text.length - LINE / 2, "characters", () => shown(text.slice(LINE / 2)));
    return out;
  }

  function bodyPretty(body, places) {
    const out = make("pre", { tabindex: "0" });
    const lines = pretty(body.text);
    // A value is marked whole; what is absent is marked where it should be.
    const marks = places.map((place) => ({ at: nearest(lines, place), whole: place !== "" && nearest(lines, place) === place }));
    const hit = (at) => marks.some((mark) => (mark.whole ? at === mark.at || at.startsWith(`${mark.at}/`) : at === mark.at));
    const draw = (from, to) => {
      const part = document.createDocumentFragment();
      for (const line of lines.slice(from, to)) {
        const marked = line.at.some(hit) && !(line.depth === 0 && line.text === "}");
        const text = folded(line.text);
        part.append("  ".repeat(Math.max(0, line.depth)), marked ? make("mark", {}, text) : text, "\n");
      }
      return part;
    };
    out.append(draw(0, LINES));
    more(out, lines.length - LINES, "lines", () => draw(LINES, lines.length));
    return out;
  }

  const CHARACTERS = 20000;

  function bodyRaw(body) {
    const out = make("pre", { tabindex: "0" }, shown(body.text.slice(0, CHARACTERS)));
    more(out, body.text.length - CHARACTERS, "characters", () => shown(body.text.slice(CHARACTERS)));
    return out;
  }

  function more(out, number, noun, rest) {
    if (number <= 0) return;
    const button = make("button", { type: "button" }, `show ${number.toLocaleString("en")} more ${noun}`);
    button.addEventListener("click", () => button.replaceWith(rest()));
    out.append(button);
  }

  // ---- an exchange, side by side ----------------------------------------------------------------------------------

  function headers(list, marked) {
    const rows = list.map(([name, value]) =>
      make("tr", { class: marked.has(name.toLowerCase()) && "marked" }, make("th", { scope: "row" }, shown(name)), make("td", {}, shown(value))));
    return make("table", { class: "headers" }, make("tbody", {}, ...rows));
  }

  function pane(title, start, part, places) {
    const status = places.some((place) => place.kind === "status");
    const wanted = places.filter((place) => place.kind === "header").map((place) => place.name);
    const named = new Set(wanted.map((name) => name.toLowerCase()));
    const head = make("div", { class: "head" }, make("h4", {}, title));
    const out = make("div", { class: "pane" }, head, make("p", { class: status ? "start marked" : "start" }, shown(start)), headers(part.headers, named));
    for (const name of new Set(wanted)) {
      if (!part.headers.some(([known]) => known.toLowerCase() === name.toLowerCase())) out.append(make("p", { class: "odd" }, `no header ${name}`));
    }
    for (const odd of part.oddities ?? []) out.append(make("p", { class: "odd" }, shown(odd)));
    if (!part.body) return out;
    const { body } = part;
    const pointers = places.filter((place) => place.kind === "body").map((place) => place.name);
    const json = isJson(body.text);
    let view = json ? bodyPretty(body, pointers) : bodyRaw(body);
    if (json) {
      const button = make("button", { type: "button", "aria-pressed": "false" }, "Raw");
      button.addEventListener("click", () => {
        const raw = button.getAttribute("aria-pressed") === "false";
        button.setAttribute("aria-pressed", raw);
        const next = raw ? bodyRaw(body) : bodyPretty(body, pointers);
        view.replaceWith(next);
        view = next;
      });
      head.append(button);
    }
    const note = [body.size > 4096 ? `${body.size.toLocaleString("en")} bytes` : "", body.note].filter(Boolean).join("; ");
    if (note) out.append(make("p", { class: "aside" }, note));
    out.append(view);
    return out;
  }

  function note(finding, alone) {
    const link = make("a", { href: `#finding-${finding.cause}` }, shown(finding.title));
    const what = finding.expected ? `expected ${finding.expected}; actual ${finding.actual}` : finding.actual;
    const kind = finding.known ? "known" : finding.standing;
    return make("li", { class: kind }, make("strong", {}, finding.known ? "known deviation" : finding.standing), " ",
      alone || !byId(`finding-${finding.cause}`) ? make("span", { class: "text" }, shown(finding.title)) : link,
      make("div", { class: "text" }, shown(what)));
  }

  function panes(exchange, findings, alone = false) {
    const places = findings.map((finding) => finding.place).filter(Boolean);
    const { request, answer } = exchange;
    const right = answer
      ? pane("Answer", `${answer.status} ${answer.reason}`.trim(), answer, places)
      : make("div", { class: "pane" }, make("div", { class: "head" }, make("h4", {}, "No answer")), make("p", { class: "odd" }, shown(exchange.failure ?? "")));
    const out = make("div", { class: "exchange" },
      make("div", { class: "panes" }, pane("Request", `${request.method} ${request.target}`, request, []), right));
    if (findings.length && !alone) out.append(make("ul", { class: "notes" }, ...findings.map((finding) => note(finding, alone))));
    if (exchange.curl && !alone) {
      out.append(make("div", { class: "code" }, make("pre", { tabindex: "0", "aria-label": "curl line" }, exchange.curl),
        make("button", { type: "button", class: "copy", "data-copy": true }, "Copy")));
    }
    return out;
  }

  // ---- a conversation, as lanes -----------------------------------------------------------------------------------

  const milliseconds = (micros) => (micros < 10000 ? (micros / 1000).toFixed(1) : Math.round(micros / 1000)) + " ms";
  const good = (status) => status >= 200 && status < 400;

  function turn(exchange, findings, begin, longest) {
    const { request, answer } = exchange;
    const ours = exchange.origin !== "client";
    const said = answer ? `${answer.status} ${answer.reason}` : "no answer";
    const bar = make("span", { class: "span" });
    bar.style.width = `${Math.max(2, (100 * exchange.took) / longest)}%`;
    const flagged = findings.filter((finding) => finding.standing !== "note");
    const worst = ["error", "warning", "undetermined"].find((standing) => flagged.some((finding) => finding.standing === standing && !finding.known));
    const flags = worst && make("span", { class: `flags ${worst}` }, `${flagged.length} ${flagged.length === 1 ? "finding" : "findings"}`);
    const summary = make("summary", {},
      make("span", { class: "when" }, `+${((exchange.begun - begin) / 1e6).toFixed(3)} s`),
      make("span", { class: "wire" },
        make("span", { class: "way out" }, make("span", { class: "said" }, make("code", {}, shown(`${request.method} ${request.target}`))), make("span", { class: "rail" })),
        make("span", { class: "way back" }, make("span", { class: "said" },
          make("span", { class: answer && good(answer.status) ? "good" : "fault" }, shown(said)), " ",
          make("span", { class: "step" }, ours ? `${exchange.origin} by scimproof` : exchange.step), " ", flags), make("span", { class: "rail" }))),
      make("span", { class: "cost" }, milliseconds(exchange.took), bar));
    const details = make("details", { class: ours ? "turn ours" : "turn", id: `exchange-${exchange.seq}` }, summary);
    details.addEventListener("toggle", () => {
      if (!details.open || details.querySelector(".exchange")) return;
      details.append(panes(exchange, findings));
      toMarks(details);
    });
    return make("li", {}, details);
  }

  function lanes(conversation) {
    const { exchanges, findings } = conversation;
    const begin = Math.min(...exchanges.map((exchange) => exchange.begun));
    const longest = Math.max(1, ...exchanges.map((exchange) => exchange.took));
    const own = (seq) => findings.filter((finding) => finding.seq === seq);
    const out = [];
    if (conversation.why) out.push(make("p", { class: "aside" }, shown(conversation.why)));
    const whole = findings.filter((finding) => finding.seq == null);
    if (whole.length) out.push(make("ul", { class: "notes" }, ...whole.map((finding) => note(finding, false))));
    out.push(make("div", { class: "lane-head", "aria-hidden": "true" }, make("span"),
      make("span", { class: "ends" }, make("span", {}, conversation.client), make("span", {}, "Endpoint")), make("span", {}, "Time")));
    out.push(make("ol", { class: "turns" }, ...exchanges.map((exchange) => turn(exchange, own(exchange.seq), begin, longest))));
    if (conversation.ending) out.push(make("p", { class: "callout" }, shown(conversation.ending)));
    return out;
  }

  /** Long bodies begin at what is marked in them. */
  function toMarks(within) {
    for (const pre of all(".pane pre", within)) {
      const mark = pre.querySelector("mark");
      if (mark) pre.scrollTop = Math.max(0, mark.offsetTop - pre.clientHeight / 3);
    }
  }

  function fill(details) {
    const lane = details.querySelector(":scope > .lanes");
    if (lane && !lane.childElementCount) lane.append(...lanes(read(`${details.id}-data`)));
    const example = details.querySelector(":scope > .body > .example");
    if (example && !example.childElementCount) {
      const { exchanges, findings } = read(details.dataset.example);
      exchanges.forEach((exchange, at) => {
        if (exchanges.length > 1) example.append(make("p", { class: "aside" }, at === 0 ? "The request at fault:" : "What scimproof read back:"));
        example.append(panes(exchange, findings.filter((finding) => finding.seq === exchange.seq), true));
        const link = make("a", { href: `#exchange-${exchange.seq}` }, `Exchange ${exchange.seq}`);
        example.append(make("p", { class: "aside" }, link, ` in its conversation, ${exchange.at}`));
      });
      toMarks(example);
    }
  }

  document.addEventListener("toggle", (event) => { if (event.target.open) fill(event.target); }, true);

  // ---- deep links -------------------------------------------------------------------------------------------------

  let index = null;

  /** The conversation of an exchange. */
  function holder(seq) {
    index ??= new Map(read("index").flatMap((chunk, at) => chunk.exchanges.map((number) => [number, `c${at}`])));
    return index.get(seq);
  }

  function open(details) {
    for (let at = details; at; at = at.parentElement?.closest("details")) {
      at.open = true;
      fill(at);
    }
  }

  function follow() {
    const id = decodeURIComponent(location.hash.slice(1));
    const exchange = /^exchange-(\d+)$/.exec(id);
    if (exchange) {
      const chunk = holder(Number(exchange[1]));
      if (chunk) open(byId(chunk));
    }
    const target = id && byId(id);
    if (!target) return;
    target.hidden = false;
    open(target.closest("details"));
    if (target.matches("details")) {
      select(target);
      target.querySelector("summary").focus({ preventScroll: true });
    }
    target.scrollIntoView();
  }
  window.addEventListener("hashchange", follow);

  // ---- filters ----------------------------------------------------------------------------------------------------

  const findings = all(".finding");
  const conversations = all(".conversation");
  const chips = all(".chip");
  const search = byId("search");
  const profile = byId("profile");
  const texts = new Map();

  /** What a search looks at: what is shown, and what was said on the wire. */
  function textOf(element) {
    if (!texts.has(element)) {
      const data = byId(element.dataset.example ?? `${element.id}-data`)?.textContent ?? "";
      texts.set(element, `${element.textContent}\n${data.replaceAll('\\"', '"')}`.toLowerCase());
    }
    return texts.get(element);
  }

  function filter() {
    const kinds = new Set(chips.filter((chip) => chip.getAttribute("aria-pressed") === "true").map((chip) => chip.dataset.kind));
    const wanted = search.value.trim().toLowerCase();
    const who = profile.value;
    let visible = 0;
    for (const finding of findings) {
      const of = finding.dataset.profiles.split(" ").filter(Boolean);
      const hit = kinds.has(finding.dataset.kind) && (!who || of.length === 0 || of.includes(who)) && (!wanted || textOf(finding).includes(wanted));
      finding.hidden = !hit;
      visible += hit;
    }
    for (const variant of all(".variant")) {
      const label = variant.getAttribute("aria-label").split(":")[0];
      const mine = !who || label === who;
      let any = false;
      for (const conversation of all(".conversation", variant)) {
        const hit = mine && (!wanted || textOf(conversation).includes(wanted));
        conversation.hidden = !hit;
        any ||= hit;
      }
      variant.hidden = !any;
    }
    const told = conversations.filter((conversation) => !conversation.hidden).length;
    byId("shown").textContent = `${visible} of ${findings.length} causes, ${told} conversations`;
  }

  for (const chip of chips) {
    chip.addEventListener("click", () => {
      chip.setAttribute("aria-pressed", chip.getAttribute("aria-pressed") !== "true");
      filter();
    });
  }
  let pause = 0;
  search.addEventListener("input", () => { clearTimeout(pause); pause = setTimeout(filter, 120); });
  profile.addEventListener("change", filter);

  // ---- copy, theme, keys, print -----------------------------------------------------------------------------------

  async function copy(text) {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const area = make("textarea", { "aria-hidden": "true" });
      area.value = text;
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
    }
  }

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    await copy(button.parentElement.querySelector("pre").textContent);
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
  });

  function theme(wanted) {
    root.dataset.theme = wanted;
    try { localStorage.setItem("scimproof-theme", wanted); } catch { /* kept for this page only */ }
  }
  function otherTheme() {
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    theme(dark ? "light" : "dark");
  }
  try {
    const kept = localStorage.getItem("scimproof-theme");
    if (kept === "dark" || kept === "light") root.dataset.theme = kept;
  } catch { /* the system decides */ }
  byId("theme").addEventListener("click", otherTheme);
  byId("keys").addEventListener("click", () => byId("help").showModal());

  let current = null;
  function select(finding) {
    current?.classList.remove("current");
    current = finding.matches(".finding") ? finding : null;
    current?.classList.add("current");
  }
  function move(by) {
    const visible = findings.filter((finding) => !finding.hidden);
    if (!visible.length) return;
    const at = visible.indexOf(current);
    const next = visible[Math.min(visible.length - 1, Math.max(0, at < 0 ? 0 : at + by))];
    select(next);
    const summary = next.querySelector("summary");
    summary.focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest" });
  }
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.matches("input, select, textarea")) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    if (byId("help").open) return;
    const keys = {
      "/": () => { search.focus(); search.select(); },
      j: () => move(1),
      k: () => move(-1),
      c: () => current?.querySelector("[data-copy]")?.click(),
      t: otherTheme,
      "?": () => byId("help").showModal(),
    };
    if (!Object.hasOwn(keys, event.key)) return;
    event.preventDefault();
    keys[event.key]();
  });

  // Findings are printed in full; conversations only when somebody opened one.
  let closed = [];
  window.addEventListener("beforeprint", () => {
    closed = findings.filter((finding) => !finding.open && !finding.hidden);
    closed.forEach((finding) => { finding.open = true; });
    byId("conversations").classList.toggle("opened", conversations.some((conversation) => conversation.open));
  });
  window.addEventListener("afterprint", () => closed.forEach((finding) => { finding.open = false; }));

  filter();
  follow();
})();

"use strict";

// Which journey, persona and period are shown; and the evidence behind a figure.
(() => {
  const root = document.documentElement;
  root.classList.add("js");

  // ---- views: an element with data-view is shown when each of its data-journey, -persona, -period names the choice
  const NAMES = ["journey", "persona", "period"];
  const radios = () => [...document.querySelectorAll(".switches input")];

  function chosen() {
    return Object.fromEntries(radios().filter((radio) => radio.checked).map((radio) => [radio.name, radio.value]));
  }

  function isFor(view, choice) {
    return NAMES.every((name) => !(name in view.dataset) || !(name in choice) || JSON.parse(view.dataset[name]).includes(choice[name]));
  }

  function show() {
    for (const radio of radios()) {
      const label = radio.closest("label[data-view]");
      if (radio.checked && label && !isFor(label, chosen())) radios().find((one) => one.name === radio.name).checked = true;
    }
    const choice = chosen();
    for (const view of document.querySelectorAll("[data-view]")) {
      view.hidden = !isFor(view, choice);
    }
    const hash = "#" + new URLSearchParams(choice);
    for (const link of document.querySelectorAll(".top nav a")) link.hash = hash;
    if (radios().length) history.replaceState(null, "", hash);
    document.dispatchEvent(new CustomEvent("viewchange", { detail: choice }));
  }

  function restore() {
    for (const [name, value] of new URLSearchParams(location.hash.slice(1))) {
      const radio = radios().find((one) => one.name === name && one.value === value);
      if (radio) radio.checked = true;
    }
    show();
  }

  document.addEventListener("change", (event) => {
    if (!event.target.closest(".switches")) return;
    close();
    show();
  });
  addEventListener("hashchange", restore);

  // ---- evidence
  const panel = document.getElementById("evidence");
  let owner = null;
  let pinned = false;
  let timer = 0;
  let isReturning = false;

  function query({ table, column, key }) {
    const quoted = (text) => "'" + text.replaceAll("'", "''") + "'";
    const where = [...new URLSearchParams(key)].map(([name, value]) => `${name} = ${quoted(value)}`);
    return `SELECT ${column}\nFROM ${table}\nWHERE ${where.join("\n  AND ")};`;
  }

  function element(tag, text, kind) {
    const made = document.createElement(tag);
    made.textContent = text;
    if (kind) made.className = kind;
    return made;
  }

  function fill(figure) {
    const data = figure.dataset;
    const copy = element("button", "Copy the query", "copy");
    const code = element("pre", query(data), "query");
    copy.type = "button";
    copy.addEventListener("click", () => {
      getSelection().selectAllChildren(code);
      const done = () => { copy.textContent = "Copied"; };
      if (navigator.clipboard) navigator.clipboard.writeText(code.textContent).then(done, () => { copy.textContent = "Selected"; });
    });
    const lines = [element("p", data.what, "what")];
    const value = element("p", "", "value");
    value.append(element("strong", figure.textContent.trim()));
    if (data.interval) value.append(" ", element("span", `95% interval ${data.interval}`));
    lines.push(value);
    for (const text of [data.counted, data.before]) if (text) lines.push(element("p", text));
    panel.replaceChildren(...lines, code, copy);
  }

  function place(figure) {
    const box = figure.getBoundingClientRect();
    const [wide, high] = [panel.offsetWidth, panel.offsetHeight];
    const left = Math.max(8, Math.min(box.left + box.width / 2 - wide / 2, root.clientWidth - wide - 8));
    const below = box.bottom + 8 + high <= innerHeight || box.top - 8 - high < 0;
    panel.style.left = `${left + scrollX}px`;
    panel.style.top = `${(below ? box.bottom + 8 : box.top - 8 - high) + scrollY}px`;
  }

  function open(figure, pin) {
    clearTimeout(timer);
    if (owner && owner !== figure) owner.removeAttribute("aria-expanded");
    if (owner !== figure || panel.hidden) {
      fill(figure);
      panel.hidden = false;
      place(figure);
    }
    owner = figure;
    pinned = pin;
    owner.setAttribute("aria-expanded", "true");
    if (pin) panel.focus({ preventScroll: true });
  }

  function close(refocus) {
    clearTimeout(timer);
    if (!owner) return;
    const last = owner;
    owner = null;
    pinned = false;
    panel.hidden = true;
    last.removeAttribute("aria-expanded");
    isReturning = true;
    if (refocus) last.focus({ preventScroll: true });
    isReturning = false;
  }

  for (const figure of document.querySelectorAll(".fig")) figure.setAttribute("aria-haspopup", "dialog");
  const figureOf = (event) => (event.target.closest ? event.target.closest(".fig") : null);

  document.addEventListener("click", (event) => {
    const figure = figureOf(event);
    if (figure) return pinned && owner === figure ? close(true) : open(figure, true);
    if (!panel.contains(event.target)) close();
  });
  document.addEventListener("pointerover", (event) => {
    if (event.pointerType !== "mouse" || pinned) return;
    const figure = figureOf(event);
    clearTimeout(timer);
    if (figure) timer = setTimeout(() => open(figure, false), panel.hidden ? 350 : 120);
    else if (!panel.contains(event.target)) timer = setTimeout(close, 250);
  });
  document.addEventListener("focusin", (event) => {
    const figure = figureOf(event);
    if (figure && figure.matches(":focus-visible") && !pinned && !isReturning) open(figure, false);
    else if (!figure && !panel.contains(event.target)) close();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && owner) close(panel.contains(document.activeElement) || pinned);
  });
  addEventListener("beforeprint", () => close());

  restore();
})();

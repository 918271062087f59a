// Describes what a page shows, in document order; changes nothing that a page can see.
// Elements keep their numbers for as long as they live: `element(number)` gives one back.

// No two documents share a number: what was shown in the one is not taken for shown in the next.
const registry = (window[Symbol.for("survey")] ??= {
  numbers: new WeakMap(), elements: new Map(), next: (Math.floor(performance.timeOrigin) % 1e9) * 1000 + 1,
  told: new Map(), look: "", stirred: true, traces: "",
});

// Whether the page may look otherwise than at the last look. A change that leaves none of these traces
// (a rule that a script adds to a style sheet) is seen by the first look after a wait.
const STIRS = ["input", "change", "click", "keydown", "focusin", "focusout", "pointermove", "pointerdown", "scroll",
  "load", "error", "beforetoggle", "toggle", "transitionend", "animationend"];
const observer = (registry.observer ??= new MutationObserver(() => { registry.stirred = true; }));
const watch = (root) => observer.observe(root, { subtree: true, childList: true, attributes: true, characterData: true });
if (!registry.watching) {
  registry.watching = true;
  watch(document);
  for (const kind of STIRS) document.addEventListener(kind, () => { registry.stirred = true; }, { capture: true, passive: true });
}
const traces = () => [
  location.href, innerWidth, innerHeight, scrollX, scrollY, document.readyState, document.fonts.status,
  document.styleSheets.length, document.adoptedStyleSheets.length, document.documentElement.scrollHeight,
  ...[...boxes.keys()].map((node) => node.checked),
].join();
const still = () => !observer.takeRecords().length && !registry.stirred && traces() === registry.traces;

const numberOf = (element) => {
  let number = registry.numbers.get(element);
  if (number === undefined) {
    number = registry.next++;
    registry.numbers.set(element, number);
    registry.elements.set(number, new WeakRef(element));
  }
  return number;
};

const element = (number) => registry.elements.get(number)?.deref() ?? null;

const numbersOf = (css) => [...document.querySelectorAll(css)].map(numberOf);

const SKIPPED = new Set(["SCRIPT", "STYLE", "NOSCRIPT", "TEMPLATE", "OPTION", "HEAD", "BR", "HR"]);
const BOX = "input[type=checkbox], [role=checkbox], [role=switch], [role=menuitemcheckbox]";
const PRESSED_BY_ROLE = new Set(["button", "link", "tab", "menuitem", "treeitem", "option"]);
const MESSAGE = /^(.*[-_])?(alert|error|danger|warning|success|message|msg|toast|notification|notice|invalid|feedback|flash)([-_].*)?$/i;
const cut = (text) => (text ?? "").slice(0, 300);

// The letters of an element as they stand in the document; script and style are none.
const letters = (node) => {
  const found = [];
  const walk = (one) => {
    if (one.nodeType === Node.TEXT_NODE) found.push(one.data);
    else if (!SKIPPED.has(one.nodeName) && one.nodeName !== "TITLE" && one.nodeName !== "title")
      for (const child of one.childNodes) walk(child);
  };
  walk(node);
  return found.join(" ");
};
const own = (node) => [...node.childNodes].filter((one) => one.nodeType === Node.TEXT_NODE).map((one) => one.data).join(" ");
const referred = (node, attribute) =>
  (node.getAttribute(attribute) ?? "").split(/\s+/).map((id) => (id && node.getRootNode().getElementById?.(id)?.textContent) || "").join(" ");

// Boxes of the page, and how many of them lie in each element. An icon of a ticked or an empty square
// is a box where no real one stands beside it.
const ON = /(^|[\s_-])(check-square|square-check|checkbox-marked|checkbox-checked|check_box|toggle-on|toggle2-on)/;
const OFF = /(^|[\s_-])(square-o|checkbox-blank|checkbox-unchecked|check_box_outline_blank|toggle-off|toggle2-off)([\s_-]|$)|(fa|bi|mdi|oi)-square(\s|$)/;
const BESIDE = 4;
const drawing = (node) => node.getAttribute("class") ?? "";
const boxes = new Map();
const held = new Map();
const hold = (box, on) => {
  boxes.set(box, on);
  for (let one = box.parentElement; one; one = one.parentElement) held.set(one, (held.get(one) ?? 0) + 1);
};
const countBoxes = () => {
  boxes.clear();
  held.clear();
  for (const node of document.querySelectorAll(BOX))
    hold(node, node.matches("input") ? node.checked : node.getAttribute("aria-checked") === "true");
  const real = new Map(held);
  for (const node of document.querySelectorAll("i, span, svg, em")) {
    const on = ON.test(drawing(node)), off = OFF.test(drawing(node));
    if (on === off || node.closest(BOX)) continue;
    let around = node;
    for (let level = 0; level < BESIDE && around; level++) around = real.has(around) ? null : around.parentElement;
    if (around) hold(node, on);
  }
};
const isBox = (node) => boxes.has(node);
const holds = (node) => held.get(node) ?? 0;

// What is pressed for a box that is not to be seen itself: its label, or what is drawn around it.
const surfaceOf = (node) => {
  const drawn = node.getBoundingClientRect();
  const style = getComputedStyle(node);
  const seen = drawn.width >= 6 && drawn.height >= 6 && style.opacity !== "0" && style.visibility === "visible" && style.clipPath === "none";
  if (seen) return null;
  for (const label of node.labels ?? []) if (label.getClientRects().length) return label;
  for (let one = node.parentElement; one && one !== document.body; one = one.parentElement) {
    if (holds(one) > 1) break;
    const rect = one.getBoundingClientRect();
    if (rect.width >= 6 && rect.height >= 6) return one;
  }
  return null;
};

// The texts that may be a box's name, the surest first: its label; what stands in its own part of
// the page, whole and leaf by leaf; what stands between it and the next box.
const labelsOf = (node) => {
  const leaves = (root) => {
    const found = [];
    const walk = (one) => {
      if (SKIPPED.has(one.nodeName)) return;
      if (own(one).trim()) found.push(letters(one), own(one));
      for (const child of one.children) walk(child);
    };
    walk(root);
    return found;
  };
  const tidy = (texts) => [...new Set(texts.map((text) => cut(text).trim()).filter(Boolean))].slice(0, 24);
  const labels = [...(node.labels ?? [])];
  const sure = tidy([
    referred(node, "aria-labelledby"), node.getAttribute("aria-label") ?? "",
    ...labels.flatMap((label) => [letters(label), ...leaves(label)]),
    ...(node.matches("[role]") ? [letters(node), ...leaves(node)] : []),
  ]);
  let part = node;
  while (part.parentElement && part.parentElement !== document.body && holds(part.parentElement) === 1)
    part = part.parentElement;
  const near = part === node ? [] : tidy([letters(part), ...leaves(part), part.getAttribute("title") ?? "", node.title]);
  const after = [];
  if (part === node)
    for (let one = node.nextSibling; one && !(one.nodeType === 1 && (isBox(one) || holds(one))); one = one.nextSibling)
      after.push(one.nodeType === 1 ? letters(one) : one.data ?? "");
  return [sure, near, tidy([after.join(" "), ...after])];
};

const iconsOf = (node) => {
  const found = [];
  for (const one of [node, ...node.querySelectorAll("i, svg, use, img, span, b, em")].slice(0, 12)) {
    if (one !== node && one.localName === "span" && own(one).trim().match(/[\p{L}\d]/u)) continue;
    found.push(...one.classList);
    for (const name of ["href", "xlink:href", "src", "data-icon", "icon", "name"]) {
      const told = one.localName !== "a" && one.getAttribute(name);
      if (told && told.length < 200) found.push(told.replace(/^.*[/#]/, "").replace(/\.\w+$/, ""));
    }
  }
  return found.join(" ").slice(0, 300);
};

const namesOf = (node, shown) => {
  const pictured = node.querySelector("img[alt]");
  const drawn = node.querySelector("svg > title");
  const titled = node.querySelector("[title], [data-original-title]");
  const hint = (one) => one?.getAttribute("title") || one?.getAttribute("data-original-title") || one?.getAttribute("data-title") || one?.getAttribute("data-tooltip") || "";
  const around = node.parentElement && node.parentElement.children.length === 1 ? node.parentElement : null;
  const names = {
    label: referred(node, "aria-labelledby").trim() || node.getAttribute("aria-label") || "",
    text: letters(node),
    alt: node.getAttribute("alt") || pictured?.alt || "",
    drawing: drawn?.textContent ?? "",
    title: hint(node) || hint(titled),
    value: node.matches("input[type=submit], input[type=button], input[type=reset]") ? node.value : "",
    around: around ? around.getAttribute("aria-label") || hint(around) : "",
  };
  if (!shown && !names.text) names.text = node.textContent;
  return Object.fromEntries(Object.entries(names).map(([clue, text]) => [clue, cut(text)]).filter(([, text]) => text.trim()));
};

const cluesOf = (node, style, pointed) => {
  const clues = [];
  if (node.matches("a[href], button, summary, input[type=button], input[type=submit], input[type=image]")) clues.push("native");
  else if (node.localName === "a") clues.push("anchor");
  const role = node.getAttribute("role")?.trim().split(/\s+/)[0];
  if (PRESSED_BY_ROLE.has(role)) clues.push("role");
  if (window[Symbol.for("listens")]?.has(node) || node.onclick) clues.push("listens");
  if (node.matches("[data-toggle], [data-bs-toggle], [aria-expanded], [aria-haspopup]:not([aria-haspopup=false])")) clues.push("opens");
  if (node.tabIndex >= 0 && node.hasAttribute("tabindex") && role !== "tabpanel" && role !== "dialog") clues.push("focus");
  if (style.cursor === "pointer" && !pointed) clues.push("pointer");
  return clues;
};

const controlledBy = (node) => {
  if (node.localName === "summary" && node.parentElement?.localName === "details") return numberOf(node.parentElement);
  const href = node.getAttribute("href") ?? "";
  const told = node.getAttribute("aria-controls") || node.getAttribute("data-target") || node.getAttribute("data-bs-target") ||
    (href.startsWith("#") && node.matches("[data-toggle], [data-bs-toggle], [role=tab], [aria-expanded]") ? href : "");
  const id = told.split(/\s+/)[0]?.replace(/^#/, "");
  const found = id && document.getElementById(id);
  return found ? numberOf(found) : null;
};

const flag = (node, attribute) => {
  const told = node.getAttribute(attribute);
  return told === "true" ? true : told === "false" ? false : null;
};

const inView = (rect, bounds) =>
  rect.width > 1 && rect.height > 1 && rect.left < bounds.right && rect.right > bounds.left &&
  rect.top < bounds.bottom && rect.bottom > bounds.top && rect.right + scrollX > 0 && rect.bottom + scrollY > 0;

// What stands as it was told in the look before is told by its number alone, if the asker holds that
// `look` and no other; nothing at all is told of a page on which nothing has happened since.
const survey = (look) => {
  if (look && look === registry.look && still()) return "";
  const before = look === registry.look ? registry.told : new Map();
  registry.told = new Map();
  registry.look = String(Math.random());
  countBoxes();
  const elements = [];
  const tell = (number, told) => {
    let text = JSON.stringify(told);
    if (/\\ud[89a-f]/.test(text)) // half a letter, from a cut or from the page itself
      text = JSON.stringify(told, (_, value) => typeof value === "string" ? value.toWellFormed() : value);
    elements.push(before.get(number) === text ? number : text);
    registry.told.set(number, text);
  };
  const view = { left: -1e6, top: -1e6, right: 1e6, bottom: 1e6 };
  const visit = (node, path, clip, seen, pointed, up) => {
    if (SKIPPED.has(node.nodeName) || node.namespaceURI !== "http://www.w3.org/1999/xhtml") return;
    const style = getComputedStyle(node);
    const rect = node.getBoundingClientRect();
    const position = style.position;
    const fixed = position === "fixed";
    const bounds = fixed ? view : clip;
    const visible = seen && style.display !== "none" && style.opacity !== "0";
    const drawn = visible && style.visibility === "visible" && inView(rect, bounds) && node.checkVisibility();
    const tag = node.localName;
    const role = node.getAttribute("role")?.trim().split(/\s+/)[0] ?? "";
    const sticks = fixed || position === "sticky";
    const header = up.header || (node.matches("header, [role=banner], nav, [class*=navbar], [class*=topbar], [class*=top-bar], [class*=header]") &&
      rect.width > innerWidth / 2 && rect.height < 200 && rect.top + (sticks ? 0 : scrollY) < 100 && !node.querySelector("h1, main"));
    const around = {
      header,
      beside: up.beside || tag === "nav" || role === "navigation",
      footer: up.footer || tag === "footer" || role === "contentinfo",
      part: up.part || tag === "main" || tag === "form" || role === "dialog" || node.classList.contains("modal"),
      off: up.off || node.getAttribute("aria-disabled") === "true",
    };
    const box = isBox(node);
    const clues = cluesOf(node, style, pointed);
    const text = own(node).trim();
    const kinds = [];
    if (header) kinds.push("header");
    if (around.beside) kinds.push("beside");
    if (around.footer && !around.part) kinds.push("footer");
    if (["alert", "status", "log"].includes(role) || node.getAttribute("aria-live") || [...node.classList].some((one) => MESSAGE.test(one))) kinds.push("message");
    if (["alert", "alertdialog"].includes(role) || [...node.classList].some((one) => /danger|error|invalid/i.test(one))) kinds.push("trouble");
    if (["dialog", "alertdialog"].includes(role) || tag === "dialog" || node.classList.contains("modal")) kinds.push("dialogue");
    if (/^h[1-6]$/.test(tag) || role === "heading" || ["legend", "caption", "dt"].includes(tag)) kinds.push("heading");
    const number = numberOf(node);
    if (box || clues.length || text || kinds.some((one) => !["header", "beside", "footer"].includes(one))) {
      const surface = box ? surfaceOf(node) : null;
      const place = surface ? surface.getBoundingClientRect() : rect;
      tell(number, {
        number, path, tag, role,
        names: namesOf(node, drawn), icons: clues.length ? iconsOf(node) : "",
        classes: [...node.classList].slice(0, 16), clues, kinds,
        labels: box ? labelsOf(node) : [],
        controls: controlledBy(node), surface: surface ? numberOf(surface) : null,
        href: node.getAttribute("href") ?? "",
        expanded: tag === "summary" && node.parentElement?.localName === "details" ? node.parentElement.open : flag(node, "aria-expanded"),
        selected: flag(node, "aria-selected"),
        checked: box ? boxes.get(node) : null,
        shown: box && surface ? seen && inView(place, bounds) && surface.checkVisibility({ visibilityProperty: true, opacityProperty: true }) : drawn,
        enabled: !node.matches(":disabled") && !around.off && !node.classList.contains("disabled"),
        top: place.top + (fixed ? 0 : scrollY),
        box: { x: place.left, y: place.top, width: place.width, height: place.height },
      });
    }
    if (!node.firstElementChild && !node.shadowRoot) return;
    const { overflowX, overflowY } = style;
    const [across, down] = [overflowX, overflowY].map((told) => told === "hidden" || told === "clip");
    const open = overflowX === "visible" && overflowY === "visible";
    const within = open || node === document.body || node === document.documentElement ? bounds : {
      left: across || rect.width < 2 ? Math.max(bounds.left, rect.left) : bounds.left,
      right: across || rect.width < 2 ? Math.min(bounds.right, rect.right) : bounds.right,
      top: down || rect.height < 2 ? Math.max(bounds.top, rect.top) : bounds.top,
      bottom: down || rect.height < 2 ? Math.min(bounds.bottom, rect.bottom) : bounds.bottom,
    };
    const below = [...path, number];
    const points = style.cursor === "pointer";
    if (node.shadowRoot) watch(node.shadowRoot);
    for (const child of node.shadowRoot?.children ?? []) visit(child, below, within, visible, points, around);
    for (const child of node.children) visit(child, below, within, visible, points, around);
  };
  if (document.body) visit(document.body, [], view, true, false, {});
  observer.takeRecords();
  registry.stirred = false;
  registry.traces = traces();
  // As text: a driver unpacks a long text faster than a deep object.
  return `{"elements":[${elements.join()}],"url":${JSON.stringify(location.href)},"width":${innerWidth},"look":"${registry.look}"}`;
};

// Waits until the page changes, or a moment.
const changed = (milliseconds) =>
  new Promise((resolve) => {
    const observer = new MutationObserver(() => done());
    const done = () => { observer.disconnect(); clearTimeout(timer); registry.stirred = true; resolve(); };
    const timer = setTimeout(done, milliseconds);
    observer.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
  });

// What lies over an element, brought into view first; null when nothing foreign does.
const coverOf = (number) => {
  const node = element(number);
  if (!node) return null;
  node.scrollIntoView({ block: "center", inline: "nearest", behavior: "instant" });
  const drawn = node.getBoundingClientRect();
  const hit = document.elementFromPoint(drawn.left + drawn.width / 2, drawn.top + drawn.height / 2);
  if (!hit || node.contains(hit) || hit.contains(node) || [...(node.labels ?? [])].some((label) => label.contains(hit))) return null;
  const dialogue = hit.closest("[role=dialog], [role=alertdialog], dialog, .modal");
  const named = [dialogue, hit].map((one) => one && (referred(one, "aria-labelledby").trim() || one.getAttribute("aria-label")));
  return cut(named[0] || named[1] || letters(hit).trim() || hit.localName);
};

// Where the given elements are drawn once the first of them is in view; null for one that is not.
const measured = (numbers) => {
  countBoxes();
  const found = numbers.map(element);
  found[0]?.scrollIntoView({ block: "center", inline: "nearest", behavior: "instant" });
  return found.map((node) => {
    const surface = node && isBox(node) ? surfaceOf(node) ?? node : node;
    const { left, top, right, bottom } = surface?.getBoundingClientRect() ?? { left: 0, right: 0 };
    const seen = right > left && bottom > top && left >= 0 && top >= 0 && right <= innerWidth && bottom <= innerHeight;
    return seen ? { x: left, y: top, width: right - left, height: bottom - top } : null;
  });
};

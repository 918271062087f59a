// What the fault catalogue does to a page. It comes before the page's own script, and only when the
// page has faults. Controls are found by what they say and are, so that they take effect on every layout.
const data = JSON.parse(document.getElementById("page-data").textContent);
const words = data.texts;
const FIRST = "documentsAccess";
const SECOND = "documentsList";
const CHECKBOX = "input[type=checkbox], [role=checkbox], [role=switch]";
const PRESSABLE = "a, button, summary, [role=button], [role=tab], [role=link], [role=menuitem]";
const OTHER_WORDS = "Просмотр карточек";
const NEAR_WORDS = "Контроль доступа к списку документов организации";
const ENGLISH = {
  documentsAccess: "Who may view the documents",
  documentsList: "Who may list the documents",
  documentsSettings: "Who may configure the documents",
  organizationSettings: "Who may configure the company",
};
const LATE = 1000;
const MOMENT = 500;

const onSettingsPage = /\/organization-settings\/?$/.test(location.pathname);
const folded = (text) => text.replace(/\s+/g, " ").trim();
const all = (scope, selector) => [...scope.querySelectorAll(selector)];
const done = new WeakSet();
const happened = new Set();
const frames = new WeakMap();

/** Does something to an element once, however often the page changes. */
function once(element, act) {
  if (!element || done.has(element)) return;
  done.add(element);
  act(element);
}

function named(label) {
  return all(document, PRESSABLE).filter(
    (one) => one.getAttribute("aria-label") === label || folded(one.textContent) === label,
  );
}

function headers(block) {
  return named(words[`block.${block}`]);
}

function panel(block) {
  const header = headers(block)[0];
  if (!header) return null;
  const controlled = document.getElementById(header.getAttribute("aria-controls") ?? "");
  return controlled ?? framing(header);
}

/** The nearest element around one that holds checkboxes. */
function framing(element) {
  let frame = element;
  while (frame && !frame.querySelector(CHECKBOX)) frame = frame.parentElement;
  return frame;
}

/** The part of a block that lists its information systems. */
function systems(block) {
  return list(block, "settings.information-systems");
}

/** The part of a block under one of its titles. */
function list(block, title) {
  const heading = words[title];
  const found = all(panel(block) ?? document.createElement("p"), "*").find(
    (one) => !one.children.length && folded(one.textContent).replace(/:$/, "") === heading,
  );
  if (found && !frames.has(found)) frames.set(found, framing(found));
  return frames.get(found) ?? null;
}

function boxes(block) {
  return all(systems(block) ?? document.createElement("p"), CHECKBOX);
}

function row(box) {
  return box.closest("li, tr") ?? box.closest("label")?.parentElement ?? box.parentElement;
}

const checked = (box) => box.checked ?? box.getAttribute("aria-checked") === "true";

function show(box, wanted) {
  if ("checked" in box) box.checked = wanted;
  else box.setAttribute("aria-checked", String(wanted));
}

function untick(box) {
  if (!checked(box)) return;
  if (!("checked" in box)) box.click();
  else {
    box.checked = false;
    box.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

function conceal(element, how = "display") {
  once(element, () => element.style.setProperty(how, how === "display" ? "none" : "hidden", "important"));
}

function double(element) {
  once(element, () => {
    const copy = element.cloneNode(true);
    for (const one of [copy, ...all(copy, "*")]) done.add(one);
    element.after(copy);
  });
}

function say(element, text) {
  once(element, () => (element.textContent = text));
}

/** Keeps whatever is pressed inside these elements from the page. */
function deaden(elements, instead = () => {}) {
  for (const kind of ["click", "submit"]) {
    document.addEventListener(
      kind,
      (event) => {
        const pressed = kind === "submit" ? event.submitter : event.target;
        const hit = elements().find((one) => one.contains(pressed));
        if (!hit) return;
        event.preventDefault();
        event.stopImmediatePropagation();
        instead(hit);
      },
      true,
    );
  }
}

function exchange(one, other) {
  const [here, there] = [document.createComment(""), document.createComment("")];
  one.replaceWith(here);
  other.replaceWith(there);
  here.replaceWith(other);
  there.replaceWith(one);
}

function letters(element) {
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) if (folded(walker.currentNode.data)) return walker.currentNode;
  return null;
}

function swapLabels(block) {
  const [one, other] = boxes(block);
  if (!other || done.has(one)) return;
  for (const box of [one, other]) done.add(box);
  const [here, there] = [letters(row(one)), letters(row(other))];
  [here.data, there.data] = [there.data, here.data];
  const labels = [one, other].map((box) => box.getAttribute("aria-label"));
  if (labels[0] && labels[1]) {
    one.setAttribute("aria-label", labels[1]);
    other.setAttribute("aria-label", labels[0]);
  }
}

function cover() {
  const dialogue = document.createElement("div");
  dialogue.setAttribute("role", "dialog");
  dialogue.setAttribute("aria-label", "Обновление правил");
  dialogue.style.cssText = "position:fixed;inset:0;z-index:9999;background:#fffd;padding:30vh 20vw";
  dialogue.textContent = "Правила сервиса обновляются, подождите.";
  document.body.append(dialogue);
}

function notice() {
  const aside = document.createElement("aside");
  aside.textContent = "В воскресенье с 02:00 до 04:00 сервис обслуживается.";
  document.body.append(aside);
}

function pretendSaved(button) {
  const told = document.createElement("p");
  told.setAttribute("role", "status");
  told.textContent = words["settings.saved"];
  button.after(told);
}

function unticking(delay) {
  const react = (event) => {
    const box = event.target.closest?.(CHECKBOX);
    if (!box || !boxes(FIRST).includes(box)) return;
    if (delay) setTimeout(untick, delay, box);
    else untick(box);
  };
  for (const kind of ["change", "click"]) document.addEventListener(kind, react);
}

function savingAtOnce() {
  document.addEventListener("change", (event) => {
    if (boxes(FIRST).includes(event.target)) setTimeout(() => save()[0]?.click());
  });
}

function delayLoading() {
  const real = window.fetch;
  window.fetch = async (...request) => {
    if (String(request[0]).endsWith("/api/organizationSettings") && request[1]?.method === "GET") {
      await new Promise((resolve) => setTimeout(resolve, LATE));
    }
    return real(...request);
  };
}

/** Changes what the page asks of NCALayer. */
function askNcaLayer(change) {
  const Real = window.WebSocket;
  window.WebSocket = class extends Real {
    send(text) {
      const request = JSON.parse(text);
      super.send(JSON.stringify(request.method === "sign" ? change(request) : request));
    }
  };
}

function blockNcaLayer() {
  window.WebSocket = class extends EventTarget {
    constructor() {
      super();
      setTimeout(() => {
        for (const kind of ["error", "close"]) {
          const event = new Event(kind);
          this[`on${kind}`]?.(event);
          this.dispatchEvent(event);
        }
      });
    }
    send() {}
    close() {}
  };
}

const save = () => named(words["settings.save"]);

/** What is done once, before the page's own script runs. */
const BEFORE = {
  "page-access-link-dead": () => deaden(() => named(words["settings.access"])),
  "page-block-dead": () => deaden(() => headers(FIRST)),
  "page-covered": () => onSettingsPage && cover(),
  "page-save-dead": () => deaden(save),
  "page-save-pretends": () => deaden(save, pretendSaved),
  "page-checkbox-unticks": () => unticking(0),
  "page-checkbox-unticks-later": () => unticking(MOMENT),
  "page-saves-at-once": savingAtOnce,
  "page-notice": notice,
  "page-late": delayLoading,
  "ncalayer-other-bytes": () =>
    askNcaLayer((request) => ({ ...request, args: { ...request.args, data: btoa("Payment 1") } })),
  "ncalayer-unknown-method": () => askNcaLayer((request) => ({ ...request, method: "signAll" })),
  "ncalayer-blocked-by-page": blockNcaLayer,
};

/** What is done whenever the page has changed, until it holds. */
const WHENEVER = {
  "page-sign-in-missing": () => named(words["header.sign-in"]).forEach((one) => conceal(one)),
  "page-menu-icon-missing": () => named(words["header.menu"]).forEach((one) => conceal(one)),
  "page-menu-item-missing": () =>
    named(words["menu.organisation-settings"]).forEach((one) => conceal(one)),
  "page-menu-item-renamed": () =>
    named(words["menu.organisation-settings"]).forEach((one) => say(one, "Параметры компании")),
  "page-access-link-missing": () => named(words["settings.access"]).forEach((one) => conceal(one)),
  "page-header-missing": () => headers(FIRST).forEach((one) => conceal(one)),
  "page-header-renamed": () => headers(FIRST).forEach((one) => say(one, OTHER_WORDS)),
  "page-header-reworded": () => headers(SECOND).forEach((one) => say(one, NEAR_WORDS)),
  "page-header-doubled": () => headers(FIRST).forEach(double),
  "page-other-language": () => {
    for (const [block, title] of Object.entries(ENGLISH)) {
      headers(block).forEach((one) => say(one, title));
    }
    save().forEach((one) => say(one, "Apply"));
  },
  "page-checkbox-missing": () => boxes(FIRST).forEach((box) => row(box).remove()),
  "page-checkbox-hidden": () => boxes(FIRST).forEach((box) => conceal(row(box), "visibility")),
  "page-checkbox-disabled": () =>
    boxes(FIRST).forEach((box) =>
      once(box, () => {
        if ("disabled" in box) box.disabled = true;
        box.setAttribute("aria-disabled", "true");
      }),
    ),
  "page-checkbox-doubled": () => boxes(FIRST).forEach((box) => double(row(box))),
  "page-checkbox-moved": () => {
    const other = list(FIRST, "settings.authorities");
    if (other) boxes(FIRST).forEach((box) => once(box, () => other.append(row(box))));
  },
  "page-checkbox-shown-ticked": () =>
    boxes(FIRST).forEach((box) => once(box, () => show(box, true))),
  "page-checkbox-shown-unticked": () =>
    boxes(FIRST).forEach((box) => once(box, () => show(box, false))),
  "page-titles-swapped": () => {
    const [one, other] = [headers(FIRST)[0], headers(SECOND)[0]];
    if (!one || !other || done.has(one)) return;
    say(one, words[`block.${SECOND}`]);
    say(other, words[`block.${FIRST}`]);
  },
  "page-checkboxes-swapped": () => {
    const [one, other] = [systems(FIRST), systems(SECOND)];
    if (!one || !other || happened.has("page-checkboxes-swapped")) return;
    happened.add("page-checkboxes-swapped");
    exchange(one, other);
  },
  "page-labels-swapped": () => data.accessBlocks.forEach(swapLabels),
  "page-save-missing": () => save().forEach((one) => conceal(one)),
  "page-save-doubled": () => save().forEach(double),
  "page-save-disabled": () =>
    save().forEach((one) => {
      if (!one.disabled) one.disabled = true;
    }),
};

const wanted = data.faults.map((name) => WHENEVER[name]).filter(Boolean);
const takeEffect = () => wanted.forEach((act) => act());

for (const name of data.faults) BEFORE[name]?.();
takeEffect();
new MutationObserver(takeEffect).observe(document.body, {
  attributes: true,
  attributeFilter: ["disabled", "hidden"],
  childList: true,
  subtree: true,
});

// An element and what lies around it, as a selector may name them; the element first.
const chainOf = (node) => {
  const kept = ["data-testid", "data-test", "data-cy", "data-qa", "name", "aria-label", "title", "href", "role", "type"];
  const chain = [];
  for (let one = node; one && one !== document.documentElement; one = one.parentElement) {
    const attributes = {};
    for (const name of kept) if (one.hasAttribute(name)) attributes[name] = one.getAttribute(name);
    let position = 1;
    for (let before = one.previousElementSibling; before; before = before.previousElementSibling)
      if (before.localName === one.localName) position++;
    chain.push({ tag: one.localName, id: one.id, classes: [...one.classList], attributes, position });
  }
  return chain;
};

// Waits for the person's next press, takes it away from the page and gives the element.
const pressedByPerson = (words, skip, milliseconds) =>
  new Promise((resolve) => {
    const host = document.createElement("div");
    host.style.cssText = "all: initial; position: fixed; inset: auto 0 0 0; z-index: 2147483647;";
    const banner = host.attachShadow({ mode: "closed" });
    const box = document.createElement("div");
    box.style.cssText = "font: 16px/1.4 sans-serif; color: #fff; background: #0b3d7a; padding: 10px 16px; display: flex; gap: 16px; align-items: center; justify-content: center;";
    const text = document.createElement("span");
    text.textContent = words;
    const none = document.createElement("button");
    none.textContent = skip;
    none.style.cssText = "font: inherit; padding: 4px 12px;";
    box.append(text, none);
    banner.append(box);
    const kinds = ["pointerdown", "mousedown", "pointerup", "mouseup", "touchstart", "touchend", "click", "auxclick", "contextmenu", "submit", "change"];
    const done = (found) => {
      clearTimeout(timer);
      for (const kind of kinds) window.removeEventListener(kind, met, true);
      host.remove();
      resolve(found);
    };
    const met = (event) => {
      const target = event.composedPath()[0];
      const ours = event.target === host;
      event.preventDefault();
      event.stopImmediatePropagation();
      if (event.type !== "click") return;
      if (!ours) done(target instanceof Element ? target : target.parentElement);
      else if (event.clientX >= none.getBoundingClientRect().left && event.clientX <= none.getBoundingClientRect().right) done(null);
    };
    const timer = setTimeout(() => done(null), milliseconds);
    for (const kind of kinds) window.addEventListener(kind, met, { capture: true, passive: false });
    document.documentElement.append(host);
  });

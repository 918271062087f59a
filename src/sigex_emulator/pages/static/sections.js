// Four readings of how the parts of the settings page are reached (sigex-facts 6, unknown 2).
import { arrows, make } from "./elements.js";
import { page, text } from "./service.js";

/** Puts sections `{id, title, body}` into the container. */
export function arrange(how, container, sections) {
  container.className = `sections sections-${how}`;
  WAYS[how](container, sections);
}

const hash = () => location.hash.slice(1);

function accordion(container, sections) {
  const reveal = (link, body, wanted) => {
    body.hidden = !wanted;
    link.setAttribute("aria-expanded", String(wanted));
  };
  for (const { id, title, body } of sections) {
    const panel = make("div", { class: "card-body", id, hidden: true }, body);
    const link = make("a", { href: `#${id}`, "aria-expanded": "false", "aria-controls": id, text: title });
    link.addEventListener("click", (event) => {
      event.preventDefault();
      reveal(link, panel, panel.hidden);
      history.replaceState(null, "", link.hash);
    });
    reveal(link, panel, hash() === id);
    container.append(
      make("section", { class: "card" }, make("h2", { class: "card-title" }, link), panel),
    );
  }
}

function anchor(container, sections) {
  const links = sections.map(({ id, title }) =>
    make("li", {}, make("a", { href: `#${id}`, text: title })),
  );
  container.append(
    make("nav", { class: "contents", "aria-label": text("settings.contents") }, make("ul", {}, ...links)),
    make(
      "div",
      { class: "sheet" },
      ...sections.map(({ id, title, body }) =>
        make("section", { class: "card", id, tabindex: "-1" }, make("h2", { class: "card-title", text: title }), make("div", { class: "card-body" }, body)),
      ),
    ),
  );
  // The content came after the address was read, so the browser has not gone there.
  requestAnimationFrame(() => hash() && document.getElementById(hash())?.scrollIntoView());
}

function route(container, sections) {
  const base = `${page.prefix}/organization-settings`;
  const go = (event, address) => {
    event.preventDefault();
    history.pushState(null, "", address);
    show(true);
  };
  const link = (address, title, name) => {
    const element = make("a", { href: address, class: name, text: title });
    element.addEventListener("click", (event) => go(event, address));
    return element;
  };
  const show = (moved) => {
    const id = location.pathname.slice(base.length + 1) || hash();
    const section = sections.find((one) => one.id === id);
    if (!section) {
      const items = sections.map((one) => make("li", {}, link(`${base}/${one.id}`, one.title)));
      container.replaceChildren(
        make("nav", { class: "contents card", "aria-label": text("settings.contents") }, make("ul", {}, ...items)),
      );
      return;
    }
    const heading = make("h2", { class: "card-title", tabindex: "-1", text: section.title });
    container.replaceChildren(
      make("p", { class: "way-back" }, link(base, text("settings.back"))),
      make("section", { class: "card" }, heading, make("div", { class: "card-body" }, section.body)),
    );
    if (moved) heading.focus({ preventScroll: true });
  };
  addEventListener("popstate", () => show(true));
  show(false);
}

function tabs(container, sections) {
  const panels = sections.map(({ id, body }) =>
    make("div", { class: "card card-body", role: "tabpanel", id, "aria-labelledby": `tab-${id}`, hidden: true }, body),
  );
  const select = (id) => {
    for (const tab of tabElements) {
      const chosen = tab.getAttribute("aria-controls") === id;
      tab.setAttribute("aria-selected", String(chosen));
      tab.tabIndex = chosen ? 0 : -1;
    }
    for (const panel of panels) panel.hidden = panel.id !== id;
    history.replaceState(null, "", `#${id}`);
  };
  const tabElements = sections.map(({ id, title }) =>
    make("button", { role: "tab", type: "button", class: "tab", id: `tab-${id}`, "aria-controls": id, text: title, onclick: () => select(id) }),
  );
  const list = make("div", { role: "tablist", class: "tablist", "aria-label": text("settings.contents") }, ...tabElements);
  arrows(list, () => tabElements, (tab) => select(tab.getAttribute("aria-controls")));
  container.append(list, ...panels);
  const asked = sections.find((one) => one.id === hash()) ?? sections[0];
  select(asked.id);
}

const WAYS = { accordion, anchor, route, tabs };

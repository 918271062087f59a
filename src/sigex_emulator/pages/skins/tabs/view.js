// Blocks are tabs, none chosen at first; ticks are elements with a role.
import { byRole } from "/static/choices.js";
import { arrows, make } from "/static/elements.js";
import { text } from "/static/service.js";

function block({ name, part, title, lead, toggle, body }) {
  const id = `access-${name}`;
  const tab = make("button", { type: "button", role: "tab", class: "block-tab", id: `${id}-title`, "data-part": part, "aria-controls": id, text: title, onclick: () => toggle(true) });
  const panel = make(
    "div",
    { class: "block-panel", role: "tabpanel", id, "aria-labelledby": tab.id },
    make("p", { class: "access-block-text", text: lead }),
    ...body(),
  );
  return {
    element: [tab, panel],
    show(open) {
      panel.hidden = !open;
      tab.setAttribute("aria-selected", String(open));
    },
  };
}

function frame(blocks) {
  const tabs = blocks.map(([tab]) => tab);
  const list = make("div", { role: "tablist", class: "block-tabs", "aria-orientation": "vertical", "aria-label": text("settings.access") }, ...tabs);
  arrows(list, () => tabs, () => {}); // moving only looks; Enter or Space opens
  return [make("div", { class: "block-frame" }, list, make("div", { class: "block-panels" }, ...blocks.map(([, panel]) => panel)))];
}

function list({ id, title, choices, more }) {
  const items = choices.length ? choices : [make("li", { class: "empty", text: text("settings.none") })];
  return make(
    "section",
    { class: "group", "aria-labelledby": id },
    make("h3", { id, text: `${title}:` }),
    make("ul", { class: "marks" }, ...items),
    ...more,
  );
}

export default { sections: "tabs", oneOpen: true, block, frame, list, choice: (one) => byRole("checkbox", one) };

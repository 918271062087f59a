// For organisations with many information systems: tables in frames of their own that scroll.
import { row } from "/static/choices.js";
import { make, pressable } from "/static/elements.js";
import { text } from "/static/service.js";

function block({ part, title, lead, toggle, body }) {
  const bar = pressable("div", { class: "strip", role: "button", "data-part": part }, () => toggle(), make("span", { text: title }));
  const element = make("div", { class: "strip-frame" }, bar);
  let content = null;
  return {
    element,
    show(open) {
      bar.setAttribute("aria-expanded", String(open));
      if (open && !content) {
        content = make("div", { class: "strip-body" }, make("p", { class: "access-block-text", text: lead }), ...body());
        element.append(content);
      }
      if (!open) content?.remove();
      if (!open) content = null;
    },
  };
}

function list({ title, choices, more }) {
  const rows = choices.length ? choices : [make("tr", {}, make("td", { class: "empty", text: text("settings.none") }))];
  return make(
    "div",
    { class: "sheet-frame" },
    make("div", { class: "sheet-scroll" }, make("table", {}, make("caption", { text: title }), make("tbody", {}, ...rows))),
    ...more,
  );
}

export default { sections: "accordion", block, list, choice: row };

// Buttons that open blocks; any number may be open; ordinary checkboxes in field sets.
import { inLabel } from "/static/choices.js";
import { make } from "/static/elements.js";
import { text } from "/static/service.js";

function block({ name, part, title, lead, toggle, body }) {
  const id = `access-${name}`;
  const button = make("button", { type: "button", id: `${id}-title`, "data-part": part, "aria-controls": id, text: title, onclick: () => toggle() });
  const panel = make(
    "div",
    { class: "access-block-body", id, role: "region", "aria-labelledby": button.id },
    make("p", { class: "access-block-text", text: lead }),
    ...body(),
  );
  return {
    element: make("div", { class: "access-block" }, make("h3", { class: "access-block-title" }, button), panel),
    show(open) {
      panel.hidden = !open;
      button.setAttribute("aria-expanded", String(open));
    },
  };
}

function list({ title, choices, more }) {
  const items = choices.length ? choices : [make("li", { class: "empty", text: text("settings.none") })];
  return make("fieldset", {}, make("legend", { text: title }), make("ul", {}, ...items), ...more);
}

export default { sections: "accordion", block, list, choice: inLabel };

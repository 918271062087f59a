// Large rows for a finger; otherwise a plain site.
import { besideLabel } from "/static/choices.js";
import { make } from "/static/elements.js";
import { text } from "/static/service.js";

function block({ name, part, title, lead, toggle, body }) {
  const id = `access-${name}`;
  const link = make("a", { href: `#${id}`, role: "button", class: "leaflet", "data-part": part, "aria-controls": id, text: title });
  link.addEventListener("click", (event) => {
    event.preventDefault();
    toggle();
  });
  link.addEventListener("keydown", (event) => {
    if (event.key !== " ") return;
    event.preventDefault();
    toggle();
  });
  const panel = make("section", { class: "leaflet-body", id, "aria-label": title }, make("p", { class: "access-block-text", text: lead }), ...body());
  return {
    element: make("article", { class: "leaflet-frame" }, link, panel),
    show(open) {
      panel.hidden = !open;
      link.setAttribute("aria-expanded", String(open));
    },
  };
}

function list({ title, choices, more }) {
  const items = choices.length ? choices : [make("li", { class: "empty", text: text("settings.none") })];
  return make("div", { role: "group", "aria-label": title, class: "touch-list" }, make("p", { class: "touch-title", text: title }), make("ul", {}, ...items), ...more);
}

export default { sections: "accordion", block, list, choice: (one) => besideLabel(one) };

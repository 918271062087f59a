// What HTML has on its own: details and summary, headings over lists.
import { besideLabel } from "/static/choices.js";
import { make } from "/static/elements.js";
import { text } from "/static/service.js";

function block({ part, title, lead, toggle, body }) {
  const element = make(
    "details",
    { class: "leaf" },
    make("summary", { "data-part": part, text: title }),
    make("div", { class: "leaf-body" }, make("p", { class: "access-block-text", text: lead }), ...body()),
  );
  element.addEventListener("toggle", () => toggle(element.open));
  return { element, show: (open) => (element.open = open) };
}

function list({ id, title, choices, more }) {
  const items = choices.length ? choices : [make("li", { class: "empty", text: text("settings.none") })];
  return make(
    "div",
    { class: "leaf-list" },
    make("h3", { id, text: title }),
    make("ul", { "aria-labelledby": id }, ...items),
    ...more,
  );
}

export default { sections: "anchor", block, list, choice: (one) => besideLabel(one) };

// As a framework of its time draws: nodes are made when needed and replaced after each change;
// checkboxes lie unseen under their labels; lists have a line of text above them and no roles.
import { besideLabel } from "/static/choices.js";
import { make } from "/static/elements.js";
import { text } from "/static/service.js";

function block({ part, title, lead, open, toggle, body }) {
  const button = make("button", { type: "button", class: "btn-link", "data-part": part, "aria-expanded": String(open), text: title, onclick: () => toggle() });
  const content = open
    ? [make("div", { class: "collapse-body" }, make("p", { class: "access-block-text", text: lead }), ...body())]
    : [];
  return {
    element: make("div", { class: "accordion-card" }, make("h3", { class: "accordion-head" }, button), ...content),
    show() {},
  };
}

function list({ title, choices, more }) {
  const items = choices.length ? choices : [make("div", { class: "empty", text: text("settings.none") })];
  return make("div", { class: "form-group" }, make("div", { class: "h6", text: `${title}:` }), make("div", {}, ...items), ...more);
}

const choice = (one) => besideLabel(one, "div", { class: "custom-control-input" });

export default { sections: "accordion", redraws: true, block, list, choice };

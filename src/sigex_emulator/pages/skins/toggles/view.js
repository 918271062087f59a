// One block open at a time; switches that turn only when the page is drawn anew.
import { byRole } from "/static/choices.js";
import { make } from "/static/elements.js";
import { text } from "/static/service.js";

function block({ name, part, title, lead, open, toggle, body }) {
  const id = `access-${name}`;
  const button = make("button", { type: "button", class: "bar", "data-part": part, "aria-controls": id, text: title, onclick: () => toggle() });
  const panel = make("div", { class: "bar-body", id }, make("p", { class: "access-block-text", text: lead }), ...(open ? body() : []));
  return {
    element: make("div", { class: "bar-frame" }, button, panel),
    show(wanted) {
      panel.hidden = !wanted;
      button.setAttribute("aria-expanded", String(wanted));
    },
  };
}

function list({ id, title, choices, more }) {
  const items = choices.length ? choices : [make("li", { class: "empty", text: text("settings.none") })];
  return make(
    "div",
    { class: "switches", role: "group", "aria-labelledby": id },
    make("p", { class: "switches-title", id, text: title }),
    make("ul", {}, ...items),
    ...more,
  );
}

export default {
  sections: "route",
  oneOpen: true,
  redraws: true,
  lists: ["tlsCertificatesIndices", "iins", "authorities"],
  block,
  list,
  choice: (one) => byRole("switch", one, { tag: "button", late: true }),
};

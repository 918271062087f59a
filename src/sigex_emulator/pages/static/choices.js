// Four ways to draw one tick: a label around a checkbox, a label beside it, and two ARIA roles.
import { make, pressable } from "./elements.js";

const note = (choice, tag = "span") =>
  choice.note ? [make(tag, { class: "choice-note", text: ` ${choice.note}` })] : [];

function checkbox(choice, attributes = {}) {
  const box = make("input", { type: "checkbox", "data-part": choice.part, ...attributes });
  box.checked = choice.checked;
  box.disabled = choice.locked;
  box.addEventListener("change", () => choice.change(box.checked));
  return box;
}

export function inLabel(choice) {
  const label = make("label", {}, checkbox(choice), " ", make("span", { class: "choice-name", text: choice.label }));
  return make("li", {}, label, ...note(choice));
}

export function besideLabel(choice, frame = "li", more = {}) {
  const box = checkbox(choice, { id: choice.id, ...more });
  return make(frame, { class: "choice" }, box, make("label", { for: choice.id, text: choice.label }), ...note(choice));
}

/** A table row whose first cell names the box. */
export function row(choice) {
  const name = make("td", { id: `${choice.id}-name`, text: choice.label });
  const box = checkbox(choice, { "aria-labelledby": name.id });
  return make("tr", {}, make("td", { class: "tick-cell" }, box), name, make("td", { class: "choice-note", text: choice.note }));
}

/** `late`: the mark follows only when the page is drawn anew. */
export function byRole(role, choice, { tag = "div", late = false } = {}) {
  const state = { role, class: `mark mark-${role}`, "data-part": choice.part, "aria-checked": String(choice.checked), "aria-disabled": choice.locked && "true" };
  const press = () => {
    if (choice.locked) return;
    const wanted = element.getAttribute("aria-checked") !== "true";
    if (!late) element.setAttribute("aria-checked", String(wanted));
    choice.change(wanted);
  };
  const name = make("span", { text: choice.label });
  const element =
    tag === "button"
      ? make(tag, { ...state, type: "button", onclick: press }, name)
      : pressable(tag, state, press, name);
  return make("li", {}, element, ...note(choice));
}

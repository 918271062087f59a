// Making elements, so that a skin reads like the markup that it draws.

/** `text` and `on…` are told apart from attributes; false and undefined leave an attribute out. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    if (name === "text") element.textContent = value;
    else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children);
  return element;
}

/** An element that acts on Space and Enter as a button does. */
export function pressable(tag, attributes, press, ...children) {
  const element = make(tag, { tabindex: "0", ...attributes }, ...children);
  element.addEventListener("click", press);
  element.addEventListener("keydown", (event) => {
    if (event.key !== " " && event.key !== "Enter") return;
    event.preventDefault();
    press(event);
  });
  return element;
}

/** Arrow keys, Home and End move among `items()`; `arrive` is called with the one reached. */
export function arrows(container, items, arrive) {
  const steps = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };
  container.addEventListener("keydown", (event) => {
    const all = items();
    const here = all.indexOf(document.activeElement);
    let there = here + (steps[event.key] ?? 0);
    if (event.key === "Home") there = 0;
    if (event.key === "End") there = all.length - 1;
    if (here < 0 || (there === here && !["Home", "End"].includes(event.key))) return;
    event.preventDefault();
    const reached = all.at(there % all.length);
    reached.focus();
    arrive(reached);
  });
}

/** A text that ties a name to what it names. */
export function labelled(field, label) {
  return make("p", { class: "field-line" }, make("label", { for: field.id, text: label }), field);
}

/** A question over the page; Escape means no. */
export function ask(question, yes, no) {
  return new Promise((resolve) => {
    const dialogue = make(
      "dialog",
      { class: "dialogue", "aria-labelledby": "dialogue-question" },
      make("p", { id: "dialogue-question", text: question }),
      make(
        "div",
        { class: "dialogue-actions" },
        make("button", { class: "button button-main", type: "button", text: yes, onclick: () => dialogue.close("yes") }),
        make("button", { class: "button", type: "button", text: no, onclick: () => dialogue.close("no") }),
      ),
    );
    dialogue.addEventListener("close", () => {
      dialogue.remove();
      resolve(dialogue.returnValue === "yes");
    });
    document.body.append(dialogue);
    dialogue.showModal();
  });
}

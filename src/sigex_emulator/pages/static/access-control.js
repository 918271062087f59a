// The access blocks: who holds which right. A skin's view draws them, the rules are here.
import { make } from "./elements.js";
import { page, text } from "./service.js";

const HEAD = "1.2.398.3.3.4.1.2.1";
const REDRAW_AFTER = 40; // milliseconds: later than the click, as a framework's next tick is

const TITLES = {
  authorities: "settings.authorities",
  iins: "settings.employees",
  tlsCertificatesIndices: "settings.information-systems",
};

export class AccessControl {
  constructor(view, draft, changed) {
    this.view = view;
    this.draft = draft;
    this.changed = changed;
    this.open = new Set();
    this.typed = {};
    this.typing = {}; // what stands in a field already, by block: new nodes must not lose it
    this.element = make("div", { class: "access-blocks" });
    this.draw();
  }

  draw() {
    const focused = document.activeElement?.dataset.part;
    this.blocks = page.accessBlocks.map((name) => [name, this.view.block(this.describe(name))]);
    const frame = this.view.frame ?? ((elements) => elements);
    this.element.replaceChildren(...frame(this.blocks.map(([, block]) => block.element)));
    this.show();
    // Whoever works by keyboard stays where he was, although the nodes are new.
    if (focused && !document.activeElement?.dataset.part) {
      this.element.querySelector(`[data-part="${CSS.escape(focused)}"]`)?.focus();
    }
  }

  show() {
    for (const [name, block] of this.blocks) block.show(this.open.has(name));
  }

  describe(name) {
    return {
      name,
      part: `block:${name}`,
      title: text(`block.${name}`),
      lead: text(`block.${name}.text`),
      open: this.open.has(name),
      toggle: (wanted) => this.toggle(name, wanted),
      body: () => this.body(name),
    };
  }

  toggle(name, wanted = !this.open.has(name)) {
    if (wanted === this.open.has(name)) return;
    if (wanted && this.view.oneOpen) this.open.clear();
    if (wanted) this.open.add(name);
    else this.open.delete(name);
    if (this.view.redraws) this.drawLater();
    else this.show();
  }

  drawLater() {
    setTimeout(() => this.draw(), REDRAW_AFTER);
  }

  body(name) {
    const lists = this.view.lists ?? Object.keys(TITLES);
    return lists.map((list) => {
      const choices = this.choices(name, list).map((one) => this.view.choice(one));
      const more = list === "iins" ? [this.addition(name)] : [];
      return this.view.list({ id: `${name}-${list}`, list, title: text(TITLES[list]), choices, more });
    });
  }

  choices(name, list) {
    const choice = (value, label, note = "", locked = false) => ({
      part: `${name}:${list}:${value}`,
      id: `${name}-${list}-${value}`,
      label,
      note: note && `(${note})`,
      locked,
      checked: this.draft.holds(name, list, value),
      change: (wanted) => {
        this.draft.set(name, list, value, wanted);
        this.changed();
        if (this.view.redraws) this.drawLater();
      },
    });
    const held = this.draft.settings[name][list];
    if (list === "authorities") {
      const known = Object.keys(page.authorities);
      return [...known, ...held.filter((oid) => !known.includes(oid))]
        .filter((oid) => oid !== HEAD || page.headsAuthority === "locked")
        .map((oid) =>
          oid === HEAD
            ? choice(oid, page.authorities[oid], text("settings.head-always"), true)
            : choice(oid, page.authorities[oid] ?? oid),
        );
    }
    if (list === "iins") {
      const people = [...new Set([...(this.typed[name] ?? []), ...held])];
      return people.map((id) => choice(id, `${text("settings.iin")} ${id.replace("IIN", "")}`));
    }
    return this.draft.systems
      .map((entry, index) => [entry, index])
      .filter(([entry]) => !entry.disabled || page.disabledSystems === "shown")
      .map(([entry, index]) =>
        choice(index, entry.description, entry.disabled ? text("settings.certificates.disabled") : ""),
      );
  }

  /** A person is known by number only; one that is added is ticked at once. */
  addition(name) {
    const part = `${name}:add`;
    const note = make("p", { class: "note", role: "status" });
    const field = make("input", {
      class: "field", "data-part": part, inputmode: "numeric", maxlength: "12", autocomplete: "off",
      placeholder: "000000000000", "aria-label": text("settings.iin.add"),
    });
    field.value = this.typing[name] ?? "";
    field.addEventListener("input", () => (this.typing[name] = field.value));
    const accept = () => {
      const id = `IIN${field.value.trim()}`;
      if (!/^IIN\d{12}$/.test(id)) {
        note.textContent = text("settings.iin.invalid");
        return;
      }
      this.typed[name] = [...(this.typed[name] ?? []), ...this.draft.settings[name].iins, id];
      this.typing[name] = "";
      this.draft.set(name, "iins", id, true);
      this.changed();
      field.focus();
      this.draw();
    };
    field.addEventListener("keydown", (event) => event.key === "Enter" && accept());
    const button = make("button", { class: "button", type: "button", text: text("settings.iin.add.button"), onclick: accept });
    return make("div", { class: "addition" }, make("div", { class: "field-row" }, field, button), note);
  }
}

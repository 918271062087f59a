// A question over the page; Escape means no.
import { make } from "./elements.js";

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

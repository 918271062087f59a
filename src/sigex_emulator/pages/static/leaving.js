// What happens when somebody leaves with unsaved changes (sigex-facts 6, unknown 4).
import { ask } from "./elements.js";
import { page, text } from "./service.js";

export function guardUnsaved(changed) {
  if (page.leavingUnsaved === "browser") {
    addEventListener("beforeunload", (event) => {
      if (changed()) event.preventDefault();
    });
  }
  if (page.leavingUnsaved === "page") {
    document.addEventListener("click", (event) => warn(event, changed), true);
  }
}

async function warn(event, changed) {
  const link = event.target.closest?.("a[href]");
  if (!link || !changed() || link.closest("#sections")) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const leave = await ask(text("leaving.question"), text("leaving.leave"), text("leaving.stay"));
  if (leave) location.assign(link.href);
  else link.focus();
}

// Organisation settings: loading, drawing in the world's skin, and one save of the whole object.
import "./header.js";
import { AccessControl } from "./access-control.js";
import { ask } from "./elements.js";
import { Draft } from "./draft.js";
import { guardUnsaved } from "./leaving.js";
import * as other from "./other-sections.js";
import { arrange } from "./sections.js";
import { authenticationAddress, call, page, text } from "./service.js";

/** Refusals for which the certification authority's services cannot be the reason. */
const NOT_THE_NETWORK = [
  "Authentication required",
  "Access denied",
  "User does not represent an organization",
];

const find = (id) => document.getElementById(id);
const { default: view } = await import(`/static/skins/${page.skin}/view.js`);

function showFailure(failure) {
  const signedOut = failure.serviceMessage === "Authentication required";
  find("failure-title").textContent = `${failure.headline}.`;
  find("failure-text").textContent = failure.description && `${failure.description}.`;
  find("failure-hint").hidden = NOT_THE_NETWORK.includes(failure.serviceMessage);
  find("failure-sign-in").hidden = !signedOut;
  find("failure-sign-in-link").href = authenticationAddress();
  find("failure").hidden = false;
}

function draw(draft, plan) {
  const [saveButton, unsaved] = [find("save"), find("unsaved")];
  let saving = false;
  const reflect = () => {
    saveButton.disabled = saving || (page.saveButton === "when_changed" && !draft.changed);
    unsaved.textContent = draft.changed && !saving ? text("settings.unsaved") : "";
  };
  const changed = () => {
    find("saving").textContent = "";
    reflect();
  };
  const access = new AccessControl(view, draft, changed);
  let systems = other.systemSettings(draft);
  const certificates = other.certificates(draft, () => {
    access.draw();
    const drawn = other.systemSettings(draft);
    systems.replaceWith(drawn);
    systems = drawn;
    changed();
  });
  const bodies = {
    subscription: [text("settings.subscription"), other.subscription(plan, draft, changed)],
    "access-control": [text("settings.access"), lead(access.element)],
    certificates: [text("settings.certificates"), certificates],
    "system-settings": [text("settings.systems"), wrapped(systems)],
    webhooks: [text("settings.webhooks"), other.webhooks(draft, changed)],
    archive: [text("settings.archive"), other.archive(draft, changed)],
  };
  const how = page.accessLink === "skin" ? view.sections : page.accessLink;
  arrange(how, find("sections"), Object.entries(bodies).map(([id, [title, body]]) => ({ id, title, body })));
  guardUnsaved(() => draft.changed);

  async function save() {
    if (page.saveConfirmation === "dialogue") {
      const sure = await ask(text("saving.question"), text("settings.save"), text("saving.cancel"));
      saveButton.focus();
      if (!sure) return;
    }
    const [told, failed] = [find("saving"), find("save-failure")];
    saving = true;
    reflect();
    failed.hidden = true;
    told.classList.remove("good");
    told.textContent = text("settings.saving");
    try {
      const answer = await call("POST", "/api/organizationSettings", draft.whole());
      draft.settings.modifiedAt = answer.modifiedAt;
      draft.saved();
      told.classList.add("good");
      told.textContent = text("settings.saved");
    } catch (error) {
      told.textContent = "";
      failed.textContent = error.message;
      failed.hidden = false;
    } finally {
      saving = false;
      reflect();
      // A button that was disabled lost the focus; whoever works by keyboard gets it back.
      if (document.activeElement === document.body) saveButton.focus();
    }
  }
  saveButton.addEventListener("click", save);
  reflect();
}

function lead(element) {
  const said = document.createElement("p");
  said.textContent = text("settings.access.lead");
  return wrapped(said, element);
}

function wrapped(...elements) {
  const box = document.createElement("div");
  box.append(...elements);
  return box;
}

async function start() {
  // Enter in a field must not leave the page: saving is the button's business.
  find("settings").addEventListener("submit", (event) => event.preventDefault());
  try {
    const [identity, loaded, plan] = await Promise.all([
      call("GET", "/api/auth"),
      call("GET", "/api/organizationSettings"),
      call("GET", "/api/organizationSubscription"),
    ]);
    const name = identity.subjectStructure.flat().find((one) => one.name === "O")?.value ?? "";
    const bin = text("settings.bin", { bin: loaded.businessId.replace("BIN", "") });
    find("organisation").textContent = `${name}, ${bin}`;
    find("organisation").hidden = false;
    draw(new Draft(loaded), plan);
    find("settings").hidden = false;
  } catch (failure) {
    if (!("serviceMessage" in failure)) throw failure; // a mistake of ours, not the service's
    showFailure(failure);
  } finally {
    find("loading").hidden = true;
  }
}

start();

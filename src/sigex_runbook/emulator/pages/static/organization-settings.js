// Organisation settings: nothing is stored by ticking, one save posts the whole object.
import "./header.js";
import { authenticationAddress, call, page, text } from "./service.js";

const HEAD = "1.2.398.3.3.4.1.2.1";
const SETTABLE = [
  "tlsCertificatesList",
  ...page.allAccessBlocks,
  "webhooks",
  "dataArchiveEnabled",
  "dataArchiveContactEmail",
  "subscriptionContactEmail",
];

const find = (id) => document.getElementById(id);
let settings = {};

function copyOf(template) {
  return find(template).content.firstElementChild.cloneNode(true);
}

/** One checkbox that puts `value` into `list` or takes it out again. */
function choice(list, value, name, note = "", locked = false) {
  const item = copyOf("choice");
  const box = item.querySelector("input");
  item.querySelector(".choice-name").textContent = name;
  item.querySelector(".choice-note").textContent = note;
  box.checked = list.includes(value);
  box.disabled = locked;
  box.addEventListener("change", () => {
    const at = list.indexOf(value);
    if (box.checked && at < 0) list.push(value);
    if (!box.checked && at >= 0) list.splice(at, 1);
  });
  return item;
}

function nothing(element) {
  const item = document.createElement("li");
  item.className = "empty";
  item.textContent = text("settings.none");
  element.append(item);
}

function fillAuthorities(block, element) {
  const known = Object.keys(page.authorities);
  const others = block.authorities.filter((oid) => !known.includes(oid));
  for (const oid of [...known, ...others]) {
    const always = oid === HEAD;
    const note = always ? `(${text("settings.head-always")})` : "";
    element.append(choice(block.authorities, oid, page.authorities[oid] ?? oid, note, always));
  }
}

function fillEmployees(block, fieldset) {
  const [list, field] = [fieldset.querySelector("ul"), fieldset.querySelector("input.field")];
  const note = fieldset.querySelector("[role=status]");
  const add = (id) =>
    list.append(choice(block.iins, id, `${text("settings.iin")} ${id.replace("IIN", "")}`));
  block.iins.forEach(add);
  if (!block.iins.length) nothing(list);
  const accept = () => {
    const id = `IIN${field.value.trim()}`;
    const valid = /^IIN\d{12}$/.test(id);
    note.textContent = valid ? "" : text("settings.iin.invalid");
    if (!valid || block.iins.includes(id)) return;
    list.querySelector(".empty")?.remove();
    block.iins.push(id);
    add(id);
    field.value = "";
  };
  fieldset.querySelector("button").addEventListener("click", accept);
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault(); // otherwise Enter would save the whole page
    accept();
  });
}

function fillSystems(block, element) {
  settings.tlsCertificatesList.forEach((entry, index) => {
    const note = entry.disabled ? `(${text("settings.certificates.disabled")})` : "";
    element.append(choice(block.tlsCertificatesIndices, index, entry.description, note));
  });
  if (!settings.tlsCertificatesList.length) nothing(element);
}

function accessBlock(name) {
  const element = copyOf("access-block");
  const block = settings[name];
  const [button, body] = [
    element.querySelector("button"),
    element.querySelector(".access-block-body"),
  ];
  body.id = `access-${name}`;
  button.id = `access-${name}-title`;
  button.textContent = text(`block.${name}`);
  button.setAttribute("aria-controls", body.id);
  body.setAttribute("role", "region");
  body.setAttribute("aria-labelledby", button.id);
  button.addEventListener("click", () => {
    body.hidden = !body.hidden;
    button.setAttribute("aria-expanded", String(!body.hidden));
  });
  element.querySelector(".access-block-text").textContent = text(`block.${name}.text`);
  fillAuthorities(block, element.querySelector("[data-list=authorities] ul"));
  fillEmployees(block, element.querySelector("[data-list=iins]"));
  fillSystems(block, element.querySelector("[data-list=tlsCertificatesIndices] ul"));
  return element;
}

function fillOtherSections(plan) {
  find("plan").textContent = plan;
  find("certificate-rows").replaceChildren(
    ...settings.tlsCertificatesList.map((entry) => {
      const row = document.createElement("tr");
      const state = entry.disabled ? "disabled" : "enabled";
      row.insertCell().textContent = entry.description;
      row.insertCell().textContent = text(`settings.certificates.${state}`);
      return row;
    }),
  );
  find("webhook-urls").replaceChildren(
    ...settings.webhooks.urls.map((url) => {
      const item = document.createElement("li");
      item.textContent = url;
      return item;
    }),
  );
  if (!settings.webhooks.urls.length) nothing(find("webhook-urls"));
  find("archive-state").textContent = text(
    settings.dataArchiveEnabled ? "settings.on" : "settings.off",
  );
}

for (const link of document.querySelectorAll(".card-title a")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    reveal(link, find(link.getAttribute("aria-controls")).hidden);
    history.replaceState(null, "", link.hash);
  });
}

function reveal(link, wanted) {
  find(link.getAttribute("aria-controls")).hidden = !wanted;
  link.setAttribute("aria-expanded", String(wanted));
}

function showFailure(failure) {
  const signedOut = failure.serviceMessage === "Authentication required";
  find("failure-text").textContent = failure.message;
  find("failure-hint").hidden = Boolean(failure.serviceMessage);
  find("failure-sign-in").hidden = !signedOut;
  find("failure-sign-in-link").href = authenticationAddress();
  find("failure").hidden = false;
}

async function load() {
  const [identity, loaded, plan] = await Promise.all([
    call("GET", "/api/auth"),
    call("GET", "/api/organizationSettings"),
    call("GET", "/api/organizationSubscription"),
  ]);
  settings = loaded;
  const name = identity.subjectStructure.flat().find((one) => one.name === "O")?.value ?? "";
  const bin = text("settings.bin", { bin: loaded.businessId.replace("BIN", "") });
  find("organisation").textContent = `${name}, ${bin}`;
  find("organisation").hidden = false;
  find("access-blocks").replaceChildren(...page.accessBlocks.map(accessBlock));
  fillOtherSections(plan.name);
  find("settings").hidden = false;
}

find("settings").addEventListener("submit", async (event) => {
  event.preventDefault();
  const [button, saving, failure] = [find("save"), find("saving"), find("save-failure")];
  button.disabled = true;
  failure.hidden = true;
  saving.classList.remove("good");
  saving.textContent = text("settings.saving");
  try {
    const whole = Object.fromEntries(SETTABLE.map((key) => [key, settings[key]]));
    const answer = await call("POST", "/api/organizationSettings", whole);
    settings.modifiedAt = answer.modifiedAt;
    saving.classList.add("good");
    saving.textContent = text("settings.saved");
  } catch (error) {
    saving.textContent = "";
    failure.textContent = error.message;
    failure.hidden = false;
  } finally {
    button.disabled = false;
  }
});

async function start() {
  try {
    await load();
    const links = [...document.querySelectorAll(".card-title a")];
    const asked = links.find((link) => link.hash === location.hash);
    if (asked) reveal(asked, true);
  } catch (failure) {
    showFailure(failure);
  } finally {
    find("loading").hidden = true;
  }
}

start();

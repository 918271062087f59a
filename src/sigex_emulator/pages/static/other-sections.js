// The parts of the settings page besides access control, drawn the same in every skin.
import { labelled, make } from "./elements.js";
import { page, text } from "./service.js";

const date = (ms) => new Date(ms).toLocaleDateString(page.language, { timeZone: "UTC" });
const button = (label, press, more = {}) =>
  make("button", { class: "button", type: "button", text: label, onclick: press, ...more });

function pairs(entries) {
  return make("dl", {}, ...entries.flatMap(([name, value]) => [make("dt", { text: name }), make("dd", { text: value })]));
}

/** A field that writes into `holder[key]`. */
function bound(id, label, holder, key, changed, more = {}) {
  const field = make("input", { class: "field", id, autocomplete: "off", ...more });
  field.value = holder[key] ?? "";
  field.addEventListener("input", () => {
    holder[key] = field.value.trim();
    changed();
  });
  return labelled(field, label);
}

export function subscription(plan, draft, changed) {
  return make(
    "div",
    {},
    pairs([
      [text("settings.subscription.plan"), plan.name],
      [text("settings.subscription.expires"), plan.expires ? date(plan.expires) : "—"],
      ...plan.features.map((one) => [one.name, text(one.enabled ? "settings.on" : "settings.off")]),
    ]),
    bound("subscription-email", text("settings.subscription.email"), draft.settings, "subscriptionContactEmail", changed, { type: "email" }),
  );
}

/** One row for each information system; `changed` is told that the list moved. */
export function certificates(draft, changed) {
  const element = make("div", { class: "certificates" });
  const problem = make("p", { class: "note", role: "status" });
  const description = make("input", { class: "field", id: "certificate-description", autocomplete: "off" });
  const body = make("textarea", { class: "field field-pem", id: "certificate-body", rows: "5", spellcheck: "false", placeholder: "-----BEGIN CERTIFICATE-----" });
  const rows = make("tbody");
  const table = make(
    "table",
    {},
    make("thead", {}, make("tr", {}, ...["description", "state", "actions"].map((one) => make("th", { scope: "col", text: text(`settings.certificates.${one}`) })))),
    rows,
  );
  const none = make("p", { class: "empty", text: text("settings.none") });

  const act = (deed, index, press) =>
    button(text(`settings.certificates.${deed}`), press, {
      "aria-label": `${text(`settings.certificates.${deed}`)}: ${draft.systems[index].description}`,
    });
  const draw = () => {
    rows.replaceChildren(
      ...draft.systems.map((entry, index) => {
        const state = text(`settings.certificates.${entry.disabled ? "disabled" : "enabled"}`);
        const turn = act(entry.disabled ? "enable" : "disable", index, () => {
          entry.disabled = !entry.disabled;
          move(() => rows.rows[index].querySelector("button"));
        });
        const remove = act("remove", index, () => {
          draft.removeSystem(index);
          move(() => rows.rows[Math.min(index, rows.rows.length - 1)]?.querySelector("button") ?? description);
        });
        return make("tr", {}, make("td", { text: entry.description }), make("td", { text: state }), make("td", { class: "row-actions" }, turn, remove));
      }),
    );
    table.hidden = !draft.systems.length;
    none.hidden = !table.hidden;
  };
  const move = (next) => {
    draw();
    changed();
    next().focus();
  };
  const add = () => {
    const pem = body.value.trim();
    const readable = /^-----BEGIN CERTIFICATE-----[\s\S]+-----END CERTIFICATE-----$/.test(pem);
    problem.textContent = "";
    if (!description.value.trim()) problem.textContent = text("settings.certificates.no-description");
    else if (!readable) problem.textContent = text("settings.certificates.no-pem");
    if (problem.textContent) return;
    draft.addSystem(description.value.trim(), `${pem}\n`);
    description.value = body.value = "";
    move(() => description);
  };
  draw();
  element.append(
    make("div", { class: "scroll" }, table),
    none,
    make("h3", { text: text("settings.certificates.add") }),
    labelled(description, text("settings.certificates.description")),
    labelled(body, text("settings.certificates.body")),
    button(text("settings.certificates.add.button"), add),
    problem,
  );
  return element;
}

/** How each information system presents itself; kept by the API, shown here only. */
export function systemSettings(draft) {
  const element = make("div");
  const name = (settings) => settings.qrOrganisationName?.[page.language] || "—";
  const logo = (settings) => {
    if (settings.ddcLogoDisable) return text("settings.systems.logo.off");
    return text(settings.ddcLogo ? "settings.systems.logo.own" : "settings.systems.logo.default");
  };
  element.append(
    make("p", { text: text("settings.systems.text") }),
    ...draft.systems.flatMap((entry) => [
      make("h3", { text: entry.description }),
      pairs([
        [text("settings.systems.qr-name"), name(entry.settings)],
        [text("settings.systems.qr-logo"), text(entry.settings.qrLogo ? "settings.systems.logo.own" : "settings.systems.logo.default")],
        [text("settings.systems.card-logo"), logo(entry.settings)],
      ]),
    ]),
  );
  return element;
}

export function webhooks(draft, changed) {
  const urls = draft.settings.webhooks.urls;
  const list = make("ul", { class: "rows" });
  const field = make("input", { class: "field", id: "webhook-url", type: "url", autocomplete: "off" });
  const problem = make("p", { class: "note", role: "status" });
  const draw = () => {
    list.replaceChildren(
      ...urls.map((url, index) =>
        make("li", {}, make("span", { text: url }), button(text("settings.certificates.remove"), () => {
          urls.splice(index, 1);
          draw();
          changed();
          field.focus();
        }, { "aria-label": `${text("settings.certificates.remove")}: ${url}` })),
      ),
    );
    if (!urls.length) list.append(make("li", { class: "empty", text: text("settings.none") }));
  };
  const add = () => {
    const url = field.value.trim();
    problem.textContent = /^https?:\/\/[^\s/]/.test(url) ? "" : text("settings.webhooks.invalid");
    if (problem.textContent) return;
    urls.push(url);
    field.value = "";
    draw();
    changed();
  };
  draw();
  return make(
    "div",
    {},
    make("h3", { text: text("settings.webhooks.url") }),
    list,
    labelled(field, text("settings.webhooks.add")),
    button(text("settings.iin.add.button"), add),
    problem,
  );
}

export function archive(draft, changed) {
  const { settings } = draft;
  const box = make("input", { type: "checkbox", id: "archive-enabled" });
  box.checked = settings.dataArchiveEnabled;
  box.addEventListener("change", () => {
    settings.dataArchiveEnabled = box.checked;
    changed();
  });
  return make(
    "div",
    {},
    make("p", {}, box, make("label", { for: box.id, text: text("settings.archive.enabled") })),
    bound("archive-email", text("settings.archive.email"), settings, "dataArchiveContactEmail", changed, { type: "email" }),
    pairs([
      [text("settings.archive.quota"), String(settings.dataArchiveQuota)],
      [text("settings.archive.usage"), String(settings.dataArchiveUsage)],
    ]),
  );
}

"use strict";
/* A composed site at work: signs in, draws the settings, keeps what is not shown, saves what is ticked. */
(() => {
  const { page, part, style, classes, templates, sections, shown, people, authorities, lists, paths } = window.site;
  const app = document.getElementById("app");
  const copy = (value) => JSON.parse(JSON.stringify(value));
  const pause = (ms) => new Promise((done) => setTimeout(done, ms));
  const safe = (text) => String(text).replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
  const fill = (template, values) => template.replace(/\{(\w+)\}/g, (slot, name) => name in values ? values[name] : slot);
  const made = (html) => Object.assign(document.createElement("template"), { innerHTML: html.trim() }).content.firstElementChild;
  const all = (control, root = document) => [...root.querySelectorAll(`.${classes[control]}`)];
  const one = (control, root = document) => all(control, root)[0];
  const press = (node, act) => node.addEventListener("click", (event) => { event.preventDefault(); act(event); });
  let numbered = 0;

  async function call(method, path, body) {
    const answer = await fetch(path, { method, body: body && JSON.stringify(body), headers: { "Content-Type": "application/json" } });
    return answer.json();
  }

  /* What was pressed is told before anything else happens: a trial must hear of every tick. */
  function tell(block, kind, key, on) {
    const request = new XMLHttpRequest();
    request.open("POST", paths.pressed, false);
    request.send(JSON.stringify({ block, kind, key: String(key), on }));
  }

  // -- signing in (sigex-facts 4.1, 4.2)

  function ncalayer(nonce) {
    return new Promise((done, fail) => {
      const socket = new WebSocket("wss://127.0.0.1:13579");
      let greeted = false;
      socket.onerror = () => fail(new Error("NCALayer не запущен"));
      socket.onmessage = ({ data }) => {
        if (!greeted) {
          greeted = true;
          const args = { allowedStorages: null, format: "cms", data: nonce, signingParams: { decode: true, encapsulate: false },
            signerParams: { extKeyUsageOids: ["1.3.6.1.5.5.7.3.4"], chain: [] }, locale: "ru" };
          socket.send(JSON.stringify({ module: "kz.gov.pki.knca.basics", method: "sign", args }));
          return;
        }
        const answer = JSON.parse(data);
        socket.close();
        const signed = answer.status && answer.body && answer.body.result;
        signed ? done([].concat(signed)[0]) : fail(new Error("Подписание отменено"));
      };
    });
  }

  function offerSigning(root, target) {
    const trouble = (error) => { root.querySelector(".error").textContent = error.message; };
    const attempt = (act) => async () => { try { await act(); } catch (error) { trouble(error); } };
    press(one("ncalayer", root), attempt(async () => {
      const { nonce } = await call("POST", "/api/auth", {});
      const answer = await call("POST", "/api/auth", { nonce, signature: await ncalayer(nonce) });
      if (answer.message) throw new Error(answer.message);
      location.assign(target);
    }));
    press(one("qr", root), attempt(async () => {
      const answer = await call("POST", "/api/egovQr", { description: "Аутентификация" });
      if (answer.message) throw new Error(answer.message);
      root.append(made(`<p><img alt="QR-код" src="data:image/png;base64,${answer.qrCode}"></p>`));
    }));
  }

  const here = () => location.pathname + location.hash;

  function signIn() {
    if (style.sign_in_page === "own_address") location.assign(`${paths.sign_in}?returnUrl=${encodeURIComponent(here())}`);
    else if (!one("modal")) {
      document.body.append(made(templates.modal));
      offerSigning(one("modal"), here());
    }
  }

  async function header() {
    const me = await call("GET", "/api/auth");
    const corner = one("corner");
    if (me.message) {
      const href = style.sign_in_page === "own_address" ? `${paths.sign_in}?returnUrl=${encodeURIComponent(here())}` : "#";
      corner.append(made(fill(templates.sign_in, { href })));
      press(one("sign_in"), signIn);
      return;
    }
    const rights = await call("GET", "/api/organizationPermissions");
    const name = me.subjectStructure.flat().find((attribute) => attribute.name === "CN").value;
    corner.append(made(fill(templates.user, { name: safe(name), initials: name.split(" ").map((word) => word[0]).join("") })));
    const menu = made(templates.menu);
    (style.menu === "popover" ? document.body : corner.parentElement).append(menu);
    if (!rights.organizationSettings) one("item").remove();
    else press(one("item"), () => location.assign(paths.settings));
    press(one("user"), () => { menu.hidden = !menu.hidden; });
    press(one("sign_out"), async () => { await call("POST", "/api/auth", { logout: true }); location.assign("/"); });
  }

  // -- the settings

  let stored, draft;
  const open = new Set();
  const owner = new WeakMap();
  const FIELDS = { authorities: "authorities", employees: "iins", systems: "tlsCertificatesIndices" };
  const blockFields = shown.map((block) => block.field);
  const saves = new WeakMap();
  const withFields = (fields) => fields ? { ...stored, ...Object.fromEntries(fields.map((field) => [field, draft[field]])) } : draft;

  function entries(kind, field) {
    const held = draft[field][FIELDS[kind]];
    const among = {
      systems: () => draft.tlsCertificatesList.map((system, key) => ({ key, name: system.description,
        note: [style.row_note === "validity" && `до 12.0${1 + key}.2028`, system.disabled && "отключена"].filter(Boolean).join(", "),
        off: system.disabled && style.disabled === "locked", hidden: system.disabled && style.disabled === "hidden" })),
      employees: () => people.map(({ key, name }) => ({ key, name, note: "" })),
      authorities: () => authorities.map(({ key, name }, place) => ({ key, name, note: "", off: place === 0 })),
    }[kind]();
    return among.filter((entry) => !entry.hidden).map((entry) => ({ ...entry, field, kind, on: held.includes(entry.key) }));
  }

  function listHtml(kind, field) {
    if (style[kind] === "absent") return "";
    const listed = entries(kind, field);
    if (style[kind] === "plain") {
      const names = listed.filter((entry) => entry.on).map((entry) => `<div>${safe(entry.name)}</div>`).join("");
      return fill(templates[kind], { rows: style.rows === "table" ? `<tr><td>${names}</td></tr>` : names });
    }
    const rows = listed.map((entry) => fill(templates.row, { id: `e${++numbered}`, name: safe(entry.name), on: entry.on, off: Boolean(entry.off),
      state: (entry.on ? " checked" : "") + (entry.off ? " disabled" : ""), note: entry.note ? ` ${fill(templates.note, { note: entry.note })}` : "" }));
    return fill(templates[kind], { rows: rows.join("") });
  }

  const listsHtml = (field) => lists.map((kind) => listHtml(kind, field)).join("");

  function ownBoxes(body, field) {
    const listed = lists.filter((kind) => (style[kind] || "boxes") === "boxes").flatMap((kind) => entries(kind, field));
    all("box", body).forEach((box, place) => owner.set(box, listed[place]));
  }

  function drawBlocks() {
    const root = one("access");
    const filled = shown.map(({ field, title, description }) => {
      const values = { title, description, count: draft[field].tlsCertificatesIndices.length,
        lists: style.drawing === "fetched" ? "Загрузка…" : listsHtml(field) };
      const head = fill(templates.head, values), body = fill(templates.body, values);
      return { head, body, block: fill(templates.block, { head, body }) };
    });
    const joined = (name) => filled.map((one) => one[name]).join("");
    root.innerHTML = fill(templates.blocks, { blocks: joined("block"), heads: joined("head"), bodies: joined("body") });
    all("body", root).forEach((body, place) => {
      if (style.drawing !== "fetched") ownBoxes(body, blockFields[place]);
      else if (open.has(place)) fetchLists(place);
    });
    if (style.block !== "card_delegated") all("head", root).forEach(listen);
    showOpen();
  }

  async function fetchLists(place) {
    await fetch(paths.directory);
    await pause(250);
    const body = all("body")[place], field = blockFields[place];
    body.innerHTML = fill(made(fill(templates.body, shown[place])).innerHTML, { lists: listsHtml(field) });
    ownBoxes(body, field);
  }

  function listen(head, place) {
    press(head, () => toggle(place));
    if (style.drawing === "replaced_on_press") head.addEventListener("mousedown", () => {
      const fresh = head.cloneNode(true);
      head.replaceWith(fresh);
      listen(fresh, place);
      toggle(place);
    });
  }

  function toggle(place) {
    const closes = open.has(place) && style.block !== "tab";
    if (style.opening !== "several") open.clear();
    closes ? open.delete(place) : open.add(place);
    if (style.drawing === "redrawn_on_expand") drawBlocks();
    else if (style.drawing === "fetched" && open.has(place)) fetchLists(place);
    showOpen();
  }

  function showOpen() {
    const root = one("access");
    all("head", root).forEach((head, place) => {
      const is = open.has(place);
      head.classList.toggle("open", is);
      if (head.tagName === "SUMMARY") head.parentElement.open = is;
      else if (head.tagName === "BUTTON") head.setAttribute(style.block === "tab" ? "aria-selected" : "aria-expanded", is);
    });
    all("body", root).forEach((body, place) => { body.hidden = !open.has(place); });
  }

  function tick(entry, on) {
    tell(entry.field, entry.kind, entry.key, on);
    const list = FIELDS[entry.kind], held = draft[entry.field][list].filter((key) => key !== entry.key);
    draft[entry.field][list] = on ? [...held, entry.key].sort((a, b) => (a > b ? 1 : -1)) : held;
    entry.on = on;
    if (style.drawing === "redrawn_on_tick") setTimeout(drawBlocks, 40);
    showSaves();
  }

  function listenToBoxes(root) {
    const fake = (event) => {
      const box = event.target.closest(`.${classes.box}[role]`), entry = owner.get(box);
      if (!entry || entry.off || (event.type === "keydown" && event.key !== " ")) return;
      event.preventDefault();
      box.setAttribute("aria-checked", !entry.on);
      tick(entry, !entry.on);
    };
    root.addEventListener("change", (event) => { const entry = owner.get(event.target); if (entry) tick(entry, event.target.checked); });
    root.addEventListener("click", fake);
    root.addEventListener("keydown", fake);
    root.addEventListener("click", (event) => {
      const head = style.block === "card_delegated" && event.target.closest(`.${classes.head}`);
      if (head) toggle(all("head", root).indexOf(head));
    });
  }

  // -- sections other than access control

  const certificates = () => draft.tlsCertificatesList.map((system, key) => style.certificates === "boxes"
    ? `<p>${safe(system.description)} <label><input type="checkbox" data-disable="${key}"${system.disabled ? " checked" : ""}> Отключить</label></p>`
    : `<p>${safe(system.description)}${system.disabled ? " (отключена)" : ""}</p>`).join("");

  const CONTENT = {
    subscription: () => "<p>Тариф: Корпоративный</p>",
    access: () => `<div class="${classes.access}"></div>`,
    certificates,
    webhooks: () => `<p><label>Адрес <input type="url" data-hook value="${safe(draft.webhooks.urls[0] || "")}"></label></p>`,
    archive: () => `<p><label><input type="checkbox" data-archive${draft.dataArchiveEnabled ? " checked" : ""}> Архивировать подписанные данные</label></p>`,
  };
  const SAVED = { access: blockFields, certificates: ["tlsCertificatesList"], webhooks: ["webhooks"], archive: ["dataArchiveEnabled"] };

  function listenToOthers(root) {
    root.addEventListener("change", ({ target }) => {
      if ("disable" in target.dataset) {
        tell("certificates", "disable", target.dataset.disable, target.checked);
        draft.tlsCertificatesList[target.dataset.disable].disabled = target.checked;
      } else if ("archive" in target.dataset) {
        tell("archive", "archive", "", target.checked);
        draft.dataArchiveEnabled = target.checked;
      } else if ("hook" in target.dataset) draft.webhooks.urls = target.value ? [target.value] : [];
      showSaves();
    });
  }

  // -- saving

  function showSaves() {
    all("save").forEach((save) => {
      const off = style.save_state !== "always" && JSON.stringify(withFields(saves.get(save))) === JSON.stringify(stored);
      if (style.save_state === "hidden_until_changed") save.hidden = off;
      else if ("disabled" in save) save.disabled = off;
      else { save.classList.toggle("off", off); save.setAttribute("aria-disabled", off); }
    });
  }

  async function save(bar, fields) {
    const body = copy(withFields(fields));
    const answer = await call("POST", "/api/organizationSettings", body);
    if (!answer.message) {
      stored = { ...body, modifiedAt: answer.modifiedAt };
      draft.modifiedAt = answer.modifiedAt;
    }
    showSaves();
    all("message").forEach((old) => old.remove());
    if (style.message === "none" && !answer.message) return;
    const said = made(fill(templates.message, { kind: answer.message ? "error" : "done", words: safe(answer.message || "Настройки сохранены") }));
    bar.after(said);
    if (style.message === "toast") setTimeout(() => said.remove(), 4000);
  }

  function addSave(root, fields) {
    const bar = made(templates.save);
    const heading = style.save_place === "top" && root.querySelector("h1, h2");
    heading ? heading.after(bar) : root.append(bar);
    saves.set(one("save", bar), fields);
    bar.addEventListener("submit", (event) => { event.preventDefault(); save(bar, fields); });
    if (style.save !== "submit") press(one("save", bar), () => save(bar, fields));
  }

  // -- the settings page as a whole

  const hrefs = { own_address: (key) => `${paths.settings}/${key}`, hash_route: (key) => `#/${key}`, anchor: (key) => `#part-${key}` };

  function drawSettings() {
    const alone = style.way === "own_address", heading = style.way === "accordion" ? "" : "<h2>{title}</h2>";
    const links = sections.map(({ key, title }) => fill(templates.way, { title, href: (hrefs[style.way] || (() => "#"))(key) }));
    const panels = sections.map(({ key, title }) => alone && key !== part ? ""
      : fill(templates.panel, { id: `part-${key}`, heading: heading.replace("{title}", title), html: CONTENT[key]() }));
    const both = { accordion: () => links.map((link, place) => link + panels[place]).join(""),
      side_menu: () => `<div class="sides"><div>${links.join("")}</div><div>${panels.join("")}</div></div>` };
    app.innerHTML = `<h1>Настройки организации</h1>${(both[style.way] || (() => `<div>${links.join("")}</div>${panels.join("")}`))()}`;
    all("panel").forEach((panel) => { if (style.save_scope === "section" && SAVED[panel.id.slice(5)]) addSave(panel, SAVED[panel.id.slice(5)]); });
    if (style.save_scope === "page") addSave(app);
    const root = one("access");
    if (root) { drawBlocks(); listenToBoxes(root); }
    listenToOthers(app);
    chooseSections();
    showSaves();
  }

  function chooseSections() {
    if (style.way === "anchor" || style.way === "own_address") return;
    const panels = all("panel"), ways = all("way"), several = style.way === "accordion";
    const mark = (place, is) => { panels[place].hidden = !is; ways[place].classList.toggle("now", is);
      if (ways[place].getAttribute("role") === "tab") ways[place].setAttribute("aria-selected", is); };
    const choose = (place) => panels.forEach((_, other) => mark(other, other === place));
    const routed = () => choose(Math.max(0, sections.findIndex(({ key }) => location.hash === `#/${key}`)));
    if (style.way === "hash_route") { addEventListener("hashchange", routed); routed(); return; }
    ways.forEach((way, place) => press(way, () => several ? mark(place, panels[place].hidden) : choose(place)));
    choose(several ? -1 : 0);
  }

  async function settings() {
    stored = await call("GET", "/api/organizationSettings");
    if (stored.message) { app.innerHTML = `<p class="error">${safe(stored.message)}</p>`; return; }
    draft = copy(stored);
    if (style.opening === "first_open") open.add(0);
    app.innerHTML = "<p>Загрузка…</p>";
    if (style.drawing === "late") await pause(1200);
    drawSettings();
  }

  /* Nothing can be pressed before somebody listens: the page is shown when the script is ready. */
  if (page === "sign_in") {
    const target = new URLSearchParams(location.search).get("returnUrl") || "/";
    offerSigning(app, /^\/(?!\/)/.test(target) ? target : "/");
  }
  app.hidden = false;
  header().then(() => { if (page === "settings") settings(); });
})();

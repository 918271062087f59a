// The corner at the upper right: a way to sign in, or the menu of whoever is signed in.
import { arrows } from "./elements.js";
import { authenticationAddress, call, page } from "./service.js";

const find = (id) => document.getElementById(id);

function attribute(identity, name) {
  return identity.subjectStructure.flat().find((one) => one.name === name)?.value ?? "";
}

function showSignIn() {
  const link = find("sign-in");
  link.href = authenticationAddress();
  // The auth page returns where it was opened from, not to itself.
  if (location.pathname === `${page.prefix}/auth`) link.href = location.href;
  link.hidden = false;
}

function showMenu(identity) {
  find("menu-person").textContent = attribute(identity, "CN");
  fill("menu-organisation", attribute(identity, "O"));
  const roles = identity.extKeyUsages.map((oid) => page.authorities[oid]).filter(Boolean);
  fill("menu-authorities", roles.join(", "));
  find("menu-settings-link").href = `${page.prefix}/organization-settings`;
  find("menu-button").hidden = false;
}

function fill(id, content) {
  find(id).textContent = content;
  find(id).hidden = !content;
}

function open(wanted) {
  find("menu").hidden = !wanted;
  find("menu-button").setAttribute("aria-expanded", String(wanted));
  if (wanted && menu) items()[0].focus();
}

// A menu in ARIA's sense, which one skin has, is walked by arrow keys.
const menu = find("menu").querySelector("[role=menu]");
const items = () => [...menu.querySelectorAll("[role=menuitem]")].filter((one) => one.offsetParent);
if (menu) arrows(menu, items, () => {});

// Narrow windows of one skin hide everything behind this button; style says when it is shown.
const burger = find("burger");
burger?.addEventListener("click", () => {
  const wanted = burger.getAttribute("aria-expanded") !== "true";
  burger.setAttribute("aria-expanded", String(wanted));
  find("collapse").classList.toggle("shown", wanted);
});

find("menu-button").addEventListener("click", () => open(find("menu").hidden));
document.addEventListener("click", (event) => {
  if (!find("visitor").contains(event.target)) open(false);
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || find("menu").hidden) return;
  open(false);
  find("menu-button").focus();
});
find("menu-sign-out").addEventListener("click", async () => {
  await call("POST", "/api/auth", { logout: true });
  location.assign(page.prefix || "/");
});

async function start() {
  let identity;
  try {
    identity = await call("GET", "/api/auth");
  } catch {
    showSignIn();
    return;
  }
  let permitted = false;
  try {
    permitted = (await call("GET", "/api/organizationPermissions")).organizationSettings;
  } catch {
    // A private person has no organisation: the item stays hidden.
  }
  find("menu-settings").hidden = !permitted;
  showMenu(identity);
}

start();

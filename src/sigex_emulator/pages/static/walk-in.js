// Only in the emulator, and only when it was started so: a way in without NCALayer.
import { returnAddress } from "./return-address.js";

const data = JSON.parse(document.getElementById("page-data").textContent);
const ROLES = {
  head: "первый руководитель",
  settings_employee: "сотрудник с правом на настройки",
  employee: "сотрудник без права на настройки",
  private_person: "частное лицо",
};

const form = document.createElement("form");
form.method = "post";
form.action = "/emulator/walk-in";
form.className = "card";
form.lang = "ru";
form.setAttribute("aria-label", "Только в эмуляторе");
form.style.cssText = "border:3px dashed #b45309;padding:1rem;margin:1rem auto;max-width:40rem";

const title = document.createElement("h2");
title.textContent = "Только в эмуляторе: войти как …";
const note = document.createElement("p");
note.textContent = "На настоящем сервисе такого входа нет: там нужна подпись.";
const to = document.createElement("input");
to.type = "hidden";
to.name = "to";
to.value = returnAddress(`${location.origin}/`).slice(location.origin.length);
form.append(title, note, to);

for (const person of data.walkIns) {
  const button = document.createElement("button");
  button.className = "button";
  button.style.cssText = "display:block;margin:0.25rem 0";
  button.name = "iin";
  button.value = person.iin;
  const where = [person.organisation, ROLES[person.role]].filter(Boolean).join(", ");
  button.textContent = `${person.name} — ${where}`;
  form.append(button);
}
document.querySelector("main").append(form);

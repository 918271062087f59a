"use strict";
// Without this script the page is whole: every row is there, and the form stays hidden.
const form = document.getElementById("filters");
if (form) {
  const count = document.getElementById("count");
  const rows = [...document.querySelectorAll("#runs tbody tr")];
  const fold = (text) => text.toLocaleLowerCase("ru").replace(/\s+/g, " ").trim();
  const words = new Map(rows.map((row) => [row, fold(row.dataset.text)]));
  const apply = () => {
    const wanted = Object.fromEntries(new FormData(form));
    const text = fold(wanted.text);
    let shown = 0;
    for (const row of rows) {
      const { campaign, verdict, integrity, day } = row.dataset;
      row.hidden = !(
        words.get(row).includes(text) &&
        (!wanted.campaign || campaign === wanted.campaign) &&
        (!wanted.verdict || verdict === wanted.verdict) &&
        (!wanted.integrity || integrity === wanted.integrity) &&
        (!wanted.since || (day && day >= wanted.since)) &&
        (!wanted.until || (day && day <= wanted.until))
      );
      shown += row.hidden ? 0 : 1;
    }
    const of = shown === rows.length ? "" : ` из ${rows.length}`;
    const none = shown ? "" : ". Под эти условия не подходит ни одна: снимите часть из них";
    count.textContent = `Строк: ${shown}${of}${none}`;
  };
  form.addEventListener("input", apply);
  form.addEventListener("reset", () => setTimeout(apply));
  form.addEventListener("submit", (event) => event.preventDefault());
  addEventListener("pageshow", apply); // a browser that goes back fills the form in again
  form.hidden = false;
  apply();
}

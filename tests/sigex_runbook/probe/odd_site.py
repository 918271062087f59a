"""A small site of our own on the emulator's API, whose controls may be called anything."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass

from aiohttp import web

BLOCKS = {
    "documentsAccess": "Контроль доступа к документам организации",
    "documentsList": "Контроль доступа к перечислению документов организации",
    "documentsSettings": "Контроль доступа к настройкам документов организации",
    "organizationSettings": "Контроль доступа к настройкам организации",
}


@dataclass(frozen=True)
class Names:
    """What the site calls its controls; the defaults are the guide's words."""

    sign_in: str = "Войти"
    sign_in_page: str = "/auth"
    sign: str = "Войти через NCALayer"
    menu: str = "Меню"
    item: str = "Настройки организации"
    link: str = "Контроль доступа"
    titles: tuple[str, ...] = tuple(BLOCKS.values())
    twice: bool = False
    """Whether each block lists the systems once more, as it was before."""
    save: str = "Сохранить"
    saves_when_opened: bool = False


_PAGE = """<!doctype html><html lang="ru"><head><meta charset="utf-8"><title>Другой вид</title><style>
body { font: 16px sans-serif; margin: 0 }
header { display: flex; gap: 20px; padding: 12px; background: #dde } header > :first-child { margin-right: auto }
main { padding: 20px } .drop { position: absolute; right: 20px; background: #fff; border: 1px solid }
</style></head><body>
<header><a href="/">Сервис</a><span class="corner"></span><a class="aid" href="/help">Помощь</a></header>
<main></main>
<script>
const names = NAMES, blocks = BLOCK_KEYS, at = location.pathname;
const main = document.querySelector("main"), corner = document.querySelector(".corner");
const make = (tag, text, where, more = {}) => {
  const one = Object.assign(document.createElement(tag), more);
  one.textContent = text; where.append(one); return one;
};
const call = async (path, sent) => (await fetch(path, sent && { method: "POST",
  headers: { "Content-Type": "application/json" }, body: JSON.stringify(sent) })).json();
const sign = (data) => new Promise((done) => {
  const socket = new WebSocket("wss://127.0.0.1:13579");
  socket.onmessage = ({ data: text }) => {
    const told = JSON.parse(text);
    if (told.result) return socket.send(JSON.stringify({ module: "kz.gov.pki.knca.basics", method: "sign",
      args: { format: "cms", data, signingParams: { decode: true, encapsulate: false } } }));
    socket.close(); done(told.body.result);
  };
});
const shows = async () => {
  const me = await call("/api/auth");
  if (me.message) make("a", names.sign_in, corner, { href: names.sign_in_page, className: "way-in" });
  else {
    const menu = make("button", names.menu || "\\u2638", corner, { className: "disc" });
    menu.onclick = () => {
      if (document.querySelector(".drop")) return document.querySelector(".drop").remove();
      const drop = make("ul", "", corner, { className: "drop" });
      make("a", names.item, make("li", "", drop), { href: "/organization-settings" });
      make("a", "Выйти", make("li", "", drop), { href: "#", onclick: () => call("/api/auth", { logout: true }) });
    };
  }
  if (at === names.sign_in_page) {
    const button = make("button", names.sign, main, { className: "go" });
    button.onclick = async () => {
      const { nonce } = await call("/api/auth", {});
      await call("/api/auth", { nonce, signature: await sign(nonce) });
      location.href = "/";
    };
  } else if (at === "/organization-settings") await settings();
  else make("h1", "Подписание документов", main);
};
const settings = async () => {
  make("h1", "Настройки", main);
  const body = await call("/api/organizationSettings");
  if (body.message) return make("p", "Требуется аутентификация", main, { className: "error" });
  const part = document.createElement("section");
  make("a", names.link, main, { href: "#access", className: "way",
    onclick: () => { part.hidden = false; } });
  main.append(part); part.hidden = true;
  blocks.forEach((key, place) => {
    const block = make("div", "", part, { className: "panel" });
    const header = make("button", names.titles[place], block, { className: "fold" });
    const inside = make("div", "", block, { hidden: true });
    header.onclick = () => {
      inside.hidden = !inside.hidden;
      if (names.saves_when_opened) call("/api/organizationSettings", body);
    };
    for (const title of names.twice ? ["now", "was"] : ["now"]) {
      const list = make("fieldset", "", inside, { className: `rows-${title}` });
      body.tlsCertificatesList.forEach((one, index) => {
        const label = make("label", "", make("p", "", list));
        label.append(Object.assign(document.createElement("input"), { type: "checkbox",
          checked: body[key].tlsCertificatesIndices.includes(index) }), one.description);
      });
    }
  });
  make("button", names.save, part, { className: "keep", onclick: () => call("/api/organizationSettings", body) });
};
shows();
</script></body></html>"""


def pages_of(names: Names) -> Callable[[web.Application], None]:
    """What draws the site; give it to an emulator as its `pages`."""
    text = _PAGE.replace("NAMES", json.dumps(asdict(names), ensure_ascii=False)).replace(
        "BLOCK_KEYS", json.dumps(list(BLOCKS))
    )

    async def answer(_request: web.Request) -> web.Response:
        return web.Response(text=text, content_type="text/html", charset="utf-8")

    def add(application: web.Application) -> None:
        for path in ("/", names.sign_in_page, "/organization-settings", "/help"):
            application.router.add_get(path, answer)

    return add

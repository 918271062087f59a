"""The parts of a composed site as HTML.

`{slot}` is filled by `site.js` with what only the browser knows, `[[control]]` is a class that
means nothing: whoever looks at the page must recognise a control by what a person sees. `classes`
tells a test, and nobody else, which one it is.
"""

from __future__ import annotations

import random
import re
from urllib.parse import quote

from .grammar import Style
from .words import item_words, list_title, method_words

CONTROLS = (
    "corner", "sign_in", "user", "menu", "item", "sign_out", "modal", "ncalayer", "qr", "way",
    "panel", "access", "block", "head", "tail", "body", "list", "row", "box", "text", "save",
    "message",
)  # fmt: skip
_SYLLABLES = ("ba", "ke", "do", "lu", "mi", "no", "pe", "ra", "su", "ti", "vo", "ze")

SIGN_IN_PATH = "/auth"
SETTINGS_PATH = "/organization-settings"


def classes(style: Style) -> dict[str, str]:
    """The class of each control on this site."""
    chance = random.Random(f"classes {style.seed}/{style.number}")  # noqa: S311 - not a secret
    words = ["".join(chance.sample(_SYLLABLES, 3)) for _ in range(4 * len(CONTROLS))]
    return dict(zip(CONTROLS, dict.fromkeys(words), strict=False))


def templates(style: Style) -> dict[str, str]:
    """Every template that the site's script fills."""
    named = classes(style)
    made = {
        "sign_in": _sign_in(style),
        "user": _user(style),
        "menu": _menu(style),
        "modal": f'<div class="[[modal]] modal" role="dialog">{sign_in_form(style)}</div>',
        "way": _way(style),
        "panel": '<section class="[[panel]] panel" id="{id}">{heading}{html}</section>',
        **_blocks(style),
        "row": _row(style),
        "note": '<small class="muted">{note}</small>' if style.rows != "ul" else "<i>{note}</i>",
        **{kind: _list(style, kind) for kind in ("authorities", "employees", "systems")},
        "save": _save(style),
        "message": _MESSAGES[style.message],
    }
    return {name: _classed(html, named) for name, html in made.items()}


def shell(style: Style, config: str, content: str) -> str:
    """A page: header, noise, and the place that the script fills."""
    header = (
        f'<{style.header} class="top"><a class="brand" href="/">SIGEX</a>'
        f'<span class="gap"></span>{_icons(style)}<span class="[[corner]] corner"></span>'
        f"</{style.header}>"
    )
    body = "".join(
        [
            _NOISE["banner"] * (style.banner == "top"),
            header,
            f'<main id="app" hidden>{content}</main>',
            _NOISE["footer"] * (style.footer == "links"),
            _NOISE["cookies"] * (style.cookies == "bottom"),
            _NOISE["chat"] * (style.chat == "corner"),
            '<p class="muted">Учебный сайт: всё выдумано.</p>',
        ]
    )
    return (
        '<!doctype html><html lang="ru"><head><meta charset="utf-8"><title>SIGEX</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<link rel="icon" href="data:,"><link rel="stylesheet" href="/assets/site.css"></head>'
        f'<body class="{style.theme}">{_classed(body, classes(style))}'
        f'<script>window.site = {config}</script><script src="/assets/site.js"></script></body>'
        "</html>"
    )


def start_page(style: Style) -> str:
    """What stands on the start page."""
    return (
        "<h1>Подписание документов</h1><p>Выберите файл, который надо подписать.</p>"
        '<p><input type="file" aria-label="Файл"></p><h2>Поддержка PEM</h2><p>Вы пробовали '
        "подписывать сразу в Проводнике Windows или в Google Диск?</p>"
    ) + _NOISE["news"] * (style.news == "access")


def sign_in_form(style: Style) -> str:
    """The two ways of signing, on a page of their own or in a modal window."""
    pair = list(zip(("ncalayer", "qr"), method_words(style), strict=True))
    if style.methods == "qr_first":
        pair.reverse()
    offered = "".join(
        f"<p>{_element(style.method, f'[[{control}]] btn', words)}</p>" for control, words in pair
    )
    return _classed(
        "<h2>Аутентификация</h2><p>Выберите, чем подписать вход.</p>"
        f'{offered}<p class="error"></p>',
        classes(style),
    )


def _classed(html: str, named: dict[str, str]) -> str:
    return re.sub(r"\[\[(\w+)\]\]", lambda mark: named[mark[1]], html)


def _element(kind: str, names: str, content: str, attributes: str = "", href: str = "#") -> str:
    tag, more = {
        "link": ("a", f' href="{href}"'),
        "button": ("button", ' type="button"'),
    }.get(kind, (kind, ""))
    return f'<{tag} class="{names}"{more}{attributes}>{content}</{tag}>'


# -- the header ----------------------------------------------------------------------------------

_SVG = (
    '<svg width="20" height="20" viewBox="0 0 20 20">{title}<circle cx="10" cy="6" r="4"/>'
    '<path d="M2 19c0-9 16-9 16 0z"/></svg>'
)
_PERSON = _SVG.format(title="")


def _named(how: str, words: str, text: str, icon: str) -> tuple[str, str]:
    """Content and attributes of an icon that is called `words` in one of many ways, or not at
    all."""
    picture = quote(_PERSON.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"'))
    return {
        "text": (text, ""),
        "initials": ("{initials}", ""),
        "title": (_PERSON, f' title="{words}"'),
        "tooltip": (_PERSON, f' data-toggle="tooltip" data-original-title="{words}"'),
        "aria": (_PERSON, f' aria-label="{words}"'),
        "img_alt": (f'<img alt="{words}" src="data:image/svg+xml,{picture}">', ""),
        "svg_title": (_SVG.format(title=f"<title>{words}</title>"), ""),
        "icon_font": (f'<i class="icon {icon}"></i>', ""),
        "glyph": ("\ue7fd", ""),
    }[how]


def _sign_in(style: Style) -> str:
    content, attributes = _named(
        style.sign_in_name, style.sign_in_words, style.sign_in_words, "icon-login"
    )
    return _element(style.sign_in, "[[sign_in]] tool", content, attributes, href="{href}")


def _user(style: Style) -> str:
    words = "{name}" if style.user_words == "name" else style.user_words
    content, attributes = _named(style.user_name, words, f"{words} ▾", "icon-user")
    return _element(style.user, "[[user]] tool", content, attributes)


def _menu(style: Style) -> str:
    item = _element(style.item, "[[item]]", item_words(style), href=SETTINGS_PATH)
    entries = [
        '<a href="/">Мои документы</a>',
        item,
        '<a href="/">Журнал входов</a>',
        '<a href="#" class="[[sign_out]]">Выйти</a>',
    ]
    listed = "".join(e if e.startswith("<li") else f"<li>{e}</li>" for e in entries)
    return f'<ul class="[[menu]] menu {style.menu}" hidden>{listed}</ul>'


def _icons(style: Style) -> str:
    language = '<span class="tool"><b>RU</b> <a href="/kk">KZ</a> <a href="/en">EN</a></span>'
    tools = (
        '<a class="tool" href="/help" title="Помощь">?</a>'
        '<button type="button" class="tool" aria-label="Поиск">⌕</button>'
    )
    bell = '<button type="button" class="tool" title="Уведомления">🔔<sup>3</sup></button>'
    return {"none": "", "language": language, "help_search": tools, "all": bell + tools + language}[
        style.icons
    ]


# -- the settings page ---------------------------------------------------------------------------


def _way(style: Style) -> str:
    role = ' role="tab"' if style.way == "tab" and style.way_element == "button" else ""
    return _element(style.way_element, f"[[way]] way {style.way}", "{title}", role, href="{href}")


def _blocks(style: Style) -> dict[str, str]:
    """Templates of all blocks, of one, and of its header."""
    caps = " caps" * (style.block_letters == "capitals")
    tail = {
        "none": "",
        "counter": ' <span class="[[tail]]">({count})</span>',
        "badge": ' <span class="[[tail]] badge">{count}</span>',
        "chevron": ' <span class="[[tail]]">▾</span>',
        "icon_font": ' <i class="icon icon-down"></i>',
    }[style.block_tail]
    description = '<p class="muted">{description}</p>'
    inside = description.replace("p>", "span>").replace("<p", "<br><span")
    content = "{title}" + tail + inside * (style.block_description == "head")
    body = (
        f'<div class="[[body]] body">{description * (style.block_description == "body")}'
        "{lists}</div>"
    )
    tag, more = {
        "button": ("button", ' type="button"'),
        "link": ("a", ""),
        "card": ("div", ""),
        "card_delegated": ("div", ""),
        "h3": ("h3", ""),
        "summary": ("summary", ""),
        "tab": ("button", ' type="button" role="tab"'),
        "li": ("li", ""),
    }[style.block]
    plain = " card-header" if style.block.startswith("card") else ""
    head = f'<{tag} class="[[head]] head{plain}{caps}"{more}>{content}</{tag}>'
    whole = {
        "summary": '<details class="[[block]] card">{head}{body}</details>',
        "li": "{head}<li>{body}</li>",
    }.get(style.block, '<div class="[[block]] card">{head}{body}</div>')
    around = {
        "tab": '<div class="tabs" role="tablist">{heads}</div>{bodies}',
        "li": '<ul class="plain">{blocks}</ul>',
    }.get(style.block, "{blocks}")
    return {"head": head, "body": body, "block": whole, "blocks": around}


def _list(style: Style, kind: str) -> str:
    title = list_title(style, kind)
    shown = {
        "heading": f"<h4>{title}</h4>",
        "bold": f"<div><b>{title}</b></div>",
        "none": "",
    }[style.list_titles]
    rows = {
        "ul": '<ul class="plain">{rows}</ul>',
        "table": '<table class="rows">{rows}</table>',
        "fieldset": f"<fieldset>{f'<legend>{title}</legend>' * bool(shown)}{{rows}}</fieldset>",
        "div": "<div>{rows}</div>",
    }[style.rows]
    return f'<div class="[[list]]">{shown * (style.rows != "fieldset")}{rows}</div>'


def _row(style: Style) -> str:
    """A row with its box; the box without a label is for a person who looks, not for a machine."""
    fake = style.box.startswith("role_")
    wrapped = style.row_text == "wrapped"
    text = '<span class="[[text]]" id="{id}t">{name}</span>{note}'
    named = ' aria-labelledby="{id}t"' if style.row_text == "labelledby" else ""
    if fake:
        role = style.box.removeprefix("role_")
        state = f'role="{role}" aria-checked="{{on}}" aria-disabled="{{off}}" tabindex="0"{named}'
        parts = [f'<span class="fake {role}"></span>', text]
    else:
        hidden = " out" * (style.box == "switch")
        knob = '<i class="knob"></i>' if wrapped else '<label for="{id}" class="knob"></label>'
        box = f'<input type="checkbox" id="{{id}}" class="[[box]]{hidden}"{named}{{state}}>'
        if style.row_text == "label":
            text = '<label class="[[text]]" for="{id}">{name}</label>{note}'
        parts = [box + knob * (style.box == "switch"), text]
    if style.box_side == "after" and not (style.box == "switch" and wrapped):
        parts.reverse()
    if fake and wrapped:
        cells = [f'<span class="[[box]] wrap" {state}>{" ".join(parts)}</span>']
    elif fake:
        cells = [p.replace('class="fake', f'{state} class="[[box]] fake') for p in parts]
    elif wrapped:
        cells = [f'<label class="wrap">{" ".join(parts)}</label>']
    else:
        cells = parts
    match style.rows:
        case "table":
            return f'<tr class="[[row]]">{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>'
        case "ul":
            return f'<li class="[[row]]">{" ".join(cells)}</li>'
        case _:
            return f'<div class="[[row]] row">{" ".join(cells)}</div>'


def _save(style: Style) -> str:
    if style.save == "submit":
        button = f'<input type="submit" class="[[save]] btn main" value="{style.save_words}">'
    else:
        button = _element(style.save, "[[save]] btn main", style.save_words)
    return f'<form class="bar at-{style.save_place}">{button}</form>'


_MESSAGES = {
    "alert": '<div class="[[message]] {kind}" role="alert">{words}</div>',
    "toast": '<div class="[[message]] toast {kind}">{words}</div>',
    "status": '<span class="[[message]] {kind}" role="status">{words}</span>',
    "none": '<div class="[[message]] {kind}">{words}</div>',
}

_NOISE = {
    "banner": (
        '<div class="banner">С 1 декабря меняются правила доступа к сервису. '
        '<a href="/news">Подробнее</a></div>'
    ),
    "news": (
        '<h2>Новости</h2><ul><li><a href="/news">Контроль доступа к зданию: новый порядок</a></li>'
        '<li><a href="/news">Доступ к документам организации теперь и с телефона</a></li>'
        '<li><a href="/news">Как сохранить настройки браузера</a></li></ul>'
    ),
    "footer": (
        '<footer><a href="/help">Помощь</a> <a href="/settings">Настройки</a> '
        '<a href="/help">Права доступа</a> <a href="/help">О сервисе</a></footer>'
    ),
    "cookies": (
        '<div class="cookies">Мы используем cookie. <button type="button" '
        'onclick="this.parentNode.remove()">Принять</button></div>'
    ),
    "chat": '<button type="button" class="chat" title="Чат поддержки">💬</button>',
}

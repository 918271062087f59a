"""The grammar: of which parts a site is composed. Pure; a number gives the same site every time.

The first value of a part is the plainest. What is not known about the real site (sigex-facts 6)
is where the values differ.
"""

from __future__ import annotations

import json
import random
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args, get_origin, get_type_hints

from .arrangement import Arrangement, Crowd, Doubles, Task, arrange

_PLAINNESS = (0.75, 0.45, 0.0)
"""How often a site takes the plainest value at once: without it no two strange parts are ever
met apart, and a table by part would tell nothing."""


@dataclass(frozen=True, slots=True)
class Style:
    """One site and the world behind it: run `number` of a `seed`."""

    seed: int
    number: int
    arrangement: Arrangement

    crowd: Crowd
    doubles: Doubles
    task: Task

    theme: Literal["light", "dark", "dense"]
    header: Literal["header", "nav", "div"]
    icons: Literal["none", "language", "help_search", "all"]
    sign_in: Literal["link", "button", "div", "span"]
    sign_in_name: Literal[
        "text", "title", "tooltip", "aria", "img_alt", "svg_title", "icon_font", "glyph"
    ]
    sign_in_words: Literal["Войти", "Вход", "Вход с ЭЦП", "Личный кабинет"]
    user: Literal["button", "link", "div", "span"]
    user_name: Literal["text", "title", "tooltip", "aria", "img_alt", "initials", "icon_font"]
    user_words: Literal["name", "Профиль", "Личный кабинет", "Меню пользователя"]
    menu: Literal["dropdown", "popover", "list"]
    item: Literal["link", "button", "li"]
    item_words: Literal["guide", "nbsp", "counter", "company"]

    sign_in_page: Literal["own_address", "modal"]
    methods: Literal["ncalayer_first", "qr_first"]
    method: Literal["button", "link", "div"]
    method_words: Literal["ncalayer", "certificate", "choose", "signature"]

    way: Literal["anchor", "tab", "accordion", "own_address", "side_menu", "hash_route"]
    way_element: Literal["link", "button", "div"]
    way_words: Literal["Контроль доступа", "Доступ", "Права доступа", "Управление доступом"]

    blocks: Literal["four", "seven"]
    block_order: Literal["guide", "packages_first", "reversed", "shuffled"]
    block: Literal["button", "link", "card", "card_delegated", "h3", "summary", "tab", "li"]
    block_words: Literal["guide", "short", "company", "rights", "verbs", "bare"]
    block_letters: Literal["plain", "capitals", "soft_hyphens", "nbsp"]
    block_tail: Literal["none", "counter", "badge", "chevron", "icon_font"]
    block_description: Literal["none", "body", "head"]
    opening: Literal["several", "one", "first_open"]
    drawing: Literal[
        "at_once", "late", "redrawn_on_expand", "redrawn_on_tick", "replaced_on_press", "fetched"
    ]

    rows: Literal["ul", "table", "div", "fieldset"]
    row_text: Literal["label", "wrapped", "plain", "labelledby"]
    row_note: Literal["none", "validity"]
    box: Literal["native", "switch", "role_checkbox", "role_switch"]
    box_side: Literal["before", "after"]
    list_titles: Literal["heading", "bold", "none"]
    list_words: Literal["guide", "colon", "short"]
    list_order: Literal["guide", "systems_first", "systems_between"]
    authorities: Literal["boxes", "plain", "absent"]
    employees: Literal["boxes", "plain", "absent"]
    disabled: Literal["noted", "locked", "hidden"]

    save: Literal["button", "link", "submit", "div"]
    save_words: Literal["Сохранить", "Сохранить изменения", "Сохранить настройки", "Применить"]
    save_place: Literal["bottom", "sticky", "top"]
    save_state: Literal["always", "disabled_until_changed", "hidden_until_changed"]
    save_scope: Literal["page", "section"]
    message: Literal["alert", "toast", "status", "none"]

    banner: Literal["none", "top"]
    cookies: Literal["none", "bottom"]
    chat: Literal["none", "corner"]
    news: Literal["none", "access"]
    footer: Literal["none", "links"]
    certificates: Literal["text", "boxes"]
    decoy: Literal["none", "employee", "authority", "both"]

    def as_json(self) -> str:
        """The style as it is printed, so that a run can be understood and repeated."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=2)

    def value(self, part: str) -> str:
        """What a part of the grammar is here."""
        return str(getattr(self, part))


PARTS: dict[str, tuple[str, ...]] = {
    name: get_args(hint)
    for name, hint in get_type_hints(Style).items()
    if get_origin(hint) is Literal
}
"""Every part of the grammar with its values."""


def compose(seed: int, number: int) -> Style:
    """The site of one run."""
    chance = random.Random(f"{seed}/{number}")  # noqa: S311 - a look, not a secret
    plainness = chance.choice(_PLAINNESS)
    chosen: dict[str, Any] = {
        part: values[0] if chance.random() < plainness else chance.choice(values)
        for part, values in PARTS.items()
    }
    if chosen["block"] == "tab" and chosen["opening"] == "several":
        chosen["opening"] = "one"
    if chosen["way"] in {"anchor", "own_address", "hash_route"}:
        chosen["way_element"] = "link"
    arrangement = arrange(chance, chosen["crowd"], chosen["doubles"], chosen["task"])
    return Style(seed=seed, number=number, arrangement=arrangement, **chosen)

"""Ways to draw the same site: what the real pages look like inside is not known (sigex-facts 6, U).

A skin changes only looks: markup, roles, order of blocks, wordings that no source gives. What the
guide names stays in every skin, above all the menu item «Настройки организации» (K). Each is a
folder in `pages/skins` with `view.js` and `style.css`; it may bring `header.html` and `texts.json`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

SkinName = Literal["plain", "details", "tabs", "toggles", "bootstrap", "dense", "pocket"]


@dataclass(frozen=True, slots=True)
class Skin:
    """One way to draw the site, in one line; some skins show all seven blocks or turn the order."""

    name: SkinName
    description: str
    seven_blocks: bool = False
    turned_order: bool = False


_TABLE = (
    Skin("plain", "разделы и блоки раскрываются кнопками, обычные галочки"),
    Skin("details", "длинная страница с оглавлением, блоки — details/summary, короче названия"),
    Skin("tabs", "разделы и блоки — вкладки, галочки с ролью checkbox, меню с ролью menu"),
    Skin(
        "toggles",
        "контроль доступа на своём адресе, семь блоков, открыт один, переключатели switch",
        seven_blocks=True,
    ),
    Skin("bootstrap", "вид Bootstrap 4: узлы заменяются после нажатия, создаются поздно"),
    Skin("dense", "таблицы с прокруткой, блоки в обратном порядке, заголовки прописными",
         turned_order=True),
    Skin("pocket", "для телефона: в узком окне вход и меню свёрнуты под одну кнопку"),
)  # fmt: skip

SKINS: dict[SkinName, Skin] = {skin.name: skin for skin in _TABLE}
"""Every skin by its name, the default one first."""

"""How composed sites word what the guide shows; wordings other than the guide's are made up."""

from __future__ import annotations

import random
import re

from sigex_emulator.world.settings import ALL_BLOCKS, GUIDE_BLOCKS

from .grammar import Style

_KINDS = ("документам", "перечислению документов", "настройкам документов")
_PACKAGES = ("пакетам документов", "перечислению пакетов документов", "настройкам пакетов")


def _seven(pattern: str, last: str = "настройкам") -> tuple[str, ...]:
    return tuple(pattern.format(kind) for kind in (*_KINDS, *_PACKAGES, last))


_BLOCKS: dict[str, tuple[str, ...]] = {
    "guide": _seven("Контроль доступа к {} организации"),
    "company": _seven("Контроль доступа к {} компании"),
    "short": _seven("Доступ к {}", "настройкам организации"),
    "rights": (
        "Просмотр документов", "Список документов", "Изменение настроек документов",
        "Просмотр пакетов документов", "Список пакетов документов",
        "Изменение настроек пакетов документов", "Изменение настроек организации",
    ),
    "verbs": (
        "Просматривать документы организации", "Получать перечень документов организации",
        "Менять настройки документов организации", "Просматривать пакеты документов организации",
        "Получать перечень пакетов документов организации",
        "Менять настройки пакетов документов организации", "Менять настройки организации",
    ),
    "bare": (
        "Документы", "Перечисление документов", "Настройки документов", "Пакеты документов",
        "Перечисление пакетов документов", "Настройки пакетов документов", "Настройки организации",
    ),
}  # fmt: skip
_DESCRIPTIONS = (
    "Кто видит закрытые документы организации и их сохранённые данные.",
    "Кто получает перечень документов организации.",
    "Кто меняет настройки документов, подписанных сотрудниками организации.",
    "Кто видит закрытые пакеты документов организации.",
    "Кто получает перечень пакетов документов организации.",
    "Кто меняет настройки пакетов документов организации.",
    "Кто видит и меняет эти настройки.",
)
_LISTS = {
    "guide": {
        "authorities": "Полномочия",
        "employees": "Сотрудники",
        "systems": "Информационные системы",
    },
    "short": {"authorities": "Роли", "employees": "Люди", "systems": "ИС"},
}
_ITEMS = {
    "guide": "Настройки организации",
    "nbsp": "Настройки\N{NO-BREAK SPACE}организации",
    "counter": 'Настройки организации <span class="badge">1</span>',
    "company": "Настройки компании",
}
_METHODS = {
    "ncalayer": ("NCALayer", "eGov mobile"),
    "certificate": ("Войти через NCALayer", "Войти через eGov mobile"),
    "choose": ("Выбрать сертификат", "QR-код для eGov mobile"),
    "signature": ("ЭЦП на этом компьютере (NCALayer)", "Подписать на телефоне по QR"),
}
LIST_ORDERS = {
    "guide": ("authorities", "employees", "systems"),
    "systems_first": ("systems", "authorities", "employees"),
    "systems_between": ("employees", "systems", "authorities"),
}


def block_names(style: Style) -> tuple[str, ...]:
    """Fields of the blocks that are shown, in the order of the screen."""
    four = style.blocks == "four"
    packages = [] if four else [b for b in ALL_BLOCKS if b not in GUIDE_BLOCKS]
    match style.block_order:
        case "packages_first":
            return (*packages, *GUIDE_BLOCKS)
        case "reversed":
            return tuple(b for b in reversed(ALL_BLOCKS) if b in GUIDE_BLOCKS or not four)
        case "shuffled":
            chance = random.Random(style.number)  # noqa: S311 - a look, not a secret
            return tuple(chance.sample([*GUIDE_BLOCKS, *packages], 4 + len(packages)))
        case _:
            return tuple(b for b in ALL_BLOCKS if b in GUIDE_BLOCKS or not four)


def block_title(style: Style, block: str) -> str:
    """A block's title as HTML."""
    title = _BLOCKS[style.block_words][ALL_BLOCKS.index(block)]
    if style.block_letters == "soft_hyphens":
        return re.sub(r"(\w{4})(?=\w{3})", "\\1\N{SOFT HYPHEN}", title)
    if style.block_letters == "nbsp":
        return title.replace(" ", "\N{NO-BREAK SPACE}")
    return title


def block_description(block: str) -> str:
    """One sentence on what a block governs (sigex-facts 2.3, K(S2), in our words)."""
    return _DESCRIPTIONS[ALL_BLOCKS.index(block)]


def list_title(style: Style, kind: str) -> str:
    """The title of one of a block's lists."""
    words = _LISTS["short" if style.list_words == "short" else "guide"][kind]
    return words + (":" if style.list_words == "colon" else "")


def item_words(style: Style) -> str:
    """The menu's item as HTML."""
    return _ITEMS[style.item_words]


def method_words(style: Style) -> tuple[str, str]:
    """How signing on this computer and on a phone are offered."""
    return _METHODS[style.method_words]

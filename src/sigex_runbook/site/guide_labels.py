"""Controls and blocks as the guide calls them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from sigex_runbook.core.access import AccessBlock
from sigex_runbook.core.guide import load_guide

from .reading.locators import meanings
from .reading.sought import Sought

_SHOWN = 4
_RUSSIAN = re.compile(r"^(?=.*[А-Яа-яЁё])(?!.*[ӘәҒғҚқҢңӨөҰұҮүҺһІі])", re.DOTALL)
"""A text with Cyrillic letters and none that Kazakh alone has."""

_BLOCK, _HEADER = "Блок контроля", "Контроль"
"""How a section's title begins, and how the header of its block does (sigex-facts 2.3)."""

SIGN_BUTTON = Sought("sign_button", "кнопка подписи NCALayer")
SIGN_OUT = Sought("sign_out", "пункт выхода в меню")
"""Controls that the guide does not number."""


def name(callout: int) -> str:
    """The control of a callout."""
    return load_guide().callout(callout).control.ru


def title(block: AccessBlock) -> str:
    """An access block, as its section is titled."""
    return load_guide().section_for(block).title.ru


def header_name(block: AccessBlock) -> str:
    """The text that the guide leads a reader to expect on a block's header."""
    return title(block).replace(_BLOCK, _HEADER, 1)


def block(callout: int) -> AccessBlock:
    """The access block of a callout. Raises KeyError for a callout that is about none."""
    found = load_guide().section_of(callout).block
    if found is None:
        raise KeyError(f"callout {callout} is not about an access block")
    return found


def header(which: AccessBlock) -> Sought:
    """What to look for as a block's header."""
    expected = header_name(which)
    return Sought("block_header", f"заголовок блока «{expected}»", which, expected)


def no_blocks(headings: Iterable[str]) -> str:
    """What to say when none of the blocks is shown, but these headings are."""
    foreign = [one for one in headings if any(map(str.isalpha, one)) and not _RUSSIAN.search(one)]
    if not foreign:
        return (
            "После перехода по ссылке блоки контроля доступа не показаны. "
            "Сравните страницу с инструкцией: возможно, сервис изменился."
        )
    shown = ", ".join(f"«{one}»" for one in foreign[:_SHOWN])
    return (
        "После перехода по ссылке ни одного из четырёх блоков контроля доступа с русским названием "
        f"нет; страница, похоже, на другом языке, на ней есть: {shown}. "
        "Если язык выбирают на сервисе, выберите русский и запустите снова; если нет, сервис "
        "изменился: сообщите владельцу инструкции."
    )


def marked(callout: int) -> Sought:
    """What to look for at a callout that stands outside of a block's list."""
    control = meanings().callouts[callout]
    return header(block(callout)) if control == "block_header" else Sought(control, name(callout))

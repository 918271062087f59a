"""What a page says to the person: messages among what it shows. Pure."""

from __future__ import annotations

import re

from .names import plain, shown
from .view import Seen, View

_TROUBLE = re.compile(
    r"доступ запрещ|требуется аутентификац|ошибк|не удалось|недостаточно прав|нет прав|невозможно"
    r"|некорректн|access denied|authentication required|error|failed"
)
_WAITING = re.compile(r"^(загрузка|загружа|ожидание|подождите|пожалуйста, подождите|loading|wait)")
_LONG = 500
_TEMPLATE = "{{"


def messages_of(view: View) -> list[str]:
    """Every message that is to be seen, troubles first, none twice."""
    troubles = [one for one in view.shown if _is_trouble(one)]
    told = [one for one in view.of_kind("message") if one not in troubles]
    texts = [
        text
        for one in _outer(troubles) + _outer(told)
        if (text := words_of(one)) and not _WAITING.search(plain(text))
    ]
    return list(dict.fromkeys(texts))


def message_of(
    view: View, usual: frozenset[str] = frozenset(), *, trouble: bool = False
) -> str | None:
    """The first message that is not one of the `usual`; with `trouble` only of something wrong."""
    wrong = {words_of(one) for one in _outer([o for o in view.shown if _is_trouble(o)])}
    for text in messages_of(view):
        if text not in usual and (not trouble or text in wrong):
            return text
    return None


def words_of(one: Seen) -> str:
    """The words of a message that are to be seen; those of a template that is still to be filled
    are none."""
    text = shown(one.names.get("text", "")) or shown(one.names.get("label", ""))
    said = any(map(str.isalpha, text)) and len(text) <= _LONG and _TEMPLATE not in text
    return text if said else ""


def _is_trouble(one: Seen) -> bool:
    if one.pressable or one.checked is not None:
        return False
    if "trouble" in one.kinds:
        return True
    text = plain(one.names.get("text", ""))
    return (
        bool(text)
        and len(text) < _LONG // 2
        and "header" not in one.kinds
        and bool(_TROUBLE.search(text))
    )


def _outer(found: list[Seen]) -> list[Seen]:
    return [one for one in found if not any(other.around(one) for other in found)]

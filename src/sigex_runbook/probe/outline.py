"""A part of a page as a short list of roles and names, for people. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sigex_runbook.site.reading.drift import ROLE_WORDS
from sigex_runbook.site.reading.view import Seen, View

_AROUND, _MOST, _LONG = 6, 40, 90
_MARK = "►"


def around(view: View, number: int) -> tuple[str, ...]:
    """What stands around an element, it among it."""
    telling = [one for one in view.shown if _tells(one) or one.number == number]
    place = next((n for n, one in enumerate(telling) if one.number == number), None)
    if place is None:
        return ()
    return _lines(telling[max(0, place - _AROUND) : place + _AROUND + 1], number)


def of(view: View, fits: Callable[[Seen], bool]) -> tuple[str, ...]:
    """What there is of a kind."""
    return _lines([one for one in view.shown if fits(one) and _tells(one)][:_MOST])


def told(one: Seen) -> str:
    """One element in a line."""
    role = ROLE_WORDS.get(one.as_role, one.as_role)
    name = one.name or next((text for texts in one.labels for text in texts), "")
    name = " ".join(name.split())
    if len(name) > _LONG:
        name = f"{name[:_LONG]}…"
    said = f"{role} «{name}»" if name else f"{role} без подписи"
    icon = "" if name or not one.icons else f", вид: {one.icons[:_LONG]}"
    state = [
        words
        for words, holds in (
            ("отмечена", one.checked is True),
            ("не отмечена", one.checked is False),
            ("раскрыто", one.expanded is True),
            ("свёрнуто", one.expanded is False),
            ("отключено", not one.enabled),
        )
        if holds
    ]
    standing = f" ({', '.join(state)})" if state else ""
    return f"{said}{icon}{standing}"


def _tells(one: Seen) -> bool:
    return bool(one.name or one.pressable or one.checked is not None)


def _lines(elements: Sequence[Seen], marked: int | None = None) -> tuple[str, ...]:
    depths = sorted({len(one.path) for one in elements})
    return tuple(
        f"{_MARK if one.number == marked else ' '} {'  ' * min(depths.index(len(one.path)), 8)}"
        f"{told(one)}"
        for one in elements
    )

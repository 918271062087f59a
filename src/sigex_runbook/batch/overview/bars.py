"""Durations as pictures: a bar for each organisation, and who worked when, as inline SVG.

Neighbours differ in lightness and what failed is hatched, so that grey paper tells the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from markupsafe import Markup

from sigex_runbook.core.record import Outcome

from .accounts import Account, Ending

BAR_WIDTH = 220
_BAR_HEIGHT = 14
_NUMBERED = 9
"""Pixels from which on there is room for a section's number."""

_MOST_MEDIANS = 1.6
"""A longer bar is cut, or one slow run would make all others unreadable."""

_WHOLE = frozenset({Ending.PASSED, Ending.PARTIAL})

_LINE_WIDTH, _LINE_HEIGHT, _LABEL = 1000, 20, 110
_REST = timedelta(minutes=30)
"""A pause that ends a picture: what came after it is drawn in another."""

_MOST_STRETCHES = 12
_MOST_LANES = 64


def scale_of(known: Sequence[Account]) -> float:
    """The seconds that fill a bar, by those who came to the end, as the others may have ended in a
    moment."""
    whole = [one.seconds for one in known if one.seconds and one.ending in _WHOLE]
    seconds = whole or [one.seconds for one in known if one.seconds]
    return min(max(seconds), _MOST_MEDIANS * median(seconds)) if seconds else 1.0


def bar(one: Account, scale: float) -> Markup:
    """The run from left to right: its sections, then all else that it did; nothing without one."""
    if not one.seconds:
        return Markup("")
    parts, at = [], 0.0
    for part in one.passages:
        if part.outcome is not Outcome.NOT_RUN or part.seconds:
            bad = part.outcome is Outcome.FAILED
            width = part.seconds / scale * BAR_WIDTH
            parts.append(_part(at, width, "x" if bad else "ab"[part.section % 2], part.section))
            at += width
    whole = one.seconds / scale * BAR_WIDTH
    body = "".join(parts) + _rect(at, max(0.0, whole - at), "r")
    if whole > BAR_WIDTH:
        body += f'<text x="{BAR_WIDTH - 8}" y="11" class="cut">»</text>'
    return Markup(  # noqa: S704 - numbers of our own alone
        f'<svg width="{BAR_WIDTH}" height="{_BAR_HEIGHT}" role="img" '
        f'aria-label="{one.seconds:.1f} с">{body}</svg>'
    )


def _part(at: float, width: float, look: str, section: int) -> str:
    number = f'<text x="{at + width / 2:.0f}" y="11" class="{look}">{section}</text>'
    return _rect(at, width, look) + (number if width >= _NUMBERED else "")


def _rect(at: float, width: float, look: str) -> str:
    if at >= BAR_WIDTH or width <= 0:
        return ""
    return (
        f'<rect x="{at:.1f}" width="{min(width, BAR_WIDTH - at):.1f}" height="14" class="{look}"/>'
    )


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time in which the batch was at work without a long rest, and its picture."""

    began: datetime
    ended: datetime
    picture: Markup


def timeline(known: Sequence[Account]) -> list[Stretch]:
    """Who worked when: a lane for each worker, a bar for each order; the last stretches."""
    told = [one for one in known if one.began is not None and one.ended is not None]
    numbers = {name: place for place, name in enumerate(_workers(told), 1)}
    return [_stretch(group, numbers) for group in [*_stretches(told)][-_MOST_STRETCHES:]]


def _workers(told: Sequence[Account]) -> list[str | None]:
    """By when each was first seen: names may be addresses of machines, which are no reader's."""
    return list(dict.fromkeys(one.worker for one in sorted(told, key=_began)))


def _began(one: Account) -> datetime:
    assert one.began is not None  # noqa: S101 - only those are asked
    return one.began


def _stretches(told: Sequence[Account]) -> Iterator[list[Account]]:
    group: list[Account] = []
    until: datetime | None = None
    for one in sorted(told, key=_began):
        if until is not None and _began(one) - until > _REST:
            yield group
            group = []
        group.append(one)
        until = max(until or _began(one), one.ended or _began(one))
    if group:
        yield group


def _stretch(group: Sequence[Account], numbers: dict[str | None, int]) -> Stretch:
    began = min(map(_began, group))
    ended = max(one.ended or _began(one) for one in group)
    scale = (_LINE_WIDTH - _LABEL) / max(1.0, (ended - began).total_seconds())
    lanes = sorted({numbers[one.worker] for one in group})[:_MOST_LANES]
    body = []
    for lane, number in enumerate(lanes):
        own = [one for one in group if numbers[one.worker] == number]
        top = lane * _LINE_HEIGHT
        body.append(f'<text x="0" y="{top + 14}">исполнитель {number}</text>')
        for look, bad in (("a", False), ("x", True)):
            path = _path(own, began, scale, top + 2, bad=bad)
            body.append(f'<path class="{look}" d="{path}"/>' if path else "")
    height = len(lanes) * _LINE_HEIGHT
    said = f"Кто когда работал: исполнителей {len(lanes)}, заказов {len(group)}"
    picture = (
        f'<svg viewBox="0 0 {_LINE_WIDTH} {height}" class="lanes" role="img" '
        f'aria-label="{said}">{"".join(body)}</svg>'
    )
    return Stretch(began, ended, Markup(picture))  # noqa: S704 - numbers of our own alone


def _path(own: Sequence[Account], began: datetime, scale: float, top: int, *, bad: bool) -> str:
    """Those orders as bars with a gap between; what is nearer than a pixel becomes one."""
    spans: list[tuple[float, float]] = []
    for one in sorted(own, key=_began):
        if (one.ending not in (Ending.PASSED, Ending.PARTIAL)) is bad:
            start = (_began(one) - began).total_seconds() * scale
            end = max(start + 1, start + (one.seconds or 0) * scale - 1)
            if spans and start < spans[-1][1] + (1 if end - start < 2 else 0):
                spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
            else:
                spans.append((start, end))
    return "".join(
        f"M{_LABEL + a:.1f} {top}H{_LABEL + b:.1f}V{top + 16}H{_LABEL + a:.1f}Z" for a, b in spans
    )

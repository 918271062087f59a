"""Drift: what became of a control that is not as the guide says. Pure: the page comes described.

A page that changed is told in the guide's words: what was looked for, what is wrong with it, and
what on the page comes nearest.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from sigex_runbook.core.record import LIKE, Candidate, Drift, DriftKind

_NEAREST, _FARTHER = 5, 3
"""How many are told: of those that are alike, and else of those of the same kind."""

_FEMININE = frozenset({"галочка", "иконка", "кнопка", "ссылка"})
_ROLES = {
    "button": "кнопка",
    "checkbox": "галочка",
    "heading": "заголовок",
    "link": "ссылка",
    "menuitem": "пункт меню",
    "switch": "переключатель",
    "tab": "вкладка",
}
_LANDMARKS = {
    "banner": "в шапке страницы",
    "navigation": "среди ссылок навигации",
    "main": "в основной части страницы",
}


@dataclass(frozen=True, slots=True)
class Way:
    """One way to know a control: its roles, its name, and the landmark that it stands in."""

    roles: tuple[str, ...]
    name: re.Pattern[str]
    within: str | None = None


@dataclass(frozen=True, slots=True)
class ControlSeen:
    """One control of a page. `group` is the name of the nearest list or group around it.

    `inside` says whether it stands in the part of the page in which the control was looked for;
    `home` names the part, if any, in which a control like the wanted one is somebody else's.
    """

    role: str
    name: str
    shown: bool = True
    enabled: bool = True
    landmarks: tuple[str, ...] = ()
    group: str = ""
    inside: bool = True
    home: str | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """The control that was looked for: the guide's words for it, the name that it should bear,
    the ways to know it, and the ways to know its neighbours, which it is not."""

    control: str
    expected: str
    ways: tuple[Way, ...]
    others: tuple[Way, ...] = ()

    @property
    def roles(self) -> tuple[str, ...]:
        """Every role that it may have, in the order of the ways."""
        return tuple(dict.fromkeys(role for way in self.ways for role in way.roles))


@dataclass(frozen=True, slots=True)
class Finding:
    """What became of the control: the kind, and which of the page's controls bear on it."""

    kind: DriftKind
    concerned: tuple[int, ...] = ()


def classify(wanted: Wanted, controls: Sequence[ControlSeen]) -> Finding:
    """Say what became of a control that did not resolve to exactly one visible element."""
    named = [n for n, seen in enumerate(controls) if _fits(seen, wanted.ways, anywhere=True)]
    here = [n for n in named if controls[n].inside and _fits(controls[n], wanted.ways)]
    doubles = [n for n in here if controls[n].shown]
    if len(doubles) > 1:
        return Finding(DriftKind.DOUBLED, tuple(doubles))
    moved = _strangers([n for n in named if n not in here], controls)
    if not doubles and moved:
        return Finding(DriftKind.MOVED, tuple(moved))
    near = nearest(wanted, controls)
    like = tuple(n for n in near if likeness(wanted.expected, controls[n].name) >= LIKE)
    if not doubles and here:
        return Finding(DriftKind.HIDDEN, like)
    renamed = any(controls[n].role in wanted.roles for n in like)
    return Finding(
        DriftKind.RENAMED if renamed else DriftKind.MISSING, like or tuple(near[:_FARTHER])
    )


def nearest(wanted: Wanted, controls: Sequence[ControlSeen]) -> list[int]:
    """Visible controls that may be the wanted one: those of its roles first, by their names.

    A control that is known to be something else is no candidate, and neither is one that stands
    where the wanted name is somebody else's.
    """
    ranked = sorted(
        (
            (
                seen.role not in wanted.roles,
                not seen.inside,
                -likeness(wanted.expected, seen.name),
                n,
            )
            for n, seen in enumerate(controls)
            if seen.shown and seen.name and seen.home is None and not _known(seen, wanted)
        ),
    )
    same = [n for other_role, _, _, n in ranked if not other_role]
    others = [n for other_role, _, less, n in ranked if other_role and -less >= LIKE]
    return (same + others)[:_NEAREST]


def likeness(expected: str, name: str) -> float:
    """How alike two names are, from 0 to 1, whatever their case and white space."""
    one, other = (" ".join(text.casefold().split()) for text in (expected, name))
    return round(SequenceMatcher(None, one, other, autojunk=False).ratio(), 2)


def place_of(seen: ControlSeen) -> str:
    """Where a control stands, in words."""
    if seen.home is not None:
        return f"в блоке «{seen.home}»"
    if seen.group:
        return f"в списке «{seen.group}»"
    return next((_LANDMARKS[mark] for mark in seen.landmarks if mark in _LANDMARKS), "")


def sentence(drift: Drift, *, saved: bool) -> str:
    """A drift for the operator: what is wrong, what is near, what happened, what to do.

    `saved` says whether the run had pressed the save button before; the verdict tells the rest.
    """
    done = "" if saved else "Ничего не сохранено. "
    return (
        f"{_wrong(drift)}. {done}Сверьте страницу с инструкцией; если сервис изменился, "
        "исправьте locators.yaml или сообщите владельцу инструкции."
    )


def _wrong(drift: Drift) -> str:
    a = "а" if drift.control.partition(" ")[0] in _FEMININE else ""
    match drift.kind:
        case DriftKind.MISSING | DriftKind.RENAMED:
            return f"{drift.control} не найден{a}{_near(drift)}"
        case DriftKind.MOVED:
            where = f": {drift.place}" if drift.place else ""
            return f"{drift.control} стоит не на своём месте{where}"
        case DriftKind.DOUBLED:
            count = len(drift.candidates)
            ought = "должна быть одна" if a else "должен быть один"
            return f"{drift.control}: на странице таких {count}, а {ought}"
        case DriftKind.HIDDEN:
            near = f"{_near(drift)}" if drift.candidates else ""
            return f"{drift.control} есть на странице, но не показан{a}{near}"
        case DriftKind.DISABLED:
            return f"{drift.control} не нажимается: на странице отключен{a}"
        case DriftKind.COVERED:
            return f"{drift.control} закрыт{a} другим элементом («{drift.cover}»), нажать нельзя"
        case DriftKind.OUT_OF_VIEW:
            return f"{drift.control} не помещается в окно целиком, на снимке не показать"


def _near(drift: Drift) -> str:
    names = list(
        dict.fromkeys(
            f"«{one.name}»"
            + ("" if one.role in drift.roles else f" ({_ROLES.get(one.role, one.role)})")
            for one in drift.candidates
        )
    )
    if not names:
        return "; похожего на странице нет"
    if drift.alike:
        return f"; похожие: {', '.join(names)}"
    return f"; похожего на странице нет, того же рода есть: {', '.join(names)}"


def _fits(seen: ControlSeen, ways: Iterable[Way], *, anywhere: bool = False) -> bool:
    return any(
        seen.role in way.roles
        and (anywhere or way.within is None or way.within in seen.landmarks)
        and way.name.search(seen.name)
        for way in ways
    )


def _known(seen: ControlSeen, wanted: Wanted) -> bool:
    """Whether it is one of the neighbours; what only bears the name of one is none to take."""
    if seen.role in wanted.roles:
        return _fits(seen, wanted.others)
    return any(way.name.search(seen.name) for way in wanted.others)


def _strangers(elsewhere: Sequence[int], controls: Sequence[ControlSeen]) -> list[int]:
    """Those that do not belong where they stand: in no home, or one too many in one."""
    at_home = Counter(controls[n].home for n in elsewhere if controls[n].home is not None)
    return [
        n
        for n in elsewhere
        if (controls[n].shown and controls[n].home is None) or at_home[controls[n].home] > 1
    ]


def candidate(wanted: Wanted, seen: ControlSeen) -> Candidate:
    """A control of the page as a candidate, not yet measured."""
    name = " ".join(seen.name.split())
    return Candidate(seen.role, name, likeness(wanted.expected, name), None)

"""Which element of a page is the control that is meant: by name, by icon, by place. Pure.

Every element that may be pressed is weighed; the heaviest is taken only when it is clear of the
second. The same weighing tells what came near when none is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from .locators import Control, Locators, Meaning, Pointer, pattern
from .names import bare, shown
from .view import Seen, View

EXACT, WHOLE, WORD, ICON, PLACE, WEAK = 6.0, 5.0, 3.0, 2.5, 2.0, 1.5
"""What a clue weighs: an exact name, a name that is all words, one that holds them, an icon, and
being the only icon at the header's right end; least a word that others bear as well."""

_CLEAR = 0.5
"""By how much the heaviest must lead."""

_BELONGS, _LINKS, _SUREST, _FRESH, _KNOWN = 1.0, 0.5, 0.5, 1.0, 3.5

CLUES = {EXACT: "подпись", WHOLE: "слова подписи", WORD: "слово в подписи", ICON: "вид иконки",
         PLACE: "место: правый край шапки"}  # fmt: skip
_INITIALS = 5
_LONG = 80
"""A control's name is shorter; a longer text is a paragraph that may be pressed."""


@dataclass(frozen=True, slots=True)
class Hints:
    """What is known beside the page: names of who is signed in, what was to be seen before the
    last press, elements that a selector of the operator's found."""

    person: tuple[str, ...] = ()
    before: frozenset[int] = frozenset()
    selected: dict[str, frozenset[int]] = field(default_factory=dict)
    near: tuple[int, ...] = ()
    """Elements that the control stands by: the headers of the blocks, for the save button."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """An element with its weight, and the clue that weighs most."""

    seen: Seen
    weight: float
    clue: str

    @property
    def sure(self) -> bool:
        """Whether it bears the very name, so that none can be better."""
        return self.weight >= EXACT


@dataclass(frozen=True, slots=True)
class Recognition:
    """What was found: `one` when it is clear, all that is equally heavy in `rivals`.

    `hidden` are elements that would be it if they were shown.
    """

    one: Weighed | None = None
    rivals: tuple[Weighed, ...] = ()
    hidden: tuple[Weighed, ...] = ()


def recognise(
    control: Control, view: View, locators: Locators, hints: Hints | None = None
) -> Recognition:
    """The control among what the page shows."""
    hints = hints or Hints()
    told = [one for name, one in locators.overrides.controls.items() if name == control]
    if told:
        return pointed(view, told[0], hints)
    meaning = locators.meanings.controls[control]
    weighed = [
        one for seen in view.elements if (one := _weigh(control, meaning, seen, view, hints))
    ]
    visible = _innermost([one for one in weighed if one.seen.shown])
    hidden = tuple(one for one in weighed if not one.seen.shown and one.weight >= WORD)
    if not visible:
        return Recognition(hidden=hidden)
    most = max(one.weight for one in visible)
    rivals = tuple(one for one in visible if one.weight > most - _CLEAR)
    if len(rivals) > 1 and control == "save_button":
        rivals = _nearest_to(rivals, view, hints.near)
    return Recognition(rivals[0] if len(rivals) == 1 else None, rivals, hidden)


def pointed(view: View, pointer: Pointer, hints: Hints) -> Recognition:
    """What an operator's file points at: exactly one shown element, or none."""
    found = [
        Weighed(one, EXACT, "указание")
        for one in view.elements
        if (pointer.css is None or one.number in hints.selected.get(pointer.css, frozenset()))
        and pointer.fits_name(tuple(map(shown, one.names.values())), one.bares)
        and (pointer.css is not None or one.pressable)
    ]
    visible = tuple(one for one in found if one.seen.shown)
    if pointer.css is None:
        visible = tuple(_innermost(visible))
    hidden = tuple(one for one in found if not one.seen.shown)
    return Recognition(visible[0] if len(visible) == 1 else None, visible, hidden)


def likeness(expected: str, name: str) -> float:
    """How alike two names are, from 0 to 1."""
    return round(SequenceMatcher(None, bare(expected), bare(name), autojunk=False).ratio(), 2)


def header_end(view: View) -> Seen | None:
    """The icon at the header's right end: rightmost of what may be pressed there and says nothing,
    when nothing else that may be pressed stands right of it."""
    row = [
        one
        for one in view.shown
        if one.pressable
        and one.in_header
        and one.checked is None
        and one.box.width < view.width / 2
    ]
    if not row:
        return None
    last = max(row, key=lambda one: (one.box.x + one.box.width, len(one.path)))
    return last if not any(map(str.isalpha, last.name)) else None


def stands_right(control: Control, seen: Seen) -> bool:
    """Whether a control may stand there: at a page's foot are links of its own, and a save button
    that is always in view."""
    return control == "save_button" or "footer" not in seen.kinds


def _weigh(
    control: Control, meaning: Meaning, seen: Seen, view: View, hints: Hints
) -> Weighed | None:
    if not seen.pressable or seen.checked is not None or seen.tag == "select":
        return None
    if not stands_right(control, seen) or (meaning.at == "header" and not seen.in_header):
        return None
    if meaning.at == "content" and seen.kinds & {"header", "beside"}:
        return None
    names = [name for name in seen.bares if len(name) <= _LONG]
    if meaning.never and (
        any(pattern(meaning.never).search(name) for name in names)
        or (meaning.icons and _word(meaning.never).search(seen.icons))
    ):
        return None
    weight = _by_name(meaning, names)
    if not weight and meaning.weak and any(map(pattern(meaning.weak).search, names)):
        weight = WEAK
    if not weight and control == "menu_icon" and _names_person(names, hints.person):
        weight = _KNOWN
    if not weight and meaning.icons and not _says_otherwise(names):
        if _word(meaning.icons).search(seen.icons):
            weight = ICON
        elif meaning.at == "header" and seen is header_end(view):
            weight = PLACE
    if not weight:
        return None
    clue = CLUES.get(weight, "имя вошедшего")
    if control == "menu_icon" and "opens" in seen.clues:
        weight += _BELONGS
    if control == "access_control_link" and (seen.as_role in {"link", "tab"}):
        weight += _LINKS
    if control == "save_button" and seen.as_role == "button":
        weight += _LINKS
    if weight < EXACT and meaning.surest and any(map(pattern(meaning.surest).search, names)):
        weight += _SUREST
    if hints.before and seen.number not in hints.before:
        weight += _FRESH
    return Weighed(seen, weight, clue)


def _by_name(meaning: Meaning, names: Iterable[str]) -> float:
    best = 0.0
    for name in names:
        if name in meaning.exact:
            return EXACT
        if meaning.words and (match := pattern(meaning.words).search(name)):
            best = max(best, WHOLE if match.group() == name else WORD)
    return best


def _word(words: str) -> re.Pattern[str]:
    """A pattern for words of class names: `user` is none of `abuser`."""
    return pattern(rf"(?<![^\W\d_])(?:{words})(?![^\W\d_])")


def _says_otherwise(names: Sequence[str]) -> bool:
    """Whether it bears a name of its own, which is none of the control's words."""
    return any(len(name) > 1 and any(map(str.isalpha, name)) for name in names)


def _names_person(names: Sequence[str], person: Iterable[str]) -> bool:
    """Whether a name is that of who is signed in, or begins so: a menu may bear it."""
    known = [bare(one) for one in person if one]
    parts = {part for one in known for part in one.split() if len(part) > 2}
    initials = {frozenset(part[0] for part in one.split()) for one in known}
    return any(
        any(one in name for one in known)
        or parts & set(name.split())
        or (1 < len(name) < _INITIALS and frozenset(name.replace(".", "").split()[0]) in initials)
        for name in names
    )


def _innermost(weighed: Sequence[Weighed]) -> list[Weighed]:
    """One of each nest: elements around one another are one control, told by its heaviest part."""
    kept: list[Weighed] = []
    for one in sorted(weighed, key=lambda w: (-w.weight, -len(w.seen.path))):
        if not any(other.seen.around(one.seen) or one.seen.around(other.seen) for other in kept):
            kept.append(one)
    return kept


def _nearest_to(
    rivals: tuple[Weighed, ...], view: View, near: tuple[int, ...]
) -> tuple[Weighed, ...]:
    """Of equals those that share the smallest part of the page with what they belong to."""
    places = [one.path for one in view.elements if one.number in near]
    if not places:
        return rivals

    def shared(one: Weighed) -> int:
        return max(
            sum(1 for a, b in zip(one.seen.path, path, strict=False) if a == b) for path in places
        )

    most = max(map(shared, rivals))
    return tuple(one for one in rivals if shared(one) == most)

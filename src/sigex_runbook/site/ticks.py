"""Access blocks on the screen: their headers, what these open, and the ticks inside."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from sigex_runbook.core.access import AccessBlock, AccessSettings
from sigex_runbook.core.errors import ControlNotFound, GuideBroken
from sigex_runbook.core.record import LIKE, Drift, DriftKind

from . import guide_labels as words
from .finder import Finder
from .reading.blocks import Headers
from .reading.drift import NEXT
from .reading.lists import Known, NoList, SystemList, others_differ, owner_of, part_of, read_list
from .reading.locators import Pointer
from .reading.names import plain, shown
from .reading.recognition import likeness, pointed
from .reading.sought import Sought
from .reading.view import Seen, View

_FOLLOW_MS = 2_000  # until a box shows that it was pressed
_PRESSES = 2
_OPENINGS = 2

_UNKNOWN = -1
"""Stands for the place of a system that the settings do not hold."""

Settings = Callable[[], AccessSettings | None]
"""The organisation's settings as they were read, None when they may not be."""


@dataclass(frozen=True, slots=True)
class _Reading:
    """What the page shows of one block."""

    header: Seen | None
    boxes: tuple[Seen, ...] | None
    systems: SystemList | NoList


class Ticks:
    """The blocks of one page. Every task raises ControlNotFound for what it cannot find."""

    def __init__(self, finder: Finder, settings: Settings) -> None:
        self._finder = finder
        self._settings = settings
        self._deadline = finder.deadline
        self._pressed: dict[AccessBlock, frozenset[int]] = {}
        self._opened: tuple[AccessBlock, frozenset[int]] | None = None

    def forget(self) -> None:
        """The page was loaded anew: what was ticked in it is gone."""
        self._pressed.clear()
        self._opened = None

    def expand(self, block: AccessBlock) -> bool:
        """Expand a block; False when it is open. Raises GuideBroken when it stays closed."""
        sought = words.header(block)
        header = self._finder.find(sought)
        view = self._finder.survey.look()
        if self._open(view, block):
            return False
        if header.expanded or header.selected:  # its contents are on their way
            self._finder.until(lambda v: True if self._open(v, block) else None)
            return False
        before = frozenset(one.number for one in view.boxes())
        closed = view.numbers

        def opened(view: View) -> bool | None:
            if self._open(view, block):
                return True
            now = self._finder.headers(view).found.get(block)
            told = now is not None and (now.expanded or now.selected)
            return True if told and view.numbers - closed else None

        for _ in range(_OPENINGS):  # a press may be lost while the page draws itself anew
            self._finder.press(sought)
            self._opened = (block, before)
            if self._finder.until(opened, self._finder.timeout_ms() / _OPENINGS):
                return True
            view = self._finder.survey.look()
            if [one for one in view.shown if one.number not in closed and one.name]:
                return True
        raise GuideBroken(
            f"{words.title(block)}: после нажатия блок не раскрылся. "
            "Сравните страницу с инструкцией."
        )

    def ticked(self, block: AccessBlock, description: str) -> bool:
        """Whether the information system is ticked in the (expanded) block."""
        return bool(self.box(block, description)[0].checked)

    def box(self, block: AccessBlock, description: str) -> tuple[Seen, Sought]:
        """The information system's box in the (expanded) block, and how it was looked for."""
        sought = self._sought(block, description)
        index = self._index(description)

        def told(view: View) -> Seen | None:
            systems = self._read(view, block, index).systems
            return systems.boxes.get(index) if isinstance(systems, SystemList) else None

        found = self._finder.until(told)
        if found is None:
            raise self._missing(block, sought, index, description)
        return found, sought

    def header(self, block: AccessBlock) -> Seen | None:
        """A block's header as the page is now."""
        return self._finder.seen(words.header(block))

    def look(self, block: AccessBlock) -> tuple[tuple[Seen, ...], SystemList | NoList]:
        """The boxes that a block shows now, and its list of systems among them."""
        reading = self._read(self._finder.survey.look(), block)
        return reading.boxes or (), reading.systems

    def set(self, block: AccessBlock, description: str, wanted: bool) -> bool:
        """Bring a tick to the wanted state; True when it had to be changed.

        Before a block's first tick it must show what the settings say, and after each one nothing
        else in it may have moved.
        """
        box, sought = self.box(block, description)
        index = self._index(description)
        shown = self._check_shown(block)
        if box.checked is wanted:
            return False
        expected = shown | {index} if wanted else shown - {index}
        for _ in range(_PRESSES):
            if self._press(box, sought) and self._finder.until(
                lambda view: self._follows(view, block, index, wanted),
                self._deadline.timeout_ms(_FOLLOW_MS),
            ):
                break
            box, _ = self.box(block, description)  # drawn anew, or the press was lost
            if box.checked is wanted:
                break
        else:
            raise ControlNotFound(
                f"{sought.phrase} не переключилась: нажатие её не изменило. Ничего не "
                "сохранено; сверьте страницу с инструкцией."
            )
        self._pressed[block] = expected
        self._check_others(block, expected)
        return True

    # -- how

    def _press(self, box: Seen, sought: Sought) -> bool:
        """Press a box; False when it was drawn anew before it could be."""
        if not box.enabled:
            raise self._finder.unusable(box, sought, "отключена")
        return self._finder.click(sought, box)

    def _follows(self, view: View, block: AccessBlock, index: int, wanted: bool) -> bool | None:
        systems = self._read(view, block, index).systems
        if not isinstance(systems, SystemList) or index not in systems.boxes:
            return None
        return True if systems.boxes[index].checked is wanted else None

    def _check_shown(self, block: AccessBlock) -> frozenset[int]:
        """What the block shows ticked. Raises GuideBroken when that is not what it should be."""
        known = self._known(block)
        reading = self._read(self._finder.survey.look(), block)
        systems = reading.systems
        if not isinstance(systems, SystemList):
            return frozenset()
        if self._settings() is None:
            return systems.ticked
        ought = self._pressed.get(block, known.granted) & systems.boxes.keys()
        if systems.ticked != ought:
            raise GuideBroken(
                f"Блок «{words.header_name(block)}» показывает не то, что записано в настройках: "
                f"отмечены {_named(systems.ticked, known)}, а должны быть {_named(ought, known)}. "
                "Ничего не отмечено и не сохранено; загрузите страницу заново и сравните."
            )
        wrong = others_differ(reading.boxes or (), systems, known)
        if wrong and block not in self._pressed:
            which = "полномочий" if wrong[0] == "authorities" else "сотрудников"
            raise GuideBroken(
                f"Блок «{words.header_name(block)}» показывает не тех, кому доступ дан по "
                f"настройкам, в списке {which}. Ничего не отмечено и не сохранено; загрузите "
                "страницу заново и сравните."
            )
        return systems.ticked

    def _check_others(self, block: AccessBlock, expected: frozenset[int]) -> None:
        known = self._known(block)
        systems = self._read(self._finder.survey.look(), block).systems
        if self._settings() is None or not isinstance(systems, SystemList):
            return
        moved = systems.ticked ^ (expected & systems.boxes.keys())
        if moved:
            raise GuideBroken(
                f"Блок «{words.header_name(block)}»: вместе с галочкой из заказа изменились "
                f"другие: {_named(moved, known)}. Ничего не сохранено; сравните страницу с "
                "инструкцией."
            )

    def _open(self, view: View, block: AccessBlock) -> bool:
        return isinstance(self._read(view, block).systems, SystemList)

    def _read(self, view: View, block: AccessBlock, wanted: int | None = None) -> _Reading:
        """What a look at the page tells of one block."""
        known = self._known(block)
        locators = self._finder.locators
        headers = self._finder.headers(view)
        header = headers.found.get(block)
        told = locators.overrides.blocks.get(block)
        if told is not None and told.list is not None:
            part = self._pointed_part(view, told.list)
            boxes = tuple(b for b in view.boxes() if part in b.path)
            return _Reading(header, boxes, read_list(boxes, view, known, locators, wanted=wanted))
        if header is None:
            return _Reading(None, None, NoList())
        numbers = part_of(header, headers, view)
        if not numbers and header.controls is None:
            numbers = self._alone(view, block, header, headers)
        boxes = tuple(b for b in view.boxes() if b.number in (numbers or ()))
        return _Reading(header, boxes, read_list(boxes, view, known, locators, wanted=wanted))

    def _pointed_part(self, view: View, pointer: Pointer) -> int | None:
        """The part of the page that an operator's file gives a list: it need not say anything."""
        hints = self._finder.hints(view)
        if pointer.css is not None and pointer.name is None:
            parts = hints.selected.get(pointer.css, frozenset())
            return next(iter(parts)) if len(parts) == 1 else None
        found = pointed(view, pointer, hints).one
        return found.seen.number if found else None

    def _alone(
        self, view: View, block: AccessBlock, header: Seen, headers: Headers
    ) -> frozenset[int] | None:
        """The boxes that belong to no header's part, when the page or the last press says whose.

        As with tabs: the header is the only one that says it is chosen, or it was pressed last and
        the boxes came then.
        """
        owned = {
            number
            for other in headers.group
            if other.number != header.number
            for number in part_of(other, headers, view) or ()
        }
        common = {n for one in headers.group for n in one.path}
        free = frozenset(
            b.number for b in view.boxes() if b.number not in owned and common & set(b.path)
        )
        if owned and header.number == headers.group[-1].number:
            return free  # headers and contents alternate: what follows the last one is its own
        chosen = [one for one in headers.group if _chosen(one)]
        if len(chosen) == 1:
            return free if chosen[0].number == header.number else None
        if chosen or self._opened is None or self._opened[0] is not block:
            return None
        return free if free and not free & self._opened[1] else None

    def _missing(
        self, block: AccessBlock, sought: Sought, index: int, expected: str
    ) -> ControlNotFound:
        """What became of a system's box."""
        self._deadline.check()
        finder, view = self._finder, self._finder.survey.look()
        reading = self._read(view, block, index)
        known = self._known(block)
        told, boxes = reading.systems, reading.boxes or ()
        here = [b for b in boxes if any(_says(b, expected))]
        named = [_under_label(box) for box in here]

        def drift(kind: DriftKind, *near: Seen, place: str = "") -> ControlNotFound:
            made = Drift(kind, sought.phrase, expected, sought.roles, place=place)
            return finder.drifted(made, list(near))

        if isinstance(told, NoList) and told.title:
            return drift(DriftKind.MOVED, *named, place=f"в списке «{told.title}»")
        if len(here) > 1:
            return drift(DriftKind.DOUBLED, *named)
        if isinstance(told, NoList) and told.lacking and index not in told.lacking:
            others = _named(frozenset(told.lacking), known)
            return ControlNotFound(
                f"{sought.phrase}: список информационных систем в блоке не узнать, в нём нет "
                f"галочек для {others}. Ничего не сохранено; {NEXT}"
            )
        if self._hidden(view, block, index):
            return drift(DriftKind.HIDDEN)
        near = [_under_label(box) for box in boxes]
        like = [one for one in near if likeness(expected, one.name) >= LIKE]
        return drift(DriftKind.RENAMED if like else DriftKind.MISSING, *(like[:5] or near[:3]))

    def _hidden(self, view: View, block: AccessBlock, index: int) -> bool:
        header = self._finder.headers(view).found.get(block)
        if header is None:
            return False
        numbers = part_of(header, self._finder.headers(view), view) or frozenset()
        known = self._known(block)
        return any(
            b.number in numbers and not b.shown and owner_of(b, known) == index
            for b in view.boxes(hidden=True)
        )

    def _sought(self, block: AccessBlock, description: str) -> Sought:
        return Sought(
            "checkbox",
            f"галочка информационной системы «{description}» в блоке «{words.header_name(block)}»",
            expected=description,
        )

    def _index(self, description: str) -> int:
        return _index_of(self._known(AccessBlock.DOCUMENTS_ACCESS), description)

    def _known(self, block: AccessBlock) -> Known:
        settings = self._settings()
        if settings is None:
            return Known(())
        return Known(
            tuple(
                (s.description, not settings.disabled(n)) for n, s in enumerate(settings.systems)
            ),
            settings.granted_in(block),
            settings.authorities_in(block),
            settings.people_in(block),
            self._finder.locators.meanings.authorities,
        )


def _chosen(header: Seen) -> bool:
    return bool(
        header.expanded or header.selected or header.classes & {"active", "current", "selected"}
    )


def _says(box: Seen, description: str) -> Iterator[bool]:
    return (plain(text) == plain(description) for texts in box.labels for text in texts)


def _under_label(box: Seen) -> Seen:
    """A box under the first of its labels."""
    name = next((text for texts in box.labels for text in texts), "")
    return replace(box, names={"label": name})


def _index_of(known: Known, description: str) -> int:
    for number, (name, _) in enumerate(known.systems):
        if shown(name) == shown(description):
            return number
    return _UNKNOWN


def _named(indices: frozenset[int], known: Known) -> str:
    return ", ".join(f"«{known.systems[n][0]}»" for n in sorted(indices)) or "ни одна"

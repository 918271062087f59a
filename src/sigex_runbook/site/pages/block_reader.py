"""What the page shows of an access block: its header, its boxes, and whose each box is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from sigex_runbook.core.access import AccessBlock, AccessSettings
from sigex_runbook.core.errors import ControlNotFound
from sigex_runbook.core.record import LIKE, Drift, DriftKind
from sigex_runbook.site.finder import Finder
from sigex_runbook.site.reading.blocks import Headers
from sigex_runbook.site.reading.drift import NEXT
from sigex_runbook.site.reading.lists import (
    Known,
    NoList,
    SystemList,
    owner_of,
    part_of,
    read_list,
)
from sigex_runbook.site.reading.locators import Pointer
from sigex_runbook.site.reading.names import plain, shown
from sigex_runbook.site.reading.recognition import likeness, pointed
from sigex_runbook.site.reading.sought import Sought
from sigex_runbook.site.reading.view import Seen, View

_UNKNOWN = -1
"""Stands for the place of a system that the settings do not hold."""

Settings = Callable[[], AccessSettings | None]
"""The organisation's settings as they were read, None when they may not be."""


@dataclass(frozen=True, slots=True)
class Contents:
    """The boxes that the page shows of one block, and the list of systems among them."""

    boxes: tuple[Seen, ...]
    systems: SystemList | NoList


class BlockReader:
    """Reads the blocks of one page by what the settings say of them."""

    def __init__(self, finder: Finder, settings: Settings) -> None:
        self._finder = finder
        self._settings = settings
        self._opened: tuple[AccessBlock, frozenset[int]] | None = None

    def pressed(self, block: AccessBlock, before: View) -> None:
        """A block's header was pressed: what comes since may be the block's."""
        self._opened = (block, frozenset(one.number for one in before.boxes()))

    def forget(self) -> None:
        """The page was loaded anew."""
        self._opened = None

    def index(self, description: str) -> int:
        """A system's place among the organisation's."""
        names = [shown(name) for name, _ in self.known(AccessBlock.DOCUMENTS_ACCESS).systems]
        wanted = shown(description)
        return names.index(wanted) if wanted in names else _UNKNOWN

    def known(self, block: AccessBlock) -> Known:
        """What the settings say of a block; nothing where they may not be read."""
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

    def is_open(self, view: View, block: AccessBlock) -> bool:
        """Whether the block's list is shown."""
        return isinstance(self.read(view, block).systems, SystemList)

    def read(self, view: View, block: AccessBlock, wanted: int | None = None) -> Contents:
        """What a look at the page tells of one block."""
        known = self.known(block)
        locators = self._finder.locators
        headers = self._finder.headers(view)
        header = headers.found.get(block)
        told = locators.overrides.blocks.get(block)
        if told is not None and told.list is not None:
            part = self._pointed_part(view, told.list)
            boxes = tuple(b for b in view.boxes() if part in b.path)
            return Contents(boxes, read_list(boxes, view, known, locators, wanted=wanted))
        if header is None:
            return Contents((), NoList())
        numbers = part_of(header, headers, view)
        if not numbers and header.controls is None:
            numbers = self._alone(view, block, header, headers)
        boxes = tuple(b for b in view.boxes() if b.number in (numbers or ()))
        return Contents(boxes, read_list(boxes, view, known, locators, wanted=wanted))

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

    def missing(
        self, block: AccessBlock, sought: Sought, index: int, expected: str
    ) -> ControlNotFound:
        """What became of a system's box."""
        self._finder.deadline.check()
        finder, view = self._finder, self._finder.survey.look()
        reading = self.read(view, block, index)
        known = self.known(block)
        told, boxes = reading.systems, reading.boxes
        here = [b for b in boxes if _says(b, expected)]
        named = [_under_label(box) for box in here]

        def drift(kind: DriftKind, *near: Seen, place: str = "") -> ControlNotFound:
            made = Drift(kind, sought.phrase, expected, sought.roles, place=place)
            return finder.drifted(made, list(near))

        if isinstance(told, NoList) and told.title:
            return drift(DriftKind.MOVED, *named, place=f"в списке «{told.title}»")
        if len(here) > 1:
            return drift(DriftKind.DOUBLED, *named)
        if isinstance(told, NoList) and told.lacking and index not in told.lacking:
            others = names_of(frozenset(told.lacking), known)
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
        known = self.known(block)
        return any(
            b.number in numbers and not b.shown and owner_of(b, known) == index
            for b in view.boxes(hidden=True)
        )


def _chosen(header: Seen) -> bool:
    return bool(
        header.expanded or header.selected or header.classes & {"active", "current", "selected"}
    )


def _says(box: Seen, description: str) -> bool:
    return any(plain(text) == plain(description) for texts in box.labels for text in texts)


def _under_label(box: Seen) -> Seen:
    """A box under the first of its labels."""
    name = next((text for texts in box.labels for text in texts), "")
    return replace(box, names={"label": name})


def names_of(indices: frozenset[int], known: Known) -> str:
    """Systems by their names, for people."""
    return ", ".join(f"«{known.systems[n][0]}»" for n in sorted(indices)) or "ни одна"

"""The list of information systems in a block: which box is whose. Pure.

What the API tells serves to read the screen: the list is where every enabled system's description
labels exactly one box, whatever the markup. A box under another list's title is somebody else's.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from .blocks import Headers
from .locators import Locators, pattern
from .names import bare, plain, shown
from .view import Seen, View

_PAGE = 0
"""Stands for the page as a whole among the numbers of its parts."""

_REMARK = re.compile(r"\s*[(\[—–-][^()\[\]]*[)\]]?$")
_OID = re.compile(r"(?<![\d.])1\.2\.398\.[\d.]*\d")
_PERSON = re.compile(r"(?<!\d)\d{12}(?!\d)")


@dataclass(frozen=True, slots=True)
class Known:
    """What the API tells of a block: the organisation's systems in their order, with whether they
    are switched on; who is granted; and what authorities are called."""

    systems: tuple[tuple[str, bool], ...]
    granted: frozenset[int] = frozenset()
    authorities: frozenset[str] = frozenset()
    people: frozenset[str] = frozenset()
    authority_names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SystemList:
    """The boxes of a block's information systems, by their place in the organisation's list."""

    boxes: Mapping[int, Seen]

    @property
    def ticked(self) -> frozenset[int]:
        """The systems whose boxes are ticked."""
        return frozenset(index for index, box in self.boxes.items() if box.checked)


@dataclass(frozen=True, slots=True)
class NoList:
    """Why there is no such list. `boxes` are those that bear the name of the system in question,
    `title` is that of the foreign list in which they stand, `lacking` systems without a box."""

    boxes: tuple[Seen, ...] = ()
    title: str = ""
    lacking: tuple[int, ...] = ()


def part_of(block_header: Seen, headers: Headers, view: View) -> frozenset[int] | None:
    """The boxes that a header's block holds; None when the page does not tell which they are.

    By what the header says that it controls; else by the largest part of the page that holds it and
    no other header; else, where headers and contents alternate in one part, by their order.
    """
    boxes = view.boxes(hidden=True)
    if block_header.controls is not None:
        return frozenset(b.number for b in boxes if block_header.controls in b.path)
    others = [one for one in headers.group if one.number != block_header.number]
    shared = {number for one in others for number in (*one.path, one.number)}
    own = [number for number in (*block_header.path, block_header.number) if number not in shared]
    if own and others:
        held = frozenset(b.number for b in boxes if own[0] in b.path)
        if held:
            return held
    return _between(block_header, headers, view)


def _between(block_header: Seen, headers: Headers, view: View) -> frozenset[int] | None:
    paths = [one.path for one in headers.group]
    if len(paths) < 2:
        return None
    common = [level[0] for level in zip(*paths, strict=False) if len(set(level)) == 1]
    place = view.place
    after = [place[o.number] for o in headers.group if place[o.number] > place[block_header.number]]
    if not after or not common:
        return None  # what follows the last header may belong to any of them, as with tabs
    return frozenset(
        b.number
        for b in view.boxes(hidden=True)
        if common[-1] in b.path and place[block_header.number] < place[b.number] < min(after)
    )


def read_list(
    boxes: Iterable[Seen],
    view: View,
    known: Known,
    locators: Locators,
    *,
    wanted: int | None = None,
) -> SystemList | NoList:
    """The list of systems among these boxes; `wanted` is the system that is asked for."""
    ordered = sorted((b for b in boxes if b.shown), key=lambda b: view.place[b.number])
    owners = {box.number: owner_of(box, known) for box in ordered}
    titles = _titles(ordered, view, locators)
    titled = [b for b in ordered if titles.get(b.number, ("", ""))[0] == "systems"]
    candidates = titled or [b for b in ordered if titles.get(b.number, ("", ""))[0] == ""]
    lists = _smallest(candidates, owners, known)
    if len(lists) == 1:
        return SystemList(lists[0])
    named = tuple(b for b in ordered if wanted is not None and owners[b.number] == wanted)
    strays = [b for b in named if b not in candidates]
    if strays and len(strays) == len(named):
        return NoList(tuple(strays), titles[strays[0].number][1])
    met = {owners[b.number] for b in candidates}
    lacking = tuple(n for n, (_, on) in enumerate(known.systems) if on and n not in met)
    return NoList(named, lacking=lacking)


def _smallest(
    candidates: Sequence[Seen], owners: Mapping[int, int | None], known: Known
) -> list[dict[int, Seen]]:
    """The lists that the smallest parts of the page hold: one box for each enabled system, no
    system twice."""
    enabled = {n for n, (_, on) in enumerate(known.systems) if on}
    parts: dict[int, list[Seen]] = defaultdict(list)
    for box in candidates:
        if owners[box.number] is not None:
            for number in (_PAGE, *box.path, box.number):
                parts[number].append(box)
    whole: list[tuple[frozenset[int], dict[int, Seen]]] = []
    for boxes in parts.values():
        held = {n: box for box in boxes if (n := owners[box.number]) is not None}
        if len(held) == len(boxes) and enabled and enabled <= held.keys():
            whole.append((frozenset(box.number for box in boxes), held))
    found = {
        numbers: held for numbers, held in whole if not any(other < numbers for other, _ in whole)
    }
    return list(found.values())


def owner_of(box: Seen, known: Known) -> int | None:
    """The one system whose description labels this box; None when none does, or several do."""
    exact, alike, switched_off = _by_name(known.systems)
    for texts in box.labels:
        if not texts:
            continue
        for names, by_name in (
            ({shown(text) for text in texts}, exact),
            ({plain(text) for text in texts}, alike),
            # A label may say more in brackets, that a system is switched off for example.
            ({plain(_REMARK.sub("", shown(text))) for text in texts}, switched_off),
        ):
            found = {owner for name in names for owner in by_name.get(name, ())}
            if found:
                return found.pop() if len(found) == 1 else None
        return None
    return None


@lru_cache(maxsize=16)
def _by_name(
    systems: tuple[tuple[str, bool], ...],
) -> tuple[Mapping[str, list[int]], Mapping[str, list[int]], Mapping[str, list[int]]]:
    """Places of the systems by their names: as they stand, folded, and folded if switched off."""
    exact: dict[str, list[int]] = defaultdict(list)
    alike: dict[str, list[int]] = defaultdict(list)
    switched_off: dict[str, list[int]] = defaultdict(list)
    for place, (name, on) in enumerate(systems):
        exact[shown(name)].append(place)
        alike[plain(name)].append(place)
        if not on:
            switched_off[plain(name)].append(place)
    return exact, alike, switched_off


def _titles(ordered: Sequence[Seen], view: View, locators: Locators) -> dict[int, tuple[str, str]]:
    """For each box the kind and the words of the list's title above it, if there is one.

    A table's heading counts for what stands in the same table alone, a title for what follows it.
    """
    if not ordered:
        return {}
    labels = {part for box in ordered for part in (box.number, box.surface)}
    found = []
    for one in view.shown:
        if one.checked is not None or one.number in labels:
            continue
        for name in one.bares:
            kind = next(
                (k for k, w in locators.meanings.lists.items() if pattern(w).fullmatch(name)), None
            )
            if kind is not None:
                found.append((view.place[one.number], kind, one))
                break
    titles: dict[int, tuple[str, str]] = {}
    for box in ordered:
        above = [
            (sum(a == b for a, b in zip(one.path, box.path, strict=False)), place, kind, one)
            for place, kind, one in found
            if place < view.place[box.number]
        ]
        if above:
            # The nearest in the tree, then the last before the box.
            _, _, kind, one = max(above, key=lambda t: (t[0], t[1]))
            titles[box.number] = (kind, one.name.rstrip(": "))
    return titles


def others_differ(boxes: Iterable[Seen], systems: SystemList, known: Known) -> tuple[str, ...]:
    """Which of the block's other lists show something else than the settings: `authorities`,
    `employees`; as far as they have boxes that name whom they are for."""
    own = {box.number for box in systems.boxes.values()}
    wrong: dict[str, None] = {}
    by_name = {bare(name): oid for oid, name in known.authority_names.items()}
    for box in boxes:
        if box.number in own or not box.shown or owner_of(box, known) is not None:
            continue
        texts = next((texts for texts in box.labels if texts), ())
        for text in texts:
            oid = by_name.get(bare(text)) or next(iter(_OID.findall(text)), None)
            if oid is not None and box.checked is not (oid in known.authorities):
                wrong["authorities"] = None
            numbers = set(_PERSON.findall(text))
            if len(numbers) == 1 and box.checked is not bool(numbers & known.people):
                wrong["employees"] = None
    return tuple(wrong)

"""Which header opens which access block, and which part of the page it opens. Pure.

Headers are drawn by one loop (sigex-facts 2.3, known), so they are looked for as a group of
elements of one kind and given to the blocks as a whole: by what their words are about.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sigex_runbook.core.access import AccessBlock

from .locators import Locators, pattern
from .recognition import Hints, likeness, pointed
from .view import Seen, View

_LONG = 160
_STATE = re.compile(
    r"(^|[-_])(active|collapsed|shown?|opened|open|expanded|current|selected|changed|dirty|modified)$"
)
"""Classes that say how an element stands, not what it is."""


@dataclass(frozen=True, slots=True)
class Headers:
    """The headers of a page's blocks. `found` has what is clear, `rivals` a block's several
    headers when it is not; `group` are all headers, those of the neighbours too."""

    found: Mapping[AccessBlock, Seen]
    rivals: Mapping[AccessBlock, tuple[Seen, ...]]
    group: tuple[Seen, ...]


def topics(name: str, locators: Locators) -> frozenset[str]:
    """What a header's words are about."""
    return frozenset(
        topic for topic, words in locators.meanings.features.items() if pattern(words).search(name)
    )


def block_of(name: str, locators: Locators) -> str | None:
    """The block that a header's words name, the guide's or a neighbour; None for another text.

    A package is a package of documents; «организации» stands in every title. What is about neither
    documents nor packages must be about settings of the organisation and say so.
    """
    said = locators.blocks_named
    if name not in said:
        said[name] = _block_of(name, locators)
    return said[name]


def _block_of(name: str, locators: Locators) -> str | None:
    about = topics(name, locators)
    stray = "foreign" in about or ("systems" in about and "access" not in about)
    if stray or len(name) > _LONG:
        return None
    core = about & {"packages", "documents", "listing", "settings"}
    if "packages" in core:
        core -= {"documents"}
    block = next((b for b, wanted in locators.wanted_features.items() if core == wanted), None)
    if block == "organizationSettings" and not {"organisation", "access"} & about:
        return None
    return block


def headers_of(view: View, locators: Locators, hints: Hints | None = None) -> Headers:
    """The headers of the access blocks among what the page shows.

    Of all groups of elements of one kind the one that names most blocks is taken, when it names
    more than any other; two elements of it that name one block are told as rivals.
    """
    hints = hints or Hints()
    fixed = {
        block: pointed(view, told.header, hints)
        for block, told in locators.overrides.blocks.items()
        if told.header is not None
    }
    best = _best(_groups(view, locators))
    group = [one for one, _ in best]
    named: dict[str, list[Seen]] = defaultdict(list)
    for one, block in best:
        named[block].append(one)
    found: dict[AccessBlock, Seen] = {}
    rivals: dict[AccessBlock, tuple[Seen, ...]] = {}
    for block in AccessBlock:
        if block in fixed:
            told = fixed[block]
            if told.one is not None:
                found[block] = told.one.seen
            elif told.rivals:
                rivals[block] = tuple(one.seen for one in told.rivals)
        elif len(named[block]) == 1:
            found[block] = named[block][0]
        elif named[block]:
            rivals[block] = tuple(named[block])
    everything = {one.number: one for one in (*group, *found.values())}
    return Headers(
        found, rivals, tuple(sorted(everything.values(), key=lambda one: view.place[one.number]))
    )


def near_misses(view: View, expected: str, headers: Headers) -> list[Seen]:
    """Elements of the headers' own kind that are no known block's, the nearest name first."""
    taken = {one.number for one in headers.found.values()}
    kinds = {_kind(one) for one in headers.group}
    others = [
        one
        for one in view.shown
        if one.number not in taken and one.name and one.pressable and _kind(one) in kinds
    ]
    return sorted(others, key=lambda one: -likeness(expected, one.name))


def hidden_header(
    block: AccessBlock, view: View, headers: Headers, locators: Locators
) -> Seen | None:
    """A block's header that is there and not shown, among elements of the headers' own kind."""
    kinds = {_kind(one) for one in headers.group}
    return next(
        (
            one
            for one in view.elements
            if not one.shown
            and (not kinds or _kind(one) in kinds)
            and one.pressable
            and _named(one, locators) == block
        ),
        None,
    )


def _named(one: Seen, locators: Locators) -> str | None:
    return next((block for name in one.bares if (block := block_of(name, locators))), None)


def _kind(one: Seen) -> tuple[object, ...]:
    """Elements of one loop are alike in this."""
    classes = frozenset(name for name in one.classes if not _STATE.search(name))
    return (one.tag, one.role, classes, len(one.path))


def _groups(view: View, locators: Locators) -> list[list[tuple[Seen, str]]]:
    """Elements of one kind that name blocks, each with the block; a box's label names its box."""
    labels = {box.surface for box in view.boxes(hidden=True)}
    groups: dict[tuple[object, ...], list[tuple[Seen, str]]] = defaultdict(list)
    for one in view.shown:
        if one.checked is not None or one.tag == "label" or one.number in labels:
            continue
        if not one.kinds & {"header", "footer"} and (block := _named(one, locators)):
            groups[_kind(one)].append((one, block))
    return list(groups.values())


def _best(groups: Sequence[list[tuple[Seen, str]]]) -> list[tuple[Seen, str]]:
    """The group that names most blocks; of equals that which opens something, else may be
    pressed, else is shortest."""

    def rank(group: Iterable[tuple[Seen, str]]) -> tuple[float, ...]:
        seen = [one for one, _ in group]
        named = {block for _, block in group}
        opens = all("opens" in one.clues or one.controls is not None for one in seen)
        jumps = all(one.href.startswith("#") and one.expanded is None for one in seen)
        pressable = all(one.pressable for one in seen)
        beside = all("beside" in one.kinds and not opens for one in seen)
        short = -sum(len(one.name) for one in seen) / len(seen)
        return (
            len(named & set(AccessBlock)), not beside, opens, pressable, not jumps, len(named),
            short, len(seen[0].path),
        )  # fmt: skip

    return max(groups, key=rank, default=[])

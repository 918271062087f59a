"""What a page shows, as the browser described it: elements in document order, and where they lie.

Numbers name elements for as long as the document lives: one that is drawn anew has a new number.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import msgspec

from sigex_runbook.core.record import Box

from .names import bare, telling

_TOP = 140
"""How far down a page its header's icons may begin, in CSS pixels of the page."""

_KINDS = {
    "a": "link", "button": "button", "summary": "button", "h1": "heading", "h2": "heading",
    "h3": "heading", "h4": "heading", "h5": "heading", "h6": "heading",
}  # fmt: skip


_NOWHERE = Box(0, 0, 0, 0)


@dataclass(frozen=True)
class Seen:
    """One element. `names` are its texts by the clue that gave them, the best clue first; `clues`
    say why it may be pressed; `path` holds the numbers of what lies around it, outermost first.

    `controls` is the number of what it opens, `surface` of what is pressed in its place.
    """

    number: int
    path: tuple[int, ...]
    tag: str
    role: str = ""
    names: Mapping[str, str] = field(default_factory=dict)
    icons: str = ""
    classes: frozenset[str] = frozenset()
    clues: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    labels: tuple[tuple[str, ...], ...] = ()
    controls: int | None = None
    surface: int | None = None
    href: str = ""
    expanded: bool | None = None
    selected: bool | None = None
    checked: bool | None = None
    shown: bool = True
    enabled: bool = True
    top: float = 0
    box: Box = _NOWHERE

    @property
    def name(self) -> str:
        """What a person would call it."""
        return telling(self.names.values())

    @cached_property
    def bares(self) -> tuple[str, ...]:
        """Every name as names are compared, none twice, none empty."""
        return tuple(dict.fromkeys(filter(None, map(bare, self.names.values()))))

    @property
    def pressable(self) -> bool:
        """Whether anything says that it may be pressed."""
        return bool(self.clues)

    @property
    def as_role(self) -> str:
        """Its role in the words of ARIA."""
        if self.checked is not None:
            return self.role or "checkbox"
        return self.role or _KINDS.get(self.tag) or ("button" if self.clues else "text")

    @property
    def in_header(self) -> bool:
        """Whether it stands in the page's header, or where a header is."""
        return "header" in self.kinds or self.top < _TOP

    def around(self, other: Seen) -> bool:
        """Whether the other one lies in it."""
        return self.number in other.path


@dataclass(frozen=True, slots=True)
class Look:
    """What the page's script told of it. An element that stands as it did at the look before is
    told by its number; `look` is the script's own word for this one."""

    elements: tuple[int | Seen, ...]
    url: str
    width: float
    look: str

    @classmethod
    def read(cls, told: str) -> Look:
        """Read its JSON. Raises ValueError."""
        look: Look = _LOOKS.decode(told)
        return look


_LOOKS = msgspec.json.Decoder(Look)
NOTHING = Look((), "", 0, "")
"""Of a page that is just being left."""


@dataclass(frozen=True)
class View:
    """A page at one moment."""

    elements: tuple[Seen, ...] = ()
    url: str = ""
    width: float = 0

    @classmethod
    def of(cls, told: Look, before: View) -> View:
        """What was told; what stands as it did `before` is taken from there."""
        known = {one.number: one for one in before.elements}
        return cls(
            tuple(known[one] if isinstance(one, int) else one for one in told.elements),
            told.url,
            told.width,
        )

    @cached_property
    def shown(self) -> tuple[Seen, ...]:
        """What a person sees."""
        return tuple(one for one in self.elements if one.shown)

    @cached_property
    def numbers(self) -> frozenset[int]:
        """The numbers of what a person sees."""
        return frozenset(one.number for one in self.shown)

    @cached_property
    def place(self) -> Mapping[int, int]:
        """Where in the document each element stands."""
        return {one.number: place for place, one in enumerate(self.elements)}

    def boxes(self, *, hidden: bool = False) -> tuple[Seen, ...]:
        """Whatever can be ticked; with `hidden` also what is not to be seen."""
        return tuple(
            one for one in self.elements if one.checked is not None and (hidden or one.shown)
        )

    def inside(self, number: int) -> Iterator[Seen]:
        """What lies in an element."""
        return (one for one in self.elements if number in one.path)

    def of_kind(self, kind: str) -> tuple[Seen, ...]:
        """The shown elements of a kind: `message`, `dialogue`."""
        return tuple(one for one in self.shown if kind in one.kinds)

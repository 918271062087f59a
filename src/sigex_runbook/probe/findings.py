"""What a probe found: one finding a callout, and pointers for what was not recognised. Values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sigex_runbook.core.access import AccessBlock
from sigex_runbook.core.guide import load_guide
from sigex_runbook.site.reading.locators import BlockPointer, Overrides, Pointed, Pointer


class State(StrEnum):
    """What became of one callout's control."""

    FOUND = "found"
    DOUBLED = "doubled"
    HIDDEN = "hidden"
    MISSING = "missing"
    NOT_REACHED = "not_reached"


STATE_WORDS = {
    State.FOUND: "узнано",
    State.DOUBLED: "неоднозначно",
    State.HIDDEN: "не показано",
    State.MISSING: "не узнано",
    State.NOT_REACHED: "не дошли",
}


@dataclass(frozen=True, slots=True)
class Near:
    """An element that came near; `likeness` of its name to the expected one, from 0 to 1."""

    role: str
    name: str
    likeness: float


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a file of locators a pointer stands: a control, or a block's header or list."""

    control: Pointed | None = None
    block: AccessBlock | None = None
    part: str = ""

    @property
    def key(self) -> str:
        """The place in words of the file."""
        return f"controls.{self.control}" if self.control else f"blocks.{self.block}.{self.part}"

    @property
    def on_the_way(self) -> bool:
        """Whether it is met after the sign-in."""
        return self.control not in {"sign_in_icon", "sign_button"}


@dataclass(frozen=True, slots=True)
class Proposal:
    """A pointer for a control that was not recognised.

    `what` tells the element, `proof` how it was tried; `likely` says whether the file should use
    it. `again` tells whether it found the very element, known by its `sign`, after the page was
    loaded anew.
    """

    place: Place
    pointer: Pointer
    what: str
    firmness: str
    proof: str = ""
    likely: bool = True
    by_person: bool = False
    again: bool | None = None
    sign: tuple[str, ...] = ()

    @property
    def used(self) -> bool:
        """Whether the file may use it as it is."""
        return self.likely and self.again is not False


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What became of one callout's control; `matched` counts the elements that are equally it.

    `outline` shows what stands around it, or for a miss what there is.
    """

    callout: int
    state: State
    clue: str = ""
    weight: float = 0
    matched: int = 0
    role: str = ""
    name: str = ""
    address: str = ""
    near: tuple[Near, ...] = ()
    outline: tuple[str, ...] = ()
    message: str = ""
    proposal: Proposal | None = None
    picture: bytes | None = field(default=None, repr=False)

    @property
    def control(self) -> str:
        """What the guide calls it."""
        return load_guide().callout(self.callout).control.ru

    @property
    def recognised(self) -> bool:
        """Whether a run would find it."""
        return self.state is State.FOUND


@dataclass(frozen=True, slots=True)
class Learnt:
    """What was seen of one unknown of the fact sheet (section 6), by its number there."""

    number: int
    question: str
    seen: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Probed:
    """All that one probe found."""

    run_id: str
    target: str
    began: str
    findings: tuple[Finding, ...]
    proposals: tuple[Proposal, ...]
    learnt: tuple[Learnt, ...]
    notes: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    unchanged: bool | None = None

    @property
    def recognised(self) -> bool:
        """Whether every callout was."""
        return all(one.recognised for one in self.findings)


def with_pointers(overrides: Overrides, proposals: Iterable[Proposal]) -> Overrides:
    """An operator's file with these pointers over it."""
    controls, blocks = dict(overrides.controls), dict(overrides.blocks)
    for one in proposals:
        if one.place.control is not None:
            controls[one.place.control] = one.pointer
        elif one.place.block is not None:
            held = blocks.get(one.place.block)
            told = {} if held is None else {"header": held.header, "list": held.list}
            blocks[one.place.block] = BlockPointer(**{**told, one.place.part: one.pointer})
    return overrides.model_copy(update={"controls": controls, "blocks": blocks})

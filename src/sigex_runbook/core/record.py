"""The record of a run: every Gherkin step with its outcome, and what was seen at each callout."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """How one step ended."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_RUN = "not_run"


OUTCOME_WORDS = {
    Outcome.PASSED: "выполнен",
    Outcome.FAILED: "не выполнен",
    Outcome.NOT_RUN: "не выполнялся",
}


class Act(StrEnum):
    """What a run does at a control where the guide gives access: the order and the settings decide.

    `KEEP` presses nothing: the order leaves the block alone, or it is as ordered already.
    """

    GRANT = "grant"
    REVOKE = "revoke"
    KEEP = "keep"


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """One step of a scenario before it ran, as the feature file words it.

    `position` counts from 1 through the whole run; `callout` is the guide's number or None; `act`
    is told where the guide ticks a box, and where it saves if there is nothing to save.
    """

    position: int
    section: int
    scenario: str
    keyword: str
    text: str
    callout: int | None
    act: Act | None = None


@dataclass(frozen=True, slots=True)
class StepRecord:
    """One step as it ran. `note` says what an operator should know (for example «nothing to do»);
    `message` is the sentence of a failure; `duration_ms` is None when the step did not run."""

    step: PlannedStep
    outcome: Outcome
    started_at: str | None = None
    duration_ms: int | None = None
    message: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Box:
    """A control's place in the picture, in CSS pixels from the upper left corner of the view."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PageFacts:
    """What every picture tells: of which step in which run, when, and of which page.

    Times are ISO 8601; `taken_at_local` carries the offset. Pixels of the picture equal CSS pixels.
    `masks` are the places whose pixels were covered before the picture was stored.
    """

    run_id: str
    section: int
    callout: int | None
    url: str
    title: str
    taken_at_utc: str
    taken_at_local: str
    viewport_width: int
    viewport_height: int
    identity: str | None = None
    environment: str | None = None
    masks: tuple[Box, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureFacts(PageFacts):
    """What stands in the labelled frame around a picture, and where its callout is."""

    callout: int
    number: int
    step: str
    box: Box


LIKE = 0.65
"""From this likeness of names on, two controls may be one that was renamed."""


class DriftKind(StrEnum):
    """How a control differs from what the guide says of it."""

    MISSING = "missing"
    RENAMED = "renamed"
    """Missing, but a control of the same kind has nearly the same name."""
    MOVED = "moved"
    DOUBLED = "doubled"
    HIDDEN = "hidden"
    DISABLED = "disabled"
    COVERED = "covered"
    OUT_OF_VIEW = "out_of_view"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A control of the page that may be the one that is meant, or that stands in its way.

    `likeness` compares its name with the expected one, from 0 to 1; `box` is None when it is not
    on the picture.
    """

    role: str
    name: str
    likeness: float
    box: Box | None


@dataclass(frozen=True, slots=True)
class Drift:
    """A control that is not as the guide says.

    `control` is what the guide calls it, `expected` and `roles` the name and the roles (ARIA) that
    it should have on the page; `place` is where a moved one stands, `cover` what lies over a
    covered one, both in words. Candidates come nearest first; of a doubled control they are its
    doubles, of one that was found but cannot be used it is the control itself.
    """

    kind: DriftKind
    control: str
    expected: str
    roles: tuple[str, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    place: str = ""
    cover: str = ""

    @property
    def alike(self) -> bool:
        """Whether the nearest candidate is like the control, not only of its kind."""
        return bool(self.candidates) and self.candidates[0].likeness >= LIKE


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureFacts(PageFacts):
    """What stands beside the picture of a failure: why, and what is not as the guide says."""

    message: str
    drift: Drift | None = None

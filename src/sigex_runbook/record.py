"""The record of a run: every Gherkin step with its outcome, and what was seen at each callout."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Outcome(StrEnum):
    """How one step ended."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_RUN = "not_run"


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """One step of a guide scenario before it ran, as the feature file words it.

    `position` counts from 1 through the whole run; `callout` is the guide's number or None.
    """

    position: int
    section: int
    scenario: str
    keyword: str
    text: str
    callout: int | None


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


@dataclass(frozen=True, slots=True)
class CaptureFacts:
    """What stands in the labelled frame around a picture, and where its callout is.

    Times are ISO 8601; `taken_at_local` carries the offset. Pixels of the picture equal CSS pixels.
    `masks` are the places whose pixels were covered before the picture was stored.
    """

    number: int
    run_id: str
    section: int
    callout: int
    step: str
    url: str
    title: str
    taken_at_utc: str
    taken_at_local: str
    viewport_width: int
    viewport_height: int
    box: Box
    identity: str | None = None
    environment: str | None = None
    masks: tuple[Box, ...] = field(default=())

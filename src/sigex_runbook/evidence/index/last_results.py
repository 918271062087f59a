"""The last word of the packs on each callout: how its step ended last, and its last green picture.

Green is a picture of a step that passed and did what the guide says, in a run that did what was
ordered. Packs are read as they lie there, newest first; nothing here is verified.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sigex_runbook.core.environment import Environment
from sigex_runbook.core.errors import UsageError
from sigex_runbook.core.guide import load_guide
from sigex_runbook.core.record import Act, CaptureFacts, Outcome, StepRecord
from sigex_runbook.core.verdict import VerdictKind
from sigex_runbook.evidence.pack.layout import CAPTURE_FORMAT, EVIDENCE, SCREENS, STEPS
from sigex_runbook.evidence.pack.place import PackPlace
from sigex_runbook.evidence.pack.read import steps_of
from sigex_runbook.evidence.pack.records import capture_facts
from sigex_runbook.evidence.verify.campaign import is_campaign

from .outputs import Outputs, Stage

_GREEN = frozenset({VerdictKind.PASSED, VerdictKind.PARTIAL})
_LARGEST_PICTURE = 8 << 20


@dataclass(frozen=True, slots=True)
class Run:
    """One sealed run: its name, whose it was, how it ended, when, and where if that can be read."""

    run_id: str
    organisation_bin: str
    verdict: VerdictKind
    sealed_at: datetime
    environment: Environment | None


@dataclass(frozen=True, slots=True)
class Result:
    """How a callout's step ended in a run."""

    run: Run
    step: StepRecord


@dataclass(frozen=True, slots=True)
class Picture:
    """A callout's annotated picture from a run."""

    run: Run
    facts: CaptureFacts
    png: bytes


@dataclass(frozen=True, slots=True)
class LastResults:
    """What was found, by callout. `unreadable` counts sealed packs that could not be read."""

    results: dict[int, Result]
    pictures: dict[int, Picture]
    unreadable: int = 0


def last_results(place: Path) -> LastResults:
    """Read an outputs folder, one campaign of it, or one pack. Raises UsageError for others."""
    callouts = {mark.number for section in load_guide().sections for mark in section.callouts}
    found = LastResults({}, {})
    unreadable = 0
    for run, evidence in _newest_first(place):
        if callouts <= found.results.keys() and callouts <= found.pictures.keys():
            break
        try:
            steps, pictures = _steps(evidence), _captures(evidence)
        except (OSError, ValueError, KeyError, TypeError):
            unreadable += 1
            continue
        for number, step in steps.items():
            if number in callouts and step.outcome is not Outcome.NOT_RUN:
                found.results.setdefault(number, Result(run, step))
                if number in pictures and run.verdict in _GREEN and _shows_the_guide(step):
                    facts, png = pictures[number]
                    found.pictures.setdefault(number, Picture(run, facts, png))
    return LastResults(found.results, found.pictures, unreadable)


def _shows_the_guide(step: StepRecord) -> bool:
    """Whether the step did what the guide says: an order may take access away, or leave it."""
    return step.outcome is Outcome.PASSED and step.step.act not in (Act.REVOKE, Act.KEEP)


def _newest_first(place: Path) -> Iterable[tuple[Run, Path]]:
    return sorted(_runs(place), key=lambda run: (run[0].sealed_at, run[0].run_id), reverse=True)


def _runs(place: Path) -> Iterator[tuple[Run, Path]]:
    """The sealed runs of a place, each with its folder of evidence."""
    place = place.resolve()
    if (place / EVIDENCE).is_dir():
        home = PackPlace.of(place)
        outputs, campaign, pack = Outputs(home.campaign.parent), home.campaign.name, home.run_id
    elif is_campaign(place):
        outputs, campaign, pack = Outputs(place.parent), place.name, None
    else:
        outputs, campaign, pack = Outputs(place), None, None
    known = {kind.value: kind for kind in VerdictKind}
    sealed = [
        (
            Run(
                entry.run_id,
                entry.organisation_bin,
                known[entry.verdict],
                entry.sealed_at,
                entry.environment,
            ),
            entry,
        )
        for one in outputs.campaigns()
        for entry in one.entries
        if campaign in (None, one.name)
        and pack in (None, entry.run_id)
        and entry.stage is Stage.SEALED
        and entry.run_id is not None
        and entry.verdict in known
        and entry.sealed_at is not None
    ]
    if pack is not None and not sealed:
        raise UsageError(
            f"Пакет {place.name} не заверен или не читается. Укажите папку завершённого запуска."
        )
    for run, entry in sealed:
        yield run, outputs.folder / entry.place / EVIDENCE


def _steps(evidence: Path) -> dict[int, StepRecord]:
    steps = steps_of((evidence / STEPS).read_text(encoding="utf-8"))
    return {record.step.callout: record for record in steps if record.step.callout is not None}


def _captures(evidence: Path) -> dict[int, tuple[CaptureFacts, bytes]]:
    found: dict[int, tuple[CaptureFacts, bytes]] = {}
    for path in sorted((evidence / SCREENS).glob("[0-9]*.json")):
        record: Any = json.loads(path.read_bytes())
        if record["format"] != CAPTURE_FORMAT or record["annotated"] is None:
            continue
        picture = path.with_name(f"{path.stem}-annotated.png")
        if picture.stat().st_size > _LARGEST_PICTURE:
            raise ValueError("implausibly large")
        facts = capture_facts(record["facts"])
        found[facts.callout] = facts, picture.read_bytes()
    return found


def to_the_minute(moment: datetime) -> str:
    """A moment for readers, to the minute."""
    return moment.astimezone(UTC).strftime("%d.%m.%Y %H:%M UTC")

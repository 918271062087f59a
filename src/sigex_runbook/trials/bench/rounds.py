"""Rounds of a measurement: in each of them the contestants take turns at the same organisations."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from sigex_runbook.site.browser import find_browser

from .contestants import Contestant, Measured, batch
from .figures import Attempt, Growth, Round, growth, judge, typical
from .ground import ground


@dataclass(frozen=True, slots=True)
class Ended:
    """A contestant has ended its turn in a round, counted from one; round zero warms up."""

    round: int
    measured: Measured


@dataclass(frozen=True, slots=True)
class Long:
    """A long batch beside a short one: seconds and processor seconds for an organisation, without
    the start, and the memory of all its processes."""

    attempt: Attempt
    short: Attempt | None
    growth: Growth

    @property
    def ratio(self) -> float | None:
        """The long one's seconds over the short one's."""
        if self.short is None or not self.short.steady or not self.attempt.steady:
            return None
        return self.attempt.steady / self.short.steady


def take_turns(entered: Sequence[Contestant], organisations: int, rounds: int) -> Iterator[Ended]:
    """Warm up with one organisation each, then measure. Raises RunFailed when somebody fails."""
    with ground(organisations) as place:
        for number in range(rounds + 1):
            jobs = place.jobs[: organisations if number else 1]
            for contestant in entered:
                yield Ended(number, contestant.measure(place, jobs))


def go_long(organisations: int, workers: int, short: Attempt | None) -> Long:
    """One batch of many organisations. Raises RunFailed when it fails."""
    with ground(organisations) as place:
        measured = batch(workers).measure(place, place.jobs[:organisations])
    return Long(measured.attempt, short, growth(measured.ended, measured.spent.memory))


def write_record(folder: Path, rounds: Sequence[Round], long: Long | None) -> Path:
    """Everything that was measured, as JSON with the machine that it is of; where it lies."""
    record = {
        "format": "sigex-runbook-bench/1",
        "machine": {
            "cores": os.cpu_count(),
            "system": platform.platform(),
            "python": platform.python_version(),
            "playwright": version("playwright"),
            "browser": find_browser().version,
        },
        "medians": [asdict(typical(rounds, name)) for name in rounds[0]],
        "ratios": [{**asdict(one), "verdict": one.verdict} for one in judge(rounds)],
        "rounds": [[asdict(attempt) for attempt in one.values()] for one in rounds],
        "long": None if long is None else {**asdict(long), "ratio": long.ratio},
    }
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}.json"
    file.write_text(json.dumps(record, ensure_ascii=False, indent=2) + "\n", "utf-8")
    return file

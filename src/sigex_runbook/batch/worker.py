"""A worker of a batch: one process performs order after order and keeps warm what they share."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from sigex_runbook.core.project import settled
from sigex_runbook.evidence.sealing.report_files import Publication
from sigex_runbook.evidence.sealing.sealer import SealStep
from sigex_runbook.evidence.sealing.wiring import make_sealer
from sigex_runbook.run import progress
from sigex_runbook.run.options import Options, Target
from sigex_runbook.run.private import temporary_here
from sigex_runbook.run.result import Result
from sigex_runbook.run.run import run
from sigex_runbook.run.warmth import kept
from sigex_runbook.site.reading.locators_file import LocatorsFile

from .pool import Taken, Task, Told, claimed
from .state import Phase


@dataclass(frozen=True, slots=True)
class Equipment:
    """What all orders of a batch share. Keys by reference only: a worker fetches them itself."""

    target: Target
    outputs: Path
    campaign: str
    deadline_seconds: float
    locators: LocatorsFile | None = None
    language: str = "ru"
    signing_key: str | None = None
    signing_pin: str | None = None
    trust: Path | None = None
    project: Path | None = None


class Worker:
    """Performs one order at a time."""

    def __init__(self, equipment: Equipment, name: str) -> None:
        """Raises UsageError, EnvironmentMissing for what cannot be used."""
        self.equipment = equipment
        self._name = name
        self._opened = ExitStack()
        self._opened.enter_context(settled(equipment.project))
        self._opened.enter_context(temporary_here())
        warmth = self._opened.enter_context(kept(equipment.target))
        sealer = make_sealer(equipment.signing_key, equipment.signing_pin, equipment.trust)
        self._sealer = replace(sealer, report=Publication(warmth.print, equipment.language))
        self._options = Options(
            equipment.target,
            deadline_seconds=equipment.deadline_seconds,
            locators=equipment.locators,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._opened.close()

    def perform(self, task: Task, tell: Callable[[Told], object]) -> Result:
        """Perform one order; its pack is in its place then.

        Raises UsageError when it could not be begun, NotSealed when there is no pack.
        """
        equipment = self.equipment

        def watch(stage: progress.Stage) -> None:
            tell(Phase.SAVED if stage.phase is progress.Phase.SAVED else stage)

        def reached(step: SealStep) -> None:
            if step is SealStep.APPENDED:
                tell(Phase.SEALED)

        with claimed(equipment.outputs, task.order.organisation.bin, equipment.deadline_seconds):
            tell(Taken(self._name))
            return run(
                task.order,
                replace(self._options, watch=watch),
                outputs=equipment.outputs,
                campaign=equipment.campaign,
                sealer=replace(self._sealer, reached=reached),
                inline=True,
                run_id=task.run_id,
            )


_here: list[Worker] = []
"""The worker that this process is."""


def perform_here(
    equipment: Equipment, task: Task, name: str, tell: Callable[[Told], object]
) -> Result:
    """Be the worker of this batch, from the first order on until the process ends."""
    if _here and _here[0].equipment != equipment:
        _here.pop().__exit__(*sys.exc_info())
    if not _here:
        _here.append(Worker(equipment, name))
    return _here[0].perform(task, tell)

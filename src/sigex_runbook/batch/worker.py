"""A worker of a batch: one process performs order after order and keeps warm what they share."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Self

from pydantic import ValidationError
from securesystemslib.signer import SSlibKey

from sigex_runbook.core.errors import NotSealed, RunFailed, UsageError
from sigex_runbook.core.order import Order
from sigex_runbook.core.project import settled
from sigex_runbook.core.verdict import SAVED_WORDS
from sigex_runbook.evidence.attest.key_elsewhere import KeyElsewhere
from sigex_runbook.evidence.attest.trust import Trust
from sigex_runbook.evidence.sealing.report_files import Publication, prepare
from sigex_runbook.evidence.sealing.sealer import Sealer, SealStep
from sigex_runbook.evidence.sealing.wiring import make_sealer
from sigex_runbook.planning.looking import Look, read_plan
from sigex_runbook.planning.record import PlanRecord
from sigex_runbook.run import progress
from sigex_runbook.run.options import Options, Target
from sigex_runbook.run.result import Result
from sigex_runbook.run.run import run
from sigex_runbook.run.secrets.private import temporary_here
from sigex_runbook.run.warmth import kept
from sigex_runbook.site.reading.locators_file import LocatorsFile

from .inbox import hand_in
from .planned import Planned
from .pool import Taken, Task, Told, claimed
from .state import Phase
from .store import Store


@dataclass(frozen=True, slots=True)
class Away:
    """What a worker of another machine has instead of the operator's key and folder: the key's
    public half, what the operator's trust.json says, and where to hand in."""

    key: SSlibKey
    trust: str
    store: Store

    def sealer(self) -> Sealer:
        """Makes packs ready for the seal, and seals nothing."""
        return Sealer(KeyElsewhere(self.key), Publication(), Trust.parse(self.trust))


_GRACE_SECONDS = 60.0
"""For a browser to open, and beyond a deadline that it is to notice by itself."""


@dataclass(frozen=True, slots=True)
class Equipment:
    """What all orders of a batch share. Keys by reference only: a worker fetches them itself.

    With `away` it works for a coordinator on another machine: nothing is said then of the
    operator's key, trust and folder of results.
    """

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
    away: Away | None = None
    planning: bool = False
    """Nothing is performed: the settings are read, and what would change is signed."""

    def for_others(self, sealer: Sealer, store: Store) -> Self:
        """The same for workers of other machines, whose packs `sealer` will seal."""
        away = Away(sealer.own_key(), sealer.trust.to_text(), store)
        return replace(
            self, outputs=Path(), signing_key=None, signing_pin=None, trust=None, away=away
        )


class Worker:
    """Performs one order at a time."""

    def __init__(self, equipment: Equipment, name: str) -> None:
        """Raises UsageError, EnvironmentMissing for what cannot be used."""
        self.equipment = equipment
        self._name = name
        self._opened = ExitStack()
        self._opened.enter_context(settled(equipment.project))
        if equipment.away is None:
            self._outputs = equipment.outputs
            sealer = make_sealer(equipment.signing_key, equipment.signing_pin, equipment.trust)
        else:  # outside of what goes with this process: what could not be handed in is found there
            self._outputs = Path(mkdtemp(prefix="sigex-runbook-"))
            sealer = equipment.away.sealer()
        self._opened.enter_context(temporary_here())
        self._warmth = self._opened.enter_context(kept(equipment.target))
        self._publication = Publication(self._warmth.print, equipment.language)
        self._sealer = replace(sealer, report=self._publication)
        self._options = Options(
            equipment.target,
            deadline_seconds=equipment.deadline_seconds,
            locators=equipment.locators,
        )
        prepare()
        gc.freeze()  # of what is loaded by now nothing is ever garbage: no need to look again

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._opened.close()

    def perform(
        self, task: Task, tell: Callable[[Told], object], before: tuple[int, str] | None = None
    ) -> Result | str:
        """Perform one order; its pack is in its place then. Away its evidence is in the store, and
        the answer is the digest of what was handed in; `before` is the length and the head of the
        ledger there.

        Raises UsageError when it could not be begun, NotSealed when there is no pack.
        """
        if self.equipment.planning:
            tell(Taken(self._name))
            signer = self._sealer.signer
            return Planned.of(read_plan(task.order, self._options, signer, self._within))
        away, campaign = self.equipment.away, self.equipment.campaign
        if away is None:
            return self._run(task, self._sealer, tell)
        publication = replace(self._publication, before=before)
        task = replace(task, order=with_own_files(task.order))
        result = self._run(task, replace(self._sealer, report=publication), tell)
        try:
            digest = hand_in(away.store, campaign, task, result.pack)
        except RunFailed as error:
            raise NotSealed(
                f"Собранное не сдано. {error} Оно осталось на исполнителе {self._name}, в его "
                f"временной папке {self._outputs.name}. {SAVED_WORDS[result.saved]}",
                saved=result.saved,
            ) from error
        rmtree(result.pack, ignore_errors=True)
        return digest

    def _run(self, task: Task, sealer: Sealer, tell: Callable[[Told], object]) -> Result:
        def watch(stage: progress.Stage) -> None:
            tell(Phase.SAVED if stage.phase is progress.Phase.SAVED else stage)

        def reached(step: SealStep) -> None:
            if step is SealStep.APPENDED:
                tell(Phase.SEALED)

        patience = self.equipment.deadline_seconds
        with claimed(self._outputs, task.order.organisation.bin, patience):
            tell(Taken(self._name))
            return run(
                task.order,
                replace(self._options, watch=watch),
                outputs=self._outputs,
                campaign=self.equipment.campaign,
                sealer=replace(sealer, reached=reached),
                inline=True,
                run_id=task.run_id,
            )

    def _within(self, look: Look) -> PlanRecord:
        """In the warm browser. Raises RunFailed when it is silent: another takes its place then."""
        session = self._warmth.session()
        patience = self.equipment.deadline_seconds + _GRACE_SECONDS
        try:
            session.start().result(_GRACE_SECONDS)
            return session.with_browser(look).result(patience)
        except TimeoutError:
            self._warmth.close()
            raise RunFailed(
                f"Браузер не ответил за {patience:g} с, настройки не прочитаны и не изменены. "
                "Повторите; если повторится, перезапустите машину."
            ) from None


def with_own_files(order: Order) -> Order:
    """The order with this machine's files. Raises UsageError when they are not the ordered ones."""
    told = (
        "На машине исполнителя нет сертификата из заказа или он другой. Положите туда те же файлы "
        "по тем же путям; ничего не тронуто."
    )
    try:
        own = Order.model_validate_json(order.model_dump_json())
    except ValidationError as error:
        raise UsageError(told) from error
    for mine, ordered in (
        (own.information_system, order.information_system),
        (own.control_system, order.control_system),
    ):
        if mine is not None and ordered is not None and mine.fingerprint != ordered.fingerprint:
            raise UsageError(told)
    return own


_here: list[Worker] = []
"""The worker that this process is."""


def perform_here(
    equipment: Equipment,
    task: Task,
    name: str,
    tell: Callable[[Told], object],
    before: tuple[int, str] | None = None,
) -> Result | str:
    """Be the worker of this batch, from the first order on until the process ends."""
    if _here and _here[0].equipment != equipment:
        _here.pop().__exit__(*sys.exc_info())
    if not _here:
        _here.append(Worker(equipment, name))
    return _here[0].perform(task, tell, before)

"""A campaign: orders carried out one after another, told as events; at its end its population is
sealed.

It prints nothing: whoever asked for it reads the events and says what they like of them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sigex_runbook.core.error_causes import why
from sigex_runbook.core.errors import RunbookError, RunFailed, UsageError
from sigex_runbook.core.exclusions import Exclusion, check_consistent, load_exclusions
from sigex_runbook.core.order import Order
from sigex_runbook.evidence.attest.seal_files import CAMPAIGN
from sigex_runbook.evidence.attest.statement import Member, State
from sigex_runbook.evidence.index.index import write_index
from sigex_runbook.evidence.index.outputs import Outputs
from sigex_runbook.evidence.privacy.leak.rules import IIN
from sigex_runbook.evidence.privacy.redaction import Redactor
from sigex_runbook.evidence.sealing.campaign import Closed, close_campaign, standing
from sigex_runbook.evidence.sealing.sealer import Sealer

from .options import Options
from .result import Result, RunInterrupted
from .run import run
from .secrets.of_order import secrets_of
from .sign_in import sign_in_of
from .signals import Interrupted, Interruptions

ALONE = "single"
"""The campaign of runs that belong to none: it has no population from which to leave somebody."""

Named = tuple[str, Order]
"""An order under the name by which its owner knows it."""


@dataclass(frozen=True, slots=True)
class Begun:
    """An order is being carried out."""

    name: str
    order: Order


@dataclass(frozen=True, slots=True)
class Finished:
    """An order has been carried out; its pack is in its place."""

    name: str
    result: Result

    @property
    def exit_code(self) -> int:
        """The result's."""
        return self.result.exit_code

    @property
    def target(self) -> str:
        """The result's."""
        return self.result.target


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An order has no pack: it was not begun, or what it gathered at `target` could not be
    sealed."""

    name: str
    order: Order
    error: RunbookError
    target: str

    @property
    def exit_code(self) -> int:
        """The error's."""
        return self.error.exit_code


@dataclass(frozen=True, slots=True)
class NotListed:
    """The list of all runs, index.html, could not be written anew, and why."""

    why: str


Event = Begun | Finished | LeftOut | NotListed | Closed


class Campaign:
    """Orders of one campaign, carried out in this process. Once: make another for other orders."""

    def __init__(
        self,
        name: str,
        *,
        outputs: Path,
        options: Options,
        sealer: Sealer,
        interruptions: Interruptions | None = None,
    ) -> None:
        self._name = name
        self._outputs = outputs
        self._options = options
        self._sealer = sealer
        self._interruptions = interruptions or Interruptions()
        self._left_out: list[Member] = []
        self._read: Outputs | None = None

    @property
    def folder(self) -> Path:
        """Where its packs lie."""
        return self._outputs.resolve() / self._name

    def exclude(self, file: Path | None, orders: Sequence[Named]) -> None:
        """Leave out whom the operator's file names; nobody is both excluded and ordered, now or
        earlier. Raises UsageError, or RunFailed when the campaign is not as it was sealed."""
        exclusions = () if file is None else load_exclusions(file)
        check_exclusions(exclusions, orders, self.folder, self._sealer)
        self._left_out += [
            Member(one.bin.text, State.EXCLUDED, reason=one.reason) for one in exclusions
        ]

    def carry_out(self, orders: Sequence[Named]) -> Generator[Event]:
        """Run them one after another and seal the population, also when a signal stops it.

        Whoever stops listening closes the generator: no other order is begun then, and the
        population is sealed all the same. Raises Interrupted after its last event, RunFailed when
        the population cannot be sealed.
        """
        ending = self._end()
        broken: BaseException | None = None
        try:
            try:
                yield from self._each(orders)
            except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - rises again below
                broken = error
            for event in ending:  # noqa: UP028 - `yield from` would close it
                yield event
        finally:
            for _ in ending:
                pass  # nobody listens any more: sealed all the same
        if broken is not None:
            raise broken

    def _each(self, orders: Sequence[Named]) -> Iterator[Event]:
        for place, (name, order) in enumerate(orders):
            try:
                self._interruptions.check()
                yield Begun(name, order)
                result = run(
                    order,
                    self._options,
                    outputs=self._outputs,
                    campaign=self._name,
                    sealer=self._sealer,
                    interruptions=self._interruptions,
                )
            except RunbookError as error:
                yield self._leave(name, order, error)
            except OSError as error:  # of before the notebook: nothing has been touched
                told = (
                    f"Заказ не начат: {why(error)}. Проверьте место на диске и права и повторите."
                )
                yield self._leave(name, order, RunFailed(told))
            except Interrupted as stop:
                rest = orders[place:]
                if isinstance(stop, RunInterrupted):
                    yield from self._list_runs()
                    yield Finished(name, stop.result)
                    rest = rest[1:]
                for unbegun, other in rest:
                    earlier = UsageError("Программу остановили раньше.")
                    yield self._leave(unbegun, other, earlier)
                raise
            else:
                yield from self._list_runs()
                yield Finished(name, result)

    def _leave(self, name: str, order: Order, error: RunbookError) -> LeftOut:
        self._left_out.append(left_out(order, error, self._outputs))
        return LeftOut(name, order, error, self._options.target.address)

    def _end(self) -> Iterator[Event]:
        try:
            if self.folder.is_dir() or self._left_out:
                yield close(self.folder, self._sealer, self._left_out)
        finally:
            yield from self._list_runs()

    def _list_runs(self) -> Iterator[NotListed]:
        """Write index.html anew: after each run and at the end."""
        try:
            if not self._outputs.is_dir():
                return
            self._read = self._read or Outputs(self._outputs)
            write_index(self._read)
        except OSError as error:
            yield NotListed(why(error))


def check_exclusions(
    exclusions: Sequence[Exclusion], orders: Sequence[Named], folder: Path, sealer: Sealer
) -> None:
    """Nobody is both excluded and ordered, in a campaign's folder or now, and no reason says what
    none may read. Raises UsageError, or RunFailed when the campaign is not as it was sealed."""
    known = standing(folder)
    check_consistent(
        exclusions,
        {order.organisation.bin.text: name for name, order in orders},
        ran=known.ran,
        earlier=known.excluded,
    )
    _check_private(exclusions, [order for _, order in orders], sealer)


def close(folder: Path, sealer: Sealer, others: Iterable[Member]) -> Closed:
    """Seal a campaign's population. Raises RunFailed with what becomes of it."""
    try:
        return close_campaign(folder, sealer, others)
    except (OSError, RunFailed) as error:
        told = f"{why(error)}." if isinstance(error, OSError) else str(error)
        raise RunFailed(
            f"Список организаций кампании не заверен: {told} Его заверит следующий запуск этой "
            "кампании."
        ) from error


def left_out(order: Order, error: RunbookError, outputs: Path) -> Member:
    """An organisation without a pack and why: no folder of this machine goes into what is sealed,
    a file keeps its name."""
    organisation = order.organisation.bin
    reason = Redactor(organisation).text(str(error))
    places = {outputs, outputs.resolve(), Path.cwd(), Path.home(), *_folders(order)}
    for place in sorted((one for one in places if one.name), key=lambda one: -len(str(one))):
        reason = reason.replace(f"{place}{os.sep}", "")
        reason = re.sub(rf"{re.escape(str(place))}(?![\w.-])", place.name, reason)
    return Member(organisation.text, State.FAILED, reason=reason)


def worst(codes: Iterable[int]) -> int:
    """One exit code for several orders: any failure outranks usage, usage outranks partial."""
    found = set(codes)
    return next((code for code in (1, 2, 3) if code in found), 0)


def _folders(order: Order) -> set[Path]:
    """Where the files lie that the order names."""
    systems = [one for one in (order.information_system, order.control_system) if one is not None]
    files = [file for one in systems for file in (one.certificate, one.key)]
    files += order.sign_in.files
    return {file.parent for file in files if file is not None}


def _check_private(
    exclusions: Sequence[Exclusion], orders: Iterable[Order], sealer: Sealer
) -> None:
    """A reason is sealed and shown: it holds no number of a person and no secret of an order."""
    scanners = [sealer.scanner]
    for order in orders if exclusions else ():
        secrets = secrets_of(order)
        with suppress(RunbookError):  # a key that cannot be opened tells no secret
            secrets = secrets.and_those_of(sign_in_of(order).secrets)
        scanners.append(sealer.knowing(secrets).scanner)
    for one in exclusions:
        for scanner in scanners:
            for leak in scanner.scan(CAMPAIGN, one.reason.encode(), one.bin.text):
                what = "номер человека (ИИН)" if leak.rule == IIN else f"секрет ({leak.rule})"
                raise UsageError(
                    f"Причина исключения организации {one.bin} содержит {what}, а её увидят все. "
                    "Напишите её без этого; ничего не начато."
                )

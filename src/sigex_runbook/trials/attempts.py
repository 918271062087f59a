"""What every trial of the runbook needs: an emulator of its own, the guide performed there once,
the verdict in words, and many trials at a time."""

from __future__ import annotations

import io
import multiprocessing
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import ExitStack, redirect_stdout, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from sigex_emulator import Emulator
from sigex_runbook.core.errors import RunbookError
from sigex_runbook.core.order import Order, parse_order
from sigex_runbook.core.verdict import Verdict, VerdictKind
from sigex_runbook.evidence.pack.draft import PackDraft
from sigex_runbook.run.employee import Bridge
from sigex_runbook.run.options import Options, Target
from sigex_runbook.run.runbook import Runbook
from sigex_runbook.run.sample import sample_order
from sigex_runbook.run.secrets.channel import Confidences

VERIFICATION = "проверка"

_DEADLINE_SECONDS = 120.0

_Tried = TypeVar("_Tried")
_Ended = TypeVar("_Ended")


def try_all(
    tried: Iterable[_Tried],
    attempt: Callable[[_Tried], _Ended],
    *,
    workers: int,
    each_in_its_own: bool = False,
) -> Iterator[_Ended]:
    """Try them in worker processes, or `each_in_its_own`; what they end in comes as they end."""
    with ProcessPoolExecutor(
        workers,
        mp_context=multiprocessing.get_context("spawn"),
        max_tasks_per_child=1 if each_in_its_own else None,
    ) as pool:
        for done in as_completed([pool.submit(attempt, one) for one in tried]):
            yield done.result()


def order_of(emulator: Emulator) -> Order:
    """The sample order for this emulator."""
    return parse_order(sample_order(emulator.directory), path=Path("order.yaml"))


def perform(emulator: Emulator, order: Order, bridge: Bridge | None = None) -> Verdict:
    """Let the runbook perform the guide once; the pack is thrown away."""
    target = Target(emulator.address, emulator.mtls_address, emulator.directory / "ca.pem")
    with ExitStack() as stack:
        folder = stack.enter_context(TemporaryDirectory(dir=emulator.directory))
        # Outside of a notebook a failed section's view would be printed, pictures and all.
        stack.enter_context(redirect_stdout(io.StringIO()))
        draft = PackDraft.create(Path(folder), "trials", order.organisation.bin, "run")
        options = Options(target, deadline_seconds=_DEADLINE_SECONDS)
        runbook = Runbook(order, options, draft, tell=Confidences().tell, bridge=bridge).open()
        with suppress(RunbookError):  # the verdict tells it
            for _ in runbook.walk():
                pass
        return runbook.verdict().verdict


def reported_at(verdict: Verdict) -> str:
    """Where a verdict says that it broke, in the guide's way."""
    if verdict.kind is VerdictKind.PASSED:
        return "выполнено"
    if verdict.section is None:
        return VERIFICATION
    mark = f", выноска ({verdict.callout})" if verdict.callout is not None else ""
    return f"раздел {verdict.section}{mark}"

"""What the machinery of a batch costs by itself: performed by nobody, on the disk all the same."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from itertools import count, islice
from pathlib import Path
from tempfile import TemporaryDirectory

from sigex_runbook.core.access import AccessBlock
from sigex_runbook.core.order import Order, OrderedOrganisation, OrderedSystem, PersonSignIn, Wish
from sigex_runbook.core.organisation import Bin, check_digit
from sigex_runbook.core.verdict import Saved, Verdict, VerdictKind
from sigex_runbook.run.campaign import Named
from sigex_runbook.run.result import Result

from .coordinator import Batch
from .courtesy import Courtesy, Pace
from .pool import Taken, Task, Told
from .state import FOLDER, Phase, batch_state

TARGET = "https://127.0.0.1"
_CAMPAIGN = "simulation"


def organisations() -> Iterator[Bin]:
    """Made-up numbers, each once."""
    for number in count(1):
        stem = f"99014{number:06}"
        if (digit := check_digit(stem)) is not None:
            yield Bin(f"{stem}{digit}")


def simulated_orders(number: int) -> list[Named]:
    """Orders of different organisations that nobody can perform: there are no such files."""
    system = OrderedSystem.model_construct(description=_CAMPAIGN, certificate=Path("system.pem"))
    sign_in = PersonSignIn(method="person")
    return [
        (
            f"{one}.yaml",
            Order.model_construct(
                format="sigex-access-order/1",
                access=dict.fromkeys(AccessBlock, Wish.LEAVE),
                organisation=OrderedOrganisation(bin=one),
                information_system=system,
                sign_in=sign_in,
            ),
        )
        for one in islice(organisations(), number)
    ]


def result_of(task: Task, outputs: Path) -> Result:
    """A success."""
    number = task.order.organisation.bin.text
    pack = outputs / _CAMPAIGN / number / task.run_id
    verdict = Verdict(VerdictKind.PASSED, ())
    return Result(number, verdict, False, pack, TARGET, None, Saved.YES)


@dataclass(frozen=True, slots=True)
class _Nobody:
    """Tells what a worker would, at once."""

    outputs: Path
    slots: int = 4

    def submit(self, task: Task, tell: Callable[[Told], object]) -> Future[Result]:
        for told in (Taken("simulation"), Phase.SAVED, Phase.SEALED):
            tell(told)
        done: Future[Result] = Future()
        done.set_result(result_of(task, self.outputs))
        return done


@dataclass(frozen=True, slots=True)
class Cost:
    """What one order cost: milliseconds, those of them that the processor worked, bytes of the
    state, and its microseconds of reading them again. The rest is waiting for the disk."""

    orders: int
    milliseconds: float
    processor_milliseconds: float
    bytes: float
    reading_microseconds: float


def measure(numbers: Iterable[int]) -> Iterator[Cost]:
    """The cost of an order in a batch of so many."""
    for number in numbers:
        orders = simulated_orders(number)
        with TemporaryDirectory() as folder:
            outputs = Path(folder)
            began, worked = time.perf_counter(), time.process_time()
            with batch_state(outputs, _CAMPAIGN, "", orders) as state:
                pace = Pace(Courtesy.towards(TARGET))
                batch = Batch(
                    state,
                    _Nobody(outputs),
                    pace,
                    outputs=outputs,
                    target=TARGET,
                    found=lambda _: None,
                )
                for _ in batch.carry_out(orders):
                    pass
            ended, rested = time.perf_counter(), time.process_time()
            with batch_state(outputs, _CAMPAIGN, "", orders, resume=True):
                read = time.process_time()
            size = (outputs / FOLDER / f"{_CAMPAIGN}.jsonl").stat().st_size
        yield Cost(
            number,
            (ended - began) / number * 1e3,
            (rested - worked) / number * 1e3,
            size / number,
            (read - rested) / number * 1e6,
        )

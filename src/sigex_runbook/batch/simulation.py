"""What the machinery of a batch costs by itself: performed by nobody, on the disk all the same."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

import psutil
from securesystemslib.signer import CryptoSigner, Signer

from sigex_runbook.core.access import AccessBlock
from sigex_runbook.core.order import Order, OrderedOrganisation, OrderedSystem, PersonSignIn, Wish
from sigex_runbook.core.organisation import Bin, check_digit
from sigex_runbook.core.verdict import Saved, Verdict, VerdictKind
from sigex_runbook.evidence.attest.envelope import enclose
from sigex_runbook.evidence.attest.ledger import LEDGER, EntryKind
from sigex_runbook.evidence.attest.statement import ATTESTATION, PackStatement
from sigex_runbook.evidence.index.index import write_index
from sigex_runbook.evidence.index.outputs import Outputs
from sigex_runbook.evidence.pack.canonical import sha256_hex
from sigex_runbook.evidence.pack.disk import write_whole
from sigex_runbook.evidence.pack.draft import PackDraft
from sigex_runbook.evidence.pack.files import gather
from sigex_runbook.evidence.pack.layout import RUN
from sigex_runbook.evidence.sealing.campaign import close_campaign
from sigex_runbook.evidence.sealing.report_files import Publication
from sigex_runbook.evidence.sealing.sealer import Sealer
from sigex_runbook.evidence.sealing.sealing import campaign_ledger
from sigex_runbook.evidence.verify.campaign import verify_campaign
from sigex_runbook.evidence.verify.verification import Question
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
    """Tells what a worker would, at once, and puts a stub of a pack into its place."""

    outputs: Path
    signer: Signer
    slots: int = 4

    def submit(self, task: Task, tell: Callable[[Told], object]) -> Future[Result]:
        tell(Taken("simulation"))
        tell(Phase.SAVED)
        self._seal(task)
        tell(Phase.SEALED)
        done: Future[Result] = Future()
        done.set_result(result_of(task, self.outputs))
        return done

    def _seal(self, task: Task) -> None:
        """Signed and entered as a pack is; nothing was captured, so there is nothing to check."""
        organisation = task.order.organisation.bin
        draft = PackDraft.create(self.outputs, _CAMPAIGN, organisation, task.run_id)
        draft.write_json(RUN, {"target": TARGET})
        now = datetime.now(UTC).replace(microsecond=0)
        statement = PackStatement(
            _CAMPAIGN,
            organisation.text,
            task.run_id,
            VerdictKind.PASSED,
            now,
            gather(draft.folder),
        )
        attestation = enclose(statement.to_bytes(), self.signer)
        write_whole(draft.folder / ATTESTATION, attestation)
        with campaign_ledger(draft.home.campaign) as book:
            entry = book.next(
                EntryKind.RUN,
                sha256_hex(attestation),
                None,
                organisation=organisation.text,
                run=task.run_id,
            )
            book.add(entry)
            draft.place()


@dataclass(frozen=True, slots=True)
class Cost:
    """What one order cost, on the disk and of the processor: its state, its line in the ledger and
    the stub of its pack (`milliseconds` are those that passed, the rest waiting for the disk); in
    microseconds reading the state again, sealing the list of all, the page of all runs, verifying;
    in bytes state, ledger, page, and the memory that all of it took."""

    orders: int
    milliseconds: float
    processor_milliseconds: float
    reading: float
    closing: float
    listing: float
    verifying: float
    state_bytes: float
    ledger_bytes: float
    page_bytes: float
    memory_bytes: float


def measure(numbers: Iterable[int]) -> Iterator[Cost]:
    """The cost of an order in a batch of so many, after one that counts for nothing."""
    for place, number in enumerate((1, *numbers)):
        with TemporaryDirectory() as folder:
            cost = _measured(number, Path(folder))
        if place:
            yield cost


def _measured(number: int, outputs: Path) -> Cost:
    memory = psutil.Process().memory_info
    before = memory().rss
    orders = simulated_orders(number)
    sealer = Sealer(CryptoSigner.generate_ed25519(), Publication())
    folder = outputs / _CAMPAIGN
    began = time.perf_counter()
    with _Spent() as accounting, batch_state(outputs, _CAMPAIGN, "", orders) as state:
        batch = Batch(
            state,
            _Nobody(outputs, sealer.signer),
            Pace(Courtesy.towards(TARGET)),
            outputs=outputs,
            target=TARGET,
            found=lambda _: None,
        )
        for _ in batch.carry_out(orders):
            pass
    ended = time.perf_counter()
    with _Spent() as reading, batch_state(outputs, _CAMPAIGN, "", orders, resume=True):
        pass
    with _Spent() as closing:
        close_campaign(folder, sealer)
    with _Spent() as listing:
        page = write_index(Outputs(outputs))
    with _Spent() as verifying:
        found = verify_campaign(folder, Question(sealer.own_trust()), processes=1)
    assert found.findings == ()  # noqa: S101 - of the campaign; its stubs prove nothing
    state_file = outputs / FOLDER / f"{_CAMPAIGN}.jsonl"
    return Cost(
        number,
        milliseconds=(ended - began) / number * 1e3,
        processor_milliseconds=accounting.seconds / number * 1e3,
        reading=reading.seconds / number * 1e6,
        closing=closing.seconds / number * 1e6,
        listing=listing.seconds / number * 1e6,
        verifying=verifying.seconds / number * 1e6,
        state_bytes=state_file.stat().st_size / number,
        ledger_bytes=(folder / LEDGER).stat().st_size / number,
        page_bytes=page.stat().st_size / number,
        memory_bytes=(memory().rss - before) / number,
    )


class _Spent:
    """Seconds of this process's processor."""

    seconds = 0.0

    def __enter__(self) -> Self:
        self.seconds -= time.process_time()
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds += time.process_time()

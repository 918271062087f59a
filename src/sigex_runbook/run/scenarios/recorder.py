"""The recorder: looks over the scenarios' shoulder and writes what happens into the pack's draft.

Steps are recorded from pytest-bdd's hooks, never from steps. Pictures are drawn on another thread
while the browser goes on.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from sigex_runbook.api.exchange import Exchange
from sigex_runbook.core.deadline import Deadline
from sigex_runbook.core.error_causes import why
from sigex_runbook.core.errors import ControlNotFound, GuideBroken, NotRecorded, RunbookError
from sigex_runbook.core.guide import load_guide
from sigex_runbook.core.messages import say
from sigex_runbook.core.record import CaptureFacts, FailureFacts, Outcome, PlannedStep, StepRecord
from sigex_runbook.core.verdict import Saved
from sigex_runbook.evidence.pack.captures import store_capture, store_failure, stored_captures
from sigex_runbook.evidence.pack.draft import PackDraft
from sigex_runbook.evidence.privacy.redaction import Redactor
from sigex_runbook.site.screenshot import Sighting

from .clocks import check_clock
from .features import Place


class Recorder:
    """One run's record. `identity` and `environment` stand in every picture's frame; `unrecorded`
    is what kept a step from the disk, after which the run must not go on."""

    def __init__(
        self,
        draft: PackDraft,
        redactor: Redactor,
        planned: dict[Place, PlannedStep],
        *,
        environment: str,
        deadline: Deadline,
        at_saving: Callable[[Saved], object] = lambda _: None,
        at_step: Callable[[PlannedStep], object] = lambda _: None,
    ) -> None:
        """`at_saving` is told whenever `saved` has changed, `at_step` of each step that begins."""
        self._at_saving = at_saving
        self._at_step = at_step
        self._deadline = deadline
        self._broken_off = threading.Event()
        self._lock = threading.RLock()
        self._draft = draft
        self._redactor = redactor
        self._planned = planned
        self._environment = environment
        self._numbers = itertools.count(1)
        self._exchanges = itertools.count(1)
        self._painter = ThreadPoolExecutor(max_workers=1, thread_name_prefix="painter")
        self._painting: list[Future[object]] = []
        self._step: PlannedStep | None = None
        self._started: tuple[datetime, float] | None = None
        self._notes: list[str] = []
        self.identity: str | None = None
        self.saved = Saved.NO
        self.clock_offset_seconds: float | None = None
        self.records: list[StepRecord] = []
        self.failure: tuple[StepRecord, BaseException] | None = None
        self.unrecorded: NotRecorded | None = None

    def plan(self, planned: dict[Place, PlannedStep]) -> None:
        """What is performed from now on; the steps that have run already keep their numbers."""
        self._planned = planned

    @property
    def planned(self) -> tuple[PlannedStep, ...]:
        """Every step that this run is to perform, in order."""
        return tuple(self._planned.values())

    # -- observer of the screen

    def seen(self, sighting: Sighting) -> None:
        """Keep the picture of the callout that the current step is about."""
        step = self._step
        if step is None or sighting.callout is None or sighting.box is None:
            return
        if sighting.callout != step.callout:
            return
        facts = CaptureFacts(
            number=next(self._numbers),
            step=step.text,
            box=sighting.box,
            **self._page_facts(step, sighting),
        )
        self._painting.append(
            self._painter.submit(store_capture, self._draft, sighting.png, facts, load_guide())
        )

    def note(self, text: str) -> None:
        """Keep a remark for the current step."""
        self._notes.append(self._redactor.text(text))

    def saving(self, saved: Saved) -> None:
        """Keep what is known of the saving, at once: the process may be killed next.

        Raises NotRecorded when it cannot be kept that the button is going to be pressed.
        """
        before, self.saved = self.saved, saved
        try:
            self._at_saving(saved)
        except NotRecorded:
            if saved is Saved.UNKNOWN:
                self.saved = before
                with suppress(NotRecorded):
                    self._at_saving(before)
                raise

    # -- observer of the API

    def exchanged(self, exchange: Exchange) -> None:
        """Keep one call; that the service had it wait is remarked to the step.

        Raises RunFailed as long as nothing is saved when the answer shows that this machine's clock
        is wrong: what is saved then, could never be proved.
        """
        if exchange.waited_seconds:
            self.note(say("note.waited", seconds=exchange.waited_seconds))
        number = next(self._exchanges)
        self._draft.write_json(f"api/{number:03d}.json", asdict(exchange))
        if self.saved is Saved.NO and exchange.clock_offset_seconds is not None:
            self.clock_offset_seconds = exchange.clock_offset_seconds
            if not self._broken_off.is_set():
                check_clock(exchange.clock_offset_seconds)

    # -- steps

    def begin(self, place: Place, text: str) -> None:
        """A step of the guide begins. Raises GuideBroken when it is not the planned sentence."""
        if self._broken_off.is_set():
            raise self._deadline.error()
        planned = self._planned.get(place)
        if planned is None or planned.text != text:
            raise GuideBroken(
                f"Выполняется шаг «{text}», а по плану в {place.file}, строка {place.line}, — "
                f"«{planned.text if planned else 'ничего'}». Перезапустите программу."
            )
        self._step = planned
        self._started = (datetime.now(UTC), time.perf_counter())
        self._notes = []
        self._at_step(planned)

    def passed(self) -> None:
        """The step that began is done. Raises NotRecorded when the disk does not take that."""
        self._finish(Outcome.PASSED, None)
        if self.unrecorded is not None:
            raise self.unrecorded

    def failed(self, error: BaseException, look: Callable[[], Sighting]) -> None:
        """The step that began failed; `look` photographs the screen as it stands."""
        if isinstance(error, Exception):
            error = self._deadline.cause(error)
        record = self._finish(Outcome.FAILED, self.sentence(error))
        if record is None:
            return
        self.failure = (record, error)
        with suppress(NotRecorded):  # the failure itself is known
            self._photograph(record, error, look)

    def _photograph(
        self, record: StepRecord, error: BaseException, look: Callable[[], Sighting]
    ) -> None:
        try:
            sighting = look()
        except Exception as unseen:  # noqa: BLE001 - the page may be gone; the record goes on
            self._draft.write_text("screens/failure.txt", f"Снимка нет: {type(unseen).__name__}.\n")
            return
        facts = FailureFacts(
            message=record.message or "",
            drift=error.drift if isinstance(error, ControlNotFound) else None,
            **self._page_facts(record.step, sighting),
        )
        store_failure(self._draft, sighting.png, facts)

    def break_off(self, error: Exception) -> None:
        """The run is over while a step may still be waiting for its page: that step failed."""
        self._broken_off.set()
        record = self._finish(Outcome.FAILED, self.sentence(error))
        if record is not None:
            self.failure = (record, error)

    def unproved(self, section: int) -> PlannedStep | None:
        """The first step of a section that did not pass, or whose callout has no picture."""
        passed = {r.step.position for r in self.records if r.outcome is Outcome.PASSED}
        pictured = {c.facts.callout for c in stored_captures(self._draft, section)}
        for step in self._planned.values():
            if step.section == section and (
                step.position not in passed
                or (step.callout is not None and step.callout not in pictured)
            ):
                return step
        return None

    def sentence(self, error: BaseException) -> str:
        """An error as one sentence for the operator, people's numbers covered."""
        text = str(error).strip()
        if not isinstance(error, RunbookError | AssertionError):
            text = (
                f"Неожиданный сбой: {why(error)}. Запустите снова: повтор сначала прочтёт "
                "настройки."
            )
        else:
            text = text.splitlines()[0] if isinstance(error, AssertionError) and text else text
        return self._redactor.text(text or type(error).__name__)

    def settle(self) -> None:
        """Wait until every picture is on disk; raises what drawing one raised."""
        painting, self._painting = self._painting, []
        for picture in painting:
            picture.result()

    def close(self) -> None:
        """Record the steps that never ran and stop the painter."""
        self._painter.shutdown(wait=True)
        done = {record.step.position for record in self.records}
        for step in self._planned.values():
            if step.position not in done:
                self._append(StepRecord(step, Outcome.NOT_RUN))

    def _page_facts(self, step: PlannedStep, sighting: Sighting) -> dict[str, Any]:
        """The fields of PageFacts, of what is seen now."""
        now = datetime.now(UTC)
        return {
            "run_id": self._draft.run_id,
            "section": step.section,
            "callout": step.callout,
            "url": sighting.url,
            "title": sighting.title,
            "taken_at_utc": now.isoformat(timespec="milliseconds"),
            "taken_at_local": now.astimezone().isoformat(timespec="milliseconds"),
            "viewport_width": sighting.width,
            "viewport_height": sighting.height,
            "identity": self.identity,
            "environment": self._environment,
            "masks": sighting.masks,
        }

    def _finish(self, outcome: Outcome, message: str | None) -> StepRecord | None:
        """Record how the step that began ended; None when none did, or it has been recorded."""
        with self._lock:
            step, self._step = self._step, None
            if step is None:
                return None
            assert self._started is not None  # noqa: S101 - they are set together
            at, clock = self._started
            record = StepRecord(
                step=step,
                outcome=outcome,
                started_at=at.isoformat(timespec="milliseconds"),
                duration_ms=round((time.perf_counter() - clock) * 1000),
                message=message,
                note=" ".join(self._notes) or None,
            )
            self._append(record)
            return record

    def _append(self, record: StepRecord) -> None:
        self.records.append(record)
        try:
            self._draft.append_step(record)
        except NotRecorded as error:
            self.unrecorded = error

"""A batch: its workers kept busy at the pace that the service is owed, told as events.

Every change is written down before it is made and after. A first signal begins no other order and
lets those under way end; a second one leaves them where they are. It prints nothing, and seals
nothing: the packs' places are filled by whoever performs, the population by whoever asked.
"""

from __future__ import annotations

import queue
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Future
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from sigex_runbook.api.refusals import speaks_of_limit
from sigex_runbook.core.error_causes import may_speak_of_absence, speaks_of_absence, why
from sigex_runbook.core.errors import NotRecorded, NotSealed, RunbookError, RunFailed, UsageError
from sigex_runbook.core.verdict import Saved
from sigex_runbook.run import campaign
from sigex_runbook.run.campaign import Begun, Finished, LeftOut, Named
from sigex_runbook.run.gathering import new_run_id
from sigex_runbook.run.result import Result
from sigex_runbook.run.signals import Interrupted, Interruptions

from .choice import Choice
from .courtesy import Pace, Trouble, Wait
from .pool import Pool, Taken, Task, Told, WorkerDied
from .state import UNDER_WAY, BatchState, Phase, Standing

MOST_REPEATS = 2
"""How often an order is begun anew whose worker died."""

_GLANCE_SECONDS = 1.0
"""How long one wait lasts at most: the pool may have grown, and Windows hears no signal in it."""
_NO_END_SECONDS = 3600.0

_SOON = (
    "Программу остановили: новые заказы не начинаются, начатые доводятся до конца. Ещё один сигнал "
    "остановит сразу."
)
_STILL = {
    Trouble.LIMITED: "Сервис всё ещё ограничивает частоту запросов, новые заказы не начинаются. "
    "Уменьшите темп и продолжите с --resume позже.",
    Trouble.AWAY: "Сервис всё ещё не отвечает, новые заказы не начинаются. Продолжите с --resume, "
    "когда он заработает.",
}
_NEVER_THERE = (
    "Сервис не отвечает, новые заказы не начинаются. Проверьте адрес и сеть и продолжите с "
    "--resume."
)
_AT_ONCE = "Программу остановили сразу: начатые заказы выполнит повтор с --resume."


class _Enough(RunFailed):
    """So many orders failed that somebody has to look first."""


@dataclass(frozen=True, slots=True)
class Reached:
    """What a worker told of the order that it performs."""

    name: str
    told: Told


@dataclass(frozen=True, slots=True)
class Again:
    """An order is begun anew, in its turn, and why."""

    name: str
    why: str


@dataclass(frozen=True, slots=True)
class Stopping:
    """No other order is begun, and why; those named are under way, and are finished unless
    `at_once`."""

    why: str
    under_way: tuple[str, ...]
    at_once: bool = False


Event = Begun | Reached | Finished | LeftOut | Again | Wait | Stopping

Bell = queue.SimpleQueue[None]
"""Rings when there is news. Nothing is lost with a ring that a signal swallows."""


def _until_rung(bell: Bell, seconds: float) -> None:
    with suppress(queue.Empty):
        bell.get(timeout=min(seconds, _GLANCE_SECONDS))


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Clock:
    """What time it is, and how one waits."""

    now: Callable[[], datetime] = _now
    wait: Callable[[Bell, float], object] = _until_rung


class Batch:
    """Orders of one campaign, performed by a pool. Once: make another to go on.

    `found` gives the result of a run that was begun earlier, if its pack is in its place after all.
    """

    def __init__(
        self,
        state: BatchState,
        pool: Pool,
        pace: Pace,
        *,
        outputs: Path,
        target: str,
        found: Callable[[Task], Result | None],
        interruptions: Interruptions | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._state = state
        self._pool = pool
        self._pace = pace
        self._outputs = outputs
        self._target = target
        self._found = found
        self._interruptions = interruptions or Interruptions()
        self._clock = clock or Clock()
        self._waiting: deque[Named] = deque()
        self._under_way: dict[str, Task] = {}
        self._news: deque[tuple[Task, Told | Future[Result]]] = deque()
        self._bell: Bell = queue.SimpleQueue()
        self._deaths: Counter[str] = Counter()
        self._failures = 0
        self._served = False
        self._unanswered: str | None = None
        self._wait: Wait | None = None
        self._stop: RunbookError | Interrupted | None = None
        self._told: BaseException | None = None
        self._abandoned = False

    def carry_out(self, orders: Sequence[Named], choice: Choice | None = None) -> Generator[Event]:
        """Perform the chosen orders.

        Whoever stops listening closes the generator: no other order is begun, and those under way
        are waited for and written down. Raises, after the last event, Interrupted after a signal,
        NotRecorded when the state cannot be written, RunbookError when the service has had enough
        or the pool has nobody left.
        """
        choice = choice or Choice()
        try:
            yield from self._recover(orders)
            self._waiting.extend(choice.of(orders, self._state))
            while self._waiting or self._under_way:
                self._consider(choice)
                yield from self._begin() if self._stop is None else self._tell_stop()
                if self._under_way or self._stop is None:
                    yield from self._listen()
                else:
                    break
            yield from self._leave_rest()
        finally:
            while self._under_way:
                for _ in self._listen():
                    pass
        if self._stop is not None and not isinstance(self._stop, _Enough):
            raise self._stop

    def _recover(self, orders: Sequence[Named]) -> Iterator[Event]:
        """What a killed program had under way and yet brought to its end; told unless it failed,
        as it is performed again then."""
        for name, order in orders:
            standing = self._state.of(name)
            if standing.phase in UNDER_WAY and standing.run is not None:
                task = Task(name, order, standing.run)
                if (result := self._found(task)) is not None:
                    told = list(self._settle(task, result))
                    yield from () if _failed(result) else told
        self._failures = 0

    def _consider(self, choice: Choice) -> None:
        """Whether there is reason to begin no other order."""
        if self._stop is not None or not self._waiting:
            return
        if choice.stop_after is not None and self._failures >= choice.stop_after:
            self._stop = _Enough(
                f"Не выполнено заказов: {self._failures}, новые не начинаются (--stop-after). "
                "Прочтите причины, устраните их и продолжите с --resume."
            )
        elif (trouble := self._pace.exhausted) is not None:
            self._stop = RunFailed(_STILL[trouble])

    def _begin(self) -> Iterator[Event]:
        """Begin as many as may be under way at once; two of one organisation may not, as each of
        them saves its settings whole."""
        before, self._wait = self._wait, None
        most = self._pace.courtesy.concurrency or self._pool.slots
        while len(self._under_way) < max(1, min(most, self._pool.slots)) and self._stop is None:
            busy = {task.order.organisation.bin for task in self._under_way.values()}
            free = (one for one in self._waiting if one[1].organisation.bin not in busy)
            if (named := next(free, None)) is None:
                return
            now = self._clock.now()
            self._wait = self._pace.wait(now)
            if self._wait is not None:
                if self._wait != before:
                    yield self._wait
                return
            task = Task(*named, new_run_id())
            number = task.order.organisation.bin.text
            if self._write(Standing(task.name, number, Phase.BEGUN, task.run_id)):
                self._pace.begun(now)
                self._waiting.remove(named)
                report = partial(self._report, task)
                try:
                    future = self._pool.submit(task, report)
                except RunbookError as error:
                    self._stop = error
                    self._waiting.appendleft(named)
                    return
                self._under_way[task.name] = task
                future.add_done_callback(report)
                yield Begun(*named)

    def _report(self, task: Task, told: Told | Future[Result]) -> None:
        """On any thread."""
        self._news.append((task, told))
        self._bell.put(None)

    def _listen(self) -> Iterator[Event]:
        """Wait for news, a signal or the moment at which another order may be begun."""
        seconds = _NO_END_SECONDS
        if self._wait is not None and self._stop is None:
            seconds = max(0.0, (self._wait.until - self._clock.now()).total_seconds())
        try:
            with self._interruptions.allowed():
                self._clock.wait(self._bell, seconds)
        except Interrupted as stop:
            self._abandoned = isinstance(self._stop, Interrupted)
            self._stop = stop
            self._interruptions.forgive()
        while self._news:
            task, told = self._news.popleft()
            if self._under_way.get(task.name) is task:
                yield from self._hear(task, told)
        if self._abandoned:
            yield from self._tell_stop()
            self._under_way.clear()

    def _hear(self, task: Task, told: Told | Future[Result]) -> Iterator[Event]:
        if isinstance(told, Future):
            del self._under_way[task.name]
            yield from self._end(task, told)
            return
        standing = self._state.of(task.name)
        if isinstance(told, Taken):
            self._write(replace(standing, worker=told.worker), sync=False)
        elif isinstance(told, Phase):
            self._write(replace(standing, phase=told))
        yield Reached(task.name, told)

    def _end(self, task: Task, future: Future[Result]) -> Iterator[Event]:
        """An order came to its end, or its worker did."""
        error = WorkerDied("") if future.cancelled() else future.exception()
        died = isinstance(error, WorkerDied | BrokenExecutor)
        result = future.result() if error is None else self._found(task) if died else None
        trouble = self._trouble(task, result, error)
        self._served |= trouble is not Trouble.AWAY
        self._pace.ended(self._clock.now(), trouble)
        repeat: str | None = trouble
        if not self._served:
            self._stop = self._stop or RunFailed(_NEVER_THERE)
        elif died and result is None and self._deaths[task.name] < MOST_REPEATS:
            self._deaths[task.name] += 1
            repeat = "исполнитель завершился, не доведя заказ до конца"
        if repeat and self._stop is None and not self._pace.exhausted:
            put_back = self._waiting.appendleft
            if trouble is Trouble.AWAY:  # if it is this order's after all, the others come first
                put_back = self._waiting.append
            put_back((task.name, task.order))
            yield Again(task.name, repeat)
        elif result is not None:
            yield from self._settle(task, result)
        else:
            yield from self._fail(task, error or WorkerDied(""))

    def _trouble(
        self, task: Task, result: Result | None, error: BaseException | None
    ) -> Trouble | None:
        """What kept the service from serving an order, by why it failed. That an answer did not
        come may be that order's own trouble; of two orders in a row it is the service's."""
        reason = str(error) if result is None else _reasons(result)
        if speaks_of_limit(reason):
            return Trouble.LIMITED
        # An information system's node, or the store of packs, may be away as well.
        served = isinstance(error, NotSealed) if result is None else result.saved is Saved.YES
        failed = result is None or _failed(result)
        if not failed or served:
            reason = ""
        before, self._unanswered = self._unanswered, None
        if may_speak_of_absence(reason):
            self._unanswered = task.name
        again = self._unanswered is not None and before not in {None, task.name}
        return Trouble.AWAY if again or speaks_of_absence(reason) else None

    def _settle(self, task: Task, result: Result) -> Iterator[Event]:
        self._failures += _failed(result)
        reason = self._public(task, RunFailed(_reasons(result))) if result.exit_code else None
        self._write(
            replace(
                self._state.of(task.name),
                phase=Phase.FAILED if _failed(result) else Phase.PLACED,
                exit_code=result.exit_code,
                section=result.verdict.section,
                reason=reason,
            )
        )
        yield Finished(task.name, result)

    def _fail(self, task: Task, error: BaseException) -> Iterator[Event]:
        """There is no pack."""
        if isinstance(error, WorkerDied | BrokenExecutor):
            error = RunFailed(
                "Исполнитель завершился, не доведя заказ до конца. Проверьте память и место на "
                "диске и продолжите с --resume: повтор сначала прочтёт настройки."
            )
        elif not isinstance(error, RunbookError):
            error = RunFailed(
                f"Заказ прерван: {why(error)}. Устраните причину и продолжите с --resume."
            )
        self._failures += 1
        self._write(
            replace(
                self._state.of(task.name),
                phase=Phase.LEFT_OUT if isinstance(error, UsageError) else Phase.FAILED,
                exit_code=error.exit_code,
                section=getattr(error, "section", None),
                reason=self._public(task, error),
            )
        )
        yield LeftOut(task.name, task.order, error, self._target)

    def _public(self, task: Task, error: RunbookError) -> str | None:
        """Why, without numbers of people and folders of this machine."""
        said = str(error).strip()
        return campaign.left_out(task.order, error, self._outputs).reason if said else None

    def _write(self, standing: Standing, *, sync: bool = True) -> bool:
        """Whether it could be written; else no other order is begun."""
        try:
            self._state.add(standing, sync=sync)
        except NotRecorded as error:
            self._stop = self._stop or error
            return False
        return True

    def _tell_stop(self) -> Iterator[Event]:
        if self._stop is not None and self._told is not self._stop:
            self._told = self._stop
            told = str(self._stop) or (_AT_ONCE if self._abandoned else _SOON)
            yield Stopping(told, tuple(self._under_way), at_once=self._abandoned)

    def _leave_rest(self) -> Iterator[Event]:
        yield from self._tell_stop()
        for name, order in self._waiting:
            earlier = UsageError("Программу остановили раньше. Продолжите с --resume.")
            yield LeftOut(name, order, earlier, self._target)


def _failed(result: Result) -> bool:
    return result.exit_code == RunFailed.exit_code


def _reasons(result: Result) -> str:
    return "; ".join(result.verdict.reasons)

"""The coordinator: what it begins, what it writes down, and how it takes what goes wrong."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterable
from concurrent.futures import BrokenExecutor, CancelledError, Future
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from sigex_runbook.batch.choice import Choice
from sigex_runbook.batch.coordinator import Again, Event, Reached, Stopping
from sigex_runbook.batch.courtesy import MOST_BACK_OFFS, Courtesy, Hours, Wait
from sigex_runbook.batch.pool import Taken, Task, Told, WorkerDied
from sigex_runbook.batch.simulation import result_of, simulated_orders
from sigex_runbook.batch.state import FOLDER, BatchState, Phase, Standing
from sigex_runbook.core.errors import NotRecorded, NotSealed, RunFailed, UsageError
from sigex_runbook.core.verdict import Saved, Verdict, VerdictKind
from sigex_runbook.run.campaign import Begun, Finished, LeftOut, worst
from sigex_runbook.run.result import Result
from sigex_runbook.run.signals import Interrupted, Interruptions
from tests.builders import ORGANISATION, OTHER_ORGANISATION

from .office import BEGINNING, CAMPAIGN, Office, failed, kept, orders_of, phases

ORDERS = simulated_orders(5)
NAMES = [name for name, _ in ORDERS]
AWAY = "Сервис не открывается: по этому адресу никто не отвечает. Проверьте адрес."
LIMIT = "Сервис ограничил частоту запросов и не ответил на GET /api. Подождите несколько минут."


DEATH = WorkerDied("gone")


def of(kind: type[Event], events: Iterable[Event]) -> list[str]:
    """The names of the orders that are told of in that way."""
    return [str(getattr(event, "name", "")) for event in events if isinstance(event, kind)]


def test_all_are_performed_as_many_at_once_as_there_are_slots(tmp_path: Path) -> None:
    office = Office(tmp_path, slots=3)
    with kept(tmp_path, ORDERS) as state:
        events = list(office.batch(state).carry_out(ORDERS))
    assert of(Begun, events) == of(Finished, events) == NAMES
    assert office.most == 3
    with kept(tmp_path, ORDERS, resume=True) as state:
        assert set(phases(state).values()) == {Phase.PLACED}
        standing = state.of(NAMES[0])
        assert (standing.worker, standing.exit_code, standing.reason) == ("w1", 0, None)
    told = [event.told for event in events if isinstance(event, Reached)]
    assert told[:3] == [Taken("w1"), Phase.SAVED, Phase.SEALED]


def test_an_order_is_on_the_disk_as_begun_before_a_worker_has_it_and_as_saved_before_it_ends(
    tmp_path: Path,
) -> None:
    """What is asked of is what another process would read."""
    seen: list[str] = []
    file = tmp_path / FOLDER / f"{CAMPAIGN}.jsonl"

    def read() -> None:
        seen.append(file.read_text(encoding="utf-8").splitlines()[-1])

    class Watching(Office):
        def submit(self, task: Task, tell: Callable[[Told], object]) -> Future[Result]:
            read()
            assert task.run_id in seen[-1]
            return super().submit(task, tell)

    office = Watching(tmp_path)
    with kept(tmp_path, ORDERS[:1]) as state:
        for event in office.batch(state).carry_out(ORDERS[:1]):
            if event == Reached(NAMES[0], Phase.SAVED) or isinstance(event, Finished):
                read()
    assert [
        f'"phase":"{phase}"' in line
        for phase, line in zip((Phase.BEGUN, Phase.SAVED, Phase.PLACED), seen, strict=True)
    ] == [True, True, True]


def test_two_orders_of_one_organisation_are_never_under_way_at_once(tmp_path: Path) -> None:
    """Each saves the organisation's settings whole: the later one would take back the earlier."""
    numbers = (ORGANISATION, ORGANISATION, ORGANISATION, OTHER_ORGANISATION)
    orders = orders_of(tmp_path, *numbers)
    office = Office(tmp_path, slots=4)
    with kept(tmp_path, orders) as state:
        events = list(office.batch(state).carry_out(orders))
    assert office.submitted == ["1.yaml", "4.yaml", "2.yaml", "3.yaml"]
    assert len(of(Finished, events)) == 4


def test_a_run_that_failed_keeps_where_and_why(tmp_path: Path) -> None:
    office = Office(tmp_path)
    person = "900101300126"
    orders = orders_of(tmp_path, ORGANISATION)
    office.fate("1.yaml", failed(f"Вошёл не тот: {person}. Войдите снова.", section=1))
    with kept(tmp_path, orders) as state:
        events = list(office.batch(state).carry_out(orders))
        standing = state.of("1.yaml")
    assert (standing.phase, standing.section, standing.exit_code) == (Phase.FAILED, 1, 1)
    assert standing.reason is not None
    assert standing.reason.startswith("Вошёл не тот: ИИН-")
    assert person not in (tmp_path / FOLDER / f"{CAMPAIGN}.jsonl").read_text(encoding="utf-8")
    assert worst(e.exit_code for e in events if isinstance(e, Finished)) == 1


def test_what_is_done_as_far_as_it_was_seen_is_done(tmp_path: Path) -> None:
    office = Office(tmp_path)
    orders = orders_of(tmp_path, ORGANISATION)
    office.fate("1.yaml", Verdict(VerdictKind.PARTIAL, ("Ключа системы нет.",)))
    with kept(tmp_path, orders) as state:
        list(office.batch(state).carry_out(orders))
        standing = state.of("1.yaml")
    assert (standing.phase, standing.exit_code, standing.reason) == (
        Phase.PLACED,
        3,
        "Ключа системы нет.",
    )


@pytest.mark.parametrize(
    ("error", "phase", "reason"),
    [
        (UsageError("Ключа нет."), Phase.LEFT_OUT, "Ключа нет."),
        (NotSealed("Не заверен.", saved=Saved.YES), Phase.FAILED, "Не заверен."),
        (MemoryError(), Phase.FAILED, "Заказ прерван: ошибка MemoryError. Устраните"),
        (RunFailed(""), Phase.FAILED, ""),
    ],
)
def test_what_has_no_pack_has_a_reason(
    error: Exception, phase: Phase, reason: str, tmp_path: Path
) -> None:
    office = Office(tmp_path)
    orders = orders_of(tmp_path, ORGANISATION, OTHER_ORGANISATION)
    office.fate("1.yaml", error)
    with kept(tmp_path, orders) as state:
        events = list(office.batch(state).carry_out(orders))
        standing = state.of("1.yaml")
        assert state.of("2.yaml").phase is Phase.PLACED
    assert of(LeftOut, events) == ["1.yaml"]
    assert standing.phase is phase
    assert (standing.reason or "").startswith(reason)


@pytest.mark.parametrize("death", [WorkerDied("gone"), BrokenExecutor(), CancelledError()])
def test_an_order_whose_worker_died_is_begun_anew_under_another_name(
    death: BaseException, tmp_path: Path
) -> None:
    office = Office(tmp_path, slots=1)
    office.fate(NAMES[1], death)
    runs: list[str | None] = []
    with kept(tmp_path, ORDERS) as state:
        events = []
        for event in office.batch(state).carry_out(ORDERS):
            events.append(event)
            if isinstance(event, Begun) and event.name == NAMES[1]:
                runs.append(state.of(NAMES[1]).run)
        assert set(phases(state).values()) == {Phase.PLACED}
    assert of(Again, events) == [NAMES[1]]
    assert office.submitted == [NAMES[0], NAMES[1], *NAMES[1:]]
    assert len(set(runs)) == 2


def test_three_deaths_are_a_failure_and_the_others_go_on(tmp_path: Path) -> None:
    orders = orders_of(tmp_path, ORGANISATION, OTHER_ORGANISATION)
    office = Office(tmp_path, slots=1)
    office.fate("1.yaml", DEATH, DEATH, DEATH)
    with kept(tmp_path, orders) as state:
        events = list(office.batch(state).carry_out(orders))
        assert phases(state) == {"1.yaml": Phase.FAILED, "2.yaml": Phase.PLACED}
        assert "--resume" in (state.of("1.yaml").reason or "")
    assert of(Again, events) == ["1.yaml"] * 2
    assert of(LeftOut, events) == ["1.yaml"]


def test_a_worker_that_died_after_its_pack_was_in_place_has_done_its_work(tmp_path: Path) -> None:
    office = Office(tmp_path)
    name, order = ORDERS[0]
    office.fate(name, DEATH)
    office.found[name] = result_of(Task(name, order, "run"), tmp_path)
    with kept(tmp_path, ORDERS[:1]) as state:
        events = list(office.batch(state).carry_out(ORDERS[:1]))
    assert of(Finished, events) == office.submitted == [name]


def test_the_services_limit_is_waited_for_and_is_no_failure(tmp_path: Path) -> None:
    office = Office(tmp_path)
    office.fate(NAMES[0], failed(LIMIT), failed(LIMIT))
    with kept(tmp_path, ORDERS[:1]) as state:
        choice = Choice(stop_after=1)
        events = list(office.batch(state).carry_out(ORDERS[:1], choice))
        assert state.of(NAMES[0]).phase is Phase.PLACED
    assert office.begun_at == [0, 60, 180]
    minutes = [1, 3]
    assert [event for event in events if isinstance(event, Wait)] == [
        Wait(BEGINNING + timedelta(minutes=one), "сервис ограничил частоту запросов")
        for one in minutes
    ]
    assert len(of(Again, events)) == 2


def test_a_limit_that_does_not_end_ends_the_batch(tmp_path: Path) -> None:
    orders = orders_of(tmp_path, ORGANISATION, OTHER_ORGANISATION)
    office = Office(tmp_path, slots=1)
    office.fate("1.yaml", *[RunFailed(LIMIT)] * MOST_BACK_OFFS)
    events: list[Event] = []
    with kept(tmp_path, orders) as state:
        with pytest.raises(RunFailed, match="всё ещё ограничивает"):
            events.extend(office.batch(state).carry_out(orders))
        assert phases(state) == {"1.yaml": Phase.FAILED, "2.yaml": Phase.PLANNED}
    assert office.submitted == ["1.yaml"] * MOST_BACK_OFFS


def test_a_service_that_goes_away_is_waited_for_and_no_order_fails(tmp_path: Path) -> None:
    office = Office(tmp_path, slots=1)
    office.fate(NAMES[1], failed(AWAY), RunFailed(AWAY))
    with kept(tmp_path, ORDERS) as state:
        events = list(office.batch(state).carry_out(ORDERS, Choice(stop_after=1)))
        assert set(phases(state).values()) == {Phase.PLACED}
    assert [event.why for event in events if isinstance(event, Wait)] == ["сервис не отвечает"] * 2
    assert office.submitted == [*NAMES, *[NAMES[1]] * 2]


SILENT = "Раздел 1: страница не открылась: ответа не дождались."
BAD_GATEWAY = "Сервис недоступен или адрес не тот: проверьте адрес и повторите позже."


@pytest.mark.parametrize("silence", [SILENT, BAD_GATEWAY])
def test_an_answer_that_two_orders_in_a_row_wait_for_in_vain_is_the_services(
    tmp_path: Path, silence: str
) -> None:
    office = Office(tmp_path, slots=1)
    for name in NAMES[1:3]:
        office.fate(name, failed(silence))
    with kept(tmp_path, ORDERS) as state:
        list(office.batch(state).carry_out(ORDERS))
        failures = [name for name, phase in phases(state).items() if phase is Phase.FAILED]
    assert failures == [NAMES[1]]
    assert office.submitted == [*NAMES, NAMES[2]]


def test_an_answer_that_one_order_waits_for_in_vain_is_its_own_affair(tmp_path: Path) -> None:
    office = Office(tmp_path, slots=1)
    for name in NAMES[1::2]:
        office.fate(name, failed(SILENT))
    with kept(tmp_path, ORDERS) as state:
        list(office.batch(state).carry_out(ORDERS))
    assert office.submitted == NAMES
    assert office.begun_at == [0] * len(NAMES)


@pytest.mark.parametrize(
    "ending",
    [failed(AWAY), NotSealed(f"Собранное не сдано: хранилище, {AWAY}", saved=Saved.YES)],
    ids=["a system's node", "the store"],
)
def test_another_node_that_is_away_is_not_the_service(
    tmp_path: Path, ending: Verdict | NotSealed
) -> None:
    office = Office(tmp_path, slots=1, saved=Saved.YES)
    office.fate(NAMES[1], ending)
    with kept(tmp_path, ORDERS) as state:
        list(office.batch(state).carry_out(ORDERS))
    assert office.submitted == NAMES


def test_a_service_that_was_never_there_ends_the_batch_at_once(tmp_path: Path) -> None:
    office = Office(tmp_path, slots=1)
    office.fate(NAMES[0], failed(AWAY))
    with kept(tmp_path, ORDERS) as state:
        with pytest.raises(RunFailed, match="Проверьте адрес"):
            list(office.batch(state).carry_out(ORDERS))
        assert phases(state).pop(NAMES[0]) is Phase.FAILED
    assert office.submitted == NAMES[:1]


def test_courtesy_is_kept(tmp_path: Path) -> None:
    office = Office(tmp_path, slots=4)
    courtesy = Courtesy(1, per_minute=2, hours=Hours.read("17:01-17:03 Asia/Almaty"))
    with kept(tmp_path, ORDERS) as state:  # it is 17:00 there
        list(office.batch(state, courtesy).carry_out(ORDERS))
    assert office.most == 1
    tomorrow = 86_400 + 60
    assert office.begun_at == [60, 90, 120, 150, tomorrow]


def test_after_so_many_failures_no_other_is_begun_and_those_under_way_end(tmp_path: Path) -> None:
    office = Office(tmp_path, slots=2)
    orders = orders_of(
        tmp_path,
        ORGANISATION,
        OTHER_ORGANISATION,
        *(order.organisation.bin.text for _, order in ORDERS[:2]),
    )
    office.fate("1.yaml", failed("Не вышло."))
    with kept(tmp_path, orders) as state:
        events = list(office.batch(state).carry_out(orders, Choice(stop_after=1)))
        assert list(phases(state).values()) == [
            *(Phase.FAILED, Phase.PLACED),
            *(Phase.PLANNED, Phase.PLANNED),
        ]
    [stopping] = [event for event in events if isinstance(event, Stopping)]
    assert "Не выполнено заказов: 1" in stopping.why
    assert stopping.under_way == ("2.yaml",)
    assert of(LeftOut, events) == ["3.yaml", "4.yaml"]


def test_one_signal_begins_no_other_order_and_lets_those_under_way_end(tmp_path: Path) -> None:
    office, interruptions = Office(tmp_path, slots=2), Interruptions()
    office.signals.append(signal.SIGTERM)
    events: list[Event] = []
    with kept(tmp_path, ORDERS) as state, interruptions.listening():
        batch = office.batch(state, interruptions=interruptions)
        with pytest.raises(Interrupted) as stopped:
            events.extend(batch.carry_out(ORDERS))
        told = list(phases(state).values())
    assert stopped.value.number == signal.SIGTERM
    assert office.submitted == of(Finished, events) == NAMES[:2]
    assert told == [*[Phase.PLACED] * 2, *[Phase.PLANNED] * 3]
    [stopping] = [event for event in events if isinstance(event, Stopping)]
    assert not stopping.at_once
    assert of(LeftOut, events) == NAMES[2:]


def test_a_second_signal_leaves_them_and_the_next_command_begins_them_anew(tmp_path: Path) -> None:
    office, interruptions = Office(tmp_path, slots=2), Interruptions()
    office.signals.extend([signal.SIGINT] * 2)
    events: list[Event] = []
    with kept(tmp_path, ORDERS) as state, interruptions.listening():
        batch = office.batch(state, interruptions=interruptions)
        with pytest.raises(Interrupted):
            events.extend(batch.carry_out(ORDERS))
    stops = [event for event in events if isinstance(event, Stopping)]
    assert [(one.under_way, one.at_once) for one in stops] == [
        (tuple(NAMES[:2]), False),
        (tuple(NAMES[:2]), True),
    ]
    again = Office(tmp_path)
    with kept(tmp_path, ORDERS, resume=True) as state:
        assert [state.of(name).phase for name in NAMES[:2]] == [Phase.BEGUN] * 2
        list(again.batch(state).carry_out(ORDERS))
        assert set(phases(state).values()) == {Phase.PLACED}
    assert again.submitted == NAMES


def test_resuming_does_again_what_was_under_way_and_not_what_is_done(tmp_path: Path) -> None:
    begun, saved, sealed, placed, planned = NAMES
    with kept(tmp_path, ORDERS) as state:
        for name, phase in zip(NAMES[:4], list(Phase)[1:5], strict=True):
            state.add(replace(state.of(name), phase=phase, run=f"run-{phase}"))
    office = Office(tmp_path)
    found: list[str] = []

    class Remembering(Office):
        def look(self, task: Task) -> Result | None:
            found.append(task.run_id)
            return result_of(task, tmp_path) if task.name == sealed else None

    office = Remembering(tmp_path)
    with kept(tmp_path, ORDERS, resume=True) as state:
        events = list(office.batch(state).carry_out(ORDERS))
        assert set(phases(state).values()) == {Phase.PLACED}
        assert state.of(sealed).run == "run-sealed"
    assert found == ["run-begun", "run-saved", "run-sealed"]
    assert office.submitted == [begun, saved, planned]
    assert of(Finished, events) == [sealed, begun, saved, planned]
    assert placed not in of(Finished, events)


def test_a_run_that_was_killed_after_it_had_failed_is_told_of_when_it_is_done_again(
    tmp_path: Path,
) -> None:
    name, order = ORDERS[0]
    with kept(tmp_path, ORDERS[:1]) as state:
        state.add(replace(state.of(name), phase=Phase.SEALED, run="run-1"))
    office = Office(tmp_path)
    earlier = result_of(Task(name, order, "run-1"), tmp_path)
    office.found[name] = replace(earlier, verdict=Verdict(VerdictKind.FAILED, ()))
    with kept(tmp_path, ORDERS[:1], resume=True) as state:
        events = list(office.batch(state).carry_out(ORDERS[:1], Choice(stop_after=1)))
        assert state.of(name).phase is Phase.PLACED
    assert of(Finished, events) == office.submitted == [name]


def test_a_state_that_cannot_be_written_stops_the_batch_and_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = Office(tmp_path, slots=2)
    add = BatchState.add

    def full(self: BatchState, standing: Standing, *, sync: bool = True) -> None:
        if standing.phase is Phase.SEALED:
            raise NotRecorded("На диске нет места.")
        add(self, standing, sync=sync)

    events: list[Event] = []
    with kept(tmp_path, ORDERS) as state, monkeypatch.context() as filled:
        filled.setattr(BatchState, "add", full)
        with pytest.raises(NotRecorded):
            events.extend(office.batch(state).carry_out(ORDERS))
    assert of(Finished, events) == office.submitted == NAMES[:2]
    assert len([event for event in events if isinstance(event, Stopping)]) == 1
    again = Office(tmp_path)
    with kept(tmp_path, ORDERS, resume=True) as state:
        list(again.batch(state).carry_out(ORDERS))
        assert set(phases(state).values()) == {Phase.PLACED}


def test_an_order_that_cannot_be_written_down_is_not_begun(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise NotRecorded("На диске нет места.")

    office = Office(tmp_path)
    events: list[Event] = []
    with kept(tmp_path, ORDERS) as state:
        monkeypatch.setattr(BatchState, "add", full)
        with pytest.raises(NotRecorded):
            events.extend(office.batch(state).carry_out(ORDERS))
    assert office.submitted == []
    assert [type(event) for event in events] == [Stopping, *[LeftOut] * 5]


def test_a_pool_without_workers_ends_the_batch(tmp_path: Path) -> None:
    class Deserted(Office):
        def submit(self, task: Task, tell: Callable[[Told], object]) -> Future[Result]:
            if self.submitted:
                raise RunFailed("Исполнителей больше нет.")
            return super().submit(task, tell)

    office = Deserted(tmp_path)
    events: list[Event] = []
    with kept(tmp_path, ORDERS) as state:
        with pytest.raises(RunFailed, match="Исполнителей больше нет"):
            events.extend(office.batch(state).carry_out(ORDERS))
        assert state.of(NAMES[0]).phase is Phase.PLACED
    assert of(Finished, events) == NAMES[:1]
    assert of(LeftOut, events) == NAMES[1:]


def test_who_stops_listening_begins_no_other_and_what_is_under_way_is_written_down(
    tmp_path: Path,
) -> None:
    office = Office(tmp_path, slots=2)
    with kept(tmp_path, ORDERS) as state:
        events = office.batch(state).carry_out(ORDERS)
        assert [type(next(events)) for _ in range(2)] == [Begun, Begun]
        events.close()
        assert list(phases(state).values()) == [*[Phase.PLACED] * 2, *[Phase.PLANNED] * 3]
    assert office.submitted == NAMES[:2]

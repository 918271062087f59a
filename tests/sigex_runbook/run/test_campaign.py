"""A campaign as events, and what is sealed of organisations whose orders could not be begun."""

from __future__ import annotations

import errno
import shutil
import signal
from collections.abc import Iterable
from pathlib import Path

import pytest

from sigex_runbook.core.errors import NotSealed, RunFailed, UsageError
from sigex_runbook.core.verdict import Saved
from sigex_runbook.evidence.attest.envelope import read_envelope
from sigex_runbook.evidence.attest.seal_files import CAMPAIGN
from sigex_runbook.evidence.attest.statement import CampaignStatement, Member, State
from sigex_runbook.evidence.sealing.campaign import Closed
from sigex_runbook.evidence.sealing.wiring import make_sealer
from sigex_runbook.run.campaign import (
    Begun,
    Campaign,
    Event,
    LeftOut,
    Named,
    NotListed,
    left_out,
    worst,
)
from sigex_runbook.run.options import Options
from sigex_runbook.run.signals import Interrupted, Interruptions
from tests.service import ORGANISATION, OTHER_ORGANISATION, Service

NAME = "весна"


@pytest.fixture
def orders(service: Service, tmp_path: Path) -> list[Named]:
    """Two that cannot be begun: the key with which the employee signs in is gone."""
    keys = service.emulator.directory / "keys" / ORGANISATION
    mine = tmp_path / "ключи"
    shutil.copytree(keys, mine)
    here = {str(keys): str(mine)}
    first = service.order(here)
    second = service.order({**here, f'"{ORGANISATION}"': f'"{OTHER_ORGANISATION}"'})
    (mine / "employee-settings.p12").unlink()
    return [("первый", first), ("второй", second)]


def campaign(
    service: Service, outputs: Path, interruptions: Interruptions | None = None
) -> Campaign:
    return Campaign(
        NAME,
        outputs=outputs,
        options=Options(service.target),
        sealer=make_sealer(),
        interruptions=interruptions,
    )


def sealed(outputs: Path) -> list[Member]:
    statement = read_envelope((outputs / NAME / CAMPAIGN).read_bytes()).payload
    return list(CampaignStatement.read(statement).population)


def organisations(members: Iterable[Member]) -> list[tuple[str, State]]:
    return [(one.organisation_bin, one.state) for one in members]


BOTH = [(OTHER_ORGANISATION, State.FAILED), (ORGANISATION, State.FAILED)]


def test_every_order_is_told_of_as_it_comes_and_all_of_them_are_sealed(
    service: Service, orders: list[Named], tmp_path: Path
) -> None:
    events = list(campaign(service, tmp_path / "outputs").carry_out(orders))
    assert [type(event) for event in events] == [Begun, LeftOut, Begun, LeftOut, Closed]
    first, closed = events[1], events[-1]
    assert isinstance(first, LeftOut)
    assert isinstance(closed, Closed)
    assert (first.name, first.exit_code) == ("первый", 2)
    assert organisations(closed.population) == BOTH
    assert list(closed.population) == sealed(tmp_path / "outputs")
    assert closed.unstamped is None, "no time authority is known"
    assert (tmp_path / "outputs" / "index.html").is_file()


def test_what_the_machine_refuses_one_order_does_not_stop_the_next(
    service: Service, orders: list[Named], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EMFILE, "too many")

    monkeypatch.setattr("sigex_runbook.run.campaign.run", refuse)
    events = list(campaign(service, tmp_path / "outputs").carry_out(orders))
    assert [type(event) for event in events] == [Begun, LeftOut, Begun, LeftOut, Closed]
    first = events[1]
    assert isinstance(first, LeftOut)
    assert "не начат: открыто слишком много файлов" in str(first.error)


def test_a_reason_names_a_file_and_no_folder_of_this_machine(
    service: Service, orders: list[Named], tmp_path: Path
) -> None:
    _, told, *_ = campaign(service, tmp_path / "outputs").carry_out(orders)
    assert isinstance(told, LeftOut)
    assert str(tmp_path) in str(told.error)
    for one in sealed(tmp_path / "outputs"):
        assert one.reason is not None
        assert "employee-settings.p12" in one.reason
        assert str(tmp_path) not in one.reason


def test_nor_where_the_packs_lie(service: Service, tmp_path: Path) -> None:
    pack = tmp_path / "outputs" / NAME / ORGANISATION / "run.partial"
    error = NotSealed(f"Пакет {pack} не прошёл собственную проверку.", saved=Saved.NO)
    left = left_out(service.order(), error, tmp_path / "outputs")
    assert left.reason == f"Пакет {NAME}/{ORGANISATION}/run.partial не прошёл собственную проверку."


def test_nor_the_folder_of_results_itself(service: Service, tmp_path: Path) -> None:
    outputs = tmp_path / "outputs"
    error = RunFailed(f"В папку {outputs} запуск не поместится.")
    left = left_out(service.order(), error, outputs)
    assert left.reason == "В папку outputs запуск не поместится."


@pytest.mark.parametrize(
    ("heard", "left"),
    [
        ([Begun, LeftOut], [(ORGANISATION, State.FAILED)]),
        ([Begun, LeftOut, Begun, LeftOut, Closed], BOTH),
    ],
)
def test_who_stops_listening_gets_a_sealed_population_and_no_other_order_is_begun(
    service: Service,
    orders: list[Named],
    tmp_path: Path,
    heard: list[type[Event]],
    left: list[tuple[str, State]],
) -> None:
    events = campaign(service, tmp_path / "outputs").carry_out(orders)
    assert [type(next(events)) for _ in heard] == heard
    events.close()
    assert organisations(sealed(tmp_path / "outputs")) == left
    assert (tmp_path / "outputs" / "index.html").is_file()


def test_a_signal_between_two_orders_leaves_the_rest_out_and_rises_at_the_end(
    service: Service, orders: list[Named], tmp_path: Path
) -> None:
    interruptions = Interruptions()
    events = campaign(service, tmp_path / "outputs", interruptions).carry_out(orders)
    told: list[Event] = []
    with interruptions.listening():
        signal.raise_signal(signal.SIGTERM)
        with pytest.raises(Interrupted) as stopped:
            told.extend(events)
    assert stopped.value.number == signal.SIGTERM
    assert [type(event) for event in told] == [LeftOut, LeftOut, Closed]
    assert {one.reason for one in sealed(tmp_path / "outputs")} == {"Программу остановили раньше."}
    assert organisations(sealed(tmp_path / "outputs")) == BOTH


def test_a_list_of_runs_that_cannot_be_written_stops_nothing(
    service: Service, orders: list[Named], tmp_path: Path
) -> None:
    (tmp_path / "outputs" / "index.html").mkdir(parents=True)
    *_, closed, told = campaign(service, tmp_path / "outputs").carry_out(orders)
    assert isinstance(closed, Closed)
    assert told == NotListed("это папка")


def test_who_was_excluded_is_not_run_in_the_same_campaign(
    service: Service, orders: list[Named], tmp_path: Path
) -> None:
    first, second = orders
    file = tmp_path / "нет.yaml"
    line = f'- {{bin: "{ORGANISATION}", reason: "ликвидирована"}}'
    file.write_text(f"format: sigex-campaign-exclusions/1\nexcluded:\n{line}\n", encoding="utf-8")
    spring = campaign(service, tmp_path / "outputs")
    spring.exclude(file, [second])
    list(spring.carry_out([second]))
    assert organisations(sealed(tmp_path / "outputs")) == [
        (OTHER_ORGANISATION, State.FAILED),
        (ORGANISATION, State.EXCLUDED),
    ]
    with pytest.raises(UsageError, match=r"исключена из этой кампании.*ликвидирована"):
        campaign(service, tmp_path / "outputs").exclude(None, [first])


@pytest.mark.parametrize(("codes", "code"), [([], 0), ([0, 3], 3), ([3, 2, 0], 2), ([2, 3, 1], 1)])
def test_one_exit_code_tells_of_the_worst_order(codes: list[int], code: int) -> None:
    assert worst(codes) == code

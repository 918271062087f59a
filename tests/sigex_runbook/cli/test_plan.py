"""`sigex-runbook plan` as an operator meets it: a table, a signed record, and nothing touched."""

from __future__ import annotations

import json
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import pytest

from sigex_runbook.cli.main import main
from sigex_runbook.core.access import AccessBlock
from sigex_runbook.evidence.attest.envelope import read_envelope
from sigex_runbook.evidence.attest.keyring import Keyring, key_folder
from sigex_runbook.evidence.privacy.redaction import Redactor
from sigex_runbook.run.employee import Employee
from sigex_runbook.run.sample import sample_orders
from tests.commands import write
from tests.service import ORGANISATION, OTHER_ORGANISATION, SYSTEM, Service


@dataclass
class Operator:
    """Who plans on a service, and what came of it."""

    service: Service
    folder: Path
    capsys: pytest.CaptureFixture[str]

    def plan(self, *words: str | Path, at: bool = True) -> tuple[int, str, str]:
        ca = self.service.emulator.directory / "ca.pem"
        where = ("--target", self.service.emulator.address, "--ca", ca) if at else ()
        self.capsys.readouterr()
        code = main(["plan", *map(str, (*words, *where)), "--outputs", str(self.folder / "out")])
        told = self.capsys.readouterr()
        return code, told.out, told.err

    def check(self, record: Path) -> tuple[int, str]:
        trust = Keyring(key_folder()).trust_file
        self.capsys.readouterr()
        code = main(["plan", "--check", str(record), "--trust", str(trust)])
        return code, self.capsys.readouterr().out

    @property
    def records(self) -> list[Path]:
        return sorted((self.folder / "out" / "plans").iterdir())

    def settings(self) -> dict[str, Any]:
        world = self.service.emulator.world
        return {one: world.settings_of(one) for one in world.organisations}

    def sent(self) -> set[tuple[str, str]]:
        """What asked the service for anything but an answer."""
        requests = self.service.emulator.world.requests
        return {(one.method, one.path) for one in requests if one.method != "GET"}


@pytest.fixture
def operator(service: Service, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Operator:
    return Operator(service, tmp_path, capsys)


def test_a_plan_tells_what_would_change_and_touches_nothing(operator: Operator) -> None:
    service = operator.service
    service.emulator.world.grant(ORGANISATION, "documentsList", SYSTEM)
    order = write(operator.folder, service.order_text())
    before, audit = operator.settings(), service.emulator.world.organisations[ORGANISATION].audit
    events = len(audit)
    code, told, err = operator.plan(order)
    assert (code, err) == (3, "")
    assert f"БИН {ORGANISATION}, на эмуляторе" in told
    assert "Изменится блоков: 3 из 4." in told
    assert [told.count("→"), told.count(SYSTEM)] == [3, 4]
    assert told.count("есть доступ") == 2, "before and as ordered"
    assert "Ничего не отмечено и не сохранено." in told
    assert operator.settings() == before
    assert len(audit) == events
    assert operator.sent() == {("POST", "/api/auth")}
    assert not service.emulator.world.sessions, "the employee has signed out"


def test_its_record_holds_and_says_nothing_private(operator: Operator) -> None:
    service = operator.service
    order = write(operator.folder, service.order_text())
    _, told, _ = operator.plan(order, "--json")
    [record] = operator.records
    assert json.loads(told) == {
        "order": str(order),
        "organisation_bin": ORGANISATION,
        "environment": "emulator",
        "target": service.emulator.address,
        "plan": "CHANGES",
        "changes": [
            {"block": block, "system": SYSTEM, "before": False, "ordered": True}
            for block in AccessBlock
        ],
        "message": None,
        "record": str(record),
    }
    payload = read_envelope(record.read_bytes()).payload.decode()
    said = json.loads(payload)["predicate"]
    assert said["target"] == service.emulator.address
    assert "АХМЕТОВА ДИНАРА" in said["identity"]
    assert [one["path"] for one in said["changes"]] == sorted(
        f"{block}.tlsCertificatesIndices" for block in AccessBlock
    )
    for secret in (*service.people_numbers(), *service.passwords()):
        assert secret not in payload
    code, told = operator.check(record)
    assert code == 3
    assert "План подлинный, на эмуляторе" in told
    assert "Изменится блоков: 4 из 4." in told
    record.write_bytes(record.read_bytes().replace(b'"sig":"', b'"sig":"A', 1))
    assert operator.check(record)[0] == 1


def test_orders_are_told_one_by_one_and_counted(operator: Operator) -> None:
    """The first has something to change, the second nothing, the third may not read."""
    service, world = operator.service, operator.service.emulator.world
    for block in AccessBlock:
        world.grant(OTHER_ORGANISATION, block, "Электронный архив")
    third = list(world.organisations)[2]
    world.faults.set(third, "session-ends-after-sign-in")
    orders = [
        write(operator.folder, text, f"{organisation_bin}.yaml")
        for organisation_bin, text in sample_orders(service.emulator.directory).items()
    ]
    before = operator.settings()
    code, told, _ = operator.plan(*orders)
    assert code == 1
    parts = [part.partition("\nВсего")[0] for part in told.split("читаю…")[1:]]
    assert [one for one in parts if "План подписан" in one] == parts[:2]
    assert "Изменится блоков: 4 из 4." in parts[0]
    assert "Изменений не требуется" in parts[1]
    assert "План не составлен, ничего не изменено." in parts[2]
    assert "Всего заказов: 3; с изменениями 1, без изменений 1, не прочитано 1." in told
    assert len(operator.records) == 2
    assert operator.settings() == before


def test_nothing_to_change_is_told_and_is_zero(operator: Operator) -> None:
    world = operator.service.emulator.world
    for block in AccessBlock:
        world.grant(ORGANISATION, block, SYSTEM)
    order = write(operator.folder, operator.service.order_text())
    code, told, _ = operator.plan(order, "--json")
    assert code == 0
    assert (json.loads(told)["plan"], json.loads(told)["changes"]) == ("NOTHING", [])
    assert operator.check(operator.records[0])[0] == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--check", "a"), "--trust"),
        (("--trust", "a"), "--check"),
        (("нет.yaml",), "не найден"),
        (("--deadline", "0"), "--deadline"),
    ],
)
def test_what_cannot_be_begun_is_refused(
    words: tuple[str, ...], said: str, operator: Operator
) -> None:
    code, _, err = operator.plan(*words, at=False)
    assert code == 2
    assert said in err
    assert not (operator.folder / "out").exists()


def test_orders_are_checked_all_before_one_is_read(operator: Operator) -> None:
    good = write(operator.folder, operator.service.order_text())
    bad = write(operator.folder, "format: 1", "bad.yaml")
    code, _, err = operator.plan(good, bad)
    assert code == 2
    assert "bad.yaml" in err
    code, _, err = operator.plan(good, good)
    assert code == 2
    assert "об одной организации" in err
    assert operator.sent() == set()


def test_a_plan_that_cannot_be_written_is_told(
    operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After it was read: the disk may be full by then."""

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "full")

    monkeypatch.setattr("sigex_runbook.evidence.pack.disk.write_whole", full)
    order = write(operator.folder, operator.service.order_text())
    code, told, _ = operator.plan(order, "--json")
    assert code == 1
    answer = json.loads(told)
    assert (answer["plan"], answer["changes"], answer["record"]) == ("FAILED", None, None)
    assert "на диске нет места" in answer["message"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_whoever_is_interrupted_leaves_no_session(
    operator: Operator, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    def interrupted(employee: Employee, _: Redactor) -> NoReturn:
        employee.ensure_signed_in()
        signal.raise_signal(number)
        raise AssertionError("the signal was not heard")

    monkeypatch.setattr("sigex_runbook.planning.looking._look", interrupted)
    # Tests that were started in the background ignore it, and so would the program.
    kept = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        code, _, err = operator.plan(write(operator.folder, operator.service.order_text()))
    finally:
        signal.signal(signal.SIGINT, kept)
    assert code == 128 + number, err
    assert err.startswith("Прервано.")
    assert not operator.service.emulator.world.sessions
    assert not (operator.folder / "out").exists()

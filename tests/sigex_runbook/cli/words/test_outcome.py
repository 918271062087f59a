"""What the command line says of each event of a campaign, to people and to programs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sigex_runbook.cli.words.outcome import RESULTS, tell
from sigex_runbook.core.errors import NotSealed, UsageError
from sigex_runbook.core.verdict import Saved, Verdict, VerdictKind
from sigex_runbook.evidence.attest.statement import Member, State
from sigex_runbook.evidence.sealing.campaign import Closed
from sigex_runbook.run.campaign import Begun, Event, Finished, LeftOut, NotListed
from sigex_runbook.run.result import Result
from tests.service import ORGANISATION, OTHER_ORGANISATION, Service

PACK = Path("/outputs/single/run")
SIGEX, EMULATOR = "https://sigex.kz", "https://localhost:8443"
IDLE = (
    "  Менять было нечего: всё уже было так, как заказано; ни галочек, ни кнопки сохранения не "
    "нажимали.\n"
)
PASSED = Verdict(VerdictKind.PASSED, ())
PARTIAL = Verdict(VerdictKind.PARTIAL, ("ключа нет",))
FAILED = Verdict(VerdictKind.FAILED, ("Раздел 8, выноска (13): не сохранено\x1b",), 8, 13)
KEYS = [
    *("order", "organisation_bin", "verdict", "section", "callout"),
    *("message", "nothing_to_do", "saved", "pack", "environment", "target"),
]


def result(
    verdict: Verdict, saved: Saved, *, idle: bool = False, target: str = EMULATOR
) -> Finished:
    return Finished("а.yaml", Result(ORGANISATION, verdict, idle, PACK, target, None, saved))


def population(*members: Member) -> Closed:
    return Closed("ab12", None, members)


EXCLUDED = Member(OTHER_ORGANISATION, State.EXCLUDED, reason="закрыта")
RAN = Member(ORGANISATION, State.PACK, "run", "aa", "PASSED")


@pytest.mark.parametrize(
    ("event", "told"),
    [
        (NotListed("нет прав"), "Список запусков не обновлён (нет прав): sigex-runbook index.\n"),
        (
            result(PASSED, Saved.YES, target=SIGEX),
            f"а.yaml: БИН {ORGANISATION} — Выполнено (на https://sigex.kz).\n"
            "  Настройки сохранены: сервис подтвердил это.\n"
            f"  Доказательства: {PACK}\n",
        ),
        (
            result(PASSED, Saved.NO, idle=True),
            f"а.yaml: БИН {ORGANISATION} — Выполнено (на эмуляторе).\n{IDLE}"
            f"  Доказательства: {PACK}\n",
        ),
        (
            result(PARTIAL, Saved.NO, idle=True),
            f"а.yaml: БИН {ORGANISATION} — Выполнено, но проверено не всё (на эмуляторе).\n"
            f"  ключа нет\n{IDLE}  Доказательства: {PACK}\n",
        ),
        (
            result(FAILED, Saved.NO),
            f"а.yaml: БИН {ORGANISATION} — Не выполнено (на эмуляторе).\n"
            "  Раздел 8, выноска (13): не сохранено\\u001b\n"
            "  Настройки этим запуском не сохранены.\n"
            f"  Доказательства: {PACK}\n",
        ),
        (population(RAN), "Голова реестра кампании: ab12\n"),
        (
            population(RAN, EXCLUDED),
            f"Исключены из кампании: 1.\n  {OTHER_ORGANISATION} — закрыта\n"
            "Голова реестра кампании: ab12\n",
        ),
        (
            Closed("ab12", "сервер времени не ответил", (RAN,)),
            "Голова реестра кампании: ab12\n"
            "Без метки времени: сервер времени не ответил. Позже: sigex-runbook stamp.\n",
        ),
    ],
)
def test_people_read_a_sentence(
    capsys: pytest.CaptureFixture[str], event: Event, told: str
) -> None:
    tell(event, as_json=None)
    assert capsys.readouterr().out == told


def test_an_order_is_called_by_its_name_and_organisation(
    service: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    order, name = service.order(), f"а.yaml: БИН {ORGANISATION} —"
    for event, told in (
        (Begun("а.yaml", order), f"{name} выполняется…\n"),
        (
            LeftOut("а.yaml", order, UsageError("Нет ключа."), SIGEX),
            f"{name} не начато. Нет ключа.\n",
        ),
        (
            LeftOut("а.yaml", order, NotSealed("Нет места.", saved=Saved.YES), SIGEX),
            f"{name} не завершено (на https://sigex.kz). Нет места.\n",
        ),
    ):
        tell(event, as_json=None)
        assert capsys.readouterr().out == told


def test_programs_read_one_object_for_each_order_and_each_excluded_organisation(
    service: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    order = service.order()
    for event in (
        Begun("а.yaml", order),
        result(FAILED, Saved.UNKNOWN),
        LeftOut("б.yaml", order, NotSealed("Нет места.", saved=Saved.YES), SIGEX),
        LeftOut("в.yaml", order, UsageError("Нет ключа."), EMULATOR),
        NotListed("нет прав"),
        population(RAN, EXCLUDED),
    ):
        tell(event, as_json=RESULTS)
    said = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [list(one) for one in said] == [KEYS] * 4
    reasons = "; ".join(FAILED.reasons)
    emulator, sigex = ["emulator", EMULATOR], ["service", SIGEX]
    assert [list(one.values()) for one in said] == [
        ["а.yaml", ORGANISATION, "FAILED", 8, 13, reasons, False, "unknown", str(PACK), *emulator],
        ["б.yaml", ORGANISATION, "FAILED", None, None, "Нет места.", False, "yes", None, *sigex],
        ["в.yaml", ORGANISATION, "FAILED", None, None, "Нет ключа.", False, "no", None, *emulator],
        [None, OTHER_ORGANISATION, "EXCLUDED", *[None] * 2, "закрыта", False, "no", *[None] * 3],
    ]

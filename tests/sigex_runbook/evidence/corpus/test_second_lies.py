"""What whoever wrote the second reading would tell with the signing key; both verifiers find it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from sigex_runbook.evidence.attest.findings import Status
from tests.sigex_runbook.evidence.sealed import MTLS_TARGET, STARTED, Place, copy

from .lying import (
    Edit,
    Lie,
    at,
    both,
    call,
    checks,
    everywhere,
    facts,
    field_of,
    found_by_both,
    picture,
    probe_at,
    probes,
    reading_between,
    refused_and_expected,
    retold,
    run,
    settings,
    systems_of,
    told,
    without_control,
    words,
)

DAYS_BEFORE = (STARTED - timedelta(days=5)).isoformat()


LIES = [
    # pictures
    Lie("signed out on a picture", facts(6, identity=None), "screens/006.json", "другой или никто"),
    Lie(
        "marked on another picture",
        at("screens/006.json", lambda r: r["annotated"].update(parent="0" * 64)),
        "screens/006.json",
        "сделан с другого",
        "E_SUBJECT_BINDING",
    ),
    Lie(
        "a picture of another size",
        facts(6, viewport_width=1920),
        "screens/006.json",
        "не того размера",
    ),
    Lie(
        "a control beside the picture",
        facts(6, box={"x": 5000, "y": 60, "width": 80, "height": 30}),
        "screens/006.json",
        "выноски нет",
    ),
    Lie(
        "a control of no size",
        facts(6, box={"x": 60, "y": 60, "width": 0, "height": 0}),
        "screens/006.json",
        "выноски нет",
    ),
    Lie(
        "a picture without its mark",
        picture(6, "annotated", 6, "raw"),
        "screens/006.json",
        "без пометки",
    ),
    Lie(
        "a marked picture carried from another step",
        both(picture(8, "raw", 6, "raw"), picture(8, "annotated", 6, "annotated")),
        "screens/008.json",
        "без пометки",
    ),
    Lie(
        "a checkbox on another page",
        facts(6, url="https://127.0.0.1:8443/"),
        "screens/006.json",
        "на разных страницах",
    ),
    Lie(
        "a picture of another run",
        facts(6, run_id="20261125T120000Z-0000"),
        "screens/006.json",
        "в другом запуске",
        "E_SUBJECT_BINDING",
    ),
    Lie(
        "a picture in another time zone",
        facts(
            6, taken_at_local=(STARTED + timedelta(hours=5)).isoformat().replace("+00:00", "+05:00")
        ),
        "screens/006.json",
        "местное время снимка — другого часового пояса",
        "E_TIME_SKEW",
    ),
    # steps
    Lie(
        "a step not run",
        retold(lambda r: r.update(outcome="not_run", started_at=None, duration_ms=None), 13),
        "run.json",
        "следует FAILED",
    ),
    Lie(
        "a step failed",
        retold(lambda r: r.update(outcome="failed", message="Нет."), 13),
        "run.json",
        "следует FAILED",
    ),
    Lie(
        "a passed step with the words of a failure",
        retold(lambda r: r.update(message="Нет."), 13),
        "steps.ndjson",
        "шаг 13 пройден",
    ),
    Lie(
        "a passed step that never began",
        retold(lambda r: r.update(started_at=None), 3),
        "steps.ndjson",
        "шаг 3 пройден",
    ),
    Lie(
        "a passed step without duration",
        retold(lambda r: r.update(duration_ms=None), 3),
        "steps.ndjson",
        "шаг 3 пройден",
    ),
    Lie(
        "a step counted twice in run.json",
        at("run.json", lambda r: r["steps"].update(passed=14)),
        "run.json",
        "шагов в steps.ndjson другое число",
    ),
    Lie(
        "steps of hours in a run of a moment",
        retold(lambda r: r.update(duration_ms=9_000_000)),
        "run.json",
        "шаги длились дольше, чем запуску было дано",
    ),
    Lie(
        "steps longer than the next begins",
        retold(lambda r: r.update(duration_ms=30_000), 2),
        "steps.ndjson",
        "шаг начат раньше",
        "E_TIME_SKEW",
    ),
    Lie(
        "steps longer than the run was given",
        at("run.json", lambda r: r["parameters"].update(deadline_seconds=0.01)),
        "run.json",
        "шаги длились дольше, чем запуску было дано",
    ),
    Lie(
        "a callout in another section",
        both(retold(lambda r: r["step"].update(section=4), 7), facts(7, section=4)),
        "steps.ndjson",
        "в разделах инструкции",
    ),
    Lie(
        "callouts exchanged everywhere",
        both(
            retold(lambda r: r["step"].update(callout=6), 5),
            retold(lambda r: r["step"].update(callout=5), 6),
            facts(5, callout=6),
            facts(6, callout=5),
        ),
        "steps.ndjson",
        "в разделах инструкции",
    ),
    Lie(
        "another scenario",
        retold(lambda r: r["step"].update(scenario="Сотрудник уходит"), 5, 6),
        "steps.ndjson",
        "сценария «Сотрудник уходит»",
    ),
    Lie(
        "a feature with one step more",
        words(
            "features/раздел 4.feature",
            "    Когда сотрудник выполняет действие (6)",
            "    Когда сотрудник уходит\n    Когда сотрудник выполняет действие (6)",
        ),
        "steps.ndjson",
        "сценария «Предоставить",
    ),
    Lie(
        "a feature with other tags",
        words("features/раздел 4.feature", "@callout-6", "@callout-7"),
        "steps.ndjson",
        "сценария «Предоставить",
    ),
    Lie(
        "a feature of another section",
        words("features/раздел 4.feature", "@section-4", "@section-5"),
        "steps.ndjson",
        "сценария «Предоставить",
    ),
    Lie(
        "a suite of another section in junit.xml",
        words("junit.xml", 'testsuite name="Раздел 4.', 'testsuite name="Раздел 5.'),
        "junit.xml",
        "не те, что в steps.ndjson",
    ),
    Lie(
        "more words in junit.xml",
        words("junit.xml", "</testsuite>", "<system-out>всё не так</system-out></testsuite>"),
        "junit.xml",
        "не те, что в steps.ndjson",
    ),
    Lie(
        "a note in junit.xml alone",
        words(
            "junit.xml",
            'time="0.042" />',
            'time="0.042"><system-out>сохранять нечего</system-out></testcase>',
        ),
        "junit.xml",
        "не те, что в steps.ndjson",
    ),
    # calls
    Lie("a reading that failed", call(10, status=500), "state/after.json", "отвечал другое"),
    Lie(
        "a reading that was refused",
        field_of(10, message="Access denied"),
        "state/after.json",
        "отвечал другое",
    ),
    Lie(
        "a reading of another modification",
        field_of(10, modifiedAt=1),
        "state/after.json",
        "отвечал другое",
    ),
    Lie(
        "a served probe that failed",
        call(11, status=500),
        "verification.json",
        "пробы documentsAccess",
    ),
    Lie("a probe that deletes", call(11, method="DELETE"), "api/011.json", "спросила не то"),
    Lie(
        "a probe of another document",
        call(11, url=f"{MTLS_TARGET}/api/AAAAAAAAAAAAAAAA"),
        "api/011.json",
        "спросила не то",
    ),
    Lie(
        "settings of another document",
        call(13, fields={"documentId": "AAAAAAAAAAAAAAAA"}),
        "api/013.json",
        "сервис ответил о другом документе",
    ),
    Lie(
        "another document ordered",
        at("order.json", lambda o: o.update(probe_document="AAAAAAAAAAAAAAAA")),
        "api/002.json",
        "спросила не то",
    ),
    Lie(
        "a listing of one's own",
        at(
            "api/012.json",
            lambda r: r.update(url=r["url"].replace("organization=true", "organization=false")),
        ),
        "api/012.json",
        "список спрошен не об организации",
    ),
    Lie(
        "a listing of another year",
        at("api/012.json", lambda r: r.update(url=r["url"].replace("until=1", "until=0"))),
        "api/012.json",
        "список спрошен за другое время",
        "E_TIME_SKEW",
    ),
    Lie(
        "a reading between that shows something else",
        reading_between(documentsList=[1]),
        "api/010.json",
        "ни до, ни после",
    ),
    Lie(
        "a system shown other settings",
        field_of(14, documentsAccess={"tlsCertificatesIndices": []}),
        "api/014.json",
        "другие настройки",
    ),
    Lie(
        "an empty listing told served",
        call(12, fields={"documentsTotal": 0}),
        "verification.json",
        "пробы documentsList",
    ),
    # probes
    Lie(
        "refused after all, as expected",
        refused_and_expected,
        "verification.json",
        "ожидание не следует",
    ),
    Lie(
        "all probes after",
        probes(lambda all_: [p.update(moment="after") for p in all_]),
        "verification.json",
        "ожидание не следует",
    ),
    Lie(
        "other words of a refusal",
        probe_at(0, detail="Document not found"),
        "verification.json",
        "пробы documentsAccess",
    ),
    Lie(
        "words of a refusal for what was served",
        probe_at(8, detail="Access denied"),
        "verification.json",
        "пробы documentsAccess",
    ),
    Lie(
        "the control's probe for the system's",
        both(probe_at(0, control=True), probe_at(4, control=False)),
        "verification.json",
        "проба не той",
    ),
    Lie("no control system", without_control, "verification.json", "вывод по mTLS"),
    # outcome
    Lie(
        "a check of other words",
        checks(lambda all_: all_[0].update(detail="не смотрели")),
        "run.json",
        "следует PASSED",
    ),
    Lie(
        "a check counts others",
        everywhere("проб 16: обслужено 4", "проб 20: обслужено 8"),
        "verification.json",
        "вывод по mTLS",
    ),
    Lie("a check dropped", checks(lambda all_: all_.pop(0)), "run.json", "следует PARTIAL"),
    Lie(
        "a check does not agree",
        checks(lambda all_: all_[0].update(result="disagrees")),
        "run.json",
        "следует FAILED",
    ),
    Lie(
        "a check not made",
        checks(lambda all_: all_[0].update(result="not_checked")),
        "run.json",
        "следует PARTIAL",
    ),
    Lie(
        "other reasons of the verdict",
        at("run.json", lambda r: r["verdict"].update(reasons=["всё хорошо"])),
        "run.json",
        "следует PASSED",
    ),
    Lie(
        "a place of failure in a success",
        at("run.json", lambda r: r["verdict"].update(section=4, callout=6)),
        "run.json",
        "следует PASSED",
    ),
    Lie(
        "a failure in a success",
        run(failure={"section": 4, "callout": 6, "message": "Нет."}),
        "run.json",
        "следует FAILED",
    ),
    Lie(
        "a failure of the session in a success",
        at("run.json", lambda r: r["session"].update(failure="Нет.")),
        "run.json",
        "записан сбой, а запуск удался",
    ),
    Lie(
        "another difference", at("state/diff.json", lambda d: d.pop()), "state/diff.json", "разница"
    ),
    Lie(
        "saved, but of no later moment",
        settings(lambda s: s.update(modifiedAt=1_700_000_000_000), "after"),
        "state/after.json",
        "отвечал другое",
    ),
    Lie(
        "saved an hour before it was pressed",
        both(
            settings(lambda s: s.update(modifiedAt=1_700_000_000_001), "after"),
            field_of(10, modifiedAt=1_700_000_000_001),
            field_of(14, modifiedAt=1_700_000_000_001),
        ),
        "state/after.json",
        "не тогда, когда нажата",
        "E_TIME_SKEW",
    ),
    # systems
    Lie(
        "a disabled system served",
        systems_of(lambda all_: all_[0].update(disabled=True)),
        "state/before.json",
        "план не выводится",
    ),
    Lie(
        "a system of another key",
        systems_of(lambda all_: all_[0].update(body=all_[1]["body"])),
        "state/before.json",
        "план не выводится",
    ),
    Lie(
        "a key that nobody has",
        both(
            at("run.json", lambda r: r["information_system"].update(key_sha256="0" * 64)),
            at("order.json", lambda r: r["information_system"].update(key_sha256="0" * 64)),
        ),
        "state/before.json",
        "план не выводится",
    ),
    Lie(
        "a control of another key",
        at("order.json", lambda r: r["control_system"].update(key_sha256="0" * 64)),
        "state/before.json",
        "план не выводится",
    ),
    # times
    Lie(
        "a clock of another day",
        at("run.json", lambda r: r["session"]["clock"].update(local=DAYS_BEFORE)),
        "run.json",
        "часы прочтены не в конце запуска",
        "E_TIME_SKEW",
    ),
    Lie(
        "another offset of the clock",
        at("run.json", lambda r: r["session"]["clock"].update(offset_from_server_seconds=300)),
        "run.json",
        "расхождение часов не то, что видно по ответам сервиса",
        "E_TIME_SKEW",
    ),
    Lie(
        "a run that ended half an hour later",
        run(finished_at=(STARTED + timedelta(minutes=30)).isoformat()),
        "run.json",
        "часы прочтены не в конце запуска",
        "E_TIME_SKEW",
    ),
    Lie(
        "the systems served before it was pressed",
        both(
            *(call(n, sent_at=(STARTED - timedelta(minutes=5)).isoformat()) for n in range(1, 21))
        ),
        "run.json",
        "расхождение часов не то, что видно по ответам сервиса",
        "E_TIME_SKEW",
    ),
    Lie(
        "a run of another week",
        everywhere(STARTED.isoformat(), DAYS_BEFORE),
        "api/001.json",
        "далеко от времени вызова",
        "E_TIME_SKEW",
    ),
]


@pytest.mark.parametrize("lie", LIES, ids=lambda lie: lie.name)
def test_a_second_hands_lie_is_found_by_both(
    sealed: Place, tmp_path: Path, lie: Lie, record_property: Any
) -> None:
    found_by_both(sealed, tmp_path / "outputs", lie)
    record_property("corpus: contradictions inside a pack, all found by both verifiers", 1)


@pytest.mark.parametrize(
    "edit",
    [
        retold(lambda record: record.update(duration_ms=2**52), 3),
        settings(lambda state: state.update(modifiedAt=2**53 - 1), "after"),
        at("api/012.json", lambda r: r.update(url=r["url"].replace("until=", f"until={9**99}"))),
        at("api/012.json", lambda r: r.update(url=r["url"].replace("until=", "until=x"))),
        words("features/раздел 4.feature", "Сценарий:", "Таблица:"),
        facts(6, box={"x": 60, "y": 60, "width": 2**52, "height": 30}),
    ],
    ids=["duration", "modification", "listing", "no number", "no feature", "box"],
)
def test_what_is_beyond_all_measure_is_found_too(sealed: Place, tmp_path: Path, edit: Edit) -> None:
    judged = told(copy(sealed, tmp_path / "outputs"), edit)
    assert (judged.found.status, judged.second) == (Status.FAILED, Status.FAILED)

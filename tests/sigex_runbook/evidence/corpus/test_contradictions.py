"""What the owner of the signing key changes in one file does not fit the others.

Every lie is sealed anew, with its ledger; only the contents can give it away.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sigex_runbook.evidence.attest.findings import Status
from tests.sigex_runbook.evidence.sealed import DOT, STARTED, B, Place, copy

from .lying import (
    Lie,
    acting,
    at,
    call,
    checks,
    exchanged,
    facts,
    found_by_both,
    probes,
    run,
    steps,
    text_of,
    told,
    with_file,
    without,
    words,
)

DAYS_BEFORE = (STARTED - timedelta(days=5)).isoformat()
AN_HOUR_LATER = (STARTED + timedelta(minutes=59)).isoformat()
ELSEWHERE = "https://evil.example"
COLLEAGUE = f"ИВАНОВ ИВАН, ТОО (БИН {B})"


LIES = [
    # parties
    Lie(
        "another system",
        at("run.json", lambda r: r["information_system"].update(description="Другая")),
        "run.json",
        "информационная система не та",
    ),
    Lie(
        "another key",
        at("run.json", lambda r: r["information_system"].update(key_sha256="0" * 64)),
        "run.json",
        "информационная система не та",
    ),
    Lie(
        "another employer",
        at("run.json", lambda r: r["session"].update(identity=COLLEAGUE)),
        "run.json",
        "от другой организации",
    ),
    Lie(
        "nobody signed in",
        at("run.json", lambda r: r["session"].update(identity=None)),
        "run.json",
        "не назван",
    ),
    Lie("another on a picture", facts(6, identity=COLLEAGUE), "screens/006.json", "вошёл другой"),
    Lie(
        "an answer about another organisation",
        at("api/001.json", lambda r: r["fields"].update(businessId=f"BIN{B}")),
        "api/001.json",
        "о другой организации",
    ),
    Lie(
        "the live service instead of another",
        run(target="https://sigex.kz"),
        "api/001.json",
        "не по адресу",
    ),
    Lie(
        "the live service for information systems",
        run(mtls_target="https://sigex.kz:10443"),
        "api/002.json",
        "не по адресу",
    ),
    Lie(
        "a call elsewhere",
        call(10, url=f"{ELSEWHERE}/api/organizationSettings"),
        "api/010.json",
        "не по адресу",
    ),
    Lie("a call by somebody", call(2, actor="auditor"), "api/002.json", "не по адресу"),
    Lie("a page elsewhere", facts(6, url=f"{ELSEWHERE}/x"), "screens/006.json", "не по адресу"),
    Lie(
        "an environment elsewhere",
        facts(6, environment=ELSEWHERE),
        "screens/006.json",
        "не по адресу",
    ),
    # steps
    Lie(
        "other sums in junit.xml",
        words("junit.xml", 'failures="0"', 'failures="3"'),
        "junit.xml",
        "не те",
    ),
    Lie("other durations in junit.xml", words("junit.xml", "0.042", "9.000"), "junit.xml", "не те"),
    Lie("no JUnit", words("junit.xml", "testcase", "case"), "junit.xml", "не те"),
    Lie("no XML", words("junit.xml", "<", ""), "junit.xml", "не отчёт JUnit"),
    Lie(
        "a document type in junit.xml",
        words("junit.xml", "?>\n", "?>\n<!DOCTYPE x>\n"),
        "junit.xml",
        "не отчёт JUnit",
    ),
    Lie("junit.xml dropped", without("junit.xml"), "junit.xml", "JUnit нет"),
    Lie(
        "other durations",
        steps(lambda all_: [{**one, "duration_ms": 1} for one in all_]),
        "junit.xml",
        "не те",
    ),
    Lie(
        "a grant told as a revocation",
        steps(lambda all_: [*all_[:5], acting(all_[5], "revoke"), *all_[6:]]),
        "steps.ndjson",
        "следует другое",
    ),
    Lie("steps cut", steps(lambda all_: all_[:4]), "steps.ndjson", "ровно один шаг"),
    Lie("a callout without its step", steps(lambda all_: all_[:-1]), "steps.ndjson", "ровно один"),
    Lie(
        "a step left out",
        steps(lambda all_: [*all_[:5], *all_[6:]]),
        "steps.ndjson",
        "не подряд",
    ),
    Lie(
        "other words of a step",
        steps(lambda all_: [text_of(one, "сотрудник уходит") for one in all_]),
        "steps.ndjson",
        "нет в features/",
    ),
    Lie(
        "other features",
        words("features/раздел 4.feature", "выполняет", "не выполняет"),
        "steps.ndjson",
        "нет в features/",
    ),
    Lie("no features", without("features/*"), "steps.ndjson", "нет в features/"),
    # pictures
    Lie(
        "pictures exchanged",
        exchanged("screens/006.json", "screens/008.json", "raw", "annotated"),
        "screens/006.json",
        "под другим номером",
    ),
    Lie(
        "descriptions exchanged",
        exchanged("screens/005.json", "screens/007.json", "facts"),
        "screens/005.json",
        "под другим номером",
    ),
    Lie(
        "callouts exchanged",
        lambda evidence: [
            facts(5, callout=7, section=5, step="сотрудник выполняет действие (7)")(evidence),
            facts(7, callout=5, section=4, step="сотрудник выполняет действие (5)")(evidence),
        ],
        "screens/006.json",
        "не в порядке шагов",
    ),
    Lie("a step of no run", facts(6, step="сотрудник уходит"), "screens/006.json", "такого шага"),
    Lie("a picture dropped", without("screens/006*"), "screens", "не подряд"),
    Lie("the last picture dropped", without("screens/013*"), "run.json", "выносок (13) на снимках"),
    Lie("all pictures dropped", without("screens/*"), "run.json", "(1), (2), (3)"),
    Lie(
        "a picture without its callout",
        lambda evidence: [
            without("screens/004-annotated.png")(evidence),
            at("screens/004.json", lambda r: r.update(annotated=None))(evidence),
        ],
        "run.json",
        "выносок (4) на снимках",
    ),
    Lie(
        "a failure left behind",
        with_file("screens/failure-raw.png", DOT),
        "screens/failure-raw.png",
        "сбоя не записано",
    ),
    # calls
    Lie(
        "another reading before",
        at(
            "api/001.json",
            lambda r: r["fields"]["documentsAccess"].update(tlsCertificatesIndices=[0]),
        ),
        "state/before.json",
        "сервис отвечал другое",
    ),
    Lie(
        "another reading after",
        at(
            "api/010.json", lambda r: r["fields"]["documentsList"].update(tlsCertificatesIndices=[])
        ),
        "state/after.json",
        "сервис отвечал другое",
    ),
    # the service's journal
    Lie("the journal dropped", without("state/audit.json"), "state/audit.json", "журнала"),
    Lie(
        "a change dropped from the journal",
        at("state/audit.json", lambda audit: audit["events"].clear()),
        "state/after.json",
        "с журналом даёт не то",
    ),
    Lie(
        "somebody else's change in the journal",
        at("state/audit.json", lambda audit: audit["events"][0].update(by_employee=False)),
        "state/after.json",
        "с журналом даёт не то",
    ),
    Lie(
        "another beginning in the journal",
        at(
            "state/audit.json", lambda a: a["events"][0].update(original=a["events"][0]["modified"])
        ),
        "state/after.json",
        "с журналом даёт не то",
    ),
    Lie(
        "a journal that grew by two",
        at("api/020.json", lambda r: r["fields"].update(eventsTotal=3)),
        "state/audit.json",
        "не столько",
    ),
    Lie(
        "a journal that was not asked for",
        lambda evidence: [without(f"api/{n:03d}.json")(evidence) for n in (19, 20)],
        "state/audit.json",
        "не спрошен",
    ),
    Lie("a call dropped", without("api/010.json"), "api", "не подряд"),
    Lie("a call that writes", call(1, method="POST"), "api/001.json", "не только за чтением"),
    Lie("a call answered in words", call(6, status="200"), "api/006.json", "не целое число"),
    Lie("an answer without number", call(7, status=True), "api/007.json", "не целое число"),
    Lie(
        "a reading without a block",
        at("api/010.json", lambda r: r["fields"].pop("documentsList")),
        "state/after.json",
        "сервис отвечал другое",
    ),
    Lie(
        "a system shown nothing",
        at("api/014.json", lambda r: r.update(fields={})),
        "api/014.json",
        "показаны другие настройки",
    ),
    Lie("all calls dropped", without("api/*"), "state/after.json", "ни одного чтения"),
    # probes
    Lie(
        "a probe of another",
        probes(lambda all_: all_[0].update(system="Ещё одна")),
        "verification.json",
        "не той информационной системы",
    ),
    Lie(
        "a served call told refused",
        call(11, fields={"message": "no"}),
        "verification.json",
        "не те, что вызовы",
    ),
    Lie(
        "a refused call told served", call(15, fields={}), "verification.json", "не те, что вызовы"
    ),
    Lie(
        "one probe more",
        probes(lambda all_: all_.append(all_[-1])),
        "verification.json",
        "не те, что вызовы",
    ),
    # outcome
    Lie("saved in another word", run(saved="maybe"), "run.json", "неизвестным словом"),
    Lie("not saved, though changed", run(saved="no"), "run.json", "сохранёнными не названы"),
    Lie(
        "nothing to do, though changed",
        at("run.json", lambda r: r["session"].update(nothing_to_do=True)),
        "run.json",
        "из состояний следует иначе",
    ),
    Lie(
        "a check twice",
        checks(lambda all_: all_.insert(0, dict(all_[0]))),
        "verification.json",
        "записана дважды",
    ),
    # times
    Lie(
        "finished before it began",
        run(finished_at=DAYS_BEFORE),
        "run.json",
        "не по порядку",
        "E_TIME_SKEW",
    ),
    Lie(
        "finished after it was sealed",
        run(finished_at=(datetime.now(UTC) + timedelta(days=1)).isoformat()),
        "run.json",
        "позже, чем заверен",
        "E_TIME_SKEW",
    ),
    Lie(
        "a picture of another day",
        facts(6, taken_at_utc=DAYS_BEFORE, taken_at_local=DAYS_BEFORE),
        "screens/006.json",
        "не во время своего шага",
        "E_TIME_SKEW",
    ),
    Lie(
        "another local time",
        facts(6, taken_at_local=DAYS_BEFORE),
        "screens/006.json",
        "местное время",
        "E_TIME_SKEW",
    ),
    Lie(
        "steps of another day",
        steps(lambda all_: [{**one, "started_at": DAYS_BEFORE} for one in all_]),
        "screens/001.json",
        "не во время своего шага",
        "E_TIME_SKEW",
    ),
    Lie(
        "steps after the end",
        steps(lambda all_: [{**one, "started_at": AN_HOUR_LATER} for one in all_]),
        "run.json",
        "не по порядку",
        "E_TIME_SKEW",
    ),
    Lie(
        "a call after the end",
        call(20, sent_at=AN_HOUR_LATER),
        "run.json",
        "не по порядку",
        "E_TIME_SKEW",
    ),
    Lie(
        "calls in another order",
        call(4, sent_at=DAYS_BEFORE),
        "api/004.json",
        "не по порядку",
        "E_TIME_SKEW",
    ),
    Lie(
        "an answer of another day",
        call(1, date="Thu, 19 Nov 2020 00:14:45 GMT"),
        "api/001.json",
        "далеко от времени вызова",
        "E_TIME_SKEW",
    ),
]


@pytest.mark.parametrize("lie", LIES, ids=lambda lie: lie.name)
def test_one_file_changed_does_not_fit_the_others(
    sealed: Place, tmp_path: Path, lie: Lie, record_property: Any
) -> None:
    found_by_both(sealed, tmp_path / "outputs", lie)
    record_property("corpus: contradictions inside a pack, all found by both verifiers", 1)


def test_the_truth_sealed_anew_is_found_true(sealed: Place, tmp_path: Path) -> None:
    judged = told(copy(sealed, tmp_path / "outputs"), lambda _: None)
    assert (judged.found.findings, judged.found.status) == ((), Status.INTEGRITY_ONLY)
    assert (judged.against, judged.second) == ([], Status.INTEGRITY_ONLY)

"""`sigex-runbook strangers`: what it prints, and when it fails."""

from __future__ import annotations

import json
import re

import httpx
import pytest

from sigex_runbook.cli.main import main
from sigex_runbook.trials.strangers import Finding, Trial, compose


def ended(number: int, finding: Finding, *wrong: str) -> Trial:
    return Trial(
        compose(5, number), finding, "раздел 4, выноска (5)", "что прочтёт оператор", wrong, 1.0
    )


@pytest.mark.parametrize(
    ("second", "code"),
    [
        (Finding.PASSED, 0),
        (Finding.STOPPED, 0),
        (Finding.UNPLACED, 0),
        (Finding.FALSE_ALARM, 0),
        (Finding.WRONG_TICK, 1),
        (Finding.FALSE_PASS, 1),
        (Finding.BROKE, 1),
    ],
)
def test_only_what_must_never_be_fails(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    second: Finding,
    code: int,
) -> None:
    wrong = ("documentsList: systems 2 on",) if second is Finding.WRONG_TICK else ()
    trials = [ended(2, second, *wrong), ended(1, Finding.PASSED)]
    monkeypatch.setattr("sigex_runbook.trials.attempts.try_all", lambda *_, **__: iter(trials))
    assert main(["strangers", "--runs", "2", "--seed", "5"]) == code
    printed = capsys.readouterr().out
    assert re.search(r"всего\s+2\s+", printed)
    assert re.search(rf"\sbox={compose(5, 1).box}\s+[12]\s+[12]\s", printed)
    assert ("что прочтёт оператор" in printed) == (second is not Finding.PASSED)
    assert all(line in printed for line in wrong)
    assert ("Неверных галочек нет" in printed) == (code == 0)
    assert ("--seed 5 --only" in " ".join(printed.split())) == (code == 1)


def test_each_end_may_be_had_as_json(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    trials = [ended(3, Finding.STOPPED)]
    monkeypatch.setattr("sigex_runbook.trials.attempts.try_all", lambda *_, **__: iter(trials))
    assert main(["strangers", "--only", "3", "--seed", "5", "--json"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line)["style"]["number"] == 3


def test_one_number_is_one_site(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tried = []

    def try_all(styles: list[object], *_: object, **__: object) -> list[Trial]:
        tried.extend(styles)
        return [ended(17, Finding.PASSED)]

    monkeypatch.setattr("sigex_runbook.trials.attempts.try_all", try_all)
    assert main(["strangers", "--seed", "5", "--only", "17"]) == 0
    assert tried == [compose(5, 17)]


def test_sites_are_listed_and_described(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["strangers", "--runs", "3", "--list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["1", "2", "3"]
    assert main(["strangers", "--seed", "5", "--show", "3"]) == 0
    assert capsys.readouterr().out == compose(5, 3).as_json() + "\n"


def test_a_site_can_be_looked_at_by_hand(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    seen: list[str] = []

    def look(*_: object) -> int:
        told = capsys.readouterr().out
        (address,) = set(re.findall(r"https://localhost:\d+", told))
        with httpx.Client(base_url=address, verify=False) as client:  # noqa: S501 - its own CA
            seen.extend(client.get(path).text for path in ("/", "/auth", "/assets/site.js"))
        return 0

    monkeypatch.setattr("sigex_emulator.foreground.await_one", look)
    assert main(["strangers", "--serve", "2"]) == 0
    start, sign_in, script = seen
    assert "Подписание документов" in start
    assert "Войти без NCALayer" in sign_in
    assert "use strict" in script


@pytest.mark.parametrize("words", [["--runs", "0"], ["--workers", "0"]])
def test_nothing_to_do_is_refused(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["strangers", *words]) == 2
    assert "не меньше 1" in capsys.readouterr().err

"""A run that cannot be done, or not to its end: what the operator is told, and what is left."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.commands import answers, complaint, run_here, sealed_well, write
from tests.service import NOTHING, ORGANISATION, OTHER_ORGANISATION, Service


@pytest.mark.parametrize(
    ("replace", "told"),
    [
        ({'"200240002381"': '"200240002382"'}, "контрольной цифры"),
        ({'"200240002381"': "200240002381"}, "кавычки"),
        ({"access:": "acess:"}, "«acess»"),
        ({"employee-settings.password": "head.password"}, "Пароль не подходит"),
        ({"200240002381/1.key": "200240002381/2.key"}, "2.key» не от сертификата"),
        ({"probe_document:": "probe_document: 1\nprobe_document:"}, "дважды"),
    ],
)
def test_a_bad_order_is_refused_before_anything_is_touched(
    service: Service, tmp_path: Path, replace: dict[str, str], told: str
) -> None:
    good = write(tmp_path, service.order_text(), "good.yaml")
    bad = write(tmp_path, service.order_text(**replace), "bad.yaml")
    done = run_here(good, bad, *service.arguments(), "--outputs", tmp_path / "outputs")
    assert done.returncode == 2
    assert told in complaint(done)
    assert complaint(done).count("\n") == 1, done.stderr
    assert not (tmp_path / "outputs").exists()
    assert service.granted() == NOTHING
    assert list(service.emulator.world.requests) == []


def test_a_deadline_that_no_run_can_have_is_refused(tmp_path: Path) -> None:
    done = run_here("--deadline", "inf", "--outputs", tmp_path / "outputs", "--json")
    assert done.returncode == 2
    assert "больше нуля" in done.stderr
    assert done.stderr.count("\n") == 1, done.stderr
    [result] = answers(done)
    assert (result["order"], result["verdict"], result["pack"]) == ("образец", "FAILED", None)
    assert result["message"] in done.stderr
    assert not (tmp_path / "outputs").exists()


def test_every_order_is_told_of_when_one_is_refused(service: Service, tmp_path: Path) -> None:
    good = write(tmp_path, service.order_text(), "good.yaml")
    bad = write(tmp_path, service.order_text(**{"access:": "acess:"}), "bad.yaml")
    done = run_here(good, bad, *service.arguments(), "--outputs", tmp_path / "outputs", "--json")
    assert done.returncode == 2
    first, second = answers(done)
    assert (first["order"], first["organisation_bin"]) == (str(good), ORGANISATION)
    assert "другой заказ" in first["message"]
    assert (second["order"], second["organisation_bin"]) == (str(bad), None)
    assert "«acess»" in second["message"]
    assert not (tmp_path / "outputs").exists()


def test_all_faulty_orders_of_a_command_are_listed(service: Service, tmp_path: Path) -> None:
    good = write(tmp_path, service.order_text(), "good.yaml")
    typo = write(tmp_path, service.order_text(**{"access:": "acess:"}), "typo.yaml")
    closed = write(
        tmp_path, service.order_text(**{"employee-settings.password": "head.password"}), "no.yaml"
    )
    absent = tmp_path / "absent.yaml"
    done = run_here(
        good, typo, closed, absent, *service.arguments(), "--outputs", tmp_path / "outputs"
    )
    assert done.returncode == 2
    first, *lines = complaint(done).splitlines()
    assert "Не приняты заказы: 3 из 4. Ничего не начато." in first
    for line, name, told in zip(
        lines, (typo, closed, absent), ("acess", "Пароль не подходит", "не найден"), strict=True
    ):
        assert f"«{name}»" in line
        assert told in line
    assert not (tmp_path / "outputs").exists()


def test_one_order_twice_is_refused_before_anything_is_touched(
    service: Service, tmp_path: Path
) -> None:
    one = write(tmp_path, service.order_text(), "one.yaml")
    two = write(tmp_path, service.order_text(**{"granted": "revoked"}), "two.yaml")
    done = run_here(one, two, *service.arguments(), "--outputs", tmp_path / "outputs", "--json")
    assert done.returncode == 2
    assert "противоречат друг другу" in done.stderr
    assert [answer["saved"] for answer in answers(done)] == ["no", "no"]
    assert not (tmp_path / "outputs").exists()
    assert list(service.emulator.world.requests) == []


def test_a_missing_browser_is_said_before_anything_is_touched(
    service: Service, tmp_path: Path
) -> None:
    order = write(tmp_path, service.order_text())
    done = run_here(
        order,
        *service.arguments(),
        "--outputs",
        tmp_path / "outputs",
        SIGEX_RUNBOOK_BROWSER=str(tmp_path / "none"),
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "SIGEX_RUNBOOK_BROWSER" in done.stderr
    assert not (tmp_path / "outputs").exists()


def test_one_failed_order_does_not_keep_the_next_from_running(
    service: Service, tmp_path: Path
) -> None:
    wrong = write(
        tmp_path,
        service.order_text(**{'bin: "200240002381"': f'bin: "{OTHER_ORGANISATION}"'}),
        "wrong.yaml",
    )
    right = write(tmp_path, service.order_text(), "right.yaml")
    done = run_here(wrong, right, *service.arguments(), "--outputs", tmp_path / "outputs", "--json")
    assert done.returncode == 1
    first, second = answers(done)
    assert (first["verdict"], first["section"]) == ("FAILED", 1)
    assert second["verdict"] == "PASSED", second["message"]
    report = (Path(first["pack"]) / "evidence" / "report.html").read_text("utf-8")
    assert first["message"] in report
    assert "Traceback" not in report + done.stdout + done.stderr


def test_a_service_that_is_down_leaves_a_pack_that_says_so(
    service: Service, tmp_path: Path
) -> None:
    order = write(tmp_path, service.order_text())
    closed = ("--target", "https://localhost:9", "--ca", str(service.emulator.directory / "ca.pem"))
    done = run_here(order, *closed, "--outputs", tmp_path / "outputs", "--json")
    assert done.returncode == 1
    [result] = answers(done)
    assert "не отвечает" in result["message"]
    steps = (Path(result["pack"]) / "evidence" / "steps.ndjson").read_text("utf-8").splitlines()
    assert {json.loads(line)["outcome"] for line in steps} == {"not_run"}


def test_a_run_past_its_deadline_ends_with_what_it_had(service: Service, tmp_path: Path) -> None:
    order = write(tmp_path, service.order_text())
    asked = ("--deadline", "0.5", "--language", "kk", "--json")
    done = run_here(order, *service.arguments(), "--outputs", tmp_path / "o", *asked)
    [result] = answers(done)
    assert (done.returncode, result["verdict"]) == (1, "FAILED")
    assert "не уложился в 0.5 с" in result["message"]
    evidence = Path(result["pack"]) / "evidence"
    assert '<html lang="kk">' in (evidence / "report.html").read_text("utf-8")
    assert (evidence / "report.pdf").is_file()
    assert sealed_well(Path(result["pack"]))

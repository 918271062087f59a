"""A run with an operator's locators: refused before anything is touched, or told in its pack."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sigex_runbook.core.errors import OrderError, UsageError
from sigex_runbook.core.order import load_order
from sigex_runbook.evidence.pack.layout import LOCATORS
from sigex_runbook.notebook import open_run
from sigex_runbook.run.options import Options, with_locators_of
from sigex_runbook.run.run import check_ready
from sigex_runbook.site.reading.locators_file import load_locators
from tests.commands import answers, run_here, sealed_well, write
from tests.service import EVERYTHING, NOTHING, Service
from tests.sigex_runbook.evidence.material import PERSON

SAVE = """\
format: sigex-locators/1
controls:
  save_button: {css: "button#save"}
"""
MENU = SAVE.replace("save_button", "menu_icon")


def ordering(service: Service, locators: str) -> str:
    return f"{service.order_text()}\nlocators: {locators}\n"


def test_an_order_names_its_locators_from_its_own_folder(service: Service, tmp_path: Path) -> None:
    folder = tmp_path / "orders"
    folder.mkdir()
    write(folder, SAVE, "ours.yaml")
    order = load_order(write(folder, ordering(service, "ours.yaml")))
    taken = with_locators_of(order, Options(service.target)).locators
    assert taken is not None
    assert taken.content == SAVE.encode()


def test_the_commands_locators_go_before_the_orders(service: Service, tmp_path: Path) -> None:
    write(tmp_path, SAVE, "ours.yaml")
    order = load_order(write(tmp_path, ordering(service, "ours.yaml")))
    given = load_locators(write(tmp_path, MENU, "given.yaml"))
    assert with_locators_of(order, Options(service.target, locators=given)).locators is given


@pytest.mark.parametrize("named", ["none.yaml", ".", "5"])
def test_an_order_that_names_no_file_is_refused(
    service: Service, tmp_path: Path, named: str
) -> None:
    with pytest.raises(OrderError, match="locators"):
        load_order(write(tmp_path, ordering(service, named)))


@pytest.mark.parametrize("what", ["a person's number", "the password", "a key"])
def test_a_file_that_no_pack_may_hold_is_refused(
    service: Service, tmp_path: Path, what: str
) -> None:
    order = service.order()
    held = {
        "a person's number": PERSON,
        "the password": sign_in_password(service),
        "a key": "-----BEGIN PRIVATE KEY-----",
    }[what]
    given = load_locators(write(tmp_path, f"{SAVE}# {held}\n", "given.yaml"))
    with pytest.raises(UsageError, match="чего в пакете быть не должно") as refused:
        check_ready(order, Options(service.target, locators=given))
    assert held not in str(refused.value)


def sign_in_password(service: Service) -> str:
    folder = service.emulator.directory / "keys" / "200240002381"
    return (folder / "employee-settings.password").read_text("utf-8").strip()


@pytest.mark.parametrize("by", ["the command", "the order"])
def test_a_bad_file_is_refused_before_anything_is_touched(
    service: Service, tmp_path: Path, by: str
) -> None:
    bad = write(tmp_path, SAVE.replace("save_button", "save_buton"), "bad.yaml")
    text = ordering(service, "bad.yaml") if by == "the order" else service.order_text()
    order = write(tmp_path, text)
    option = ("--locators", bad) if by == "the command" else ()
    done = run_here(
        order, *service.arguments(), *option, "--outputs", tmp_path / "outputs", "--json"
    )
    assert done.returncode == 2
    assert "строка 3, ключ «controls.save_buton»: неизвестный ключ" in done.stderr
    assert "похоже на «save_button»" in done.stderr
    assert done.stderr.count("\n") == 1, done.stderr
    [answer] = answers(done)
    assert answer["message"] in done.stderr
    assert not (tmp_path / "outputs").exists()
    assert service.granted() == NOTHING
    assert list(service.emulator.world.requests) == []


def test_the_notebook_refuses_a_bad_file_too(service: Service, tmp_path: Path) -> None:
    bad = write(tmp_path, SAVE.replace("button#save", "button["), "bad.yaml")
    outputs = tmp_path / "outputs"
    with pytest.raises(UsageError, match="это не селектор CSS"):
        open_run(
            order=str(write(tmp_path, service.order_text())),
            target=service.emulator.address,
            ca=str(service.emulator.directory / "ca.pem"),
            locators=str(bad),
            outputs=str(outputs),
        )
    assert not outputs.exists()
    assert list(service.emulator.world.requests) == []


def test_a_run_presses_what_it_was_pointed_at_and_says_so(service: Service, tmp_path: Path) -> None:
    """The order's file points at nothing on the page: that the command's is used shows twice."""
    write(tmp_path, SAVE.replace("button#save", "#nowhere"), "ours.yaml")
    order = write(tmp_path, ordering(service, "ours.yaml"))
    given = load_locators(write(tmp_path, f"\ufeff{SAVE}", "given.yaml"))
    assert given is not None
    asked = ("--locators", tmp_path / "given.yaml", "--outputs", tmp_path / "outputs", "--json")
    done = run_here(order, *service.arguments(), *asked)
    [answer] = answers(done)
    assert answer["verdict"] == "PASSED", answer["message"]
    assert service.granted() == EVERYTHING
    pack = Path(answer["pack"])
    evidence = pack / "evidence"
    assert (evidence / LOCATORS).read_bytes() == given.content
    said = json.loads((evidence / "run.json").read_bytes())["locators"]
    assert said == {"sha256": given.sha256, "pointed": ["controls.save_button"], "answers": 0}
    assert LOCATORS in json.loads((evidence / "redaction.json").read_bytes())["scanned"]
    page = (evidence / "report.html").read_text("utf-8")
    assert "кнопка сохранения (controls.save_button)" in page
    assert page.count(given.sha256) == 1  # the list of files is in the attestation
    assert "Элементы, указанные оператором" in (evidence / "runbook.ipynb").read_text("utf-8")
    assert sealed_well(pack)


def test_a_pointer_that_finds_nothing_stops_the_run_where_it_is_used(
    service: Service, tmp_path: Path
) -> None:
    write(tmp_path, SAVE.replace("button#save", "#nowhere"), "ours.yaml")
    order = write(tmp_path, ordering(service, "ours.yaml"))
    done = run_here(order, *service.arguments(), "--outputs", tmp_path / "outputs", "--json")
    [answer] = answers(done)
    assert (answer["verdict"], answer["section"], answer["saved"]) == ("FAILED", 8, "no")
    assert service.granted() == NOTHING
    assert sealed_well(Path(answer["pack"]))

"""A run that cannot be checked saves nothing, and every ending says whether it saved."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from sigex_emulator import Emulator
from sigex_runbook.core.verdict import SAVED_WORDS, Saved, VerdictKind
from tests.commands import answers, run, run_here, sealed_well, write
from tests.performing import perform
from tests.service import EVERYTHING, NOTHING, ORGANISATION, Service
from tests.sigex_runbook.run.test_runbook import saves


@pytest.fixture
def faulty(service: Service) -> Iterator[Emulator]:
    yield service.emulator
    service.emulator.world.faults.clear()


def test_an_address_where_no_system_is_served_stops_the_run_before_saving(
    service: Service, tmp_path: Path
) -> None:
    order = write(tmp_path, service.order_text())
    arguments = service.arguments()
    arguments[arguments.index("--mtls-target") + 1] = "https://localhost:9"
    done = run_here(order, *arguments, "--outputs", tmp_path / "outputs", "--json")
    [result] = answers(done)
    assert (done.returncode, result["verdict"], result["saved"]) == (1, "FAILED", "no")
    assert "--mtls-target" in result["message"]
    assert (saves(service), service.granted()) == (0, NOTHING)
    pack = Path(result["pack"])
    assert sealed_well(pack)
    made = json.loads((pack / "evidence" / "verification.json").read_text("utf-8"))["probes"]
    assert {probe["answer"] for probe in made} == {"unclear"}


@pytest.mark.parametrize(
    ("fault", "saved"),
    [
        ("save-not-stored", Saved.YES),  # it is what the service said; section 8 saw otherwise
        ("save-message", Saved.NO),
        ("save-502", Saved.UNKNOWN),
    ],
)
def test_a_failed_run_says_whether_it_saved(
    service: Service, faulty: Emulator, tmp_path: Path, fault: str, saved: Saved
) -> None:
    faulty.world.faults.set(ORGANISATION, fault)
    result = perform(service, service.order(), tmp_path)
    assert (result.verdict.kind, result.saved) == (VerdictKind.FAILED, saved)
    told = json.loads((result.pack / "evidence" / "run.json").read_text("utf-8"))
    assert told["saved"] == saved


def test_the_operator_reads_it_on_the_screen_and_in_the_report(
    service: Service, faulty: Emulator, tmp_path: Path
) -> None:
    faulty.world.faults.set(ORGANISATION, "mtls-grant-never")
    order = write(tmp_path, service.order_text())
    done = run_here(order, *service.arguments(), "--outputs", tmp_path)
    assert (done.returncode, service.granted()) == (1, EVERYTHING)
    assert SAVED_WORDS[Saved.YES] in done.stdout
    [report] = tmp_path.glob("single/*/*/evidence/report.html")
    assert "Настройки организации сохранены и изменились" in report.read_text("utf-8")


def test_a_number_in_a_description_is_one_alias_everywhere(
    service: Service, tmp_path: Path
) -> None:
    """Two keys of aliases in one pack would make its own check fail, and it is never sealed."""
    name = "Учёт 900101300126"
    key = service.emulator.world.add_information_system(ORGANISATION, name)
    (tmp_path / "is.pem").write_text(key.certificate_pem, "utf-8")
    (tmp_path / "is.key").write_text(key.private_key_pem, "utf-8")
    start, rest = service.order_text().split("\ninformation_system:", 1)
    _, rest = rest.split("\ncontrol_system:", 1)
    system = f'information_system: {{description: "{name}", certificate: is.pem, key: is.key}}'
    order = write(tmp_path, f"{start}\n{system}\ncontrol_system:{rest}")
    done = run(order, *service.arguments(), "--outputs", tmp_path / "outputs", "--json")
    [result] = answers(done)
    assert (done.returncode, result["verdict"]) == (0, "PASSED"), result["message"]
    assert sealed_well(Path(result["pack"]))

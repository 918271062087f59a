"""A campaign of real runs from which the operator left an organisation out."""

from __future__ import annotations

from pathlib import Path
from subprocess import CompletedProcess

import pytest

from sigex_runbook.cli.main import main
from sigex_runbook.evidence.attest.envelope import read_envelope
from sigex_runbook.evidence.attest.keyring import Keyring, key_folder
from sigex_runbook.evidence.attest.seal_files import CAMPAIGN
from sigex_runbook.evidence.attest.statement import CampaignStatement, Member, State
from tests.commands import answers, complaint, run_here, write
from tests.service import NOTHING, ORGANISATION, OTHER_ORGANISATION, Service

NAME = "весна-2026"
REASON = "Реорганизация: доступ настроит правопреемник (хат № 12-қ)"


def exclusions(folder: Path, organisation: str = OTHER_ORGANISATION, reason: str = REASON) -> Path:
    line = f'  - {{bin: "{organisation}", reason: "{reason}"}}'
    return write(folder, f"format: sigex-campaign-exclusions/1\nexcluded:\n{line}\n", "нет.yaml")


def ordered(service: Service, folder: Path, organisation: str = ORGANISATION) -> Path:
    text = service.order_text().replace(ORGANISATION, organisation)
    return write(folder, text, f"{organisation}.yaml")


def campaign(
    service: Service, folder: Path, *arguments: str | Path, name: str = NAME
) -> CompletedProcess[str]:
    there = ("--outputs", folder / "outputs", "--campaign", name)
    return run_here(*arguments, *service.arguments(), *there)


def population(folder: Path) -> dict[str, Member]:
    data = (folder / "outputs" / NAME / CAMPAIGN).read_bytes()
    statement = CampaignStatement.read(read_envelope(data).payload)
    return {member.organisation_bin: member for member in statement.population}


def asked_of_anybody(service: Service) -> int:
    return len(list(service.emulator.world.requests))


def test_who_is_excluded_is_never_run_and_stands_in_the_list_with_the_reason(
    service: Service, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    order, excluded = ordered(service, tmp_path), exclusions(tmp_path)
    done = campaign(service, tmp_path, order, "--exclude", excluded)
    assert done.returncode == 0, done.stderr
    assert f"Исключены из кампании: 1.\n  {OTHER_ORGANISATION} — {REASON}\n" in done.stdout
    left = Member(OTHER_ORGANISATION, State.EXCLUDED, reason=REASON)
    assert population(tmp_path)[OTHER_ORGANISATION] == left
    assert population(tmp_path)[ORGANISATION].verdict == "PASSED"
    place = tmp_path / "outputs" / NAME
    assert not (place / OTHER_ORGANISATION).exists()
    index = (tmp_path / "outputs" / "index.html").read_text("utf-8")
    assert REASON in index

    # The list outlives the command that made it: another run of the same campaign keeps it.
    again = campaign(service, tmp_path, order, "--json")
    assert again.returncode == 0, again.stderr
    told = [(one["organisation_bin"], one["verdict"]) for one in answers(again)]
    assert told == [(ORGANISATION, "PASSED"), (OTHER_ORGANISATION, "EXCLUDED")]
    assert answers(again)[1]["message"] == REASON
    assert population(tmp_path)[OTHER_ORGANISATION] == left
    trust = Keyring(key_folder()).trust_file
    capsys.readouterr()
    assert main(["verify", str(place), "--trust", str(trust)]) == 3  # nobody pinned a head
    told_by_verify = capsys.readouterr().out
    assert "исключено 1" in told_by_verify
    assert f"{OTHER_ORGANISATION} — исключена: {REASON}" in told_by_verify

    # And neither side of it is undone by the next command.
    sealed, asked = (place / CAMPAIGN).read_bytes(), asked_of_anybody(service)
    other = campaign(service, tmp_path, ordered(service, tmp_path, OTHER_ORGANISATION))
    assert (other.returncode, complaint(other).count("\n")) == (2, 1)
    assert f"исключена из этой кампании, причина: «{REASON}»" in other.stderr
    late = campaign(
        service,
        tmp_path,
        ordered(service, tmp_path, "990640000019"),
        "--exclude",
        exclusions(tmp_path, ORGANISATION),
    )
    assert late.returncode == 2
    assert (place / CAMPAIGN).read_bytes() == sealed
    assert asked_of_anybody(service) == asked


def password(service: Service) -> str:
    keys = service.emulator.directory / "keys" / ORGANISATION
    return (keys / "employee-settings.password").read_text("utf-8").strip()


@pytest.mark.parametrize(
    ("organisation", "reason", "told"),
    [
        (ORGANISATION, REASON, "и исключена, и заказана"),
        (OTHER_ORGANISATION, "", "причины нет"),
        (OTHER_ORGANISATION, "уволен 900101300126", "номер человека (ИИН)"),
        (OTHER_ORGANISATION, "пароль {password}", "секрет (password)"),
    ],
)
def test_an_exclusion_that_may_not_be_sealed_is_refused_before_anything_is_touched(
    service: Service, tmp_path: Path, organisation: str, reason: str, told: str
) -> None:
    secret = password(service)
    file = exclusions(tmp_path, organisation, reason.format(password=secret))
    done = campaign(service, tmp_path, ordered(service, tmp_path), "--exclude", file)
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr
    assert complaint(done).count("\n") == 1, done.stderr
    assert secret not in done.stderr
    assert "900101300126" not in done.stderr
    assert not (tmp_path / "outputs").exists()
    assert (service.granted(), asked_of_anybody(service)) == (NOTHING, 0)


def test_an_exclusion_needs_a_campaign_that_runs_somebody(service: Service, tmp_path: Path) -> None:
    file = exclusions(tmp_path)
    nobody = campaign(service, tmp_path, "--exclude", file)
    assert nobody.returncode == 2
    assert "исключены все" in nobody.stderr
    alone = campaign(
        service, tmp_path, ordered(service, tmp_path), "--exclude", file, name="single"
    )
    assert alone.returncode == 2
    assert "--campaign ИМЯ" in alone.stderr
    assert not (tmp_path / "outputs").exists()

"""What is sealed of an organisation whose order could not be begun."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from sigex_runbook.cli.run import _left_out
from sigex_runbook.core.errors import NotSealed, UsageError
from sigex_runbook.core.verdict import Saved
from sigex_runbook.evidence.attest.statement import State
from sigex_runbook.run.options import Options
from sigex_runbook.run.run import check_ready
from tests.service import ORGANISATION, Service


def test_a_reason_names_a_file_and_no_folder_of_this_machine(
    service: Service, tmp_path: Path
) -> None:
    keys = service.emulator.directory / "keys" / ORGANISATION
    mine = tmp_path / "ключи"
    shutil.copytree(keys, mine)
    order = service.order({str(keys): str(mine)})
    (mine / "employee-settings.p12").unlink()
    with pytest.raises(UsageError) as refused:
        check_ready(order, Options(service.target))
    assert str(tmp_path) in str(refused.value)
    left = _left_out(order, refused.value, tmp_path / "outputs")
    assert (left.organisation_bin, left.state) == (ORGANISATION, State.FAILED)
    assert left.reason is not None
    assert "employee-settings.p12" in left.reason
    assert str(tmp_path) not in left.reason


def test_nor_where_the_packs_lie(service: Service, tmp_path: Path) -> None:
    pack = tmp_path / "outputs" / "весна" / ORGANISATION / "run.partial"
    error = NotSealed(f"Пакет {pack} не прошёл собственную проверку.", saved=Saved.NO)
    left = _left_out(service.order(), error, tmp_path / "outputs")
    assert left.reason == f"Пакет весна/{ORGANISATION}/run.partial не прошёл собственную проверку."

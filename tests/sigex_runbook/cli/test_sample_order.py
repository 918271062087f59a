"""`sigex-runbook sample-order` as an operator meets it."""

from __future__ import annotations

from pathlib import Path

import pytest

from sigex_runbook.cli.main import main
from sigex_runbook.run.sample import PLACE


def test_orders_for_the_embedded_emulator_go_wherever_it_will_be(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "new" / "orders"
    assert main(["sample-order", "--all", str(folder)]) == 0
    assert capsys.readouterr().out == f"Заказов записано: 3, в папке {folder}.\n"
    written = sorted(folder.iterdir())
    assert [one.name for one in written] == [
        "000740000728.yaml",
        "151040012342.yaml",
        "200240002381.yaml",
    ]
    assert all(PLACE in one.read_text("utf-8") for one in written)


def test_what_was_written_once_stays(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mine = tmp_path / "200240002381.yaml"
    mine.write_text("мой заказ", encoding="utf-8")
    assert main(["sample-order", "--all", str(tmp_path)]) == 2
    assert "не переписываются" in capsys.readouterr().err
    assert mine.read_text("utf-8") == "мой заказ"

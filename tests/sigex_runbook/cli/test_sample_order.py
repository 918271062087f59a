"""`sigex-runbook sample-order` as an operator meets it."""

from __future__ import annotations

from pathlib import Path

import pytest

from sigex_emulator import Emulator, World
from sigex_emulator.world.seeds import world_of
from sigex_runbook.batch.orders import read_batch
from sigex_runbook.cli.main import main
from sigex_runbook.core.access import AccessBlock
from sigex_runbook.run.sample import PLACE
from tests.commands import answers, run_here
from tests.service import Service


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


def test_a_campaign_can_be_rehearsed(tmp_path: Path) -> None:
    """Orders for 25 organisations; the first that was made up and the last are carried out."""
    with Emulator(tmp_path / "emulator", world=World(world_of(25))) as emulator:
        service = Service(emulator)
        folder = str(tmp_path / "emulator")
        assert main(["sample-order", "--all", str(tmp_path), "--emulator", folder]) == 0
        chosen = [list(emulator.world.organisations)[place] for place in (3, 24)]
        orders = [tmp_path / f"{one}.yaml" for one in chosen]
        done = run_here(
            *orders, *service.arguments(), "--json", "--campaign", "spring", "--outputs", tmp_path
        )
        assert (done.returncode, done.stderr) == (0, "")
        assert [(one["organisation_bin"], one["verdict"]) for one in answers(done)] == [
            (one, "PASSED") for one in chosen
        ]
        for one in chosen:
            blocks = emulator.world.organisations[one].settings.blocks
            assert {blocks[block].tls_certificate_indices for block in AccessBlock} == {(0,)}


def test_a_table_is_printed_byte_by_byte_and_accepted(
    emulator: Emulator, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    places = {"EMULATOR": str(emulator.directory)}
    for options, numbers in (
        ([], ["200240002381"]),
        (["--emulator", places["EMULATOR"]], list(emulator.world.organisations)),
    ):
        assert main(["sample-order", "--csv", *options]) == 0
        printed = capfdbinary.readouterr().out
        assert printed.startswith(b"\xef\xbb\xbf")
        (table := tmp_path / "orders.csv").write_bytes(printed)
        orders = [order for _, order in read_batch(table, {} if options else places).orders]
        assert [str(order.organisation.bin) for order in orders] == numbers


def test_a_table_is_printed_and_not_written(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sample-order", "--csv", "--all", "orders"]) == 2
    assert "нельзя указать вместе" in capsys.readouterr().err

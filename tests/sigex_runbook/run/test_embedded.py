"""Who names no service gets an emulator, and only what was written for it is carried out there."""

from __future__ import annotations

from pathlib import Path

import pytest

from sigex_runbook.core.errors import OrderError
from sigex_runbook.run.embedded import order_for
from sigex_runbook.run.sample import sample_order
from tests.commands import run_here, write
from tests.service import Service


def test_an_order_for_another_service_is_refused_before_anything_is_touched(
    service: Service, tmp_path: Path
) -> None:
    order = write(tmp_path, service.order_text())
    done = run_here(order, "--outputs", tmp_path / "outputs")
    assert (done.returncode, done.stdout) == (2, "")
    told = done.stderr.splitlines()[-1]
    assert f"Заказ «{order}» написан не для встроенного эмулятора" in told
    assert "1.pem, 2.pem, employee-settings.p12" in told
    assert "--target https://sigex.kz" in told
    assert "sigex-runbook sample-order" in told
    assert not (tmp_path / "outputs").exists()


def test_the_sample_is_the_emulators_own_and_one_foreign_key_makes_it_anothers(
    service: Service, tmp_path: Path
) -> None:
    """Also through a link, by which a temporary folder may be reached."""
    (tmp_path / "link").symlink_to(service.emulator.directory)
    places = {"EMULATOR": str(tmp_path / "link")}
    sample = write(tmp_path, sample_order())
    assert order_for(sample, places).sign_in.method == "pkcs12"
    mine = tmp_path / "мой.p12"
    mine.write_bytes(b"key")
    own_key = "${EMULATOR}/keys/200240002381/employee-settings.p12"
    mixed = write(tmp_path, sample_order().replace(own_key, str(mine)), "mixed.yaml")
    with pytest.raises(OrderError, match=r"ключей мой\.p12 у него нет"):
        order_for(mixed, places)


def test_with_a_service_named_any_keys_will_do(service: Service, tmp_path: Path) -> None:
    order = write(tmp_path, service.order_text())
    assert order_for(order, {}).organisation.bin == service.order().organisation.bin

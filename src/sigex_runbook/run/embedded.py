"""The emulator inside a run: for who names no service."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from sigex_runbook.core.errors import OrderError
from sigex_runbook.core.order import Order, Pkcs12SignIn, load_order

from .options import Target

_PLACE = "EMULATOR"


@contextmanager
def embedded_emulator() -> Iterator[tuple[Target, Mapping[str, str]]]:
    """A local SIGEX for as long as it is needed: its target, and `${EMULATOR}` for orders."""
    from sigex_emulator import Emulator

    with (
        TemporaryDirectory(prefix="sigex-emulator-") as folder,
        Emulator(directory=Path(folder)) as emulator,
    ):
        target = Target(emulator.address, emulator.mtls_address, Path(folder) / "ca.pem")
        yield target, {_PLACE: folder}


def order_for(file: Path, places: Mapping[str, str]) -> Order:
    """An order for the service that the places are of.

    The embedded emulator makes its keys when it starts, and they lie in its folder alone: an order
    with others was written for another service. Raises OrderError.
    """
    order = load_order(file, places)
    if _PLACE not in places:
        return order
    home = Path(places[_PLACE]).resolve()
    systems = (order.information_system, order.control_system)
    keys = [system.certificate for system in systems if system is not None]
    if isinstance(order.sign_in, Pkcs12SignIn):
        keys.append(order.sign_in.key_file)
    foreign = [key.name for key in keys if not key.resolve().is_relative_to(home)]
    if foreign:
        raise OrderError(
            f"Заказ «{file}» написан не для встроенного эмулятора, а без --target работает он: "
            f"ключей {', '.join(foreign)} у него нет, свои он делает при каждом запуске. Укажите "
            "--target https://sigex.kz или адрес того эмулятора, чьи это ключи, либо возьмите "
            "образец: sigex-runbook sample-order."
        )
    return order

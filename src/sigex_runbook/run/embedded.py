"""The emulator inside a run: for who names no service."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from .options import Target


@contextmanager
def embedded_emulator() -> Iterator[tuple[Target, Mapping[str, str]]]:
    """A local SIGEX for as long as it is needed: its target, and `${EMULATOR}` for orders."""
    from sigex_emulator import Emulator

    with (
        TemporaryDirectory(prefix="sigex-emulator-") as folder,
        Emulator(directory=Path(folder)) as emulator,
    ):
        target = Target(emulator.address, emulator.mtls_address, Path(folder) / "ca.pem")
        yield target, {"EMULATOR": folder}

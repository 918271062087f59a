"""The folder where the evidence goes."""

from __future__ import annotations

import tempfile
from pathlib import Path

from sigex_runbook.core.error_causes import why
from sigex_runbook.core.errors import EnvironmentMissing


def check_writable(folder: Path) -> None:
    """Try to write there, or where the folder would be made; nothing stays.

    Raises EnvironmentMissing.
    """
    place = folder.absolute()
    while not place.exists():
        place = place.parent
    try:
        with tempfile.TemporaryFile(dir=place):
            pass
    except OSError as error:
        raise EnvironmentMissing(
            f"В папку результатов {folder} записать нельзя ({why(error)}). Укажите другую в "
            "--outputs или исправьте права."
        ) from error

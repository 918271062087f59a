"""Whether there is room for what a run leaves: asked before it begins."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from pathlib import Path

from sigex_runbook.core.error_causes import why
from sigex_runbook.core.errors import EnvironmentMissing

A_RUN_BYTES = 32 << 20
"""What one run may need while it lasts: a pack has some six megabytes, a browser its profile."""

_WAY_DOWN_BYTES = 320
"""What a path grows by from the folder of results down to a run's longest name."""


def check_room(folder: Path) -> None:
    """Try to write there, or where the folder would be made, and in the system's temporary folder;
    nothing stays.

    Raises EnvironmentMissing when that cannot be done, or too little space is left.
    """
    remedy = "Укажите другую в --outputs или освободите место и исправьте права."
    try:
        place = _existing(folder)
    except OSError as error:
        raise _unfit(f"В папку результатов {folder}", error, remedy) from error
    _check(place, f"В папку результатов {folder}", remedy)
    try:
        place = Path(tempfile.gettempdir())
    except OSError as error:
        raise _unfit("Во временную папку", error, "Назовите другую в TMPDIR.") from error
    _check(place, f"Во временную папку {place}", "Освободите место или назовите другую в TMPDIR.")


def _check(place: Path, where: str, remedy: str) -> None:
    try:
        with tempfile.TemporaryFile(dir=place):
            pass
        free = shutil.disk_usage(place).free
    except OSError as error:
        raise _unfit(where, error, remedy) from error
    if free < A_RUN_BYTES:
        raise EnvironmentMissing(
            f"{where} запуск не поместится: свободно {free >> 20} МБ, нужно {A_RUN_BYTES >> 20}. "
            f"{remedy}"
        )


def _unfit(where: str, error: OSError, remedy: str) -> EnvironmentMissing:
    return EnvironmentMissing(f"{where} записать нельзя ({why(error)}). {remedy}")


def _existing(folder: Path) -> Path:
    """The folder, or the nearest one above it that is there. Raises OSError."""
    place = folder.absolute()
    limit = os.pathconf("/", "PC_PATH_MAX") if hasattr(os, "pathconf") else None
    if limit is not None and len(os.fsencode(place)) + _WAY_DOWN_BYTES > limit:
        raise OSError(errno.ENAMETOOLONG, os.strerror(errno.ENAMETOOLONG))
    while True:
        try:
            place.stat()
        except FileNotFoundError:
            place = place.parent
        else:
            return place

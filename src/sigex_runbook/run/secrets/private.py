"""Folders that are private while a process lives. A killed one cannot take its own away: the next
that passes by does.

Who lives holds a lock on a file of the folder, which ends with the process however it ends. Nothing
private is put there before the lock is held, hence a folder with that file alone is left in peace.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from sigex_runbook.evidence.pack.disk import PRIVATE_FILE

_HELD = "held"

_PREFIX = "sigex-runbook-"

_LONGEST = 33
"""What the path of the temporary folder may have, that a browser's socket under the private one,
`org.chromium.Chromium.XXXXXX/SingletonSocket`, stays below the 104 bytes of macOS."""

_SHORT = "/tmp"  # noqa: S108 - a folder of our own is made there

TEMPORARY = ("TMPDIR", "TEMP", "TMP")
"""The variables by which programs are told where to put what is temporary."""


@contextmanager
def private_folder() -> Iterator[str]:
    """A folder for all that is temporary in a run, for its user alone. Raises OSError."""
    system = tempfile.gettempdir()
    lengthy = os.name == "posix" and len(os.fsencode(system)) > _LONGEST
    place = Path(_SHORT if lengthy and os.access(_SHORT, os.W_OK | os.X_OK) else system)
    clear_left(place.glob(f"{_PREFIX}*"))
    folder = tempfile.mkdtemp(prefix=_PREFIX, dir=place)
    with held_for_us(Path(folder)):
        yield folder


@contextmanager
def temporary_here() -> Iterator[None]:
    """In here all that this process and those that it starts keep for a while lies in one private
    folder. It goes with the process at the latest."""
    before = {name: os.environ.get(name) for name in TEMPORARY}, tempfile.tempdir
    with private_folder() as folder:
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        os.environ.update(dict.fromkeys(TEMPORARY, folder))
        tempfile.tempdir = folder
        try:
            yield
        finally:
            variables, tempfile.tempdir = before
            for name, value in variables.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value


@contextmanager
def held_for_us(folder: Path) -> Iterator[None]:
    """In here nobody takes the folder for a dead process's; it is taken away on leaving. Raises
    OSError."""
    try:
        with FileLock(folder / _HELD, mode=PRIVATE_FILE):
            yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def clear_left(folders: Iterable[Path]) -> None:
    """Take away those of these folders whose process is gone, as far as the disk lets us."""
    for folder in folders:
        with suppress(OSError, Timeout):
            ours = folder.lstat().st_uid == getattr(os, "geteuid", int)()
            if ours and {one.name for one in folder.iterdir()} > {_HELD}:
                with FileLock(folder / _HELD, timeout=0):
                    shutil.rmtree(folder, ignore_errors=True)

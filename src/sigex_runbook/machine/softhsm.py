"""SoftHSM, a PKCS#11 token made of files: the tests sign with it, operators do not need it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sigex_runbook.core.errors import EnvironmentMissing

from . import packages

_PROGRAM = "softhsm2-util"
_LIBRARIES = (
    "lib*/softhsm/libsofthsm2.so",
    "lib*/pkcs11/libsofthsm2.so",
    "lib/*/softhsm/libsofthsm2.so",
    "lib/softhsm2-x64.dll",
)


@dataclass(frozen=True, slots=True)
class SoftHsm:
    """Where SoftHSM is: the program that makes tokens, the library that is one."""

    program: Path
    library: Path


def find_softhsm() -> SoftHsm | None:
    """SoftHSM by its program on the search path and the library that was installed with it."""
    found = shutil.which(_PROGRAM)
    if found is None:
        return None
    prefix = Path(found).resolve().parents[1]
    libraries = (path for pattern in _LIBRARIES for path in sorted(prefix.glob(pattern)))
    library = next(libraries, None)
    return SoftHsm(Path(found), library) if library is not None else None


def require_softhsm() -> SoftHsm:
    """The same; raises EnvironmentMissing with what to install."""
    token = find_softhsm()
    if token is None:
        raise EnvironmentMissing(
            "Для тестов ключа на токене нужен SoftHSM 2, его нет. Поставьте его и повторите "
            f"sigex-runbook setup --tests: {packages.softhsm_by_hand()}"
        )
    return token


def install_softhsm(say: Callable[[str], None]) -> SoftHsm:
    """SoftHSM, by the package manager where it is missing. Raises EnvironmentMissing."""
    manager = packages.usable_manager()
    if find_softhsm() is None and manager is not None:
        say(f"Ставлю SoftHSM (токен для тестов) через {manager.name}…")
        manager.update_lists()
        added = manager.add(manager.softhsm)
        say(f"  {manager.softhsm}: {'установлен' if added.ok else added.complaint}")
    return require_softhsm()

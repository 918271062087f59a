"""The sample order: the first organisation of the emulator's world."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from pathlib import Path

from sigex_runbook.core.error_causes import why
from sigex_runbook.core.errors import UsageError


def sample_order(emulator: Path | None = None) -> str:
    """The text of the sample order.

    With an emulator's folder its paths are filled in, otherwise they start with `${EMULATOR}`.
    Raises UsageError when that folder is no emulator's.
    """
    text = files(__package__).joinpath("sample_order.yaml").read_text(encoding="utf-8")
    if emulator is None:
        return text
    try:
        json.loads((emulator / "emulator.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(
            f"В папке {emulator} нет emulator.json ({why(error)}). Укажите папку, данную команде "
            "«sigex-emulator --dir»."
        ) from error
    folder = emulator.resolve().as_posix().replace("'", "''")
    # Quoted: a folder's name may hold what YAML takes for a comment or a key.
    return re.sub(r"\$\{EMULATOR\}(/\S+)", lambda path: f"'{folder}{path[1]}'", text)

"""A copy of the notebook for somebody who executes it himself: what is shown stays in the copy."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from sigex_runbook.core.error_causes import why
from sigex_runbook.core.errors import UsageError
from sigex_runbook.evidence.pack.disk import PRIVATE_FOLDER, write_whole

_FOLDER = "notebooks"
_FILES = frozenset({"order", "ca", "locators"})


def copy_notebook(source: Path, outputs: Path, given: Mapping[str, object]) -> Path:
    """Put a copy into the folder of results, with these parameters filled in; where it is.

    Paths among them count from the copy, since a kernel's folder is its notebook's. Raises
    UsageError when it cannot be written.
    """
    copy = outputs / _FOLDER / f"runbook-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.ipynb"
    values: dict[str, object] = {"outputs": _from(copy, outputs)}
    for name, value in given.items():
        values[name] = _from(copy, Path(str(value))) if name in _FILES else value
    notebook = json.loads(source.read_text(encoding="utf-8"))
    parameters = next(c for c in notebook["cells"] if "parameters" in c["metadata"].get("tags", []))
    parameters["source"] = [_filled(line, values) for line in parameters["source"]]
    text = json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"
    try:
        copy.parent.mkdir(PRIVATE_FOLDER, parents=True, exist_ok=True)
        write_whole(copy, text.encode("utf-8"))
    except OSError as error:
        raise UsageError(
            f"Копию блокнота {copy} не записать ({why(error)}). Проверьте место на диске и права "
            "или назовите другую папку в --outputs."
        ) from error
    return copy


def _from(copy: Path, path: Path) -> str:
    try:
        return Path(os.path.relpath(path.resolve(), copy.parent.resolve())).as_posix()
    except ValueError:  # on another drive of Windows
        return path.resolve().as_posix()


def _filled(line: str, values: Mapping[str, object]) -> str:
    name = line.partition(":")[0]
    if name not in values:
        return line
    value = values[name]
    literal = json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)
    return re.sub(r"= .*?  #", lambda _: f"= {literal}  #", line, count=1)

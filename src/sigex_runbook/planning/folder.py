"""Where signed plans are kept: beside the campaigns, in a folder of results."""

from __future__ import annotations

from pathlib import Path

from sigex_runbook.core.error_causes import why
from sigex_runbook.core.errors import RunFailed
from sigex_runbook.evidence.pack import disk

from .looking import SignedPlan
from .record import SUFFIX

FOLDER = "plans"


def keep_plan(outputs: Path, made: SignedPlan, run_id: str) -> Path:
    """Write a signed plan; the answer is where it lies. Raises RunFailed."""
    folder = outputs / FOLDER
    place = folder / f"{made.record.organisation_bin}-{run_id}{SUFFIX}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        disk.write_whole(place, made.data)
    except OSError as error:
        raise RunFailed(
            f"План в {place} не записать ({why(error)}). Укажите другую папку: --outputs."
        ) from error
    return place

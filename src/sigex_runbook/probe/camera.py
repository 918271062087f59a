"""Pictures of a probe: as in evidence, but with every number of twelve digits covered."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from playwright.sync_api import Error as PlaywrightError

from sigex_runbook.core.errors import RunFailed
from sigex_runbook.core.guide import load_guide
from sigex_runbook.core.record import CaptureFacts, Drift, FailureFacts
from sigex_runbook.evidence.pictures.annotation import annotate, mask
from sigex_runbook.evidence.pictures.failure import annotate_failure
from sigex_runbook.evidence.pictures.pixels import to_png
from sigex_runbook.site.finder import Finder
from sigex_runbook.site.reading.sought import Sought
from sigex_runbook.site.reading.view import Seen
from sigex_runbook.site.screenshot import Gone, Sighting, look_around

_STEP = "проверка страницы: только чтение, ничего не отмечено и не сохранено"
_NOBODYS = ""
"""Whose BIN stays readable: nobody's."""


class Camera:
    """Takes the pictures of one probe; `cleaned` takes private words out of texts beside them."""

    def __init__(
        self, finder: Finder, run_id: str, environment: str, cleaned: Callable[[str], str]
    ) -> None:
        self._finder = finder
        self._run_id = run_id
        self._environment = environment
        self._cleaned = cleaned

    def of_control(
        self, callout: int, seen: Seen, sought: Sought, heading: Seen | None = None
    ) -> bytes | None:
        """A control with the guide's mark; None when it cannot be shown."""
        with contextlib.suppress(RunFailed, Gone, PlaywrightError):
            sighting = self._finder.look(
                seen, sought, callout=callout, keep=_NOBODYS, heading=heading
            )
            assert sighting.box is not None  # noqa: S101 - a control's sighting has one
            facts = CaptureFacts(
                number=callout, step=_STEP, box=sighting.box, **self._facts(callout, sighting)
            )
            _, picture = mask(sighting.png, sighting.masks)
            return to_png(annotate(picture, facts, load_guide()))
        return None

    def of_miss(self, callout: int, message: str, drift: Drift | None) -> bytes | None:
        """The view as it stands, what came near outlined; None when it cannot be shown."""
        with contextlib.suppress(RunFailed, PlaywrightError):
            sighting = look_around(self._finder.page, keep=_NOBODYS)
            facts = FailureFacts(message=message, drift=drift, **self._facts(callout, sighting))
            _, picture = mask(sighting.png, sighting.masks)
            return to_png(annotate_failure(picture, facts, load_guide()))
        return None

    def _facts(self, callout: int, sighting: Sighting) -> dict[str, Any]:
        now = datetime.now(UTC)
        return {
            "run_id": self._run_id,
            "section": load_guide().section_of(callout).number,
            "callout": callout,
            "url": self._cleaned(sighting.url),
            "title": self._cleaned(sighting.title),
            "taken_at_utc": now.isoformat(timespec="seconds"),
            "taken_at_local": now.astimezone().isoformat(timespec="seconds"),
            "viewport_width": sighting.width,
            "viewport_height": sighting.height,
            "environment": self._environment,
            "masks": sighting.masks,
        }

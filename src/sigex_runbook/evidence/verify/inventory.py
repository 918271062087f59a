"""Which files a run of this program can leave under `evidence/`, and no others."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from sigex_runbook.evidence.attest.findings import Code, Finding
from sigex_runbook.evidence.pack.layout import (
    EVIDENCE,
    FAILURE,
    NOTEBOOK,
    REDACTION,
    REPORT_HTML,
    REPORT_ORIGIN,
    REPORT_PDF,
    SCREENS,
    STEPS,
    VERIFICATION,
)

_NAMED = (
    *("run.json", "order.json", "approval.p7s", "junit.xml", STEPS, VERIFICATION, REDACTION),
    *(NOTEBOOK, REPORT_HTML, REPORT_ORIGIN, REPORT_PDF),
    *(f"{FAILURE}{end}" for end in (".json", ".txt", "-raw.png", "-annotated.png")),
    *(f"state/{one}.json" for one in ("before", "expected", "after", "diff")),
)
_NUMBER = r"[0-9]{3,}"
_LEFT = re.compile(
    "|".join(
        (
            *map(re.escape, _NAMED),
            rf"api/{_NUMBER}\.json",
            rf"{SCREENS}/{_NUMBER}(?:\.json|-raw\.png|-annotated\.png)",
            r"features/[^/]+\.feature",
        )
    )
)


def unknown_files(names: Iterable[str]) -> Iterator[Finding]:
    """Every file, named as under evidence/, that no run leaves: whoever sealed it put it there."""
    for name in sorted(names):
        if not _LEFT.fullmatch(name):
            yield Finding(Code.EXTRA, f"{EVIDENCE}/{name}", "такого файла запуск не оставляет")

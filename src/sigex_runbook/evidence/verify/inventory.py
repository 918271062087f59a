"""Which files a run of this program can leave under `evidence/`, and no others."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from sigex_runbook.evidence.attest.findings import Code, Finding
from sigex_runbook.evidence.pack.layout import (
    AFTER,
    APPROVAL,
    AUDIT,
    BEFORE,
    CALLS,
    DIFFERENCE,
    EVIDENCE,
    EXPECTED,
    FAILURE,
    FEATURES,
    JUNIT,
    LOCATORS,
    NOTEBOOK,
    ORDER,
    REDACTION,
    REPORT_HTML,
    REPORT_ORIGIN,
    REPORT_PDF,
    RUN,
    SCREENS,
    STEPS,
    VERIFICATION,
)

_NAMED = (
    *(RUN, ORDER, LOCATORS, APPROVAL, JUNIT, STEPS, VERIFICATION, REDACTION),
    *(NOTEBOOK, REPORT_HTML, REPORT_ORIGIN, REPORT_PDF),
    *(f"{FAILURE}{end}" for end in (".json", ".txt", "-raw.png", "-annotated.png")),
    *(BEFORE, EXPECTED, AFTER, DIFFERENCE, AUDIT),
)
_NUMBER = r"[0-9]{3,}"
_LEFT = re.compile(
    "|".join(
        (
            *map(re.escape, _NAMED),
            rf"{CALLS}/{_NUMBER}\.json",
            rf"{SCREENS}/{_NUMBER}(?:\.json|-raw\.png|-annotated\.png)",
            rf"{FEATURES}/[^/]+\.feature",
        )
    )
)


def unknown_files(names: Iterable[str]) -> Iterator[Finding]:
    """Every file, named as under evidence/, that no run leaves: whoever sealed it put it there."""
    for name in sorted(names):
        if not _LEFT.fullmatch(name):
            yield Finding(Code.EXTRA, f"{EVIDENCE}/{name}", "такого файла запуск не оставляет")

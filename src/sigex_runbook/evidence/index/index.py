"""`index.html` of an outputs folder: every campaign and run in one file for readers.

The file is derived and proves nothing. Its column of integrity says only what a verification found
while this very file was made; a file that is made after a run verified nothing and says so.
"""

from __future__ import annotations

import base64
import hashlib
import os
import tempfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from markupsafe import Markup

from sigex_runbook.core.verdict import VERDICT_WORDS, VerdictKind
from sigex_runbook.evidence.attest.findings import Status
from sigex_runbook.evidence.pack.layout import EVIDENCE, REPORT_HTML, REPORT_PDF

from .outputs import INDEX, Campaign, Entry, Outputs, Stage
from .page_template import beside_template, page_template

NOT_CHECKED = "не проверено"

_INTEGRITY = {
    Status.VERIFIED: "✓ VERIFIED",
    Status.INTEGRITY_ONLY: "INTEGRITY_ONLY",
    Status.FAILED: "✗ FAILED",
}
_LOOKS = {Status.VERIFIED: "good", Status.INTEGRITY_ONLY: "half", Status.FAILED: "bad"}
_STAGES = {
    Stage.UNFINISHED: "не завершён",
    Stage.UNREADABLE: "заверение не читается",
    Stage.NOT_BEGUN: "не начат",
    Stage.EXCLUDED: "исключена",
}
_VERDICT_LOOKS = {"PASSED": "good", "PARTIAL": "half", "FAILED": "bad"}


@dataclass(frozen=True, slots=True)
class Checks:
    """What one verification found: the status of each campaign by name, and of each pack by its
    place in the outputs folder; `at` is when it was made."""

    at: datetime
    campaigns: Mapping[str, Status] = field(default_factory=dict)
    packs: Mapping[str, Status] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table, in words; `doubted` when its pack says what cannot be believed."""

    entry: Entry
    verdict: str
    verdict_look: str
    integrity: str
    integrity_look: str
    links: tuple[tuple[str, str], ...]
    doubted: bool = False

    @property
    def when(self) -> str:
        """When it was sealed, UTC, to the minute."""
        moment = self.entry.sealed_at
        return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M") if moment else ""


def write_index(outputs: Outputs, checks: Checks | None = None) -> Path:
    """Write the file whole or not at all; the answer is its path. Raises OSError."""
    text = render_index(outputs.campaigns(), checks, made_at=datetime.now(UTC))
    path = outputs.folder / INDEX
    handle, name = tempfile.mkstemp(prefix=".index-", suffix=".new", dir=outputs.folder)
    beside = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", errors="replace") as out:
            out.write(text)
        beside.chmod(0o644)  # a private file until here
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    return path


def render_index(
    campaigns: tuple[Campaign, ...], checks: Checks | None, *, made_at: datetime
) -> str:
    """The whole page."""
    rows = [_row(entry, checks) for campaign in campaigns for entry in campaign.entries]
    rows.sort(key=lambda row: (row.entry.run_id or "", row.when), reverse=True)
    script = beside_template("index", "filters.js")
    digest = base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")
    return page_template("index").render(
        made_at=_instant(made_at),
        checked_at=_instant(checks.at) if checks else None,
        style=Markup(beside_template("index", "style.css")),  # noqa: S704 - the package's own file
        script=Markup(script),  # noqa: S704 - the package's own file
        script_digest=digest,
        campaigns=[_campaign(campaign, checks) for campaign in campaigns],
        rows=rows,
        names=[campaign.name for campaign in campaigns],
        verdicts=_distinct(
            [row.verdict for row in rows], [*VERDICT_WORDS.values(), *_STAGES.values()]
        ),
        integrities=_distinct([row.integrity for row in rows], list(_INTEGRITY.values())),
    )


def _row(entry: Entry, checks: Checks | None) -> Row:
    if entry.stage is Stage.SEALED:
        verdict = _verdict_words(entry.verdict)
        look = _VERDICT_LOOKS.get(entry.verdict or "", "idle")
    else:
        verdict = _STAGES[entry.stage]
        look = "idle" if entry.stage is Stage.EXCLUDED else "bad"
    status = checks.packs.get(entry.place) if checks else None
    doubted = status is Status.FAILED
    integrity, integrity_look = _integrity(status, entry.run_id is not None)
    return Row(
        entry,
        verdict,
        "idle" if doubted else look,
        integrity,
        integrity_look,
        _links(entry),
        doubted,
    )


def _verdict_words(verdict: str | None) -> str:
    known = {kind.value: words for kind, words in VERDICT_WORDS.items()}
    return known.get(verdict or "", verdict or "")


def _integrity(status: Status | None, there_is_something: bool) -> tuple[str, str]:
    if status is not None:
        return _INTEGRITY[status], _LOOKS[status]
    return (NOT_CHECKED if there_is_something else "пакета нет"), "idle"


def _links(entry: Entry) -> tuple[tuple[str, str], ...]:
    """Words and relative address of each thing to open."""
    if entry.run_id is None:
        return ()
    words = {REPORT_HTML: "отчёт", REPORT_PDF: "PDF"}
    found = tuple(
        (words[name], _address(f"{entry.place}/{EVIDENCE}/{name}")) for name in entry.reports
    )
    return found or (("папка", _address(f"{entry.place}/")),)


def _address(path: str) -> str:
    """A path as a link, also one whose bytes are no UTF-8."""
    return quote(path, errors="surrogateescape")


@dataclass(frozen=True, slots=True)
class _Summary:
    campaign: Campaign
    excluded: int
    not_begun: int
    runs: int
    counts: Mapping[str, int]
    other: int
    sealed_at: str | None
    integrity: str
    integrity_look: str

    @property
    def page(self) -> str:
        """The address of the campaign's own page; empty when it has none."""
        return _address(f"{self.campaign.name}/{INDEX}") if self.campaign.has_page else ""


def _campaign(campaign: Campaign, checks: Checks | None) -> _Summary:
    counted = Counter(entry.verdict for entry in campaign.entries if entry.verdict)
    stages = Counter(entry.stage for entry in campaign.entries)
    runs = sum(1 for entry in campaign.entries if entry.run_id is not None)
    status = checks.campaigns.get(campaign.name) if checks else None
    counts = {kind.value: counted[kind.value] for kind in VerdictKind}
    return _Summary(
        campaign,
        stages[Stage.EXCLUDED],
        stages[Stage.NOT_BEGUN],
        runs,
        counts,
        runs - sum(counts.values()),
        _instant(campaign.sealed_at) if campaign.sealed_at else None,
        *_integrity(status, True),
    )


def _distinct(found: list[str], order: list[str]) -> list[str]:
    """Each value once: known ones in their order, then the rest."""
    there = set(found)
    return [value for value in order if value in there] + sorted(there - set(order))


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")

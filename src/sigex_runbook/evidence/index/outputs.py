"""What an outputs folder holds: its campaigns and runs, as their files tell it.

Nothing here is verified: these are the facts for a list that people look through. What a
verification found is added by whoever made it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from sigex_runbook.core.access import AccessBlock, Difference
from sigex_runbook.core.environment import Environment
from sigex_runbook.core.errors import UsageError
from sigex_runbook.core.guide import load_guide
from sigex_runbook.core.verdict import Saved, VerdictKind
from sigex_runbook.evidence.attest.envelope import read_envelope
from sigex_runbook.evidence.attest.findings import Fault
from sigex_runbook.evidence.attest.seal_files import CAMPAIGN
from sigex_runbook.evidence.attest.statement import (
    ATTESTATION,
    CampaignStatement,
    PackStatement,
    State,
)
from sigex_runbook.evidence.pack.layout import (
    DIFFERENCE,
    EVIDENCE,
    ORDER,
    PARTIAL,
    REPORT_HTML,
    REPORT_PDF,
    RUN,
)
from sigex_runbook.evidence.pack.place import named_like_a_bin
from sigex_runbook.evidence.verify.campaign import is_campaign

T = TypeVar("T")

INDEX = "index.html"
"""The list of all runs in an outputs folder, and a batch's page in its campaign's."""

_LARGEST_FILE = 8 << 20
_REPORTS = (REPORT_HTML, REPORT_PDF)
_BLOCK_WORDS = "Блок контроля доступа "
"""What the guide's titles of the four blocks begin with; «к документам организации» is left."""


_UNCOMPARED = {
    Saved.YES: "Сохранено; что изменилось, не сличено",
    Saved.UNKNOWN: "Сохранено ли, неизвестно",
}


class Stage(StrEnum):
    """How far a run came on disk."""

    SEALED = "sealed"
    UNFINISHED = "unfinished"
    UNREADABLE = "unreadable"
    NOT_BEGUN = "not begun"
    EXCLUDED = "excluded"


@dataclass(frozen=True, slots=True)
class Entry:
    """One run, or one organisation of a population without any. `changes` are sentences about what
    moved in the settings, None where nothing is told; `reports` are names under evidence/; `reason`
    is why nothing ran, or why what ran did not pass."""

    campaign: str
    organisation_bin: str
    stage: Stage
    run_id: str | None = None
    verdict: str | None = None
    sealed_at: datetime | None = None
    system: str | None = None
    environment: Environment | None = None
    changes: tuple[str, ...] | None = None
    reports: tuple[str, ...] = ()
    reason: str | None = None

    @property
    def where(self) -> str:
        """Where it ran, in words; empty where nobody can tell."""
        return self.environment.where if self.environment else ""

    @property
    def place(self) -> str:
        """The pack's folder from the outputs folder, with forward slashes."""
        suffix = PARTIAL if self.stage is Stage.UNFINISHED else ""
        return f"{self.campaign}/{self.organisation_bin}/{self.run_id or ''}{suffix}".rstrip("/")


@dataclass(frozen=True, slots=True)
class Campaign:
    """One campaign: its entries, newest first, when its population was sealed, and whether it has a
    page of its own."""

    name: str
    entries: tuple[Entry, ...]
    organisations: int | None = None
    sealed_at: datetime | None = None
    has_page: bool = False


class Outputs:
    """An outputs folder. Sealed packs never change, so each is read once however often one asks.

    Raises UsageError when there is no such folder.
    """

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            raise UsageError(
                f"Папки {folder} нет. Укажите папку, в которую складывает «sigex-runbook run»."
            )
        self.folder = folder
        self._known: dict[str, Entry] = {}

    def campaigns(self) -> tuple[Campaign, ...]:
        """Every campaign by name."""
        return tuple(
            self._campaign(child)
            for child in sorted(self.folder.iterdir())
            if _is_folder(child) and (is_campaign(child) or any(_homes(child)))
        )

    def _campaign(self, folder: Path) -> Campaign:
        runs = [
            self._entry(folder.name, home.name, run)
            for home in _homes(folder)
            for run in sorted(home.iterdir())
            if _is_folder(run)
        ]
        statement = _population(folder)
        others = [
            Entry(
                folder.name,
                member.organisation_bin,
                Stage.EXCLUDED if member.state is State.EXCLUDED else Stage.NOT_BEGUN,
                reason=member.reason,
            )
            for member in (statement.population if statement else ())
            if member.state is not State.PACK
        ]
        runs.sort(key=lambda entry: (entry.run_id or "", entry.organisation_bin), reverse=True)
        return Campaign(
            folder.name,
            (*runs, *others),
            len(statement.population) if statement else None,
            statement.sealed_at if statement else None,
            (folder / INDEX).is_file(),
        )

    def _entry(self, campaign: str, organisation: str, run: Path) -> Entry:
        if run.name.endswith(PARTIAL):
            name = run.name.removesuffix(PARTIAL)
            return Entry(campaign, organisation, Stage.UNFINISHED, name)
        bare = Entry(campaign, organisation, Stage.UNREADABLE, run.name)
        known = self._known.get(bare.place)
        if known is None:
            known = self._known[bare.place] = _read_pack(run, bare)
        return known


def _read_pack(pack: Path, bare: Entry) -> Entry:
    try:
        statement = PackStatement.read(read_envelope(_bytes(pack / ATTESTATION)).payload)
    except (OSError, Fault, ValueError):
        return bare
    evidence = pack / EVIDENCE
    reports = tuple(name for name in _REPORTS if (evidence / name).is_file())
    sealed = replace(
        bare,
        stage=Stage.SEALED,
        verdict=statement.verdict,
        sealed_at=statement.sealed_at,
        reports=reports,
    )
    return replace(
        sealed,
        system=_told(lambda: str(_json(evidence / ORDER)["information_system"]["description"])),
        environment=_told(lambda: Environment(str(_json(evidence / RUN)["target"]))),
        reason=_told(lambda: _reason(_json(evidence / RUN)["verdict"])),
        changes=_told(lambda: _moved(evidence)),
    )


def _reason(verdict: dict[str, Any]) -> str | None:
    """Why a run did not pass; what a success rests on is told by its report."""
    return None if verdict["kind"] == VerdictKind.PASSED else "; ".join(verdict["reasons"])


def _moved(evidence: Path) -> tuple[str, ...] | None:
    """What moved in the settings; of a run that did not come to compare them, whether it saved."""
    difference, run = evidence / DIFFERENCE, evidence / RUN
    if difference.exists():
        changes = tuple(_changes(_json(difference)))
        idle = not changes and _json(run)["session"].get("nothing_to_do")
        return ("Ничего: всё уже было так, как заказано",) if idle else changes
    said = _UNCOMPARED.get(_json(run)["saved"])
    return (said,) if said else None


def _told(read: Callable[[], T]) -> T | None:
    """What the files tell, or None: a run that ended early lacks some, a spoilt one anything."""
    try:
        return read()
    except (OSError, ValueError, RecursionError, TypeError, KeyError, AttributeError):
        return None


def _changes(moved: list[dict[str, Any]]) -> Iterator[str]:
    """The differences as sentences: access given, access taken, and how much else moved."""
    guide = load_guide()
    given, taken, other = [], [], 0
    for difference in (Difference(**one) for one in moved):
        block, before, after = difference.ticked, difference.before, difference.after
        if block is None or not _are_lists(before, after):
            other += 1
            continue
        title = guide.section_for(block).title.ru.removeprefix(_BLOCK_WORDS)
        if any(index not in before for index in after):
            given.append(title)
        if any(index not in after for index in before):
            taken.append(title)
    for words, blocks in (("Дан доступ", given), ("Отозван доступ", taken)):
        if blocks:
            named = (
                "во всех четырёх блоках" if len(blocks) == len(AccessBlock) else "; ".join(blocks)
            )
            yield f"{words}: {named}"
    if other:
        yield f"Другие поля настроек: {other}"


def _are_lists(*values: object) -> bool:
    return all(isinstance(value, list) for value in values)


def _population(folder: Path) -> CampaignStatement | None:
    try:
        return CampaignStatement.read(read_envelope(_bytes(folder / CAMPAIGN)).payload)
    except (OSError, Fault, ValueError):
        return None


def _homes(campaign: Path) -> Iterator[Path]:
    for child in sorted(campaign.iterdir()):
        if _is_folder(child) and named_like_a_bin(child.name):
            yield child


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def _bytes(path: Path) -> bytes:
    if not path.is_file():
        raise ValueError("no file: a pipe would be read for ever")
    if path.stat().st_size > _LARGEST_FILE:
        raise ValueError("implausibly large")
    return path.read_bytes()


def _json(path: Path) -> Any:
    return json.loads(_bytes(path))

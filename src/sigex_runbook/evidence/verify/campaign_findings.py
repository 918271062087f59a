"""What a campaign's packs say of one another and of their list, beyond what each says of itself.

The signing key's owner can rewrite ledger and list. What he signed in the packs stays: which
campaign each belongs to, when its run began, when it was sealed. These must agree.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path

from sigex_runbook.evidence.attest.findings import MISSHAPEN, Code, Finding, Status
from sigex_runbook.evidence.attest.ledger import LEDGER, EntryKind, Ledger
from sigex_runbook.evidence.attest.seal_files import CAMPAIGN
from sigex_runbook.evidence.attest.statement import CampaignStatement, PackStatement
from sigex_runbook.evidence.attest.timestamp import TOLERANCE
from sigex_runbook.evidence.pack.layout import RUN
from sigex_runbook.evidence.pack.read import clock_offset, json_of, known_error

from .many_packs import Run
from .verification import Verification

_RIGHT = timedelta(seconds=10)
"""Two clocks that differ by more are not both right, and which one is wrong is not known."""

_BEGUN = re.compile(r"([0-9]{8}T[0-9]{6})Z-.*")


def pack_findings(
    folder: Path,
    ledger: Ledger | None,
    statement: CampaignStatement | None,
    verified: Sequence[tuple[Run, Verification]],
) -> Iterator[Finding]:
    """Every contradiction between the packs, the ledger's order and the campaign's list."""
    sealed = {run: v.statement for run, v in verified if v.statement is not None}
    if statement is not None:
        yield from _against_list(folder, statement, sealed, ledger)
    if ledger is not None:
        times: dict[Run, tuple[_Times, ...]] = {}
        for run, one in verified:
            try:
                times[run] = _times(folder.joinpath(*run), one, ledger)
            except OverflowError:
                yield Finding(
                    Code.TIME_SKEW, "/".join(run), "таких времён нет ни в одном календаре"
                )
        yield from _against_order(ledger, times)


def _against_list(
    folder: Path,
    statement: CampaignStatement,
    sealed: Mapping[Run, PackStatement],
    ledger: Ledger | None,
) -> Iterator[Finding]:
    verdicts = {(m.organisation_bin, m.run_id): m.verdict for m in statement.population}
    known = frozenset(_runs(ledger, statement.length))
    for run, pack in sealed.items():
        place = "/".join(run)
        verdict = verdicts.get(run)
        if verdict is not None and verdict != pack.verdict:
            yield Finding(Code.POPULATION, run[0], "вердикт в списке не тот, что в пакете")
        if pack.campaign != statement.campaign:
            what = f"пакет заверен в кампании «{pack.campaign}», а не «{statement.campaign}»"
            yield Finding(Code.SUBJECT_BINDING, place, what)
        earlier = pack.sealed_at - statement.sealed_at
        if run in known and min(earlier, earlier - _ahead(folder.joinpath(*run))) > TOLERANCE:
            what = f"список заверен на {_minutes(earlier)} мин раньше"
            yield Finding(Code.TIME_SKEW, CAMPAIGN, f"{what} пакета {place}, который в нём учтён")


def _ahead(pack: Path) -> timedelta:
    """How far the clock of a run that saved nothing was ahead; a pack that cannot be read has
    findings of its own."""
    try:
        return known_error(json_of(pack, RUN))
    except (OSError, *MISSHAPEN):
        return timedelta(0)


@dataclass(frozen=True, slots=True)
class _Times:
    """When a run began and its pack was sealed. `sure` when the clock's error is known and taken
    away; a run that ended before it asked the service knows of none."""

    begun: datetime
    sealed: datetime
    sure: bool


def _times(pack: Path, verification: Verification, ledger: Ledger) -> tuple[_Times, ...]:
    """What may be true of a run, where it can be told: its clock, or the service's, was right."""
    statement, moment = verification.statement, verification.trusted_time
    named = _BEGUN.fullmatch(statement.run_id) if statement is not None else None
    if statement is None or named is None or verification.status is Status.FAILED:
        return ()
    try:
        begun = datetime.strptime(named[1], "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return ()
    sealed = statement.sealed_at
    if begun > sealed:
        return (_Times(sealed, sealed, sure=False),)
    if moment is not None and not ledger.stamps(verification.attestation or ""):
        return (_Times(begun + (moment - sealed), moment, sure=True),)
    run = json_of(pack, RUN)
    offset, error = clock_offset(run), known_error(run)
    late = timedelta(seconds=offset or 0)
    told = _Times(begun - late, sealed - late, sure=offset is not None)
    doubted = abs(error) > TOLERANCE or _RIGHT < abs(late) <= TOLERANCE
    return (told, _Times(begun, sealed, sure=False)) if doubted else (told,)


def _against_order(ledger: Ledger, times: Mapping[Run, tuple[_Times, ...]]) -> Iterator[Finding]:
    """The last line of an organisation is its outcome: none may be put before an earlier one."""
    before: dict[str, list[Run]] = {}
    for run in _runs(ledger, len(ledger.entries)):
        if not times.get(run):
            continue
        for earlier in before.setdefault(run[0], []):
            readings = list(product(times[earlier], times[run]))
            found = [told for one, other in readings if (told := _disordered(one, other))]
            if len(found) == len(readings):
                code, what = found[0]
                yield Finding(code, LEDGER, f"{'/'.join(run)} записан после {earlier[1]}, а {what}")
        before[run[0]].append(run)


def _disordered(one: _Times, other: _Times) -> tuple[Code, str] | None:
    """What is wrong with a run that is written after another one."""
    if one.sure and other.sure:
        if other.sealed < one.begun:
            return Code.LEDGER, "кончился раньше, чем тот начался"
    elif one.sealed - other.sealed > TOLERANCE:
        return Code.TIME_SKEW, "заверен раньше"
    return None


def _runs(ledger: Ledger | None, length: int) -> list[Run]:
    return [
        (entry.organisation, entry.run)
        for entry in (ledger.entries[:length] if ledger is not None else ())
        if entry.entry is EntryKind.RUN and entry.organisation and entry.run
    ]


def _minutes(span: timedelta) -> int:
    return round(span.total_seconds() / 60)

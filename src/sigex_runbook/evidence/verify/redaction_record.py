"""redaction.json: what was removed from each file, what was looked for afterwards, and that none of
it was found.

Written last, when every other file lies in the draft and has been scanned.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sigex_runbook.evidence.attest.findings import Code, Finding
from sigex_runbook.evidence.pack.layout import (
    CALLS,
    EVIDENCE,
    REDACTION,
    RUN,
    SCREENS,
    STATES,
    STEPS,
    VERIFICATION,
)
from sigex_runbook.evidence.pack.read import Record
from sigex_runbook.evidence.privacy.leak import UNTOUCHED, DecodingScanner, LeakScanner
from sigex_runbook.evidence.privacy.leak.rules import RULES as SCAN_RULES
from sigex_runbook.evidence.privacy.redaction import REMOVED
from sigex_runbook.evidence.privacy.redaction import RULES as TEXT_RULES

REDACTION_FORMAT = "sigex-redaction/1"

_PLACE = f"{EVIDENCE}/{REDACTION}"
_COUNTED = (f"{CALLS}/", f"{STATES}/")
"""Where files lie that are written once, from what the service answered."""

_REWRITTEN = frozenset({RUN, STEPS, VERIFICATION})
"""Files that are written again, or told of with what was removed on the way to them."""

_ALIAS = re.compile("ИИН-[0-9a-f]{10}".encode())
_REMOVED = REMOVED.encode()
_UNSCANNED = frozenset(name.removeprefix(f"{EVIDENCE}/") for name in UNTOUCHED)


def redaction_record(
    scanner: LeakScanner,
    *,
    scanned: Iterable[str],
    removed: list[dict[str, Any]],
    masks: Mapping[str, int],
) -> dict[str, Any]:
    """The record of a draft whose scan found nothing.

    `scanned` are the files' names under evidence/; `removed` counts what the redactor took out of
    each by rule; `masks` counts the places that were covered in each picture. The run's own secrets
    are counted by kind and never described.
    """
    decoding = scanner if isinstance(scanner, DecodingScanner) else None
    return {
        "format": REDACTION_FORMAT,
        "rules": {"removed": list(TEXT_RULES), "looked_for": list(SCAN_RULES)},
        "removed": removed,
        "masks": {name: count for name, count in masks.items() if count},
        "scanner": {
            "version": scanner.version,
            "secrets_of_the_run": decoding.canaries.counted() if decoding else [],
            "pictures_read": decoding is not None and decoding.reader is not None,
        },
        "scanned": sorted(set(scanned) - _UNSCANNED),
        "residual": 0,
    }


def masks_of(records: Mapping[str, Any]) -> dict[str, int]:
    """How many places were covered in each picture, from the pictures' own records by file name."""
    return {
        record["raw"]["path"]: len(record["facts"]["masks"])
        for name, record in records.items()
        if name.startswith(f"{SCREENS}/") and name.endswith(".json") and isinstance(record, dict)
    }


def redaction_faults(pack: Record) -> Iterator[Finding]:
    """What is wrong with redaction.json. Raises KeyError or TypeError for another shape."""
    values, files = pack.values, pack.files
    record = values.get(REDACTION)
    if record is None:
        yield Finding(Code.MISSING, _PLACE, "нет записи о том, что убрано и что просмотрено")
        return
    if record.get("format") != REDACTION_FORMAT:
        yield Finding(Code.TYPE, _PLACE, f"это не {REDACTION_FORMAT}")
        return
    if record["residual"] != 0:
        yield Finding(Code.LEAK, _PLACE, "просмотр нашёл то, чего в пакете быть не должно")
    scannable = files.keys() - {REDACTION} - _UNSCANNED
    for name in sorted(scannable - set(record["scanned"])):
        yield Finding(Code.LEAK, _PLACE, f"{name} не просмотрен")
    covered = {name: count for name, count in masks_of(values).items() if count}
    if record["masks"] != covered:
        yield Finding(Code.LEAK, _PLACE, "закрытые места снимков не те, что в описаниях снимков")
    for name in sorted(set(record["scanned"]) - scannable):
        yield Finding(Code.STATE, _PLACE, f"{name} назван просмотренным, а его не просматривали")
    unknown = {*record["rules"]["removed"]} - {*TEXT_RULES}
    unknown |= {*record["rules"]["looked_for"]} - {*SCAN_RULES}
    for rule in sorted(unknown):
        yield Finding(Code.TYPE, _PLACE, f"правила {rule} эта версия не знает")
    success = values.get(RUN) is not None and pack.claims_success
    for what in _miscounted(record, files, success=success):
        yield Finding(Code.STATE, _PLACE, what)


def _miscounted(
    record: Mapping[str, Any], files: Mapping[str, bytes], *, success: bool
) -> Iterator[str]:
    """What was removed, against the marks that stand in its place. A success has told all that it
    removed; whose process was killed may not have come to tell."""
    told: dict[str, Counter[str]] = {}
    for one in record["removed"]:
        name, rule, count = one["file"], one["rule"], one["count"]
        if rule not in record["rules"]["removed"] or type(count) is not int or count < 1:
            yield f"{name}: убранного не посчитать"
        elif name not in files:
            yield f"{name} назван очищенным, а его нет"
        elif rule in told.setdefault(name, Counter()):
            yield f"{name}: {rule} посчитано дважды"
        else:
            told[name][rule] = count
    for name in sorted(name for name in files if name in told or name.startswith(_COUNTED)):
        counted = told.get(name, Counter())
        people, others = counted["iin"], counted.total() - counted["iin"]
        aliases, removed = len(_ALIAS.findall(files[name])), files[name].count(_REMOVED)
        if counted and name not in _REWRITTEN and not (aliases or removed):
            yield f"{name} назван очищенным, а следов этого в нём нет"
        if success and name.startswith(_COUNTED) and (aliases > people or removed > others):
            yield f"в {name} убрано больше, чем посчитано"

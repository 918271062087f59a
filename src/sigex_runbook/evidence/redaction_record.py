"""redaction.json: what was removed from each file, what was looked for afterwards, and that none of
it was found.

Written last, when every other file lies in the draft and has been scanned.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .findings import Code, Finding
from .leak import UNTOUCHED, DecodingScanner, LeakScanner
from .leak.rules import RULES as SCAN_RULES
from .redaction import RULES as TEXT_RULES
from .subjects import EVIDENCE

REDACTION = "redaction.json"
REDACTION_FORMAT = "sigex-redaction/1"

_PLACE = f"{EVIDENCE}/{REDACTION}"
_SCREENS = "screens/"
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
        if name.startswith(_SCREENS) and name.endswith(".json") and isinstance(record, dict)
    }


def redaction_faults(values: Mapping[str, Any], names: Iterable[str]) -> Iterator[Finding]:
    """What is wrong with redaction.json, given the values of a pack's JSON files and the names of
    all files, both as under evidence/. Raises KeyError or TypeError when it is built otherwise."""
    record = values.get(REDACTION)
    if record is None:
        yield Finding(Code.MISSING, _PLACE, "нет записи о том, что убрано и что просмотрено")
        return
    if record.get("format") != REDACTION_FORMAT:
        yield Finding(Code.TYPE, _PLACE, f"это не {REDACTION_FORMAT}")
        return
    if record["residual"] != 0:
        yield Finding(Code.LEAK, _PLACE, "просмотр нашёл то, чего в пакете быть не должно")
    for name in sorted(set(names) - set(record["scanned"]) - {REDACTION} - _UNSCANNED):
        yield Finding(Code.LEAK, _PLACE, f"{name} не просмотрен")
    covered = {name: count for name, count in masks_of(values).items() if count}
    if record["masks"] != covered:
        yield Finding(Code.LEAK, _PLACE, "закрытые места снимков не те, что в описаниях снимков")

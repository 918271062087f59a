"""The operator's file of locators: there when the run says so, and saying what the run says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sigex_runbook.core.given.strict_yaml import NotYaml, read_yaml_lines
from sigex_runbook.evidence.pack.canonical import sha256_hex
from sigex_runbook.evidence.pack.layout import LOCATORS, RUN
from sigex_runbook.evidence.pack.read import Record

from .faults import Fault

_FORMAT = "sigex-locators/1"
_LARGEST = 64 << 10


def overridden(record: Record) -> Iterator[Fault]:
    """Record and file agree: there are both or none, of one digest, about the same controls."""
    told, content = record.overridden, record.files.get(LOCATORS)
    if told is None:
        if content is not None:
            yield LOCATORS, "указания оператора есть, а в run.json о них ни слова"
        return
    if content is None:
        yield RUN, "сказано об указаниях оператора, а файла их нет"
        return
    if sha256_hex(content) != told.sha256:
        yield RUN, "SHA-256 файла указаний записан не тот"
    raw = _read(content)
    if raw is None:
        yield LOCATORS, f"это не {_FORMAT}: такого файла запуск не принял бы"
    elif (_pointed(raw), len(raw.get("answers", ()))) != (told.pointed, told.answers):
        yield RUN, "из файла указаний следуют другие элементы или ответы"


def _read(content: bytes) -> dict[str, Any] | None:
    if len(content) > _LARGEST:
        return None
    try:
        raw, _ = read_yaml_lines(content.decode("utf-8-sig"))
    except (NotYaml, UnicodeDecodeError):
        return None
    return raw if isinstance(raw, dict) and raw.get("format") == _FORMAT else None


def _pointed(raw: dict[str, Any]) -> tuple[str, ...]:
    """The keys of all that the file points at, in the order in which runs record them."""
    blocks = sorted(raw.get("blocks", {}).items())
    return (
        *(f"controls.{name}" for name in sorted(raw.get("controls", {}))),
        *(f"blocks.{block}.{part}" for block, told in blocks for part in sorted(told)),
    )

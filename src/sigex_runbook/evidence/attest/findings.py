"""What a verification finds: codes, findings with what to do, and the one status made of them."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from sigex_runbook.core.terminal_safe import visible

T = TypeVar("T")

MISSHAPEN = (
    *(ArithmeticError, AttributeError, LookupError, RecursionError),
    *(TypeError, ValueError),
)
"""What code raises that takes a record for one of ours when it is built otherwise."""


class Code(StrEnum):
    """Everything that can be wrong with a pack or a campaign."""

    ENVELOPE = "E_ENVELOPE"
    JSON_DUP = "E_JSON_DUP"
    NONCANONICAL = "E_NONCANONICAL"
    TYPE = "E_TYPE"
    SIGNATURE = "E_SIGNATURE"
    KEY_EXPIRED = "E_KEY_EXPIRED"
    SUBJECT_BINDING = "E_SUBJECT_BINDING"
    MISSING = "E_MISSING"
    EXTRA = "E_EXTRA"
    DIGEST = "E_DIGEST"
    PATH = "E_PATH"
    TIMESTAMP = "E_TIMESTAMP"
    TIME_FUTURE = "E_TIME_FUTURE"
    TIME_SKEW = "E_TIME_SKEW"
    LEDGER = "E_LEDGER"
    LEDGER_TRUNCATED = "E_LEDGER_TRUNCATED"
    PDF_COVERAGE = "E_PDF_COVERAGE"
    LEAK = "E_LEAK"
    POPULATION = "E_POPULATION"
    STATE = "E_STATE"
    APPROVAL = "E_APPROVAL"
    PICTURE = "E_PICTURE"


_ORIGINAL = "Возьмите папку из первоисточника и проверьте снова."
_ADVICE = {
    Code.ENVELOPE: _ORIGINAL,
    Code.JSON_DUP: "Так не пишет эта программа: файл подделан, запросите подлинник.",
    Code.NONCANONICAL: "Файл переписан другой программой: запросите подлинник.",
    Code.TYPE: "Обновите программу; если она новая, файл не от неё.",
    Code.SIGNATURE: "Запросите у того, кому доверяете, его trust.json; без подписи не принимайте.",
    Code.KEY_EXPIRED: "Не принимайте без метки времени, сделанной, пока ключ действовал.",
    Code.SUBJECT_BINDING: "Это доказательства о другом: запросите пакет нужного запуска.",
    Code.MISSING: _ORIGINAL,
    Code.EXTRA: "Лишнее ничего не доказывает: не верьте ему, незаверенное уберите.",
    Code.DIGEST: f"Файл изменён после заверения. {_ORIGINAL}",
    Code.PATH: "Распакуйте заново из первоисточника; ничего из этой папки не открывайте.",
    Code.TIMESTAMP: "Времени этой метки не верьте; запросите подлинную attestation.tsr.",
    Code.TIME_FUTURE: "Проверьте часы проверяющей машины или укажите --at.",
    Code.TIME_SKEW: "Часы машины запуска шли неверно: временам внутри пакета не верьте.",
    Code.LEDGER: "Запросите подлинный ledger.jsonl кампании.",
    Code.LEDGER_TRUNCATED: "Часть реестра убрана или переписана: запросите весь ledger.jsonl.",
    Code.PDF_COVERAGE: "Не доверяйте report.pdf; смотрите report.html из того же пакета.",
    Code.LEAK: "Не передавайте пакет дальше; сообщите владельцу данных.",
    Code.POPULATION: "Сверьте список организаций кампании с тем, кому её поручили.",
    Code.STATE: "Записи спорят между собой или вердикт из них не следует: этому запуску не верьте, "
    "повторите его.",
    Code.APPROVAL: "Запросите согласование у другого лица до изменения.",
    Code.PICTURE: "Смотрите исходный снимок (NNN-raw.png). Если пакет сделан другой версией этой "
    "программы (program в run.json), повторите проверку ею.",
}


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One thing that is wrong: where, what, and by its code what to do."""

    code: Code
    place: str
    what: str

    @property
    def advice(self) -> str:
        """What to do about it."""
        return _ADVICE[self.code]

    def __str__(self) -> str:
        return visible(f"{self.code} {self.place}: {self.what}. {self.advice}")


@dataclass(frozen=True, slots=True)
class Note:
    """What the reader should know and is not wrong."""

    text: str


Telling = Generator[Finding | Note, None, T]
"""A part of a verification: it tells what it finds on its way, and returns what it established."""


def hear(telling: Telling[T]) -> tuple[tuple[Finding, ...], tuple[str, ...], T]:
    """All that a part tells, in its order and each finding once, and what it established."""
    findings: dict[Finding, None] = {}
    notes: list[str] = []
    while True:
        try:
            said = next(telling)
        except StopIteration as end:
            return tuple(findings), tuple(notes), end.value
        if isinstance(said, Finding):
            findings[said] = None
        else:
            notes.append(said.text)


class Fault(Exception):
    """Something that stops one part of a verification; becomes a Finding where it is caught."""

    def __init__(self, code: Code, what: str) -> None:
        super().__init__(what)
        self.code = code
        self.what = what

    def at(self, place: str) -> Finding:
        """The finding at that place."""
        return Finding(self.code, place, self.what)


class Status(StrEnum):
    """`INTEGRITY_ONLY`: nothing wrong was found, but time or ledger rest on nothing independent."""

    VERIFIED = "VERIFIED"
    FAILED = "FAILED"
    INTEGRITY_ONLY = "INTEGRITY_ONLY"


EXIT_CODES = {Status.VERIFIED: 0, Status.FAILED: 1, Status.INTEGRITY_ONLY: 3}
"""2 is for what cannot be read at all."""


def reach_status(findings: tuple[Finding, ...], *, trusted_time: bool, pinned: bool) -> Status:
    """The status from the facts."""
    if findings:
        return Status.FAILED
    return Status.VERIFIED if trusted_time and pinned else Status.INTEGRITY_ONLY

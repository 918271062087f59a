"""A sealed pack as OSCAL assessment results (NIST, JSON): an export for auditors' programs.

Everything in it is derived from the pack: identifiers are UUIDs v5 of the attestation's digest,
times are the record's, so the same pack gives the same bytes. Hrefs are relative to the pack.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import NAMESPACE_URL, UUID, uuid5

from sigex_runbook.core.access import AccessBlock
from sigex_runbook.core.error_causes import why
from sigex_runbook.core.errors import UsageError
from sigex_runbook.core.guide import load_guide
from sigex_runbook.core.verdict import Channel, Check, CheckResult
from sigex_runbook.evidence.attest.findings import MISSHAPEN
from sigex_runbook.evidence.attest.seal_files import TOKEN
from sigex_runbook.evidence.attest.statement import ATTESTATION, PackStatement, instant_text
from sigex_runbook.evidence.pack.canonical import sha256_hex
from sigex_runbook.evidence.pack.files import Subject
from sigex_runbook.evidence.pack.layout import (
    CALLS,
    EVIDENCE,
    ORDER,
    SCREENS,
    STATES,
    STEPS,
    VERIFICATION,
)
from sigex_runbook.evidence.report.case import without_folders
from sigex_runbook.evidence.report.dossier import Dossier
from sigex_runbook.evidence.report.integrity import unproved
from sigex_runbook.evidence.report.words import words

from .block_findings import BlockState, block_finding

OSCAL_VERSION = "1.2.1"
NAMESPACE = "urn:sigex-runbook"

_METHODS = {Channel.SCREEN: "EXAMINE", Channel.API: "EXAMINE", Channel.MTLS: "TEST"}
_EVIDENCE = {
    Channel.SCREEN: (STEPS, f"{SCREENS}/"),
    Channel.API: (ORDER, f"{STATES}/", f"{CALLS}/"),
    Channel.MTLS: (VERIFICATION, f"{CALLS}/"),
}
"""What each channel's check rests on, under evidence/: files, and folders with a slash."""

_STATUS = {
    BlockState.AS_ORDERED: {"state": "satisfied", "reason": "pass"},
    BlockState.OTHERWISE: {"state": "not-satisfied", "reason": "fail"},
    BlockState.UNSEEN: {"state": "not-satisfied", "reason": "other"},
}


def export_oscal(pack: Path, statement: PackStatement, file: Path) -> None:
    """Write the assessment results into a new file. Raises UsageError when it cannot be done."""
    if pack.resolve() in file.resolve().parents:
        raise UsageError(f"{file} лежит внутри заверенного пакета. Укажите другое место: --out.")
    seals = [
        Subject(name, sha256_hex(data), len(data))
        for name in (ATTESTATION, TOKEN)
        if (pack / name).is_file()
        for data in [(pack / name).read_bytes()]
    ]
    try:
        results = _Results(Dossier.read(pack), statement, (*seals, *statement.subjects))
        data = results.to_bytes()
    except MISSHAPEN as error:
        raise UsageError(
            f"Запись в {pack} устроена не так, как у этой версии. Экспортируйте программой той "
            "версии, что названа в run.json."
        ) from error
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("xb") as stream:
            stream.write(data)
    except FileExistsError:
        raise UsageError(f"{file} уже есть. Укажите новый файл: --out.") from None
    except OSError as error:
        raise UsageError(f"В {file} не записать ({why(error)}). Укажите другое место.") from error


@dataclass(frozen=True, slots=True)
class _Results:
    """One document in the making; `files` are the seals (the attestation first), then the rest."""

    dossier: Dossier
    statement: PackStatement
    files: tuple[Subject, ...]

    def to_bytes(self) -> bytes:
        """The document as JSON, keys sorted."""
        value = {
            "assessment-results": {
                "uuid": self._id("document"),
                "metadata": self._metadata(),
                "import-ap": {
                    "href": f"#{self._file_id(f'{EVIDENCE}/{ORDER}')}",
                    "remarks": "Плана проверки в формате OSCAL нет: вместо него заказ.",
                },
                "results": [self._result()],
                "back-matter": {"resources": [self._resource(one) for one in self.files]},
            }
        }
        return f"{json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True)}\n".encode()

    def _id(self, name: str) -> str:
        pack: UUID = uuid5(NAMESPACE_URL, f"{NAMESPACE}:attestation:{self.files[0].sha256}")
        return str(uuid5(pack, name))

    def _file_id(self, name: str) -> str:
        return self._id(f"file {name}")

    @property
    def _sealed(self) -> str:
        return instant_text(self.statement.sealed_at)

    @property
    def _finished(self) -> str:
        return instant_text(self.dossier.finished_at)

    def _metadata(self) -> dict[str, Any]:
        organisation = self.statement.organisation_bin
        return {
            "title": f"Запуск {self.statement.run_id}, организация {organisation}",
            "last-modified": self._sealed,
            "version": self.statement.run_id,
            "oscal-version": OSCAL_VERSION,
            "props": [
                _property("attestation-sha256", self.files[0].sha256),
                _property("campaign", self.statement.campaign),
                _property("run", self.statement.run_id),
                _property("sealed-at", self._sealed),
            ],
            "parties": [
                {
                    "uuid": self._id("organisation"),
                    "type": "organization",
                    "name": f"БИН {organisation}",
                }
            ],
            "remarks": f"Экспорт ничего не доказывает сам: проверяется {ATTESTATION} командой "
            "sigex-runbook verify. Ссылки на файлы указаны от папки пакета, SHA-256 взяты из его "
            "заверения.",
        }

    def _result(self) -> dict[str, Any]:
        verdict, reasons = self.statement.verdict, map(without_folders, self.dossier.reasons)
        system = self.dossier.order.information_system.description
        began = self.dossier.started_at
        return {
            "uuid": self._id("result"),
            "title": f"Доступ информационной системы «{system}»: {verdict}",
            "description": _lines(f"Вердикт запуска: {verdict}.", *reasons),
            "start": instant_text(began) if began else self._finished,
            "end": self._finished,
            "props": [_property("verdict", verdict)],
            "reviewed-controls": {
                "control-selections": [
                    {"include-controls": [{"control-id": str(block)} for block in AccessBlock]}
                ],
                "remarks": "Четыре блока доступа названы полями настроек сервиса. Это не "
                "требования какого-либо каталога, и соответствие каталогу не утверждается.",
            },
            **_listed("observations", map(self._observation, self.dossier.checks)),
            "findings": [self._finding(block) for block in AccessBlock],
            "remarks": _lines(*self._not_claimed()),
        }

    def _not_claimed(self) -> Iterator[str]:
        text = words("ru")
        seen = {check.channel for check in self.dossier.checks}
        for channel in Channel:
            if channel not in seen:
                yield f"{text(f'channel.{channel}')}: до этой проверки запуск не дошёл."
        yield f"{text('limits.heading')}:"
        approved = self.dossier.approval is not None
        names = unproved(self.dossier, approved=approved)
        yield from (text(f"limits.{name}") for name in names)

    def _observation(self, check: Check) -> dict[str, Any]:
        text = words("ru")
        rests_on = [one for one in self.files if _is_under(one.name, _EVIDENCE[check.channel])]
        return {
            "uuid": self._observation_id(check.channel),
            "title": text(f"channel.{check.channel}"),
            "description": f"{text(f'result.{check.result}')}: {without_folders(check.detail)}",
            "methods": [_METHODS[check.channel] if _was_made(check) else "UNKNOWN"],
            "props": [
                _property("channel", check.channel),
                _property("result", check.result),
            ],
            "subjects": [{"subject-uuid": self._id("organisation"), "type": "party"}],
            **_listed("relevant-evidence", map(self._relevant, rests_on)),
            "collected": self._finished,
        }

    def _observation_id(self, channel: Channel) -> str:
        return self._id(f"observation {channel}")

    def _relevant(self, file: Subject) -> dict[str, Any]:
        return {
            "href": quote(file.name),
            "description": file.name,
            "props": [_property("sha256", file.sha256)],
            "links": [{"href": f"#{self._file_id(file.name)}", "rel": "reference"}],
        }

    def _finding(self, block: AccessBlock) -> dict[str, Any]:
        section = load_guide().section_for(block)
        title = f"Раздел {section.number}. {section.title.ru}"
        found = block_finding(self.dossier, block)
        wish = words("ru")(f"wish.{self.dossier.order.access[block]}")
        related = (
            {"observation-uuid": self._observation_id(check.channel)}
            for check in self.dossier.checks
        )
        return {
            "uuid": self._id(f"finding {block}"),
            "title": title,
            "description": f"Заказано: {wish}. {found.detail}",
            "target": {
                "type": "objective-id",
                "target-id": str(block),
                "title": title,
                "status": {**_STATUS[found.state], "remarks": found.detail},
            },
            **_listed("related-observations", related),
        }

    def _resource(self, file: Subject) -> dict[str, Any]:
        return {
            "uuid": self._file_id(file.name),
            "title": file.name,
            "rlinks": [
                {
                    "href": quote(file.name),
                    "hashes": [{"algorithm": "SHA-256", "value": file.sha256}],
                }
            ],
        }


def _was_made(check: Check) -> bool:
    return check.result is not CheckResult.NOT_CHECKED


def _is_under(name: str, places: Iterable[str]) -> bool:
    name = name.removeprefix(f"{EVIDENCE}/")
    return any(name.startswith(one) if one.endswith("/") else name == one for one in places)


def _property(name: str, value: str) -> dict[str, str]:
    return {"name": name, "ns": NAMESPACE, "value": str(value)}


def _listed(name: str, items: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """The list under its name; nothing when it is empty, which OSCAL does not allow."""
    found = list(items)
    return {name: found} if found else {}


def _lines(*texts: str) -> str:
    return "\n\n".join(texts)

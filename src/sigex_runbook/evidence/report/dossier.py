"""A run as its own files tell it: what the report is made of, and nothing else.

Files that a run did not come to write are None here; the report says what is missing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from sigex_runbook.access import AccessBlock, AccessSettings
from sigex_runbook.evidence.facts import failure_facts
from sigex_runbook.evidence.layout import FAILURE, PARTIAL, REPORT_PDF, SCREENS, STEPS, VERIFICATION
from sigex_runbook.evidence.reckoning import RecordedOrder, check_of, probe_of, step_record
from sigex_runbook.evidence.statement import Subject
from sigex_runbook.evidence.subjects import EVIDENCE, gather
from sigex_runbook.record import FailureFacts, StepRecord
from sigex_runbook.verdict import Check, Probe, Saved, VerdictKind

REPORT_HTML = "report.html"
SAVING_CALLOUT = 13
"""The one callout that commits: before it nothing is stored (guide, section 8)."""

EMPLOYEE = "employee"
"""Who signed in, as recorded calls name them; the others are information systems."""

_FAILURE_PICTURES = (f"{FAILURE}-annotated.png", f"{FAILURE}-raw.png")
_SERVICE = "sigex.kz"
_OWN_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class Picture:
    """One stored picture: its facts as recorded, the PNG with the callout, both digests."""

    facts: Mapping[str, Any]
    png: bytes
    sha256: str
    raw_sha256: str


@dataclass(frozen=True, slots=True)
class Call:
    """One recorded call: who asked what and when, and what the service said."""

    sent_at: datetime
    actor: str
    method: str
    url: str
    status: int
    fields: Mapping[str, Any]

    @property
    def message(self) -> str | None:
        """What the service said when it refused; its status is 200 then too."""
        message = self.fields.get("message")
        return None if message is None else str(message)

    @property
    def grants(self) -> dict[AccessBlock, list[int]] | None:
        """The four blocks' ticks when this call read the organisation's settings."""
        try:
            return {b: sorted(self.fields[b]["tlsCertificatesIndices"]) for b in AccessBlock}
        except (KeyError, TypeError):
            return None


@dataclass(frozen=True, slots=True)
class Dossier:
    """One run, read from its folder."""

    pack: Path
    run: Mapping[str, Any]
    raw_order: Mapping[str, Any]
    order: RecordedOrder
    steps: tuple[StepRecord, ...]
    steps_text: str
    pictures: tuple[Picture, ...]
    failure: FailureFacts | None
    failure_png: bytes | None
    before: AccessSettings | None
    expected: AccessSettings | None
    after: AccessSettings | None
    checks: tuple[Check, ...]
    probes: tuple[Probe, ...]
    calls: tuple[Call, ...]
    files: tuple[Subject, ...]
    order_bytes: bytes
    approval: bytes | None

    @classmethod
    def read(cls, pack: Path) -> Self:
        """Read a pack or a draft that is complete but for its report."""
        evidence = pack / EVIDENCE
        verification = _json(evidence / VERIFICATION) or {"checks": [], "probes": []}
        raw_order = _json(evidence / "order.json")
        steps = _bytes(evidence / STEPS) or b""
        own = {f"{EVIDENCE}/{REPORT_HTML}", f"{EVIDENCE}/{REPORT_PDF}"}
        return cls(
            pack=pack,
            run=_json(evidence / "run.json"),
            raw_order=raw_order,
            order=RecordedOrder.read(raw_order),
            steps=tuple(step_record(json.loads(line)) for line in steps.splitlines()),
            steps_text=steps.decode("utf-8"),
            pictures=tuple(
                _picture(evidence, record)
                for path in sorted((evidence / SCREENS).glob("[0-9]*.json"))
                if (record := _json(path)) and record["annotated"]
            ),
            failure=_failure(_json(evidence / f"{FAILURE}.json")),
            failure_png=next(
                (png for name in _FAILURE_PICTURES if (png := _bytes(evidence / name))), None
            ),
            before=_settings(evidence, "before"),
            expected=_settings(evidence, "expected"),
            after=_settings(evidence, "after"),
            checks=tuple(check_of(one) for one in verification["checks"]),
            probes=tuple(probe_of(one) for one in verification["probes"]),
            calls=tuple(
                _call(record)
                for path in sorted((evidence / "api").glob("*.json"))
                if (record := _json(path))
            ),
            files=tuple(one for one in gather(pack) if one.name not in own),
            order_bytes=_bytes(evidence / "order.json") or b"",
            approval=_bytes(evidence / "approval.p7s"),
        )

    @property
    def run_id(self) -> str:
        """The run's name."""
        return self.pack.name.removesuffix(PARTIAL)

    @property
    def campaign(self) -> str:
        """The campaign's name."""
        return self.pack.parent.parent.name

    @property
    def verdict(self) -> VerdictKind:
        """How the run ended, as run.json says it."""
        return VerdictKind(self.run["verdict"]["kind"])

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why, in the record's own words."""
        return tuple(self.run["verdict"]["reasons"])

    @property
    def started_at(self) -> datetime | None:
        """The first moment in the record, of a step or a call."""
        moments = [datetime.fromisoformat(s.started_at) for s in self.steps if s.started_at]
        return min([*moments, *(call.sent_at for call in self.calls)], default=None)

    @property
    def finished_at(self) -> datetime:
        """When the run was over."""
        return datetime.fromisoformat(self.run["finished_at"])

    @property
    def local(self) -> datetime | None:
        """The machine's own clock once during the run: its offset from UTC is what matters."""
        text = self.run["session"].get("clock", {}).get("local")
        return datetime.fromisoformat(text) if text else None

    @property
    def environment(self) -> str:
        """`service` for the service itself, `emulator` for this machine, `other` for another."""
        host = urlsplit(self.run["target"]).hostname or ""
        if host == _SERVICE or host.endswith(f".{_SERVICE}"):
            return "service"
        return "emulator" if host in _OWN_MACHINE else "other"

    @property
    def saved(self) -> str:
        """Whether settings were stored, by the name of the report's text about it.

        `changed` and `same` were read back after this run saved, `foreign` changed though it did
        not; `idle`: there was nothing to do; `never` and `refused`: it did not come to saving, or
        not through with it; `answered`: only the service's answer is known.
        """
        saved = Saved(self.run["saved"])
        moved = self._moved
        if saved is Saved.NO:
            if moved:
                return "foreign"
            if self.run["session"].get("nothing_to_do") and self.after is not None:
                return "idle"
            return "refused" if self._saving_ended else "never"
        if moved is None:
            return "answered" if saved is Saved.YES else "unknown"
        return "changed" if moved else "same"

    @property
    def _moved(self) -> bool | None:
        """Whether the settings differ from those before, as far as they were read again."""
        if self.before is None:
            return None
        if self.after is not None:
            return self.before.comparable() != self.after.comparable()
        seen = self._seen_after(self._saving_ended) if self._saving_ended else None
        return None if seen is None else seen != _grants(self.before)

    @property
    def _saving_ended(self) -> datetime | None:
        """The end of the saving step: within it settings are read before they are saved."""
        ended = [
            datetime.fromisoformat(s.started_at) + timedelta(milliseconds=s.duration_ms or 0)
            for s in self.steps
            if s.step.callout == SAVING_CALLOUT and s.started_at
        ]
        return max(ended, default=None)

    def _seen_after(self, moment: datetime) -> dict[AccessBlock, list[int]] | None:
        """The ticks as the employee last read them after that moment."""
        seen = None
        for call in self.calls:
            if call.actor == EMPLOYEE and call.sent_at > moment:
                seen = call.grants or seen
        return seen

    @property
    def settings_opened(self) -> bool:
        """Whether the service gave the organisation's settings to the one who signed in."""
        return self.before is not None


def index_of(settings: AccessSettings, fingerprint: str) -> int | None:
    """The place of the information system with this key, None when there is not exactly one."""
    places = settings.indices_of(fingerprint)
    return places[0] if len(places) == 1 else None


def _picture(evidence: Path, record: Mapping[str, Any]) -> Picture:
    annotated = record["annotated"]
    png = (evidence / annotated["path"]).read_bytes()
    return Picture(record["facts"], png, annotated["sha256"], record["raw"]["sha256"])


def _failure(record: Any) -> FailureFacts | None:
    return failure_facts(record["facts"]) if record else None


def _call(raw: Mapping[str, Any]) -> Call:
    return Call(
        datetime.fromisoformat(raw["sent_at"]).astimezone(UTC),
        raw["actor"],
        raw["method"],
        raw["url"],
        raw["status"],
        raw["fields"] if isinstance(raw["fields"], dict) else {},
    )


def _settings(evidence: Path, name: str) -> AccessSettings | None:
    body = _json(evidence / "state" / f"{name}.json")
    return None if body is None else AccessSettings(body)


def _grants(settings: AccessSettings) -> dict[AccessBlock, list[int]]:
    places = range(len(settings.systems))
    return {b: [i for i in places if settings.granted(b, i)] for b in AccessBlock}


def _json(path: Path) -> Any:
    """The value; None without a file, or with half of one that a killed process left."""
    try:
        return json.loads(_bytes(path) or b"null")
    except ValueError:
        return None


def _bytes(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() and not path.is_symlink() else None

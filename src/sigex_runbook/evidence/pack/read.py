"""A run as its own files tell it: what the report is made of, and nothing else.

Files that a run did not come to write are None here; the report says what is missing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from sigex_runbook.core.access import AccessBlock, AccessSettings, same_settings, shown_by
from sigex_runbook.core.record import FailureFacts, Outcome, StepRecord
from sigex_runbook.core.verdict import Check, Probe, Saved, VerdictKind

from .canonical import sha256_hex
from .files import Subject, gather
from .layout import (
    EVIDENCE,
    FAILURE,
    PARTIAL,
    SCREENS,
    STEPS,
    VERIFICATION,
    WITH_THE_REPORT,
)
from .records import (
    RecordedOrder,
    check_of,
    failure_facts,
    probe_of,
    step_record,
)

SAVING_CALLOUT = 13
"""The one callout that commits: before it nothing is stored (guide, section 8)."""

EMPLOYEE = "employee"
"""Who signed in, as recorded calls name them; the others are information systems."""

_FAILURE_PICTURES = (f"{FAILURE}-annotated.png", f"{FAILURE}-raw.png")
Files = Mapping[str, bytes]

_CAPTURE = re.compile(rf"{SCREENS}/[0-9][^/]*\.json")
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


@dataclass(frozen=True, slots=True)
class Dossier:
    """One run, read from its folder."""

    campaign: str
    run_id: str
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
        """Read a pack or a draft that is complete but for its report. Raises RunFailed for a link
        or a device in it."""
        files = {one.name: (pack / one.name).read_bytes() for one in gather(pack)}
        return cls.of(files, campaign=pack.parent.parent.name, run_id=pack.name)

    @classmethod
    def of(cls, sealed: Mapping[str, bytes], *, campaign: str, run_id: str) -> Self:
        """From the files of a pack by their names in it."""
        prefix = f"{EVIDENCE}/"
        files = {
            name.removeprefix(prefix): data
            for name, data in sorted(sealed.items())
            if name.startswith(prefix)
        }
        verification = _json(files, VERIFICATION) or {"checks": [], "probes": []}
        raw_order = _json(files, "order.json")
        steps = files.get(STEPS, b"")
        return cls(
            campaign=campaign,
            run_id=run_id.removesuffix(PARTIAL),
            run=_json(files, "run.json"),
            raw_order=raw_order,
            order=RecordedOrder.read(raw_order),
            steps=tuple(step_record(json.loads(line)) for line in steps.splitlines()),
            steps_text=steps.decode("utf-8"),
            pictures=tuple(
                _picture(files, record)
                for name in files
                if _CAPTURE.fullmatch(name)
                and (record := _json(files, name))
                and record["annotated"]
            ),
            failure=_failure(_json(files, f"{FAILURE}.json")),
            failure_png=next((png for name in _FAILURE_PICTURES if (png := files.get(name))), None),
            before=_settings(files, "before"),
            expected=_settings(files, "expected"),
            after=_settings(files, "after"),
            checks=tuple(check_of(one) for one in verification["checks"]),
            probes=tuple(probe_of(one) for one in verification["probes"]),
            calls=tuple(
                _call(record)
                for name in files
                if name.startswith("api/") and (record := _json(files, name))
            ),
            files=tuple(
                Subject(f"{prefix}{name}", sha256_hex(data), len(data))
                for name, data in files.items()
                if name not in WITH_THE_REPORT
            ),
            order_bytes=files.get("order.json", b""),
            approval=files.get("approval.p7s"),
        )

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

        `changed` and `same` were read back after this run saved (`ticks_changed`, `ticks_same`: no
        more than the ticks of them), `foreign` changed though it did not; `idle`: there was nothing
        to do; `never` and `refused`: it did not come to saving, or not through with it; `answered`:
        only the service's answer is known.
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
        told = "changed" if moved else "same"
        return told if self.after is not None else f"ticks_{told}"

    @property
    def carried_out(self) -> bool:
        """Whether every step passed and nothing stopped the run, whatever was found after it."""
        passed = all(step.outcome is Outcome.PASSED for step in self.steps)
        return bool(self.steps) and passed and self.run["failure"] is None

    @property
    def _moved(self) -> bool | None:
        """Whether the settings differ from those before, as far as they were read again."""
        if self.before is None:
            return None
        if self.after is not None:
            return not same_settings(self.before, self.after)
        seen = self._seen_after(self._saving_ended) if self._saving_ended else None
        return None if seen is None else not shown_by(seen.fields, self.before)

    @property
    def _saving_ended(self) -> datetime | None:
        """The end of the saving step: within it settings are read before they are saved."""
        ended = [
            datetime.fromisoformat(s.started_at) + timedelta(milliseconds=s.duration_ms or 0)
            for s in self.steps
            if s.step.callout == SAVING_CALLOUT and s.started_at
        ]
        return max(ended, default=None)

    def _seen_after(self, moment: datetime) -> Call | None:
        """The employee's last call after that moment that was answered with the four blocks."""
        seen = [
            call
            for call in self.calls
            if call.actor == EMPLOYEE
            and call.sent_at > moment
            and call.fields.keys() >= set(AccessBlock)
        ]
        return seen[-1] if seen else None

    @property
    def settings_opened(self) -> bool:
        """Whether the service gave the organisation's settings to the one who signed in."""
        return self.before is not None


def index_of(settings: AccessSettings, fingerprint: str) -> int | None:
    """The place of the information system with this key, None when there is not exactly one."""
    places = settings.indices_of(fingerprint)
    return places[0] if len(places) == 1 else None


def _picture(files: Files, record: Mapping[str, Any]) -> Picture:
    annotated = record["annotated"]
    png = files[annotated["path"]]
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


def _settings(files: Files, name: str) -> AccessSettings | None:
    body = _json(files, f"state/{name}.json")
    return None if body is None else AccessSettings(body)


def _json(files: Files, name: str) -> Any:
    """The value; None without a file, or with half of one that a killed process left."""
    try:
        return json.loads(files.get(name) or b"null")
    except ValueError:
        return None

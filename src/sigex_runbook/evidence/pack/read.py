"""The one reader of a pack: what stands in its files, side by side.

Nothing is judged here. Whoever asks for a file that is built otherwise gets KeyError, TypeError,
ValueError or AttributeError.
"""

from __future__ import annotations

import errno
import json
import os
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from sigex_runbook.core.access import AccessSettings, shown_by
from sigex_runbook.core.audit import Audit
from sigex_runbook.core.record import StepRecord
from sigex_runbook.core.verdict import Check, Probe, Saved, VerdictKind

from .layout import (
    AUDIT,
    CALLS,
    EVIDENCE,
    FAILURE,
    NOTEBOOK,
    ORDER,
    RUN,
    SCREENS,
    STATES,
    STEPS,
    VERIFICATION,
)
from .records import Overridden, RecordedOrder, audit_of, check_of, probe_of, step_record

EMPLOYEE, SYSTEM, CONTROL = "employee", "information system", "control system"
"""Who made a recorded call."""

SETTINGS_PATH = "/api/organizationSettings"
"""Where the settings are read (sigex-facts 3)."""

AUDIT_PATH = "/api/organizationSettingsAudit"
"""Where the journal of their changes is read (sigex-facts 3)."""

SESSION_PATH = "/api/auth"
"""Where the employee signs in and out (sigex-facts 3)."""

HTTP_OK = 200

_MOMENT = "modifiedAt"
"""When the service says that the settings were stored last (sigex-facts 3.4)."""

_LARGEST_ERROR = 100 * 365 * 86_400
"""Seconds: no clock is a century wrong."""

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Capture:
    """One screens/NNN.json: the picture of a callout."""

    name: str
    facts: Mapping[str, Any]
    raw: Mapping[str, Any]
    annotated: Mapping[str, Any] | None

    @property
    def taken_at(self) -> datetime:
        """When, by this machine's clock."""
        return datetime.fromisoformat(self.facts["taken_at_utc"])


@dataclass(frozen=True, slots=True)
class Call:
    """One api/NNN.json: a question to the service and what was kept of its answer."""

    name: str
    actor: str
    method: str
    url: str
    status: int
    date: str | None
    sent_at: datetime
    fields: Mapping[str, Any]

    @property
    def path(self) -> str:
        """The path that was asked."""
        return urlsplit(self.url).path

    @property
    def asked(self) -> Mapping[str, list[str]]:
        """The parameters of the address."""
        return parse_qs(urlsplit(self.url).query)

    @property
    def message(self) -> str | None:
        """What the service said when it refused; its status is 200 then too."""
        message = self.fields.get("message")
        return None if message is None else str(message)

    @property
    def refused(self) -> bool:
        """Whether the answer is the service's refusal."""
        return "message" in self.fields

    def shows(self, settings: AccessSettings) -> bool:
        """Whether the answer says the same as these settings."""
        return self.status == HTTP_OK and shown_by(self.fields, settings)

    def gave(self, settings: AccessSettings) -> bool:
        """Whether these settings were read by this very call: of the same moment, too."""
        moment = settings.body.get(_MOMENT)
        return self.shows(settings) and self.fields.get(_MOMENT, moment) == moment


@dataclass(frozen=True)
class Record:
    """The files under evidence/ by their names there: `values` of the JSON (that of steps.ndjson
    is its text), `files` the bytes of all."""

    values: Values
    files: Mapping[str, bytes]
    _states: dict[str, AccessSettings | None] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @cached_property
    def run(self) -> Mapping[str, Any]:
        """run.json."""
        run: Mapping[str, Any] = self.values[RUN]
        return run

    @cached_property
    def order(self) -> RecordedOrder:
        """order.json."""
        return RecordedOrder.read(self.values[ORDER])

    @cached_property
    def overridden(self) -> Overridden | None:
        """What run.json says of the operator's locators; None when those that ship were used."""
        told = self.run.get("locators")
        return None if told is None else Overridden.read(told)

    @cached_property
    def steps(self) -> tuple[StepRecord, ...]:
        """The steps by their positions."""
        return tuple(sorted(steps_of(self.steps_text), key=lambda one: one.step.position))

    @property
    def steps_text(self) -> str:
        """steps.ndjson."""
        return self.values.get(STEPS) or ""

    @cached_property
    def captures(self) -> tuple[Capture, ...]:
        """The pictures of callouts, by their names."""
        return tuple(
            Capture(name, one["facts"], one["raw"], one["annotated"])
            for name, one in sorted(self.values.items())
            if name.startswith(f"{SCREENS}/") and name != f"{FAILURE}.json"
        )

    @property
    def failure_facts(self) -> Mapping[str, Any] | None:
        """The facts beside the picture of what stopped the run."""
        picture = self.values.get(f"{FAILURE}.json")
        return None if picture is None else picture["facts"]

    @cached_property
    def calls(self) -> tuple[Call, ...]:
        """The recorded calls, by their numbers."""
        return tuple(
            Call(
                name,
                one["actor"],
                one["method"],
                one["url"],
                one["status"],
                one["date"],
                datetime.fromisoformat(one["sent_at"]),
                one["fields"],
            )
            for name, one in sorted(self.values.items())
            if name.startswith(f"{CALLS}/")
        )

    @cached_property
    def checks(self) -> tuple[Check, ...]:
        """The channels' findings of verification.json; none when the run did not come to it."""
        return tuple(map(check_of, self._verification("checks")))

    @cached_property
    def probes(self) -> tuple[Probe, ...]:
        """The probes of verification.json."""
        return tuple(map(probe_of, self._verification("probes")))

    def _verification(self, part: str) -> Iterable[Mapping[str, Any]]:
        found: Iterable[Mapping[str, Any]] = (self.values.get(VERIFICATION) or {part: ()})[part]
        return found

    def settings(self, state: str) -> AccessSettings | None:
        """The settings of `before`, `expected` or `after`; None when the run has none."""
        if state not in self._states:
            body = self.values.get(f"{STATES}/{state}.json")
            self._states[state] = None if body is None else AccessSettings(body)
        return self._states[state]

    @cached_property
    def notebook(self) -> Any:
        """The executed notebook, None without one. Raises ValueError."""
        try:
            return json.loads(self.files.get(NOTEBOOK, b"null"))
        except RecursionError as error:
            raise ValueError("nested too deeply") from error

    @cached_property
    def audit(self) -> Audit | None:
        """What was new in the service's journal; None when the run did not come to it."""
        raw = self.values.get(AUDIT)
        return None if raw is None else audit_of(raw)

    @property
    def claims_success(self) -> bool:
        """Whether the run says that it did its work, wholly or in part."""
        return bool(self.run["verdict"]["kind"] != VerdictKind.FAILED)

    @property
    def finished_at(self) -> datetime:
        """When the run ended, by this machine's clock."""
        return datetime.fromisoformat(self.run["finished_at"])


def json_of(pack: Path, name: str) -> Any:
    """What one JSON file of a pack's folder says; `name` is that under evidence/. Raises OSError
    when it is not there, or no file: a pipe would be waited for."""
    path = pack / EVIDENCE / name
    if not stat.S_ISREG(path.lstat().st_mode):
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL), str(path))
    return json.loads(path.read_bytes())


def clock_offset(run: Mapping[str, Any]) -> float | None:
    """How far run.json says that the machine's clock was ahead of the service's, in seconds."""
    offset = ((run.get("session") or {}).get("clock") or {}).get("offset_from_server_seconds")
    return float(offset) if isinstance(offset, int | float) else None


def known_error(run: Mapping[str, Any]) -> timedelta:
    """By how much the times of a run that saved nothing may be wrong, whosever clock it was.
    Those of any other must be right by themselves."""
    harmless = (run.get("verdict") or {}).get("kind") == VerdictKind.FAILED
    offset = clock_offset(run) or 0
    if not harmless or run.get("saved") != Saved.NO or not abs(offset) <= _LARGEST_ERROR:
        return timedelta(0)
    return timedelta(seconds=offset)


def under_evidence(sealed: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files of a pack that lie under evidence/, by their names there, in their order."""
    prefix = f"{EVIDENCE}/"
    return {
        name.removeprefix(prefix): data
        for name, data in sorted(sealed.items())
        if name.startswith(prefix)
    }


def values_of(files: Mapping[str, bytes]) -> dict[str, Any]:
    """What the JSON among these files says; half a file, which a killed process left, is left out.
    Who must not believe the files reads them strictly (`canonical`)."""
    values: dict[str, Any] = {}
    for name, data in files.items():
        if name == STEPS:
            values[name] = data.decode("utf-8")
        elif name.endswith(".json"):
            try:
                values[name] = json.loads(data)
            except ValueError:
                continue
    return values


def steps_of(text: str) -> tuple[StepRecord, ...]:
    """The lines of steps.ndjson, in their order."""
    return tuple(step_record(json.loads(line)) for line in text.splitlines())

"""What the files of one pack say, side by side."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from sigex_runbook.core.access import AccessSettings, shown_by
from sigex_runbook.core.guide import load_guide
from sigex_runbook.core.record import Outcome, StepRecord
from sigex_runbook.core.verdict import VerdictKind
from sigex_runbook.evidence.pack.layout import EVIDENCE, FAILURE, SCREENS, STEPS
from sigex_runbook.evidence.pack.records import step_record

EMPLOYEE, SYSTEM, CONTROL = "employee", "information system", "control system"
"""Who made a recorded call."""

API = "api"

SETTINGS_PATH = "/api/organizationSettings"
"""Where the settings are read (sigex-facts 3)."""

SESSION_PATH = "/api/auth"
"""Where the employee signs in and out (sigex-facts 3)."""

HTTP_OK = 200

_MOMENT = "modifiedAt"
"""When the service says that the settings were stored last (sigex-facts 3.4)."""

Values = Mapping[str, Any]
Fault = tuple[str, str]
"""A file under evidence/, and what in it does not fit."""


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


@dataclass(frozen=True, slots=True)
class Record:
    """The files under evidence/, and what stands in them."""

    values: Values
    files: Mapping[str, bytes]
    steps: tuple[StepRecord, ...]
    captures: tuple[Capture, ...]
    calls: tuple[Call, ...]

    @classmethod
    def read(cls, values: Values, files: Mapping[str, bytes]) -> Record:
        """From the JSON values by their names under evidence/, and the bytes by their names in the
        pack. Raises KeyError, TypeError, ValueError or AttributeError."""
        lines = (values.get(STEPS) or "").splitlines()
        steps = [step_record(json.loads(line)) for line in lines]
        return cls(
            values,
            {name.removeprefix(f"{EVIDENCE}/"): data for name, data in files.items()},
            tuple(sorted(steps, key=lambda step: step.step.position)),
            tuple(_captures(values)),
            tuple(_calls(values)),
        )

    @property
    def run(self) -> Mapping[str, Any]:
        """run.json."""
        run: Mapping[str, Any] = self.values["run.json"]
        return run

    @property
    def order(self) -> Mapping[str, Any]:
        """order.json."""
        order: Mapping[str, Any] = self.values["order.json"]
        return order

    @property
    def claims_success(self) -> bool:
        """Whether the run says that it did its work, wholly or in part."""
        return bool(self.run["verdict"]["kind"] != VerdictKind.FAILED)

    @property
    def finished_at(self) -> datetime:
        """When the run ended, by this machine's clock."""
        return datetime.fromisoformat(self.run["finished_at"])

    @property
    def failure(self) -> tuple[StepRecord, Mapping[str, Any]] | None:
        """The step that failed with the facts beside its picture; None unless there are both: a
        kernel may be killed between them."""
        failed = [one for one in self.steps if one.outcome is Outcome.FAILED]
        picture = self.values.get(f"{FAILURE}.json")
        return (failed[0], picture["facts"]) if failed and picture is not None else None

    def settings(self, state: str) -> AccessSettings | None:
        """The settings of `before`, `expected` or `after`; None when the run has none."""
        body = self.values.get(f"state/{state}.json")
        return None if body is None else AccessSettings(body)


def callouts() -> range:
    """The guide's numbers."""
    return range(1, sum(len(section.callouts) for section in load_guide().sections) + 1)


def gaps(folder: str, names: list[str]) -> Iterator[Fault]:
    """The JSON files of a folder are numbered 001, 002 and so on."""
    if names != [f"{folder}/{number:03d}.json" for number in range(1, len(names) + 1)]:
        yield folder, "нумерация файлов не подряд"


def _captures(values: Values) -> Iterator[Capture]:
    for name in sorted(values):
        if name.startswith(f"{SCREENS}/") and name != f"{FAILURE}.json":
            value = values[name]
            yield Capture(name, value["facts"], value["raw"], value["annotated"])


def _calls(values: Values) -> Iterator[Call]:
    for name in sorted(values):
        if name.startswith(f"{API}/"):
            one = values[name]
            yield Call(
                name,
                one["actor"],
                one["method"],
                one["url"],
                one["status"],
                one["date"],
                datetime.fromisoformat(one["sent_at"]),
                one["fields"],
            )

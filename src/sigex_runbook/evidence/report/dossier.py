"""A run as its own files tell it: what the report is made of, and nothing else.

Files that a run did not come to write are None here; the report says what is missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from sigex_runbook.core.access import AccessBlock, AccessSettings, same_settings, shown_by
from sigex_runbook.core.environment import Environment
from sigex_runbook.core.record import FailureFacts, Outcome
from sigex_runbook.core.verdict import Saved, VerdictKind
from sigex_runbook.evidence.pack.canonical import sha256_hex
from sigex_runbook.evidence.pack.files import listing, read_all
from sigex_runbook.evidence.pack.layout import APPROVAL, FAILURE, WITH_THE_REPORT
from sigex_runbook.evidence.pack.place import PackPlace
from sigex_runbook.evidence.pack.read import EMPLOYEE, Call, Record, under_evidence, values_of
from sigex_runbook.evidence.pack.records import failure_facts

SAVING_CALLOUT = 13
"""The one callout that commits: before it nothing is stored (guide, section 8)."""

_FAILURE_PICTURES = (f"{FAILURE}-annotated.png", f"{FAILURE}-raw.png")


@dataclass(frozen=True, slots=True)
class Picture:
    """One stored picture: its facts as recorded, the PNG with the callout."""

    facts: Mapping[str, Any]
    png: bytes


@dataclass(frozen=True)
class Dossier(Record):
    """One run, read from its folder."""

    campaign: str
    run_id: str

    @classmethod
    def read(cls, pack: Path) -> Self:
        """Read a pack or a draft that is complete but for its report. Raises RunFailed for a link
        or a device in it."""
        place = PackPlace.of(pack)
        return cls.of(read_all(pack), campaign=place.campaign.name, run_id=place.run_id)

    @classmethod
    def of(cls, sealed: Mapping[str, bytes], *, campaign: str, run_id: str) -> Self:
        """From the files of a pack by their names in it."""
        files = under_evidence(sealed)
        return cls(values_of(files), files, campaign, run_id)

    @cached_property
    def pictures(self) -> tuple[Picture, ...]:
        """The pictures that carry their callout."""
        return tuple(
            Picture(one.facts, self.files[one.annotated["path"]])
            for one in self.captures
            if one.annotated
        )

    @cached_property
    def failure(self) -> FailureFacts | None:
        """The facts beside the picture of what stopped the run."""
        return failure_facts(self.failure_facts) if self.failure_facts else None

    @property
    def failure_png(self) -> bytes | None:
        """That picture, with the mark if it got one."""
        return next((png for name in _FAILURE_PICTURES if (png := self.files.get(name))), None)

    @cached_property
    def before(self) -> AccessSettings | None:
        """The settings before anything was touched."""
        return self.settings("before")

    @cached_property
    def expected(self) -> AccessSettings | None:
        """What they should become."""
        return self.settings("expected")

    @cached_property
    def after(self) -> AccessSettings | None:
        """What they became."""
        return self.settings("after")

    @property
    def listing_sha256(self) -> str:
        """The digest of the list of all files that the report can tell the digest of."""
        return sha256_hex(listing(self.files))

    @property
    def listed(self) -> tuple[str, ...]:
        """Their names."""
        return tuple(name for name in self.files if name not in WITH_THE_REPORT)

    @property
    def approval(self) -> bytes | None:
        """Another person's signature over the order."""
        return self.files.get(APPROVAL)

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
    def local(self) -> datetime | None:
        """The machine's own clock once during the run: its offset from UTC is what matters."""
        text = self.run["session"].get("clock", {}).get("local")
        return datetime.fromisoformat(text) if text else None

    @property
    def environment(self) -> Environment:
        """Where it was."""
        return Environment(self.run["target"])

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

"""What a run's kernel alone knows, handed to whoever completes the pack: `session.json`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from pydantic import TypeAdapter

from sigex_runbook.core.verdict import Failure, Saved

from .draft import PackDraft
from .layout import SESSION


@dataclass(frozen=True, slots=True)
class BrowserUsed:
    """Which browser the run was done in."""

    kind: str
    version: str


@dataclass(frozen=True, slots=True)
class Clock:
    """The local time at the end, and how far it was from the service's, where it was asked."""

    local: str
    zone: str
    offset_from_server_seconds: float | None


@dataclass(frozen=True, slots=True)
class Session:
    """Where the run was done and who signed in: stays in run.json."""

    browser: BrowserUsed
    python: str
    identity: str | None
    clock: Clock
    nothing_to_do: bool | None


@dataclass(frozen=True, slots=True)
class Removed:
    """How often a rule of redaction removed something from a file."""

    file: str
    rule: str
    count: int


@dataclass(frozen=True, slots=True)
class Notes:
    """All that the kernel leaves; without a session when it died before it could note one."""

    session: Session | None = None
    failure: Failure | None = None
    removed: tuple[Removed, ...] = ()
    saved: Saved = Saved.NO

    def write(self, draft: PackDraft) -> None:
        """Put them into the draft, in place of earlier ones."""
        draft.write_json(SESSION, self, overwrite=True)

    @classmethod
    def read(cls, draft: PackDraft) -> Self:
        """Those in the draft. Raises RunFailed when they are no JSON."""
        if not draft.exists(SESSION):
            return cls()
        return TypeAdapter(cls).validate_python(draft.read_json(SESSION))

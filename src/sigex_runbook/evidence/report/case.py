"""What every part of the report is made from: the dossier, the words, and what binds the pack."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from markupsafe import Markup

from sigex_runbook.core.access import AccessBlock
from sigex_runbook.core.guide import Guide
from sigex_runbook.core.record import Outcome

from .dossier import Dossier
from .markup import Cell
from .words import Words

_FOLDERS = re.compile(
    r"(?:(?<=[\s'\"«(\[=])|^)(?:[A-Za-z]:[\\/]|\\\\|/(?!api/))(?:[^\s'\"«»()\[\],;:\\/]+[\\/]+)+"
)

_LOOKS = {Outcome.PASSED: "good", Outcome.FAILED: "bad", Outcome.NOT_RUN: "idle"}


@dataclass(frozen=True, slots=True)
class Binding:
    """What will bind the report's pack: the sealing key's id, the ledger's end before this run
    (`ledger_lines` lines, `ledger_head` their digest), the time authority's address (empty when
    there was one of unknown address), and why there is no PDF, if there is none. `approval` is what
    the check of the approval found wrong: empty when nothing, None when there was nothing to check
    it by. `afterwards`: the report was made of a pack that was sealed before, and is not in it."""

    keyid: str
    ledger_lines: int
    ledger_head: str
    authority: str | None = None
    approval: str | None = None
    without_pdf: str | None = None
    afterwards: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """One report in the making."""

    dossier: Dossier
    words: Words
    binding: Binding
    guide: Guide

    def block(self, block: AccessBlock) -> str:
        """An access block by the guide's title of its section."""
        section = self.guide.section_for(block)
        return f"{section.number}. {self.words.of(section.title)}"

    def said(self, text: str) -> Markup:
        """What the record says, without this machine's folders, and what that means."""
        return self.words.read(without_folders(text))

    def outcome(self, outcome: Outcome) -> Cell:
        """How a step ended."""
        return Cell(self.words(f"outcome.{outcome}"), _LOOKS[outcome])

    def local_time(self, moment: datetime) -> str:
        """A moment by the clock of the machine that ran, with its offset."""
        there = self.dossier.local
        if there is None:
            return self.words("none")
        offset = there.strftime("%z")
        local = moment.astimezone(there.tzinfo)
        return f"{local:%Y-%m-%d %H:%M:%S} (UTC{offset[:3]}:{offset[3:]})"


def without_folders(text: str) -> str:
    """A recorded text without the folders of the machine that ran."""
    return _FOLDERS.sub("…/", text)


def utc_time(moment: datetime) -> str:
    """A moment in UTC, the same in all languages."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def clock_time(moment: datetime) -> str:
    """A moment of a day in UTC, to the millisecond."""
    return moment.astimezone(UTC).strftime("%H:%M:%S.%f")[:-3]

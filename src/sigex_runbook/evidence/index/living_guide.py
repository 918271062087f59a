"""The living guide: each sentence of the guide with its scenario, last result and green picture.

One file for readers of the guide, made from packs. It proves nothing; the packs do.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from sigex_runbook.core.environment import Environment
from sigex_runbook.core.guide import Callout, Guide, Section
from sigex_runbook.core.record import OUTCOME_WORDS, Act, Outcome, PlannedStep
from sigex_runbook.core.verdict import VERDICT_WORDS

from .last_results import LastResults, Picture, Result, to_the_minute
from .page_template import beside_template, page_template

_LOOKS = {Outcome.PASSED: "good", Outcome.FAILED: "bad", Outcome.NOT_RUN: "idle"}
_OTHERWISE = {Act.REVOKE: "доступ отзывали", Act.KEEP: "менять было нечего"}
_NEVER = "ещё не выполнялся"


@dataclass(frozen=True, slots=True)
class Entry:
    """One callout as the page tells it; `step` and `step_en` are sentences of the features."""

    mark: Callout
    step: PlannedStep
    step_en: PlannedStep
    result: Result | None
    picture: Picture | None

    @property
    def outcome(self) -> str:
        """How the step ended last, in a word or two."""
        if self.result is None:
            return _NEVER
        otherwise = _OTHERWISE.get(self.result.step.step.act or Act.GRANT)
        words = OUTCOME_WORDS[self.result.step.outcome]
        return f"{words} ({otherwise})" if otherwise else words

    @property
    def done(self) -> str:
        """The sentence of the run of the last result, where its order made it another one."""
        step = self.result.step.step if self.result else None
        return f"{step.keyword} {step.text}" if step and step.act in _OTHERWISE else ""

    @property
    def look(self) -> str:
        """How that word looks."""
        return _LOOKS[self.result.step.outcome] if self.result else "idle"

    @property
    def when(self) -> str:
        """When the run of the last result was sealed, and where it was."""
        if self.result is None:
            return ""
        run = self.result.run
        where = f", {run.environment.where}" if run.environment else ""
        return f"{to_the_minute(run.sealed_at)}{where}"

    @property
    def verdict(self) -> str:
        """How the run of the last result ended, in words."""
        return VERDICT_WORDS[self.result.run.verdict] if self.result else ""

    @property
    def message(self) -> str:
        """Why the step failed, if it did."""
        return (self.result.step.message or "") if self.result else ""

    @property
    def caption(self) -> str:
        """Where the picture comes from."""
        if self.picture is None:
            return ""
        run, facts = self.picture.run, self.picture.facts
        where = f", {Environment(facts.environment).where}" if facts.environment else ""
        verdict = VERDICT_WORDS[run.verdict]
        when = to_the_minute(datetime.fromisoformat(facts.taken_at_utc))
        return f"Снято {when}, запуск {run.run_id} ({verdict}){where}"

    @property
    def source(self) -> str:
        """The picture itself, inside the page."""
        png = self.picture.png if self.picture else b""
        return f"data:image/png;base64,{base64.b64encode(png).decode('ascii')}"


@dataclass(frozen=True, slots=True)
class Part:
    """One section of the guide with its callouts and the scenario that performs it."""

    section: Section
    scenario: str
    scenario_en: str
    entries: tuple[Entry, ...]


def living_guide(
    guide: Guide,
    steps: Mapping[int, PlannedStep],
    steps_en: Mapping[int, PlannedStep],
    found: LastResults,
    *,
    made_at: datetime,
) -> str:
    """The whole page; `steps` and `steps_en` are the features' steps by callout."""
    parts = [_part(section, steps, steps_en, found) for section in guide.sections]
    entries = [entry for part in parts for entry in part.entries]
    return page_template("guide").render(
        guide=guide,
        made_at=to_the_minute(made_at),
        parts=parts,
        lacking=[entry.mark.number for entry in entries if entry.picture is None],
        unreadable=found.unreadable,
        style=Markup(beside_template("guide", "style.css")),  # noqa: S704 - the package's own file
    )


def _part(
    section: Section,
    steps: Mapping[int, PlannedStep],
    steps_en: Mapping[int, PlannedStep],
    found: LastResults,
) -> Part:
    entries = tuple(
        Entry(
            mark,
            steps[mark.number],
            steps_en[mark.number],
            found.results.get(mark.number),
            found.pictures.get(mark.number),
        )
        for mark in section.callouts
    )
    first = entries[0]
    return Part(section, first.step.scenario, first.step_en.scenario, entries)

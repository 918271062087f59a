"""The features as a list of steps, read before anything runs: what a run is going to do."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from gherkin.errors import ParserError
from gherkin.parser import Parser
from gherkin.token_scanner import TokenScanner

from sigex_runbook.core.errors import EnvironmentMissing
from sigex_runbook.core.given.text import NotText, read_bytes, text_of
from sigex_runbook.core.guide import load_guide
from sigex_runbook.core.project import find_project
from sigex_runbook.core.record import Act, PlannedStep
from sigex_runbook.core.validation import quoted

GUIDE_TAG = "@guide"
VARIANTS = {"@revoking": Act.REVOKE, "@unchanged": Act.KEEP}
"""Scenarios that a run performs in place of a section's guide scenario, and when."""

_AS_THE_GUIDE: Mapping[int, Act] = {}

_SECTION_TAG = re.compile(r"@section-(\d+)")
_CALLOUT = re.compile(r"\((\d+)\)$")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a step stands: the feature's file name and the line."""

    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Scenario:
    """One scenario with its tags (the feature's included) and steps; `section` is the guide's."""

    name: str
    place: Place
    tags: frozenset[str]
    section: int
    steps: tuple[tuple[Place, PlannedStep], ...]

    @property
    def is_guide(self) -> bool:
        """Whether this scenario is the guide itself, not an alternative flow."""
        return GUIDE_TAG in self.tags

    @property
    def act(self) -> Act | None:
        """What this scenario performs in a run; None when no run performs it."""
        if self.is_guide:
            return Act.GRANT
        return next((act for tag, act in VARIANTS.items() if tag in self.tags), None)


def read_scenarios(folder: Path) -> tuple[Scenario, ...]:
    """Every scenario of the folder's features, in the guide's order.

    Raises EnvironmentMissing for a file that is no feature of the guide.
    """
    found: list[Scenario] = []
    for path in sorted(folder.glob("*.feature")):
        feature = _feature(path)
        feature_tags = {tag["name"] for tag in feature["tags"]}
        for child in feature["children"]:
            if (scenario := child.get("scenario")) is None:
                [other] = child.values()
                raise _unreadable(path, other["location"]["line"], "это не сценарий")
            tags = frozenset(feature_tags | {tag["name"] for tag in scenario["tags"]})
            sections = [int(m[1]) for tag in sorted(tags) if (m := _SECTION_TAG.match(tag))]
            if not sections:
                raise _unreadable(
                    path,
                    scenario["location"]["line"],
                    f"у сценария «{scenario['name']}» нет раздела инструкции, @section-N над ним",
                )
            section = sections[0]
            found.append(
                Scenario(
                    name=scenario["name"],
                    place=Place(path.name, scenario["location"]["line"]),
                    tags=tags,
                    section=section,
                    steps=tuple(
                        (
                            Place(path.name, step["location"]["line"]),
                            PlannedStep(
                                position=position,
                                section=section,
                                scenario=scenario["name"],
                                keyword=step["keyword"].strip(),
                                text=step["text"],
                                callout=int(m[1]) if (m := _CALLOUT.search(step["text"])) else None,
                            ),
                        )
                        for position, step in enumerate(scenario["steps"], start=1)
                    ),
                )
            )
    return tuple(sorted(found, key=lambda s: (s.section, s.place.line)))


def _feature(path: Path) -> Any:
    """A file as the parser has it."""
    try:
        data = read_bytes(path)
        text = text_of(data)
    except (FileNotFoundError, NotText) as error:
        told = "его нет" if isinstance(error, OSError) else str(error)
        raise _unreadable(path, None, told) from error
    if text.encode("utf-8") != data:  # pytest-bdd takes the mark for a letter
        raise _unreadable(path, 1, "в начале метка BOM; сохраните файл в UTF-8 без неё")
    try:
        document = _parsed(text)
    except ParserError as error:
        first = next(iter(getattr(error, "errors", ())), error)
        line = (getattr(first, "location", None) or {}).get("line", 1)
        found = [*text.split("\n"), ""][line - 1].strip()
        raise _unreadable(
            path,
            line,
            f"{quoted(found)} — не строка сценария; проверьте её первое слово",
        ) from error
    if not document.get("feature"):
        raise _unreadable(path, 1, "нет строки «Функция:»")
    return document["feature"]


@lru_cache(maxsize=16)
def _parsed(text: str) -> Any:
    """What the parser makes of a text; kept, since every run reads the same features."""
    return Parser().parse(TokenScanner(text))


def _unreadable(path: Path, line: int | None, what: str) -> EnvironmentMissing:
    place = "" if line is None else f", строка {line}"
    return EnvironmentMissing(f"Файл «{path}»{place}: {what}. Исправьте его и повторите.")


def planned_run(folder: Path, acts: Mapping[int, Act] = _AS_THE_GUIDE) -> dict[Place, PlannedStep]:
    """The steps in the order in which a run performs them, numbered through.

    `acts` says by section what is to be done there (`Plan.acts`): a section that has a scenario for
    it is performed by that one, any other by the guide's own.
    """
    scenarios = read_scenarios(folder)
    performed = {s.section: s for s in scenarios if s.is_guide}
    for one in scenarios:
        if one.act is not None and one.act is acts.get(one.section):
            performed[one.section] = one
    planned: dict[Place, PlannedStep] = {}
    for _, scenario in sorted(performed.items()):
        for place, step in scenario.steps:
            act = _told(scenario, step)
            planned[place] = replace(step, position=len(planned) + 1, act=act)
    return planned


def _told(scenario: Scenario, step: PlannedStep) -> Act | None:
    """A step's act where acts differ: at a tick always, at the save button when it is kept."""
    actions = {m.number: m.action for s in load_guide().sections for m in s.callouts}
    action = actions.get(step.callout) if step.callout else None
    kept = action == "save" and scenario.act is Act.KEEP
    return scenario.act if action == "tick" or kept else None


def guide_steps(folder: Path) -> dict[int, PlannedStep]:
    """The guide's own steps by the callout that each performs."""
    return {step.callout: step for step in planned_run(folder).values() if step.callout}


def guide_run(acts: Mapping[int, Act] = _AS_THE_GUIDE) -> dict[Place, PlannedStep]:
    """The features of the project as a run; for `acts` see `planned_run`.

    Raises EnvironmentMissing when they are not the guide: each callout must have exactly one step,
    in its own section.
    """
    folder = find_project().features
    planned = planned_run(folder, acts)
    found = [(step.section, step.callout) for step in planned.values() if step.callout]
    wanted = [(s.number, mark.number) for s in load_guide().sections for mark in s.callouts]
    if found != wanted:
        raise EnvironmentMissing(
            f"Сценарии в папке «{folder}» не совпадают с инструкцией{_odd(planned, wanted)}: "
            "каждой выноске (1)–(13) нужен ровно один шаг в её разделе. Верните её в исходный вид."
        )
    return planned


def _odd(planned: Mapping[Place, PlannedStep], wanted: list[tuple[int, int]]) -> str:
    """Where: the first step with a callout that is not its section's, or is there twice; else the
    callout that has none."""
    left = list(wanted)
    for place, step in planned.items():
        if step.callout and (mark := (step.section, step.callout)) in left:
            left.remove(mark)
        elif step.callout:
            return f" ({place.file}, строка {place.line}: выноска ({step.callout}))"
    files = {step.section: place.file for place, step in planned.items()}
    named = (f"{files.get(section, f'раздел {section}')}: ({mark})" for section, mark in left)
    return f" (нет шага для выноски: {', '.join(named)})"

"""Trials: what is tried, what it showed, how it is judged and counted."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from sigex_emulator.faults import CATALOGUE, Fault, Noticed
from sigex_emulator.skins import SKINS
from sigex_runbook.core.errors import UsageError
from sigex_runbook.core.verdict import Verdict, VerdictKind
from sigex_runbook.trials.attempts import VERIFICATION, reported_at

_PLACES = {
    "saving": "сохранение",
    "loading": "загрузка настроек",
    "session": "сеанс",
    "sign_in": "вход",
    "page": "страница",
    "ncalayer": "NCALayer",
    "mtls": "порт ИС",
}
_HARMLESS = "безобидные"


class Kind(StrEnum):
    """What is tried."""

    FAULT = "fault"
    SKIN = "skin"
    CLEAN = "clean"


_LOOKS = {Kind.SKIN: "виды", Kind.CLEAN: "без сбоев"}


class Finding(StrEnum):
    """What a trial showed."""

    CAUGHT = "пойман"
    HELD = "выдержан"
    """Nothing was wrong, or nothing that matters, and the run passed."""
    NOT_FOUND = "не найдено"
    """Another look of the site: the run stopped, named what it could not find, ticked nothing."""
    SURVIVED = "выжил"
    """The truth was changed and the run passed."""
    MISPLACED = "не там"
    """Noticed, but with the wrong section or callout."""
    FALSE_ALARM = "ложная тревога"
    WRONG_TICK = "неверная галочка"


GOOD = frozenset({Finding.CAUGHT, Finding.HELD, Finding.NOT_FOUND})


@dataclass(frozen=True, slots=True)
class Mutant:
    """One trial: a fault or a skin by its name, or a clean run by its number."""

    kind: Kind
    name: str

    @property
    def fault(self) -> Fault | None:
        """The misbehaviour of the catalogue, if it is one."""
        return CATALOGUE[self.name] if self.kind is Kind.FAULT else None


@dataclass(frozen=True, slots=True)
class Trial:
    """How a mutant fared. `reported` names section and callout in the guide's way, `message` is
    what the operator reads, `seconds` how long it took."""

    mutant: Mutant
    reported: str
    message: str
    finding: Finding
    seconds: float

    @property
    def good(self) -> bool:
        """Whether this is what a trustworthy runbook does."""
        return self.finding in GOOD

    @property
    def expected(self) -> str:
        """Where it must be noticed at the latest, in the guide's way."""
        fault = self.mutant.fault
        if fault is None or fault.expected.noticed is Noticed.HARMLESS:
            return reported_at(Verdict(VerdictKind.PASSED, ()))
        place = fault.expected
        return reported_at(Verdict(VerdictKind.FAILED, (), place.section, place.callout))


@dataclass(frozen=True, slots=True)
class Tally:
    """Trials of one group, counted by what they showed."""

    group: str
    findings: tuple[Finding, ...]


def all_mutants(*, skins: Iterable[str] = SKINS, clean: int = 0) -> list[Mutant]:
    """Every fault of the catalogue, these skins, and so many clean runs."""
    return [
        *(Mutant(Kind.FAULT, name) for name in CATALOGUE),
        *(Mutant(Kind.SKIN, name) for name in skins),
        *(Mutant(Kind.CLEAN, str(number)) for number in range(1, clean + 1)),
    ]


def named_mutants(names: Iterable[str], known: Iterable[Mutant]) -> list[Mutant]:
    """Those of the known ones that were asked for. Raises UsageError for another name."""
    by_name = {mutant.name: mutant for mutant in known}
    wanted = list(names)
    for name in wanted:
        if name not in by_name:
            raise UsageError(
                f"Мутанта «{name}» нет. Список печатает команда «sigex-runbook mutants --list»."
            )
    return [by_name[name] for name in wanted]


# -- judging -------------------------------------------------------------------------------------


def judge_fault(fault: Fault, verdict: Verdict, *, untouched: bool) -> Finding:
    """Compare where a fault was noticed with where it must be noticed at the latest.

    Earlier is right too, as long as the settings are `untouched`.
    """
    passed = verdict.kind is VerdictKind.PASSED
    if fault.expected.noticed is Noticed.HARMLESS:
        return Finding.HELD if passed else Finding.FALSE_ALARM
    if passed:
        return Finding.SURVIVED
    if fault.expected.noticed is Noticed.VERIFICATION:
        # The last section reads the whole object back as well: in it, or after all sections.
        in_place = verdict.section in {None, 8}
    else:
        in_place = verdict.section == fault.expected.section and (
            fault.expected.callout in {None, verdict.callout}
        )
    earlier = (
        untouched
        and verdict.section is not None
        and verdict.section < (fault.expected.section or 9)
    )
    return Finding.CAUGHT if in_place or earlier else Finding.MISPLACED


def judge_look(mutant: Mutant, verdict: Verdict, *, untouched: bool, right: bool) -> Finding:
    """Compare a verdict with the truth when nothing was wrong: `right` is as ordered."""
    if verdict.kind is VerdictKind.PASSED:
        return Finding.HELD if right else Finding.WRONG_TICK
    if mutant.kind is Kind.CLEAN:
        return Finding.FALSE_ALARM
    return Finding.NOT_FOUND if untouched and verdict.section else Finding.WRONG_TICK


# -- counting ------------------------------------------------------------------------------------


def tally_by_section(trials: Iterable[Trial]) -> list[Tally]:
    """Counts by the section in which a mutant must be noticed, in the guide's order."""
    sections = [f"раздел {number}" for number in range(1, 9)]
    return _tally(trials, _section_of, [*sections, VERIFICATION, _HARMLESS, *_LOOKS.values()])


def tally_by_place(trials: Iterable[Trial]) -> list[Tally]:
    """Counts by the place where a mutant strikes, in the catalogue's order."""
    return _tally(trials, _place_struck, [*_PLACES.values(), *_LOOKS.values()])


def _tally(
    trials: Iterable[Trial], group_of: Callable[[Mutant], str], order: list[str]
) -> list[Tally]:
    groups: dict[str, list[Finding]] = {name: [] for name in order}
    for trial in trials:
        groups[group_of(trial.mutant)].append(trial.finding)
    return [Tally(name, tuple(found)) for name, found in groups.items() if found]


def _section_of(mutant: Mutant) -> str:
    fault = mutant.fault
    if fault is None:
        return _LOOKS[mutant.kind]
    if fault.expected.noticed is Noticed.HARMLESS:
        return _HARMLESS
    return f"раздел {fault.expected.section}" if fault.expected.section else VERIFICATION


def _place_struck(mutant: Mutant) -> str:
    fault = mutant.fault
    return _LOOKS[mutant.kind] if fault is None else _PLACES[fault.place]

"""Figures of a measurement: medians over rounds, ratios within them, and whether the goals hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median


@dataclass(frozen=True, slots=True)
class Attempt:
    """What one contestant needed for an organisation: seconds and processor seconds. `seconds` is
    with the start of its command; `steady` without, from when each of its workers had ended its
    first organisation. Megabytes are of all its processes together, at their most."""

    name: str
    organisations: int
    seconds: float
    steady: float | None = None
    processor: float = 0.0
    by_kind: Mapping[str, float] = field(default_factory=dict)
    peak: float = 0.0


Round = Mapping[str, Attempt]
"""The attempts of one round by the names of the contestants."""


@dataclass(frozen=True, slots=True)
class Goal:
    """A ratio of two contestants, and what it must be and should be. `below`: at the most so much,
    otherwise at the least. A contestant in several variants is the one with the best median."""

    title: str
    over: str
    under: str
    must: float
    goal: float
    below: bool = True

    def holds(self, ratio: float, bound: float) -> bool:
        """Whether a ratio is within a bound."""
        return ratio <= bound if self.below else ratio >= bound


GOALS = (
    Goal("партия / нижняя граница 1x4", "партия", "граница 1x4", 1.6, 1.25),
    Goal("papermill + nbconvert / партия", "papermill", "партия", 5, 7, below=False),
    Goal("Robot Framework Browser / партия", "robot", "партия", 1.1, 1.4, below=False),
    Goal("тёплый run / холодная граница одной", "run", "граница 1x1", 2.4, 2),
)


@dataclass(frozen=True, slots=True)
class Judged:
    """A goal and the median of its ratios within the rounds; `steady` is the same without the
    start of the commands, where both were measured so."""

    goal: Goal
    ratio: float
    steady: float | None

    @property
    def verdict(self) -> str:
        """In words."""
        if self.goal.holds(self.ratio, self.goal.goal):
            return "цель достигнута"
        return "держится" if self.goal.holds(self.ratio, self.goal.must) else "НЕ держится"


def names(rounds: Sequence[Round]) -> list[str]:
    """Everybody who was measured in each of the rounds."""
    return [name for name in rounds[0] if all(name in one for one in rounds)]


def best(rounds: Sequence[Round], kind: str) -> str | None:
    """The quickest variant of a contestant: its name is the kind's, or begins with it."""
    variants = [name for name in names(rounds) if name == kind or name.startswith(f"{kind}, ")]
    return min(variants, key=lambda one: median(r[one].seconds for r in rounds), default=None)


def judge(rounds: Sequence[Round], goals: Sequence[Goal] = GOALS) -> list[Judged]:
    """Every goal whose two contestants were measured."""
    judged = []
    for goal in goals:
        over, under = best(rounds, goal.over), best(rounds, goal.under)
        if over is None or under is None:
            continue
        steady = [
            above / below
            for one in rounds
            if (above := one[over].steady) and (below := one[under].steady)
        ]
        judged.append(
            Judged(
                goal,
                median(one[over].seconds / one[under].seconds for one in rounds),
                median(steady) if steady else None,
            )
        )
    return judged


def typical(rounds: Sequence[Round], name: str) -> Attempt:
    """The medians of one contestant, each figure's for itself."""
    return middle([one[name] for one in rounds])


def middle(attempts: Sequence[Attempt]) -> Attempt:
    """The medians of several attempts of one contestant."""
    kinds = dict.fromkeys(kind for one in attempts for kind in one.by_kind)
    steady = [one.steady for one in attempts if one.steady is not None]
    return Attempt(
        attempts[0].name,
        attempts[0].organisations,
        median(one.seconds for one in attempts),
        median(steady) if steady else None,
        median(one.processor for one in attempts),
        {kind: median(one.by_kind.get(kind, 0.0) for one in attempts) for kind in kinds},
        median(one.peak for one in attempts),
    )


def steady(ended: Sequence[float], workers: int) -> float | None:
    """Seconds for an organisation once each worker had ended one; None when there are too few."""
    later = sorted(ended)
    if len(later) <= workers:
        return None
    return (later[-1] - later[workers - 1]) / (len(later) - workers)


@dataclass(frozen=True, slots=True)
class Growth:
    """Memory when so many organisations were done, and megabytes for each one more."""

    memory: Mapping[int, float]
    each: float


WINDOW = 10


def growth(ended: Sequence[float], memory: Sequence[tuple[float, float]]) -> Growth:
    """The median of what was seen while the last ten ended, after 20, 100, 500 organisations."""
    order = sorted(ended)
    sizes = {}
    for count in (20, 100, 500):
        if count <= len(order):
            since, until = order[count - WINDOW], order[count - 1]
            sizes[count] = median(size for at, size in memory if since <= at <= until)
    first, last = min(sizes, default=0), max(sizes, default=0)
    each = (sizes[last] - sizes[first]) / (last - first) if last > first else 0.0
    return Growth(sizes, each)

"""Medians, ratios and goals: what a measurement claims follows from its rounds."""

from __future__ import annotations

import pytest

from sigex_runbook.trials.bench.figures import (
    GOALS,
    Attempt,
    Goal,
    best,
    growth,
    judge,
    steady,
    typical,
)

ONE, TWO = "партия, исполнителей 1", "партия, исполнителей 2"


def a_round(**seconds: float) -> dict[str, Attempt]:
    names = {"floor": "граница 1x4", "one": ONE, "two": TWO, "naive": "papermill"}
    return {names[key]: Attempt(names[key], 20, value) for key, value in seconds.items()}


def test_a_ratio_is_taken_within_each_round_and_then_its_median() -> None:
    """A machine that slows down between rounds changes no ratio."""
    rounds = [a_round(floor=1, two=1.5), a_round(floor=10, two=12), a_round(floor=2, two=8)]
    (batch,) = judge(rounds)
    assert batch.ratio == 1.5
    assert batch.steady is None


def test_the_variant_with_the_best_median_stands_for_its_contestant() -> None:
    rounds = [a_round(one=1, two=3), a_round(one=5, two=3), a_round(one=6, two=3)]
    assert best(rounds, "партия") == TWO
    assert best(rounds, "граница") is None, "a name is no beginning of a word"


@pytest.mark.parametrize(
    ("below", "ratio", "verdict"),
    [
        (True, 1.2, "цель достигнута"),
        (True, 1.6, "держится"),
        (True, 1.61, "НЕ держится"),
        (False, 7, "цель достигнута"),
        (False, 5, "держится"),
        (False, 4.9, "НЕ держится"),
    ],
)
def test_a_goal_holds_on_its_own_side(below: bool, ratio: float, verdict: str) -> None:
    must, wanted = (1.6, 1.25) if below else (5, 7)
    goal = Goal("", "papermill", "граница 1x4", must, wanted, below=below)
    (judged,) = judge([a_round(floor=1, naive=ratio)], [goal])
    assert judged.verdict == verdict


def test_who_was_not_measured_is_not_judged() -> None:
    assert judge([a_round(naive=1)]) == []
    assert {(goal.must, goal.goal) for goal in GOALS} == {(1.6, 1.25), (5, 7), (1.1, 1.4), (2.4, 2)}


def test_the_start_is_over_when_each_worker_has_ended_one() -> None:
    assert steady([10, 11, 13, 15], workers=2) == 2
    assert steady([10, 11], workers=2) is None


def test_each_figure_has_a_median_of_its_own() -> None:
    kinds = ({"страница": 1.0}, {"страница": 3.0, "GPU": 2.0}, {"страница": 2.0})
    rounds = [
        {"run": Attempt("run", 1, 5 - number, number or None, by_kind=kind)}
        for number, kind in enumerate(kinds)
    ]
    middle = typical(rounds, "run")
    assert (middle.seconds, middle.steady) == (4, 1.5)
    assert middle.by_kind == {"страница": 2, "GPU": 0}


def test_memory_is_that_around_the_twentieth_and_the_last() -> None:
    ended = [float(at) for at in range(1, 101)]
    memory = [(at, 1000 + at * 2.0) for at in ended] + [(500.0, 9999.0)]
    grown = growth(ended, memory)
    assert grown.memory == {20: 1031, 100: 1191}
    assert grown.each == 2
    assert growth([1.0], memory).memory == {}

"""Errors: one sentence, one exit code, no traceback where a notebook would print one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sigex_runbook.core import errors
from sigex_runbook.core.errors import (
    ControlNotFound,
    NotSealed,
    RunbookError,
    RunFailed,
    ServiceRefused,
)


def family(kind: type[RunbookError]) -> Iterator[type[RunbookError]]:
    yield kind
    for child in kind.__subclasses__():
        yield from family(child)


def ours() -> list[type[RunbookError]]:
    return [kind for kind in family(RunbookError) if kind.__module__ == errors.__name__]


def made(kind: type[RunbookError], sentence: str) -> RunbookError:
    if issubclass(kind, ServiceRefused):
        return kind(sentence, reason="x")
    return kind(sentence, saved="no") if issubclass(kind, NotSealed) else kind(sentence)


@pytest.mark.parametrize("kind", ours(), ids=lambda kind: kind.__name__)
def test_usage_is_two_and_everything_else_one(kind: type[RunbookError]) -> None:
    """The codes that README documents."""
    usage = {"UsageError", "OrderError", "EnvironmentMissing"}
    assert kind.exit_code == (2 if kind.__name__ in usage else 1)


@pytest.mark.parametrize("kind", ours(), ids=lambda kind: kind.__name__)
def test_a_notebook_shows_the_sentence_alone(kind: type[RunbookError]) -> None:
    error = made(kind, "Нет файла. Проверьте путь.")
    assert error._render_traceback_() == ["Нет файла. Проверьте путь."]


def test_the_tree_at_the_top_names_every_error() -> None:
    assert errors.__doc__ is not None
    for kind in ours():
        assert kind.__name__ in errors.__doc__


def test_a_failure_knows_its_place_or_does_not() -> None:
    assert (RunFailed("x").section, RunFailed("x").callout) == (None, None)
    error = ControlNotFound("x", section=4, callout=6)
    assert (error.section, error.callout) == (4, 6)


def test_a_refusal_keeps_the_services_own_word() -> None:
    assert ServiceRefused("Отказ.", reason="Access denied").reason == "Access denied"

"""A notebook that a person executes: what it says when the end goes wrong."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self, cast

import pytest

from sigex_runbook.core.errors import NotSealed, RunFailed
from sigex_runbook.core.verdict import Saved, Verdict, VerdictKind
from sigex_runbook.run.in_notebook import opening
from sigex_runbook.run.in_notebook.opening import Ending
from sigex_runbook.run.options import Options
from sigex_runbook.run.result import Result
from tests.service import Service


class Idle:
    """A runbook that does nothing until its end."""

    def __init__(self, *_: object, at_end: Any, **__: object) -> None:
        self.end = at_end

    def open(self) -> Self:
        return self

    def close(self) -> None:
        """Nothing is open."""


def test_that_settings_were_saved_is_told_though_the_list_cannot_be_sealed(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(error: Exception) -> Any:
        def act(*_: object, **__: object) -> None:
            raise error

        return act

    monkeypatch.setattr(opening, "Runbook", Idle)
    lost = NotSealed("Пакет не заверен.", saved=Saved.YES)
    monkeypatch.setattr(opening, "complete", refuse(lost))
    monkeypatch.setattr(opening, "close", refuse(RunFailed("Список не заверен.")))
    ending = Ending(str(tmp_path), "notebook", "ru", partial_fails=False, given={})
    with ExitStack() as closing:
        opened = opening.open_here(service.order(), Options(service.target), ending, closing)
        with pytest.raises(NotSealed) as told:
            cast(Idle, opened).end(None, None)
    assert told.value is lost


@pytest.mark.parametrize(
    ("kind", "partial_fails", "fails"),
    [
        (VerdictKind.PASSED, True, False),
        (VerdictKind.PARTIAL, False, False),
        (VerdictKind.PARTIAL, True, True),
        (VerdictKind.FAILED, False, True),
    ],
)
def test_the_last_cell_fails_by_the_verdict(
    tmp_path: Path, kind: VerdictKind, partial_fails: bool, fails: bool
) -> None:
    """papermill knows 0 and 1, and nothing of a verdict that is only shown."""
    verdict = Verdict(kind, ("Причина.",))
    done = Result(
        "200240002381",
        verdict,
        nothing_to_do=False,
        pack=tmp_path,
        target="https://sigex.kz",
        unstamped=None,
    )
    made = opening.ended(done, partial_fails=partial_fails)
    assert (made.fails is not None) is fails
    if made.fails is not None:
        assert f"({kind}). Причина." in made.fails
    assert not made.evidence.printed

"""A notebook that a person executes: what it says when the end goes wrong."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self, cast

import pytest

from sigex_runbook.core.errors import NotSealed, RunFailed
from sigex_runbook.core.verdict import Saved
from sigex_runbook.run.in_notebook import opening
from sigex_runbook.run.in_notebook.opening import Ending
from sigex_runbook.run.options import Options
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

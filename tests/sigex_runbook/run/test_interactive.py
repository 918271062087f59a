"""A notebook that a person executes: what it says when the end goes wrong."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self, cast

import pytest

from sigex_runbook.core.errors import NotSealed, RunFailed
from sigex_runbook.core.verdict import Saved
from sigex_runbook.run import interactive
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

    monkeypatch.setattr(interactive, "Runbook", Idle)
    lost = NotSealed("Пакет не заверен.", saved=Saved.YES)
    monkeypatch.setattr(interactive, "complete", refuse(lost))
    monkeypatch.setattr(interactive, "close", refuse(RunFailed("Список не заверен.")))
    with ExitStack() as closing:
        opened = interactive.open_by_hand(
            service.order(), Options(service.target), str(tmp_path), closing
        )
        with pytest.raises(NotSealed) as told:
            cast(Idle, opened).end(None)
    assert told.value is lost

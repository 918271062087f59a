"""What pytest-bdd tells of each step, turned into calls on a recorder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from sigex_runbook.core.errors import RunFailed
from sigex_runbook.site.screenshot import Sighting

from .features import Place
from .recorder import Recorder


class RecordingHooks:
    """pytest-bdd's hooks, turned into calls on the recorder of the run whose turn it is."""

    def __init__(self, recorder: Callable[[], Recorder], look: Callable[[], Sighting]) -> None:
        self._recorder = recorder
        self._look = look

    def pytest_bdd_before_step(self, feature: Any, step: Any) -> None:
        """A step begins."""
        self._recorder().begin(_place(feature, step), step.name)

    def pytest_bdd_after_step(self) -> None:
        """A step is done."""
        self._recorder().passed()

    def pytest_bdd_step_error(self, exception: Exception) -> None:
        """A step failed."""
        self._recorder().failed(exception, self._look)

    def pytest_bdd_step_func_lookup_error(self, feature: Any, step: Any) -> None:
        """A sentence of the feature has no step."""
        place, recorder = _place(feature, step), self._recorder()
        recorder.begin(place, step.name)
        words = (
            f"Файл features/{place.file}, строка {place.line}: для слов «{step.name}» нет шага в "
            "папке steps. Верните слова в исходный вид и проверьте: pytest steps."
        )
        recorder.failed(RunFailed(words), self._look)


def _place(feature: Any, step: Any) -> Place:
    return Place(Path(feature.filename).name, step.line_number)

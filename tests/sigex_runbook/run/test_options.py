"""How a run is done: what no run can be done with is refused."""

from __future__ import annotations

import math

import pytest

from sigex_runbook.core.errors import UsageError
from sigex_runbook.run.options import Options, Target


@pytest.mark.parametrize("seconds", [math.inf, math.nan, 0.0, -1.0, 1e9])
def test_a_deadline_that_no_run_can_have_is_refused(seconds: float) -> None:
    with pytest.raises(UsageError, match="--deadline"):
        Options(Target("https://x"), deadline_seconds=seconds)


@pytest.mark.parametrize("seconds", [0.5, 300, 86_400])
def test_a_sensible_deadline_is_taken(seconds: float) -> None:
    assert Options(Target("https://x"), deadline_seconds=seconds).deadline_seconds == seconds

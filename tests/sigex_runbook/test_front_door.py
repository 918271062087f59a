"""The front door: what the package promises is there, and costs nothing until it is asked for."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

import sigex_runbook
import sigex_runbook.run.run
from sigex_runbook import notebook, open_run, run_order
from sigex_runbook.core import errors


@pytest.mark.parametrize("name", sigex_runbook.__all__)
def test_every_promised_name_is_there_and_told_of(name: str) -> None:
    assert getattr(sigex_runbook, name).__doc__


def test_the_ways_in_are_the_functions_themselves() -> None:
    """`run` stays the room: a function of that name would hide it, or be hidden by it."""
    assert open_run is notebook.open_run
    assert run_order is sigex_runbook.run.run.run
    named = {name for name in sigex_runbook.__all__ if hasattr(errors, name)}
    assert set(sigex_runbook.__all__) - named == {"open_run", "run_order"}
    assert all(getattr(sigex_runbook, name) is getattr(errors, name) for name in named)


def test_a_name_that_is_not_promised_is_not_there() -> None:
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = sigex_runbook.no_such_name


def test_importing_the_package_loads_nothing_heavy() -> None:
    script = (
        "import json, sys\n"
        "before = set(sys.modules)\n"
        "import sigex_runbook\n"
        "print(json.dumps(sorted(set(sys.modules) - before)))"
    )
    answer = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, check=True, encoding="utf-8"
    )
    loaded = set(json.loads(answer.stdout))
    foreign = {name for name in loaded if name.partition(".")[0] not in sys.stdlib_module_names}
    rooms = {".".join(name.split(".")[:2]) for name in foreign}
    assert rooms == {"sigex_runbook", "sigex_runbook.core"}

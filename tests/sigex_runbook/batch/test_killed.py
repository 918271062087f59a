"""Killed at any moment, a batch is completed: nothing is done twice, nothing is missing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from sigex_runbook.batch.state import Phase, batch_state

from .killed import CAMPAIGN, ORDERS

ROOT = Path(__file__).parents[3]


@pytest.mark.skipif(os.name == "nt", reason="Windows cannot fork")
def test_coordinators_and_workers_killed_over_two_hundred_orders(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.sigex_runbook.batch.killed", str(tmp_path), "1"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr.decode()
    assert json.loads(done.stdout)["kills"] >= 5

    saves = Counter((tmp_path / "service").read_text(encoding="ascii").split())
    assert saves == {order.organisation.bin.text: 1 for _, order in ORDERS}

    outputs = tmp_path / "outputs"
    with batch_state(outputs, CAMPAIGN, "digest", ORDERS, resume=True) as state:
        for one in state.standings:
            assert one.phase is Phase.PLACED
            assert (outputs / CAMPAIGN / one.organisation / str(one.run)).is_dir()

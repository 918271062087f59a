"""Nothing of one organisation reaches another that the same warm worker performs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from sigex_emulator import Emulator
from sigex_emulator.world.seeds import world_of
from sigex_emulator.world.world import World
from sigex_runbook.cli.main import main
from sigex_runbook.evidence.pack.layout import NOTEBOOK
from sigex_runbook.evidence.privacy.leak import Canaries, DecodingScanner
from tests.commands import sealed_well

from .isolated import MARK


def test_what_one_run_leaves_everywhere_no_other_finds(tmp_path: Path) -> None:
    """The first run fails in the middle, so that what an error holds is looked at too."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    with Emulator(tmp_path / "emulator", world=World(world_of(3))) as emulator:
        orders, place = str(tmp_path / "orders"), str(tmp_path / "emulator")
        assert main(["sample-order", "--all", orders, "--emulator", place]) == 0
        names = sorted(Path(orders).iterdir())
        broken = names[0].stem
        emulator.world.faults.set(broken, "save-502")
        done = subprocess.run(
            [
                *(sys.executable, "-m", "tests.sigex_runbook.batch.isolated"),
                *(str(tmp_path), emulator.address, emulator.mtls_address),
            ],
            env=os.environ | {"TMPDIR": str(temporary)},
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )
    assert done.returncode == 0, done.stderr[-3000:]
    runs = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(runs) == len(names) == 3
    for run in runs:
        failed = run["organisation_bin"] == broken
        assert run["verdict"] == ("FAILED" if failed else "PASSED")
    found = (tmp_path / "found").read_text("utf-8")
    assert found == "", found[:5000]

    told = [json.loads(line) for line in (tmp_path / "told").read_text("utf-8").splitlines()]
    for run in runs:
        own = run["organisation_bin"]
        assert {"cookie", "nonce", "iin", "mark"} <= {kind for by, kind, _ in told if by == own}
        others = Canaries().plus("other", [secret for by, _, secret in told if by != own])
        others = others.plus("other", [one["organisation_bin"] for one in runs if one is not run])
        scanner = DecodingScanner(canaries=others, pages=True)
        evidence = Path(run["pack"]) / "evidence"
        for file in (one for one in evidence.rglob("*") if one.is_file()):
            leaks = [str(one) for one in scanner.scan(file.name, file.read_bytes(), own)]
            assert leaks == [], file
        assert sealed_well(Path(run["pack"]), redrawn=False)
        assert MARK not in (evidence / NOTEBOOK).read_text("utf-8")
    assert MARK not in done.stderr

"""The ground sees what a contestant did, not what it says, and gives the next the same world."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from sigex_emulator import Emulator
from sigex_runbook.core.access import AccessBlock
from sigex_runbook.core.errors import RunFailed
from sigex_runbook.trials.bench.emulator import sign_in
from sigex_runbook.trials.bench.ground import Ground, read_jobs, write_jobs


def test_work_is_seen_and_undone_for_the_next(tmp_path: Path) -> None:
    with Emulator(tmp_path / "emulator", control=True) as emulator:
        place = Ground(emulator.directory)
        job = place.jobs[0]
        with pytest.raises(RunFailed, match=job.organisation):
            place.check([job])
        with httpx.Client(base_url=place.address, verify=place.trust, trust_env=False) as client:
            sign_in(client, job.signer())
            settings = client.get("/api/organizationSettings").json()
            for block in AccessBlock:
                settings[block]["tlsCertificatesIndices"] = [0]
            client.post("/api/organizationSettings", json=settings)
        place.check([job])
        place.reset()
        with pytest.raises(RunFailed):
            place.check([job])
    (order,) = place.orders(tmp_path / "orders", [job])
    assert order.stem == job.organisation
    assert read_jobs(write_jobs(tmp_path / "jobs.json", place.jobs)) == place.jobs

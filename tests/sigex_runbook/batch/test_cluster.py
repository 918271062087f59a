"""A batch on a cluster whose machines share nothing but the orders' files, the store and the
service: the lines of docs/cluster.md, run as they are written."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from sigex_emulator import Emulator
from sigex_emulator.world.seeds import world_of
from sigex_emulator.world.world import World
from sigex_runbook.cli.main import main
from sigex_runbook.evidence.attest.keyring import key_folder
from tests.service import Service
from tests.sigex_runbook.cli.campaign.test_batch import Office

from .hosts import Host, hosts

ROOT = Path(__file__).parents[3]


def lines(beginning: str) -> str:
    """The block of the page that begins so."""
    page = (ROOT / "docs" / "cluster.md").read_text(encoding="utf-8")
    (found,) = (one for one in re.findall(r"```sh\n(.*?)```", page, re.S) if beginning in one)
    return str(found)


@dataclass
class Cluster:
    """A scheduler and two workers; the coordinator is this machine itself."""

    scheduler: Host
    workers: tuple[Host, ...]
    environment: dict[str, str]

    def start(self, host: Host, beginning: str, **more: str) -> subprocess.Popen[bytes]:
        script = lines("REQUIRE_ENCRYPTION") + lines(beginning)
        return host.start(script, self.environment | more)

    def said(self) -> str:
        logs = (one.folder / "log" for one in (self.scheduler, *self.workers))
        return "\n".join(log.read_text(errors="replace")[-2000:] for log in logs if log.exists())


@pytest.fixture
def cluster(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Cluster]:
    hidden = (tmp_path / "outputs", key_folder())
    for one in hidden:
        one.mkdir(exist_ok=True)
    subprocess.run(["sh", "-ec", lines("openssl")], cwd=tmp_path, check=True, capture_output=True)
    with hosts(tmp_path, ("scheduler", "first", "second"), hidden) as made:
        scheduler, *workers = made
        if not scheduler.apart:
            with capsys.disabled():
                sys.stdout.write("\nno network namespaces: the cluster shares one network\n")
        path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
        environment = {"PATH": path, "PYTHONPATH": os.pathsep.join((str(ROOT / "src"), str(ROOT)))}
        environment |= {"TLS": str(tmp_path / "tls"), "SCHEDULER": scheduler.address}
        cluster = Cluster(scheduler, tuple(workers), environment)
        cluster.start(scheduler, "dask scheduler")
        for worker in workers:
            cluster.start(worker, "dask worker", WORKER=worker.folder.name)
        yield cluster


@pytest.mark.timeout(300)
def test_a_worker_killed_in_the_middle_changes_nothing(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Emulator(tmp_path / "emulator", world=World(world_of(2))) as emulator:
        office = Office(Service(emulator), tmp_path, monkeypatch)
        office.count()
        for worker in cluster.workers:
            for address in (emulator.address, emulator.mtls_address):
                worker.lead_to(int(address.rpartition(":")[2]))
        orders, store = str(tmp_path / "orders"), tmp_path / "store"
        assert main(["sample-order", "--all", orders, "--emulator", str(emulator.directory)]) == 0
        office.blow = cluster.workers[0].processes[0].kill
        options = [*office.service.arguments(), "--outputs", str(tmp_path / "outputs"), "--json"]
        given = {"ORDERS": orders, "CAMPAIGN": "spring", "STORE": str(store)}
        batch = lines("sigex-runbook batch").rstrip() + " " + shlex.join(options)
        done = subprocess.run(
            ["sh", "-c", lines("REQUIRE_ENCRYPTION") + batch],
            env={**os.environ, **cluster.environment, **given},
            capture_output=True,
            text=True,
            check=False,
            timeout=280,
        )
        assert done.returncode == 0, done.stderr + cluster.said()
        told = [json.loads(line) for line in done.stdout.splitlines()]
        assert {one["organisation_bin"]: one["verdict"] for one in told} == dict.fromkeys(
            office.numbers, "PASSED"
        )
        assert office.saved == dict.fromkeys(office.numbers, 1)
        office.check()
        assert [one for one in store.rglob("*") if one.is_file()] == []
        state = (tmp_path / "outputs" / ".batch" / "spring.jsonl").read_text("utf-8")
        assert {'"worker":"first"', '"worker":"second"'} <= set(
            re.findall('"worker":"[a-z]+"', state)
        )
        if cluster.scheduler.apart:
            assert all(not list(one.folder.rglob("attestation*")) for one in cluster.workers)

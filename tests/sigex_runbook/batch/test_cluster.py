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


@dataclass
class Spring:
    """A campaign on the cluster."""

    cluster: Cluster
    office: Office

    def begin(self, *options: str) -> subprocess.Popen[str]:
        folder = self.office.folder
        options = (*self.office.service.arguments(), "--outputs", str(folder / "outputs"), *options)
        given = {"CAMPAIGN": "spring", "ORDERS": str(folder / "orders")}
        given["STORE"] = str(folder / "store")
        batch = f"{lines('sigex-runbook batch').rstrip()} {shlex.join(options)} --json"
        return subprocess.Popen(
            ["sh", "-c", lines("REQUIRE_ENCRYPTION") + batch],
            env={**os.environ, **self.cluster.environment, **given},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def standings(self) -> list[dict[str, str]]:
        state = self.office.folder / "outputs" / ".batch" / "spring.jsonl"
        return [json.loads(line) for line in state.read_bytes().splitlines()[1:]]

    def kill_worker(self) -> None:
        """The one that has the order begun last."""
        name = next(one["worker"] for one in reversed(self.standings()) if "worker" in one)
        (worker,) = (one for one in self.cluster.workers if one.folder.name == name)
        worker.processes[0].kill()


@pytest.fixture
def spring(cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Spring]:
    with Emulator(tmp_path / "emulator", world=World(world_of(3))) as emulator:
        office = Office(Service(emulator), tmp_path, monkeypatch)
        office.count()
        for worker in cluster.workers:
            for address in (emulator.address, emulator.mtls_address):
                worker.lead_to(int(address.rpartition(":")[2]))
        place, orders = str(emulator.directory), str(tmp_path / "orders")
        assert main(["sample-order", "--all", orders, "--emulator", place]) == 0
        yield Spring(cluster, office)


@pytest.mark.timeout(600)
def test_a_coordinator_and_then_a_worker_killed_in_the_middle_change_nothing(
    spring: Spring,
) -> None:
    office, first = spring.office, spring.begin()
    office.blow = first.kill
    first.communicate(timeout=280)
    assert first.returncode == -9, spring.cluster.said()
    begun = {one["run"] for one in spring.standings() if one["phase"] == "begun"}

    def kill_when_all_are_begun() -> None:
        """The orphans save what they have; after them is the turn of the last order."""
        if len(office.saved) < len(office.numbers):
            office.blow = kill_when_all_are_begun
        else:
            spring.kill_worker()

    office.blow = kill_when_all_are_begun
    second = spring.begin("--resume")
    out, err = second.communicate(timeout=280)
    assert second.returncode == 0, err + spring.cluster.said()
    told = [json.loads(line) for line in out.splitlines()]
    verdicts = {one["organisation_bin"]: one["verdict"] for one in told}
    assert verdicts == dict.fromkeys(office.numbers, "PASSED")
    assert office.saved == dict.fromkeys(office.numbers, 1)
    office.check()
    store = office.folder / "store"
    assert [one for one in store.rglob("*") if one.is_file()] == []
    placed = {one["run"] for one in spring.standings() if one["phase"] == "placed"}
    assert begun <= placed, "what the orphans handed in is sealed, and not performed again"
    for worker in spring.cluster.workers:
        assert not list(worker.folder.rglob("attestation*"))

"""A batch on real workers: every order once, whatever dies on the way. `battered.py` beside this is
the long version."""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest

from sigex_emulator import Emulator
from sigex_emulator.world.seeds import world_of
from sigex_emulator.world.world import World
from sigex_runbook.batch.orders import read_batch
from sigex_runbook.batch.planned import remember_shown
from sigex_runbook.batch.state import input_digest
from sigex_runbook.cli.main import main
from sigex_runbook.core.order import load_order
from sigex_runbook.evidence.attest.keyring import Keyring, key_folder
from tests.commands import PROGRAM, sealed_well
from tests.service import EVERYTHING, Service

Blow = Callable[[subprocess.Popen[str]], object]


@dataclass
class Office:
    """An emulator with orders for its organisations; counts saves on its side."""

    service: Service
    folder: Path
    patch: pytest.MonkeyPatch
    saved: Counter[str] = field(default_factory=Counter)
    blow: Callable[[], object] = lambda: None

    @property
    def numbers(self) -> list[str]:
        world = self.service.emulator.world
        return [one for one in world.organisations if self.order(one).exists()]

    def order(self, number: str) -> Path:
        return self.folder / "orders" / f"{number}.yaml"

    def count(self) -> None:
        world = self.service.emulator.world
        real = world.save_settings

        def counted(organisation: str, *args: Any, **kwargs: Any) -> Any:
            self.saved[organisation] += 1
            answer = real(organisation, *args, **kwargs)
            blow, self.blow = self.blow, lambda: None
            blow()
            return answer

        self.patch.setattr(world, "save_settings", counted)

    def begin(self, *options: str) -> subprocess.Popen[str]:
        outputs = str(self.folder / "outputs")
        command = [*PROGRAM, "batch", str(self.folder / "orders"), *self.service.arguments()]
        command += ["--campaign", "spring", "--outputs", outputs, "--workers", "2", "--json"]
        return subprocess.Popen(
            [*command, *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def batch(self, *options: str) -> tuple[int, dict[str, str], str]:
        """The exit code, the verdict of each organisation, what was complained of."""
        process = self.begin(*options)
        out, err = process.communicate(timeout=300)
        told = [json.loads(line) for line in out.splitlines()]
        return process.returncode, {one["organisation_bin"]: one["verdict"] for one in told}, err

    def check(self) -> None:
        """Everybody has what was ordered and one pack, and the campaign is what it says."""
        world = self.service.emulator.world
        for one in self.numbers:
            blocks = world.organisations[one].settings.blocks
            assert {b: blocks[b].tls_certificate_indices for b in EVERYTHING} == EVERYTHING
        trust = str(Keyring(key_folder()).trust_file)
        campaign = self.folder / "outputs" / "spring"
        assert main(["verify", str(campaign), "--trust", trust]) == 3  # nobody keeps time here
        for one in self.numbers:
            packs = list((campaign / one).glob("*Z-????"))
            assert packs
            assert all(sealed_well(pack, redrawn=False) for pack in packs)


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    with Emulator(tmp_path / "emulator", world=World(world_of(4))) as emulator:
        made = Office(Service(emulator), tmp_path, monkeypatch)
        made.count()
        orders, place = str(tmp_path / "orders"), str(tmp_path / "emulator")
        assert main(["sample-order", "--all", orders, "--emulator", place]) == 0
        yield made


def test_a_plan_of_all_is_one_table_that_changes_nothing(office: Office) -> None:
    """One has everything already, one cannot sign in, one lacks all four; the last is not asked."""
    world = office.service.emulator.world
    had, barred, lacks, _ = office.numbers
    system = load_order(sorted((office.folder / "orders").glob(f"*{had}*"))[0]).information_system
    for block in EVERYTHING:
        world.grant(had, block, system.description)
    world.faults.set(barred, "sign-in-502")
    process = office.begin("--plan", "--workers", "1", "--only", f"{had},{barred},{lacks}")
    out, err = process.communicate(timeout=200)
    told = {one["organisation_bin"]: one for one in map(json.loads, out.splitlines())}
    found = {number: one["plan"] for number, one in told.items()}
    assert found == {had: "NOTHING", barred: "FAILED", lacks: "CHANGES"}, err
    assert process.returncode == 1
    assert [len(told[one]["changes"]) for one in (had, lacks)] == [0, 4]
    assert "Вход не выполнен" in told[barred]["message"]
    assert not office.saved
    plans = office.folder / "outputs" / "plans"
    [table] = plans.glob("spring-*.json")
    assert json.loads(table.read_bytes())["counts"] == {
        "orders": 3,
        "CHANGES": 1,
        "NOTHING": 1,
        "FAILED": 1,
        "NOT_REACHED": 0,
    }
    trust = str(Keyring(key_folder()).trust_file)
    codes = {
        main(["plan", "--check", one["record"], "--trust", trust])
        for one in told.values()
        if one["record"]
    }
    assert codes == {0, 3}
    assert not (office.folder / "outputs" / "spring").exists()
    batch = office.folder / "outputs" / ".batch"
    assert len(json.loads((batch / "spring.shown.json").read_bytes())["orders"]) == len(told)
    assert not (batch / "spring.jsonl").exists()


def test_on_the_service_nobody_is_performed_whose_plan_was_not_shown(
    office: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    outputs, orders = office.folder / "outputs", office.folder / "orders"
    words = ["batch", str(orders), "--campaign", "spring", "--outputs", str(outputs)]
    words += ["--target", "https://sigex.kz", "--mtls-target", "https://sigex.kz:10443"]
    assert main(words) == 2
    assert "--plan" in capsys.readouterr().err
    read = read_batch(orders)
    digest = input_digest(read.orders, read.exclusions, target="https://sigex.kz")
    remember_shown(outputs, "spring", digest, [name for name, _ in read.orders[1:]])
    assert main([*words, "--yes"]) == 2
    err = capsys.readouterr().err
    assert "не показан: 1 из 4" in err
    assert read.orders[0][0] in err
    assert not (outputs / ".batch" / "spring.jsonl").exists()


def workers_of(process: subprocess.Popen[str]) -> list[psutil.Process]:
    """The processes that have a browser."""
    family = psutil.Process(process.pid).children(recursive=True)
    drivers = [one for one in family if "run-driver" in one.cmdline()]
    return [parent for one in drivers if (parent := one.parent()) is not None]


@pytest.mark.timeout(600)
def test_a_batch_whose_workers_and_coordinator_are_killed_comes_to_its_end(office: Office) -> None:
    """One campaign through all of it: a start of workers and a run are what this costs."""
    office.order(office.numbers[-1]).unlink()
    world, (broken, blocked, whole) = office.service.emulator.world, office.numbers
    world.faults.set(broken, "save-502")
    in_the_way = office.folder / "outputs" / "spring" / blocked
    in_the_way.parent.mkdir(parents=True)
    in_the_way.touch()
    process = office.begin("--json=events")

    heard: list[str] = []

    def kill_all() -> None:
        family = psutil.Process(process.pid)
        for one in (family, *family.children(recursive=True)):
            lines = one.net_connections("inet")
            heard.extend(line.laddr.ip for line in lines if line.status == psutil.CONN_LISTEN)
        for one in workers_of(process):
            one.kill()

    office.blow = kill_all
    out, err = process.communicate(timeout=300)
    told = [json.loads(line) for line in out.splitlines()]
    verdicts = {one["organisation_bin"]: one["verdict"] for one in told if "verdict" in one}
    failed = dict.fromkeys((broken, blocked), "FAILED")
    assert (process.returncode, verdicts) == (
        1,
        dict.fromkeys(office.numbers, "PASSED") | failed,
    ), err
    assert office.saved == {whole: 1}, "by a worker that was killed while it saved"
    assert "Traceback" not in err
    assert set(heard) == {"127.0.0.1"}, "nobody on the network speaks to the workers"

    assert office.batch()[0] == 2, "it has begun already"

    world.faults.clear()
    in_the_way.unlink()
    process = office.begin("--resume", "--only", "failed")
    office.blow = process.kill
    process.communicate(timeout=300)
    assert process.returncode == -9
    assert office.saved.keys() > {whole}, "one of the two that failed, or both"

    code, verdicts, err = office.batch("--resume")
    assert (code, verdicts[blocked]) == (0, "PASSED"), err
    assert whole not in verdicts, "it was done, and nobody asked for it again"
    assert office.saved == dict.fromkeys(office.numbers, 1)
    office.check()

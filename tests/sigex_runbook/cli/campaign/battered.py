"""A real batch that is struck again and again, and what the service says of it afterwards. Too long
for the suite; a person starts it:

    python -m tests.sigex_runbook.cli.campaign.battered FOLDER --organisations 200 --seed 1

An emulator in a process of its own, which keeps its world on the disk, and a campaign for all of
its organisations. At random moments a worker, a browser, the coordinator, its whole group are
killed, Ctrl-C is pressed once or twice, the service stops answering or is away, and the disk fills
up, if FOLDER/outputs is a file system of its own. Whatever ends is gone on with. What each command
printed stays in FOLDER/said; saves are counted in the service's own record of changes. A slow
machine may be given --minutes: what is done by then is judged, and whoever was never done must have
been saved once at the most, and the same command with the same FOLDER goes on.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil

from sigex_emulator.world.state import open_world
from sigex_runbook.batch.state import FOLDER
from sigex_runbook.evidence.attest.findings import Status
from sigex_runbook.evidence.attest.keyring import FOLDER_VARIABLE, Keyring, key_folder
from sigex_runbook.evidence.verify.campaign import CampaignVerification, verify_campaign
from sigex_runbook.evidence.verify.verification import Question
from tests.commands import PROGRAM
from tests.service import EVERYTHING
from tests.sigex_runbook.evidence.corpus.second_verifier import verify as second_opinion

CAMPAIGN = "battered"
_MOST_LINES, _MOST_SECONDS = 32, 4.0
"""Of the batch's state, and then of time, between two blows."""
_AWAY_SECONDS = (2.0, 45.0)
_FULL_SECONDS = 15.0
_BLINK_SECONDS = 0.05
_START_SECONDS = 120.0
_ORPHANS_SECONDS = 400.0
_CHUNK_BYTES = 1 << 20


class Service:
    """The emulator as a process."""

    def __init__(self, folder: Path, organisations: int) -> None:
        self.folder, self._organisations = folder, organisations
        self.state = folder / "world.json"
        self._process = self._begun()

    def _begun(self) -> subprocess.Popen[bytes]:
        place = self.folder / "emulator.json"
        before = place.stat().st_mtime_ns if place.exists() else 0
        command = [sys.executable, "-m", "sigex_emulator", "--dir", str(self.folder)]
        command += ["--organisations", str(self._organisations), "--state", str(self.state)]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        until = time.monotonic() + _START_SECONDS
        while not place.exists() or place.stat().st_mtime_ns == before:
            assert process.poll() is None
            assert time.monotonic() < until
            time.sleep(_BLINK_SECONDS)
        return process

    def deaf(self, seconds: float) -> None:
        """It takes connections and answers nobody."""
        self._process.send_signal(signal.SIGSTOP)
        time.sleep(seconds)
        self._process.send_signal(signal.SIGCONT)

    def away(self, seconds: float) -> None:
        """Its ports are closed, and whoever was signed in is so no longer."""
        self.stop()
        time.sleep(seconds)
        self._process = self._begun()

    def stop(self) -> None:
        self._process.send_signal(signal.SIGINT)
        self._process.wait(_START_SECONDS)

    def granted(self) -> dict[str, bool]:
        """Whether each organisation has what was ordered."""
        organisations = open_world(self.state).organisations
        blocks = {number: one.settings.blocks for number, one in organisations.items()}
        return {
            number: {b: found[b].tls_certificate_indices for b in EVERYTHING} == EVERYTHING
            for number, found in blocks.items()
        }

    def saves(self) -> Counter[str]:
        """The changes that each organisation's settings have seen."""
        organisations = open_world(self.state).organisations
        return Counter({number: len(one.audit) for number, one in organisations.items()})


class Battery:
    """A campaign under blows."""

    def __init__(
        self, folder: Path, organisations: int, seed: int, workers: int, minutes: float
    ) -> None:
        self._end_at = time.monotonic() + minutes * 60
        self._chance = random.Random(seed)  # noqa: S311 - no secret
        self._folder = folder
        self._outputs = folder / "outputs"
        self._said = folder / "said"
        self._workers = workers
        for one in (self._outputs, self._said):
            one.mkdir(parents=True, exist_ok=True)
        self.service = Service(folder / "emulator", organisations)
        before = folder / "before.json"
        if not before.exists():
            before.write_text(json.dumps(self.service.saves()), "utf-8")
        self.before = Counter(json.loads(before.read_text("utf-8")))
        if not (folder / "orders").exists():
            orders = ["sample-order", "--all", str(folder / "orders")]
            orders += ["--emulator", str(self.service.folder)]
            subprocess.run([*PROGRAM, *orders], check=True, stdout=subprocess.DEVNULL)
        self.blows: Counter[str] = Counter()
        self._orphans: list[psutil.Process] = []

    def carry_out(self) -> int:
        """Until a command comes to its end with everybody done; how many it took."""
        life, code = 0, 1
        while code not in {0, 3} and not self._late:
            life += 1
            code = self._live(life)
            self._tell(f"{life}: code {code}, {self._placed()} placed, {dict(self.blows)}")
        return life

    def _live(self, life: int) -> int:
        mine = [*PROGRAM, "batch", str(self._folder / "orders"), "--campaign", CAMPAIGN]
        place = self.service.folder / "emulator.json"
        mine += ["--outputs", str(self._outputs), "--workers", str(self._workers)]
        mine += _reached(place)
        mine += ["--resume"] if self._state.exists() else []
        with (self._said / f"{time.strftime('%H%M%S')}-{life}.txt").open("wb") as said:
            process = subprocess.Popen(
                mine, stdout=said, stderr=subprocess.STDOUT, start_new_session=True
            )
            while self._waited(process):
                self._strike(process, life)
            return process.wait()

    @property
    def _late(self) -> bool:
        return time.monotonic() > self._end_at

    def _waited(self, process: subprocess.Popen[bytes]) -> bool:
        """For the next moment; False when the command has come to its end before."""
        lines = self._lines() + self._chance.randint(0, _MOST_LINES)
        until = time.monotonic() + _START_SECONDS
        while self._lines() < lines and time.monotonic() < until:
            if process.poll() is not None:
                return False
            if self._late:
                self._interrupt(process, 1)
                return False
            time.sleep(_BLINK_SECONDS)
        time.sleep(self._chance.uniform(0, _MOST_SECONDS))
        return process.poll() is None

    @property
    def _state(self) -> Path:
        return self._outputs / FOLDER / f"{CAMPAIGN}.jsonl"

    def _lines(self) -> int:
        with suppress(OSError):
            return self._state.read_bytes().count(b"\n")
        return 0

    def _placed(self) -> int:
        with suppress(OSError):
            return self._state.read_bytes().count(b'"phase":"placed"')
        return 0

    def _strike(self, process: subprocess.Popen[bytes], life: int) -> None:
        blows: list[tuple[str, int, Callable[[], object]]] = [
            ("worker", 5, lambda: self._kill(_workers(process))),
            ("browser", 5, lambda: self._kill(_browsers(process))),
            ("coordinator", 2, lambda: self._end(process, process.kill)),
            ("group", 1, lambda: self._end(process, lambda: os.killpg(process.pid, 9))),
            ("interrupt", 1, lambda: self._interrupt(process, 1)),
            ("interrupt twice", 1, lambda: self._interrupt(process, 2)),
            ("service deaf", 1, lambda: self.service.deaf(self._chance.uniform(*_AWAY_SECONDS))),
            ("service away", 1, lambda: self.service.away(self._chance.uniform(*_AWAY_SECONDS))),
        ]
        if os.path.ismount(self._outputs):
            blows.append(("disk full", 2, lambda: self._fill(process)))
        name, _, blow = self._chance.choices(blows, [often for _, often, _ in blows])[0]
        try:
            blow()
        except (psutil.Error, ProcessLookupError, IndexError):
            return  # whoever was meant is gone already, or not yet there
        self.blows[name] += 1
        self._tell(f"{life}: {name}")

    def _kill(self, victims: list[psutil.Process]) -> None:
        self._chance.choice(sorted(victims, key=lambda one: one.pid)).kill()

    def _end(self, process: subprocess.Popen[bytes], kill: Callable[[], object]) -> None:
        self._orphans += psutil.Process(process.pid).children(recursive=True)
        kill()
        process.wait()

    def _interrupt(self, process: subprocess.Popen[bytes], times: int) -> None:
        self._orphans += psutil.Process(process.pid).children(recursive=True)
        for _ in range(times):
            os.killpg(process.pid, signal.SIGINT)
            time.sleep(1)
        process.wait()

    def _fill(self, process: subprocess.Popen[bytes]) -> None:
        """Until it is full; a while later there is room again."""
        filler = self._outputs / ".filler"
        try:
            with filler.open("wb") as file, suppress(OSError):
                while True:
                    file.write(bytes(_CHUNK_BYTES))
                    file.flush()
            with suppress(subprocess.TimeoutExpired):
                process.wait(_FULL_SECONDS)
        finally:
            filler.unlink()

    def orphans(self) -> int:
        """Wait for those whose coordinator was killed; how many of them do not end."""
        _, left = psutil.wait_procs(self._orphans, _ORPHANS_SECONDS)
        return len(left)

    def judged(self) -> tuple[bool, str]:
        """What the service and both verifiers say; whether it is what it has to be."""
        granted, saves = self.service.granted(), self.service.saves()
        saved = Counter(saves[one] - self.before[one] for one in granted)
        done = self._done()
        campaign, keyring = self._outputs / CAMPAIGN, Keyring(key_folder())
        first = verify_campaign(campaign, Question(keyring.trust()), processes=1)
        second = Counter(
            second_opinion(campaign / one, keyring.trust_file) for one, _ in first.packs
        )
        passed = _passed(first)
        population = first.statement.population if first.statement is not None else ()
        last = {one.organisation_bin: one.verdict for one in population}
        good = (
            all(granted[one] and saves[one] == self.before[one] + 1 for one in done)
            and not saved.keys() - {0, 1}
            and first.findings == ()
            and first.status is Status.INTEGRITY_ONLY  # nobody keeps time here
            and second.keys() == {Status.INTEGRITY_ONLY}
            and done <= passed.keys()
            and all(last.get(one) == "PASSED" for one in done)
            and (self._late or done == granted.keys() == last.keys())
        )
        told = (
            f"organisations {len(granted)}, done {len(done)}, "
            f"settings as ordered {sum(granted.values())}\n"
            f"saves an organisation: {dict(saved)}\n"
            f"packs {len(first.packs)}, PASSED an organisation: {dict(Counter(passed.values()))}\n"
            f"first verifier: {first.status}, {[str(one) for one in first.findings]}\n"
            f"second verifier: {dict(second)}\n"
        )
        return good, told

    def _done(self) -> set[str]:
        """Whom the last line of the batch's state has placed."""
        last = {}
        for line in self._state.read_text("utf-8").splitlines()[1:]:
            told = json.loads(line)
            last[told["organisation"]] = told["phase"]
        return {number for number, phase in last.items() if phase == "placed"}

    def _tell(self, what: str) -> None:
        print(f"{time.strftime('%H:%M:%S')} {what}", flush=True)  # noqa: T201


def _passed(campaign: CampaignVerification) -> Counter[str]:
    statements = [one.statement for _, one in campaign.packs if one.statement is not None]
    return Counter(one.organisation_bin for one in statements if one.verdict == "PASSED")


def _reached(place: Path) -> list[str]:
    """How the command line reaches the service of this folder."""
    told = json.loads(place.read_text("utf-8"))
    ca = str(place.with_name("ca.pem"))
    return ["--target", told["address"], "--mtls-target", told["mtls_address"], "--ca", ca]


def _drivers(process: subprocess.Popen[bytes]) -> list[psutil.Process]:
    family = psutil.Process(process.pid).children(recursive=True)
    found = []
    for one in family:
        with suppress(psutil.Error):
            if "run-driver" in one.cmdline():
                found.append(one)
    return found


def _workers(process: subprocess.Popen[bytes]) -> list[psutil.Process]:
    """Those that have a browser's driver."""
    return [parent for one in _drivers(process) if (parent := one.parent()) is not None]


def _browsers(process: subprocess.Popen[bytes]) -> list[psutil.Process]:
    return [child for one in _drivers(process) for child in one.children()]


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--organisations", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--minutes", type=float, default=600)
    args = parser.parse_args()
    os.environ[FOLDER_VARIABLE] = str(args.folder / "keys")
    battery = Battery(args.folder, args.organisations, args.seed, args.workers, args.minutes)
    try:
        lives = battery.carry_out()
        left = battery.orphans()
    finally:
        battery.service.stop()
    good, told = battery.judged()
    print(f"seed {args.seed}, commands {lives}, blows {dict(battery.blows)}, orphans left {left}")  # noqa: T201
    print(told + ("well" if good else "NOT WELL"))  # noqa: T201
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())

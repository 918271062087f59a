"""The ground of a measurement: one emulator process, the same unticked world before each
contestant, and proof afterwards that its work was done."""

from __future__ import annotations

import json
import ssl
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx

from sigex_runbook.core.access import AccessBlock
from sigex_runbook.core.errors import RunFailed
from sigex_runbook.run.sample import sample_orders
from sigex_runbook.signing import Pkcs12Signer

from .emulator import sign_in

_TOKEN_HEADER = "X-Emulator-Token"  # noqa: S105 - the name of a header


@dataclass(frozen=True, slots=True)
class Job:
    """One organisation for who does the bare screen work: whose key, which system gets access."""

    organisation: str
    key_file: str
    password_file: str
    description: str

    def signer(self) -> Pkcs12Signer:
        """Its employee's key."""
        password = Path(self.password_file).read_text("utf-8").strip()
        return Pkcs12Signer.load(Path(self.key_file), password)


def write_jobs(file: Path, jobs: Sequence[Job]) -> Path:
    """Write jobs down for a process of its own."""
    file.write_text(json.dumps([asdict(job) for job in jobs], ensure_ascii=False), "utf-8")
    return file


def read_jobs(file: Path) -> list[Job]:
    """The jobs that were written."""
    return [Job(**one) for one in json.loads(file.read_text("utf-8"))]


class Ground:
    """A running emulator and its organisations."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        described: dict[str, Any] = json.loads((folder / "emulator.json").read_text("utf-8"))
        self.address: str = described["address"]
        self.mtls_address: str = described["mtls_address"]
        self.ca = folder / "ca.pem"
        self._control: dict[str, str] = described["control"]
        self.trust = ssl.create_default_context(cafile=self.ca)
        self.jobs = [_job(folder, one) for one in described["organisations"]]
        self._orders = sample_orders(folder)

    @property
    def service(self) -> list[str]:
        """The options of a command of ours that performs here."""
        return [
            *("--target", self.address),
            *("--mtls-target", self.mtls_address),
            *("--ca", str(self.ca)),
        ]

    def orders(self, folder: Path, jobs: Sequence[Job]) -> list[Path]:
        """An order for each job, in a new folder."""
        folder.mkdir()
        files = [folder / f"{job.organisation}.yaml" for job in jobs]
        for file, job in zip(files, jobs, strict=True):
            file.write_text(self._orders[job.organisation], "utf-8")
        return files

    def reset(self) -> None:
        """Bring the world back as it was: nothing is ticked."""
        answer = httpx.post(
            f"{self._control['address']}/reset",
            headers={_TOKEN_HEADER: self._control["token"]},
            verify=self.trust,
            trust_env=False,
        )
        answer.raise_for_status()

    def check(self, jobs: Sequence[Job]) -> None:
        """Raises RunFailed unless each of them has all that was ordered."""
        lacking = [job.organisation for job in jobs if not self._granted(job)]
        if lacking:
            raise RunFailed(
                f"Измерять нечего: доступ не предоставлен у {', '.join(lacking)}, а участник "
                "сообщил, что закончил."
            )

    def _granted(self, job: Job) -> bool:
        with httpx.Client(base_url=self.address, verify=self.trust, trust_env=False) as client:
            sign_in(client, job.signer())
            return granted(client.get("/api/organizationSettings").json())


def granted(settings: dict[str, Any]) -> bool:
    """Whether somebody has access by each of the four blocks."""
    return all(settings[block]["tlsCertificatesIndices"] for block in AccessBlock)


def _job(folder: Path, organisation: dict[str, Any]) -> Job:
    employee = next(one for one in organisation["people"] if one["role"] == "settings_employee")
    return Job(
        organisation["bin"],
        str(folder / employee["key_file"]),
        str(folder / employee["password_file"]),
        organisation["information_systems"][0]["description"],
    )


@contextmanager
def ground(organisations: int) -> Iterator[Ground]:
    """An emulator in a process of its own, until this is left."""
    with TemporaryDirectory(prefix="sigex-runbook-bench-") as folder:
        command = [sys.executable, "-m", "sigex_emulator", "--dir", folder, "--control"]
        with subprocess.Popen(  # noqa: S603 - our own program
            [*command, "--organisations", str(organisations)], stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None  # noqa: S101
            try:
                if not process.stdout.readline():  # the first line follows its emulator.json
                    raise RunFailed("Эмулятор для измерения не запустился; причина названа выше.")
                yield Ground(Path(folder))
            finally:
                process.terminate()
                process.communicate()

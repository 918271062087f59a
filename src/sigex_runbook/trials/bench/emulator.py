"""The emulator under load: how long it takes to start, whether it loses anything, what it keeps.

The emulator runs in a process of its own, so that its memory can be told from the clients':

    python -m sigex_runbook.trials.bench.emulator DIRECTORY ORGANISATIONS SYSTEMS

prints the seconds of its start and serves until its input ends.
"""

from __future__ import annotations

import base64
import json
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx

from sigex_runbook.core.errors import EnvironmentMissing
from sigex_runbook.signing import Pkcs12Signer

SIMULTANEOUS = 20
_FIRST_LOOK = 100
_MEGABYTE = 1024 * 1024
_BLOCK = "documentsList"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may change his organisation's settings, ready to sign."""

    organisation_bin: str
    signer: Pkcs12Signer


def sign_in(client: httpx.Client, signer: Pkcs12Signer) -> None:
    """Sign in as a real client does: a nonce, a CMS over it, a cookie."""
    nonce = _asked(client.post("/api/auth", json={}))["nonce"]
    cms = base64.b64encode(signer.sign(base64.b64decode(nonce), attach=False)).decode()
    _asked(client.post("/api/auth", json={"nonce": nonce, "signature": cms}))


def tick_and_save(client: httpx.Client, index: int) -> dict[str, Any]:
    """Tick one information system, save the whole object and return what was posted."""
    settings = _asked(client.get("/api/organizationSettings"))
    settings[_BLOCK]["tlsCertificatesIndices"] = [index]
    _asked(client.post("/api/organizationSettings", json=settings))
    return settings


def all_at_once(address: str, context: ssl.SSLContext, people: list[Person]) -> list[list[int]]:
    """Let everybody sign in and save at the same time.

    Returns for each organisation the indices that were posted, sorted. Raises RuntimeError when
    anything is lost: a save without its audit event, or a stored state that nobody posted.
    """

    def act(number_and_person: tuple[int, Person]) -> int:
        number, person = number_and_person
        with httpx.Client(base_url=address, verify=context, timeout=120) as client:
            sign_in(client, person.signer)
            tick_and_save(client, number % 2)
        return number % 2

    with ThreadPoolExecutor(len(people)) as executor:
        posted = list(executor.map(act, enumerate(people)))
    found = []
    for one in dict.fromkeys(person.organisation_bin for person in people):
        own = [
            (person, index)
            for person, index in zip(people, posted, strict=True)
            if person.organisation_bin == one
        ]
        with httpx.Client(base_url=address, verify=context, timeout=120) as client:
            sign_in(client, own[0][0].signer)
            _nothing_lost(client, [index for _, index in own])
        found.append(sorted(index for _, index in own))
    return found


def _nothing_lost(client: httpx.Client, posted: list[int]) -> None:
    settings = _asked(client.get("/api/organizationSettings"))
    # The first event is the seed's own.
    events = _asked(client.get("/api/organizationSettingsAudit?lastEventId=1"))["events"]
    noted = [event["modified"][_BLOCK]["tlsCertificatesIndices"] for event in events]
    if sorted(noted) != sorted([index] for index in posted):
        raise RuntimeError(f"{len(posted)} saves were posted, the audit tells of {noted}")
    for before, after in pairwise(events):
        if after["original"] != before["modified"]:
            raise RuntimeError("the audit has a gap")
    if settings[_BLOCK]["tlsCertificatesIndices"] != noted[-1]:
        raise RuntimeError("what is stored is not what was saved last")


def measure(organisations: int, systems: int, sign_ins: int) -> Iterator[str]:
    """Start an emulator and load it; yields one sentence for each figure."""
    with (
        tempfile.TemporaryDirectory() as folder,
        _served(Path(folder), organisations, systems) as (process, seconds),
    ):
        yield (
            f"Запуск: {organisations} организаций по {systems} информационных систем "
            f"за {seconds:.1f} с, память {_memory(process.pid):.0f} МБ"
        )
        description = json.loads((Path(folder) / "emulator.json").read_text("utf-8"))
        context = ssl.create_default_context(cafile=Path(folder) / description["ca_file"])
        people = _people(Path(folder), description)
        started = time.perf_counter()
        all_at_once(description["address"], context, people)
        yield (
            f"{SIMULTANEOUS} одновременных входов и сохранений: "
            f"{time.perf_counter() - started:.2f} с, ничего не потеряно"
        )
        started, signed_in = time.perf_counter(), 0
        looks = [look for look in (_FIRST_LOOK, sign_ins) if look <= sign_ins]
        with httpx.Client(base_url=description["address"], verify=context, timeout=120) as client:
            for look in dict.fromkeys(looks):
                while signed_in < look:
                    client.cookies.clear()
                    sign_in(client, people[signed_in % len(people)].signer)
                    signed_in += 1
                yield f"Память после {look} входов: {_memory(process.pid):.1f} МБ"
        spent = time.perf_counter() - started
        yield f"Один вход с подписью: {1000 * spent / signed_in:.1f} мс"


def _people(folder: Path, description: dict[str, Any]) -> list[Person]:
    """Two of each organisation, so that saves meet."""
    found: list[Person] = []
    for one in description["organisations"]:
        for person in one["people"]:
            if person["may_change_settings"]:
                password = (folder / person["password_file"]).read_text("utf-8")
                signer = Pkcs12Signer.load(folder / person["key_file"], password)
                found.append(Person(one["bin"], signer))
        if len(found) >= SIMULTANEOUS:
            break
    return found[:SIMULTANEOUS]


@contextmanager
def _served(
    folder: Path, organisations: int, systems: int
) -> Iterator[tuple[subprocess.Popen[str], float]]:
    command = [sys.executable, "-m", __name__, str(folder), str(organisations), str(systems)]
    with subprocess.Popen(  # noqa: S603 - this very module
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None and process.stdout is not None  # noqa: S101, PT018
        try:
            yield process, float(process.stdout.readline())
        finally:
            process.stdin.close()


def _memory(process: int) -> float:
    try:
        import psutil
    except ImportError as error:
        raise EnvironmentMissing(
            "Для измерения памяти нужен пакет psutil: поставьте программу с [dev]."
        ) from error
    return float(psutil.Process(process).memory_info().rss) / _MEGABYTE


def _asked(response: httpx.Response) -> dict[str, Any]:
    body: dict[str, Any] = response.json()
    if "message" in body:
        raise RuntimeError(f"{response.request.url.path}: {body['message']}")
    return body


def serve(folder: Path, organisations: int, systems: int) -> None:
    """Run an emulator with a large world until the input ends."""
    from sigex_emulator import Emulator, World
    from sigex_emulator.world.seeds import large_world

    started = time.perf_counter()
    with Emulator(folder, world=World(large_world(organisations, systems))):
        sys.stdout.write(f"{time.perf_counter() - started}\n")
        sys.stdout.flush()
        sys.stdin.read()


if __name__ == "__main__":
    serve(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))

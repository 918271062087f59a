"""Many organisations, many people at once: nothing is lost and nothing is kept without need."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from datetime import timedelta

import pytest

from sigex_emulator import Emulator, World
from sigex_emulator.clock import ShiftedClock
from sigex_emulator.pki.identity import read_identity
from sigex_emulator.world.seeds import large_world
from sigex_runbook.signing import Pkcs12Signer
from sigex_runbook.trials.bench.emulator import SIMULTANEOUS, Person, all_at_once

from .drivers import ALFA, CONTRACTS, SystemMaker, answer


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    directory = tmp_path_factory.mktemp("crowded")
    with Emulator(directory, world=World(large_world(12, 20))) as emulator:
        yield emulator


def test_twenty_at_once_lose_nothing(crowded: Emulator) -> None:
    """Two people of each organisation save different things over each other."""
    people = [
        Person(
            organisation.organisation_bin,
            Pkcs12Signer(key.private_key, key.certificate, []),
        )
        for organisation in list(crowded.world.organisations.values())[: SIMULTANEOUS // 2]
        for key in organisation.people[:2]
    ]
    assert len(people) == SIMULTANEOUS
    context = ssl.create_default_context(cadata=crowded.world.authority.certificate_pem)
    assert all_at_once(crowded.address, context, people) == [[0, 1]] * (SIMULTANEOUS // 2)


def test_a_large_world_has_distinct_numbers_and_system_keys(crowded: Emulator) -> None:
    world = crowded.world
    entries = [
        entry for one in world.organisations.values() for entry in one.settings.tls_certificates
    ]
    assert len({entry.public_key for entry in entries}) == len(entries) == 12 * 20
    assert len(world.organisations) == 12
    assert len(world.keys.people) == 36


def test_listed_certificates_cost_nothing_until_they_come(
    emulator: Emulator, system: SystemMaker
) -> None:
    for _ in range(2):
        assert answer(system(CONTRACTS).get("/api/organizationPermissions"))


def test_sessions_nonces_and_logs_do_not_pile_up(emulator: Emulator) -> None:
    world = emulator.world
    assert isinstance(world.clock, ShiftedClock)
    key = world.organisations[ALFA].key_of("head")
    identity = read_identity(key.certificate)
    assert read_identity(key.certificate) is identity
    lifetime = world.switches.session_lifetime
    for _ in range(300):
        now = world.clock.now()
        world.nonces.issue(world.identifiers.nonce(), now, world.switches.nonce_lifetime)
        world.remember_sign_in(identity, "127.0.0.1")
        world.sessions.open(world.identifiers.session_id(), identity, now, lifetime)
        world.clock.advance(timedelta(minutes=1))
    assert len(world.sign_ins[identity.user_id]) == 100
    assert len(world.sessions) <= 61
    assert len(world.nonces) <= 6

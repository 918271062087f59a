"""Every key of a world: made once, kept through `reset`, and by a state file."""

from __future__ import annotations

import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime

from sigex_emulator.pki.authority import (
    CertificationAuthority,
    PersonalKey,
    SystemKey,
    ec_key,
    rsa_key,
    self_signed_system_key,
)
from sigex_emulator.pki.refused_keys import RefusedKey, make_refused_keys

from .seeds import OrganisationSeed, WorldSeed

_PASSWORD_BYTES = 12


@dataclass(frozen=True, slots=True)
class WorldKeys:
    """The authority, people's keys by IIN and passwords of their files, systems' keys by BIN."""

    authority: CertificationAuthority
    people: dict[str, PersonalKey]
    systems: dict[str, list[SystemKey]]
    refused: tuple[RefusedKey, ...] = ()
    passwords: dict[str, str] = field(default_factory=dict)

    def password_of(self, iin: str) -> str:
        """Return the password of a person's key file, made when it is first asked for."""
        return self.passwords.setdefault(iin, secrets.token_urlsafe(_PASSWORD_BYTES))


def make_keys(seed: WorldSeed, now: datetime) -> WorldKeys:
    """Make every key of a seed. RSA keys are slow, so they are made side by side."""
    people = [person for one in seed.organisations for person in one.people]
    people += seed.private_persons
    with ThreadPoolExecutor(thread_name_prefix="emulator-keys") as executor:
        making = executor.submit(CertificationAuthority, now)
        systems = executor.submit(_system_keys, seed.organisations, now)
        spare = executor.submit(rsa_key)
        count = min(seed.distinct_keys or len(people), len(people))
        private = list(executor.map(lambda _: rsa_key(), range(count)))
        authority = making.result()
        return WorldKeys(
            authority,
            {
                person.iin: authority.issue_personal_certificate(
                    person, private[number % count], now
                )
                for number, person in enumerate(people)
            },
            systems.result(),
            make_refused_keys(authority, people[0], spare.result(), now),
        )


def _system_keys(seeds: tuple[OrganisationSeed, ...], now: datetime) -> dict[str, list[SystemKey]]:
    return {
        seed.organisation_bin: [
            self_signed_system_key(
                system.description, rsa_key() if system.key_kind == "rsa" else ec_key(), now
            )
            for system in seed.systems
        ]
        for seed in seeds
    }

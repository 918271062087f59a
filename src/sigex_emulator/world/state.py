"""A world that outlives its emulator: one JSON file with a version, written whole at every change.

It holds private keys, so only its owner may read it. Open sessions, nonces, faults and the clock's
shift are not kept: a restart of the service ends them.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from pydantic import BaseModel, ConfigDict, ValidationError

from sigex_emulator.clock import ShiftedClock
from sigex_emulator.errors import StateUnusable, why
from sigex_emulator.pki.authority import (
    CertificationAuthority,
    PersonalKey,
    SystemKey,
    pem,
    private_key_pem,
    rsa_key,
)
from sigex_emulator.pki.refused_keys import make_refused_keys

from .audit import AuditEvent, AuditTrail
from .documents import Document
from .keys import WorldKeys
from .organisations import Organisation
from .seeds import STANDARD_WORLD, world_of
from .settings import OrganisationSettings
from .world import World

FORMAT = "sigex-emulator-state/2"
_MOST_IDENTIFIERS = 10_000


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", ser_json_bytes="base64", val_json_bytes="base64")


class _KeyPair(_Strict):
    key: str
    certificate: str


class _PersonKey(_KeyPair):
    password: str


class _SystemKey(_KeyPair):
    description: str


class _Organisation(_Strict):
    bin: str
    name: str
    settings: OrganisationSettings
    audit: list[AuditEvent]
    document_ids: list[str]
    system_keys: list[_SystemKey]


class _State(_Strict):
    authority: _KeyPair
    issuer: _KeyPair
    people: dict[str, _PersonKey]
    seeded_systems: dict[str, list[_SystemKey]]
    organisations: list[_Organisation]
    profiles: set[str]
    documents: list[Document]
    document_audits: dict[str, list[AuditEvent]]


def open_world(file: Path, organisations: int | None = None) -> World:
    """Return the world that the file keeps, or a new one; either is kept there from now on.

    Raises StateUnusable when the file cannot be read or written, is damaged, of another version, or
    keeps another number of `organisations`.
    """
    try:
        content = file.read_bytes() if file.exists() else None
    except OSError as error:
        raise StateUnusable(file, f"не читается: {why(error)}") from error
    if content is None:
        world = World(world_of(organisations or len(STANDARD_WORLD.organisations)))
    else:
        world = _world(file, _read(file, content))
        seeded = len(world.seed.organisations)
        if organisations not in {None, seeded}:
            raise StateUnusable(
                file, f"хранит другой мир: организаций в нём {seeded}, а не {organisations}"
            )
    keep_world(world, file)
    return world


def keep_world(world: World, file: Path) -> None:
    """Write the file now and after every change of the world."""
    _write(file, world)
    world.on_change(lambda: _write(file, world))


def _read(file: Path, content: bytes) -> _State:
    try:
        found = json.loads(content)
        kept, digest = found["format"], found["sha256"]
        state = found["state"]
    except (ValueError, KeyError, TypeError) as error:
        raise StateUnusable(file, "повреждён или не является состоянием эмулятора") from error
    if kept != FORMAT:
        raise StateUnusable(file, f"имеет другую версию ({kept} вместо {FORMAT})")
    if digest != _digest(state):
        raise StateUnusable(file, "повреждён: содержимое не сходится с контрольной суммой")
    try:
        return _State.model_validate_json(json.dumps(state))
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise StateUnusable(file, f"повреждён: непонятное значение в {where}") from error


def _write(file: Path, world: World) -> None:
    state = json.loads(_state(world).model_dump_json())
    content = {"format": FORMAT, "sha256": _digest(state), "state": state}
    new = file.with_name(f"{file.name}.new")
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        new.unlink(missing_ok=True)
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
            opened.write(json.dumps(content, ensure_ascii=False))  # `dump` is four times slower
        new.replace(file)
    except OSError as error:
        raise StateUnusable(file, f"не записывается: {why(error)}") from error


def _digest(state: Any) -> str:
    text = json.dumps(state, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


# -- from a world to what is kept ---------------------------------------------------------------


def _state(world: World) -> _State:
    with world.lock:
        keys = world.keys
        return _State(
            authority=_pair(keys.authority.private_keys[0], keys.authority.certificate),
            issuer=_pair(keys.authority.private_keys[1], keys.authority.issuing_certificate),
            people={
                iin: _PersonKey(
                    key=private_key_pem(key.private_key),
                    certificate=pem(key.certificate),
                    password=keys.password_of(iin),
                )
                for iin, key in keys.people.items()
            },
            seeded_systems={one: _systems(some) for one, some in keys.systems.items()},
            organisations=[
                _Organisation(
                    bin=one.organisation_bin,
                    name=one.name,
                    settings=one.settings,
                    audit=one.audit.after(0),
                    document_ids=one.document_ids,
                    system_keys=_systems(one.system_keys),
                )
                for one in world.organisations.values()
            ],
            profiles=world.profiles,
            documents=list(world.documents.values()),
            document_audits={one: audit.after(0) for one, audit in world.document_audits.items()},
        )


def _pair(key: rsa.RSAPrivateKey, certificate: x509.Certificate) -> _KeyPair:
    return _KeyPair(key=private_key_pem(key), certificate=pem(certificate))


def _systems(keys: list[SystemKey]) -> list[_SystemKey]:
    return [
        _SystemKey(
            key=key.private_key_pem, certificate=key.certificate_pem, description=key.description
        )
        for key in keys
    ]


# -- and back -----------------------------------------------------------------------------------


def _world(file: Path, state: _State) -> World:
    seed = world_of(len(state.seeded_systems))
    people = {
        person.iin: person
        for person in [
            *(one for each in seed.organisations for one in each.people),
            *seed.private_persons,
        ]
    }
    seeded = {one.organisation_bin for one in seed.organisations}
    if people.keys() != state.people.keys() or seeded != state.seeded_systems.keys():
        raise StateUnusable(file, "записан другой версией эмулятора: в ней были другие люди")
    try:
        authority = CertificationAuthority.restored(
            _rsa_pair(state.authority), _rsa_pair(state.issuer)
        )
        keys = WorldKeys(
            authority,
            {
                iin: PersonalKey(people[iin], *_rsa_pair(pair), authority.chain)
                for iin, pair in state.people.items()
            },
            {one: _system_keys(pairs) for one, pairs in state.seeded_systems.items()},
            # They never sign in: nobody misses last time's.
            make_refused_keys(
                authority, next(iter(people.values())), rsa_key(), ShiftedClock().now()
            ),
            {iin: pair.password for iin, pair in state.people.items()},
        )
        for key in keys.people.values():
            authority.responder.note_issued(key.certificate)
        kept = {one.bin: _system_keys(one.system_keys) for one in state.organisations}
    except (ValueError, TypeError) as error:
        raise StateUnusable(file, "повреждён: ключ или сертификат не читается") from error
    world = World(seed, keys=keys)
    world.profiles = set(state.profiles)
    world.documents = {one.document_id: one for one in state.documents}
    world.document_audits = {
        one: AuditTrail(events) for one, events in state.document_audits.items()
    }
    world.organisations = {
        one.bin: Organisation(
            one.bin,
            one.name,
            tuple(key for key in keys.people.values() if key.person.organisation_bin == one.bin),
            kept[one.bin],
            one.settings,
            AuditTrail(one.audit),
            one.document_ids,
        )
        for one in state.organisations
    }
    world.identifiers.restart()
    taken = {one.document_id for one in state.documents}
    for _ in range(_MOST_IDENTIFIERS):  # they come from a seed: the next must be a new one
        if not taken:
            break
        taken.discard(world.identifiers.document_id())
    return world


def _rsa_pair(pair: _KeyPair) -> tuple[rsa.RSAPrivateKey, x509.Certificate]:
    key = _private_key(pair)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError
    return key, x509.load_pem_x509_certificate(pair.certificate.encode())


def _system_keys(pairs: list[_SystemKey]) -> list[SystemKey]:
    keys = []
    for pair in pairs:
        key = _private_key(pair)
        if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
            raise TypeError
        certificate = x509.load_pem_x509_certificate(pair.certificate.encode())
        keys.append(SystemKey(pair.description, key, certificate))
    return keys


def _private_key(pair: _KeyPair) -> PrivateKeyTypes:
    """A key of our own making: to try its arithmetic takes as long as to make it, and hundreds
    are kept."""
    return serialization.load_pem_private_key(
        pair.key.encode(), None, unsafe_skip_rsa_key_validation=True
    )

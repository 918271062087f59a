"""The emulator's directory: what any client needs, and `emulator.json` that says where it is.

    emulator.json                                  addresses, organisations, people, systems
    ca.pem                                         the test root
    keys/<BIN>/{head,employee-settings,employee}.p12 and .password
    keys/private-persons/1.p12 and .password
    keys/refused/<kind>.p12 and .password          keys that must not sign in, and the message
    information-systems/<BIN>/<n>.pem and .key

Names are the same at every start, contents are not. `emulator.json` is written last and in one
step, so whoever sees it can use all that it names.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sigex_emulator.errors import DirectoryUnusable, why
from sigex_emulator.pki.authority import PersonalKey, SystemKey
from sigex_emulator.pki.people import Role

from .organisations import Organisation
from .rights import listed_person
from .settings import ALL_BLOCKS
from .world import World

FORMAT = "sigex-emulator/1"
DESCRIPTION_FILE = "emulator.json"
CA_FILE = "ca.pem"

_KEY_NAMES: dict[Role, str] = {
    "head": "head",
    "settings_employee": "employee-settings",
    "employee": "employee",
}


def write_directory(
    directory: Path,
    world: World,
    address: str,
    mtls_address: str,
    control: dict[str, str] | None = None,
) -> None:
    """Write every file; raises DirectoryUnusable. `control` is where the control routes are."""
    try:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        _Writer(directory, world).write(address, mtls_address, control)
    except OSError as error:
        raise DirectoryUnusable(directory, why(error)) from error


def last_ports(directory: Path) -> tuple[int, int]:
    """Return the ports of the emulator that wrote the directory last, 0 where none is told."""
    try:
        told = json.loads((directory / DESCRIPTION_FILE).read_text(encoding="utf-8"))
        people, systems = (urlsplit(told[one]).port for one in ("address", "mtls_address"))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return 0, 0
    return people or 0, systems or 0


class _Writer:
    def __init__(self, directory: Path, world: World) -> None:
        self._directory = directory
        self._world = world

    def write(self, address: str, mtls_address: str, control: dict[str, str] | None) -> None:
        description = self._directory / DESCRIPTION_FILE
        description.unlink(missing_ok=True)
        self._file(CA_FILE, self._world.authority.certificate_pem.encode())
        content = {
            "format": FORMAT,
            "address": address,
            "mtls_address": mtls_address,
            "ca_file": CA_FILE,
            **({"control": control} if control else {}),
            "organisations": [
                self._organisation(one) for one in self._world.organisations.values()
            ],
            "private_persons": [
                {
                    "name": key.person.name,
                    "iin": key.person.iin,
                    **self._key_files(f"keys/private-persons/{number}", key),
                }
                for number, key in enumerate(self._world.private_persons, start=1)
            ],
            "refused_keys": [
                {
                    "kind": one.kind,
                    "message": one.message.value,
                    "name": one.key.person.name,
                    "iin": one.key.person.iin,
                    **self._key_files(f"keys/refused/{one.kind}", one.key),
                }
                for one in self._world.refused_keys
            ],
        }
        text = json.dumps(content, ensure_ascii=False, indent=2) + "\n"
        self._file(f"{DESCRIPTION_FILE}.new", text.encode())
        (self._directory / f"{DESCRIPTION_FILE}.new").replace(description)

    def _organisation(self, organisation: Organisation) -> dict[str, Any]:
        organisation_bin = organisation.organisation_bin
        rights = organisation.settings.blocks[ALL_BLOCKS[-1]]
        return {
            "bin": organisation_bin,
            "name": organisation.name,
            "people": [
                {
                    "name": key.person.name,
                    "iin": key.person.iin,
                    "role": key.person.role,
                    "may_change_settings": listed_person(
                        rights, key.person.user_id, frozenset(key.person.authorities)
                    ),
                    **self._key_files(
                        f"keys/{organisation_bin}/{_KEY_NAMES[key.person.role]}", key
                    ),
                }
                for key in organisation.people
            ],
            "information_systems": [
                self._system(f"information-systems/{organisation_bin}/{number}", key, organisation)
                for number, key in enumerate(organisation.system_keys, start=1)
            ],
            "documents": [
                {
                    "id": document_id,
                    "title": self._world.documents[document_id].title,
                    "private": self._world.documents[document_id].private,
                    "signed_by": [
                        one.user_id.removeprefix("IIN")
                        for one in self._world.documents[document_id].signatures
                    ],
                }
                for document_id in organisation.document_ids
            ],
        }

    def _system(self, stem: str, key: SystemKey, organisation: Organisation) -> dict[str, Any]:
        self._file(f"{stem}.pem", key.certificate_pem.encode())
        self._file(f"{stem}.key", key.private_key_pem.encode())
        entry = organisation.settings.tls_certificates[organisation.index_of(key.description)]
        return {
            "description": key.description,
            "certificate_file": f"{stem}.pem",
            "key_file": f"{stem}.key",
            "disabled": entry.disabled,
        }

    def _key_files(self, stem: str, key: PersonalKey) -> dict[str, str]:
        password = self._world.keys.password_of(key.person.iin)
        self._file(f"{stem}.p12", key.pkcs12(password))
        self._file(f"{stem}.password", password.encode())
        return {"key_file": f"{stem}.p12", "password_file": f"{stem}.password"}

    def _file(self, name: str, content: bytes) -> None:
        path = self._directory / name
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # An older file may be readable by others: a new one is made, never opened wider first.
        path.unlink(missing_ok=True)
        descriptor = os.open(
            path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600
        )
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)

"""Real PKCS#11 tokens for tests: SoftHSM's, made of files in a folder of this session."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pkcs11
import pytest
from pkcs11.util.ec import encode_named_curve_parameters

from sigex_runbook.evidence.attest.pkcs11_key import LIBRARY_VARIABLE
from sigex_runbook.machine.softhsm import SoftHsm, find_softhsm, require_softhsm

PIN_VARIABLE = "A_TOKENS_PIN"
PIN = "Tk7-93615-canary"
SO_PIN = "87654321"
LABEL = "Токен 1"
FIRST, SECOND, P384, HIDDEN, TWICE, NOT_THERE = 2, 3, 4, 5, 6, 9
"""Numbers of keys on the first token: two P-256, one P-384, one whose public half wants the PIN
too, two keys of one number, none."""


@dataclass(frozen=True)
class SoftToken:
    """The first token's place; `spare` makes others beside it."""

    softhsm: SoftHsm
    folder: Path
    reference: str = "hsm:2?label=%D0%A2%D0%BE%D0%BA%D0%B5%D0%BD+1"
    second: str = "hsm:3?label=%D0%A2%D0%BE%D0%BA%D0%B5%D0%BD+1"
    pin: str = f"env:{PIN_VARIABLE}"

    def numbered(self, number: int) -> str:
        return self.reference.replace("hsm:2", f"hsm:{number}")

    @contextmanager
    def spare(self, label: str) -> Iterator[str]:
        """Another token with one key, for as long as wanted: its reference."""
        self.make(label)
        with self.session(label) as session:
            generate(session, FIRST)
        yield f"hsm:{FIRST}?label={label}"
        if label in self.labels():
            self.remove(label)
        self._look_again()

    def make(self, label: str) -> None:
        pins = ("--pin", PIN, "--so-pin", SO_PIN)
        self._run("--init-token", "--free", "--label", label, *pins)
        self._look_again()

    def remove(self, label: str) -> None:
        """As if it were pulled out: the library finds out when it is next asked to sign."""
        self._run("--delete-token", "--token", label)

    def labels(self) -> str:
        return self._run("--show-slots")

    def session(self, label: str) -> Any:
        return self.library.get_token(token_label=label).open(rw=True, user_pin=PIN)

    @property
    def library(self) -> Any:
        return pkcs11.lib(str(self.softhsm.library))

    def _look_again(self) -> None:
        self.library.reinitialize()

    def _run(self, *words: str) -> str:
        done = subprocess.run(
            [self.softhsm.program, *words], capture_output=True, check=True, encoding="utf-8"
        )
        return done.stdout


def generate(session: Any, number: int, curve: str = "secp256r1", *, hidden: bool = False) -> None:
    """A key pair on the token."""
    parameters = session.create_domain_parameters(
        pkcs11.KeyType.EC,
        {pkcs11.Attribute.EC_PARAMS: encode_named_curve_parameters(curve)},
        local=True,
    )
    parameters.generate_keypair(
        id=bytes([number]),
        store=True,
        public_template={pkcs11.Attribute.PRIVATE: True} if hidden else {},
    )


@contextmanager
def soft_token(folder: Path) -> Iterator[SoftToken]:
    """The token of this session, with the environment that leads to it, also for child processes.

    Without SoftHSM the test fails with what to install; on Windows, where nothing can install it,
    it is skipped with the same words.
    """
    if sys.platform == "win32" and find_softhsm() is None:
        pytest.skip("нет SoftHSM2: поставьте его для Windows и добавьте каталог bin в PATH")
    found = require_softhsm()
    (folder / "tokens").mkdir()
    (folder / "softhsm2.conf").write_text(
        f"directories.tokendir = {folder / 'tokens'}\nobjectstore.backend = file\n"
        "log.level = ERROR\n",
        encoding="utf-8",
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOFTHSM2_CONF", str(folder / "softhsm2.conf"))
        patch.setenv(LIBRARY_VARIABLE, str(found.library))
        patch.setenv(PIN_VARIABLE, PIN)
        token = SoftToken(found, folder)
        token.make(LABEL)
        with token.session(LABEL) as session:
            for number in (FIRST, SECOND, TWICE, TWICE):
                generate(session, number)
            generate(session, P384, "secp384r1")
            generate(session, HIDDEN, hidden=True)
        yield token
        token.library.finalize()

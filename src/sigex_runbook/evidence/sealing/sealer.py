"""Who seals, with what, and what is done on the way."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum

from securesystemslib.signer import Signer, SSlibKey

from sigex_runbook.evidence.attest.pkcs11_key import Pkcs11Signer
from sigex_runbook.evidence.attest.timestamp import Post
from sigex_runbook.evidence.attest.trust import Trust, always
from sigex_runbook.evidence.pack.draft import PackDraft
from sigex_runbook.evidence.privacy.leak import Canaries, DecodingScanner, LeakScanner


class SealStep(StrEnum):
    """What has just been done; `Sealer.reached` is told of each."""

    CAPTURED = "captured"
    REDACTED = "redacted"
    SCANNED = "scanned"
    REPORTED = "reported"
    STATED = "stated"
    SIGNED = "signed"
    STAMPED = "stamped"
    VERIFIED = "verified"
    APPENDED = "appended"
    PLACED = "placed"


def _nothing(*_: object) -> None:
    """A seam that nobody uses."""


@dataclass(frozen=True, slots=True)
class Sealer:
    """Who seals and how. `redact` and `report` work on the draft before it is listed, `report` on
    one that was found clean; `trust` names the time authorities, and the keys of earlier seals."""

    signer: Signer
    report: Callable[[PackDraft, Sealer], None]
    trust: Trust = field(default_factory=Trust)
    scanner: LeakScanner = field(default_factory=lambda: DecodingScanner(pages=True))
    redact: Callable[[PackDraft], None] = _nothing
    reached: Callable[[SealStep], None] = _nothing
    post: Post | None = None
    pause: Callable[[float], None] = time.sleep

    def own_key(self) -> SSlibKey:
        """The public half of the key that seals."""
        key = self.signer.public_key
        assert isinstance(key, SSlibKey)  # noqa: S101 - every signer of `keyring` has one
        return key

    def check_ready(self) -> None:
        """Try a key that could be gone since, before a run begins. Raises UsageError."""
        if isinstance(self.signer, Pkcs11Signer):
            self.signer.try_out()

    def knowing(self, canaries: Canaries) -> Sealer:
        """The same, looking for these secrets of one run too, and for the token's PIN."""
        if not isinstance(self.scanner, DecodingScanner):
            return self
        if isinstance(self.signer, Pkcs11Signer):
            canaries = canaries.plus("pin", [self.signer.pin])
        return replace(self, scanner=replace(self.scanner, canaries=canaries))

    def own_trust(self) -> Trust:
        """What one's own work is checked against."""
        return self.trust.with_key(always(self.own_key()))

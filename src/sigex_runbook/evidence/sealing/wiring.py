"""The sealer of this machine's user: key, trust and report put together."""

from __future__ import annotations

from pathlib import Path

from sigex_runbook.evidence.attest.keyring import Keyring, key_folder, signer_of
from sigex_runbook.evidence.attest.trust import Trust

from .report_files import Publication
from .sealer import Sealer


def make_sealer(
    signing_key: str | None = None, pin: str | None = None, trust_file: Path | None = None
) -> Sealer:
    """The sealer that an operator means: the given key or this user's own, made on first use; the
    given trust.json or this user's own. Raises UsageError.
    """
    signer = signer_of(signing_key, pin)
    trust = Trust.load(trust_file) if trust_file else Keyring(key_folder()).trust()
    return Sealer(signer, Publication(), trust)

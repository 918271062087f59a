"""The sealer of this machine's user: key, trust and report put together."""

from __future__ import annotations

from pathlib import Path

from sigex_runbook.evidence.attest.keyring import Keyring, key_folder, signer_from
from sigex_runbook.evidence.attest.trust import Trust

from .report_files import Publication
from .sealer import Sealer


def make_sealer(
    signing_key: str | None = None, pin: str | None = None, trust_file: Path | None = None
) -> Sealer:
    """The sealer that an operator means: the given key or this user's own, made on first use; the
    given trust.json or this user's own. Raises UsageError.
    """
    keyring = Keyring(key_folder())
    signer = signer_from(signing_key, pin) if signing_key else keyring.signer()
    trust = Trust.load(trust_file) if trust_file else keyring.trust()
    return Sealer(signer, Publication(), trust)

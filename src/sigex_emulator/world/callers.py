"""Who is calling: a signed-in person, or an information system over mTLS."""

from __future__ import annotations

from dataclasses import dataclass

from sigex_emulator.pki.identity import Identity

from .audit import Author


@dataclass(frozen=True, slots=True)
class PersonCaller:
    """A person with a session."""

    identity: Identity

    @property
    def organisation_bin(self) -> str | None:
        """The organisation in the person's certificate, None for a private person."""
        return self.identity.organisation_bin

    @property
    def author(self) -> Author:
        """How an audit event names the person."""
        return Author(iin=self.identity.user_id)


@dataclass(frozen=True, slots=True)
class SystemCaller:
    """An information system: it acts for its organisation, not for a person (sigex-facts 5, K)."""

    organisation_bin: str
    public_key: bytes
    digest: str
    certificate: bytes
    """In DER."""

    @property
    def author(self) -> Author:
        """How an audit event names the information system."""
        return Author(digest=self.digest)


Caller = PersonCaller | SystemCaller

"""Keys that must not sign in, each for one reason, so that any client can try them.

All are issued to the head of the first organisation, who could do everything: a check that is left
out would be seen. The messages are those of sigex-facts 3.6 (which one ends which case: I).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from sigex_emulator.messages import Message

from .authority import CertificationAuthority, PersonalKey
from .people import Person

_FOREIGN_NAME = x509.Name(
    [
        x509.NameAttribute(NameOID.COUNTRY_NAME, "KZ"),
        x509.NameAttribute(NameOID.COMMON_NAME, "SIGEX emulator foreign test CA (not NCA)"),
    ]
)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class RefusedKey:
    """A key file and the message that a sign-in with it ends with."""

    kind: str
    """Also the name of its file."""

    key: PersonalKey
    message: Message


def make_refused_keys(
    authority: CertificationAuthority, person: Person, private_key: rsa.RSAPrivateKey, now: datetime
) -> tuple[RefusedKey, ...]:
    """Issue one certificate of each kind, all for the same private key.

    The revoked one is good until `revoke_again`.
    """
    issue = authority.issue_personal_certificate
    foreign = CertificationAuthority(now, _FOREIGN_NAME).issue_personal_certificate
    namesake = CertificationAuthority(now).issue_personal_certificate
    past = issue(person, private_key, now, valid_from=now - 20 * _DAY, valid_until=now - _DAY)
    future = issue(person, private_key, now, valid_from=now + _DAY, valid_until=now + 20 * _DAY)
    revoked = issue(person, private_key, now)
    authentication = issue(person, private_key, now, use="authentication")
    encryption = issue(person, private_key, now, use="encryption")
    stranger = foreign(person, private_key, now)
    impostor = namesake(person, private_key, now)
    return (
        RefusedKey("expired", past, Message.CERTIFICATE_NOT_IN_FORCE),
        RefusedKey("not-yet-valid", future, Message.CERTIFICATE_NOT_IN_FORCE),
        RefusedKey("revoked", revoked, Message.INVALID_CERTIFICATE_STATUS),
        RefusedKey("authentication-only", authentication, Message.INVALID_SIGNATURE),
        RefusedKey("encryption-only", encryption, Message.INVALID_SIGNATURE),
        RefusedKey("foreign-authority", stranger, Message.UNKNOWN_ISSUER),
        RefusedKey("foreign-authority-of-the-same-name", impostor, Message.NO_CHAIN),
    )


def revoke_again(authority: CertificationAuthority, keys: tuple[RefusedKey, ...]) -> None:
    """Bring the responder back to the seeded state: it answers, one certificate is revoked."""
    authority.responder.restore()
    for one in keys:
        if one.message is Message.INVALID_CERTIFICATE_STATUS:
            certificate = one.key.certificate
            authority.responder.revoke(certificate, certificate.not_valid_before_utc + _DAY)

"""The organisation settings object: access blocks and certificates (sigex-facts 3.4, K(S2)).

Reading what a caller posted is pure: a value comes in, a frozen value or an `ApiError` comes out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from sigex_emulator.messages import ApiError, Message
from sigex_emulator.pki import identity_numbers, oids

from .appearance import require_appearance
from .switches import LIKELIEST, Switches

ALL_BLOCKS = (
    "documentsAccess",
    "documentsList",
    "documentsSettings",
    "packagesAccess",
    "packagesList",
    "packagesSettings",
    "organizationSettings",
)
"""The seven access blocks in the order of the API (sigex-facts 2.3, K(S2))."""

GUIDE_BLOCKS = ("documentsAccess", "documentsList", "documentsSettings", "organizationSettings")
"""The four that the guide shows (sigex-facts 2.3, K(S1))."""

_OID = re.compile(r"[0-2](\.(0|[1-9]\d*)){1,30}")
_IIN = re.compile(r"IIN\d{12}", re.ASCII)
_SHORTEST_RSA = 2048
_SHORTEST_CURVE = 224


@dataclass(frozen=True, slots=True)
class AccessBlock:
    """Who holds one right; one match of any kind is enough (sigex-facts 3.4, K)."""

    authorities: tuple[str, ...] = (oids.HEAD,)
    tls_certificate_indices: tuple[int, ...] = ()
    iins: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the block as the API writes it."""
        return {
            "authorities": list(self.authorities),
            "tlsCertificatesIndices": list(self.tls_certificate_indices),
            "iins": list(self.iins),
        }


@dataclass(frozen=True, slots=True)
class TlsCertificate:
    """One information system's entry in `tlsCertificatesList`."""

    description: str
    body: str
    disabled: bool = False
    settings: Mapping[str, Any] = field(default_factory=dict)
    public_key: bytes = b""
    """SubjectPublicKeyInfo in DER: the only thing that is compared (sigex-facts 5, K)."""

    def as_json(self) -> dict[str, Any]:
        """Return the entry as the API writes it."""
        return {
            "description": self.description,
            "body": self.body,
            "disabled": self.disabled,
            "settings": dict(self.settings),
        }


def default_blocks(switches: Switches = LIKELIEST) -> dict[str, AccessBlock]:
    """Blocks of a new organisation: the head only, or every role (sigex-facts 6 #10, U)."""
    return dict.fromkeys(ALL_BLOCKS, _default_block(switches))


def _default_block(switches: Switches) -> AccessBlock:
    every_role = switches.new_organisation == "every_role"
    return AccessBlock(tuple(oids.AUTHORITIES)) if every_role else AccessBlock()


@dataclass(frozen=True, slots=True)
class OrganisationSettings:
    """The whole object that one POST replaces."""

    tls_certificates: tuple[TlsCertificate, ...] = ()
    blocks: Mapping[str, AccessBlock] = field(default_factory=default_blocks)
    webhook_urls: tuple[str, ...] = ()
    data_archive_enabled: bool = False
    data_archive_contact_email: str = ""
    subscription_contact_email: str = ""
    modified_at: int = 0

    def as_json(self) -> dict[str, Any]:
        """Return the settable part, in the order of the API."""
        return {
            "tlsCertificatesList": [entry.as_json() for entry in self.tls_certificates],
            **{name: self.blocks[name].as_json() for name in ALL_BLOCKS},
            "webhooks": {"urls": list(self.webhook_urls)},
            "dataArchiveEnabled": self.data_archive_enabled,
            "dataArchiveContactEmail": self.data_archive_contact_email,
            "subscriptionContactEmail": self.subscription_contact_email,
        }

    def with_block(self, name: str, block: AccessBlock) -> OrganisationSettings:
        """Return these settings with one block replaced."""
        return replace(self, blocks={**self.blocks, name: block})

    def indices_of(self, public_key: bytes) -> frozenset[int]:
        """Return the positions at which this key is listed and not disabled."""
        return frozenset(
            index
            for index, entry in enumerate(self.tls_certificates)
            if entry.public_key == public_key and not entry.disabled
        )


def public_key_of(certificate: x509.Certificate) -> bytes:
    """Return the key as it is compared: SubjectPublicKeyInfo in DER."""
    return certificate.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def certificate_digest(certificate_der: bytes) -> str:
    """Return the digest named in an audit event; which hash the service uses is U (3.4)."""
    digest = hashes.Hash(hashes.SHA256())
    digest.update(certificate_der)
    return digest.finalize().hex()


def read_certificate(body: str) -> x509.Certificate:
    """Return the certificate of a PEM text if its key may authenticate (sigex-facts 5, K).

    Raises ApiError for unreadable text and for a key that may not.
    """
    try:
        certificate = x509.load_pem_x509_certificate(body.encode())
    except ValueError as error:
        raise ApiError(Message.UNUSABLE_TLS_CERTIFICATE) from error
    require_usable_key(certificate)
    return certificate


def require_usable_key(certificate: x509.Certificate) -> None:
    """Raise ApiError for RSA under 2048 bits, curves under 224, and other key kinds (5, K)."""
    try:
        key = certificate.public_key()
    except (ValueError, UnsupportedAlgorithm) as error:
        raise ApiError(Message.UNUSABLE_TLS_CERTIFICATE) from error
    long_enough = (isinstance(key, rsa.RSAPublicKey) and key.key_size >= _SHORTEST_RSA) or (
        isinstance(key, ec.EllipticCurvePublicKey) and key.key_size >= _SHORTEST_CURVE
    )
    if not long_enough:
        raise ApiError(Message.UNUSABLE_TLS_CERTIFICATE)


def read_settings(posted: Any, switches: Switches = LIKELIEST) -> OrganisationSettings:
    """Read a posted settings object; keys that only answers carry are ignored.

    How unknowns 10, 11 and 15 are read is for the switches to say. Raises ApiError.
    """
    return _Reading(switches).settings(posted)


_ANSWER_ONLY = frozenset(
    {"businessId", "dataArchiveQuota", "dataArchiveQuotaExpires", "dataArchiveUsage", "modifiedAt"}
)
_SETTABLE = frozenset(
    {
        "tlsCertificatesList", *ALL_BLOCKS, "webhooks", "dataArchiveEnabled",
        "dataArchiveContactEmail", "subscriptionContactEmail",
    }
)  # fmt: skip
_CERTIFICATE = frozenset({"description", "body", "disabled", "settings"})
_BLOCK = frozenset({"authorities", "tlsCertificatesIndices", "iins"})


@dataclass(frozen=True, slots=True)
class _Reading:
    """Reads one posted object under one set of switches."""

    switches: Switches

    def settings(self, posted: Any) -> OrganisationSettings:
        members = self._members(posted, _SETTABLE | _ANSWER_ONLY)
        entries = _list(members.get("tlsCertificatesList", []))
        certificates = tuple(self._certificate(entry) for entry in entries)
        keys = {entry.public_key for entry in certificates}
        if self.switches.key_twice_in_a_list == "refuse" and len(keys) < len(certificates):
            raise ApiError(Message.UNUSABLE_TLS_CERTIFICATE)
        if self.switches.plan == "without_systems" and certificates:
            raise ApiError(Message.NOT_ON_THIS_PLAN)
        if self.switches.missing_block == "refuse" and not members.keys() >= set(ALL_BLOCKS):
            raise ApiError(Message.INVALID_STRUCTURE)
        webhooks = self._members(members.get("webhooks", {}), frozenset({"urls"}))
        enabled = _flag(members.get("dataArchiveEnabled", False))
        contact = _text(members.get("dataArchiveContactEmail", ""))
        if enabled and not contact:
            raise ApiError(Message.INVALID_STRUCTURE)
        return OrganisationSettings(
            tls_certificates=certificates,
            blocks={
                name: self._block(members[name], len(certificates))
                if name in members
                else _default_block(self.switches)
                for name in ALL_BLOCKS
            },
            webhook_urls=tuple(_read_url(url) for url in _list(webhooks.get("urls", []))),
            data_archive_enabled=enabled,
            data_archive_contact_email=contact,
            subscription_contact_email=_text(members.get("subscriptionContactEmail", "")),
        )

    def _certificate(self, posted: Any) -> TlsCertificate:
        members = self._members(posted, _CERTIFICATE)
        body = _text(members.get("body"))
        appearance = _object(members.get("settings", {}))
        require_appearance(appearance, unknown_keys_allowed=self.switches.unknown_keys == "ignore")
        return TlsCertificate(
            description=_text(members.get("description")),
            body=body,
            disabled=_flag(members.get("disabled", False)),
            settings=appearance,
            public_key=public_key_of(read_certificate(body)),
        )

    def _block(self, posted: Any, certificates: int) -> AccessBlock:
        members = self._members(posted, _BLOCK)
        authorities = [_text(oid) for oid in _list(members.get("authorities", []))]
        indices = _list(members.get("tlsCertificatesIndices", []))
        iins = [_text(iin) for iin in _list(members.get("iins", []))]
        if any(isinstance(index, bool) or not isinstance(index, int) for index in indices):
            raise ApiError(Message.INVALID_STRUCTURE)
        if any(not _OID.fullmatch(oid) for oid in authorities):
            raise ApiError(Message.INVALID_AUTHORITY)
        if any(not 0 <= index < certificates for index in indices):
            raise ApiError(Message.INVALID_INDEX)
        if self.switches.repeated_index == "refuse" and len(set(indices)) < len(indices):
            raise ApiError(Message.INVALID_INDEX)
        if any(not self._is_iin(iin) for iin in iins):
            raise ApiError(Message.INVALID_IIN)
        if oids.HEAD not in authorities:
            # The head is always in every block (sigex-facts 2.3, K): put back, or insisted on.
            if self.switches.missing_head == "refuse":
                raise ApiError(Message.FEW_AUTHORITIES)
            authorities.insert(0, oids.HEAD)
        return AccessBlock(tuple(authorities), tuple(indices), tuple(iins))

    def _is_iin(self, text: str) -> bool:
        if not _IIN.fullmatch(text):
            return False
        checked = self.switches.iin_check_digit == "require"
        return not checked or identity_numbers.is_valid(text.removeprefix("IIN"))

    def _members(self, value: Any, known: frozenset[str]) -> dict[str, Any]:
        members = _object(value)
        if self.switches.unknown_keys == "refuse" and not members.keys() <= known:
            raise ApiError(Message.INVALID_STRUCTURE)
        return members


def _read_url(posted: Any) -> str:
    url = _text(posted)
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        usable = False
    if not usable:
        raise ApiError(Message.INVALID_URL)
    return url


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ApiError(Message.INVALID_STRUCTURE)
    return value


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise ApiError(Message.INVALID_STRUCTURE)
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ApiError(Message.INVALID_STRUCTURE)
    return value


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ApiError(Message.INVALID_STRUCTURE)
    return value

"""The emulator's own certification authority: a test root, and below it an issuer for people.

Names and extensions of people's certificates follow sigex-facts 4.4, K(S11-S13). Both are named
as test authorities and never as the national one. The root certifies the server too.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

from . import oids
from .people import Person
from .revocation import StatusResponder

PEOPLE_KEY_BITS = 2048
_EXPONENT = 65537
_PASSWORD_ROUNDS = 2048  # test keys with random passwords: a slow derivation guards nothing

AUTHORITY_NAME = x509.Name(
    [
        x509.NameAttribute(NameOID.COUNTRY_NAME, "KZ"),
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, "sigex-runbook"),
        x509.NameAttribute(NameOID.COMMON_NAME, "SIGEX emulator test CA (not NCA)"),
    ]
)

KeyUse = Literal["signing", "authentication", "encryption"]
"""What a person's key is for; only a signing key signs in (sigex-facts 4.2, 4.4, K(S8, S12))."""

_LIST_LIFETIME = timedelta(days=1)

Certifiable = rsa.RSAPublicKey | ec.EllipticCurvePublicKey


def rsa_key(bits: int = PEOPLE_KEY_BITS) -> rsa.RSAPrivateKey:
    """Make an RSA key; tens of milliseconds, so callers make many of them side by side."""
    return rsa.generate_private_key(public_exponent=_EXPONENT, key_size=bits)


def ec_key() -> ec.EllipticCurvePrivateKey:
    """Make an elliptic curve key (P-256)."""
    return ec.generate_private_key(ec.SECP256R1())


@dataclass(frozen=True, slots=True)
class PersonalKey:
    """A person's private key with the certificate issued for it, and those above it."""

    person: Person
    private_key: rsa.RSAPrivateKey
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...]
    """From the issuer to the root."""

    def pkcs12(self, password: str) -> bytes:
        """Return the key file that the person would pick in NCALayer."""
        protection = (
            serialization.PrivateFormat.PKCS12.encryption_builder()
            .kdf_rounds(_PASSWORD_ROUNDS)
            .key_cert_algorithm(pkcs12.PBES.PBESv2SHA256AndAES256CBC)
            .hmac_hash(hashes.SHA256())
            .build(password.encode())
        )
        return pkcs12.serialize_key_and_certificates(
            self.person.iin.encode(), self.private_key, self.certificate, self.chain, protection
        )


@dataclass(frozen=True, slots=True)
class SystemKey:
    """An information system's key pair with its self-signed certificate (sigex-facts 5, K)."""

    description: str
    private_key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @property
    def certificate_pem(self) -> str:
        """The certificate as field `body` of `tlsCertificatesList` carries it."""
        return pem(self.certificate)

    @property
    def private_key_pem(self) -> str:
        """The private key in PKCS#8, without a password."""
        return private_key_pem(self.private_key)


def pem(certificate: x509.Certificate) -> str:
    """Return the certificate in PEM."""
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def private_key_pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> str:
    """Return the key as PKCS#8 PEM without a password."""
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


class CertificationAuthority:
    """A root that certifies the server, and an issuer below it that certifies people.

    As at a real national authority the two have keys of their own: `responder` tells the state of
    a person's certificate, the root's revocation list that of the issuer.
    """

    def __init__(self, now: datetime, name: x509.Name = AUTHORITY_NAME) -> None:
        self._key, self._issuing_key = rsa_key(), rsa_key()
        self._name, self._issuing_name = name, _issuing_name(name)
        self._valid_from = now - timedelta(days=30)
        self.certificate = self._authority_certificate(name, self._key, now, 1)
        self.issuing_certificate = self._authority_certificate(
            self._issuing_name, self._issuing_key, now, 0
        )
        self.responder = StatusResponder(self.issuing_certificate, self._issuing_key)

    @classmethod
    def restored(
        cls,
        root: tuple[rsa.RSAPrivateKey, x509.Certificate],
        issuer: tuple[rsa.RSAPrivateKey, x509.Certificate],
    ) -> CertificationAuthority:
        """Return an authority that was made earlier."""
        authority = cls.__new__(cls)
        authority._key, authority.certificate = root
        authority._issuing_key, authority.issuing_certificate = issuer
        authority._name = authority.certificate.subject
        authority._issuing_name = authority.issuing_certificate.subject
        authority._valid_from = authority.certificate.not_valid_before_utc
        authority.responder = StatusResponder(authority.issuing_certificate, authority._issuing_key)
        return authority

    @property
    def private_keys(self) -> tuple[rsa.RSAPrivateKey, rsa.RSAPrivateKey]:
        """The root's key and the issuer's, for whoever keeps the authority."""
        return self._key, self._issuing_key

    @property
    def certificate_pem(self) -> str:
        """The root certificate in PEM."""
        return pem(self.certificate)

    @property
    def chain(self) -> tuple[x509.Certificate, ...]:
        """What stands above a person's certificate: the issuer and the root."""
        return (self.issuing_certificate, self.certificate)

    def revocation_list(self, now: datetime) -> bytes:
        """Return the root's list in DER: it covers the issuer and revokes nothing."""
        made = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self._name)
            .last_update(now)
            .next_update(now + _LIST_LIFETIME)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()),
                critical=False,
            )
            .add_extension(x509.CRLNumber(1), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        return made.public_bytes(serialization.Encoding.DER)

    def issue_server_certificate(
        self, key: ec.EllipticCurvePrivateKey, now: datetime
    ) -> x509.Certificate:
        """Certify the web server for `localhost` and both loopback addresses."""
        names = x509.SubjectAlternativeName(
            [
                x509.DNSName("localhost"),
                x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
                x509.IPAddress(ipaddress.ip_address("::1")),
            ]
        )
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
        # Browsers refuse server certificates that live longer than 398 days.
        builder = self._builder(subject, key.public_key(), now + timedelta(days=360))
        return (
            self._identified(builder, key.public_key())
            .add_extension(names, critical=False)
            .add_extension(_key_usage(digital_signature=True), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .sign(self._key, hashes.SHA256())
        )

    def issue_personal_certificate(
        self,
        person: Person,
        key: rsa.RSAPrivateKey,
        now: datetime,
        *,
        valid_from: datetime | None = None,
        valid_until: datetime | None = None,
        use: KeyUse = "signing",
    ) -> PersonalKey:
        """Certify a person's key in the national authority's conventions."""
        builder = self._builder(
            _personal_subject(person),
            key.public_key(),
            valid_until or now + timedelta(days=365),
            valid_from,
            self._issuing_name,
        )
        uses = [x509.ObjectIdentifier(one) for one in (*person.authorities, *_EXTENDED_USES[use])]
        policy = x509.ObjectIdentifier(_policy(person, use))
        certificate = (
            self._identified(builder, key.public_key(), self._issuing_key)
            .add_extension(
                x509.SubjectAlternativeName([x509.RFC822Name(person.email)]), critical=False
            )
            .add_extension(_STATUS, critical=False)
            .add_extension(_USES[use], critical=True)
            .add_extension(x509.ExtendedKeyUsage(uses), critical=False)
            .add_extension(
                x509.CertificatePolicies([x509.PolicyInformation(policy, None)]), critical=False
            )
            .add_extension(_key_storage(oids.FILE_STORAGE), critical=False)
            .sign(self._issuing_key, hashes.SHA256())
        )
        self.responder.note_issued(certificate)
        return PersonalKey(person, key, certificate, self.chain)

    def _authority_certificate(
        self, name: x509.Name, key: rsa.RSAPrivateKey, now: datetime, path_length: int
    ) -> x509.Certificate:
        public = key.public_key()
        return (
            self._builder(name, public, now + timedelta(days=3650))
            .add_extension(x509.BasicConstraints(ca=True, path_length=path_length), critical=True)
            .add_extension(_key_usage(key_cert_sign=True, crl_sign=True), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()),
                critical=False,
            )
            .sign(self._key, hashes.SHA256())
        )

    def _builder(
        self,
        subject: x509.Name,
        key: Certifiable,
        valid_until: datetime,
        valid_from: datetime | None = None,
        issuer: x509.Name | None = None,
    ) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer or self._name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(valid_from or self._valid_from)
            .not_valid_after(valid_until)
        )

    def _identified(
        self,
        builder: x509.CertificateBuilder,
        key: Certifiable,
        issuing_key: rsa.RSAPrivateKey | None = None,
    ) -> x509.CertificateBuilder:
        issuing_key = issuing_key or self._key
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuing_key.public_key())
        return (
            builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
            .add_extension(issuer, critical=False)
        )


def self_signed_system_key(
    description: str,
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey,
    now: datetime,
) -> SystemKey:
    """Make an information system's own certificate; only its key matters (sigex-facts 5, K)."""
    serial = x509.random_serial_number()
    # Not the description: a name holds 64 bytes at most, and nobody reads it.
    common_name = f"information-system-{serial:x}"[:64]
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(serial)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=730))
        .sign(key, hashes.SHA256())
    )
    return SystemKey(description, key, certificate)


def _personal_subject(person: Person) -> x509.Name:
    attributes = [
        (NameOID.COMMON_NAME, f"{person.surname} {person.first_name}".upper()),
        (NameOID.SURNAME, person.surname.upper()),
        (NameOID.GIVEN_NAME, person.patronymic.upper()),
        (NameOID.SERIAL_NUMBER, f"IIN{person.iin}"),
        (NameOID.COUNTRY_NAME, "KZ"),
        (NameOID.LOCALITY_NAME, person.locality.upper()),
        (NameOID.STATE_OR_PROVINCE_NAME, person.locality.upper()),
    ]
    if person.organisation_bin:
        attributes.append((NameOID.ORGANIZATION_NAME, person.organisation_name))
        attributes.append((NameOID.ORGANIZATIONAL_UNIT_NAME, f"BIN{person.organisation_bin}"))
    attributes.append((NameOID.EMAIL_ADDRESS, person.email))
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in attributes if value])


def _issuing_name(root: x509.Name) -> x509.Name:
    """Return the root's name with a word more: the issuer is a test authority just as much."""
    return x509.Name(
        x509.NameAttribute(one.oid, f"{one.value!s}, people")
        if one.oid == NameOID.COMMON_NAME
        else one
        for one in root
    )


def _policy(person: Person, use: KeyUse) -> str:
    if use == "signing":
        return (
            oids.POLICY_ORGANISATION_SIGNING
            if person.organisation_bin
            else oids.POLICY_PERSON_SIGNING
        )
    return (
        oids.POLICY_ORGANISATION_AUTHENTICATION
        if person.organisation_bin
        else oids.POLICY_PERSON_AUTHENTICATION
    )


def _key_storage(oid: str) -> x509.UnrecognizedExtension:
    """Write down where the key is kept; this extension is the emulator's own (I)."""
    return x509.UnrecognizedExtension(x509.ObjectIdentifier(oids.KEY_STORAGE), oid.encode("ascii"))


def _key_usage(
    *,
    digital_signature: bool = False,
    content_commitment: bool = False,
    key_encipherment: bool = False,
    key_cert_sign: bool = False,
    crl_sign: bool = False,
) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        content_commitment=content_commitment,
        key_encipherment=key_encipherment,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=key_cert_sign,
        crl_sign=crl_sign,
        encipher_only=False,
        decipher_only=False,
    )


_USES: dict[KeyUse, x509.KeyUsage] = {
    "signing": _key_usage(digital_signature=True, content_commitment=True),
    "authentication": _key_usage(digital_signature=True, key_encipherment=True),
    "encryption": _key_usage(key_encipherment=True),
}
"""The first two are K(S12), the third is a key that signs nothing at all."""

_EXTENDED_USES: dict[KeyUse, tuple[str, ...]] = {
    "signing": (oids.USE_SIGNING, oids.USE_AUTHENTICATION),
    "authentication": (oids.USE_AUTHENTICATION,),
    "encryption": (),
}

_STATUS = x509.AuthorityInformationAccess(
    [
        x509.AccessDescription(
            AuthorityInformationAccessOID.OCSP,
            x509.UniformResourceIdentifier("http://ocsp.sigex-emulator.invalid/"),
        )
    ]
)
"""Says that the certificate's state can be asked for; nobody listens under this name."""

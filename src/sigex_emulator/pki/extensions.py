"""What the extensions of a certificate say, in the words of the API (sigex-facts 3.3, K(S2))."""

from __future__ import annotations

from cryptography import x509

from . import oids

EMAIL = "rfc822Name"
_ALTERNATIVE_NAMES: dict[
    type[x509.RFC822Name] | type[x509.DNSName] | type[x509.UniformResourceIdentifier], str
] = {
    x509.RFC822Name: EMAIL,
    x509.DNSName: "dNSName",
    x509.UniformResourceIdentifier: "uniformResourceIdentifier",
}
_KEY_USAGES = {
    "digital_signature": "digitalSignature",
    "content_commitment": "nonRepudiation",
    "key_encipherment": "keyEncipherment",
    "data_encipherment": "dataEncipherment",
    "key_agreement": "keyAgreement",
    "key_cert_sign": "keyCertSign",
    "crl_sign": "cRLSign",
}
"""By RFC 5280, as the service names them (sigex-facts 8, K(S2))."""


def key_usages(certificate: x509.Certificate) -> list[str]:
    """Return what the key may do."""
    try:
        extension = certificate.extensions.get_extension_for_class(x509.KeyUsage)
    except x509.ExtensionNotFound:
        return []
    return [name for field, name in _KEY_USAGES.items() if getattr(extension.value, field)]


def ext_key_usages(certificate: x509.Certificate) -> list[str]:
    """Return the roles and uses, as OIDs."""
    try:
        extension = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    except x509.ExtensionNotFound:
        return []
    return [use.dotted_string for use in extension.value]


def policies(certificate: x509.Certificate) -> list[str]:
    """Return the policies, as OIDs."""
    try:
        extension = certificate.extensions.get_extension_for_class(x509.CertificatePolicies)
    except x509.ExtensionNotFound:
        return []
    return [policy.policy_identifier.dotted_string for policy in extension.value]


def alternative_names(certificate: x509.Certificate) -> list[dict[str, str]]:
    """Return the alternative names that are texts; how the API names their types is I."""
    try:
        extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return []
    return [
        {"type": kind, "value": name.value}
        for name in extension.value
        for wanted, kind in _ALTERNATIVE_NAMES.items()
        if isinstance(name, wanted)
    ]


def key_storage(certificate: x509.Certificate) -> str | None:
    """Return the storage that the test authority wrote down; where the real one does is U."""
    try:
        extension = certificate.extensions.get_extension_for_oid(
            x509.ObjectIdentifier(oids.KEY_STORAGE)
        )
    except x509.ExtensionNotFound:
        return None
    written = extension.value
    return (
        written.value.decode("ascii") if isinstance(written, x509.UnrecognizedExtension) else None
    )

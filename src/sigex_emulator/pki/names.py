"""How the service writes the names in a certificate: as text and as a structure (sigex-facts 3.3).

Both keep the certificate's own order (sigex-facts 8, K(S2 samples)), where RFC 4514 would turn it.
"""

from __future__ import annotations

import base64
from typing import Any

from cryptography import x509

from . import oids

_NAMES = {x509.ObjectIdentifier(oid): name for oid, (name, _) in oids.SUBJECT_ATTRIBUTES.items()}


def text_of(name: x509.Name) -> str:
    """Return a name as text, escaped as RFC 4514 says."""
    return ",".join(rdn.rfc4514_string(_NAMES) for rdn in name.rdns)


def structure_of(name: x509.Name) -> list[list[dict[str, Any]]]:
    """Return a name as a list of RDNs, each a list of attributes."""
    return [
        [
            {
                "oid": attribute.oid.dotted_string,
                "name": _NAMES.get(attribute.oid, attribute.oid.dotted_string),
                **_value(attribute),
            }
            for attribute in rdn
        ]
        for rdn in name.rdns
    ]


def _value(attribute: x509.NameAttribute[Any]) -> dict[str, Any]:
    """Return an attribute's value; one that is no text goes as base64 (3.3, K).

    A text holds the backslashes of RFC 4514, which the site's own script strips (8, I).
    """
    if isinstance(attribute.value, bytes):
        return {"valueInB64": True, "value": base64.b64encode(attribute.value).decode()}
    _, _, escaped = attribute.rfc4514_string(_NAMES).partition("=")
    return {"valueInB64": False, "value": escaped}

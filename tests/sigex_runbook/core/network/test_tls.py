"""Whom a file of authorities makes us believe."""

from __future__ import annotations

import ssl

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from sigex_runbook.core.given.certificates import NotCertificate
from sigex_runbook.core.network.tls import context_trusting
from tests.builders import make_pair

AUTHORITY = make_pair("Authority")


def broken(der: bytes) -> str:
    """A certificate of the right build whose times are none."""
    return ssl.DER_cert_to_PEM_cert(der.replace(b"\x17\x0d", b"\x04\x0d", 1))


def test_those_of_the_file_and_no_others() -> None:
    other = make_pair("Other")
    context = context_trusting((AUTHORITY.pem + other.pem).encode("utf-16"))
    assert len(context.get_ca_certs()) == 2


def test_what_openssl_does_not_take_is_no_certificate() -> None:
    with pytest.raises(NotCertificate, match="испорчен"):
        context_trusting(broken(AUTHORITY.certificate.public_bytes(Encoding.DER)).encode())

"""The PDF's signature by each kind of key, with and without a time authority, read by pyHanko."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from cryptography import x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import MDPPerm
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext
from securesystemslib.signer import CryptoSigner, Signature, Signer

from sigex_runbook.evidence.attest.findings import Code, Fault
from sigex_runbook.evidence.sealing.signed_pdf import certify
from sigex_runbook.evidence.verify.pdf_coverage import check_pdf
from tests.sigex_runbook.evidence.authority import TestAuthority
from tests.sigex_runbook.evidence.material import empty_pdf


@pytest.fixture(scope="module")
def plain() -> bytes:
    return empty_pdf()


def status_of(pdf: bytes) -> tuple[Any, Any]:
    [signature] = PdfFileReader(io.BytesIO(pdf), strict=True).embedded_signatures
    context = ValidationContext(trust_roots=[signature.signer_cert], allow_fetching=False)
    return signature, validate_pdf_signature(signature, context)


class Token(Signer):
    """A key that signs and never shows itself, as one on a PKCS#11 token."""

    def __init__(self) -> None:
        self._inside = CryptoSigner.generate_ecdsa()
        self.asked = 0

    @property
    def public_key(self) -> Any:
        return self._inside.public_key

    @classmethod
    def from_priv_key_uri(cls, *_: Any, **__: Any) -> Any:
        raise NotImplementedError

    def sign(self, payload: bytes) -> Signature:
        self.asked += 1
        return self._inside.sign(payload)


@pytest.mark.parametrize(
    "make",
    [CryptoSigner.generate_ed25519, CryptoSigner.generate_ecdsa, Token],
    ids=["ed25519", "p256", "token"],
)
def test_each_kind_of_sealing_key_certifies(plain: bytes, make: Any) -> None:
    signer = make()
    pdf = certify(plain, signer)
    signature, status = status_of(pdf)
    assert (status.intact, status.valid, status.trusted) == (True, True, True)
    assert status.coverage is SignatureCoverageLevel.ENTIRE_FILE
    assert signature.docmdp_level is MDPPerm.NO_CHANGES
    assert status.timestamp_validity is None
    certificate = x509.load_der_x509_certificate(signature.signer_cert.dump())
    [name] = certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
    assert name.value == signer.public_key.keyid
    check_pdf(pdf, signer.public_key)


def test_a_certificate_by_another_key_does_not_hold(plain: bytes) -> None:
    signer, other = CryptoSigner.generate_ed25519(), CryptoSigner.generate_ed25519()

    class Mixed(Token):
        public_key = signer.public_key

        def sign(self, payload: bytes) -> Signature:
            return other.sign(payload)

    with pytest.raises(Fault) as refused:
        check_pdf(certify(plain, Mixed()), signer.public_key)
    assert refused.value.code is Code.PDF_COVERAGE


def test_a_time_authoritys_token_is_in_the_signature(plain: bytes, tmp_path_factory: Any) -> None:
    authority = TestAuthority.make(tmp_path_factory.mktemp("authority"))
    pdf = certify(
        plain, CryptoSigner.generate_ed25519(), authority=authority.pinned, post=authority.post
    )
    _, status = status_of(pdf)
    assert status.timestamp_validity is not None
    assert (status.timestamp_validity.intact, status.timestamp_validity.valid) == (True, True)
    assert status.coverage is SignatureCoverageLevel.ENTIRE_FILE
    check_pdf(pdf, None)


def test_an_authority_that_is_down_is_said_by_an_error(plain: bytes, tmp_path_factory: Any) -> None:
    authority = TestAuthority.make(tmp_path_factory.mktemp("authority"))

    def down(_: str, __: bytes) -> bytes:
        raise OSError("no route")

    with pytest.raises(OSError, match="no route"):
        certify(plain, CryptoSigner.generate_ed25519(), authority=authority.pinned, post=down)


def test_it_works_where_an_event_loop_runs_already(plain: bytes) -> None:
    import asyncio

    async def in_a_kernel() -> None:
        check_pdf(certify(plain, CryptoSigner.generate_ed25519()), None)

    with ThreadPoolExecutor(max_workers=1) as aside:
        aside.submit(asyncio.run, in_a_kernel()).result()


def test_a_key_without_a_name_in_pdf_is_refused(plain: bytes) -> None:
    with pytest.raises(ValueError, match="rsa"):
        certify(plain, CryptoSigner.generate_rsa())

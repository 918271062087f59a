"""A signed PDF that covers itself whole, and another person's approval before the change."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.serialization import pkcs7
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko_certvalidator.registry import SimpleCertificateStore
from securesystemslib.signer import CryptoSigner

from sigex_runbook.core.errors import RunFailed
from sigex_runbook.evidence.attest.findings import Code, Fault, Status
from sigex_runbook.evidence.attest.trust import Trust
from sigex_runbook.evidence.pack.canonical import canonical_json
from sigex_runbook.evidence.sealing.signed_pdf import certify as certify_pdf
from sigex_runbook.evidence.verify.pdf_coverage import check_pdf
from sigex_runbook.evidence.verify.verification import Verification
from tests.builders import Pair, make_pair
from tests.sigex_runbook.evidence.corpus.forgery import reseal, second_status
from tests.sigex_runbook.evidence.material import empty_pdf
from tests.sigex_runbook.evidence.sealed import (
    SIGNER,
    STRANGER,
    Place,
    codes,
    evidence,
    moved,
    window,
)

# PDF


def _untyped(what: Any) -> Any:
    """The library's, without its missing types."""
    return what


def _signer(pair: Pair) -> signers.SimpleSigner:
    der = serialization.Encoding.DER
    key: Any = asn1_keys.PrivateKeyInfo
    certificate: Any = asn1_x509.Certificate
    return signers.SimpleSigner(
        signing_cert=certificate.load(pair.certificate.public_bytes(der)),
        signing_key=key.load(
            pair.key.private_bytes(
                der, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        ),
        cert_registry=_untyped(SimpleCertificateStore)(),
    )


def _sign(pdf: bytes, name: str, *, certify: bool, may: MDPPerm = MDPPerm.NO_CHANGES) -> bytes:
    meta = signers.PdfSignatureMetadata(
        field_name=name,
        md_algorithm="sha256",
        certify=certify,
        docmdp_permissions=may,
        subfilter=SigSeedSubFilter.PADES,
    )
    out = signers.sign_pdf(
        IncrementalPdfFileWriter(io.BytesIO(pdf)), meta, _signer(make_pair("report"))
    )
    return bytes(out.getvalue())


@pytest.fixture(scope="module")
def plain_pdf() -> bytes:
    return empty_pdf()


@pytest.fixture(scope="module")
def certified(plain_pdf: bytes) -> bytes:
    return _sign(plain_pdf, "Report", certify=True)


def test_a_certified_pdf_is_accepted(certified: bytes) -> None:
    check_pdf(certified, None)


def _updated(pdf: bytes) -> bytes:
    writer: Any = _untyped(IncrementalPdfFileWriter)(io.BytesIO(pdf))
    writer.add_object(generic.pdf_string("later"))
    writer.root["/Later"] = generic.pdf_string("later")
    writer.update_root()
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


PDF_CASES: dict[str, Callable[[bytes, bytes], bytes]] = {
    "bytes after the end": lambda pdf, _: pdf + b"%more\n",
    "one byte after the end": lambda pdf, _: pdf + b" ",
    "incremental update": lambda pdf, _: _updated(pdf),
    "second signature": lambda _, plain: _sign(
        _sign(plain, "Report", certify=True, may=MDPPerm.FILL_FORMS), "Another", certify=False
    ),
    "no signature": lambda _, plain: plain,
    "not certified": lambda _, plain: _sign(plain, "Report", certify=False),
    "a changed byte": lambda pdf, _: pdf.replace(b"BT ET", b"BT  T"),
    "no PDF": lambda *_: b"no PDF",
    "nothing": lambda *_: b"",
}


@pytest.mark.parametrize("name", PDF_CASES)
def test_a_pdf_that_says_more_than_was_signed_is_refused(
    certified: bytes, plain_pdf: bytes, name: str, record_property: Any
) -> None:
    with pytest.raises(Fault) as refused:
        check_pdf(PDF_CASES[name](certified, plain_pdf), None)
    assert refused.value.code is Code.PDF_COVERAGE
    record_property("corpus: other ways of spoiling a PDF, all found", 1)


@pytest.mark.parametrize("make", [CryptoSigner.generate_ed25519, CryptoSigner.generate_ecdsa])
def test_the_reports_pdf_is_looked_at_in_its_pack(
    plain_pdf: bytes, tmp_path: Path, make: Callable[[], CryptoSigner]
) -> None:
    place = Place(tmp_path / "outputs", signer=make())
    good = certify_pdf(plain_pdf, place.signer)
    sealed = place.seal(files={"report.pdf": good})
    assert place.verify(sealed.pack).findings == ()
    assert second_status(place, sealed.pack) == Status.INTEGRITY_ONLY
    with pytest.raises(RunFailed, match="E_PDF_COVERAGE"):
        place.seal(run="another", files={"report.pdf": good + b"x"})


def test_a_pdf_by_another_key_than_the_packs_is_found_by_both(
    plain_pdf: bytes, certified: bytes, tmp_path: Path, record_property: Any
) -> None:
    """The pack's owner could put another report, signed by anybody, beside the same evidence."""
    place = Place(tmp_path / "outputs")
    sealed = place.seal(files={"report.pdf": certify_pdf(plain_pdf, SIGNER)})
    for other in (certify_pdf(plain_pdf, STRANGER), certified):
        (sealed.pack / "evidence" / "report.pdf").write_bytes(other)
        reseal(place, sealed.pack, stamped=False)
        assert codes(place.verify(sealed.pack)) == {"E_PDF_COVERAGE"}
        assert second_status(place, sealed.pack) == Status.FAILED
    with pytest.raises(RunFailed, match="не тем ключом"):
        place.seal(run="another", files={"report.pdf": certified})
    record_property("corpus: other ways of spoiling a PDF, all found", 2)


# Approval


APPROVER, COLLEAGUE = make_pair("ПЕТРОВ ПЁТР"), make_pair("СИДОРОВ СИДОР")
EMPLOYEE = make_pair("ИВАНОВ ИВАН")


def approval(order: bytes, by: Pair, *, inside: bool) -> bytes:
    options = [pkcs7.PKCS7Options.Binary]
    if not inside:
        options.append(pkcs7.PKCS7Options.DetachedSignature)
    return (
        pkcs7.PKCS7SignatureBuilder()
        .set_data(order)
        .add_signer(by.certificate, by.key, hashes.SHA256())
        .sign(serialization.Encoding.DER, options)
    )


def sealed_with(
    tmp_path: Path,
    *,
    by: Pair = APPROVER,
    order: bytes | None = None,
    start: timedelta = timedelta(minutes=5),
    inside: bool = False,
    spoil: Callable[[bytes], bytes] = lambda data: data,
) -> Verification:
    """A pack with an approval, sealed by a program that believes every approver here."""
    place = Place(tmp_path / "outputs")
    signed = order if order is not None else canonical_json(evidence()["order.json"])
    begun = datetime.now(UTC) + start
    place_trust = Trust((window(),), approvers=(APPROVER.certificate, EMPLOYEE.certificate))

    sealed = place.seal(change=lambda values: moved(values, begun))
    data = spoil(approval(signed, by, inside=inside))
    reseal(
        place,
        sealed.pack,
        lambda pack: (pack / "evidence/approval.p7s").write_bytes(data),
        sealed_at=max(begun, datetime.now(UTC)).replace(microsecond=0),
        stamped=False,
    )

    return place.verify(sealed.pack, trust=place_trust)


@pytest.mark.parametrize("inside", [True, False], ids=["attached", "detached"])
def test_an_approval_by_another_person_before_the_change(tmp_path: Path, inside: bool) -> None:
    verification = sealed_with(tmp_path, inside=inside)
    assert (verification.findings, verification.status) == ((), Status.INTEGRITY_ONLY)


@pytest.mark.parametrize(
    ("how", "why"),
    [
        ({"by": COLLEAGUE}, "approvers"),
        ({"by": EMPLOYEE}, "тот же"),
        ({"order": b"{}"}, "не сходится"),
        ({"order": b"{}", "inside": True}, "другой заказ"),
        ({"start": timedelta(hours=-1)}, "не раньше"),
        ({"spoil": lambda data: data[:-1]}, "не читается"),
        ({"spoil": lambda data: data[:-9] + bytes(9)}, "не сходится"),
        ({"spoil": lambda _: b""}, "не читается"),
    ],
    ids=["stranger", "self", "detached", "attached", "late", "short", "altered", "empty"],
)
def test_an_approval_that_approves_nothing(
    tmp_path: Path, how: dict[str, Any], why: str, record_property: Any
) -> None:
    verification = sealed_with(tmp_path, **how)
    assert codes(verification) == {"E_APPROVAL"}, verification.findings
    assert why in verification.findings[0].what
    record_property("corpus: other ways of spoiling an approval, all found", 1)

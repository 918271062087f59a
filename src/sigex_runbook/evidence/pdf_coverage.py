"""The signature of `report.pdf`: there is exactly one, it certifies, and it covers every byte.

Bytes behind the last `%%EOF` still validate unless coverage of the entire file is demanded.
"""

from __future__ import annotations

import io
import logging
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from .findings import Code, Fault

_SIGNATURE = ("/Sig", "/ETSI.CAdES.detached")


def check_pdf(data: bytes) -> bytes:
    """Insist that nothing was added to a certified report, and give the public key that certified
    it (SubjectPublicKeyInfo, DER). Whose key that is, is not asked here.

    Raises Fault with E_PDF_COVERAGE.
    """
    try:
        signature = _only_signature(data)
        certificate = x509.load_der_x509_certificate(signature.signer_cert.dump())
        key = certificate.public_key()
        return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    except (KeyboardInterrupt, SystemExit, Fault):
        raise
    except Exception as error:
        raise _fault(f"подпись PDF не читается ({type(error).__name__})") from error


def _only_signature(data: bytes) -> Any:
    """The one signature of the PDF, which holds. Raises Fault, or whatever pyHanko does.

    The certificate names the key and no more, so no path to a root is built: that would take ten
    times as long, and the attestation vouches for the key.
    """
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.fields import MDPPerm
    from pyhanko.sign.validation.generic_cms import validate_sig_integrity
    from pyhanko.sign.validation.status import SignatureCoverageLevel

    logging.getLogger("pyhanko").setLevel(logging.CRITICAL)
    reader = PdfFileReader(io.BytesIO(data), strict=True)
    signatures: list[Any] = list(reader.embedded_signatures)
    if len(signatures) != 1:
        raise _fault(f"подписей не одна, а {len(signatures)}")
    [signature] = signatures
    kind = (signature.sig_object_type, signature.sig_object.get("/SubFilter", None))
    content = signature.signed_data["encap_content_info"]
    if kind != _SIGNATURE or content["content"].native is not None:
        raise _fault("подпись не вида PAdES")
    signature.compute_integrity_info()
    whole, holds = validate_sig_integrity(
        signature.signer_info,
        signature.signer_cert,
        expected_content_type="data",
        actual_digest=signature.compute_digest(),
    )
    if not (whole and holds):
        raise _fault("подпись не сходится с содержимым")
    if signature.coverage is not SignatureCoverageLevel.ENTIRE_FILE:
        raise _fault("подпись охватывает не весь файл")
    if signature.docmdp_level is not MDPPerm.NO_CHANGES:
        raise _fault("подпись не запрещает изменения")
    return signature


def _fault(why: str) -> Fault:
    return Fault(Code.PDF_COVERAGE, why)

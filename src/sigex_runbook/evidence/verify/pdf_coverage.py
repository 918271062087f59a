"""The signature of `report.pdf`: there is exactly one, it certifies, it covers every byte, and the
key that sealed the pack made it.

Bytes behind the last `%%EOF` still validate unless coverage of the entire file is demanded.
"""

from __future__ import annotations

import io
import logging
from typing import Any

from securesystemslib.signer import SSlibKey

from sigex_runbook.evidence.attest.findings import Code, Fault
from sigex_runbook.evidence.attest.trust import public_der

_SIGNATURE = ("/Sig", "/ETSI.CAdES.detached")


def check_pdf(data: bytes, key: SSlibKey | None) -> None:
    """Insist that this key certified the report and nothing was added; without a key, that somebody
    did. Raises Fault with E_PDF_COVERAGE."""
    try:
        why = _fault(data, key)
    except (KeyboardInterrupt, SystemExit):
        raise
    except Exception as error:
        raise Fault(
            Code.PDF_COVERAGE, f"подпись PDF не читается ({type(error).__name__})"
        ) from error
    if why:
        raise Fault(Code.PDF_COVERAGE, why)


def _fault(data: bytes, key: SSlibKey | None) -> str | None:
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.fields import MDPPerm
    from pyhanko.sign.validation.generic_cms import validate_sig_integrity
    from pyhanko.sign.validation.status import SignatureCoverageLevel

    logging.getLogger("pyhanko").setLevel(logging.CRITICAL)
    reader = PdfFileReader(io.BytesIO(data), strict=True)
    signatures: list[Any] = list(reader.embedded_signatures)
    if len(signatures) != 1:
        return f"подписей не одна, а {len(signatures)}"
    [signature] = signatures
    kind = (signature.sig_object_type, signature.sig_object.get("/SubFilter", None))
    if kind != _SIGNATURE or signature.signed_data["encap_content_info"]["content"].native:
        return "подпись не вида PAdES"
    if key is not None and signature.signer_cert.public_key.dump() != public_der(key):
        return "отчёт подписан не тем ключом, которым заверен пакет"
    # The certificate says which key it is, no more, and trust.json whether to believe it: so no
    # path to a root is built, which would take several times as long as all the rest.
    signature.compute_integrity_info()
    whole, holds = validate_sig_integrity(
        signature.signer_info,
        signature.signer_cert,
        expected_content_type="data",
        actual_digest=signature.compute_digest(),
    )
    if not (whole and holds):
        return "подпись не сходится с содержимым"
    if signature.coverage is not SignatureCoverageLevel.ENTIRE_FILE:
        return "подпись охватывает не весь файл"
    if signature.docmdp_level is not MDPPerm.NO_CHANGES:
        return "подпись не запрещает изменения"
    return None

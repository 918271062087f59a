"""The signature of `report.pdf`: there is exactly one, it certifies, it covers every byte, and the
key that sealed the pack made it.

Bytes behind the last `%%EOF` still validate unless coverage of the entire file is demanded.
"""

from __future__ import annotations

import io
import logging
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from securesystemslib.signer import SSlibKey

from .findings import Code, Fault
from .trust import public_der


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
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko.sign.validation.status import SignatureCoverageLevel
    from pyhanko_certvalidator import ValidationContext

    logging.getLogger("pyhanko").setLevel(logging.CRITICAL)
    logging.getLogger("pyhanko_certvalidator").setLevel(logging.CRITICAL)
    reader = PdfFileReader(io.BytesIO(data), strict=True)
    signatures: list[Any] = list(reader.embedded_signatures)
    if len(signatures) != 1:
        return f"подписей не одна, а {len(signatures)}"
    [signature] = signatures
    if key is not None and signature.signer_cert.public_key.dump() != public_der(key):
        return "отчёт подписан не тем ключом, которым заверен пакет"
    # The certificate says which key it is, no more, and trust.json whether to believe it; asked
    # here is only whether the signature holds and what it covers.
    context = ValidationContext(
        trust_roots=[signature.signer_cert], allow_fetching=False, revocation_mode="soft-fail"
    )
    # A thread of its own: pyHanko runs an event loop, and a notebook's kernel is in one already.
    with ThreadPoolExecutor(max_workers=1) as aside:
        status = aside.submit(validate_pdf_signature, signature, context, skip_diff=False).result()
    if not (status.intact and status.valid):
        return "подпись не сходится с содержимым"
    if status.coverage is not SignatureCoverageLevel.ENTIRE_FILE:
        return "подпись охватывает не весь файл"
    if signature.docmdp_level is not MDPPerm.NO_CHANGES:
        return "подпись не запрещает изменения"
    return None

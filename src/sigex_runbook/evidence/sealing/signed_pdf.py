"""The signed PDF: certified with no changes allowed (PAdES), by the key that seals the pack.

The certificate is made for the signature and signed by the same key: it says which key that is, no
more. Whether to believe the key is for trust.json to say. With a time authority the signature
carries its token (PAdES B-T), without one it does not (B-B).
"""

from __future__ import annotations

import asyncio
import hashlib
import io
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import asn1crypto.algos
import asn1crypto.keys
import asn1crypto.tsp
import asn1crypto.x509
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner
from pyhanko.sign.signers import Signer as PdfKey
from pyhanko.sign.timestamps import TimeStamper
from securesystemslib.signer import Signer, SSlibKey

from sigex_runbook.evidence.attest.timestamp import Post, http_post
from sigex_runbook.evidence.attest.trust import Authority, public_der

asn1: Any = asn1crypto  # without types

_FIELD = "Seal"
_VALID = timedelta(days=3650)
_LAST_SHORT_YEAR = 2049
_RESERVED_BYTES = 6_000
_RESERVED_WITH_TOKEN_BYTES = 24_000
_MECHANISMS = {
    "ed25519": ("ed25519", "sha512"),
    "ecdsa-sha2-nistp256": ("sha256_ecdsa", "sha256"),
    "ecdsa": ("sha256_ecdsa", "sha256"),
}


def certify(
    pdf: bytes,
    signer: Signer,
    *,
    authority: Authority | None = None,
    post: Post | None = None,
    now: datetime | None = None,
) -> bytes:
    """The PDF with one certifying signature over all of it, after which nothing may change.

    With an `authority` its token is asked for; raises OSError or pyHanko's TimestampRequestError
    when it gives none. Raises ValueError for a kind of key that PDF has no name for.
    """
    moment = (now or datetime.now(UTC)).replace(microsecond=0)
    key = _SealingKey(signer, moment)
    metadata = PdfSignatureMetadata(
        field_name=_FIELD,
        md_algorithm=key.digest,
        subfilter=SigSeedSubFilter.PADES,
        certify=True,
        docmdp_permissions=MDPPerm.NO_CHANGES,
    )
    clock = _Clock(authority.url, post or http_post) if authority else None
    out = io.BytesIO()
    signing = PdfSigner(metadata, key, timestamper=clock).async_sign_pdf(
        IncrementalPdfFileWriter(io.BytesIO(pdf)),
        bytes_reserved=_RESERVED_WITH_TOKEN_BYTES if clock else _RESERVED_BYTES,
        output=out,
    )
    # A thread of its own: pyHanko wants an event loop, and a notebook's kernel is in one already.
    with ThreadPoolExecutor(max_workers=1) as aside:
        aside.submit(asyncio.run, signing).result()
    return out.getvalue()


class _SealingKey(PdfKey):
    """The pack's key, wherever it lives, as pyHanko wants to be handed one."""

    def __init__(self, signer: Signer, moment: datetime) -> None:
        scheme = signer.public_key.scheme
        if scheme not in _MECHANISMS:
            raise ValueError(f"no PDF signature is defined for {scheme}")
        name, self.digest = _MECHANISMS[scheme]
        self._signer = signer
        mechanism = asn1.algos.SignedDigestAlgorithm({"algorithm": name})
        super().__init__(
            signing_cert=_certificate(signer, mechanism, moment), signature_mechanism=mechanism
        )

    async def async_sign_raw(
        self,
        data: bytes,
        digest_algorithm: str,  # noqa: ARG002 - pyHanko's
        dry_run: bool = False,  # noqa: ARG002
    ) -> bytes:
        """The signature; the key hashes for itself, the way its mechanism says."""
        return _signature(self._signer, data)


class _Clock(TimeStamper):
    """A time authority, asked the way the pack's own token is asked for."""

    def __init__(self, url: str, post: Post) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._url, self._post = url, post

    async def async_request_tsa_response(self, req: Any) -> Any:
        """Ask once. Raises OSError."""
        return asn1.tsp.TimeStampResp.load(self._post(self._url, req.dump()))


def _signature(signer: Signer, data: bytes) -> bytes:
    return bytes.fromhex(signer.sign(data).signature)


def _certificate(signer: Signer, mechanism: Any, moment: datetime) -> Any:
    """A certificate by the key itself, whose name is the key's id."""
    public = signer.public_key
    assert isinstance(public, SSlibKey)  # noqa: S101 - every signer of `keyring` has one
    der = public_der(public)
    name = asn1.x509.Name.build({"organization_name": "sigex-runbook", "common_name": public.keyid})
    body = asn1.x509.TbsCertificate(
        {
            "version": "v3",
            "serial_number": int.from_bytes(hashlib.sha256(der).digest()[:15], "big"),
            "signature": mechanism,
            "issuer": name,
            "validity": {
                "not_before": _time(moment - timedelta(days=1)),
                "not_after": _time(moment + _VALID),
            },
            "subject": name,
            "subject_public_key_info": asn1.keys.PublicKeyInfo.load(der),
            "extensions": [
                {"extn_id": "basic_constraints", "critical": True, "extn_value": {"ca": False}},
                {
                    "extn_id": "key_usage",
                    "critical": True,
                    "extn_value": {"digital_signature", "non_repudiation"},
                },
            ],
        }
    )
    return asn1.x509.Certificate(
        {
            "tbs_certificate": body,
            "signature_algorithm": mechanism,
            "signature_value": _signature(signer, body.dump()),
        }
    )


def _time(moment: datetime) -> Any:
    """A moment as certificates write it: two digits of the year while these are unambiguous."""
    kind = "utc_time" if moment.year <= _LAST_SHORT_YEAR else "general_time"
    return asn1.x509.Time(name=kind, value=moment)

"""Trusted time: asking an authority for an RFC 3161 token, and checking one.

A token alone is not enough: many of its bytes may change and it still verifies, and an authority's
own clock may be wrong. So the ledger holds the token's digest, and `vouching` bounds its time.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

import rfc3161_client
from cryptography import x509
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    VerificationError,
    VerifierBuilder,
)

from sigex_runbook.core.error_causes import why

from .findings import Code, Fault
from .trust import Authority

TOLERANCE = timedelta(minutes=10)
"""How far two clocks may be apart before times are no longer believed."""

ATTEMPTS = 3
PAUSES_SECONDS = (0.5, 2.0)
TIMEOUT_SECONDS = 10.0
_LARGEST = 1 << 20

T = TypeVar("T")

Post = Callable[[str, bytes], bytes]
"""Sends a request's bytes to an address and gives the answer's; raises OSError when it cannot."""


class Unanswered(OSError):
    """A request came to nothing; the text is the reason in Russian."""


class AuthorityDown(Exception):
    """The authority did not give a token that holds; the text says why."""


def request_token(
    authority: Authority,
    data: bytes,
    *,
    post: Post | None = None,
    pause: Callable[[float], None] = time.sleep,
) -> bytes:
    """A token over the exact bytes, checked before it is given. Raises AuthorityDown.

    Only what may pass by itself is tried again, at most `ATTEMPTS` times in all.
    """
    send = post or http_post
    request = (
        TimestampRequestBuilder()
        .data(data)
        .hash_algorithm(HashAlgorithm.SHA256)
        .cert_request(cert_request=True)
        .nonce(nonce=True)
        .build()
    )
    for attempt in range(ATTEMPTS):
        try:
            token = send(authority.url, request.as_bytes())
            break
        except OSError as error:
            if attempt + 1 == ATTEMPTS:
                reason = str(error) if isinstance(error, Unanswered) else why(error)
                raise AuthorityDown(f"не отвечает: {reason}") from error
            pause(PAUSES_SECONDS[attempt])
    try:
        check_token(token, data, (authority,), nonce=request.nonce)
    except Fault as fault:
        raise AuthorityDown(fault.what) from fault
    return token


def http_post(url: str, body: bytes) -> bytes:
    """Send by HTTP. Raises Unanswered."""
    import httpx

    try:
        answer = httpx.post(
            url,
            content=body,
            headers={"Content-Type": "application/timestamp-query"},
            timeout=TIMEOUT_SECONDS,
        )
        answer.raise_for_status()
    except httpx.HTTPStatusError as error:
        raise Unanswered(f"код ответа {error.response.status_code}") from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise Unanswered(why(error)) from error
    return answer.content


def check_token(
    token: bytes, data: bytes, authorities: tuple[Authority, ...], *, nonce: int | None = None
) -> datetime:
    """The time of a token over exactly these bytes, made by one of the pinned authorities.

    Raises Fault with E_TIMESTAMP.
    """
    answer = _guarded(lambda: _decode(token))
    why = "в trust.json нет сервера времени"
    for authority in authorities:
        try:
            _guarded(lambda one=authority: _verify(one, answer, data, nonce))  # type: ignore[misc]
        except Fault as fault:
            why = fault.what
        else:
            moment: datetime = answer.tst_info.gen_time
            return moment
    raise Fault(Code.TIMESTAMP, why)


def covers(token: bytes, data: bytes) -> None:
    """Insist that a token of an authority unknown to us is at least one over these bytes.

    Raises Fault with E_TIMESTAMP.
    """
    import hashlib

    answer = _guarded(lambda: _decode(token))
    imprint = _guarded(lambda: answer.tst_info.message_imprint)
    if imprint.message not in {hashlib.new(n, data).digest() for n in ("sha256", "sha512")}:
        raise Fault(Code.TIMESTAMP, "метка времени сделана для другого файла")


def _decode(token: bytes) -> rfc3161_client.TimeStampResponse:
    if len(token) > _LARGEST:
        raise ValueError("слишком велика")
    answer = rfc3161_client.decode_timestamp_response(token)
    if answer.as_bytes() != token:
        raise ValueError("записана не в DER")
    return answer


def _verify(
    authority: Authority,
    answer: rfc3161_client.TimeStampResponse,
    data: bytes,
    nonce: int | None,
) -> None:
    own = [c for c in authority.certificates if not _issues(c)]
    verifier = VerifierBuilder(
        tsa_certificate=own[0] if own else None,
        roots=[c for c in authority.certificates if _issues(c)] or own,
        nonce=nonce,
    ).build()
    verifier.verify_message(answer, data)


def _issues(certificate: x509.Certificate) -> bool:
    """Whether a certificate is an issuer's, and not the authority's own."""
    try:
        constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints)
    except x509.ExtensionNotFound:
        return False
    return bool(constraints.value.ca)


def _guarded(task: Callable[[], T]) -> T:
    """Do it; whatever the parser of hostile bytes raises, even a panic, becomes a Fault."""
    try:
        return task()
    except (KeyboardInterrupt, SystemExit, Fault):
        raise
    except VerificationError as error:
        raise Fault(Code.TIMESTAMP, "метка времени не подтверждается") from error
    except BaseException as error:
        raise Fault(
            Code.TIMESTAMP, f"метка времени не читается ({type(error).__name__})"
        ) from error

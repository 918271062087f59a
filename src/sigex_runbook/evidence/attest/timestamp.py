"""Trusted time: asking an authority for an RFC 3161 token."""

from __future__ import annotations

import hashlib
import secrets
import ssl
import time
from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import asn1crypto.tsp

from sigex_runbook.core.error_causes import why
from sigex_runbook.core.errors import UsageError
from sigex_runbook.core.network.proxies import proxy_for

from .findings import Fault
from .token import DIGESTS, Refused, check_answer, check_token
from .trust import Authority

asn1: Any = asn1crypto  # without types

TOLERANCE = timedelta(minutes=10)
"""How far two clocks may be apart before times are no longer believed."""

ATTEMPTS = 3
PAUSES_SECONDS = (0.5, 2.0)
TIMEOUT_SECONDS = 10.0
_LARGEST = 1 << 20
_NONCE_BITS = 63
_PASSING = frozenset({"time_not_available", "system_failure"})
"""Why an authority refuses now and may not a little later."""
_PASSING_STATUSES = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}

Post = Callable[[str, bytes], bytes]
"""Sends a request's bytes to an address and gives the answer's; raises OSError when it cannot."""


class Unanswered(OSError):
    """A request came to nothing; the text is the reason in Russian. Asking again is of no use when
    it is not `passing`."""

    def __init__(self, reason: str, *, passing: bool = True) -> None:
        super().__init__(reason)
        self.passing = passing


class AuthorityDown(Exception):
    """The authority did not give a token that holds; the text says why."""


def request_token(
    authority: Authority,
    data: bytes,
    *,
    known: tuple[Authority, ...] = (),
    post: Post | None = None,
    pause: Callable[[float], None] = time.sleep,
) -> bytes:
    """A token over the exact bytes, checked before it is given; `known` are the certificates that
    were pinned before for the same address. Raises AuthorityDown.

    Only what may pass by itself is tried again, at most `ATTEMPTS` times in all; who does not take
    one digest is asked with the next.
    """
    for digest in DIGESTS:
        nonce = secrets.randbits(_NONCE_BITS)
        request = _request(data, digest, nonce)
        try:
            token = _answer(authority.url, request, post or http_post, pause)
            check_token(token, data, (authority, *known), nonce=nonce)
        except Refused as refused:
            if "bad_alg" not in refused.reasons or digest == DIGESTS[-1]:
                raise AuthorityDown(refused.what) from refused
        except Fault as fault:
            raise AuthorityDown(f"ответил не так: {fault.what}") from fault
        else:
            return token
    raise AssertionError("the last digest is answered or refused")


def _request(data: bytes, digest: str, nonce: int) -> bytes:
    request = asn1.tsp.TimeStampReq(
        {
            "version": "v1",
            "message_imprint": {
                "hash_algorithm": {"algorithm": digest},
                "hashed_message": hashlib.new(digest, data).digest(),
            },
            "nonce": nonce,
            "cert_req": True,
        }
    )
    return bytes(request.dump())


def _answer(url: str, request: bytes, send: Post, pause: Callable[[float], None]) -> bytes:
    """What the authority answers. Raises AuthorityDown, Fault, Refused."""
    for attempt in range(ATTEMPTS):
        last = attempt + 1 == ATTEMPTS
        try:
            answer = send(url, request)
            check_answer(answer)
        except OSError as error:
            if last or not getattr(error, "passing", True):
                reason = str(error) if isinstance(error, Unanswered) else why(error)
                raise AuthorityDown(f"не отвечает: {reason}") from error
        except Refused as refused:
            if last or not refused.reasons & _PASSING:
                raise
        else:
            return answer
        pause(PAUSES_SECONDS[attempt])
    raise AssertionError("the last attempt is answered or raises")


def http_post(url: str, body: bytes) -> bytes:
    """Send by HTTP, through the proxy that is set for the address. Raises Unanswered."""
    import httpx

    until = time.monotonic() + TIMEOUT_SECONDS
    answer = bytearray()
    try:
        with httpx.stream(
            "POST",
            url,
            content=body,
            headers={"Content-Type": "application/timestamp-query"},
            timeout=TIMEOUT_SECONDS,
            proxy=proxy_for(url),
            trust_env=False,
            verify=ssl.create_default_context(),
        ) as response:
            response.raise_for_status()
            for part in response.iter_bytes():
                answer += part
                if len(answer) > _LARGEST:
                    raise Unanswered("ответ неправдоподобно велик", passing=False)
                if time.monotonic() > until:  # one that drips is no answer
                    raise Unanswered("ответа не дождались")
    except httpx.HTTPStatusError as error:
        status = error.response.status_code
        passing = error.response.is_server_error or status in _PASSING_STATUSES
        raise Unanswered(f"код ответа {status}", passing=passing) from error
    except UsageError as error:
        raise Unanswered(str(error), passing=False) from error
    except (httpx.InvalidURL, ValueError) as error:
        raise Unanswered("адрес записан с ошибкой", passing=False) from error
    except httpx.HTTPError as error:
        raise Unanswered(why(error)) from error
    return bytes(answer)

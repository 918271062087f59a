"""An RFC 3161 token: what it says, and whether one of the pinned authorities vouches for it.

A token alone is not enough: what is not signed in it may change and it still verifies, and an
authority's own clock may be wrong. So the ledger holds its digest, and `vouching` bounds its time.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any, TypeVar

import asn1crypto.cms
import asn1crypto.core
import asn1crypto.tsp
import asn1crypto.x509
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from .findings import Code, Fault
from .trust import Authority

asn1: Any = asn1crypto  # without types

DIGESTS = ("sha256", "sha384", "sha512")
"""What a token may be made over; the first is asked for, the others of who takes no such."""

_LARGEST = 1 << 20
_GRANTED = ("granted", "granted_with_mods")
_STAMPING = ["time_stamping"]

T = TypeVar("T")

_REASONS = {
    "bad_alg": "не принимает такой алгоритм",
    "bad_request": "не принимает таких запросов",
    "bad_data_format": "не понял запроса",
    "time_not_available": "сам не знает времени",
    "unaccepted_policy": "не принимает таких правил",
    "unaccepted_extensions": "не принимает таких запросов",
    "add_info_not_available": "не может ответить так, как спрошено",
    "system_failure": "неисправен",
}


class Refused(Fault):
    """The answer holds no token; `reasons` are the authority's own, by their names in RFC 3161."""

    def __init__(self, reasons: frozenset[str]) -> None:
        told = ", ".join(words for name, words in _REASONS.items() if name in reasons)
        super().__init__(Code.TIMESTAMP, f"отказал: {told or 'причины не назвал'}")
        self.reasons = reasons


def check_answer(answer: bytes) -> None:
    """Insist that an authority's answer is one, and a token. Raises Fault, Refused."""
    _guarded(lambda: _signed_data(answer))


def check_token(
    token: bytes, data: bytes, authorities: tuple[Authority, ...], *, nonce: int | None = None
) -> datetime:
    """The time of a token over exactly these bytes, made by one of the pinned authorities.

    Raises Fault with E_TIMESTAMP.
    """
    covers(token, data)
    fault = Fault(Code.TIMESTAMP, "в trust.json нет сервера времени")
    for authority in reversed(authorities):  # what the one that is asked first lacks is told
        try:
            return _guarded(lambda one=authority: _vouched(one, token, nonce))  # type: ignore[misc]
        except Fault as found:
            fault = found
    raise fault


def covers(token: bytes, data: bytes) -> None:
    """Insist that a token, also of an authority unknown to us, is at least one over these bytes.

    Raises Fault with E_TIMESTAMP.
    """
    imprint = _guarded(lambda: _told(_signed_data(token))["message_imprint"].native)
    name = imprint["hash_algorithm"]["algorithm"]
    if name not in DIGESTS or imprint["hashed_message"] != hashlib.new(name, data).digest():
        raise Fault(Code.TIMESTAMP, "метка времени сделана для другого файла")


def _signed_data(token: bytes) -> Any:
    if len(token) > _LARGEST:
        raise ValueError("слишком велика")
    answer = asn1.core.Sequence.load(token, strict=True)  # TimeStampResp would want a token
    status = asn1.tsp.PKIStatusInfo.load(answer[0].dump())
    if status["status"].native not in _GRANTED:
        raise Refused(frozenset(status["fail_info"].native or ()))
    signed = asn1.cms.ContentInfo.load(answer[1].dump())["content"]
    _told(signed)
    return signed


def _told(signed: Any) -> Any:
    """What the token says: TSTInfo."""
    return signed["encap_content_info"]["content"].parsed


def _vouched(authority: Authority, token: bytes, nonce: int | None) -> datetime:
    """The time, when the token is signed by a pinned certificate of a server, or by any that is not
    pinned but leads to a pinned issuer. All are judged at the token's own time."""
    signed = _signed_data(token)
    told = _told(signed)
    moment: datetime = told["gen_time"].native
    if nonce is not None and told["nonce"].native != nonce:
        raise _fault("ответ не на наш запрос")
    pinned = {
        one: asn1.x509.Certificate.load(one.public_bytes(Encoding.DER))
        for one in authority.certificates
    }
    if not signed["certificates"]:  # whoever pins the server's own certificate needs none in it
        signed["certificates"] = [
            asn1.cms.CertificateChoices("certificate", one) for one in pinned.values()
        ]
    anchors = [there for one, there in pinned.items() if _valid_at(one, moment)]
    found = _validated(signed, anchors, moment)
    signer = found["signing_cert"]
    servers = [there.dump() for one, there in pinned.items() if not _issues(one)]
    usage = signer.extended_key_usage_value
    if servers and signer.dump() not in servers:
        raise _fault(
            "подписано другим сертификатом, чем закреплён в trust.json (если сервер времени сменил "
            "его, добавьте новый: sigex-runbook key authority)"
        )
    if not (found["intact"] and found["valid"]):
        raise _fault("подпись метки времени не сходится")
    if "extended_key_usage" not in signer.critical_extensions or usage.native != _STAMPING:
        raise _fault("подписано сертификатом, который не для меток времени")
    if not signer.not_valid_before <= moment <= signer.not_valid_after:
        raise _fault("сертификат сервера времени в миг метки не действовал")
    if found["trust_problem_indic"] is not None:
        raise _fault("цепочка сертификатов метки не ведёт к закреплённым в trust.json")
    return moment


def _validated(signed: Any, anchors: list[Any], moment: datetime) -> Any:
    """What pyHanko finds of signature and chain, offline."""
    from pyhanko.sign.validation.generic_cms import cms_basic_validation
    from pyhanko.sign.validation.status import TimestampSignatureStatus
    from pyhanko_certvalidator import ValidationContext

    for name in ("pyhanko", "pyhanko_certvalidator"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    context = ValidationContext(
        trust_roots=anchors,
        moment=moment,
        best_signature_time=moment,
        allow_fetching=False,
        revocation_mode="soft-fail",
    )
    validation = cms_basic_validation(
        signed,
        validation_context=context,
        key_usage_settings=TimestampSignatureStatus.default_usage_constraints(),
    )
    # A thread of its own: pyHanko wants an event loop, and a notebook's kernel is in one already.
    with ThreadPoolExecutor(max_workers=1) as aside:
        return aside.submit(asyncio.run, validation).result()


def _valid_at(certificate: x509.Certificate, moment: datetime) -> bool:
    return certificate.not_valid_before_utc <= moment <= certificate.not_valid_after_utc


def _issues(certificate: x509.Certificate) -> bool:
    """Whether a certificate is an issuer's, and not the authority's own; those that are too old to
    say so are roots."""
    try:
        constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints)
    except x509.ExtensionNotFound:
        return certificate.issuer == certificate.subject
    return bool(constraints.value.ca)


def _fault(what: str) -> Fault:
    return Fault(Code.TIMESTAMP, what)


def _guarded(task: Callable[[], T]) -> T:
    """Do it; whatever the parsers of hostile bytes raise becomes a Fault."""
    try:
        return task()
    except Fault:
        raise
    except Exception as error:
        raise _fault(f"метка времени не читается ({type(error).__name__})") from error

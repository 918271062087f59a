"""Tokens as authorities make them: whoever OpenSSL believes is believed, and nobody else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asn1crypto.keys
import asn1crypto.tsp
import asn1crypto.x509
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper

from sigex_runbook.evidence.attest.findings import Fault
from sigex_runbook.evidence.attest.timestamp import AuthorityDown, request_token
from sigex_runbook.evidence.attest.token import check_token, covers
from sigex_runbook.evidence.attest.trust import Trust, read_certificates
from tests.sigex_runbook.evidence.office import NOW, Office

asn1: Any = asn1crypto  # without types

DATA = b"what is stamped"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    return Office(tmp_path_factory.mktemp("office"))


CHAINS = (["issuer", "root"], ["root", "issuer"], ["issuer"])


PINNED = (
    *(["root"], ["issuer"], ["first"], ["first", "root"]),
    *(["root", "issuer", "first"], ["second", "first"]),
)


@pytest.mark.parametrize("pinned", PINNED, ids=str)
@pytest.mark.parametrize("chain", CHAINS, ids=str)
def test_any_order_and_any_rank_of_what_is_pinned(
    office: Office, chain: list[str], pinned: list[str]
) -> None:
    token = request_token(office.pinned(*pinned), DATA, post=office.post("first", chain))
    said = check_token(token, DATA, (office.pinned(*pinned),))
    assert abs(said - datetime.now(UTC)) < timedelta(minutes=5)


@pytest.mark.parametrize(
    ("pinned", "told"),
    [
        (["second"], "другим сертификатом"),
        (["second", "root"], "другим сертификатом"),
        ([], "не ведёт"),
    ],
)
def test_another_server_than_the_pinned_is_told_as_that(
    office: Office, pinned: list[str], told: str
) -> None:
    with pytest.raises(AuthorityDown, match=told):
        request_token(office.pinned(*pinned), DATA, post=office.post("first", CHAINS[0]))


def test_a_foreign_root_of_the_same_name_is_not_believed(office: Office, tmp_path: Path) -> None:
    foreign = Office(tmp_path)
    for pinned in (["root"], ["issuer"], ["issuer", "root"]):
        with pytest.raises(AuthorityDown, match="не ведёт"):
            request_token(office.pinned(*pinned), DATA, post=foreign.post("first", CHAINS[1]))


@pytest.mark.parametrize("server", ["first", "second"])
@pytest.mark.parametrize("md", ["sha256", "sha384", "sha512"])
def test_the_digest_of_the_signature(office: Office, server: str, md: str) -> None:
    request_token(office.pinned("root"), DATA, post=office.post(server, ["issuer"], md=md))


@pytest.mark.parametrize("takes", ["sha384", "sha512"])
def test_an_authority_that_takes_one_digest_only_is_asked_with_it(
    office: Office, takes: str
) -> None:
    waited: list[float] = []
    token = request_token(
        office.pinned("root"),
        DATA,
        post=office.post("first", ["issuer"], takes=takes),
        pause=waited.append,
    )
    covers(token, DATA)
    with pytest.raises(Fault, match="для другого файла"):
        covers(token, DATA + b"!")
    assert not waited


def test_a_token_without_certificates_needs_the_servers_own(office: Office) -> None:
    asked = office.post("first")

    def without(url: str, query: bytes) -> bytes:
        request = asn1.tsp.TimeStampReq.load(query)
        request["cert_req"] = False
        return asked(url, request.dump())

    for pinned in (["first"], ["first", "issuer", "root"]):
        request_token(office.pinned(*pinned), DATA, post=without)
    with pytest.raises(AuthorityDown):
        request_token(office.pinned("root"), DATA, post=without)


def test_a_grant_with_changes_is_a_grant(office: Office) -> None:
    asked = office.post("first", ["issuer"])

    def changed(url: str, query: bytes) -> bytes:
        answer = asn1.tsp.TimeStampResp.load(asked(url, query))
        answer["status"]["status"] = "granted_with_mods"
        return bytes(answer.dump())

    request_token(office.pinned("root"), DATA, post=changed)


def refusing(*reasons: str) -> tuple[list[bytes], Callable[[str, bytes], bytes]]:
    asked: list[bytes] = []

    def post(_: str, query: bytes) -> bytes:
        asked.append(query)
        status = asn1.tsp.PKIStatusInfo({"status": "rejection", "fail_info": set(reasons)}).dump()
        return b"\x30" + bytes([len(status)]) + bytes(status)

    return asked, post


@pytest.mark.parametrize(
    ("reason", "told", "times"),
    [
        ("time_not_available", "сам не знает времени", 3),
        ("system_failure", "неисправен", 3),
        ("unaccepted_policy", "таких правил", 1),
        ("bad_alg", "такой алгоритм", 3),
    ],
)
def test_a_refusal_is_told_and_repeated_only_where_it_may_pass(
    office: Office, reason: str, told: str, times: int
) -> None:
    asked, post = refusing(reason)
    with pytest.raises(AuthorityDown, match=f"отказал: .*{told}"):
        request_token(office.pinned("root"), DATA, post=post, pause=lambda _: None)
    assert len(asked) == times


@pytest.mark.parametrize("answer", [b"", b"<html>", b"0\x82", b"\x30\x03\x02\x01\x00"], ids=repr)
def test_what_is_no_answer_is_told(office: Office, answer: bytes) -> None:
    with pytest.raises(AuthorityDown, match="не читается"):
        request_token(office.pinned("root"), DATA, post=lambda *_: answer)


def test_an_answer_to_somebody_elses_question_is_not_taken(office: Office) -> None:
    old = request_token(office.pinned("root"), DATA, post=office.post("first", ["issuer"]))
    with pytest.raises(AuthorityDown, match="не на наш запрос"):
        request_token(office.pinned("root"), DATA, post=lambda *_: old)


@pytest.mark.parametrize(
    ("usage", "until", "told"),
    [
        ((ExtendedKeyUsageOID.CODE_SIGNING,), NOW + timedelta(days=9), "не для меток"),
        (
            (ExtendedKeyUsageOID.TIME_STAMPING, ExtendedKeyUsageOID.CODE_SIGNING),
            NOW + timedelta(days=9),
            "не для меток",
        ),
        ((ExtendedKeyUsageOID.TIME_STAMPING,), NOW - timedelta(days=9), "не действовал"),
    ],
)
def test_a_servers_certificate_must_be_for_stamping_and_valid(
    office: Office,
    usage: tuple[x509.ObjectIdentifier, ...],
    until: datetime,
    told: str,
) -> None:
    """Whatever is pinned, also itself."""
    office.issue("bad", "issuer", rsa.generate_private_key(65537, 2048), usage=usage, until=until)

    def post(_: str, query: bytes) -> bytes:
        """OpenSSL would refuse to sign with such a one."""
        return _signed_by(office, query)

    for pinned in (["issuer"], ["bad"]):
        with pytest.raises(AuthorityDown, match=told):
            request_token(office.pinned(*pinned), DATA, post=post)


def _signed_by(office: Office, query: bytes) -> bytes:
    der = serialization.Encoding.DER
    key = office.keys["bad"].private_bytes(
        der, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    stamper = DummyTimeStamper(
        asn1.x509.Certificate.load(office.certificates["bad"].public_bytes(der)),
        asn1.keys.PrivateKeyInfo.load(key),
        fixed_dt=NOW,
    )
    answer: Any = stamper.request_tsa_response(asn1.tsp.TimeStampReq.load(query))
    return bytes(answer.dump())


def test_a_renewed_certificate_is_kept_beside_the_one_before_it(office: Office) -> None:
    """The same address, once with each server's certificate: what either stamped goes on."""
    old = request_token(office.pinned("first"), DATA, post=office.post("first", CHAINS[0]))
    trust = Trust().with_authority(office.pinned("first")).with_authority(office.pinned("second"))
    again = Trust.parse(trust.with_authority(office.pinned("second")).to_text())
    assert [one.certificates for one in again.authorities] == [
        office.pinned("second").certificates,
        office.pinned("first").certificates,
    ]
    new = request_token(again.authorities[0], DATA, post=office.post("second", CHAINS[0]))
    for token in (old, new):
        check_token(token, DATA, again.authorities)
    late = office.post("first", CHAINS[0])  # one of its machines has the old one still
    request_token(again.authorities[0], DATA, known=again.authorities[1:], post=late)


def test_a_certificate_in_der_is_read_too(office: Office) -> None:
    one = office.certificates["root"]
    assert read_certificates(one.public_bytes(serialization.Encoding.DER)) == (one,)

"""The HTTP channel against a small TLS server of these tests, independent of the emulator."""

from __future__ import annotations

import json
import re
import ssl
import threading
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization

from sigex_runbook.access import AccessBlock, AccessSettings
from sigex_runbook.api import Api, Exchange, Listing, check_address, tls_context, try_grant
from sigex_runbook.deadline import Deadline
from sigex_runbook.errors import (
    DeadlinePassed,
    ServiceRefused,
    ServiceUnavailable,
    UsageError,
)
from sigex_runbook.verdict import Answer
from tests.builders import (
    CONTROL,
    ORGANISATION,
    SYSTEM,
    Pair,
    Reply,
    Service,
    known_pair,
    make_pair,
    reply,
    running_service,
    settings_body,
)

COOKIE = "a-session-that-must-stay-secret"
IDENTITY = {
    "userId": "IIN900101300126",
    "businessId": f"BIN{ORGANISATION}",
    "subjectStructure": [
        [{"oid": "2.5.4.3", "name": "CN", "valueInB64": False, "value": "ИВАНОВ ИВАН"}],
        [{"oid": "2.5.4.10", "name": "O", "valueInB64": False, "value": "АО «Пример»"}],
    ],
}
DENIED = reply({"message": "Access denied", "requestID": 7})


@pytest.fixture(scope="module")
def authority() -> Pair:
    return make_pair("Test authority")


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory, authority: Pair) -> Path:
    """`ca.pem`, and a certificate with its key for each information system."""
    folder = tmp_path_factory.mktemp("tls")
    authority.save(folder, "ca")
    known_pair(SYSTEM).save(folder, "system")
    known_pair(CONTROL).save(folder, "control")
    return folder


@pytest.fixture(scope="module")
def running(authority: Pair, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    server = make_pair("127.0.0.1", issuer=authority)
    folder = tmp_path_factory.mktemp("server")
    with running_service(server, folder, clients=known_pair(SYSTEM)) as service:
        yield service


@pytest.fixture
def service(running: Service) -> Service:
    """The server with nothing remembered."""
    running.calls.clear()
    running.answer = lambda _: Reply()
    return running


@pytest.fixture
def exchanges() -> list[Exchange]:
    return []


@pytest.fixture
def api(service: Service, files: Path, exchanges: list[Exchange]) -> Iterator[Api]:
    """An employee's view."""
    with Api(
        service.address,
        actor="employee",
        context=tls_context(files / "ca.pem"),
        cookie=COOKIE,
        record=exchanges.append,
    ) as api:
        yield api


def answers(service: Service, value: object, **changes: Any) -> None:
    service.answer = lambda _: reply(value, **changes)


# -- what an answer means


def test_the_cookie_is_sent_and_the_identity_read(service: Service, api: Api) -> None:
    answers(service, IDENTITY)
    identity = api.identity()
    assert identity.name == "ИВАНОВ ИВАН"
    assert identity.organisation_bin == ORGANISATION
    assert identity.organisation_name == "АО «Пример»"
    (call,) = service.calls
    assert (call.method, call.path) == ("GET", "/api/auth")
    assert call.headers["cookie"] == f"jwt={COOKIE}"


def test_a_private_person_has_no_organisation(service: Service, api: Api) -> None:
    answers(service, {key: value for key, value in IDENTITY.items() if key != "businessId"})
    assert api.identity().organisation_bin is None


def test_an_attribute_in_base64_is_not_shown_as_a_name(service: Service, api: Api) -> None:
    name = {"oid": "2.5.4.3", "name": "CN", "valueInB64": True, "value": "DAA="}
    answers(service, {**IDENTITY, "subjectStructure": [[name]]})
    assert api.identity().name == ""


@pytest.mark.parametrize("structure", [[["CN"]], [1], {"CN": "x"}, "CN"])
def test_an_identity_of_another_shape_is_a_clean_error(
    service: Service, api: Api, structure: Any
) -> None:
    answers(service, {**IDENTITY, "subjectStructure": structure})
    with pytest.raises(ServiceUnavailable, match=r"\S"):
        api.identity()


@pytest.mark.parametrize("status", [200, 400, 403, 500])
def test_a_message_is_a_refusal_whatever_the_code(service: Service, api: Api, status: int) -> None:
    answers(service, {"message": "Access denied", "requestID": 1}, status=status)
    with pytest.raises(ServiceRefused, match="Access denied") as refused:
        api.settings()
    assert refused.value.reason == "Access denied"


def test_an_empty_message_is_a_refusal_too(service: Service, api: Api) -> None:
    answers(service, {"message": ""})
    with pytest.raises(ServiceRefused):
        api.sign_out()


NOT_THE_SERVICE = {
    "html": Reply(b"<html>Welcome</html>", content_type="text/html"),
    "html that claims to be json": Reply(b"<html></html>"),
    "a list": reply([settings_body()]),
    "a text": reply("ok"),
    "null": reply(None),
    "nothing": Reply(b""),
    "cut in the middle": Reply(b'{"businessId": "BIN2002'),
    "connection lost in the middle": Reply(b'{"businessId": 1}', short_by=5),
    "not utf-8": Reply(b'{"a": "\xff\xfe"}'),
    "endless depth": Reply(b"[" * 100_000),
    "a gateway's page": Reply(b"<h1>502</h1>", status=502, content_type="text/html"),
    "an error without a message": reply({}, status=500),
    "a redirect": reply({}, status=302, headers={"Location": "https://elsewhere.example/"}),
}


@pytest.mark.parametrize("answer", NOT_THE_SERVICE.values(), ids=NOT_THE_SERVICE)
def test_what_is_not_the_services_json_is_unavailable(
    service: Service, api: Api, answer: Reply
) -> None:
    """A captive portal, a proxy and a broken line must never look like an empty success."""
    service.answer = lambda _: answer
    with pytest.raises(ServiceUnavailable) as failed:
        api.document("1jpAOexzXjfy8s13")
    said = str(failed.value)
    assert "овтор" in said  # the next action
    assert len(said.splitlines()) == 1
    assert COOKIE not in said


@pytest.mark.parametrize(
    "body",
    [
        {},
        {key: value for key, value in settings_body().items() if key != "documentsList"},
        settings_body(tlsCertificatesList=["x"]),
        settings_body(tlsCertificatesList=[{}]),
    ],
    ids=["empty", "without a block", "texts for systems", "empty system"],
)
def test_settings_of_another_shape_are_refused(
    service: Service, api: Api, body: dict[str, Any]
) -> None:
    answers(service, body)
    with pytest.raises(ServiceUnavailable, match="незнакомом виде"):
        api.settings()


def test_settings_arrive_whole(service: Service, api: Api) -> None:
    answers(service, settings_body(somethingNew=1))
    assert api.settings().body == settings_body(somethingNew=1)


def test_a_listing_asks_for_the_organisations_documents(service: Service, api: Api) -> None:
    answers(service, {"documents": [{"documentId": "x"}], "documentsTotal": 1})
    assert api.organisation_documents() == Listing(("x",), whole=True)
    assert service.calls[0].path.startswith("/api?from=0&until=")
    assert service.calls[0].path.endswith("&organization=true")


@pytest.mark.parametrize("body", [{}, {"documents": None}, {"documents": {}}, {"documents": ["x"]}])
def test_a_listing_of_another_shape_is_refused(
    service: Service, api: Api, body: dict[str, Any]
) -> None:
    answers(service, body)
    with pytest.raises(ServiceUnavailable, match="незнакомом виде"):
        api.organisation_documents()


def test_writing_and_signing_out_send_json(service: Service, api: Api) -> None:
    api.write_document_settings("1jpAOexzXjfy8s13", {"private": True})
    api.sign_out()
    assert [(c.method, c.path, json.loads(c.body)) for c in service.calls] == [
        ("POST", "/api/1jpAOexzXjfy8s13/settings", {"private": True}),
        ("POST", "/api/auth", {"logout": True}),
    ]


# -- the line


def test_nobody_at_the_address_is_unavailable(files: Path) -> None:
    with (
        Api("https://127.0.0.1:1", actor="x", context=tls_context(files / "ca.pem")) as api,
        pytest.raises(ServiceUnavailable, match=r"127\.0\.0\.1.*Проверьте адрес и сеть"),
    ):
        api.identity()


def test_a_stranger_at_the_address_is_told_apart_from_a_dead_line(
    service: Service, tmp_path: Path
) -> None:
    """The operator must not look for a network fault when it is the certificate."""
    make_pair("Another authority").save(tmp_path, "other")
    with (
        Api(service.address, actor="x", context=tls_context(tmp_path / "other.pem")) as api,
        pytest.raises(ServiceUnavailable, match="ертификат"),
    ):
        api.identity()
    assert service.calls == []


def test_another_name_on_the_certificate_is_refused(service: Service, files: Path) -> None:
    address = service.address.replace("127.0.0.1", "localhost")
    with (
        Api(address, actor="x", context=tls_context(files / "ca.pem")) as api,
        pytest.raises(ServiceUnavailable),
    ):
        api.identity()
    assert service.calls == []


def test_a_proxy_of_the_environment_is_not_asked(
    service: Service, api: Api, monkeypatch: pytest.MonkeyPatch, files: Path
) -> None:
    """What is measured is the service, not what stands between on this machine."""
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    answers(service, IDENTITY)
    with Api(service.address, actor="x", context=tls_context(files / "ca.pem")) as fresh:
        assert fresh.identity() == api.identity()


def test_a_client_certificate_is_really_sent(service: Service, files: Path) -> None:
    context = tls_context(files / "ca.pem", files / "system.pem", files / "system.key")
    with Api(service.address, actor="x", context=context) as api:
        api.document("1jpAOexzXjfy8s13")
    (call,) = service.calls
    der = known_pair(SYSTEM).certificate.public_bytes(serialization.Encoding.DER)
    assert call.client_certificate == der
    assert "cookie" not in call.headers


def test_an_employee_shows_no_certificate(service: Service, api: Api) -> None:
    api.document("1jpAOexzXjfy8s13")
    assert service.calls[0].client_certificate is None


def test_an_information_system_refuses_less_than_tls_1_3(
    authority: Pair, files: Path, tmp_path: Path
) -> None:
    """The service's port speaks TLS 1.3 alone (sigex-facts 5): another one is another server."""
    server = make_pair("127.0.0.1", issuer=authority)
    system = tls_context(files / "ca.pem", files / "system.pem", files / "system.key")
    with running_service(server, tmp_path, at_most=ssl.TLSVersion.TLSv1_2) as old:
        with Api(old.address, actor="person", context=tls_context(files / "ca.pem")) as api:
            api.sign_out()  # a person's port may be older
        with (
            Api(old.address, actor="system", context=system) as api,
            pytest.raises(ServiceUnavailable),
        ):
            api.sign_out()
        assert len(old.calls) == 1


def test_a_key_of_another_certificate_is_refused(files: Path) -> None:
    with pytest.raises(UsageError, match=r"control\.key не от .*system\.pem"):
        tls_context(files / "ca.pem", files / "system.pem", files / "control.key")


def test_an_encrypted_key_is_refused_and_nobody_is_asked(files: Path, tmp_path: Path) -> None:
    """OpenSSL would wait at the terminal for a password, for ever in a notebook."""
    encrypted = tmp_path / "encrypted.key"
    encrypted.write_bytes(
        known_pair(SYSTEM).key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"x"),
        )
    )
    with pytest.raises(UsageError, match="без пароля"):
        tls_context(files / "ca.pem", files / "system.pem", encrypted)


@pytest.mark.parametrize("text", [None, "not a key"])
def test_a_key_that_cannot_be_read_is_told_in_russian(
    files: Path, tmp_path: Path, text: str | None
) -> None:
    path = tmp_path / "broken.key"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=r"broken\.key.*не читается") as refused:
        tls_context(files / "ca.pem", files / "system.pem", path)
    assert not re.search("[A-Za-z]{4,}", str(refused.value).replace(str(path), ""))


@pytest.mark.parametrize("text", [None, "", "not a certificate"])
def test_an_authority_that_is_no_certificate_is_refused(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "ca.pem"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=r"ca\.pem.*--ca"):
        tls_context(path)


# -- the record


def test_an_exchange_holds_neither_session_nor_people(
    service: Service, api: Api, exchanges: list[Exchange]
) -> None:
    answers(
        service,
        {**settings_body(), **IDENTITY, "email": "i@example.kz", "signature": "MII"},
        headers={"Set-Cookie": f"jwt=renewed-{COOKIE}"},
    )
    api.settings()
    api.identity()
    api.write_document_settings("1jpAOexzXjfy8s13", {"documentAccess": ["IIN900101300126"]})
    assert len(exchanges) == 3
    text = json.dumps([asdict(exchange) for exchange in exchanges], ensure_ascii=False)
    for secret in (COOKIE, "IIN", "900101300126", "ИВАНОВ", "example.kz", "MII", "CERTIFICATE"):
        assert secret not in text
    assert exchanges[0].fields["documentsList"] == {"tlsCertificatesIndices": []}
    assert exchanges[0].fields["businessId"] == f"BIN{ORGANISATION}"


@pytest.mark.parametrize("shape", [["IIN900101300126"], "IIN900101300126"])
def test_a_block_of_another_shape_is_not_recorded_as_it_is(
    service: Service, api: Api, exchanges: list[Exchange], shape: Any
) -> None:
    """What may be recorded is listed; whatever is not understood is not."""
    answers(service, {"documentsList": shape})
    api.document("1jpAOexzXjfy8s13")
    assert "IIN" not in json.dumps(asdict(exchanges[0]))


@pytest.mark.parametrize("answer", [DENIED, NOT_THE_SERVICE["html"]], ids=["refused", "not json"])
def test_a_refusal_is_recorded_too(
    service: Service, api: Api, exchanges: list[Exchange], answer: Reply
) -> None:
    service.answer = lambda _: answer
    with pytest.raises((ServiceRefused, ServiceUnavailable)):
        api.settings()
    (exchange,) = exchanges
    assert (exchange.actor, exchange.method, exchange.status) == ("employee", "GET", 200)
    assert exchange.url == f"{service.address}/api/organizationSettings"
    assert exchange.fields == (
        {"message": "Access denied", "requestID": 7} if answer is DENIED else {}
    )


def test_the_servers_clock_is_compared_with_ours(service: Service, api: Api) -> None:
    """An auditor must know whose time the record tells; the sign tells who is ahead."""
    server = datetime.now(UTC) - timedelta(hours=1)
    answers(service, {}, headers={"Date": format_datetime(server, usegmt=True)})
    api.sign_out()
    assert api.clock_offset_seconds == pytest.approx(3600, abs=120)


@pytest.mark.parametrize(
    "date", ["", "yesterday", "Mon, 23 Nov 2026 23:00:00 -0000", "Mon, 99 Nov 2026 23:00:00 GMT"]
)
def test_a_date_that_cannot_be_read_stops_nothing(
    service: Service, api: Api, exchanges: list[Exchange], date: str
) -> None:
    answers(service, {}, headers={"Date": date})
    api.sign_out()
    assert len(exchanges) == 1


def test_without_a_date_there_is_no_offset(service: Service, api: Api) -> None:
    api.sign_out()
    assert api.clock_offset_seconds is None


# -- addresses


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://sigex.kz", "https://sigex.kz"),
        ("https://sigex.kz/", "https://sigex.kz"),
        ("HTTPS://sigex.kz:10443", "https://sigex.kz:10443"),
        ("https://127.0.0.1:8443", "https://127.0.0.1:8443"),
        ("https://[::1]:8443", "https://[::1]:8443"),
    ],
)
def test_an_address_is_a_scheme_and_a_host(given: str, kept: str) -> None:
    assert check_address(given, "--target") == kept


@pytest.mark.parametrize(
    "address",
    [
        "",
        "sigex.kz",
        "sigex.kz:443",
        "http://sigex.kz",
        "wss://sigex.kz",
        "file:///etc/passwd",
        "https://",
        "https://:443",
        "https://sigex.kz/api",
        "https://sigex.kz/?x=1",
        "https://sigex.kz#x",
        "https://user@sigex.kz",
        "https://user:word@sigex.kz",
        "https://:word@sigex.kz",
        "https://sigex.kz@elsewhere.example",
        "https://[::1",
        "https://sigex.kz:99999",
        "https://sigex.kz:port",
        "https://si gex.kz",
        "https://sigex.kz\\@elsewhere.example",
    ],
)
def test_any_other_address_is_refused_by_the_options_name(address: str) -> None:
    with pytest.raises(UsageError, match="--mtls-target"):
        check_address(address, "--mtls-target")


# -- using a grant

OWNER = f"BIN{ORGANISATION}"
DOCUMENT = ("1jpAOexzXjfy8s13", {"private": True, "signaturesLimit": 2})
SERVED = {
    AccessBlock.DOCUMENTS_ACCESS: {"title": "x", "settings": DOCUMENT[1]},
    AccessBlock.DOCUMENTS_LIST: {"documents": [{"documentId": DOCUMENT[0]}], "documentsTotal": 1},
    AccessBlock.DOCUMENTS_SETTINGS: {"documentId": "1jpAOexzXjfy8s13"},
    AccessBlock.ORGANISATION_SETTINGS: settings_body(),
}
CALLS = {
    AccessBlock.DOCUMENTS_ACCESS: ("GET", "/api/1jpAOexzXjfy8s13"),
    AccessBlock.DOCUMENTS_LIST: ("GET", "/api"),
    AccessBlock.DOCUMENTS_SETTINGS: ("POST", "/api/1jpAOexzXjfy8s13/settings"),
    AccessBlock.ORGANISATION_SETTINGS: ("GET", "/api/organizationSettings"),
}


def used(
    api: Api,
    block: AccessBlock,
    document: tuple[str, dict[str, Any]] | None = DOCUMENT,
    *,
    organisation: str = OWNER,
) -> tuple[Answer, str]:
    """One grant tried while these settings should be in force."""
    settings = AccessSettings(settings_body())
    return try_grant(api, block, document, organisation=organisation, settings=settings)


@pytest.mark.parametrize("block", AccessBlock)
def test_each_grant_is_tried_by_its_own_call(
    service: Service, api: Api, block: AccessBlock
) -> None:
    answers(service, SERVED[block])
    assert used(api, block)[0] is Answer.SERVED
    (call,) = service.calls
    assert (call.method, call.path.partition("?")[0]) == CALLS[block]


def test_settings_are_written_back_as_they_were(service: Service, api: Api) -> None:
    answers(service, {})
    used(api, AccessBlock.DOCUMENTS_SETTINGS)
    assert json.loads(service.calls[0].body) == DOCUMENT[1]


@pytest.mark.parametrize("block", AccessBlock)
def test_only_the_services_own_denial_is_a_refusal(
    service: Service, api: Api, block: AccessBlock
) -> None:
    service.answer = lambda _: DENIED
    assert used(api, block) == (Answer.REFUSED, "Access denied")


@pytest.mark.parametrize("block", AccessBlock)
@pytest.mark.parametrize(
    "answer",
    [
        reply({"message": "Unexpected error"}),
        reply({"message": "Authentication required"}),
        NOT_THE_SERVICE["html"],
        NOT_THE_SERVICE["an error without a message"],
    ],
    ids=["an error", "no session", "html", "500"],
)
def test_anything_else_is_unclear_and_never_counts_as_refused(
    service: Service, api: Api, block: AccessBlock, answer: Reply
) -> None:
    """A service that is broken refuses everybody: that must not pass for a working control."""
    service.answer = lambda _: answer
    found, detail = used(api, block)
    assert found is Answer.UNCLEAR
    assert detail


@pytest.mark.parametrize("block", AccessBlock)
def test_an_empty_object_is_no_service(service: Service, api: Api, block: AccessBlock) -> None:
    """`{}` is what any JSON server says; a grant is served when its own answer comes."""
    answers(service, {})
    assert used(api, block)[0] is not Answer.SERVED


@pytest.mark.parametrize("block", [AccessBlock.DOCUMENTS_ACCESS, AccessBlock.DOCUMENTS_SETTINGS])
def test_without_a_document_two_grants_are_not_tried(
    service: Service, api: Api, block: AccessBlock
) -> None:
    found, detail = used(api, block, None)
    assert (found, service.calls) == (Answer.NOT_TRIED, [])
    assert "probe_document" in detail


def test_an_empty_listing_is_a_refusal_in_other_words(service: Service, api: Api) -> None:
    answers(service, {"documents": [], "documentsTotal": 0})
    assert used(api, AccessBlock.DOCUMENTS_LIST)[0] is Answer.REFUSED


def test_an_empty_listing_without_a_known_document_tells_nothing(
    service: Service, api: Api
) -> None:
    answers(service, {"documents": [], "documentsTotal": 0})
    found, detail = used(api, AccessBlock.DOCUMENTS_LIST, None)
    assert found is Answer.NOT_TRIED
    assert detail


def test_settings_of_another_organisation_are_not_this_grant(service: Service, api: Api) -> None:
    """One key may be registered in two organisations; the other one's answer proves nothing."""
    answers(service, settings_body())
    block = AccessBlock.ORGANISATION_SETTINGS
    assert used(api, block, organisation="BIN000740000728")[0] is Answer.UNCLEAR
    assert used(api, block)[0] is Answer.SERVED


@pytest.mark.parametrize(
    ("block", "body", "told"),
    [
        pytest.param(
            AccessBlock.ORGANISATION_SETTINGS,
            settings_body(webhooks={"urls": ["https://elsewhere.example/"]}),
            "webhooks",
            id="other settings than employees are shown",
        ),
        pytest.param(
            AccessBlock.DOCUMENTS_ACCESS,
            {"title": "x", "settings": {"private": False, "signaturesLimit": 2}},
            "не с теми настройками",
            id="another document, or open to all",
        ),
        pytest.param(
            AccessBlock.DOCUMENTS_LIST,
            {"documents": [{"documentId": "x"}], "documentsTotal": 1},
            DOCUMENT[0],
            id="somebody else's documents",
        ),
    ],
)
def test_an_answer_about_something_else_is_not_this_grant(
    service: Service, api: Api, block: AccessBlock, body: dict[str, Any], told: str
) -> None:
    answers(service, body)
    found, detail = used(api, block)
    assert found is Answer.UNCLEAR
    assert told in detail


@pytest.mark.parametrize(
    ("total", "document"), [(2, DOCUMENT), (None, DOCUMENT), (1, None)], ids=["more", "?", "none"]
)
def test_a_part_of_a_listing_need_not_hold_the_document(
    service: Service, api: Api, total: int | None, document: tuple[str, dict[str, Any]] | None
) -> None:
    """The service shows the newest so many; without a known document nothing can be missed."""
    answers(service, {"documents": [{"documentId": "x"}], "documentsTotal": total})
    assert used(api, AccessBlock.DOCUMENTS_LIST, document)[0] is Answer.SERVED


def test_a_call_lasts_no_longer_than_the_run(service: Service, files: Path) -> None:
    release = threading.Event()

    def silent(_: object) -> Reply:
        release.wait(30)
        return Reply()

    service.answer = silent
    context = tls_context(files / "ca.pem")
    with Api(service.address, actor="x", context=context, deadline=Deadline(0.3)) as api:
        try:
            with pytest.raises(DeadlinePassed, match=r"не уложился в 0\.3 с"):
                api.identity()
        finally:
            release.set()

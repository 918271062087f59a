"""How every answer looks, whatever is asked (sigex-facts 3.1, 3.6)."""

from __future__ import annotations

import re
from datetime import date

import httpx
import pytest

from sigex_emulator import Emulator
from sigex_emulator.api.answers import escaped_json
from sigex_emulator.messages import RUSSIAN, Message
from tests.sigex_emulator.drivers import VisitorMaker, answer, message


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/api/auth/more/words", "Invalid API route"),
        ("GET", "/api//", "Invalid API route"),
        ("PUT", "/api/auth", "Invalid HTTP request method"),
        ("DELETE", "/api/organizationSettings", "Invalid HTTP request method"),
        ("PATCH", "/api/version", "Invalid HTTP request method"),
        ("POST", "/api/version", "Invalid HTTP request method"),
    ],
)
@pytest.mark.fact("3.6-unknown-route", "3.6-invalid-method", "3.1-errors-with-200")
def test_an_unknown_route_or_method_is_named(
    visitor: VisitorMaker, method: str, path: str, expected: str
) -> None:
    assert message(answer(visitor(signed_in=False).client.request(method, path))) == expected


@pytest.mark.parametrize("path", ["/api/auth", "/api/organizationSettings"])
@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", "Failed to parse JSON"),
        (b"{", "Failed to parse JSON"),
        (b"\xff\xfe\x00", "Failed to parse JSON"),
        (b"[" * 100_000, "Failed to parse JSON"),
        (b"[]", "Invalid JSON request structure"),
        (b"null", "Invalid JSON request structure"),
        (b'"text"', "Invalid JSON request structure"),
    ],
    ids=["empty", "cut", "no text", "deep", "list", "null", "string"],
)
@pytest.mark.fact("3.6-not-json", "3.6-invalid-structure", "3.1-json")
def test_a_bad_body_is_named(visitor: VisitorMaker, path: str, body: bytes, expected: str) -> None:
    assert message(answer(visitor("head").client.post(path, content=body))) == expected


@pytest.mark.parametrize(
    "body",
    [{"nonce": 1, "signature": ""}, {"nonce": ""}, {"logout": False}, {"signature": "x"},
     {"nonce": "x", "signature": "x", "external": "no"}],
)  # fmt: skip
def test_a_sign_in_of_another_shape_is_named(visitor: VisitorMaker, body: object) -> None:
    stranger = visitor(signed_in=False)
    assert message(stranger.post("/api/auth", body)) == "Invalid JSON request structure"


@pytest.mark.fact("3.6-body-too-large", "6-18")
def test_a_large_body_is_refused(visitor: VisitorMaker) -> None:
    head = visitor("head")
    response = head.client.post("/api/organizationSettings", content=b" " * (9 * 1024 * 1024))
    assert message(answer(response)) == "Request body is too large"


@pytest.mark.fact("3.6-unexpected")
def test_a_failure_of_ours_is_an_answer_too(
    emulator: Emulator, visitor: VisitorMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = visitor("head")
    monkeypatch.setattr(emulator.world, "settings_of", None)
    assert message(head.get("/api/organizationPermissions")) == "Unexpected error"


@pytest.mark.fact("3.1-escapes")
def test_signs_that_matter_to_html_are_escaped(emulator: Emulator, visitor: VisitorMaker) -> None:
    text = "</script> & \u2028\u2029 «ё»"
    employee = visitor()
    wanted = employee.settings()
    wanted["tlsCertificatesList"][0]["description"] = text
    employee.post("/api/organizationSettings", wanted)
    raw = employee.client.get("/api/organizationSettings").text
    assert "\\u003c/script\\u003e \\u0026 \\u2028\\u2029 «ё»" in raw
    assert not set(raw) & set("<>&\u2028\u2029")
    assert employee.settings() == wanted


def test_escaping_changes_no_value() -> None:
    assert escaped_json({"<": ["&", 1, None]}) == '{"\\u003c":["\\u0026",1,null]}'


@pytest.mark.fact("3.1-error-body")
def test_requests_are_numbered(visitor: VisitorMaker) -> None:
    stranger = visitor(signed_in=False)
    numbers = [stranger.get("/api/auth")["requestID"] for _ in range(3)]
    assert numbers == sorted(set(numbers))


@pytest.mark.fact(
    "3.2-strings", "3.2-strings-open", "3.6-error-messages", "2.3-label-denial-ru",
    "2.3-label-denial-kk", "2.3-label-denial-en",
)  # fmt: skip
def test_strings_hold_every_message(visitor: VisitorMaker) -> None:
    strings = visitor(signed_in=False).get("/api/strings")
    assert set(strings["errorMessages"]) == {one.value for one in Message} == set(RUSSIAN)
    assert strings["errorMessages"]["Access denied"]["ru"] == "доступ запрещен"
    assert strings["errorMessages"]["Access denied"]["kk"] == "қосылуға мүмкіндік жоқ"
    assert strings["consts"]["ncaAuthorityOIDs"]["1.2.398.3.3.4.1.2.1"]["ru"]


@pytest.mark.fact("3.6-consts-others", "3.6-other-lists", "8-authority-keys")
def test_strings_hold_every_group_of_constants(visitor: VisitorMaker) -> None:
    """Names of the groups are known (sigex-facts 3.6); every entry has both languages."""
    consts = visitor(signed_in=False).get("/api/strings")["consts"]
    assert set(consts) == {
        "OIDs", "policyOIDs", "timeStampPolicyOIDs", "extKeyUsageOIDs", "signatureAlgorithmOIDs",
        "ncaAuthorityOIDs", "keyStorageOIDs", "keyUsages", "subscriptions", "subscriptionFeatures",
        "certificationAuthorities",
    }  # fmt: skip
    assert all(
        set(text) == {"ru", "kk"} and all(text.values())
        for group in consts.values()
        for text in group.values()
    )
    assert [group for group, texts in consts.items() if not texts] == ["timeStampPolicyOIDs"]
    assert set(consts["certificationAuthorities"]) == {"nca", "btsd"}


@pytest.mark.fact("3.6-site-shows")
def test_every_message_can_be_shown_as_the_site_shows_it(visitor: VisitorMaker) -> None:
    messages = visitor(signed_in=False).get("/api/strings")["errorMessages"]
    assert all(all(texts.values()) for texts in messages.values())


@pytest.mark.parametrize("body", [b'{"x": NaN}', b'{"x": -Infinity}', b'{"x": 1e999}',
                                  b'{"x": "\\ud800"}', b'{"\\udfff": 1}'])  # fmt: skip
def test_what_python_alone_takes_for_json_is_refused(visitor: VisitorMaker, body: bytes) -> None:
    client = visitor(signed_in=False).client
    assert message(answer(client.post("/api/auth", content=body))) == "Failed to parse JSON"


@pytest.mark.fact("3.2-version", "3.2-version-open", "3.1-http-200", "3.1-json", "8-version")
def test_version_is_the_emulators_own(visitor: VisitorMaker) -> None:
    version = visitor(signed_in=False).get("/api/version")
    assert set(version) == {"version", "buildTimeStamp", "licenseOwner", "licenseUntil"}
    assert version["buildTimeStamp"].isdigit()  # seconds, as a text
    assert re.fullmatch(r"BIN\d{12}", version["licenseOwner"])
    assert date.fromisoformat(version["licenseUntil"])


def test_what_was_asked_is_remembered(emulator: Emulator, visitor: VisitorMaker) -> None:
    employee = visitor("employee")
    employee.get("/api/organizationSettings?x=1")
    last = emulator.world.requests[-1]
    assert (last.port, last.method, last.path) == (
        "people", "GET", "/api/organizationSettings?x=1",
    )  # fmt: skip
    assert last.caller == employee.signer.key.person.user_id
    assert last.message == "Access denied"


@pytest.mark.fact("3.1-two-bases")
def test_the_session_stays_on_its_port(emulator: Emulator, visitor: VisitorMaker) -> None:
    """A person's cookie means nothing on the port for information systems."""
    head = visitor("head")
    cookie = {"cookie": f"jwt={head.client.cookies['jwt']}"}
    path = f"{emulator.mtls_address}/api/organizationSettings"
    assert message(answer(head.client.get(path, headers=cookie))) == "Authentication required"


def test_pages_are_not_on_the_port_for_systems(emulator: Emulator, visitor: VisitorMaker) -> None:
    response = visitor(signed_in=False).client.get(emulator.mtls_address)
    assert response.status_code == httpx.codes.NOT_FOUND

"""The line to the service: its certificate, ours, the time a call may take."""

from __future__ import annotations

import re
import ssl
import threading
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from sigex_runbook.api.client import Api
from sigex_runbook.api.line import tls_context
from sigex_runbook.core.deadline import Deadline
from sigex_runbook.core.errors import DeadlinePassed, ServiceUnavailable, UsageError
from tests.builders import (
    SYSTEM,
    Pair,
    Reply,
    Service,
    known_pair,
    make_pair,
    running_service,
)
from tests.proxy import running_proxy, set_proxies
from tests.sigex_runbook.api.replies import IDENTITY, answers


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


def test_an_authority_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    ca = tmp_path / "ca.pem"
    der = known_pair(SYSTEM).certificate.public_bytes(serialization.Encoding.DER)
    ca.write_text(ssl.DER_cert_to_PEM_cert(der.replace(b"\x17\x0d", b"\x04\x0d", 1)), "ascii")
    with pytest.raises(UsageError, match=r"ca\.pem» \(--ca\) не читается как сертификат"):
        tls_context(ca)


def test_another_name_on_the_certificate_is_refused(service: Service, files: Path) -> None:
    address = service.address.replace("127.0.0.1", "localhost")
    with (
        Api(address, actor="x", context=tls_context(files / "ca.pem")) as api,
        pytest.raises(ServiceUnavailable),
    ):
        api.identity()
    assert service.calls == []


def test_loopback_goes_past_a_proxy(
    service: Service, api: Api, monkeypatch: pytest.MonkeyPatch, files: Path
) -> None:
    set_proxies(monkeypatch, HTTPS_PROXY="http://127.0.0.1:1", all_proxy="http://127.0.0.1:1")
    answers(service, IDENTITY)
    with Api(service.address, actor="x", context=tls_context(files / "ca.pem")) as fresh:
        assert fresh.identity() == api.identity()


@pytest.mark.parametrize("sign_in", [None, "ivan:p%40ss"])
def test_employee_and_system_go_through_a_proxy(
    monkeypatch: pytest.MonkeyPatch,
    authority: Pair,
    files: Path,
    tmp_path: Path,
    sign_in: str | None,
) -> None:
    """The service's name means nothing on this machine; the certificate still gets there."""
    server = make_pair("sigex.test", issuer=authority, host="sigex.test")
    with (
        running_service(server, tmp_path, clients=known_pair(SYSTEM)) as there,
        running_proxy(sign_in="ivan:p@ss" if sign_in else None) as proxy,
    ):
        address = there.address.replace("127.0.0.1", "sigex.test")
        way = proxy.address.replace("ivan:p@ss", sign_in or "")
        set_proxies(monkeypatch, https_proxy=way, NO_PROXY="other.test")
        for pair in ((), (files / "system.pem", files / "system.key")):
            with Api(address, actor="x", context=tls_context(files / "ca.pem", *pair)) as api:
                api.sign_out()
        assert [call.client_certificate is not None for call in there.calls] == [False, True]
        assert proxy.asked == [address.removeprefix("https://")] * 2


@pytest.mark.parametrize(
    ("refuses", "told"), [(True, "прокси не пропускает"), (False, "не принял имени и пароля")]
)
def test_a_proxy_that_refuses_is_named(
    monkeypatch: pytest.MonkeyPatch, files: Path, refuses: bool, told: str
) -> None:
    with running_proxy(sign_in="ivan:geheim", refuses=refuses) as proxy:
        shown = f"127.0.0.1:{proxy.port}"
        set_proxies(monkeypatch, HTTPS_PROXY=proxy.address.replace("geheim", "falsch"))
        with (
            Api("https://sigex.test", actor="x", context=tls_context(files / "ca.pem")) as api,
            pytest.raises(ServiceUnavailable, match=f"{told}, через прокси http://{shown}") as said,
        ):
            api.identity()
        assert "falsch" not in str(said.value)


def test_a_proxy_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch, files: Path) -> None:
    set_proxies(monkeypatch, HTTPS_PROXY="http://127.0.0.1:1")
    with (
        Api("https://sigex.test", actor="x", context=tls_context(files / "ca.pem")) as api,
        pytest.raises(ServiceUnavailable, match=r"через прокси http://127\.0\.0\.1:1"),
    ):
        api.identity()


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
    with pytest.raises(UsageError, match=r"control\.key» не от .*system\.pem"):
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


def test_a_chain_in_any_order_is_sent_with_the_systems_own_certificate_first(
    service: Service, files: Path, tmp_path: Path
) -> None:
    bundle = tmp_path / "bundle.pem"
    others = make_pair("root").pem + (files / "control.pem").read_text("ascii")
    bundle.write_text((others + known_pair(SYSTEM).pem).replace("\n", "\r"), encoding="ascii")
    (key := tmp_path / "own.key").write_text(known_pair(SYSTEM).key_pem, encoding="utf-16")
    with Api(service.address, actor="x", context=tls_context(files / "ca.pem", bundle, key)) as api:
        api.document("1jpAOexzXjfy8s13")
    der = known_pair(SYSTEM).certificate.public_bytes(serialization.Encoding.DER)
    assert service.calls[0].client_certificate == der


def test_nothing_of_a_key_stays_in_the_temporary_folder(
    files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    tls_context(files / "ca.pem", files / "system.pem", files / "system.key")
    assert list(tmp_path.iterdir()) == []


def test_the_file_at_fault_is_named(files: Path, tmp_path: Path) -> None:
    (tmp_path / "text.pem").write_text("no certificate", encoding="ascii")
    with pytest.raises(UsageError, match=r"text\.pem» не читается как сертификат"):
        tls_context(files / "ca.pem", tmp_path / "text.pem", files / "system.key")
    with pytest.raises(UsageError, match=r"system\.pem» не читается как ключ.*это сертификат"):
        tls_context(files / "ca.pem", files / "system.pem", files / "system.pem")


def test_a_key_too_short_for_the_service_is_refused(tmp_path: Path) -> None:
    """sigex-facts 5: RSA of 2048 bits at least."""
    weak = make_pair("weak", key=rsa.generate_private_key(65537, 1024))  # noqa: S505
    certificate, key = weak.save(tmp_path, "weak")
    with pytest.raises(UsageError, match=r"weak\.key» слишком короткий: 1024"):
        tls_context(None, certificate, key)


@pytest.mark.parametrize("text", [None, "", "not a certificate"])
def test_an_authority_that_is_no_certificate_is_refused(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "ca.pem"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=r"ca\.pem.*--ca"):
        tls_context(path)


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

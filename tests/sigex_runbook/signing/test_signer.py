"""Signatures of the employee's key, accepted by an independent program: openssl."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs7,
    pkcs12,
)

from sigex_runbook.core.errors import UsageError
from sigex_runbook.signing import Pkcs12Signer
from tests.builders import Pair, known_pair, make_pair
from tests.programs import program

PASSWORD = "пароль с пробелом"
NONCE = bytes(range(256))


@pytest.fixture(scope="module")
def authority() -> Pair:
    return make_pair("Test authority")


@pytest.fixture(scope="module", params=["rsa", "ec"])
def employee(request: pytest.FixtureRequest, authority: Pair) -> Pair:
    key = rsa.generate_private_key(65537, 2048) if request.param == "rsa" else None
    return make_pair("ИВАНОВ ИВАН", issuer=authority, key=key)


def save(
    folder: Path, pair: Pair, *, authority: Pair | None = None, password: str = PASSWORD
) -> Path:
    """The pair as a key file."""
    path = folder / "employee.p12"
    chain = [authority.certificate] if authority else None
    path.write_bytes(
        pkcs12.serialize_key_and_certificates(
            b"employee",
            pair.key,
            pair.certificate,
            chain,
            BestAvailableEncryption(password.encode("utf-8")) if password else NoEncryption(),
        )
    )
    return path


def openssl(*arguments: str | Path) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([program("openssl"), *arguments], capture_output=True, check=False)


@pytest.fixture
def signer(tmp_path: Path, employee: Pair, authority: Pair) -> Pkcs12Signer:
    authority.save(tmp_path, "ca")
    return Pkcs12Signer.load(save(tmp_path, employee, authority=authority), PASSWORD)


@pytest.mark.parametrize("data", [NONCE, b"", b"\r\n.\n\x00", "текст".encode()])
def test_openssl_accepts_a_detached_signature(
    signer: Pkcs12Signer, tmp_path: Path, data: bytes
) -> None:
    """Maker and checker are different code; S/MIME's line-end habits must not touch the nonce."""
    (tmp_path / "cms.der").write_bytes(signer.sign(data, attach=False))
    (tmp_path / "data").write_bytes(data)
    checked = openssl(
        "cms", "-verify", "-binary", "-inform", "DER", "-in", tmp_path / "cms.der",
        "-content", tmp_path / "data", "-CAfile", tmp_path / "ca.pem", "-purpose", "any",
    )  # fmt: skip
    assert checked.returncode == 0, checked.stderr
    assert checked.stdout == data


def test_openssl_refuses_it_for_other_data(signer: Pkcs12Signer, tmp_path: Path) -> None:
    """Otherwise the test above would pass for a check that checks nothing."""
    (tmp_path / "cms.der").write_bytes(signer.sign(NONCE, attach=False))
    (tmp_path / "data").write_bytes(NONCE[:-1])
    checked = openssl(
        "cms", "-verify", "-binary", "-inform", "DER", "-in", tmp_path / "cms.der",
        "-content", tmp_path / "data", "-CAfile", tmp_path / "ca.pem", "-purpose", "any",
    )  # fmt: skip
    assert checked.returncode != 0


def test_openssl_refuses_it_under_another_authority(signer: Pkcs12Signer, tmp_path: Path) -> None:
    """The chain is checked too: the same name with another key is not its issuer."""
    (tmp_path / "cms.der").write_bytes(signer.sign(NONCE, attach=False))
    (tmp_path / "data").write_bytes(NONCE)
    make_pair("Test authority").save(tmp_path, "ca")
    checked = openssl(
        "cms", "-verify", "-binary", "-inform", "DER", "-in", tmp_path / "cms.der",
        "-content", tmp_path / "data", "-CAfile", tmp_path / "ca.pem", "-purpose", "any",
    )  # fmt: skip
    assert checked.returncode != 0
    assert b"certificate" in checked.stderr.lower()


def test_openssl_takes_the_data_out_of_an_attached_signature(
    signer: Pkcs12Signer, tmp_path: Path
) -> None:
    (tmp_path / "cms.der").write_bytes(signer.sign(NONCE, attach=True))
    checked = openssl(
        "cms", "-verify", "-binary", "-inform", "DER", "-in", tmp_path / "cms.der",
        "-CAfile", tmp_path / "ca.pem", "-purpose", "any",
    )  # fmt: skip
    assert checked.returncode == 0, checked.stderr
    assert checked.stdout == NONCE


def test_a_detached_signature_does_not_carry_the_data(signer: Pkcs12Signer) -> None:
    assert NONCE not in signer.sign(NONCE, attach=False)
    assert NONCE in signer.sign(NONCE, attach=True)


def test_the_signers_certificate_and_its_chain_travel_along(
    signer: Pkcs12Signer, employee: Pair, authority: Pair
) -> None:
    """The service must be able to build the chain (sigex-facts 3.6)."""
    found = pkcs7.load_der_pkcs7_certificates(signer.sign(NONCE, attach=False))
    assert set(found) == {employee.certificate, authority.certificate}


# -- opening the key file


def test_a_key_file_without_a_password_opens_with_an_empty_one(tmp_path: Path) -> None:
    path = save(tmp_path, known_pair("employee"), password="")
    assert Pkcs12Signer.load(path, "").sign(NONCE, attach=False)


@pytest.mark.parametrize("password", ["", "неверный", PASSWORD + " ", PASSWORD.upper()])
def test_a_wrong_password_is_named_as_such_and_not_repeated(tmp_path: Path, password: str) -> None:
    path = save(tmp_path, known_pair("employee"))
    with pytest.raises(UsageError, match=r"Пароль не подходит.*employee\.p12") as refused:
        Pkcs12Signer.load(path, password)
    assert not password.strip() or password not in str(refused.value)


@pytest.mark.parametrize(
    "data", [b"", b"garbage", b"\x30\x80", known_pair("employee").pem.encode()]
)
def test_what_is_no_key_file_is_not_blamed_on_the_password(tmp_path: Path, data: bytes) -> None:
    (path := tmp_path / "employee.p12").write_bytes(data)
    with pytest.raises(UsageError, match=r"не похож на ключ PKCS#12.*sign_in\.key_file"):
        Pkcs12Signer.load(path, PASSWORD)


def test_a_missing_key_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"absent\.p12» не читается"):
        Pkcs12Signer.load(tmp_path / "absent.p12", PASSWORD)


def test_a_file_with_certificates_alone_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "employee.p12"
    path.write_bytes(
        pkcs12.serialize_key_and_certificates(
            None,
            None,
            known_pair("employee").certificate,
            None,
            BestAvailableEncryption(PASSWORD.encode()),
        )
    )
    with pytest.raises(UsageError, match="нет ключа с сертификатом"):
        Pkcs12Signer.load(path, PASSWORD)


def test_a_file_with_a_key_alone_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "employee.p12"
    path.write_bytes(
        pkcs12.serialize_key_and_certificates(
            None, known_pair("employee").key, None, None, BestAvailableEncryption(PASSWORD.encode())
        )
    )
    with pytest.raises(UsageError, match="нет ключа с сертификатом"):
        Pkcs12Signer.load(path, PASSWORD)


def test_a_key_of_another_kind_points_to_ncalayer(tmp_path: Path) -> None:
    """GOST keys are what most employees have; Ed25519 stands for them here."""
    key = ed25519.Ed25519PrivateKey.generate()
    (tmp_path / "key.pem").write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    path = tmp_path / "employee.p12"
    made = openssl(
        "req", "-x509", "-key", tmp_path / "key.pem", "-subj", "/CN=x", "-out", tmp_path / "c.pem"
    )
    assert made.returncode == 0, made.stderr
    made = openssl(
        "pkcs12", "-export", "-inkey", tmp_path / "key.pem", "-in", tmp_path / "c.pem",
        "-out", path, "-passout", "pass:x",
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    with pytest.raises(UsageError, match=r"не RSA и не EC.*method: person"):
        Pkcs12Signer.load(path, "x")

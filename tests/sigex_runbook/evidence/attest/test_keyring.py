"""The signing key is made once, kept from others, rotated without losing what it signed."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from securesystemslib.signer import CryptoSigner

from sigex_runbook.cli.main import main
from sigex_runbook.core.errors import UsageError
from sigex_runbook.evidence.attest.envelope import enclose, read_envelope
from sigex_runbook.evidence.attest.keyring import FOLDER_VARIABLE, Keyring, signer_from
from sigex_runbook.evidence.attest.trust import Trust
from tests.sigex_runbook.evidence.authority import TestAuthority


@pytest.fixture
def keyring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Keyring:
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path / "keys"))
    return Keyring(tmp_path / "keys")


def test_the_first_use_makes_a_key_that_others_cannot_read(keyring: Keyring) -> None:
    first = keyring.signer()
    assert keyring.signer().public_key == first.public_key
    assert keyring.key.stat().st_mode & 0o777 == 0o600
    assert keyring.folder.stat().st_mode & 0o777 == 0o700
    [known] = keyring.trust().keys
    assert known.keyid == first.public_key.keyid
    assert known.valid_at(datetime.now(UTC))
    assert "PRIVATE" not in keyring.trust_file.read_text()


def test_a_new_key_is_of_a_kind_that_readers_of_pdf_know(keyring: Keyring) -> None:
    assert keyring.signer().public_key.scheme == "ecdsa-sha2-nistp256"
    keyring.rotate()
    assert keyring.signer().public_key.scheme == "ecdsa-sha2-nistp256"


def test_an_older_key_goes_on_signing(keyring: Keyring) -> None:
    """Keys were Ed25519 before; only `rotate` changes that."""
    older = CryptoSigner.generate_ed25519()
    keyring.folder.mkdir()
    keyring.key.write_bytes(older.private_bytes)
    keyring.key.chmod(0o600)
    keyring.make()
    envelope = read_envelope(enclose(b"{}", keyring.signer()))
    keyring.rotate()
    retired, _ = keyring.trust().keys
    assert retired.keyid == older.public_key.keyid
    assert envelope.signed_by(retired.key)


def test_a_window_that_is_over_is_not_opened_again(keyring: Keyring) -> None:
    made = keyring.make(days=1, now=datetime.now(UTC) - timedelta(days=5))
    keyring.rotate()
    assert keyring.trust().key(made.keyid) == made


def test_a_key_that_others_can_read_is_refused(keyring: Keyring) -> None:
    keyring.make()
    keyring.key.chmod(0o640)
    with pytest.raises(UsageError, match="chmod 600"):
        keyring.signer()


def test_a_rotated_key_still_vouches_for_what_it_signed(keyring: Keyring) -> None:
    old = keyring.signer()
    assert isinstance(old, CryptoSigner)
    envelope = read_envelope(enclose(b"{}", old))
    keyring.rotate(days=10)
    new = keyring.signer()
    assert new.public_key.keyid != old.public_key.keyid
    before, after = keyring.trust().keys
    assert (before.keyid, after.keyid) == (old.public_key.keyid, new.public_key.keyid)
    assert before.valid_until == after.valid_from
    assert envelope.signed_by(before.key)
    assert not envelope.signed_by(after.key)
    assert old.private_bytes not in keyring.key.read_bytes()


def test_a_key_whose_time_is_over_signs_nothing(keyring: Keyring) -> None:
    keyring.make(days=1, now=datetime.now(UTC) - timedelta(days=2))
    with pytest.raises(UsageError, match="key rotate"):
        keyring.signer()


def test_a_key_may_be_given(
    keyring: Keyring, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for made in (CryptoSigner.generate_ed25519(), CryptoSigner.generate_ecdsa()):
        path = tmp_path / f"{made.public_key.keyid}.pem"
        path.write_bytes(made.private_bytes)
        path.chmod(0o600)
        monkeypatch.setenv("A_KEY", made.private_bytes.decode())
        for reference in (str(path), f"file:{path}", "env:A_KEY"):
            signer = signer_from(reference)
            assert read_envelope(enclose(b"{}", signer)).signed_by(made.public_key)
    assert not keyring.folder.exists()


def test_what_is_no_key_is_never_quoted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_KEY", raising=False)
    monkeypatch.setenv("BAD_KEY", "secret words")
    path = tmp_path / "encrypted.pem"
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"x"),
        )
    )
    path.chmod(0o600)
    given = CryptoSigner.generate_ecdsa().private_bytes.decode()
    for reference in ("env:NO_KEY", "env:BAD_KEY", str(path), str(tmp_path / "none"), given):
        with pytest.raises(UsageError) as refused:
            signer_from(reference)
        assert "secret words" not in str(refused.value)
        assert given not in str(refused.value)


@pytest.mark.parametrize("pin", [None, "1234", "env:NO_SUCH_PIN", "file:no-such-pin"])
def test_a_tokens_pin_is_named_never_given(pin: str | None) -> None:
    with pytest.raises(UsageError, match="ПИН-код") as refused:
        signer_from("hsm:2?label=token", pin)
    assert "1234" not in str(refused.value)


def test_the_verb_shows_makes_rotates_and_names_an_authority(
    keyring: Keyring, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["key"]) == 0
    assert "ещё нет" in capsys.readouterr().out
    assert main(["key", "make", "--days", "5"]) == 0
    assert main(["key", "rotate"]) == 0
    authority = TestAuthority.make(tmp_path)
    certificates = tmp_path / "both.pem"
    certificates.write_bytes(
        (tmp_path / "tsa.pem").read_bytes() + (tmp_path / "ca.pem").read_bytes()
    )
    pinned = ["--url", authority.url, "--certificate", str(certificates)]
    capsys.readouterr()
    assert main(["key", "authority", *pinned]) == 0
    shown = capsys.readouterr().out
    assert "(прежний)" in shown
    assert "(действует)" in shown
    assert authority.url in shown
    trust = Trust.load(keyring.trust_file)
    assert trust.authorities == (authority.pinned,)
    assert len(trust.keys) == 2
    assert main(["key", "authority"]) == 2
    assert main(["key", "authority", "--url", "x", "--certificate", str(certificates)]) == 2
    assert main(["key", "authority", "--url", authority.url, "--certificate", __file__]) == 2
    assert main(["key", "make", "--days", "0"]) == 2


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("sigex-trust/1", "sigex-trust/2"),
        lambda text: text.replace('"keys"', '"more": 1, "keys"'),
        lambda text: text.replace('"keyid": "', '"keyid": "0'),
        lambda text: text.replace("BEGIN PUBLIC", "BEGIN OTHER"),
        lambda text: text.replace('Z"', '"'),
        lambda text: text.replace('"approvers": []', '"approvers": ["?"]'),
        lambda text: text.replace('"approvers": []', '"approvers": [5]'),
        lambda text: text.replace('"approvers": []', '"approvers": 5'),
        lambda _: "[",
    ],
)
def test_a_trust_file_that_is_not_ours_is_refused(keyring: Keyring, change: object) -> None:
    keyring.make()
    assert callable(change)
    whole = keyring.trust_file.read_text(encoding="utf-8")
    changed = change(whole)
    assert changed != whole
    keyring.trust_file.write_text(changed, encoding="utf-8")
    with pytest.raises(UsageError, match=r"trust\.json.* Возьмите его заново") as refusal:
        Trust.load(keyring.trust_file)
    told = str(refusal.value).replace(str(keyring.trust_file), "")
    assert not re.search(r"[A-Za-z]{2,} [A-Za-z]{2,}", told), "a library's own words"

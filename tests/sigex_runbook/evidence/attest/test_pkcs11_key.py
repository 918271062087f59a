"""A key on a real PKCS#11 token seals, and what is in the way is told before it is needed."""

from __future__ import annotations

import io
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pkcs11
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from pyhanko.pdf_utils.reader import PdfFileReader
from securesystemslib.signer import CryptoSigner

from sigex_runbook.cli.main import main
from sigex_runbook.core.errors import RunFailed, UsageError
from sigex_runbook.evidence.attest.findings import Status
from sigex_runbook.evidence.attest.keyring import FOLDER_VARIABLE, Keyring, signer_from
from sigex_runbook.evidence.attest.pkcs11_key import LIBRARY_VARIABLE, Pkcs11Signer
from sigex_runbook.evidence.attest.trust import public_pem
from sigex_runbook.evidence.privacy.leak import DecodingScanner
from sigex_runbook.evidence.sealing.signed_pdf import certify
from sigex_runbook.evidence.sealing.wiring import make_sealer
from sigex_runbook.evidence.verify.campaign import verify_campaign
from sigex_runbook.evidence.verify.pdf_coverage import check_pdf
from tests.sigex_runbook.evidence.authority import TestAuthority
from tests.sigex_runbook.evidence.corpus.second_verifier import verify as second_opinion
from tests.sigex_runbook.evidence.material import empty_pdf
from tests.sigex_runbook.evidence.sealed import A, B, Place
from tests.sigex_runbook.evidence.sealing.test_signed_pdf import status_of
from tests.soft_token import (
    HIDDEN,
    LABEL,
    NOT_THERE,
    P384,
    PIN,
    PIN_VARIABLE,
    TWICE,
    SoftToken,
)


@pytest.fixture
def keyring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Keyring:
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path / "keys"))
    return Keyring(tmp_path / "keys")


@pytest.fixture
def authority(tmp_path_factory: pytest.TempPathFactory) -> TestAuthority:
    return TestAuthority.make(tmp_path_factory.mktemp("authority"))


def test_a_tokens_key_seals_and_both_verifiers_agree(
    token: SoftToken, keyring: Keyring, authority: TestAuthority, tmp_path: Path
) -> None:
    keyring.take(token.reference, token.pin)
    signer = keyring.signer()
    assert isinstance(signer, Pkcs11Signer)
    assert isinstance(
        load_pem_public_key(public_pem(signer.public_key).encode()), EllipticCurvePublicKey
    )
    place = Place(tmp_path / "outputs", authority, signer)
    pack = place.seal(A).pack
    place.seal(B)
    head = place.close()
    place.trust.save(tmp_path / "trust.json")
    verification = place.verify(pack, head=head)
    assert (verification.status, verification.findings) == (Status.VERIFIED, ())
    assert verification.signed_by == signer.public_key.keyid
    assert second_opinion(pack, tmp_path / "trust.json", head=head) == Status.VERIFIED
    campaign = verify_campaign(place.campaign, place.question(head=head))
    assert (campaign.status, campaign.findings) == (Status.VERIFIED, ())


def test_a_campaign_outlives_the_change_from_a_file_to_a_token(
    token: SoftToken, keyring: Keyring, authority: TestAuthority, tmp_path: Path
) -> None:
    """The packs before, the packs after and the population: one trust.json vouches for all."""
    keyring.trust().with_authority(authority.pinned).save(keyring.trust_file)
    in_file = keyring.signer()
    earlier = Place(tmp_path / "outputs", authority, in_file)
    first = earlier.seal(A).pack
    keyring.take(token.reference, token.pin)
    later = Place(tmp_path / "outputs", authority, keyring.signer())
    second = later.seal(B).pack
    head = later.close()
    assert not keyring.key.exists(), "the key in the file is gone"
    before, after = keyring.trust().keys
    assert before.valid_until == after.valid_from
    question = later.question(trust=keyring.trust(), head=head)
    for pack, key in ((first, before), (second, after)):
        verification = later.verify(pack, trust=keyring.trust(), head=head)
        assert (verification.status, verification.findings) == (Status.VERIFIED, ())
        assert verification.signed_by == key.keyid
        assert second_opinion(pack, keyring.trust_file, head=head) == Status.VERIFIED
    assert verify_campaign(later.campaign, question).status is Status.VERIFIED


def test_the_report_is_signed_on_the_token(token: SoftToken) -> None:
    signer = signer_from(token.reference, token.pin)
    pdf = certify(empty_pdf(), signer)
    signature, status = status_of(pdf)
    assert (status.intact, status.valid) == (True, True)
    assert signature.signer_cert.subject.native["common_name"] == signer.public_key.keyid
    assert signature.signer_cert.public_key.algorithm == "ec"
    assert len(PdfFileReader(io.BytesIO(pdf)).embedded_signatures) == 1
    check_pdf(pdf, signer.public_key)


def test_the_verb_names_a_tokens_key_and_nothing_secret_is_kept(
    token: SoftToken, keyring: Keyring, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["key", "make"]) == 0
    given = ["--key", token.reference, "--pin", token.pin]
    assert main(["key", "token", *given, "--days", "30"]) == 0
    shown = capsys.readouterr().out
    keyid = signer_from(token.reference, token.pin).public_key.keyid
    assert f"Ключ {keyid} (действует, на токене)" in shown
    assert "(прежний)" in shown
    known = keyring.trust().key(keyid)
    assert known is not None
    assert known.valid_until - known.valid_from == timedelta(days=30)
    assert make_sealer().own_key().keyid == keyid
    kept = b"".join(path.read_bytes() for path in keyring.folder.iterdir() if path.is_file())
    assert PIN.encode() not in kept
    assert b"PRIVATE" not in kept
    assert main(["key", "rotate"]) == 0
    shown = capsys.readouterr().out
    assert "остался на токене" in shown
    assert isinstance(make_sealer().signer, CryptoSigner)
    assert [key.keyid for key in keyring.trust().keys][1] == keyid
    assert main(["key", "token", "--key", token.reference]) == 2
    assert "--pin" in capsys.readouterr().err


def test_the_same_key_again_moves_its_pin_and_keeps_its_window(
    token: SoftToken, keyring: Keyring, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = keyring.take(token.reference, token.pin, days=30)
    (tmp_path / "pin.txt").write_text(f"\ufeff{PIN}\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert keyring.take(token.reference, "file:pin.txt", days=60) == first
    monkeypatch.delenv(PIN_VARIABLE)
    monkeypatch.chdir("/")
    assert keyring.signer().public_key.keyid == first.keyid


def test_a_retired_key_is_not_taken_again(token: SoftToken, keyring: Keyring) -> None:
    long_ago = datetime.now(UTC) - timedelta(days=10)
    keyring.take(token.reference, token.pin, now=long_ago)
    keyring.take(token.second, token.pin, now=long_ago + timedelta(days=1))
    windows = keyring.trust()
    with pytest.raises(UsageError, match="закончился"):
        keyring.take(token.reference, token.pin)
    assert keyring.trust() == windows
    assert keyring.signer().public_key.keyid == windows.keys[1].keyid


def test_a_window_that_is_over_is_refused_without_asking_the_token(
    token: SoftToken, keyring: Keyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyring.take(token.reference, token.pin, days=1, now=datetime.now(UTC) - timedelta(days=3))
    monkeypatch.setenv(PIN_VARIABLE, "000000")
    with pytest.raises(UsageError, match="Срок ключа подписи"):
        keyring.signer()


def test_a_public_half_that_wants_the_pin_too_is_read(token: SoftToken) -> None:
    signer = signer_from(token.numbered(HIDDEN), token.pin)
    signer.public_key.verify_signature(signer.sign(b"x"), b"x")


def test_the_pin_is_looked_for_in_every_pack(token: SoftToken, tmp_path: Path) -> None:
    place = Place(tmp_path / "outputs", signer=signer_from(token.reference, token.pin))
    from sigex_runbook.evidence.privacy.leak import Canaries

    sealer = place.sealer.knowing(Canaries())
    with pytest.raises(RunFailed, match=r"pin, evidence/notes\.txt"):
        place.seal(files={"notes.txt": f"login {PIN} ok".encode()}, sealer=sealer)
    assert isinstance(sealer.scanner, DecodingScanner)
    assert PIN not in repr(sealer.scanner)


@pytest.mark.parametrize(
    ("reference", "told"),
    [
        (f"hsm:{NOT_THERE}?label={LABEL}", f"нет ключа ECDSA с номером {NOT_THERE}"),
        (f"hsm:{TWICE}?label={LABEL}", f"несколько ключей ECDSA с номером {TWICE}"),
        (f"hsm:{P384}?label={LABEL}", "нужен ECDSA P-256"),
        ("hsm:2?label=none", f"нет (видны: «{LABEL}»"),
        ("hsm:?label=", "hsm:НОМЕР?label=МЕТКА"),
        ("hsm:two", "hsm:НОМЕР?label=МЕТКА"),
        ("pkcs11:token=x;id=%02", "hsm:НОМЕР?label=МЕТКА"),
    ],
)
def test_what_is_not_on_the_token_is_told(token: SoftToken, reference: str, told: str) -> None:
    with pytest.raises(UsageError) as refused:
        signer_from(reference, token.pin)
    assert told in str(refused.value)
    assert PIN not in str(refused.value)


def test_two_tokens_want_a_name(token: SoftToken) -> None:
    with token.spare("another"), pytest.raises(UsageError, match=r"Токенов несколько .*another"):
        signer_from("hsm:2", token.pin)
    assert signer_from("hsm:2", token.pin).public_key, "the only one needs none"


def test_a_wrong_pin_is_told_and_never_quoted(
    token: SoftToken, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PIN_VARIABLE, "4321-wrong")
    with pytest.raises(UsageError, match="ПИН-код токена не подошёл") as refused:
        signer_from(token.reference, token.pin)
    assert "4321-wrong" not in str(refused.value)


def test_a_refused_pin_is_not_tried_again(token: SoftToken) -> None:
    """A real token locks itself after a few."""
    with token.spare("moved") as reference:
        signer = signer_from(reference, token.pin)
        with token.session("moved") as session:
            session.set_pin(PIN, "another-1")
        with pytest.raises(RunFailed, match="не подошёл"):
            signer.sign(b"x")
        with token.library.get_token(token_label="moved").open(
            rw=True, user_pin="another-1"
        ) as session:
            session.set_pin("another-1", PIN)
        with pytest.raises(RunFailed, match="не подошёл"):
            signer.sign(b"x")


@pytest.mark.parametrize(
    ("library", "told"),
    [
        (None, "Не сказано, где библиотека токена"),
        ("none.so", "не загружается"),
        (os.devnull, "не загружается"),
    ],
)
def test_a_library_that_is_none_is_told(
    token: SoftToken, library: str | None, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if library is None:
        monkeypatch.delenv(LIBRARY_VARIABLE)
    else:
        monkeypatch.setenv(LIBRARY_VARIABLE, library)
    with pytest.raises(UsageError, match=told) as refused:
        signer_from(token.reference, token.pin)
    assert LIBRARY_VARIABLE in str(refused.value)


def test_a_token_that_was_pulled_out_is_noticed(token: SoftToken, keyring: Keyring) -> None:
    with token.spare("gone") as reference:
        keyring.take(reference, token.pin)
        sealer = make_sealer()
        sealer.check_ready()
        token.remove("gone")
        with pytest.raises(RunFailed, match="Токен не отвечает: его вынули"):
            sealer.signer.sign(b"x")
        with pytest.raises(UsageError, match="Токен не отвечает: его вынули"):
            sealer.check_ready()
    with pytest.raises(UsageError, match="Токена, названного в ключе подписи, нет"):
        make_sealer()


def test_another_key_of_the_same_number_is_not_taken_for_it(
    token: SoftToken, keyring: Keyring
) -> None:
    with token.spare("swapped") as reference:
        keyring.take(reference, token.pin)
    with token.spare("swapped"), pytest.raises(UsageError, match="не тот ключ"):
        keyring.signer()


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (pkcs11.exceptions.PinLocked, "заблокирован"),
        (pkcs11.exceptions.DeviceRemoved, "вынули"),
        (pkcs11.exceptions.TokenNotPresent, "вынули"),
        (pkcs11.exceptions.MechanismInvalid, "не подписывает по ECDSA P-256"),
        (pkcs11.exceptions.HostMemory, "Токен не подписал"),
    ],
)
def test_what_only_other_tokens_answer_is_told_too(
    token: SoftToken, error: type[Exception], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(*_: Any) -> Any:
        raise error

    monkeypatch.setattr("securesystemslib.signer.HSMSigner.sign", answer)
    with pytest.raises(UsageError, match=told):
        signer_from(token.reference, token.pin)


@pytest.mark.parametrize("change", [lambda _: "{", lambda text: text.replace("/1", "/2")])
def test_a_record_that_is_not_ours_is_told(token: SoftToken, keyring: Keyring, change: Any) -> None:
    keyring.take(token.reference, token.pin)
    keyring.on_token.write_text(change(keyring.on_token.read_text("utf-8")), encoding="utf-8")
    with pytest.raises(UsageError, match="key token"):
        keyring.signer()


def test_a_record_without_its_public_key_is_told(token: SoftToken, keyring: Keyring) -> None:
    keyring.take(token.reference, token.pin)
    keyring.trust_file.unlink()
    with pytest.raises(UsageError, match=r"нет в trust\.json"):
        keyring.signer()

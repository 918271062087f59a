"""Runs whose packs are sealed on a PKCS#11 token, and what happens when it cannot sign."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path
from typing import Any

import pytest
from pyhanko.pdf_utils.reader import PdfFileReader

from sigex_runbook.evidence.attest.envelope import read_envelope
from sigex_runbook.evidence.attest.findings import Status
from sigex_runbook.evidence.attest.keyring import FOLDER_VARIABLE, Keyring
from sigex_runbook.evidence.attest.pkcs11_key import LIBRARY_VARIABLE
from sigex_runbook.evidence.verify.campaign import verify_campaign
from sigex_runbook.evidence.verify.verification import Question, verify_pack
from sigex_runbook.run.completion import complete
from tests.commands import answers, complaint, run, run_here, write
from tests.service import EVERYTHING, NOTHING, OTHER_ORGANISATION, Service
from tests.soft_token import LABEL, PIN, PIN_VARIABLE, SoftToken


@pytest.fixture
def keyring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Keyring:
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path / "keys"))
    return Keyring(tmp_path / "keys")


def test_all_that_a_run_signs_is_signed_on_the_token(
    token: SoftToken, keyring: Keyring, service: Service, tmp_path: Path
) -> None:
    key = keyring.take(token.reference, token.pin)
    outputs = tmp_path / "outputs"
    order = write(tmp_path, service.order_text())
    done = run_here(order, *service.arguments(), "--outputs", outputs, "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    pack = Path(json.loads(done.stdout.splitlines()[0])["pack"])
    question = Question(keyring.trust())
    verification = verify_pack(pack, question)
    assert (verification.findings, verification.signed_by) == ((), key.keyid)
    campaign = pack.parents[1]
    assert verify_campaign(campaign, question).status is Status.INTEGRITY_ONLY
    population = read_envelope((campaign / "campaign.dsse.json").read_bytes())
    assert (population.keyid, population.signed_by(key.key)) == (key.keyid, True)
    report = io.BytesIO((pack / "evidence" / "report.pdf").read_bytes())
    [signature] = PdfFileReader(report).embedded_signatures
    untyped: Any = signature.signer_cert
    assert untyped.subject.native["common_name"] == key.keyid
    left = [path for folder in (outputs, keyring.folder) for path in folder.rglob("*")]
    assert not [path for path in left if path.is_file() and PIN.encode() in path.read_bytes()]
    assert PIN not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("reference", "environment", "told"),
    [
        (f"hsm:2?label={LABEL}", {PIN_VARIABLE: "4321-wrong"}, "ПИН-код токена не подошёл"),
        (f"hsm:2?label={LABEL}", {LIBRARY_VARIABLE: os.devnull}, "как библиотека PKCS#11"),
        (f"hsm:9?label={LABEL}", {}, "нет ключа ECDSA с номером 9"),
        ("hsm:2?label=none", {}, f"нет (видны: «{LABEL}»)"),
    ],
    ids=["pin", "library", "key", "token"],
)
def test_a_token_that_cannot_sign_is_refused_before_anything_is_touched(
    token: SoftToken,
    service: Service,
    tmp_path: Path,
    reference: str,
    environment: dict[str, str],
    told: str,
) -> None:
    order = write(tmp_path, service.order_text())
    given = ("--signing-key", reference, "--signing-pin", token.pin)
    outputs = ("--outputs", tmp_path / "outputs")
    done = run(order, *service.arguments(), *given, *outputs, **environment)
    assert done.returncode == 2
    assert told in done.stderr
    assert complaint(done).count("\n") == 1, done.stderr
    assert "4321-wrong" not in done.stdout + done.stderr
    assert not (tmp_path / "outputs").exists()
    assert list(service.emulator.world.requests) == []
    assert service.granted() == NOTHING


def test_a_token_pulled_out_during_a_run_is_told_with_what_became_of_the_settings(
    token: SoftToken,
    keyring: Keyring,
    service: Service,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The run is over, its pack cannot be sealed; the next order is not begun."""

    def pulled_out(*words: Any, **more: Any) -> Any:
        token.remove("pulled")
        return complete(*words, **more)

    monkeypatch.setattr("sigex_runbook.run.run.complete", pulled_out)
    order = write(tmp_path, service.order_text())
    text = service.order_text(**{'bin: "200240002381"': f'bin: "{OTHER_ORGANISATION}"'})
    another = write(tmp_path, text, "another.yaml")
    with token.spare("pulled") as reference:
        keyring.take(reference, token.pin)
        outputs = ("--outputs", tmp_path / "outputs")
        done = run_here(order, another, *service.arguments(), *outputs, "--json")
    first, second = answers(done)
    assert service.granted() == EVERYTHING
    assert (done.returncode, first["saved"], first["pack"]) == (1, "yes", None)
    assert (second["saved"], second["pack"]) == ("no", None)
    assert "Токен не отвечает" in second["message"]
    [left] = (tmp_path / "outputs" / "single").glob("*/*")
    assert left.name.endswith(".partial"), "one draft: the second run was not begun"
    assert first["message"] == (
        "Пакет не заверен. Токен не отвечает: его вынули или отключили. Вставьте его и повторите. "
        f"Собранное осталось в {left}. Настройки сохранены: сервис подтвердил это."
    )
    assert done.stderr.startswith(
        "Ошибка: Список организаций кампании не заверен: Токен не отвечает"
    )
    assert done.stderr.count("\n") == 1, done.stderr

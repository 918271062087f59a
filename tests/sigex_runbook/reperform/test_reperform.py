"""Re-performance: an auditor reads the settings again, changes nothing, and signs what he found."""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from securesystemslib.signer import CryptoSigner

from sigex_runbook.api.client import Api
from sigex_runbook.api.line import tls_context
from sigex_runbook.cli.main import main
from sigex_runbook.core.access import AccessBlock, AccessSettings, Json, differences
from sigex_runbook.core.organisation import Bin
from sigex_runbook.core.record import Outcome
from sigex_runbook.core.verdict import reach_verdict
from sigex_runbook.evidence.attest.envelope import enclose, read_envelope
from sigex_runbook.evidence.attest.keyring import load_private_key, signer_from
from sigex_runbook.evidence.attest.trust import Trust
from sigex_runbook.evidence.pack.canonical import canonical_json
from sigex_runbook.evidence.pack.layout import EVIDENCE
from sigex_runbook.evidence.privacy.redaction import Redactor
from sigex_runbook.reperform import reading as readback
from tests.service import ORGANISATION, OTHER_ORGANISATION, SYSTEM, Service
from tests.sigex_runbook.evidence.sealed import SIGNER, Place, window
from tests.soft_token import PIN_VARIABLE, SoftToken
from tests.spec_employee import key_of

CONTROL = "Кадровый портал"


@dataclass
class Audit:
    """An auditor with a key of his own, a pack, and the service that the pack is about."""

    service: Service
    place: Place
    folder: Path
    capsys: pytest.CaptureFixture[str]

    @property
    def pack(self) -> Path:
        return next((self.place.campaign / ORGANISATION).iterdir())

    @property
    def answers(self) -> list[Path]:
        return sorted((self.place.campaign / "reperformance").glob("*"))

    @property
    def employee(self) -> list[str]:
        key = self.service.emulator.directory / "keys" / ORGANISATION / "employee-settings.p12"
        return [
            *("--employee", str(key)),
            *("--password", f"file:{key.with_suffix('.password')}"),
        ]

    @property
    def system(self) -> list[str]:
        files = self.certificate_of(SYSTEM)
        return ["--system", str(files), "--system-key", str(files.with_suffix(".key"))]

    def certificate_of(self, description: str) -> Path:
        world = json.loads((self.service.emulator.directory / "emulator.json").read_text("utf-8"))
        found = next(
            system
            for organisation in world["organisations"]
            if organisation["bin"] == ORGANISATION
            for system in organisation["information_systems"]
            if system["description"] == description
        )
        return self.service.emulator.directory / str(found["certificate_file"])

    def reperform(self, *words: str, pack: Path | None = None) -> tuple[int, str]:
        trust = ["--trust", str(self.folder / "trust.json")]
        key = ["--key", str(self.folder / "auditor.pem")]
        place = ["--ca", str(self.service.emulator.directory / "ca.pem")]
        self.capsys.readouterr()
        code = main(["reperform", str(pack or self.pack), *trust, *key, *place, *words])
        told = self.capsys.readouterr()
        return code, told.out + told.err

    def payload(self) -> dict[str, Any]:
        [answer] = self.answers
        raw = json.loads(answer.read_bytes())["payload"]
        value: dict[str, Any] = json.loads(base64.b64decode(raw))
        return value


@pytest.fixture
def audit(service: Service, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Audit:
    place = Place(tmp_path / "outputs")
    made = Audit(service, place, tmp_path, capsys)
    world = service.emulator.world
    redactor = Redactor(Bin(ORGANISATION))
    before = AccessSettings(redactor.value(read(service)))
    for block in AccessBlock:
        world.grant(ORGANISATION, block.value, SYSTEM)
    after = AccessSettings(redactor.value(read(service)))
    expected = before
    for block in AccessBlock:
        index = [system.description for system in before.systems].index(SYSTEM)
        expected = expected.with_grant(block, index, granted=True)

    def of_the_service(values: dict[str, Any]) -> None:
        values["run.json"] |= {
            "target": service.target.address,
            "mtls_target": service.target.mtls_address,
        }
        index = {system.description: system for system in before.systems}
        for name in ("information_system", "control_system"):
            described = index[{"information_system": SYSTEM, "control_system": CONTROL}[name]]
            values["order.json"][name] = {
                "description": described.description,
                "key_sha256": described.fingerprint,
            }
        values["run.json"]["information_system"] = values["order.json"]["information_system"]
        values["state/before.json"] = before.body
        values["state/expected.json"], values["state/after.json"] = expected.body, after.body
        values["state/diff.json"] = list(differences(before, after))
        [event] = values["state/audit.json"]["events"]
        event |= {"original": before.body, "modified": after.body}

    place.seal(ORGANISATION, change=of_the_service, picture=False)
    auditor = CryptoSigner.generate_ed25519()
    (tmp_path / "auditor.pem").write_bytes(auditor.private_bytes)
    (tmp_path / "auditor.pem").chmod(0o600)
    Trust((window(), window(auditor))).save(tmp_path / "trust.json")
    return made


@contextmanager
def signed_in(service: Service) -> Iterator[Api]:
    context = tls_context(service.target.ca)
    with Api(service.target.address, actor="employee", context=context) as api:
        signer = key_of(service.emulator, ORGANISATION, "employee-settings")
        api.sign_in(lambda nonce: signer.sign(nonce, attach=False))
        yield api


def read(service: Service) -> Json:
    with signed_in(service) as api:
        return api.settings().body


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Everything that any client of this process sends."""
    seen: list[str] = []
    send = httpx.Client.send

    def watched(self: httpx.Client, request: httpx.Request, **more: Any) -> httpx.Response:
        seen.append(f"{request.method} {request.url.path}")
        return send(self, request, **more)

    monkeypatch.setattr(httpx.Client, "send", watched)
    return seen


def test_an_employee_finds_the_same_and_signs_it(audit: Audit, sent: list[str]) -> None:
    settings = audit.service.emulator.world.settings_of(ORGANISATION)
    sealed = {p: p.read_bytes() for p in audit.pack.rglob("*") if p.is_file()}
    code, told = audit.reperform(*audit.employee)
    assert code == 0, told
    assert f"Настройки организации {ORGANISATION} те же, что в пакете." in told
    assert sent == [
        "POST /api/auth",
        "POST /api/auth",
        "GET /api/auth",
        "GET /api/organizationSettings",
        "POST /api/auth",
    ]
    assert audit.service.emulator.world.settings_of(ORGANISATION) == settings
    assert {p: p.read_bytes() for p in audit.pack.rglob("*") if p.is_file()} == sealed
    said = audit.payload()
    assert said["predicateType"] == "urn:sigex-runbook:reperformance:1"
    assert (said["predicate"]["same"], said["predicate"]["differences"]) == (True, [])
    assert [f"{call['method']} {call['path']}" for call in said["predicate"]["calls"]] == sent
    for number in audit.service.people_numbers():
        assert number not in json.dumps(said)
    assert audit.place.verify(audit.pack).findings == (), "the pack is still whole"


def test_an_information_system_reads_with_its_own_key(audit: Audit, sent: list[str]) -> None:
    code, told = audit.reperform(*audit.system)
    assert code == 0, told
    assert sent == ["GET /api/organizationSettings"]
    assert audit.payload()["predicate"]["system_key_sha256"] is not None


def test_what_moved_since_is_told_in_words_and_signed(audit: Audit) -> None:
    world = audit.service.emulator.world
    world.revoke(ORGANISATION, "documentsList", SYSTEM)
    world.grant(ORGANISATION, "organizationSettings", CONTROL)
    code, told = audit.reperform(*audit.employee)
    assert code == 1
    assert f"Блок контроля доступа к перечислению документов организации: у «{SYSTEM}»" in told
    assert "доступ был, теперь нет" in told
    assert f"Блок контроля доступа к настройкам организации: у «{CONTROL}» доступа не было" in told
    assert [d["path"] for d in audit.payload()["predicate"]["differences"]] == [
        "documentsList.tlsCertificatesIndices",
        "organizationSettings.tlsCertificatesIndices",
    ]


def test_one_more_person_is_noticed_though_nobody_is_named(audit: Audit) -> None:
    body = read(audit.service)
    people = body["organizationSettings"]["iins"]
    assert people, "one more is told from some, not from none"
    person = next(n for n in audit.service.people_numbers() if f"IIN{n}" not in people)
    body["organizationSettings"]["iins"] = [*people, f"IIN{person}"]
    with signed_in(audit.service) as api:
        api._call("POST", "/api/organizationSettings", body)
    code, told = audit.reperform(*audit.employee)
    assert code == 1
    assert "organizationSettings.iins" in told
    assert person not in told
    assert person not in json.dumps(audit.payload())


def test_a_save_that_changed_nothing_is_mentioned(audit: Audit) -> None:
    with signed_in(audit.service) as api:
        api._call("POST", "/api/organizationSettings", api.settings().body)
    code, told = audit.reperform(*audit.employee)
    assert code == 0
    assert "после запуска настройки сохраняли ещё раз" in told


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_a_reading_client_cannot_send_anything_else(
    service: Service, sent: list[str], method: str
) -> None:
    context = tls_context(service.target.ca)
    with (
        Api(service.target.address, actor="employee", context=context, read_only=True) as api,
        pytest.raises(RuntimeError, match="would change"),
    ):
        api._call(method, "/api/organizationSettings", {})
    assert sent == []


def test_whoever_reads_again_uses_a_reading_client(service: Service, sent: list[str]) -> None:
    target = service.target
    with (
        readback._api(target.address, target.ca, "employee", []) as api,
        pytest.raises(RuntimeError, match="would change"),
    ):
        api.write_document_settings("1jpAOexzXjfy8s13", {})
    assert sent == []


# --- checking the answer -------------------------------------------------------------------------


def test_a_genuine_answer_is_told_from_the_pack(audit: Audit, sent: list[str]) -> None:
    audit.reperform(*audit.employee)
    del sent[:]
    code, told = audit.reperform("--check", str(audit.answers[0]))
    assert code == 0, told
    assert "Ответ подлинный" in told
    assert "второго независимого мнения" not in told
    assert sent == []


def test_an_answer_by_the_sealing_key_is_no_second_opinion(audit: Audit) -> None:
    (audit.folder / "auditor.pem").write_bytes(SIGNER.private_bytes)
    _, made = audit.reperform(*audit.employee)
    _, told = audit.reperform("--check", str(audit.answers[0]))
    for words in (made, told):
        assert "второго независимого мнения здесь нет" in words


def test_an_answer_from_another_address_says_so(audit: Audit) -> None:
    """Somebody's own copy of the service answers as it likes."""
    other = audit.service.target.address.replace("localhost", "127.0.0.1")
    code, made = audit.reperform(*audit.employee, "--target", other)
    assert code == 0, made
    _, told = audit.reperform("--check", str(audit.answers[0]))
    for words in (made, told):
        assert f"записан другой адрес сервиса, {audit.service.target.address}" in words


def sign_again(path: Path, signer: CryptoSigner, change: Callable[[Any], object]) -> None:
    said = json.loads(read_envelope(path.read_bytes()).payload)
    change(said)
    path.write_bytes(enclose(canonical_json(said), signer))


def test_a_forged_answer_is_found(audit: Audit) -> None:
    """The auditor's own key signs what does not follow, a stranger signs what does."""
    audit.service.emulator.world.revoke(ORGANISATION, "documentsList", SYSTEM)
    assert audit.reperform(*audit.employee)[0] == 1
    [answer] = audit.answers
    genuine = answer.read_bytes()
    auditor = load_private_key(audit.folder / "auditor.pem")

    def hide(said: Any) -> None:
        said["predicate"] |= {"differences": [], "same": True}

    def elsewhere(said: Any) -> None:
        said["subject"][0]["digest"]["sha256"] = "0" * 64

    def more(said: Any) -> None:
        said["predicate"]["comment"] = "ok"

    def of_another(said: Any) -> None:
        said["predicate"]["organisation_bin"] = OTHER_ORGANISATION
        [subject] = said["subject"]
        subject["name"] = subject["name"].replace(ORGANISATION, OTHER_ORGANISATION)

    def of_another_run(said: Any) -> None:
        [subject] = said["subject"]
        subject["name"] = subject["name"].replace(said["predicate"]["run_id"], "earlier")
        said["predicate"]["run_id"] = "earlier"

    def read_at(moment: str) -> Callable[[Any], object]:
        return lambda said: said["predicate"].update(read_at=moment)

    def wrote(said: Any) -> None:
        said["predicate"]["calls"][3]["method"] = "POST"

    for change, signer, code in (
        (hide, auditor, "E_STATE"),
        (elsewhere, auditor, "E_SUBJECT_BINDING"),
        (of_another, auditor, "E_SUBJECT_BINDING"),
        (of_another_run, auditor, "E_SUBJECT_BINDING"),
        (read_at("2001-01-01T00:00:00Z"), auditor, "E_TIME_SKEW"),
        (read_at("2999-01-01T00:00:00Z"), auditor, "E_TIME_FUTURE"),
        (wrote, auditor, "E_STATE"),
        (more, auditor, "E_TYPE"),
        (lambda _: None, CryptoSigner.generate_ed25519(), "E_SIGNATURE"),
    ):
        answer.write_bytes(genuine)
        sign_again(answer, signer, change)
        exit_code, told = audit.reperform("--check", str(answer))
        assert exit_code == 1
        assert code in told
        assert "Ответ подлинный" not in told
    for at in range(0, len(genuine), 97):
        spoilt = bytearray(genuine)
        spoilt[at] ^= 1
        answer.write_bytes(bytes(spoilt))
        exit_code, told = audit.reperform("--check", str(answer))
        assert exit_code == 1
        assert "E_" in told


# --- what is refused, before anything is asked ---------------------------------------------------


def test_a_pack_that_fails_is_not_compared(audit: Audit, sent: list[str]) -> None:
    (audit.pack / EVIDENCE / "run.json").write_bytes(b"{}")
    code, told = audit.reperform(*audit.employee)
    assert (code, sent) == (2, [])
    assert "E_DIGEST" in told
    assert not (audit.place.campaign / "reperformance").exists()


def test_a_run_that_never_came_so_far_is_not_compared(audit: Audit, sent: list[str]) -> None:
    def stopped(values: dict[str, Any]) -> None:
        for name in [name for name in values if name.startswith(("state/", "verification"))]:
            del values[name]
        values["run.json"]["verdict"] = asdict(reach_verdict(values["steps"], []))

    pack = audit.place.seal(ORGANISATION, "later", change=stopped, outcome=Outcome.FAILED).pack
    code, told = audit.reperform(*audit.employee, pack=pack)
    assert (code, sent) == (2, [])
    assert "запуск до них не дошёл" in told


def test_the_answer_never_lands_in_the_pack_nor_over_another(audit: Audit, sent: list[str]) -> None:
    code, told = audit.reperform(*audit.employee, "--out", str(audit.pack / EVIDENCE / "a.json"))
    assert (code, sent) == (2, [])
    assert "внутри заверенного пакета" in told
    another = audit.place.seal(OTHER_ORGANISATION, picture=False).pack
    code, told = audit.reperform(*audit.employee, "--out", str(another / "a.json"))
    assert (code, sent) == (2, [])
    assert "внутри заверенного пакета" in told
    there = audit.folder / "there.json"
    there.write_text("{}")
    code, told = audit.reperform(*audit.employee, "--out", str(there))
    assert (code, sent, there.read_text()) == (2, [], "{}")
    assert audit.reperform(*audit.employee, "--out", str(audit.folder / "new" / "a.json"))[0] == 0


def test_somebody_elses_key_reads_nothing(audit: Audit, sent: list[str]) -> None:
    key = audit.service.emulator.directory / "keys" / OTHER_ORGANISATION / "employee-settings.p12"
    code, told = audit.reperform(
        *("--employee", str(key), "--password", f"file:{key.with_suffix('.password')}")
    )
    assert code == 2
    assert OTHER_ORGANISATION in told
    assert "GET /api/organizationSettings" not in sent
    assert not audit.answers


def test_another_organisations_settings_are_not_compared(audit: Audit) -> None:
    """Whose they are the service says itself; the key alone would not tell."""
    audit.service.emulator.world.faults.set(ORGANISATION, "load-other-organisation")
    code, told = audit.reperform(*audit.employee)
    assert code == 2
    assert OTHER_ORGANISATION in told
    assert not audit.answers


@pytest.mark.parametrize("fault", ["session-ends-after-sign-in", "session-without-cookie"])
def test_a_session_that_is_over_gives_no_answer(audit: Audit, fault: str) -> None:
    audit.service.emulator.world.faults.set(ORGANISATION, fault)
    code, told = audit.reperform(*audit.employee)
    assert code == 2
    assert "Сравнить не удалось, ничего не изменено." in told
    assert not audit.answers


def test_usage_is_refused_in_a_sentence(audit: Audit, sent: list[str]) -> None:
    for words, complaint in (
        ((), "Укажите, кем читать"),
        (("--employee", "nobody.p12"), "--password"),
        (("--employee", "nobody.p12", "--password", "secret"), "--password"),
        (("--check", "nothing.json"), "не читается"),
        (("--target", "http://sigex.kz"), "https://"),
        (("--employee", "a.p12", "--system", "b.pem"), "нельзя указать вместе"),
    ):
        code, told = audit.reperform(*words)
        assert (code, sent) == (2, []), words
        assert complaint in told


def test_a_service_that_does_not_answer_gives_no_answer(audit: Audit) -> None:
    code, told = audit.reperform(*audit.employee, "--target", "https://127.0.0.1:9")
    assert code == 2
    assert "Сравнить не удалось, ничего не изменено." in told
    assert not audit.answers


def test_a_copy_of_one_pack_alone_is_enough(audit: Audit) -> None:
    alone = audit.folder / "copy" / ORGANISATION / audit.pack.name
    shutil.copytree(audit.pack, alone)
    assert audit.reperform(*audit.employee, pack=alone)[0] == 0
    [answer] = (alone.parent / "reperformance").iterdir()
    assert audit.reperform("--check", str(answer), pack=alone)[0] == 0
    assert audit.reperform("--check", str(answer))[0] == 0, "and by the pack in its campaign"


def test_an_auditor_may_sign_on_a_token(audit: Audit, token: SoftToken) -> None:
    auditor = signer_from(token.reference, token.pin)
    key = ["--key", token.reference, "--pin", token.pin]
    code, told = audit.reperform(*audit.system, *key)
    assert code == 0, told
    Trust((window(), window(auditor))).save(audit.folder / "trust.json")
    [answer] = audit.answers
    code, told = audit.reperform("--check", str(answer))
    assert code == 0, told
    assert f"подписан ключом {auditor.public_key.keyid}" in told


def test_a_token_that_cannot_sign_is_refused_before_anything_is_read(
    audit: Audit, token: SoftToken, sent: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PIN_VARIABLE, "4321-wrong")
    code, told = audit.reperform(*audit.system, "--key", token.reference, "--pin", token.pin)
    assert code == 2
    assert "ПИН-код токена не подошёл" in told
    assert "4321-wrong" not in told
    assert sent == []
    assert audit.answers == []

"""The report of real runs on the emulator: each block says what the pack's files say, it is
accessible, it prints as a signed PDF, and it exists however the run ended."""

from __future__ import annotations

import io
import json
import re
import shutil
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from html import unescape
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from axe_playwright_python.sync_playwright import Axe
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from playwright.sync_api import Browser, Page, sync_playwright
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import MDPPerm
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from sigex_emulator import Emulator
from sigex_runbook.cli.main import main
from sigex_runbook.core.verdict import VerdictKind
from sigex_runbook.evidence.attest.envelope import enclose, read_envelope
from sigex_runbook.evidence.attest.keyring import Keyring, key_folder
from sigex_runbook.evidence.attest.statement import ATTESTATION, PackStatement
from sigex_runbook.evidence.pack.files import gather
from sigex_runbook.evidence.report.words import words
from sigex_runbook.evidence.sealing.report_files import Publication
from sigex_runbook.evidence.sealing.signed_pdf import certify
from sigex_runbook.evidence.sealing.wiring import make_sealer
from sigex_runbook.evidence.verify.verification import Question, verify_pack
from sigex_runbook.run.result import Result
from sigex_runbook.site.browser_launch import launch
from sigex_runbook.site.pdf_printer import Printer
from tests.performing import perform
from tests.service import Service

LARGEST = 5_000_000
GUIDE_CALLOUTS = 13


def reported(service: Service, folder: Path, *, language: str = "ru") -> Result:
    """A run of the sample order, sealed with a report."""
    with Printer() as printer:
        sealer = replace(make_sealer(), report=Publication(printer.print, language))
        return perform(service, service.order(), folder, sealer=sealer)


@dataclass(frozen=True)
class Pack:
    """A finished pack, its files as JSON, its report as text."""

    folder: Path

    def json(self, name: str) -> Any:
        return json.loads((self.folder / "evidence" / name).read_bytes())

    @property
    def html(self) -> str:
        return (self.folder / "evidence" / "report.html").read_text("utf-8")

    @property
    def text(self) -> str:
        """What the report says, in English or Russian."""
        return unescape(re.sub(r"<[^>]+>", " ", self.html.split("</style>")[1]))

    @property
    def pdf(self) -> bytes:
        return (self.folder / "evidence" / "report.pdf").read_bytes()

    @property
    def steps(self) -> list[dict[str, Any]]:
        lines = (self.folder / "evidence" / "steps.ndjson").read_text("utf-8").splitlines()
        return [json.loads(line) for line in lines]


@pytest.fixture(scope="module")
def pack(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Pack:
    emulator.world.reset()
    return Pack(reported(Service(emulator), tmp_path_factory.mktemp("report")).pack)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright, launch(playwright) as running:
        yield running


@pytest.fixture(scope="module")
def wide(browser: Browser, pack: Pack) -> Iterator[Page]:
    """The report on a desktop, and whatever it asked the network for fails the test."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.set_content(pack.html)
    assert [url for url in asked if not url.startswith("data:image/png")] == []
    yield page
    page.close()


def table(page: Page, caption: str) -> list[list[str]]:
    """The rows of the table whose caption begins like that."""
    found = page.locator("table", has=page.locator(f'caption:text-matches("^{caption}")'))
    assert found.count() == 1, caption
    rows = found.locator("tbody tr").all()
    return [row.locator("th, td").all_inner_texts() for row in rows]


# What it says


def test_the_verdict_stands_first(wide: Page, pack: Pack) -> None:
    verdict = pack.json("run.json")["verdict"]
    box = wide.locator(".verdict").inner_text()
    assert box.startswith("Выполнено (PASSED)")
    assert verdict["kind"] == "PASSED"
    for reason in verdict["reasons"]:
        assert reason in box
    assert "сохранены и изменились" in box
    first = wide.locator("h1").bounding_box()
    seen = wide.locator(".verdict").bounding_box()
    assert first is not None
    assert seen is not None
    assert first["y"] < seen["y"] < 300


def test_the_circumstances_are_those_of_the_record(wide: Page, pack: Pack) -> None:
    run, order = pack.json("run.json"), pack.json("order.json")
    rows = table(wide, "Обстоятельства")
    facts = dict(rows)
    assert len(facts) == len(rows), "two circumstances bear one name"
    assert facts["Кто вошёл в сервис"] == run["session"]["identity"]
    assert facts["Оператор (учётная запись на машине)"] == run["operator"]
    assert facts["БИН организации"] == run["organisation_bin"]
    assert facts["SHA-256 её открытого ключа"] == order["information_system"]["key_sha256"]
    control = order["control_system"]
    assert facts["Контрольная информационная система"] == control["description"]
    assert facts["SHA-256 открытого ключа контрольной системы"] == control["key_sha256"]
    assert facts["Среда"].startswith("эмулятор")
    assert (facts["Адрес для людей"], facts["Номер запуска"]) == (run["target"], run["run_id"])
    assert run["session"]["browser"]["version"] in facts["Браузер"]
    assert run["program"]["version"] in facts["Программа"]
    moment = run["finished_at"][:19].replace("T", " ")
    assert facts["Конец"].startswith(f"{moment} UTC\n")


def test_the_order_is_told_and_that_nobody_approved_it(wide: Page, pack: Pack) -> None:
    access = pack.json("order.json")["access"]
    assert set(access.values()) == {"granted"}
    assert [wish for _, wish in table(wide, "Что заказано")] == ["предоставить"] * len(access)
    assert "нет согласования" in dict(table(wide, "Прочее в заказе"))["Согласование"]


def test_each_callout_has_its_words_its_outcome_and_its_picture(wide: Page, pack: Pack) -> None:
    for number in range(1, GUIDE_CALLOUTS + 1):
        record = pack.json(f"screens/{number:03d}.json")
        [step] = [s for s in pack.steps if s["step"]["callout"] == number]
        assert step["outcome"] == "passed"
        part = wide.locator(".callout", has=wide.locator(f"#callout-{number}"))
        said = part.inner_text()
        assert f"({number})" in part.locator("q").inner_text()
        assert "выполнен, " in said
        assert f"{step['duration_ms']} мс" in said
        assert record["annotated"]["sha256"] in said
        assert record["raw"]["sha256"] in said
        assert record["facts"]["url"] in said
        [alt] = [image.get_attribute("alt") for image in part.locator("img").all()]
        assert alt is not None
        assert f"цифрой {number} помечено" in alt


def test_all_steps_are_there_with_their_outcome(wide: Page, pack: Pack) -> None:
    shown = [row for n in range(1, 9) for row in table(wide, f"Шаги раздела {n}")]
    told = [(int(position), step, outcome) for position, step, _, outcome, _ in shown]
    assert told == [
        (
            s["step"]["position"],
            "\n".join([f"{s['step']['keyword']} {s['step']['text']}", *filter(None, [s["note"]])]),
            "выполнен",
        )
        for s in pack.steps
    ]


def test_the_matrix_is_what_the_state_files_say(wide: Page, pack: Pack) -> None:
    blocks = list(pack.json("order.json")["access"])
    order = ("documentsAccess", "documentsList", "documentsSettings", "organizationSettings")
    assert sorted(blocks) == sorted(order)
    states = [pack.json(f"state/{name}.json") for name in ("before", "expected", "after")]
    for index, caption in ((0, "Доступ: Учёт договоров"), (1, "Доступ: Кадровый портал")):
        rows = table(wide, caption)
        for row, block in zip(rows, order, strict=True):
            _, before, _, expected, after, agreement = row
            for shown, state in zip((before, expected, after), states, strict=True):
                granted = index in state[block]["tlsCertificatesIndices"]
                assert shown == ("✓ есть доступ" if granted else "нет доступа")
            assert agreement == "сходится"
    moved = table(wide, "Всё, что изменилось")
    assert [(path, json.loads(b), json.loads(a)) for path, b, a in moved] == [
        (one["path"], one["before"], one["after"]) for one in pack.json("state/diff.json")
    ]


def test_the_probes_are_what_the_verification_says(wide: Page, pack: Pack) -> None:
    verification = pack.json("verification.json")
    rows = table(wide, "Пробы и ответы")
    words = {"served": "обслужена", "refused": "отказано"}
    told = [
        (system.removesuffix(" (контрольная)"), moment, said.split(" (")[0])
        for system, _, before, after in rows
        for moment, said in (("before", before), ("after", after))
    ]
    assert sorted(told) == sorted(
        (p["system"], p["moment"], words[p["answer"]]) for p in verification["probes"]
    )
    assert [detail for _, _, detail in table(wide, "Три канала")] == [
        check["detail"] for check in verification["checks"]
    ]


def test_the_timeline_holds_every_step_and_call_in_order(wide: Page, pack: Pack) -> None:
    calls = [pack.json(f"api/{p.name}") for p in (pack.folder / "evidence" / "api").iterdir()]
    moments = [s["started_at"] for s in pack.steps] + [c["sent_at"] for c in calls]
    shown = [row[0] for row in table(wide, "Шаги и обращения")]
    assert shown == [moment[11:23] for moment in sorted(moments)]


def test_the_digests_are_those_of_the_attestation(wide: Page, pack: Pack) -> None:
    verification = verify_pack(pack.folder, Question(Keyring(key_folder()).trust()))
    assert verification.findings == ()
    assert verification.statement is not None
    sealed = {s.name: (str(s.size), s.sha256) for s in verification.statement.subjects}
    shown = {name: (size, digest) for name, size, digest in table(wide, "Файлов:")}
    later = ("report.html", "report.json", "report.pdf", "redaction.json")
    assert sealed.keys() - shown.keys() <= {f"evidence/{name}" for name in later}
    assert shown == {name: sealed[name] for name in shown}
    assert verification.signed_by == dict(table(wide, "Чем связан"))["Номер ключа подписи"]


# How it reads


def test_axe_finds_nothing_serious(wide: Page) -> None:
    found = Axe().run(wide).response["violations"]
    assert [v["id"] for v in found if v["impact"] in ("serious", "critical")] == []


@pytest.mark.parametrize("width", [320, 600, 1024])
def test_no_width_needs_scrolling_sideways(browser: Browser, pack: Pack, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800})
    try:
        page.set_content(pack.html)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    finally:
        page.close()


def test_it_is_small(pack: Pack) -> None:
    assert len(pack.html) < LARGEST
    assert len(pack.pdf) < LARGEST


# The PDF


def test_the_pdf_is_certified_whole_by_the_packs_key(pack: Pack) -> None:
    reader = PdfFileReader(io.BytesIO(pack.pdf), strict=True)
    [signature] = reader.embedded_signatures
    certificate = x509.load_der_x509_certificate(signature.signer_cert.dump())
    context = ValidationContext(trust_roots=[signature.signer_cert], allow_fetching=False)
    with ThreadPoolExecutor(max_workers=1) as aside:  # this thread drives a browser
        status = aside.submit(validate_pdf_signature, signature, context).result()
    assert (status.intact, status.valid, status.trusted) == (True, True, True)
    assert status.coverage is SignatureCoverageLevel.ENTIRE_FILE
    assert signature.docmdp_level is MDPPerm.NO_CHANGES
    assert signature.sig_object["/SubFilter"] == "/ETSI.CAdES.detached"
    key = Keyring(key_folder()).signer_key()
    [name] = certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
    assert name.value == key.keyid
    der = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert certificate.public_key().public_bytes(*der) == key._crypto_key().public_bytes(*der)


def test_the_pdfs_words_can_be_read_out_and_it_is_tagged(pack: Pack) -> None:
    pdfium: Any = pypdfium2  # without types
    document = pdfium.PdfDocument(pack.pdf)
    text = " ".join(page.get_textpage().get_text_bounded() for page in document)
    said = re.sub(r"\s+", " ", text)
    for phrase in (
        "Выполнено (PASSED)",
        "Четыре блока: до, по заказу, ожидалось, после",
        "Чего этот отчёт не доказывает",
        pack.json("run.json")["session"]["identity"],
    ):
        assert phrase in said
    assert [item.get_title() for item in document.get_toc() if item.level == 0]
    root = PdfFileReader(io.BytesIO(pack.pdf)).root
    assert root["/MarkInfo"]["/Marked"]
    assert str(root["/Lang"]) == "ru"


def test_on_paper_each_picture_is_large_and_fills_its_page(pack: Pack) -> None:
    """Frame and page can be read, and no page is left half empty for a picture that did not fit."""
    pdfium: Any = pypdfium2  # without types
    millimetres = 25.4 / 72
    pictures = [
        [edge * millimetres for edge in shown.get_bounds()]
        for page in pdfium.PdfDocument(pack.pdf)
        for shown in page.get_objects(filter=[pdfium.raw.FPDF_PAGEOBJ_IMAGE])
    ]
    assert len(pictures) == GUIDE_CALLOUTS
    assert min(right - left for left, _, right, _ in pictures) > 140
    assert max(bottom for _, bottom, _, _ in pictures) < 110


def test_a_changed_pdf_is_found(pack: Pack) -> None:
    question = Question(Keyring(key_folder()).trust())
    path, good = pack.folder / "evidence" / "report.pdf", pack.pdf
    try:
        path.write_bytes(good + b"\n%more")
        found = {str(f.code) for f in verify_pack(pack.folder, question).findings}
    finally:
        path.write_bytes(good)
    assert "E_DIGEST" in found
    assert verify_pack(pack.folder, question).findings == ()


def test_a_pdf_of_other_words_is_found_when_it_is_read(pack: Pack, tmp_path: Path) -> None:
    """The key's owner prints and certifies what he likes; read off its pages, it is another."""
    campaign = shutil.copytree(pack.folder.parents[1], tmp_path / pack.folder.parents[1].name)
    lie = campaign / pack.folder.parent.name / pack.folder.name
    owner = pack.json("run.json")["session"]["identity"].split(",")[0]
    with Printer() as printer:
        printed = printer.print(pack.html.replace(owner, "ПЕТРОВ ПЁТР"))
    signer = make_sealer().signer
    (lie / "evidence" / "report.pdf").write_bytes(certify(printed, signer))
    old = (lie / ATTESTATION).read_bytes()
    statement = PackStatement.read(read_envelope(old).payload)
    statement = replace(statement, subjects=gather(lie))
    (lie / ATTESTATION).write_bytes(enclose(statement.to_bytes(), signer))
    (campaign / "ledger.jsonl").unlink()
    question = Question(Keyring(key_folder()).trust())
    assert verify_pack(lie, question).findings == ()
    [finding] = verify_pack(lie, replace(question, pictures=True)).findings
    assert finding.code == "E_PDF_COVERAGE"
    assert "ПЕТРОВПЁТР" in finding.what


# However the run ended


def test_a_failed_run_says_where_and_whether_it_saved(service: Service, tmp_path: Path) -> None:
    service.emulator.world.set_disabled("200240002381", "Учёт договоров", disabled=True)
    failed = Pack(reported(service, tmp_path).pack)
    verdict = failed.json("run.json")["verdict"]
    text = failed.text
    assert verdict["kind"] == "FAILED"
    assert verdict["reasons"][0].split(": ", 1)[-1][:40] in text
    assert f"Где остановлено: раздел {verdict['section']} «" in text
    assert "Настройки организации не сохранялись" in text
    assert text.count("не выполнялся") >= sum(s["outcome"] == "not_run" for s in failed.steps)


def test_on_paper_a_failure_is_told_above_its_pictures_in_one_piece(
    service: Service, tmp_path: Path
) -> None:
    """Two pictures do not fit on one page; heading and message stay with the first of them."""
    service.emulator.world.faults.set("200240002381", "save-502")
    failed = Pack(reported(service, tmp_path, language="en").pack)
    pdfium: Any = pypdfium2  # without types
    pages = [
        re.sub(r"\s+", " ", page.get_textpage().get_text_bounded())
        for page in pdfium.PdfDocument(failed.pdf)
    ]
    [told] = [page for page in pages if "Callout (13)" in page]
    message = failed.json("run.json")["failure"]["message"]
    assert message in told.split("Callout (13)")[1]
    assert "Picture 13." in told


def test_a_save_that_stores_nothing_is_told_as_the_service_answered_it(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = service.emulator.world
    real = world.save_settings

    def forget(*args: Any, **kwargs: Any) -> Any:
        before = world.settings_of("200240002381")
        assert before is not None
        answer = real(*args, **kwargs)
        world.put_settings("200240002381", before)
        return answer

    monkeypatch.setattr(world, "save_settings", forget)
    failed = Pack(reported(service, tmp_path, language="en").pack)
    assert failed.json("run.json")["verdict"]["section"] == 8
    assert '<html lang="en">' in failed.html
    assert "Where it stopped: section 8 “" in failed.html
    assert "The screen at the minute of failure" in failed.html
    assert failed.json("run.json")["saved"] == "yes"
    assert "The service answered that the organisation's settings were saved;" in failed.text


def test_a_print_that_never_ends_costs_the_pdf_alone(
    service: Service,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    release = threading.Event()
    monkeypatch.setattr(Page, "pdf", lambda *_, **__: release.wait())
    monkeypatch.setattr("sigex_runbook.site.pdf_printer.SECONDS", 1)
    try:
        result = reported(service, tmp_path)
    finally:
        release.set()
    told = "Браузер не напечатал отчёт за 1 с. То же самое есть в report.html"
    assert result.verdict.kind is VerdictKind.PASSED
    assert f"Отчёт без PDF: {told}" in capsys.readouterr().err
    evidence = result.pack / "evidence"
    assert told in (evidence / "report.html").read_text("utf-8")
    assert not (evidence / "report.pdf").exists()
    assert verify_pack(result.pack, Question(Keyring(key_folder()).trust())).findings == ()


def test_another_language_is_made_of_a_sealed_pack_that_stays_as_it_is(
    pack: Pack, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "report.html"
    asked = ["report", str(pack.folder), "--language", "en", "--output", str(out)]
    assert main(asked) == 0
    html = out.read_text("utf-8")
    assert '<html lang="en">' in html
    assert "Done (PASSED)" in html
    assert "is not sealed itself" in html
    recorded = [step["step"]["text"] for step in pack.steps]
    recorded += pack.json("run.json")["verdict"]["reasons"]
    read = [words("en").reading(text) for text in recorded]
    assert len(read) == 35 + 3
    assert [text for text, known in zip(recorded, read, strict=True) if known is None] == []
    shown = unescape(html)
    assert [known for known in read if f'class="reading">{known}</span>' not in shown] == []
    assert verify_pack(pack.folder, Question(Keyring(key_folder()).trust())).findings == ()
    assert main(asked) == 2  # it does not overwrite
    assert "--output" in capsys.readouterr().err
    assert main(["report", str(tmp_path)]) == 2
    assert "не заверенный пакет" in capsys.readouterr().err

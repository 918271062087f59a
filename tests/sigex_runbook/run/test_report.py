"""The report of real runs on the emulator: each block says what the pack's files say, it is
accessible, it prints as a signed PDF, and it exists however the run ended."""

from __future__ import annotations

import hashlib
import io
import json
import re
import shutil
import threading
from base64 import b64decode
from collections.abc import Callable, Iterator
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
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import MDPPerm
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from sigex_emulator import Emulator
from sigex_runbook.cli.main import main
from sigex_runbook.core.guide import load_guide
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
from sigex_runbook.run.warmth import Warmth
from sigex_runbook.site.browser_launch import launch
from sigex_runbook.site.pdf_printer import Printer
from tests.performing import perform
from tests.service import Service

Print = Callable[[str], bytes]
LARGEST = 1_000_000
MOST_PAGES, MOST_WORDS = 10, 1_900
GUIDE_CALLOUTS = 13


def reported(service: Service, folder: Path, print_pdf: Print, *, language: str = "ru") -> Result:
    """A run of the sample order, sealed with a report."""
    sealer = replace(make_sealer(), report=Publication(print_pdf, language))
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
def pack(emulator: Emulator, warmth: Warmth, tmp_path_factory: pytest.TempPathFactory) -> Pack:
    emulator.world.reset()
    folder = tmp_path_factory.mktemp("report")
    return Pack(reported(Service(emulator), folder, warmth.print).pack)


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


def facts(page: Page) -> dict[str, str]:
    """What the tables of names and values say."""
    rows = [row.locator("th, td").all_inner_texts() for row in page.locator(".pairs tr").all()]
    assert len(dict(rows)) == len(rows), "two facts bear one name"
    return dict(rows)


# What it says


def test_the_verdict_stands_first_with_where_it_was_reached(wide: Page, pack: Pack) -> None:
    box = wide.locator(".verdict").inner_text()
    assert box.startswith("Выполнено (PASSED) на эмуляторе")
    assert pack.json("run.json")["verdict"]["kind"] == "PASSED"
    assert "сохранены и изменились" in box
    first = wide.locator("h1").bounding_box()
    seen = wide.locator(".verdict").bounding_box()
    assert first is not None
    assert seen is not None
    assert first["y"] < seen["y"] < 300


def test_nothing_is_said_twice(wide: Page, pack: Pack) -> None:
    said = wide.locator("p, li, .channels td").all_inner_texts()
    own = [one for one in said if len(one) > 40 and not one.startswith("выполнен, ")]  # no steps
    assert [one for one in set(own) if own.count(one) > 1] == []
    reasons = pack.json("run.json")["verdict"]["reasons"]
    assert [said.count(reason) for reason in reasons] == [1, 1, 1]


def test_the_circumstances_are_those_of_the_record(wide: Page, pack: Pack) -> None:
    run, order = pack.json("run.json"), pack.json("order.json")
    told = facts(wide)
    assert told["Кто вошёл в сервис"] == run["session"]["identity"]
    assert told["Оператор (учётная запись)"] == run["operator"]
    assert told["БИН организации"] == run["organisation_bin"]
    assert told["SHA-256 её открытого ключа"] == order["information_system"]["key_sha256"]
    control = order["control_system"]
    assert told["Контрольная информационная система"] == control["description"]
    assert told["SHA-256 открытого ключа контрольной системы"] == control["key_sha256"]
    assert told["Среда"].startswith("эмулятор")
    assert told["Среда"].endswith(run["target"])
    assert told["Номер запуска"] == run["run_id"]
    assert run["session"]["browser"]["version"] in told["Браузер"]
    assert run["program"]["version"] in told["Программа"]
    moment = run["finished_at"][:19].replace("T", " ")
    assert f"\n{moment} UTC = " in told["Начало и конец"]


def test_that_nobody_approved_it_is_told(wide: Page) -> None:
    assert "нет согласования" in facts(wide)["Согласование"]


def test_each_callout_has_its_words_its_outcome_and_its_picture(wide: Page, pack: Pack) -> None:
    for number in range(1, GUIDE_CALLOUTS + 1):
        record = pack.json(f"screens/{number:03d}.json")
        [step] = [s for s in pack.steps if s["step"]["callout"] == number]
        assert step["outcome"] == "passed"
        part = wide.locator(".callout", has=wide.locator(f"#callout-{number}"))
        said = part.inner_text()
        assert f"({number})" in part.locator("q").inner_text()
        assert f"выполнен, {step['duration_ms']} мс: {step['step']['keyword']} " in said
        assert f"Снимок {number}, {record['facts']['taken_at_utc'][11:19]} UTC" in said
        assert record["facts"]["url"].removeprefix(pack.json("run.json")["target"]) in said
        [alt] = [image.get_attribute("alt") for image in part.locator("img").all()]
        assert alt is not None
        assert f"цифрой {number} помечено" in alt


def test_each_picture_is_a_part_of_the_packs_own(wide: Page, pack: Pack) -> None:
    for number in range(1, GUIDE_CALLOUTS + 1):
        part = wide.locator(".callout", has=wide.locator(f"#callout-{number}"))
        data = part.locator("img").get_attribute("src")
        assert data is not None
        cut = Image.open(io.BytesIO(b64decode(data.partition("base64,")[2]))).convert("RGB")
        path = pack.folder / "evidence" / "screens" / f"{number:03d}-annotated.png"
        whole = Image.open(path).convert("RGB")
        assert cut.width * cut.height < whole.width * whole.height / 3
        rows = [cut.crop((0, y, cut.width, y + 1)).tobytes() for y in range(0, cut.height, 20)]
        assert all(row in whole.tobytes() for row in rows)


def test_all_steps_are_there_with_their_outcome(wide: Page, pack: Pack) -> None:
    said = wide.locator(".callout p, .callout li").all_inner_texts()
    for s in pack.steps:
        words = f"{s['step']['keyword']} {s['step']['text']}"
        told = "\n".join([f"выполнен, {s['duration_ms']} мс: {words}", *filter(None, [s["note"]])])
        assert told in said


def test_the_matrix_is_what_the_state_files_say(wide: Page, pack: Pack) -> None:
    blocks = list(pack.json("order.json")["access"])
    order = ("documentsAccess", "documentsList", "documentsSettings", "organizationSettings")
    assert sorted(blocks) == sorted(order)
    states = [pack.json(f"state/{name}.json") for name in ("before", "after")]
    rows = table(wide, "Доступ системы «Учёт договоров»")
    for row, block in zip(rows, order, strict=True):
        _, *shown, ordered = row
        granted = [0 in state[block]["tlsCertificatesIndices"] for state in states]
        assert [one.strip() for one in shown] == ["есть" if one else "нет" for one in granted]
        assert ordered == "предоставить: сходится"
    moved = table(wide, "Всё, что изменилось")
    assert [(path, json.loads(b), json.loads(a)) for path, b, a in moved] == [
        (one["path"], one["before"], one["after"]) for one in pack.json("state/diff.json")
    ]


def test_the_probes_are_what_the_verification_says(wide: Page, pack: Pack) -> None:
    verification = pack.json("verification.json")
    rows = table(wide, "Ответы сервиса")
    words = {"served": "обслужена", "refused": "отказано"}
    columns = [(control, moment) for control in (False, True) for moment in ("before", "after")]
    told = [
        (*column, said.split(" (")[0])
        for _, *answers in rows
        for column, said in zip(columns, answers, strict=True)
    ]
    assert sorted(told) == sorted(
        (p["control"], p["moment"], words[p["answer"]]) for p in verification["probes"]
    )
    assert [detail for _, _, detail in table(wide, "Три канала")] == [
        check["detail"] for check in verification["checks"]
    ]


def test_where_the_calls_are_recorded_is_told(pack: Pack) -> None:
    calls = list((pack.folder / "evidence" / "api").iterdir())
    assert f"Обращений к API в записи: {len(calls)}, каждое в своём файле" in pack.text


def test_the_list_of_files_is_that_of_the_attestation(wide: Page, pack: Pack) -> None:
    verification = verify_pack(pack.folder, Question(Keyring(key_folder()).trust()))
    assert verification.findings == ()
    assert verification.statement is not None
    later = ("report.html", "report.json", "report.pdf", "redaction.json")
    sealed = {s.name.removeprefix("evidence/"): s.sha256 for s in verification.statement.subjects}
    listed = {name: digest for name, digest in sealed.items() if name not in later}
    assert len(sealed) == len(listed) + len(later)
    lines = "".join(f"{listed[name]}  {name}\n" for name in sorted(listed))
    told = facts(wide)
    assert f": {len(listed)};" in told["Файлы пакета"]
    assert told["Файлы пакета"].endswith(hashlib.sha256(lines.encode()).hexdigest())
    assert verification.signed_by == told["Номер ключа подписи"]


# How it reads


def test_axe_finds_nothing_serious(wide: Page) -> None:
    found = Axe().run(wide).response["violations"]
    assert [v["id"] for v in found if v["impact"] in ("serious", "critical")] == []


@pytest.mark.parametrize("width", [320, 390, 600, 1024, 1366])
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
        "Выполнено (PASSED) на эмуляторе",
        "Доступ системы «Учёт договоров»",
        "Чего этот отчёт не доказывает",
        pack.json("run.json")["session"]["identity"],
    ):
        assert phrase in said
    assert [item.get_title() for item in document.get_toc() if item.level == 0]
    root = PdfFileReader(io.BytesIO(pack.pdf)).root
    assert root["/MarkInfo"]["/Marked"]
    assert str(root["/Lang"]) == "ru"


def test_on_paper_it_is_short_and_the_first_page_suffices(pack: Pack) -> None:
    pdfium: Any = pypdfium2  # without types
    pages = [page.get_textpage().get_text_bounded() for page in pdfium.PdfDocument(pack.pdf)]
    assert len(pages) <= MOST_PAGES
    assert sum(len(re.findall(r"\w+", page)) for page in pages) < MOST_WORDS
    first = re.sub(r"\s+", " ", pages[0])
    for phrase in (
        "Выполнено (PASSED) на эмуляторе",
        "Доступ системы «Учёт договоров»",
        "Три канала, которые должны сойтись",
        "Чего этот отчёт не доказывает",
        "sigex-runbook verify",
        load_guide().sha256,
        "её владелец вписывает это в guide.yaml",
    ):
        assert phrase in first
    assert "Инструкция шаг за шагом" not in first


def test_on_paper_the_letters_of_each_picture_can_be_read(pack: Pack) -> None:
    """Letters of 16 pixels are at least 2.4 mm high, and the callouts stand two a page or more."""
    pdfium: Any = pypdfium2  # without types
    millimetres = 25.4 / 72
    found = [
        [
            (shown.get_bounds()[2] - shown.get_bounds()[0]) * millimetres / shown.get_px_size()[0]
            for shown in page.get_objects(filter=[pdfium.raw.FPDF_PAGEOBJ_IMAGE])
        ]
        for page in pdfium.PdfDocument(pack.pdf)
    ]
    pages = [scales for scales in found if scales]
    assert sum(map(len, pages)) == GUIDE_CALLOUTS
    assert min(map(len, pages)) >= 2
    assert min(min(scales) for scales in pages) * 16 > 2.4


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


def test_a_pdf_of_other_words_is_found_when_it_is_read(
    pack: Pack, warmth: Warmth, tmp_path: Path
) -> None:
    """The key's owner prints and certifies what he likes; read off its pages, it is another."""
    campaign = shutil.copytree(pack.folder.parents[1], tmp_path / pack.folder.parents[1].name)
    lie = campaign / pack.folder.parent.name / pack.folder.name
    owner = pack.json("run.json")["session"]["identity"].split(",")[0]
    printed = warmth.print(pack.html.replace(owner, "ПЕТРОВ ПЁТР"))
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


def test_a_failed_run_says_where_and_whether_it_saved(
    service: Service, warmth: Warmth, tmp_path: Path
) -> None:
    service.emulator.world.set_disabled("200240002381", "Учёт договоров", disabled=True)
    failed = Pack(reported(service, tmp_path, warmth.print).pack)
    verdict = failed.json("run.json")["verdict"]
    text = failed.text
    assert verdict["kind"] == "FAILED"
    assert verdict["reasons"][0].split(": ", 1)[-1][:40] in text
    assert f"Где остановлено: раздел {verdict['section']} «" in text
    assert "Настройки организации не сохранялись" in text
    assert text.count("не выполнялся") >= sum(s["outcome"] == "not_run" for s in failed.steps)


def test_on_paper_a_failure_is_told_above_its_pictures_in_one_piece(
    service: Service, warmth: Warmth, tmp_path: Path
) -> None:
    """Two pictures do not fit on one page; heading and message stay with the first of them."""
    service.emulator.world.faults.set("200240002381", "save-502")
    failed = Pack(reported(service, tmp_path, warmth.print, language="en").pack)
    pdfium: Any = pypdfium2  # without types
    pages = [
        re.sub(r"\s+", " ", page.get_textpage().get_text_bounded())
        for page in pdfium.PdfDocument(failed.pdf)
    ]
    [told] = [page for page in pages if "(13) save button" in page]
    message = failed.json("run.json")["failure"]["message"]
    assert message in told.split("(13) save button")[1]
    assert "Picture 13," in told


def test_a_save_that_stores_nothing_is_told_as_the_service_answered_it(
    service: Service, warmth: Warmth, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
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
    failed = Pack(reported(service, tmp_path, warmth.print, language="en").pack)
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
        with Printer() as printer:
            result = reported(service, tmp_path, printer.print)
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

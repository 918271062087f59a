"""Pictures are drawn again: the owner of the signing key cannot seal a mark of his own."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw

from sigex_runbook.cli.main import main
from sigex_runbook.core.record import Box
from sigex_runbook.evidence.attest.findings import Status
from sigex_runbook.evidence.pack.canonical import sha256_hex
from sigex_runbook.evidence.pack.captures import store_capture, store_failure
from sigex_runbook.evidence.pack.layout import EVIDENCE
from sigex_runbook.evidence.verify.files import Redrawn
from sigex_runbook.evidence.verify.verification import Verification
from tests.sigex_runbook.evidence.corpus.forgery import edit_json, reseal
from tests.sigex_runbook.evidence.material import drawn, facts, failure, page_png, pixels, png
from tests.sigex_runbook.evidence.sealed import A, Place, codes

RAW, ANNOTATED, FACTS = (f"screens/006{end}" for end in ("-raw.png", "-annotated.png", ".json"))
UNREPORTED = {"E_STATE"}
"""Of facts that are none no report can be made, and the old one does not fit."""

MASK = Box(20, 100, 60, 12)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """One pack with one picture, on which one place is covered."""
    made = Place(tmp_path / "outputs")

    def masked(draft: Any) -> None:
        store_capture(draft, page_png(), facts(run_id=draft.run_id, masks=(MASK,)))

    made.seal(picture=False, finish=masked)
    return made


def look(place: Place, **asked: Any) -> Verification:
    return place.verify(next(place.campaign.glob(f"{A}/*")), **{"pictures": True, **asked})


def spoil(place: Place, edit: Callable[[Path], object]) -> None:
    """Change the evidence and seal it again with the same key, the digests made to fit."""

    def change(pack: Path) -> None:
        evidence = pack / EVIDENCE
        edit(evidence)

        def fit(record: dict[str, Any]) -> None:
            raw = sha256_hex((evidence / RAW).read_bytes())
            record["raw"]["sha256"] = raw
            if record["annotated"] is not None:
                drawn = sha256_hex((evidence / ANNOTATED).read_bytes())
                record["annotated"] |= {"sha256": drawn, "parent": raw}

        edit_json(evidence / FACTS, fit)

    reseal(place, next(place.campaign.glob(f"{A}/*")), change, stamped=False)


def redrawn(path: Path, draw: Callable[[Image.Image], object]) -> None:
    picture = pixels(path.read_bytes())
    draw(picture)
    path.write_bytes(png(picture))


def one_pixel(evidence: Path) -> None:
    def draw(picture: Image.Image) -> None:
        red, green, blue = picture.getpixel((300, 200))  # type: ignore[misc]
        picture.putpixel((300, 200), (red ^ 1, green, blue))

    redrawn(evidence / ANNOTATED, draw)


def another_address(evidence: Path) -> None:
    edit_json(evidence / FACTS, lambda r: r["facts"].update(url="https://sigex.kz/settings"))


def another_control(evidence: Path) -> None:
    edit_json(evidence / FACTS, lambda r: r["facts"]["box"].update(x=20, y=100))


def a_tick_on_the_raw_picture(evidence: Path) -> None:
    redrawn(
        evidence / RAW, lambda p: ImageDraw.Draw(p).rectangle((20, 250, 40, 270), fill=(0, 0, 0))
    )


def cropped(evidence: Path) -> None:
    picture = pixels((evidence / ANNOTATED).read_bytes())
    (evidence / ANNOTATED).write_bytes(png(picture.crop((0, 0, picture.width, 300))))


def a_callout_of_another_section(evidence: Path) -> None:
    edit_json(evidence / FACTS, lambda r: r["facts"].update(section=1))


def no_picture(evidence: Path) -> None:
    (evidence / ANNOTATED).write_bytes(b"not a picture")


def swollen(evidence: Path) -> None:
    data = bytearray((evidence / ANNOTATED).read_bytes())
    data[16:24] = (60_000).to_bytes(4) * 2
    data[29:33] = zlib.crc32(data[12:29]).to_bytes(4)
    (evidence / ANNOTATED).write_bytes(bytes(data))


def undescribed(evidence: Path) -> None:
    name = "screens/007-annotated.png"
    (evidence / name).write_bytes(page_png())
    edit_json(evidence / "redaction.json", lambda record: record["scanned"].append(name))


def test_a_pack_as_it_was_made_comes_out_the_same(place: Place) -> None:
    found = look(place)
    assert found.findings == ()
    assert found.status is Status.INTEGRITY_ONLY
    assert found.redrawn == Redrawn(1, report=True)


@pytest.mark.parametrize(
    "edit",
    [
        one_pixel,
        another_address,
        another_control,
        a_tick_on_the_raw_picture,
        cropped,
        a_callout_of_another_section,
        no_picture,
        swollen,
        undescribed,
    ],
)
def test_what_does_not_follow_from_the_raw_picture_is_found(
    place: Place, edit: Callable[[Path], object]
) -> None:
    spoil(place, edit)
    assert look(place, pictures=False).findings == (), "the seal alone cannot tell"
    found = look(place)
    assert codes(found) == {"E_PICTURE"}
    assert found.status is Status.FAILED


FAILURE = "screens/failure.json"


def failed(place: Place, edit: Callable[[Path], object]) -> Verification:
    """A pack with a failure's picture, changed and sealed again."""
    place.seal(
        picture=False,
        finish=lambda draft: store_failure(draft, page_png(), failure(run_id=draft.run_id)),
    )
    reseal(
        place,
        next(place.campaign.glob(f"{A}/*")),
        lambda pack: edit(pack / EVIDENCE),
        stamped=False,
    )
    return look(place)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda _: None, None),
        (lambda r: r["facts"].update(message="всё хорошо"), "E_PICTURE"),
        (lambda r: r["facts"]["drift"]["candidates"][0]["box"].update(x=1), "E_PICTURE"),
        (lambda r: r["facts"].update(message=1), "E_PICTURE"),
        (lambda r: r["facts"]["drift"]["candidates"][0].update(name="а" * 30_000), "E_TYPE"),
        (lambda r: r["facts"]["drift"]["candidates"][0]["box"].update(x="1"), "E_TYPE"),
        (lambda r: r["facts"]["drift"].update(kind="gone"), "E_TYPE"),
    ],
)
def test_a_failures_picture_is_drawn_again_too(
    tmp_path: Path, change: Callable[[Any], object], code: str | None
) -> None:
    found = failed(Place(tmp_path), lambda evidence: edit_json(evidence / FAILURE, change))
    assert codes(found) - UNREPORTED == ({code} if code else set())


def test_a_place_that_is_named_covered_must_be_covered(place: Place) -> None:
    """Both pictures are made anew by the same program, only nothing is covered."""

    def open_again(evidence: Path) -> None:
        run = evidence.parent.name
        (evidence / RAW).write_bytes(page_png())
        (evidence / ANNOTATED).write_bytes(drawn(page_png(), facts(run_id=run)))

    spoil(place, open_again)
    [finding] = look(place).findings
    assert (finding.code, finding.what) == (
        "E_PICTURE",
        "место, названное закрытым, на исходном снимке открыто",
    )


@pytest.mark.parametrize(
    "change",
    [
        lambda r: r["facts"].update(colour="red"),
        lambda r: r["facts"].pop("title"),
        lambda r: r["facts"].update(box={"x": "1", "y": 1, "width": 1, "height": 1}),
        lambda r: r["facts"].update(masks=[{"x": None, "y": 1, "width": 1, "height": 1}]),
        lambda r: r["facts"].update(title="а" * 30_000),
        lambda r: r["facts"].update(viewport_width=True),
    ],
)
def test_facts_of_another_shape_are_a_finding_not_a_traceback(
    place: Place, change: Callable[[Any], object]
) -> None:
    spoil(place, lambda evidence: edit_json(evidence / FACTS, change))
    assert codes(look(place)) - UNREPORTED == {"E_TYPE"}


def test_a_picture_without_its_callout_is_compared_with_its_masks(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.seal(picture=False, finish=fill_without_callout)
    found = look(place)
    assert (found.findings, found.status) == ((), Status.INTEGRITY_ONLY)


def fill_without_callout(draft: Any) -> None:
    from sigex_runbook.core.errors import ControlNotFound

    outside = replace(facts(run_id=draft.run_id), box=Box(9000, 9000, 10, 10))
    with pytest.raises(ControlNotFound):
        store_capture(draft, page_png(), outside)


def test_verify_draws_again_only_when_asked(
    place: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spoil(place, one_pixel)
    place.trust.save(tmp_path / "trust.json")
    words = ["verify", str(place.campaign), "--trust", str(tmp_path / "trust.json")]
    place.close()
    assert main(words) == 3
    capsys.readouterr()
    assert main([*words, "--pictures"]) == 1
    told = capsys.readouterr().out
    assert "E_PICTURE evidence/screens/006-annotated.png" in told
    assert "(300, 200)–(301, 201)" in told

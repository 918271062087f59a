"""Made-up material for the tests of evidence: pages, facts, records."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image, ImageDraw
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.writer import PageObject, PdfFileWriter

from sigex_runbook.core.guide import load_guide
from sigex_runbook.core.organisation import Bin
from sigex_runbook.core.record import (
    Box,
    Candidate,
    CaptureFacts,
    Drift,
    DriftKind,
    FailureFacts,
    Outcome,
    PlannedStep,
    StepRecord,
)
from sigex_runbook.evidence.pictures.annotation import annotate
from sigex_runbook.evidence.pictures.pixels import open_png, to_png

ORGANISATION = Bin("990640000015")
OTHER_ORGANISATION = "123456789025"
PERSON = "900101300126"
ANOTHER_PERSON = "850212400123"
KEY = b"a key for tests"
CONTROL = Box(300, 200, 120, 32)


def page_png(width: int = 640, height: int = 400) -> bytes:
    """A picture of a page with a text, a header over the whole width, and a button."""
    picture = Image.new("RGB", (width, height), (244, 246, 250))
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 0, width, 40), fill=(13, 71, 161))
    draw.rectangle((300, 200, 419, 231), fill=(46, 125, 50))
    draw.text((20, 100), "ordinary text of a page", fill=(33, 37, 41))
    draw.text((320, 210), "Save", fill=(255, 255, 255))
    return png(picture)


def png(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def empty_pdf() -> bytes:
    """A PDF of one empty page."""
    untyped: Any = PdfFileWriter
    writer = untyped()
    contents = writer.add_object(generic.StreamObject(stream_data=b"BT ET"))
    page: Any = PageObject
    writer.insert_page(page(contents=contents, media_box=(0, 0, 200, 200)))
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def drawn(raw_png: bytes, told: CaptureFacts) -> bytes:
    """A picture with its callout and its frame."""
    return to_png(annotate(open_png(raw_png), told, load_guide()))


def pixels(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data)).convert("RGB")


_SEEN: dict[str, Any] = {
    "run_id": "20261123T230102Z-7f3a",
    "section": 4,
    "callout": 6,
    "url": "https://127.0.0.1:8443/settings",
    "title": "Контроль доступа",
    "taken_at_utc": "2026-11-23T23:01:02Z",
    "taken_at_local": "2026-11-24T04:01:02+05:00",
    "viewport_width": 640,
    "viewport_height": 400,
}


def facts(**changes: Any) -> CaptureFacts:
    values: dict[str, Any] = {
        **_SEEN,
        "number": 6,
        "step": "Когда сотрудник предоставляет доступ",
        "box": CONTROL,
    }
    return CaptureFacts(**{**values, **changes})


def failure(name: str = "Учет", **changes: Any) -> FailureFacts:
    values: dict[str, Any] = {
        **_SEEN,
        "message": "галочка не найдена",
        "drift": Drift(
            DriftKind.RENAMED,
            "галочка",
            "Учёт",
            ("checkbox",),
            (Candidate("checkbox", name, 0.7, CONTROL), Candidate("link", "У", 0, None)),
        ),
    }
    return FailureFacts(**{**values, **changes})


def step(
    position: int = 1,
    outcome: Outcome = Outcome.PASSED,
    *,
    section: int = 4,
    scenario: str = "Предоставить доступ",
    text: str = "сотрудник раскрывает блок",
    message: str | None = None,
    note: str | None = None,
) -> StepRecord:
    planned = PlannedStep(position, section, scenario, "Когда", text, 5)
    ran = outcome is not Outcome.NOT_RUN
    return StepRecord(
        planned,
        outcome,
        "2026-11-23T23:01:02Z" if ran else None,
        42 if ran else None,
        message,
        note,
    )

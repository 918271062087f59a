"""Pictures drawn again: an annotated picture must be what the raw one and its facts give.

Whoever holds the signing key can seal any picture. What he cannot do is seal a mark, a frame or an
uncovered place that does not follow from the raw picture and the facts beside it: the same code and
the same letters draw the same pixels, so they are drawn again and compared.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from PIL import Image, ImageChops

from sigex_runbook.errors import RunFailed
from sigex_runbook.guide import load_guide
from sigex_runbook.record import CaptureFacts

from .annotation import annotate, mask
from .findings import Code, Fault, Finding
from .pack import SCREENS, capture_facts
from .subjects import EVIDENCE

_MOST_PIXELS = 40_000_000
_LONGEST_TEXT = 20_000
_NUMBERED = re.compile(rf"{EVIDENCE}/{SCREENS}/[0-9]+-.*\.png")
_SIGNATURE = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"
_SIZE_END = len(_SIGNATURE) + 8


def redraw_all(values: Mapping[str, Any], sealed: Mapping[str, bytes]) -> tuple[int, list[Finding]]:
    """Draw every picture of a pack again: how many came out the same, and what did not.

    `values` holds the JSON of the evidence by its name under evidence/, `sealed` the bytes of the
    files that are as sealed by their whole name. A picture that no facts describe is a finding too.
    """
    findings, described, same = [], set(), 0
    for name, record in values.items():
        if not name.startswith(f"{SCREENS}/") or not isinstance(record, dict):
            continue
        place = f"{EVIDENCE}/{name}"
        try:
            raw, annotated = _paths(record)
            described |= {raw, annotated}
            if raw in sealed and (annotated is None or annotated in sealed):
                place = annotated or raw
                redraw(record, sealed[raw], sealed[annotated] if annotated else None)
                same += 1
        except Fault as fault:
            findings.append(fault.at(place))
    for path in sealed:
        if _NUMBERED.fullmatch(path) and path not in described:
            findings.append(Finding(Code.PICTURE, path, "этого снимка нет ни в одном описании"))
    return same, findings


def _paths(record: Mapping[str, Any]) -> tuple[str, str | None]:
    try:
        annotated = record["annotated"]
        raw = f"{EVIDENCE}/{record['raw']['path']}"
        return raw, None if annotated is None else f"{EVIDENCE}/{annotated['path']}"
    except (KeyError, TypeError) as error:
        raise Fault(Code.TYPE, "описание снимка устроено иначе") from error


def redraw(record: Mapping[str, Any], raw_png: bytes, annotated_png: bytes | None) -> None:
    """Insist that the pictures of one capture follow from each other.

    `record` is the capture's JSON. The places that its facts name as covered must be covered in the
    raw picture, and the annotated picture must be the raw one with the mark and the frame that the
    facts give. Raises Fault.
    """
    facts = _facts(record)
    raw = _pixels(raw_png, "исходный")
    try:
        if _difference(raw, _pixels(mask(raw_png, facts.masks), "исходный")):
            raise Fault(Code.PICTURE, "место, названное закрытым, на исходном снимке открыто")
        if annotated_png is None:
            return
        annotated = _pixels(annotated_png, "размеченный")
        again = _pixels(annotate(raw_png, facts, load_guide()), "размеченный")
    except (RunFailed, KeyError) as error:
        raise Fault(Code.PICTURE, "по этому описанию разметку не нарисовать") from error
    if annotated.size != again.size:
        raise Fault(
            Code.PICTURE, f"размер {_size(annotated)}, а нарисованного заново {_size(again)}"
        )
    where = _difference(annotated, again)
    if where is not None:
        left, top, right, bottom = where
        raise Fault(
            Code.PICTURE,
            f"нарисованное заново отличается в прямоугольнике ({left}, {top})–({right}, {bottom})",
        )


def _facts(record: Mapping[str, Any]) -> CaptureFacts:
    try:
        facts = capture_facts(record["facts"])
        texts = [getattr(facts, field.name) for field in fields(facts)]
        if sum(len(text) for text in texts if isinstance(text, str)) > _LONGEST_TEXT:
            raise ValueError("too much text")
        numbers = [facts.section, facts.callout, facts.viewport_width, facts.viewport_height]
        sides = [side for box in (facts.box, *facts.masks) for side in _sides(box)]
        if not all(type(n) is int for n in numbers) or not all(
            type(s) in (int, float) for s in sides
        ):
            raise TypeError("no numbers")
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Fault(Code.TYPE, "описание снимка устроено иначе") from error
    return facts


def _sides(box: Any) -> tuple[Any, ...]:
    return box.x, box.y, box.width, box.height


def _pixels(png: bytes, which: str) -> Image.Image:
    """The pixels; the size is asked of the header first, so that nothing swollen is unpacked."""
    header = png[: len(_SIGNATURE)]
    size = png[len(_SIGNATURE) : _SIZE_END]
    width, height = int.from_bytes(size[:4]), int.from_bytes(size[4:])
    if header != _SIGNATURE or not 0 < width * height <= _MOST_PIXELS:
        raise Fault(Code.PICTURE, f"{which} снимок — не PNG обычного размера")
    try:
        return Image.open(io.BytesIO(png), formats=["PNG"]).convert("RGB")
    except (OSError, SyntaxError, ValueError) as error:
        raise Fault(Code.PICTURE, f"{which} снимок не читается как PNG") from error


def _difference(one: Image.Image, other: Image.Image) -> tuple[int, int, int, int] | None:
    return ImageChops.difference(one, other).getbbox()


def _size(picture: Image.Image) -> str:
    return f"{picture.width} x {picture.height}"

"""Pictures drawn again: an annotated picture must be what the raw one and its facts give.

Whoever holds the signing key can seal any picture. What he cannot do is seal a mark, a frame or an
uncovered place that does not follow from the raw picture and the facts beside it: the same code and
the same letters draw the same pixels, so they are drawn again and compared.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import astuple, fields, is_dataclass
from typing import Any

from PIL import Image, ImageChops

from sigex_runbook.core.errors import RunFailed
from sigex_runbook.core.guide import load_guide
from sigex_runbook.core.record import Box, CaptureFacts, FailureFacts
from sigex_runbook.core.verdict import VerdictKind
from sigex_runbook.evidence.attest.findings import Code, Fault, Finding
from sigex_runbook.evidence.pack.layout import EVIDENCE, FAILURE, FAILURE_FORMAT, RUN, SCREENS
from sigex_runbook.evidence.pack.records import capture_facts, failure_facts
from sigex_runbook.evidence.pictures.annotation import annotate, cover
from sigex_runbook.evidence.pictures.failure import annotate_failure
from sigex_runbook.evidence.pictures.pixels import MOST_PIXELS

_LONGEST_TEXT = 20_000
_OURS = re.compile(rf"{EVIDENCE}/(?:{SCREENS}/[0-9]+|{FAILURE})-.*\.png")
_DESCRIPTION = re.compile(rf"{SCREENS}/([0-9]{{3,9}})\.json")
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
    described |= _broken_off(values, sealed)
    for path in sealed:
        if _OURS.fullmatch(path) and path not in described:
            findings.append(Finding(Code.PICTURE, path, "этого снимка нет ни в одном описании"))
    return same, findings


def _broken_off(values: Mapping[str, Any], sealed: Mapping[str, bytes]) -> set[str]:
    """The pictures that a run may leave which was stopped while it stored them: those of the next
    number. The raw one is written first, the description last."""
    run = values.get(RUN)
    if run is None or run["verdict"]["kind"] != VerdictKind.FAILED:
        return set()
    described = [int(found[1]) for name in values if (found := _DESCRIPTION.fullmatch(name))]
    stem = f"{EVIDENCE}/{SCREENS}/{max(described, default=0) + 1:03d}"
    raw, annotated = f"{stem}-raw.png", f"{stem}-annotated.png"
    return {raw, annotated} if raw in sealed else set()


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
        covered = raw.copy()
        cover(covered, facts.masks)
        if _difference(raw, covered):
            raise Fault(Code.PICTURE, "место, названное закрытым, на исходном снимке открыто")
        if annotated_png is None:
            return
        annotated = _pixels(annotated_png, "размеченный")
        again = _annotated(raw, facts).convert("RGB")
    except (RunFailed, KeyError, TypeError, AttributeError) as error:
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


def _annotated(raw: Image.Image, facts: CaptureFacts | FailureFacts) -> Image.Image:
    if isinstance(facts, FailureFacts):
        return annotate_failure(raw, facts, load_guide())
    return annotate(raw, facts, load_guide())


def _facts(record: Mapping[str, Any]) -> CaptureFacts | FailureFacts:
    try:
        facts: CaptureFacts | FailureFacts = (
            failure_facts(record["facts"])
            if record["format"] == FAILURE_FORMAT
            else capture_facts(record["facts"])
        )
        values = list(_values(facts))
        if sum(len(value) for value in values if isinstance(value, str)) > _LONGEST_TEXT:
            raise ValueError("too much text")
        numbers: list[object] = [facts.section, facts.viewport_width, facts.viewport_height]
        if isinstance(facts, CaptureFacts) or facts.callout is not None:
            numbers.append(facts.callout)
        boxes = [value for value in values if isinstance(value, Box)]
        if not all(type(n) is int for n in numbers) or not all(
            type(side) in (int, float) for box in boxes for side in astuple(box)
        ):
            raise TypeError("no numbers")
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Fault(Code.TYPE, "описание снимка устроено иначе") from error
    return facts


def _values(facts: Any) -> Iterator[Any]:
    """Every value of the facts, and of what they hold, boxes as they are."""
    for field in fields(facts):
        value = getattr(facts, field.name)
        for one in value if isinstance(value, tuple) else (value,):
            yield one
            if is_dataclass(one) and not isinstance(one, Box):
                yield from _values(one)


def _pixels(png: bytes, which: str) -> Image.Image:
    """The pixels; the size is asked of the header first, so that nothing swollen is unpacked."""
    header = png[: len(_SIGNATURE)]
    size = png[len(_SIGNATURE) : _SIZE_END]
    width, height = int.from_bytes(size[:4]), int.from_bytes(size[4:])
    if header != _SIGNATURE or not 0 < width * height <= MOST_PIXELS:
        raise Fault(Code.PICTURE, f"{which} снимок — не PNG обычного размера")
    try:
        return Image.open(io.BytesIO(png), formats=["PNG"]).convert("RGB")
    except (OSError, SyntaxError, ValueError) as error:
        raise Fault(Code.PICTURE, f"{which} снимок не читается как PNG") from error


def _difference(one: Image.Image, other: Image.Image) -> tuple[int, int, int, int] | None:
    return ImageChops.difference(one, other).getbbox()


def _size(picture: Image.Image) -> str:
    return f"{picture.width} x {picture.height}"

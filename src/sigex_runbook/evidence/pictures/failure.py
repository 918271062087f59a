"""The picture of a failure: what the page showed then, with the candidates outlined and numbered.

Its marks are blue squares, so that nobody takes them for the guide's round red callouts.
"""

from __future__ import annotations

from functools import cache

from PIL import Image, ImageDraw

from sigex_runbook.core.guide import Guide
from sigex_runbook.core.record import Drift, DriftKind, FailureFacts

from .annotation import badge_place, circumstances
from .frame import Framed, Line, framed
from .lettering import font
from .pixels import BLUE, WHITE, Area, area_of, grow, shift, with_palette

_BADGE = 24
_LEGENDS = {
    "moved": "Найден не на своём месте",
    "doubled": "Двойники",
    "disabled": "Отключён",
    "covered": "Закрыт",
    "out_of_view": "Не помещается",
    "alike": "Похожие",
    "same_kind": "Того же рода",
}
_FOUND = (
    DriftKind.MOVED,
    DriftKind.DOUBLED,
    DriftKind.DISABLED,
    DriftKind.COVERED,
    DriftKind.OUT_OF_VIEW,
)
_NO_CALLOUTS = "цифры в синих квадратах — не выноски инструкции"


def annotate_failure(picture: Image.Image, facts: FailureFacts, guide: Guide) -> Image.Image:
    """The picture in its frame, with the drift's candidates marked."""
    page = framed(picture, _head(facts, guide), circumstances(facts, "снимок в минуту сбоя"))
    taken: list[Area] = []
    for number, outline in _outlines(facts.drift):
        badge = badge_place(picture, outline, _BADGE, taken)
        taken += [outline, badge]
        _mark(page, outline, badge, number)
    return with_palette(page.canvas)


def legend(drift: Drift) -> str:
    """What the numbers on the picture stand for; empty without candidates."""
    if not drift.candidates:
        return ""
    told = "; ".join(
        f"{number} — «{one.name}»{'' if one.box else ' (за краем снимка)'}"
        for number, one in enumerate(drift.candidates, start=1)
    )
    return f"{_LEGENDS[candidates_are(drift)]} ({_NO_CALLOUTS}): {told}"


def candidates_are(drift: Drift) -> str:
    """What a drift's candidates are to the control that was looked for, by the text's name."""
    if drift.kind in _FOUND:
        return drift.kind.value
    return "alike" if drift.alike else "same_kind"


def _head(facts: FailureFacts, guide: Guide) -> list[Line]:
    section = guide.section(facts.section)
    mark = next((c for c in section.callouts if c.number == facts.callout), None)
    lines = [
        Line(f"Раздел {section.number}. {section.title.ru}", "title"),
        Line(f"Сбой на выноске {mark.number}: {mark.control.ru}" if mark else "Сбой", "strong"),
        Line(facts.message[:1].upper() + facts.message[1:]),
        Line(legend(facts.drift) if facts.drift else "", "quiet"),
    ]
    return [line for line in lines if line.text]


def _outlines(drift: Drift | None) -> list[tuple[int, Area]]:
    return [
        (number, grow(area_of(one.box), 4))
        for number, one in enumerate(drift.candidates if drift else (), start=1)
        if one.box
    ]


def _mark(page: Framed, outline: Area, badge: Area, number: int) -> None:
    left, top, right, bottom = shift(outline, page.at)
    page.draw.rectangle((left - 1, top - 1, right, bottom), outline=WHITE)
    page.draw.rectangle((left, top, right - 1, bottom - 1), outline=BLUE, width=3)
    page.canvas.paste(_badge(number), shift(badge, page.at)[:2])


@cache
def _badge(number: int) -> Image.Image:
    stamp = Image.new("RGB", (_BADGE, _BADGE), WHITE)
    draw = ImageDraw.Draw(stamp)
    draw.rectangle((2, 2, _BADGE - 3, _BADGE - 3), fill=BLUE)
    middle = _BADGE / 2
    draw.text((middle, middle), str(number), font=font(16, bold=True), fill=WHITE, anchor="mm")
    return stamp

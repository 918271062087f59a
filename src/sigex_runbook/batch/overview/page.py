"""`index.html` of a campaign's folder: organisations by sections, durations, totals and reasons.

Static, without a script. So many rows a page that a browser bears it however many orders there are:
the further pages lie in `pages/`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from urllib.parse import quote

from markupsafe import Markup

from sigex_runbook.core.environment import Environment
from sigex_runbook.core.guide import load_guide
from sigex_runbook.core.record import Outcome
from sigex_runbook.evidence.index.outputs import INDEX
from sigex_runbook.evidence.index.page_template import beside_template, page_template
from sigex_runbook.evidence.pack.disk import write_whole
from sigex_runbook.evidence.pack.layout import EVIDENCE, REPORT_HTML, REPORT_PDF

from .accounts import ENDING_WORDS, Account, Accounts, Ending, Passage
from .bars import bar, scale_of, timeline
from .summary import SUMMARY, summary

ROWS = 200
_PAGES = "pages"
_PAGE, _ROOM = "campaign", __package__
_MOST_REASONS = 30
_MOST_NAMED = 5

_LOOKS = {
    Ending.PASSED: ("✓", "good"),
    Ending.PARTIAL: ("◐", "half"),
    Ending.FAILED: ("✗", "bad"),
    Ending.NOT_ENDED: ("✗", "bad"),
    Ending.NOT_BEGUN: ("–", "idle"),
}
_PASSAGES = {
    Outcome.PASSED: ("✓ выполнен", "g"),
    Outcome.FAILED: ("✗ не выполнен", "b"),
    Outcome.NOT_RUN: ("– не дошло", "i"),
}
_IDLE = "= как было", "g"


@dataclass(frozen=True, slots=True)
class Row:
    """One order, in words."""

    account: Account
    ending: str
    look: str
    sections: tuple[tuple[str, str], ...]
    bar: Markup
    links: tuple[tuple[str, str], ...]

    @property
    def seconds(self) -> str:
        """How long it took."""
        return (
            ""
            if self.account.seconds is None
            else f"{self.account.seconds:.1f} с".replace(".", ",")
        )


@dataclass(frozen=True, slots=True)
class Reason:
    """What several orders have in common, and some of them."""

    words: str
    count: int
    named: str


def write_overview(folder: Path, known: Accounts) -> Path:
    """Write summary and pages into the campaign's folder; the answer is the first page's path.

    Raises OSError: each file is whole or as it was.
    """
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / SUMMARY, summary(known), sync=False)
    for name, text in pages(known, folder):
        place = folder / name
        place.parent.mkdir(exist_ok=True)
        write_whole(place, text.encode("utf-8", "replace"), sync=False)
    return folder / INDEX


def pages(known: Accounts, folder: Path) -> Iterator[tuple[str, str]]:
    """The name of each page and its text; `folder` is where packs are looked for."""
    parts = [known.orders[at : at + ROWS] for at in range(0, len(known.orders), ROWS)] or [()]
    names = [_name(number) for number in range(1, len(parts) + 1)]
    scale = scale_of(known.orders)
    first = {
        "totals": [_total(one, known.count(one)) for one in Ending],
        "reasons": _reasons(known.orders),
        "stretches": timeline(known.orders),
        "excluded": known.excluded,
        "median": _words(median([s for one in known.orders if (s := one.seconds)] or [0])),
    }
    for number, (name, part) in enumerate(zip(names, parts, strict=True), 1):
        up = "" if number == 1 else "../"
        yield (
            name,
            page_template(_PAGE, _ROOM).render(
                known=known,
                where=Environment(known.target).where,
                made_at=_instant(known.made_at),
                style=Markup(beside_template(_PAGE, "style.css", _ROOM)),  # noqa: S704 - our own
                number=number,
                pages=[(place, up + one) for place, one in enumerate(names, 1)],
                up=up,
                first=first if number == 1 else None,
                sections=[(one.number, one.title.ru) for one in load_guide().sections],
                rows=[_row(one, scale, folder, up) for one in part],
                scale=_words(scale),
                summary=SUMMARY,
            ),
        )


def _total(ending: Ending, count: int) -> tuple[str, int, str, str]:
    mark, look = _LOOKS[ending]
    return ENDING_WORDS[ending], count, mark, look if count else "idle"


def _name(number: int) -> str:
    return INDEX if number == 1 else f"{_PAGES}/{number}.html"


def _row(one: Account, scale: float, folder: Path, up: str) -> Row:
    mark, look = _LOOKS[one.ending]
    known = {part.section: part for part in one.passages}
    return Row(
        one,
        f"{mark} {ENDING_WORDS[one.ending]}",
        look,
        tuple(_passage(known, section.number) for section in load_guide().sections),
        bar(one, scale),
        tuple(_links(one, folder, up)),
    )


def _passage(known: Mapping[int, Passage], section: int) -> tuple[str, str]:
    part = known.get(section)
    if part is None:
        return "—", "i"
    if part.idle and part.outcome is Outcome.PASSED:
        return _IDLE
    return _PASSAGES[part.outcome]


def _links(one: Account, folder: Path, up: str) -> Iterator[tuple[str, str]]:
    """What there is of the pack on this disk."""
    if one.pack is None or not (folder / one.pack).is_dir():
        return
    address = f"{up}{quote(one.pack)}"
    for words, name in (("отчёт", REPORT_HTML), ("PDF", REPORT_PDF)):
        if (folder / one.pack / EVIDENCE / name).is_file():
            yield words, f"{address}/{EVIDENCE}/{name}"
    yield "пакет", f"{address}/"


def _reasons(known: Sequence[Account]) -> list[Reason]:
    """The most common first sentences of those who are not done, and whose they are."""
    whose: dict[str, list[str]] = {}
    for one in known:
        if one.ending is not Ending.PASSED and one.reason:
            whose.setdefault(one.reason.split(". ", 1)[0].rstrip("."), []).append(
                one.organisation_bin
            )
    counted = Counter({words: len(numbers) for words, numbers in whose.items()})
    return [
        Reason(words, count, _some(whose[words]))
        for words, count in counted.most_common(_MOST_REASONS)
    ]


def _some(numbers: Sequence[str]) -> str:
    rest = len(numbers) - _MOST_NAMED
    return ", ".join(numbers[:_MOST_NAMED]) + (f" и ещё {rest}" if rest > 0 else "")


def _words(seconds: float) -> str:
    return f"{seconds:.1f} с".replace(".", ",")


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")

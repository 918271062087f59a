"""The words of `report.pdf`, read off its pages, held to those of `report.html`.

The same words in the same order, and no others. What is not looked at: pictures, and what a page
draws over its words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser

_BLOCKS = frozenset(
    {"p", "li", "td", "th", "caption", "h1", "h2", "h3", "h4", "figcaption", "pre", "blockquote"}
)
_UNPRINTED = frozenset({"nav", "style", "title"})
_QUOTES = {"ru": "«»", "kk": "«»", "en": "“”"}
_PICTURE = re.compile(r";base64,[^\"]*")
_INVISIBLE = re.compile(r"[\s\u00ad\u200b-\u200d\u2010\u2011\u2060\ufeff\ufffe-]+")
"""Blanks and hyphens: the first depend on where lines end, the second are lost there."""

_SHOWN = 60


@dataclass(slots=True)
class _Block:
    """A piece of the page; `head` is the heading of its table, which each sheet may repeat."""

    text: str
    head: str = ""


def difference(html: str, pdf: bytes, *, language: str, running: str, page: str) -> str | None:
    """Where the PDF says something else than the HTML; None when it says the same.

    `running` is the line at the head of each sheet, `page` the word before its number.
    """
    import pypdfium2  # loads a library of megabytes

    try:
        document = pypdfium2.PdfDocument(pdf)
    except pypdfium2.PdfiumError:
        return "файл не открывается"
    try:
        sheets = [sheet.get_textpage().get_text_range() for sheet in document]
    except pypdfium2.PdfiumError:
        return "страницы не читаются"
    finally:
        document.close()
    told = (
        _bare(sheet).removeprefix(_bare(f"{running}{page} {number} / {len(sheets)}"))
        for number, sheet in enumerate(sheets, 1)
    )
    return _compared(_Reader(html, _QUOTES[language]).blocks, list(told))


def apart(one: str, other: str) -> tuple[str, str]:
    """What two texts say where they part."""
    pairs = enumerate(zip(one, other, strict=False))
    at = next((i for i, (a, b) in pairs if a != b), min(len(one), len(other)))
    begin = max(0, at - _SHOWN // 3)
    return one[begin : begin + _SHOWN], other[begin : begin + _SHOWN]


def _compared(blocks: list[_Block], sheets: list[str]) -> str | None:
    """Follow the blocks from sheet to sheet."""
    left = iter(sheets)
    sheet = next(left, "")
    for block in blocks:
        rest = block.text
        while rest:
            if not sheet:
                fresh = next(left, None)
                if fresh is None:
                    return f"в PDF нет слов «{rest[:_SHOWN]}»"
                sheet = fresh.removeprefix(block.head)
            elif sheet.startswith(rest):
                sheet, rest = sheet[len(rest) :], ""
            elif rest.startswith(sheet):
                sheet, rest = "", rest[len(sheet) :]
            else:
                one, other = apart(sheet, rest)
                return f"в PDF стоит «{one}», а в HTML «{other}»"
    more = sheet + "".join(left)
    return f"в PDF есть лишнее: «{more[:_SHOWN]}»" if more else None


def _bare(text: str) -> str:
    """The text without what depends on where its lines end."""
    return _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))


class _Reader(HTMLParser):
    """The blocks of our own page, as they are printed."""

    def __init__(self, html: str, quotes: str) -> None:
        super().__init__()
        self._quotes = quotes
        self._hidden = 0
        self._heading = False
        self._head = ""
        self._pieces = [_Block("")]
        self.feed(_PICTURE.sub("", html))
        self.close()
        self.blocks = list(self._bare_blocks())

    def _bare_blocks(self) -> Iterator[_Block]:
        for one in self._pieces:
            text = _bare(one.text)
            if text:
                yield _Block(text, _bare(one.head))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        if tag in _UNPRINTED:
            self._hidden += 1
        elif tag == "table":
            self._head = ""
        elif tag == "thead":
            self._heading = True
        elif tag == "q":
            self.handle_data(self._quotes[0])
        if tag in _BLOCKS:
            self._pieces.append(_Block("", "" if self._heading else self._head))

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNPRINTED:
            self._hidden -= 1
        elif tag == "thead":
            self._heading = False
        elif tag == "table":
            self._head = ""
        elif tag == "q":
            self.handle_data(self._quotes[1])
        if tag in _BLOCKS:
            self._pieces.append(_Block("", "" if self._heading else self._head))

    def handle_data(self, data: str) -> None:
        if self._hidden:
            return
        self._pieces[-1].text += data
        if self._heading:
            self._head += data

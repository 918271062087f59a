"""PDF: its streams, its description, and the words on its pages."""

from __future__ import annotations

import base64
import re
import zlib
from collections.abc import Iterator

from .layer import Layer, TooMuch

_LARGEST = 64 << 20
_HEAD = 1024
_BEGIN = re.compile(rb"stream\r?\n")
_END = b"endstream"
_LONGEST_DICTIONARY = 4000
_HEX_STRING = re.compile(rb"<([0-9A-Fa-f\s]{16,})>")


def is_pdf(data: bytes) -> bool:
    """Whether readers would take it for a PDF."""
    return b"%PDF-" in data[:_HEAD]


def within_pdf(data: bytes, *, pages: bool) -> Iterator[Layer]:
    """Every stream that is not a picture's pixels, and strings in hex. With `pages`, also what a
    reader would copy from them: letters are numbers of a font's shapes there (0.1 s for thirty)."""
    for start, begin, end in _bodies(data):
        dictionary = _dictionary(data, start)
        if b"/Subtype/Image" not in dictionary.replace(b" ", b""):
            inner = _unfiltered(data[begin:end], dictionary)
            yield Layer("поток PDF", inner, text=not _draws(inner))
    strings = [re.sub(rb"\s", b"", match[1]) for match in _HEX_STRING.finditer(data)]
    if strings:
        yield Layer("строки PDF", b"\n".join(strings))
    if pages:
        yield from _words(data)


def without_streams(data: bytes) -> bytes:
    """A PDF's own words: objects, strings, dictionaries; no PDF by itself any more."""
    parts, at = [], 0
    for start, _, end in _bodies(data):
        if end == len(data):
            break  # it has no end, so it may be no stream
        parts.append(data[at:start])
        at = end + len(_END)
    return b"\n".join((*parts, data[at:])).replace(b"%PDF-", b"% ")


def _bodies(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Where the word `stream` stands, where the bytes after it begin, and where they end."""
    at = 0
    while match := _BEGIN.search(data, at):
        at = match.end()
        start = match.start()
        if data[start - 3 : start] == b"end":
            continue
        end = data.find(_END, at)
        if end < 0:
            end = len(data)
        yield start, at, end
        at = end + len(_END)


def _dictionary(data: bytes, end: int) -> bytes:
    """What stands between a stream and the object or the stream before it."""
    before = data[max(0, end - _LONGEST_DICTIONARY) : end]
    begin = max(before.rfind(b"endobj"), before.rfind(b"stream"))
    return before[max(begin, 0) :]


def _unfiltered(body: bytes, dictionary: bytes) -> bytes:
    if b"ASCII85" in dictionary:
        try:
            body = base64.a85decode(b"<~" + body.strip().removeprefix(b"<~"), adobe=True)
        except ValueError:
            return body
    if b"ASCIIHex" in dictionary:
        digits = re.sub(rb"[^0-9A-Fa-f]", b"", body)
        body = bytes.fromhex(digits[: len(digits) // 2 * 2].decode("ascii"))
    stream = zlib.decompressobj()
    try:
        inner = stream.decompress(body, _LARGEST)
    except zlib.error:
        return body
    if stream.unconsumed_tail:
        raise TooMuch("поток PDF", "внутри неправдоподобно много данных")
    return inner


def _draws(stream: bytes) -> bool:
    """Whether it is a program that draws a page: its figures are coordinates, not prose."""
    return re.search(rb"\b(?:BT|re|cm|Tf)\s", stream[:_LARGEST]) is not None


def _words(data: bytes) -> Iterator[Layer]:
    """The text of the pages as a reader copies it, also beyond their edges; the description."""
    import pypdfium2  # loads a library of megabytes; most files are no PDF

    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        raise TooMuch("PDF", "файл не открывается") from error
    try:
        pages = [page.get_textpage().get_text_range() for page in document]
        described = [f"{key}: {value}" for key, value in document.get_metadata_dict().items()]
    finally:
        document.close()
    yield Layer("текст страниц PDF", "\n".join(pages).encode("utf-8", "replace"))
    yield Layer("описание PDF", "\n".join(described).encode("utf-8", "replace"))

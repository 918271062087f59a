"""Files inside files: zip, gzip, zlib, PNG, and what hides behind the end of one."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator

from .layer import Layer, TooMuch
from .pdf import is_pdf, within_pdf, without_streams

PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8\xff"
_ZIP = b"PK\x03\x04"
_GZIP = b"\x1f\x8b\x08"
_ZLIB = (b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda")
_PIXELS = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS"})
_LARGEST = 256 << 20


def is_picture(data: bytes) -> bool:
    """Whether these bytes are a picture that can be read by eye."""
    return data.startswith((PNG, _JPEG))


def contents(data: bytes, *, pages: bool) -> Iterator[Layer]:
    """What a file of a known kind holds; nothing for others. Raises TooMuch.

    With `pages`, the words on a PDF's pages too.
    """
    if data.startswith(PNG):
        yield from _within_png(data)
    elif is_pdf(data):
        yield from within_pdf(data, pages=pages)
    elif _ZIP in data and zipfile.is_zipfile(io.BytesIO(data)):
        yield from _within_zip(data)
    elif data.startswith(_ZLIB):
        yield from _inflated("zlib", data, 15)
    yield from _carved(data)


def unpacked(data: bytes) -> bytes | None:
    """The part of a file of a known kind that is readable as it stands; None for other files."""
    if is_pdf(data):
        return without_streams(data)
    return b"" if data.startswith((_ZIP, _GZIP)) else None


def _carved(data: bytes) -> Iterator[Layer]:
    """Files that begin in the middle of others."""
    at = data.find(_GZIP)
    while at >= 0:
        yield from _inflated("gzip", data[at:], 31)
        at = data.find(_GZIP, at + 1)
    at = data.find(PNG, 1)
    if at > 0:
        yield Layer("PNG", data[at:])


def _within_zip(data: bytes) -> Iterator[Layer]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(member.file_size for member in archive.infolist()) > _LARGEST:
                raise TooMuch("zip", "архив неправдоподобно велик")
            for member in archive.infolist():
                yield Layer(f"zip {member.filename}", archive.read(member))
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, zlib.error, EOFError) as error:
        raise TooMuch("zip", "архив не открывается") from error


def _within_png(data: bytes) -> Iterator[Layer]:
    """Its texts and other chunks, not its pixels; and whatever follows its end."""
    at = len(PNG)
    while at + 12 <= len(data):
        (length,) = struct.unpack_from(">I", data, at)
        kind, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        at += 12 + length
        if kind not in _PIXELS:
            name = kind.decode("ascii", "replace")
            yield Layer(f"PNG {name}", body)
            if kind in (b"zTXt", b"iTXt"):
                for mark in _ZLIB:
                    if mark in body:
                        yield from _inflated(f"PNG {name}", body[body.index(mark) :], 15)
        if kind == b"IEND":
            break
    if data[at:]:
        yield Layer("после конца PNG", data[at:])


def _inflated(how: str, data: bytes, window: int) -> Iterator[Layer]:
    """What a compressed stream holds, as far as it goes, and what follows it."""
    stream = zlib.decompressobj(window)
    try:
        inner = stream.decompress(data, _LARGEST)
    except zlib.error:
        return
    if stream.unconsumed_tail:
        raise TooMuch(how, "внутри неправдоподобно много данных")
    if inner:
        yield Layer(how, inner)
    if stream.unused_data:
        yield Layer(f"после {how}", stream.unused_data)

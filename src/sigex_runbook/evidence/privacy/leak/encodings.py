"""Text encodings: base64, escapes, UTF-16, hex, markup."""

from __future__ import annotations

import binascii
import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

from .layer import Layer

_SHORTEST = 16
_SMALL = 4096

# Also from the URL alphabet, with JSON's escaped slashes, and broken into lines.
_BASE64 = re.compile(
    rb"[A-Za-z0-9+/_-]{8,}(?:(?:\\/|=?\r?\n[ \t]*|\\r\\n|\\n)[A-Za-z0-9+/_-]+)*={0,2}"
)
_BREAKS = re.compile(rb"\\r|\\n|[^A-Za-z0-9+/_-]")
_STANDARD = bytes.maketrans(b"-_", b"+/")
_KNOWN_STARTS = (b"\x89PNG", b"\xff\xd8\xff", b"%PDF", b"PK\x03\x04", b"\x1f\x8b", b"GIF8", b"wOF")

_NARROW = re.compile(rb"[\t\r\n\x20-\x7e]{6,}")

# Looked for in a shadow of the data that has one letter for each kind of byte: a pattern that
# begins with letters is found many times quicker than one that begins with a class.
_LETTER_OR_NUL = bytes(
    ord("a") if 0x20 <= b <= 0x7E or b in b"\t\r\n" else ord("." if b else "0") for b in range(256)
)
_WIDE = re.compile(rb"a0a0a0a0a0a0(?:a0)*a?")
_HEX_DIGIT = bytes(ord("h" if chr(b) in "0123456789abcdefABCDEF" else ".") for b in range(256))
_HEX = re.compile(rb"hhhhhhhhhhhhhhhhhhhhhhhh(?:hh)*")

# One class at the beginning: the search is many times quicker than among alternatives.
_ESCAPE = re.compile(
    rb"[\\%&](?:"
    rb"(?<=\\)(?:u([0-9a-fA-F]{4})|u\{([0-9a-fA-F]{1,6})\}|x([0-9a-fA-F]{2})"
    rb"|([0-3][0-7]{2})|([/\"']))"
    rb"|(?<=%)([0-9A-Fa-f]{2})"
    rb"|(?<=&)(?:#[xX]([0-9a-fA-F]{1,6});?|#([0-9]{1,7});?|([a-z]{2,6};))"
    rb")"
)
_MAY_ESCAPE = re.compile(rb"\\[ux0-3/\"']|%[0-9A-Fa-f]{2}|&[#a-z]")
_LONGEST_SECRET = 16 << 10
_LAST_CHARACTER = 0x10FFFF
_SURROGATES = range(0xD800, 0xE000)

_UNSEEN = re.compile(rb"<(style|script|svg)\b.*?</\1\s*>", re.I | re.S)
_INLINE = re.compile(
    rb"</?(?:a|abbr|b|bdi|bdo|code|em|font|i|kbd|mark|q|s|samp|small|span|strong|sub|sup|tspan|u"
    rb"|var|wbr)(?:\s[^<>]*)?/?>|<!--.*?-->",
    re.I | re.S,
)
_TAG = re.compile(rb"</?[a-zA-Z][^<>]*>")


@dataclass(frozen=True, slots=True)
class Text:
    """A text taken apart: its words are the whole without the long runs of base64; the files that
    those encode; what the short ones may (they are words too, so they stay); what is written with
    two or four bytes a letter. Without `prose`, its figures are no sentences."""

    whole: bytes
    words: bytes
    files: tuple[bytes, ...]
    short: bytes
    wide: bytes
    has_prose: bool

    @property
    def prose(self) -> bytes:
        """The words without markup."""
        return without_markup(self.words) if self.has_prose else b""


def take_apart(data: bytes, written: bytes | None = None, *, prose: bool = True) -> Text:
    """Find what may be base64 in a text, and decode it. `written` is what to read instead of the
    whole: of a file of a known kind, the part that is not packed."""
    whole, data = data, data if written is None else written
    wide = b""
    if not _is_text(data):
        wide = b"\n".join(
            data[slice(*run.span())].replace(b"\0", b"")
            for run in _WIDE.finditer(data.translate(_LETTER_OR_NUL))
        )
        data = b"\n".join(_NARROW.findall(data))
        prose = False
    words, short = bytearray(), bytearray()
    files: list[bytes] = []
    start = 0
    for match in _BASE64.finditer(data):
        run = match[0]
        if len(run) < _SHORTEST:
            continue
        letters = _BREAKS.sub(b"", run) if b"\n" in run or b"\\" in run else run
        letters = letters.rstrip(b"=").translate(_STANDARD)
        if len(run) > _SMALL:
            words += data[start : match.start()] + b"\n"
            start = match.end()
            files += _large(letters)
        else:
            for offset in range(4):  # it may begin inside what looks like one word
                inner = _from_base64(letters[offset:])
                if inner.startswith(_KNOWN_STARTS):
                    files.append(inner)
                else:
                    short += inner + b"\n"
    words += data[start:]
    return Text(whole, bytes(words), tuple(files), bytes(short), wide, prose)


def decoded(text: Text) -> Iterator[Layer]:
    """Everything that this text may encode, one layer for each encoding."""
    words, prose = text.words, text.has_prose
    yield from (Layer("base64", inner) for inner in (*text.files, text.short) if inner)
    if text.wide:
        yield Layer("UTF-16", text.wide)
    in_hex = b"\n".join(
        binascii.unhexlify(words[slice(*run.span())])
        for run in _HEX.finditer(words.translate(_HEX_DIGIT))
    )
    if in_hex:
        yield Layer("hex", in_hex)
    escaped = b"\n".join(_around_escapes(words))
    if escaped:
        yield Layer("экранирование", _ESCAPE.sub(_unescaped, escaped), prose=prose)


def _around_escapes(words: bytes) -> Iterator[bytes]:
    """The parts of a text that hold escapes. What is farther from one than any secret is long
    would read the same a second time."""
    begin = end = 0
    for match in _MAY_ESCAPE.finditer(words):
        if match.start() - _LONGEST_SECRET > end:
            if end:
                yield words[begin:end]
            begin = match.start() - _LONGEST_SECRET
        end = match.end() + _LONGEST_SECRET
    if end:
        yield words[begin:end]


def without_markup(data: bytes) -> bytes:
    """The prose of a text: inline tags vanish, other tags part lines, programs are left out."""
    if b"<" not in data:
        return data
    return _TAG.sub(b"\n", _INLINE.sub(b"", _UNSEEN.sub(b"\n", data)))


def _large(letters: bytes) -> Iterator[bytes]:
    """What a long run encodes; at each of four beginnings when the first makes no sense."""
    first = _from_base64(letters)
    yield first
    if not first.startswith(_KNOWN_STARTS) and not _is_text(first):
        for offset in range(1, 4):
            yield _from_base64(letters[offset:])


def _is_text(data: bytes) -> bool:
    if b"\0" in data:
        return False
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _from_base64(letters: bytes) -> bytes:
    whole = len(letters) - (len(letters) % 4 == 1)
    return binascii.a2b_base64(letters[:whole] + b"=" * (-whole % 4))


def _unescaped(match: re.Match[bytes]) -> bytes:
    u, braced, x, octal, plain, percent, entity_hex, entity, named = match.groups()
    if x or percent:
        return bytes((int(x or percent, 16),))
    if octal:
        return bytes((int(octal, 8),))
    if named:
        return html.unescape(f"&{named.decode('ascii')}").encode("utf-8")
    if plain:
        return bytes(plain)
    in_hex = u or braced or entity_hex
    point = int(in_hex, 16) if in_hex else int(entity)
    if point > _LAST_CHARACTER or point in _SURROGATES:
        return b"?"
    return chr(point).encode("utf-8")

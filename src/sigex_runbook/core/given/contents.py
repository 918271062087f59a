"""What a file is that somebody took for a key or a certificate."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import asn1crypto.parser

Element = tuple[int, int, int, bytes, bytes, bytes]
"""Of DER: class, method, tag, header, content, trailer."""

_parser: Any = asn1crypto.parser  # without types

_GOST = ("1.2.398.3.10.", "1.2.643.2.2.", "1.2.643.7.1.1.")
"""Kazakhstan's and Russia's algorithms; their other identifiers stand in any certificate."""

CERTIFICATE = "сертификат"
PKCS12 = "PKCS#12"

_LABEL = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----")
_LABELS = (
    ("ENCRYPTED PRIVATE KEY", "закрытый ключ в PEM, зашифрованный паролем"),
    ("PRIVATE KEY", "закрытый ключ в PEM"),
    ("CERTIFICATE REQUEST", "запрос на сертификат"),
    ("CERTIFICATE", CERTIFICATE),
    ("PUBLIC KEY", "открытый ключ"),
    ("PKCS12", "PKCS#12 в виде текста PEM"),
    ("PKCS7", "набор сертификатов PKCS#7 (.p7b)"),
    ("CMS", "набор сертификатов PKCS#7 (.p7b)"),
)
_BEGINNINGS = (
    (b"\xfe\xed\xfe\xed", "хранилище ключей Java (JKS)"),
    (b"\xce\xce\xce\xce", "хранилище ключей Java (JCEKS)"),
    (b"PK\x03\x04", "архив ZIP"),
    (b"Rar!", "архив RAR"),
    (b"7z\xbc\xaf", "архив 7z"),
    (b"%PDF", "документ PDF"),
)
_SEQUENCE = 16
_PKCS7 = "набор сертификатов PKCS#7 (.p7b)"


def told(data: bytes) -> str:
    """What it is, for people; never a byte of it."""
    if not data.strip():
        return "пустой файл"
    for beginning, name in _BEGINNINGS:
        if data.startswith(beginning):
            return name
    text = data.replace(b"\0", b"").decode("latin-1")  # of UTF-16 too its letters are left
    if labels := _LABEL.findall(text):
        if "-----END " not in text:
            return "оборванный файл PEM"
        return next((ru for en, ru in _LABELS if any(en in one for one in labels)), "другой PEM")
    if re.match(r"\W*<(!doctype|html|\?xml)", text, re.IGNORECASE):
        return "веб-страница или XML"
    if data[:1] == b"\x30":
        return _told_der(data)
    if re.fullmatch(r"[A-Za-z0-9+/=\s]{64,}", text):
        return "текст в base64 без строк BEGIN и END"
    return "файл неизвестного вида"


def _told_der(data: bytes) -> str:
    try:
        parts = list(parts_of(parts_content(data)))
        inner = list(parts_of(parts[0][4])) if parts and parts[0][2] == _SEQUENCE else []
    except ValueError:
        return "оборванный или испорченный файл"
    tags = [part[2] for part in parts]
    match tags:
        case [2, 16, 4, *_]:
            return "закрытый ключ в DER"
        case [2, 2, 2, *_] | [2, 4, *_]:
            return "закрытый ключ в DER"
        case [2, 16, *_]:
            return PKCS12
        case [16, 4]:
            return "закрытый ключ в DER, зашифрованный паролем"
        case [6, 0]:
            return _PKCS7
        case [16, 3]:
            return "открытый ключ"
        case [16, 16, 3]:
            return CERTIFICATE if len(inner) > 5 else "запрос на сертификат"
    return "файл неизвестного вида"


def is_der(data: bytes) -> bool:
    """Whether a file is no text: a text may begin with the same byte, which is a zero's."""
    return data[:1] == b"\x30" and b"-----BEGIN " not in data


def parts_content(der: bytes) -> bytes:
    """What the first element of DER holds. Raises ValueError."""
    return first_part(der)[4]


def first_part(der: bytes) -> Element:
    """The first element of DER. Raises ValueError."""
    if not der:
        raise ValueError("nothing is there")
    return next(parts_of(der))


def parts_of(content: bytes) -> Iterator[Element]:
    """The elements that follow one another in DER, not looked into. Raises ValueError."""
    while content:
        part: Element = _parser.parse(content)
        yield part
        content = content[sum(map(len, part[3:])) :]


def kind_of(identifier: str) -> str:
    """An algorithm by its object identifier, for people."""
    return "ГОСТ" if is_gost(identifier) else f"алгоритм {identifier}"


def is_gost(identifier: str) -> bool:
    """Whether only the national software knows this algorithm (sigex-facts 4.4)."""
    return identifier.startswith(_GOST)

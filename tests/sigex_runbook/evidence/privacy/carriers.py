"""Every way in which a secret may travel in a file: a carrier turns a text into a file's bytes."""

from __future__ import annotations

import base64
import gzip
import io
import json
import zipfile
import zlib
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from PIL import Image, ImageDraw, PngImagePlugin

from sigex_runbook.evidence.pictures.lettering import font

Carrier = Callable[[str], bytes]


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _every_byte(text: str, form: str) -> bytes:
    return "".join(form.format(byte) for byte in text.encode()).encode()


def _png(**save: Any) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, "PNG", **save)
    return out.getvalue()


def _png_text(text: str, *, packed: bool) -> bytes:
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", text, zip=packed)
    return _png(pnginfo=info)


def _png_unicode_text(text: str) -> bytes:
    info = PngImagePlugin.PngInfo()
    info.add_itxt("Comment", text, zip=True)
    return _png(pnginfo=info)


def _exif(text: str) -> bytes:
    exif = Image.Exif()
    exif[0x010E] = text
    return _png(exif=exif)


def _zip(text: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("empty.txt", "")
        archive.writestr("trace.network", f'{{"value":"{text}"}}\n')
    return out.getvalue()


def pdf(content: bytes, *, subject: str | None = None) -> bytes:
    """A PDF of one page, its content packed, its description in UTF-16 as hex."""
    packed = zlib.compress(content)
    described = "FEFF" + f"Ә {subject or 'тема'}".encode("utf-16-be").hex().upper()
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R"
        b"/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Filter/FlateDecode/Length %d>>\nstream\n%s\nendstream" % (len(packed), packed),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        f"<</Subject <{described}>>>".encode(),
    )
    out, places = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    return b"%sxref\n0 %d\n0000000000 65535 f \n%strailer\n" % (
        out,
        size,
        table,
    ) + b"<</Size %d/Root 1 0 R/Info 6 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (size, len(out))


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")


def _pdf_letter_by_letter(text: str) -> bytes:
    """As layout programs write it: each letter a string of its own, moved a little."""
    letters = " 10 ".join(f"({_escaped(letter)})" for letter in text if letter != "\n")
    return pdf(f"BT /F1 9 Tf 20 700 Td [{letters}] TJ ET".encode())


def picture(text: str) -> bytes:
    """A picture of the text, black on white, as large as on a page."""
    image = Image.new("RGB", (1280, 200), "white")
    ImageDraw.Draw(image).text((80, 80), f"Сотрудник: {text}", fill=(33, 37, 41), font=font(18))
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


CARRIERS: dict[str, Carrier] = {
    "text": lambda t: f"value: {t}\n".encode(),
    "base64": lambda t: f"data:text/plain;base64,{_base64(t)}".encode(),
    "base64 url-safe": lambda t: b"x " + base64.urlsafe_b64encode(f"«?{t}»".encode()).rstrip(b"="),
    "base64 of base64": lambda t: _base64(_base64(f"a {t}")).encode(),
    "base64 in lines": lambda t: base64.encodebytes(f"{'-' * 60} {t}".encode()),
    "base64 in JSON": lambda t: (
        json.dumps(base64.encodebytes(f"{'?' * 70} {t}".encode()).decode())
        .replace("/", r"\/")
        .encode()
    ),
    "base64 in a path": lambda t: f"/files/{_base64(f'a {t}')}/x".encode(),
    "URL": lambda t: f"https://h/p?q={quote(f'a {t} b', safe='')}".encode(),
    "URL, every letter": lambda t: b"q=" + _every_byte(t, "%{:02X}"),
    "URL, twice": lambda t: quote(quote(f"a {t} b", safe=""), safe="").encode(),
    "\\u escapes": lambda t: b'{"a":"' + _every_byte(t, "\\u{:04x}") + b'"}',
    "\\x escapes": lambda t: b'"' + _every_byte(t, "\\x{:02x}") + b'"',
    "HTML entities": lambda t: b"<p>" + _every_byte(t, "&#{};") + b"</p>",
    "JSON in JSON": lambda t: json.dumps(json.dumps({"a": t})).encode(),
    "UTF-16 LE": lambda t: f"a {t} b".encode("utf-16-le"),
    "UTF-16 BE": lambda t: f"a {t} b".encode("utf-16-be"),
    "hex": lambda t: t.encode().hex().encode(),
    "gzip": lambda t: gzip.compress(f"a {t}".encode()),
    "zlib": lambda t: zlib.compress(f"a {t}".encode()),
    "zip": _zip,
    "zip in base64 in HTML": lambda t: (
        f'<a href="data:application/zip;base64,{base64.b64encode(_zip(t)).decode()}">x</a>'.encode()
    ),
    "PDF stream": lambda t: pdf(f"BT /F1 9 Tf 20 700 Td ({_escaped(t)}) Tj ET".encode()),
    "PDF, letter by letter": _pdf_letter_by_letter,
    "PDF metadata": lambda t: pdf(b"", subject=t),
    "PNG tEXt": lambda t: _png_text(t, packed=False),
    "PNG zTXt": lambda t: _png_text(t, packed=True),
    "PNG iTXt": _png_unicode_text,
    "PNG EXIF": _exif,
    "behind the end of a PNG": lambda t: _png() + gzip.compress(t.encode()),
    "PNG in base64 in JSON": lambda t: json.dumps(
        {"image/png": base64.encodebytes(_png_text(t, packed=True)).decode()}
    ).encode(),
}

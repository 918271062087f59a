"""The report's pieces: tables, badges, headings, pictures, as safe HTML and as cells to render.

Whatever goes in as text is escaped. Meaning is in words first; a look only repeats it.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

Content = str | Markup

_HEAD = Markup('<th scope="row" role="rowheader"%s data-label="%s">%s</th>')
_HELD = Markup('<td role="cell"%s data-label="%s">%s</td>')
"""Not written with `format`, which is Python down to the last brace and takes thrice as long."""

_SQUARE = Markup('<rect x="2" y="2" width="20" height="20" rx="3"/>')
_TILES = {
    "yes": _SQUARE + Markup('<path d="M6.5 12.5l4 4 7-9"/>'),
    "no": _SQUARE,
    "unknown": _SQUARE,
    "arrow": Markup('<path d="M2 12h19M14 5l7 7-7 7"/>'),
}


@dataclass(frozen=True, slots=True)
class Cell:
    """One table cell: what it says, how it looks, whether it heads its row."""

    content: Content
    look: str = ""
    heads: bool = False


@dataclass(frozen=True, slots=True)
class Panel:
    """A piece that a page break should leave whole when `look` says so: outputs of a cell."""

    outputs: tuple[dict[str, Any], ...]
    look: str = ""


def panel(*contents: Markup | dict[str, Any], look: str = "") -> Panel:
    """Pieces of HTML and pictures as one panel."""
    return Panel(tuple(_output(one) for one in contents), look)


def _output(content: Markup | dict[str, Any]) -> dict[str, Any]:
    if isinstance(content, dict):
        return content
    return {"data": {"text/html": str(content)}, "metadata": {}}


def picture(png: bytes, alt: str, caption: Content) -> dict[str, Any]:
    """A picture as a cell's output."""
    facts = {"alt": alt, "caption": str(Markup("{}").format(caption))}
    data = {"image/png": base64.b64encode(png).decode("ascii")}
    return {"data": data, "metadata": {"image/png": facts}}


def heading(level: int, text: Content, anchor: str = "") -> Markup:
    """A heading; `anchor` is what links lead to."""
    name = Markup(' id="%s"') % anchor if anchor else ""
    return Markup("<h%d%s>%s</h%d>") % (level, name, text, level)


def paragraph(text: Content, look: str = "") -> Markup:
    """One paragraph."""
    return Markup("<p%s>%s</p>") % (_look(look), text)


def bullets(items: Iterable[Content]) -> Markup:
    """A list; nothing when there is nothing in it."""
    inside = Markup().join(Markup("<li>%s</li>") % (item,) for item in items)
    return Markup("<ul>{}</ul>").format(inside) if inside else Markup()


def joined(*parts: Markup) -> Markup:
    """One after another."""
    return Markup().join(parts)


def code(text: str) -> Markup:
    """Machine text: an address, a digest, a command."""
    return Markup("<code>%s</code>") % (text,)


def tile(kind: str) -> Markup:
    """A drawn mark beside words that say the same: `yes` full with a tick, `no` empty, `unknown`
    dashed, `arrow`. Told apart by their form, in grey as well."""
    return Markup('<svg class="tile {}" viewBox="0 0 24 24" aria-hidden="true">{}</svg>').format(
        kind, _TILES[kind]
    )


def pairs(rows: Iterable[tuple[str, Content]]) -> Markup:
    """What is called how, and what it is."""
    inside = (_row(("", ""), (Cell(n, heads=True), Cell(v, "value"))) for n, v in rows)
    return Markup(
        '<table role="table" class="pairs"><tbody role="rowgroup">{}</tbody></table>'
    ).format(Markup().join(inside))


def table(
    caption: str, head: Sequence[str], rows: Iterable[Sequence[Cell | Content]], *, look: str = ""
) -> Markup:
    """A table that stacks its cells under each other where the page is narrow.

    The roles say again what the elements say, since such a layout takes it from them.
    """
    titles = Markup().join(
        Markup('<th scope="col" role="columnheader">%s</th>') % (title,) for title in head
    )
    return Markup(
        '<table role="table"{}><caption>{}</caption><thead role="rowgroup"><tr role="row">{}</tr>'
        '</thead><tbody role="rowgroup">{}</tbody></table>'
    ).format(_look(look), caption, titles, Markup().join(_row(head, row) for row in rows))


def _row(head: Sequence[str], row: Sequence[Cell | Content]) -> Markup:
    cells = (one if isinstance(one, Cell) else Cell(one) for one in row)
    inside = Markup().join(
        (_HEAD if cell.heads else _HELD) % (_look(cell.look), title, cell.content)
        for title, cell in zip(head, cells, strict=True)
    )
    return Markup('<tr role="row">%s</tr>') % (inside,)


def _look(look: str) -> Markup:
    return Markup(' class="%s"') % (look,) if look else Markup()

"""One output of a notebook's cell, and the parts of which the views make it."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

NOTHING = "—"


@dataclass(frozen=True, slots=True)
class Output:
    """One output of a cell: data by MIME type, as text, and metadata."""

    data: dict[str, str]
    metadata: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Cell:
    """One table cell: its text, whether it heads its row, and how it looks."""

    text: str
    look: str = ""
    heads: bool = False


class View:
    """Base of the views."""

    def outputs(self) -> list[Output]:
        """What the cell shows, in order."""
        raise NotImplementedError

    def show(self) -> None:
        """Show it now, also from within a cell that is about to fail."""
        self._ipython_display_()

    def _ipython_display_(self) -> None:
        from IPython.display import display

        for output in self.outputs():
            display(output.data, raw=True, metadata=output.metadata)  # type: ignore[no-untyped-call]


def image(png: bytes, alt: str) -> Output:
    """A picture with its words for who does not see it."""
    encoded = base64.b64encode(png).decode("ascii")
    return Output({"image/png": encoded, "text/plain": alt}, {"image/png": {"alt": alt}})


def sentence(text: str) -> Output:
    """One sentence, in place of a table that would be empty."""
    return Output({"text/html": f"<p>{escape(text)}</p>", "text/plain": text})


def table(caption: str, head: Sequence[str], rows: Sequence[Sequence[Cell]]) -> Output:
    """A table with its caption and one heading a column."""
    html = "".join(_table_html(caption, head, rows))
    lines = [caption, " | ".join(head), *(" | ".join(cell.text for cell in row) for row in rows)]
    return Output({"text/html": html, "text/plain": "\n".join(lines)})


def _table_html(caption: str, head: Sequence[str], rows: Sequence[Sequence[Cell]]) -> Iterator[str]:
    yield f"<table><caption>{escape(caption)}</caption><thead><tr>"
    for title in head:
        yield f'<th scope="col">{escape(title)}</th>'
    yield "</tr></thead><tbody>"
    for row in rows:
        yield "<tr>"
        for cell in row:
            tag = "th" if cell.heads else "td"
            scope = ' scope="row"' if cell.heads else ""
            look = f' class="{cell.look}"' if cell.look else ""
            yield f"<{tag}{scope}{look}>{escape(cell.text)}</{tag}>"
        yield "</tr>"
    yield "</tbody></table>"

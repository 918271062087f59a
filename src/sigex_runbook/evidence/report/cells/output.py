"""One output of a notebook's cell, the parts of which the views make it, and how it gets there."""

from __future__ import annotations

import base64
import secrets
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape
from typing import Any

NOTHING = "—"

_LOOK = (
    "<style>@media (max-width: 600px) {"
    ".sigex thead {display: none} .sigex tr {border-top: 1px solid #999}"
    ".sigex, .sigex caption, .sigex tbody, .sigex tr, .sigex :is(th, td) {display: block}"
    ".sigex td:empty {display: none}"
    ".sigex td::before {content: attr(data-head) ': '; color: #666}}</style>"
)
"""A narrow screen gets one line a value in place of columns."""

_LEFT = "text-align: left"
"""On every cell: JupyterLab's own rule is to the right, and it takes no style sheet of a notebook
that somebody else made."""

_VALUE = f"{_LEFT}; overflow-wrap: anywhere"
"""On a digest, which has no place where it may break."""

_waiting: list[str] = []
"""The displays of lines that a result shall replace, the next one last."""


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
        line = _waiting.pop() if _waiting else None
        for output in self.outputs():
            _display(output, over=line)
            line = None


@dataclass(frozen=True)
class SentenceView(View):
    """One sentence."""

    text: str

    def outputs(self) -> list[Output]:
        """The sentence."""
        return [sentence(self.text)]


@contextmanager
def working(what: str) -> Iterator[None]:
    """Say what a notebook's cell is busy with, until its first result takes the line's place."""
    jupyter = sys.modules.get("IPython")
    if jupyter is None or jupyter.get_ipython() is None:  # a program, not a notebook
        yield
        return
    line = secrets.token_hex(8)
    _display(sentence(what), as_=line)
    _waiting.append(line)
    try:
        yield
    except BaseException:
        if line in _waiting:
            _waiting.remove(line)
            _display(sentence(f"Остановлено: {what}"), over=line)
        raise


def forget_waiting() -> None:
    """A notebook begins: what waited for a result of another one's is none of its own."""
    _waiting.clear()


def image(png: bytes, alt: str) -> Output:
    """A picture with its words for who does not see it; JupyterLab knows none but those of HTML."""
    encoded = base64.b64encode(png).decode("ascii")
    html = (
        f'<img alt="{escape(alt)}" style="max-width: 100%" src="data:image/png;base64,{encoded}">'
    )
    return Output(
        {"text/html": html, "image/png": encoded, "text/plain": alt}, {"image/png": {"alt": alt}}
    )


def sentence(text: str) -> Output:
    """One sentence, in place of a table that would be empty."""
    return Output({"text/html": f"<p>{escape(text)}</p>", "text/plain": text})


def table(caption: str, head: Sequence[str], rows: Sequence[Sequence[Cell]]) -> Output:
    """A table with its caption and one heading a column."""
    html = "".join(_table_html(caption, head, rows))
    lines = [caption, " | ".join(head), *(" | ".join(cell.text for cell in row) for row in rows)]
    return Output({"text/html": html, "text/plain": "\n".join(lines)})


def _table_html(caption: str, head: Sequence[str], rows: Sequence[Sequence[Cell]]) -> Iterator[str]:
    yield f'{_LOOK}<table class="sigex" style="margin-left: 0; table-layout: auto">'
    yield f'<caption style="{_LEFT}"><strong>{escape(caption)}</strong></caption><thead><tr>'
    for title in head:
        yield f'<th scope="col" style="{_LEFT}">{escape(title)}</th>'
    yield "</tr></thead><tbody>"
    for row in rows:
        yield "<tr>"
        for title, cell in zip(head, row, strict=True):
            tag = "th" if cell.heads else "td"
            scope = ' scope="row"' if cell.heads else f' data-head="{escape(title)}"'
            look = f' class="{cell.look}"' if cell.look else ""
            style = _VALUE if cell.look == "value" else _LEFT
            yield f'<{tag}{scope}{look} style="{style}">{escape(cell.text)}</{tag}>'
        yield "</tr>"
    yield "</tbody></table>"


def _display(output: Output, *, as_: str | None = None, over: str | None = None) -> None:
    """Give an output to Jupyter: under a name, or in place of what it shows under that name."""
    from IPython.display import display

    named = {"display_id": over or as_, "update": True if over else None}
    display(  # type: ignore[no-untyped-call]
        output.data, raw=True, metadata=output.metadata, **{k: v for k, v in named.items() if v}
    )

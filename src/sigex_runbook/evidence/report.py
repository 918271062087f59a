"""The report: an executed notebook as one HTML file for readers, without code or addresses.

One file, no script, nothing loaded from anywhere: what an auditor opens in ten years looks the
same. The notebook's prose and outputs are shown, its code and its prompts are not.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from html import escape
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nbconvert import HTMLExporter
    from nbformat import NotebookNode

_TEMPLATES = Path(__file__).parent / "templates"
_PAPERMILL_TAG = "papermill-error-cell-tag"
_PAPERMILL_ANCHOR = 'id="papermill-error-cell"'
_DEFAULT_TITLE = "Отчёт о выполнении инструкции SIGEX"

_ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
_LINK = re.compile(r'<a\s[^>]*?href="([^"]*)"[^>]*>(.*?)</a>', re.DOTALL)
_FOLDERS = re.compile(
    r"(?:(?<=[\s'\"«(\[=])|^)(?:[A-Za-z]:[\\/]|\\\\|/)(?:[^\s'\"«»()\[\],;:\\/]+[\\/]+)+"
)
_FORBIDDEN_TAGS = frozenset(
    {"script", "iframe", "frame", "object", "embed", "applet", "link", "base", "form", "meta"}
    | {"style", "svg", "math", "img", "video", "audio", "source", "input", "button", "textarea"}
    | {"template"}
)


def render_report(
    notebook: NotebookNode | Path, *, title: str | None = None, language: str = "ru"
) -> str:
    """The whole report as HTML text.

    `title` stands in the window's title bar; without one it is the notebook's first heading. An
    error that stopped the notebook shows as its one sentence in a red box, without traceback and
    without folders; what libraries wrote to stderr is left out.
    """
    node = _read(notebook)
    cells = [cell for cell in node.cells if not _is_papermills(cell)]
    shown = type(node)({**node, "cells": cells})
    facts = {
        "title": title or _first_heading(cells) or _DEFAULT_TITLE,
        "language": language,
        "not_run": _after_the_error(cells),
    }
    html, _ = _exporter().from_notebook_node(shown, resources={"report": facts})
    return str(html)


def _read(notebook: NotebookNode | Path) -> NotebookNode:
    if not isinstance(notebook, Path):
        return notebook
    import nbformat

    node: NotebookNode = nbformat.read(notebook, as_version=4)  # type: ignore[no-untyped-call]
    return node


@cache
def _exporter() -> HTMLExporter:
    """nbconvert's exporter with our template; kept, since making it costs more than using it."""
    from nbconvert import HTMLExporter
    from traitlets.config import Config

    config = Config()
    config.CSSHTMLHeaderPreprocessor.enabled = False  # styles of code, which is not shown
    exporter = HTMLExporter(  # type: ignore[no-untyped-call]
        config=config, template_name="report", extra_template_basedirs=[str(_TEMPLATES)]
    )
    exporter.register_filter("prose", _prose)  # type: ignore[no-untyped-call]
    exporter.register_filter("shown", _shown)  # type: ignore[no-untyped-call]
    return exporter


def _is_papermills(cell: Mapping[str, Any]) -> bool:
    """Papermill's own «An Exception was encountered» cells: the output says it better."""
    return cell["cell_type"] == "markdown" and (
        _PAPERMILL_TAG in cell["metadata"].get("tags", ()) or _PAPERMILL_ANCHOR in cell["source"]
    )


def _after_the_error(cells: list[Any]) -> list[int]:
    """Places of the code cells that never ran because an earlier one stopped the notebook."""
    stopped = False
    places = []
    for place, cell in enumerate(cells):
        if cell["cell_type"] == "code":
            if stopped:
                places.append(place)
            stopped = stopped or any(o["output_type"] == "error" for o in cell["outputs"])
    return places


def _first_heading(cells: list[Any]) -> str | None:
    for cell in cells:
        if cell["cell_type"] == "markdown":
            match = re.search(r"^#+\s+(.+?)\s*$", cell["source"], re.MULTILINE)
            if match:
                return re.sub(r"[*_`]", "", match[1])
    return None


def _prose(source: str) -> str:
    """Markdown as HTML. Raw HTML in it is shown as text, a link as its words and its address."""
    from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

    renderer = IPythonRenderer(escape=True, exclude_anchor_links=True)
    html = _LINK.sub(_as_words, str(MarkdownWithMath(renderer=renderer).render(source)))
    return html if _is_plain(html) else f"<pre>{escape(source)}</pre>"


def _as_words(link: re.Match[str]) -> str:
    address, words = link[1], link[2]
    if address.startswith("#"):
        return link[0]
    if words == address:
        return f'<span class="address">{address}</span>'
    return f'{words} (<span class="address">{address}</span>)'


def _shown(output: Mapping[str, Any]) -> str:
    """One output of a cell as HTML."""
    match output["output_type"]:
        case "error":
            return (
                '<div class="failure" role="alert"><p><strong>Выполнение остановлено</strong></p>'
                f"<p>{escape(_sentence(output))}</p></div>"
            )
        case "stream":
            return _text(output["text"]) if output["name"] == "stdout" else ""
        case _:
            return _data(output["data"], output.get("metadata", {}))


def _sentence(output: Mapping[str, Any]) -> str:
    """The error's own words on one line, folders shortened to the last name."""
    words = " ".join(_ANSI.sub("", str(output.get("evalue", ""))).split())
    return _FOLDERS.sub("…/", words) or str(output.get("ename", "")) or "Причина не названа."


def _data(data: Mapping[str, Any], metadata: Mapping[str, Any]) -> str:
    html = _joined(data.get("text/html", ""))
    if html and _is_plain(html):
        return html
    for kind in ("image/png", "image/jpeg"):
        if kind in data:
            fallback = _joined(data.get("text/plain", "")) or "Снимок экрана"
            alt = str(metadata.get(kind, {}).get("alt") or fallback)
            encoded = re.sub(r"[^0-9A-Za-z+/=]", "", _joined(data[kind]))
            source = f"data:{kind};base64,{encoded}"
            return f'<figure><img src="{source}" alt="{escape(alt)}"></figure>'
    return _text(_joined(data.get("text/plain", "")))


def _joined(value: Any) -> str:
    """Notebook files may hold a text as a list of lines."""
    return "".join(value) if isinstance(value, list) else str(value)


def _text(text: Any) -> str:
    clean = _ANSI.sub("", _joined(text)).strip("\n")
    return f"<pre>{escape(clean)}</pre>" if clean else ""


class _Inspector(HTMLParser):
    """Looks for anything in HTML that runs, loads or leads away."""

    def __init__(self) -> None:
        super().__init__()
        self.plain = True

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _FORBIDDEN_TAGS:
            self.plain = False
        for name, value in attrs:
            text = (value or "").strip().lower()
            leads_away = name in ("href", "src", "srcset", "action", "background", "xlink:href")
            if name.startswith("on") or (leads_away and not text.startswith("#")):
                self.plain = False
            if name == "style" and re.search(r"url\s*\(|@import|expression|\\", text):
                self.plain = False


def _is_plain(html: str) -> bool:
    inspector = _Inspector()
    inspector.feed(html)
    inspector.close()
    return inspector.plain

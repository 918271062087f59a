"""The page: a notebook made from the dossier, rendered by nbconvert as one HTML file.

One file, no script, nothing loaded from anywhere: what an auditor opens in ten years looks the
same.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from html import escape
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .case import Binding, Case
from .dossier import Dossier
from .integrity import integrity, limits
from .markup import Panel, panel
from .outcome import channels, matrix, timeline
from .summary import circumstances, order, verdict
from .walkthrough import walkthrough
from .words import words

if TYPE_CHECKING:
    from nbconvert.exporters import TemplateExporter

_TEMPLATES = Path(__file__).parent / "templates"
_PARTS = (circumstances, order, walkthrough, matrix, channels, timeline, integrity, limits)
_ANCHORS = ("facts", "order", "guide", "matrix", "probes", "timeline", "integrity", "limits")
_HEADINGS = ("facts", "order", "guide", "matrix", "probes", "time", "seal", "limits")

_FORBIDDEN_TAGS = frozenset(
    {"script", "iframe", "frame", "object", "embed", "applet", "link", "base", "form", "meta"}
    | {"style", "svg", "math", "img", "video", "audio", "source", "input", "button", "textarea"}
    | {"template"}
)


def render_report(dossier: Dossier, binding: Binding, language: str = "ru") -> str:
    """The whole report as HTML text in Russian, Kazakh (`kk`) or English (`en`).

    Raises KeyError for another language.
    """
    engine = exporter()
    from nbformat import from_dict

    case = Case(dossier, words(language), binding)
    notebook = {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {},
        "cells": [
            {
                "id": f"part-{number}",
                "cell_type": "code",
                "source": "",
                "execution_count": None,
                "metadata": {"look": one.look},
                "outputs": [{"output_type": "display_data", **output} for output in one.outputs],
            }
            for number, one in enumerate(_panels(case))
        ],
    }
    facts = {"title": f"{case.words('title')}: {dossier.run_id}", "words": case.words}
    facts |= {"organisation": str(dossier.order.organisation.bin), "run": dossier.run_id}
    html, _ = engine.from_notebook_node(
        from_dict(notebook),  # type: ignore[no-untyped-call]
        resources={"report": {**facts, "language": language}},
    )
    return str(html)


def _panels(case: Case) -> Iterator[Panel]:
    yield from verdict(case)
    yield panel(_contents(case), look="contents")
    for part in _PARTS:
        yield from part(case)


def _contents(case: Case) -> Any:
    from markupsafe import Markup

    links = Markup().join(
        Markup('<li><a href="#{}">{}</a></li>').format(anchor, case.words(f"{name}.heading"))
        for anchor, name in zip(_ANCHORS, _HEADINGS, strict=True)
    )
    return Markup('<nav aria-label="{}"><ol>{}</ol></nav>').format(case.words("contents"), links)


@cache
def exporter() -> TemplateExporter:
    """nbconvert's exporter with our template; kept, since making it costs more than using it.

    Not its HTMLExporter, which parses and writes every picture a second time.
    """
    # jsonschema would load a whole grammar of IRIs, for seconds, to check what no notebook has.
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
    from nbconvert.exporters import TemplateExporter

    engine = TemplateExporter(  # type: ignore[no-untyped-call]
        template_name="report",
        extra_template_basedirs=[str(_TEMPLATES)],
        file_extension=".html",
        template_extension=".html.j2",
    )
    engine.register_filter("shown", _shown)  # type: ignore[no-untyped-call]
    return engine


def _shown(output: Mapping[str, Any]) -> str:
    """One output of a cell as HTML."""
    data = output["data"]
    if "image/png" in data:
        facts = output["metadata"]["image/png"]
        encoded = re.sub(r"[^0-9A-Za-z+/=]", "", data["image/png"])
        return (
            f'<figure><img src="data:image/png;base64,{encoded}" alt="{escape(facts["alt"])}">'
            f"<figcaption>{_plain(facts['caption'])}</figcaption></figure>"
        )
    return _plain(data["text/html"])


def _plain(html: str) -> str:
    """The HTML, or its source as text when there is anything in it that runs, loads or leads away:
    a part forgot to escape what it was given, and the reader must not pay for that."""
    inspector = _Inspector()
    inspector.feed(html)
    inspector.close()
    return html if inspector.plain else f"<pre>{escape(html)}</pre>"


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
            if name == "style":
                self.plain = False

"""The page: a notebook made from the dossier, rendered by nbconvert as one HTML file.

One file, no script, nothing loaded from anywhere: what an auditor opens in ten years looks the
same.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from functools import cache
from html import escape
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sigex_runbook.core.guide import load_guide

from .case import Binding, Case
from .circumstances import circumstances
from .dossier import Dossier
from .first_page import first_page
from .integrity import integrity, limits
from .outcome import probes, settings
from .walkthrough import walkthrough
from .words import words

if TYPE_CHECKING:
    from nbconvert.exporters import TemplateExporter

_TEMPLATES = Path(__file__).parent / "templates"
_PARTS = (first_page, walkthrough, settings, probes, circumstances, integrity, limits)

_TAGS = (
    "h[1-4]|p|div|span|strong|code|pre|br|q|ul|li|table|caption|thead|tbody|tr|th|td|svg|rect|path"
)
_ATTRIBUTES = "id|class|lang|scope|role|data-label|aria-hidden|viewBox|x|y|width|height|rx|d"
_OURS = re.compile(rf'(?:[^<]|</?(?:{_TAGS})(?: (?:{_ATTRIBUTES})="[^"<>]*")*/?>)*+')
"""All that the parts are made of; pictures come beside them."""


def render_report(dossier: Dossier, binding: Binding, language: str = "ru") -> str:
    """The whole report as HTML text in Russian, Kazakh (`kk`) or English (`en`).

    Raises KeyError for another language.
    """
    case = Case(dossier, words(language), binding, load_guide())
    cells = [
        {"metadata": {"look": one.look}, "outputs": one.outputs}
        for one in chain.from_iterable(part(case) for part in _PARTS)
    ]
    facts = {"title": f"{case.words('title')}: {dossier.run_id}", "words": case.words}
    facts |= {"organisation": str(dossier.order.organisation.bin), "run": dossier.run_id}
    # Not by `from_notebook_node`: it copies all pictures twice, and validates eleven times.
    html: str = exporter().template.render(
        nb={"cells": cells}, resources={"report": {**facts, "language": language}}
    )
    return html.lstrip("\r\n")


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
    return html if _OURS.fullmatch(html) else f"<pre>{escape(html)}</pre>"

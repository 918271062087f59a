"""The report: what a run's own files say, in an auditor's order, as one HTML file.

Loaded when it is first asked for: a notebook's cells, which live here too, speak before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .case import Binding
    from .dossier import Dossier
    from .page import render_report

__all__ = ["Binding", "Dossier", "render_report"]


def __getattr__(name: str) -> Any:
    match name:
        case "Binding":
            from .case import Binding

            return Binding
        case "Dossier":
            from .dossier import Dossier

            return Dossier
        case "render_report":
            from .page import render_report

            return render_report
    raise AttributeError(name)

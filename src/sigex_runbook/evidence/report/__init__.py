"""The report: what a run's own files say, in an auditor's order, as one HTML file."""

from .case import Binding
from .dossier import Dossier
from .page import render_report

__all__ = ["Binding", "Dossier", "render_report"]

"""The report: what a run's own files say, in an auditor's order, as one HTML file."""

from sigex_runbook.evidence.pack.read import Dossier

from .case import Binding
from .page import render_report

__all__ = ["Binding", "Dossier", "render_report"]

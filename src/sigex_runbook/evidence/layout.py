"""What lies where in a pack, by names under `evidence/`, and beside it in a draft."""

from __future__ import annotations

PARTIAL = ".partial"
STEPS = "steps.ndjson"
SESSION = "session.json"
ALIAS_KEY = "work/alias.key"
"""The key of people's aliases, in a draft: the kernel's and its parent's are one, never kept."""

CONFIDANT = "work/confidant.json"
"""The way for a kernel to tell its parent a run's secrets, in a draft; never kept."""

VERIFICATION = "verification.json"
SCREENS = "screens"
CAPTURE_FORMAT = "sigex-capture/1"
FAILURE = f"{SCREENS}/failure"
FAILURE_FORMAT = "sigex-failure/1"
REPORT_PDF = "report.pdf"

"""What lies where in a pack, by names under `evidence/`, and beside it in a draft."""

from __future__ import annotations

EVIDENCE = "evidence"
PARTIAL = ".partial"
RUN = "run.json"
ORDER = "order.json"
APPROVAL = "approval.p7s"
LOCATORS = "inputs/locators.yaml"
"""The operator's overrides of locators, to the byte as they were read; only of a run with some."""

JUNIT = "junit.xml"
FEATURES = "features"
STATES = "state"
BEFORE = f"{STATES}/before.json"
EXPECTED = f"{STATES}/expected.json"
AFTER = f"{STATES}/after.json"
DIFFERENCE = f"{STATES}/diff.json"
CALLS = "api"
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
REPORT_HTML = "report.html"
REPORT_PDF = "report.pdf"
REPORT_ORIGIN = "report.json"
REPORT_ORIGIN_FORMAT = "sigex-report/1"
NOTEBOOK = "runbook.ipynb"
NOTEBOOK_OWNER = "sigex_runbook"
"""The key of the notebook's metadata under which it names its run."""

REDACTION = "redaction.json"
WITH_THE_REPORT = frozenset({REPORT_HTML, REPORT_PDF, REPORT_ORIGIN, REDACTION})
"""What is written with the report or after it, so that it cannot tell their digests."""

"""The spec suite under a mutant: the guide's scenarios as tests, each in a world of its own.

The suite is started as a developer starts it, `pytest -m "guide or mtls" --fault NAME`, and stops
at the first red scenario. It is a developer's tool: it needs the project's tests beside it.
"""

from __future__ import annotations

import re
import time
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from typing import Any

import pytest

from sigex_runbook.core.errors import EnvironmentMissing, RunbookError
from sigex_runbook.core.project import find_project
from sigex_runbook.core.verdict import Verdict, VerdictKind
from sigex_runbook.run.scenarios.features import read_scenarios
from sigex_runbook.run.scenarios.session import plain_pytest
from sigex_runbook.trials.attempts import reported_at

from .trials import Kind, Mutant, Trial, judge_fault, judge_look

CHOSEN = frozenset({"@guide", "@mtls"})
"""The guide's own scenarios, and the one in which the information systems themselves speak."""

_CALLOUT = re.compile(r"\((\d+)\)$")
_SECTION_TAG = re.compile(r"section-(\d+)")


def try_in_suite(mutant: Mutant) -> Trial:
    """Run the guide's scenarios under this mutant and judge the first red one.

    Once in a process: pytest-bdd's steps and the emulator stay with it. Raises EnvironmentMissing
    when the scenarios cannot be run at all.
    """
    watcher = Watcher()
    started = time.monotonic()
    with plain_pytest(), redirect_stdout(StringIO()), redirect_stderr(StringIO()):
        pytest.main(_arguments(mutant), plugins=[watcher])
    seconds = round(time.monotonic() - started, 1)
    verdict = watcher.verdict()
    finding = (
        # Scenarios of sections 1 to 7 never save, so nothing of their worlds was touched.
        judge_fault(mutant.fault, verdict, untouched=verdict.section in range(1, 8))
        if mutant.fault is not None
        # All green is right: the last sentence says that nothing but the order moved.
        else judge_look(mutant, verdict, untouched=watcher.named, right=True)
    )
    return Trial(mutant, reported_at(verdict), "; ".join(verdict.reasons), finding, seconds)


def _arguments(mutant: Mutant) -> list[str]:
    root = find_project().root
    under = {Kind.FAULT: ["--fault", mutant.name], Kind.SKIN: ["--skin", mutant.name]}
    return [
        *("--rootdir", str(root), "-c", str(root / "pyproject.toml")),
        *("-p", "no:randomly", "-p", "no:xdist"),
        # pytest wants to load its plugins itself; the runbook, imported here, has loaded one.
        *("-W", "ignore::pytest.PytestAssertRewriteWarning"),
        *("--exitfirst", "-m", " or ".join(tag[1:] for tag in sorted(CHOSEN))),
        *under.get(mutant.kind, ()),
        str(root / "steps" / "test_guide.py"),
    ]


class Watcher:
    """A plugin of pytest: sees the first step that fails, counts the scenarios that do not."""

    def __init__(self) -> None:
        self._passed = 0
        self._broke: Verdict | None = None
        self._trouble = ""
        self.named = False
        """Whether the failure was a sentence of ours for the operator, not a promise not kept."""

    def verdict(self) -> Verdict:
        """What the suite says. Raises EnvironmentMissing when it could not say anything."""
        if self._broke is not None:
            return self._broke
        chosen = [s for s in read_scenarios(find_project().features) if s.tags & CHOSEN]
        if self._passed != len(chosen):
            raise EnvironmentMissing(
                f"Сценарии инструкции не выполняются ({self._passed} из {len(chosen)}): "
                f"{self._trouble or 'остальных нет'}. Запустите их сами: pytest steps -m guide."
            )
        return Verdict(VerdictKind.PASSED, ())

    def pytest_bdd_step_error(self, feature: Any, step: Any, exception: Exception) -> None:
        """A sentence is not true."""
        (section,) = (int(m[1]) for tag in feature.tags if (m := _SECTION_TAG.match(tag)))
        mark = _CALLOUT.search(step.name)
        callout = int(mark[1]) if mark else getattr(exception, "callout", None)
        message = str(exception).partition("\n")[0]
        self.named = isinstance(exception, RunbookError)
        self._broke = Verdict(VerdictKind.FAILED, (message,), section, callout)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A scenario ended, or could not even begin."""
        if report.passed and report.when == "call":
            self._passed += 1
        elif report.failed:
            self._not_run(report)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """The scenarios could not be read."""
        if report.failed:
            self._not_run(report)

    def _not_run(self, report: pytest.TestReport | pytest.CollectReport) -> None:
        self._trouble = str(report.longrepr).strip().splitlines()[-1]

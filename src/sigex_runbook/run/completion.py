"""The end of a run: what was gathered is judged, completed and sealed into its place.

A kernel that died or hung leaves its draft, and the pack says how far the run came.
"""

from __future__ import annotations

import getpass
import os
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from typing import Any

from sigex_runbook.core.access import AccessSettings
from sigex_runbook.core.error_causes import why
from sigex_runbook.core.errors import NotSealed, RunbookError, RunFailed
from sigex_runbook.core.order import Order
from sigex_runbook.core.plan import make_plan, ordered_acts
from sigex_runbook.core.project import find_project, home
from sigex_runbook.core.record import Act, Outcome, PlannedStep, StepRecord
from sigex_runbook.core.verdict import (
    SAVED_WORDS,
    Check,
    Failure,
    Saved,
    Verdict,
    VerdictKind,
    reach_verdict,
)
from sigex_runbook.evidence.attest.findings import MISSHAPEN
from sigex_runbook.evidence.pack.draft import NotPlaced, PackDraft
from sigex_runbook.evidence.pack.junit import junit_xml
from sigex_runbook.evidence.pack.layout import (
    JUNIT,
    LOCATORS,
    NOTEBOOK,
    ORDER,
    REPORT_HTML,
    REPORT_ORIGIN,
    REPORT_PDF,
    RUN,
    SESSION,
    VERIFICATION,
)
from sigex_runbook.evidence.pack.records import check_of, order_record, system_record
from sigex_runbook.evidence.pack.session import Notes, Session
from sigex_runbook.evidence.sealing.sealer import Sealer
from sigex_runbook.evidence.sealing.sealing import Leaked, Unsound, seal_pack, set_aside

from .gathering import Gathering
from .kernel import kept
from .result import Result
from .scenarios.features import guide_run
from .secrets.of_order import secrets_of

RUN_FORMAT = "sigex-run/1"

_NONE = (
    "Исполненного блокнота нет: запуск вела другая программа, или ячейки блокнота не те, что в "
    "проекте."
)


@dataclass(frozen=True, slots=True)
class _Judged:
    """What the draft tells of the run."""

    records: list[StepRecord]
    session: Session | None
    failure: Failure | None
    saved: Saved
    verdict: Verdict


def complete(
    gathering: Gathering,
    sealer: Sealer,
    *,
    notebook: Any | None = None,
    failure: Failure | None = None,
) -> Result:
    """Judge what the draft holds, add what is missing, and seal the pack into its place.

    The secrets that the run met are looked for: a pack that holds one is not sealed. One that does
    not pass its own check is no success, whatever its steps say: it is sealed as failed, with what
    was found. What cannot be sealed is set aside, and the ledger says so. Raises NotSealed.
    """
    try:
        gathering.draft.mend()
        judged = _judge(gathering, failure)
        _write(gathering, judged, notebook)
        try:
            return _seal(gathering, judged, sealer)
        except Unsound as unsound:
            if judged.verdict.kind is VerdictKind.FAILED:
                raise
            doubted = _doubted(judged, gathering.draft, Failure(str(unsound.finding)))
            _write_again(gathering, doubted)
            return _seal(gathering, doubted, sealer)
    except (RunbookError, OSError, *MISSHAPEN) as error:
        raise _not_sealed(gathering, sealer, error) from error


def _not_sealed(gathering: Gathering, sealer: Sealer, error: Exception) -> NotSealed:
    """What is said of a run whose evidence stays a draft."""
    draft, saved = gathering.draft, gathering.confidences.saved
    # Of one that only lacks its name the ledger knows already; what leaked nobody signs.
    if not isinstance(error, NotPlaced | Leaked):
        with suppress(RunbookError, OSError, *MISSHAPEN):
            set_aside(draft, sealer)
    if isinstance(error, RunbookError):
        told = str(error)
    elif isinstance(error, OSError):
        told = (
            f"Записать его нельзя ({why(error)}). Освободите место или исправьте права и запустите "
            "снова."
        )
    else:
        told = (
            f"Собранное устроено не так, как ждёт программа ({type(error).__name__}). Сообщите "
            "разработчикам."
        )
    kept = (
        f"Собранное осталось в {draft.folder}." if draft.evidence.is_dir() else "Собранное пропало."
    )
    return NotSealed(f"Пакет не заверен. {told} {kept} {SAVED_WORDS[saved]}", saved=saved)


def _judge(gathering: Gathering, failure: Failure | None) -> _Judged:
    """The verdict on what was gathered; `failure` is what the caller knows of its end."""
    draft = gathering.draft
    notes = Notes.read(draft)
    for one in notes.removed:
        name = "run.json" if one.file == SESSION else one.file  # what it said goes there
        draft.count_removed(name, {one.rule: one.count})
    failure = notes.failure or failure  # the kernel knows more than its error's words
    records = _all_steps(draft, guide_run(_acts(draft, gathering.order)).values())
    verdict = reach_verdict(records, _checks(draft), failure)
    told = gathering.confidences
    if told.saved is Saved.NO:
        told.saved = notes.saved
    return _Judged(records, notes.session, failure, told.saved, verdict)


def _doubted(judged: _Judged, draft: PackDraft, found: Failure) -> _Judged:
    """The same run after its own check found something."""
    verdict = reach_verdict(judged.records, _checks(draft), found)
    return replace(judged, failure=found, verdict=verdict)


def _write(gathering: Gathering, judged: _Judged, notebook: Any | None) -> None:
    """What only this process can know: the features, the order, the verdict, the notebook."""
    draft, order = gathering.draft, gathering.order
    for path in sorted(find_project().features.glob("*.feature")):
        draft.write_text(f"features/{path.name}", path.read_text(encoding="utf-8"))
    draft.write_text(JUNIT, junit_xml(judged.records))
    draft.write_json(ORDER, order_record(order))
    if gathering.options.locators is not None:
        draft.write_bytes(LOCATORS, gathering.options.locators.content)
    run = _run_record(gathering, judged)
    draft.write_json(RUN, {**run, "without_notebook": _NONE if notebook is None else None})
    draft.remove(SESSION)
    if notebook is not None:
        redactor, stopped = gathering.redactor, judged.failure
        owner = {"run_id": draft.run_id, "organisation_bin": str(order.organisation.bin)}
        text = kept(notebook, redactor, owner, stopped=str(stopped) if stopped else None)
        draft.count_removed(NOTEBOOK, redactor.hits)
        draft.write_bytes(NOTEBOOK, text)


def _write_again(gathering: Gathering, judged: _Judged) -> None:
    """The verdict that a pack gets instead, and no report of the first one."""
    draft = gathering.draft
    said = draft.read_json(RUN)
    draft.write_json(
        RUN, {**said, "failure": judged.failure, "verdict": judged.verdict}, overwrite=True
    )
    for name in (REPORT_HTML, REPORT_PDF, REPORT_ORIGIN):
        draft.remove(name)


def _seal(gathering: Gathering, judged: _Judged, sealer: Sealer) -> Result:
    order, saved = gathering.order, judged.saved
    known = secrets_of(order).and_those_of(gathering.sign_in.secrets)
    known = known.and_those_of(gathering.confidences.canaries)
    sealed = seal_pack(gathering.draft, sealer.knowing(known), verdict=judged.verdict.kind)
    return Result(
        str(order.organisation.bin),
        judged.verdict,
        bool(judged.session and judged.session.nothing_to_do),
        sealed.pack,
        gathering.options.target.address,
        sealed.unstamped,
        saved,
    )


def _acts(draft: PackDraft, order: Order) -> Mapping[int, Act]:
    """What the run was to do in each section: by its plan, or by the order if it made none."""
    try:
        return make_plan(AccessSettings(draft.read_json("state/before.json")), order).acts
    except (RunFailed, ValueError):
        return ordered_acts(order.access)


def _all_steps(draft: PackDraft, planned: Iterable[PlannedStep]) -> list[StepRecord]:
    """The steps on disk, completed by those that never ran."""
    records = draft.read_steps()
    done = {record.step.position for record in records}
    for step in planned:
        if step.position not in done:
            record = StepRecord(step, Outcome.NOT_RUN)
            draft.append_step(record)
            records.append(record)
    return sorted(records, key=lambda r: r.step.position)


def _checks(draft: PackDraft) -> list[Check]:
    if not draft.exists(VERIFICATION):
        return []
    return [check_of(raw) for raw in draft.read_json(VERIFICATION)["checks"]]


def _run_record(gathering: Gathering, judged: _Judged) -> dict[str, Any]:
    """run.json: who ran what, where, when, and how it ended."""
    order, options = gathering.order, gathering.options
    return {
        "format": RUN_FORMAT,
        "run_id": gathering.draft.run_id,
        "organisation_bin": str(order.organisation.bin),
        "information_system": system_record(order.information_system),
        "target": options.target.address,
        "mtls_target": options.target.mtls_address,
        "operator": _operator(),
        "parameters": {"visible": options.visible, "deadline_seconds": options.deadline_seconds},
        "program": {"version": version("sigex-runbook"), "revision": _revision()},
        "finished_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "session": judged.session or {},
        "failure": judged.failure,
        "verdict": judged.verdict,
        "saved": judged.saved,
        "steps": {o: sum(1 for r in judged.records if r.outcome is o) for o in Outcome},
        **({"locators": options.locators.record()} if options.locators else {}),
    }


def _operator() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "неизвестен"


@cache
def _revision() -> str | None:
    """The program's git revision, with a plus when files differed from it when it was first asked;
    None without git."""
    root = home()
    git = shutil.which("git")
    if git is None or not (root / ".git").exists():
        return None
    answer = subprocess.run(  # noqa: S603 - fixed arguments
        [git, "-C", str(root), "describe", "--always", "--dirty=+", "--abbrev=12"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "GIT_OPTIONAL_LOCKS": "0"},
    )
    return answer.stdout.strip() or None

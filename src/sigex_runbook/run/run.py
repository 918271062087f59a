"""One run from the outside: the notebook executed by papermill, the pack completed, the result.

The notebook's kernel gathers evidence in a draft; this process adds what only it can know (the
executed notebook, the report, the verdict as the files tell it) and moves the pack into place.
A kernel that dies or hangs leaves its draft, and the pack says how far the run came.
"""

from __future__ import annotations

import getpass
import os
import secrets
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sigex_runbook.api.line import tls_context
from sigex_runbook.core.access import AccessBlock, AccessSettings
from sigex_runbook.core.errors import NotSealed, RunFailed
from sigex_runbook.core.order import Order, OrderedSystem
from sigex_runbook.core.plan import make_plan, ordered_acts
from sigex_runbook.core.project import find_project, home, settled
from sigex_runbook.core.record import Act, Outcome, PlannedStep, StepRecord
from sigex_runbook.core.verdict import (
    SAVED_WORDS,
    Channel,
    Check,
    CheckResult,
    Failure,
    Saved,
    Verdict,
    VerdictKind,
    reach_verdict,
)
from sigex_runbook.evidence.pack.draft import PackDraft
from sigex_runbook.evidence.pack.junit import junit_xml
from sigex_runbook.evidence.pack.layout import ALIAS_KEY, CONFIDANT, NOTEBOOK, SESSION, VERIFICATION
from sigex_runbook.evidence.privacy.leak import Canaries
from sigex_runbook.evidence.privacy.redaction import Redactor
from sigex_runbook.evidence.sealing.sealing import Sealer, seal_pack
from sigex_runbook.site.browser import find_browser

from .kernel import Execution, kept
from .options import Options, Target, signer_of
from .scenarios import guide_run
from .secrets.channel import Confidences, listening
from .secrets.of_order import secrets_of
from .signals import Interrupted, Interruptions

RUN_FORMAT = "sigex-run/1"

EXIT_CODES = {VerdictKind.PASSED: 0, VerdictKind.FAILED: 1, VerdictKind.PARTIAL: 3}

_WORK = "work"
_OPEN = "Запуск вёл человек из самого блокнота: он ещё открыт, и в пакет его не положить."
_ALIAS_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Result:
    """One order's outcome; `pack` is the sealed pack's folder. `unstamped` says why it has no
    time-stamp, None when it has one."""

    organisation_bin: str
    verdict: Verdict
    nothing_to_do: bool
    pack: Path
    unstamped: str | None
    saved: Saved = Saved.NO

    @property
    def exit_code(self) -> int:
        """0 passed, 1 failed, 3 partial."""
        return EXIT_CODES[self.verdict.kind]


@contextmanager
def embedded_emulator() -> Iterator[tuple[Target, Mapping[str, str]]]:
    """A local SIGEX for as long as it is needed: its target, and `${EMULATOR}` for orders."""
    from sigex_emulator import Emulator

    with (
        TemporaryDirectory(prefix="sigex-emulator-") as folder,
        Emulator(directory=Path(folder)) as emulator,
    ):
        target = Target(emulator.address, emulator.mtls_address, Path(folder) / "ca.pem")
        yield target, {"EMULATOR": folder}


def new_run_id() -> str:
    """Time of the start in UTC and four random characters: sorts by time, never meets another."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}"


def check_ready(order: Order, options: Options) -> None:
    """Refuse, before anything is touched, what would fail anyway: keys, project, browser."""
    signer_of(order)
    for system in (order.information_system, order.control_system):
        if system is not None and system.key is not None:
            tls_context(options.target.ca, system.certificate, system.key)
    find_project()
    find_browser(visible=options.visible)


class RunInterrupted(Interrupted):
    """A signal ended a run; its pack is sealed all the same, and `result` tells of it."""

    def __init__(self, number: int, result: Result) -> None:
        super().__init__(number)
        self.result = result


def run(
    order: Order,
    options: Options,
    *,
    outputs: Path,
    campaign: str,
    sealer: Sealer,
    interruptions: Interruptions | None = None,
) -> Result:
    """Execute the notebook for one order and seal its pack, however the run ended.

    Raises UsageError when the order cannot be begun, NotSealed when the pack could not be sealed,
    RunInterrupted when a signal stopped it; what else goes wrong is in the result.
    """
    check_ready(order, options)
    sealer.check_ready()
    draft = PackDraft.create(outputs.resolve(), campaign, order.organisation.bin, new_run_id())
    confidences = Confidences()
    key = secrets.token_bytes(_ALIAS_KEY_BYTES)
    redactor = Redactor(order.organisation.bin, key, met=lambda n: confidences.tell("iin", n))
    execution = Execution(find_project().notebook)
    stop: KeyboardInterrupt | None = None
    try:
        parameters = _hand_over(draft, order, options, key)
        with (
            listening(confidences) as way,
            settled(),
            (interruptions or Interruptions()).allowed(),
        ):
            (draft.folder / CONFIDANT).write_bytes(way)
            execution.perform(
                parameters, folder=draft.folder, deadline_seconds=options.deadline_seconds
            )
    except KeyboardInterrupt as interrupt:
        stop = interrupt
    finally:
        shutil.rmtree(draft.folder / _WORK, ignore_errors=True)
    stopped = "Запуск прерван: программу остановили." if stop else execution.stopped
    result = complete(
        draft,
        order,
        options,
        sealer,
        redactor,
        met=confidences.canaries,
        notebook=execution.notebook,
        failure=Failure(stopped) if stopped else None,
    )
    if stop is not None:
        raise RunInterrupted(getattr(stop, "number", signal.SIGINT), result) from stop
    return result


def _hand_over(
    draft: PackDraft, order: Order, options: Options, key: bytes
) -> Mapping[str, object]:
    """Put what the kernel needs beside the evidence, and give the notebook's parameters."""
    work = draft.folder / _WORK
    work.mkdir()
    (work / "order.json").write_text(order.model_dump_json(), encoding="utf-8")
    if options.target.ca is not None:
        shutil.copyfile(options.target.ca, work / "ca.pem")
    (draft.folder / ALIAS_KEY).write_bytes(key)
    return {
        "order": f"{_WORK}/order.json",
        "target": options.target.address,
        "mtls_target": options.target.mtls_address or "",
        "ca": f"{_WORK}/ca.pem" if options.target.ca else "",
        "draft": ".",
        "visible": options.visible,
        "deadline_seconds": options.deadline_seconds,
    }


def complete(
    draft: PackDraft,
    order: Order,
    options: Options,
    sealer: Sealer,
    redactor: Redactor,
    *,
    met: Canaries,
    notebook: Any | None,
    failure: Failure | None,
) -> Result:
    """Judge what the draft holds, add what is missing, and seal the pack into its place.

    The `redactor` is the one with which the draft was gathered, or has its key. `met` are the
    secrets that the run met: a pack that holds one is not sealed. Raises NotSealed.
    """
    draft = PackDraft.open(draft.folder, redactor)
    features = find_project().features
    records = _all_steps(draft, guide_run(_acts(draft, order)).values())
    session = draft.read_json(SESSION) if draft.exists(SESSION) else {}
    if session.get("failure"):  # the kernel knows more than its error's words
        failure = Failure(**session.pop("failure"))
    for one in session.pop("removed", ()):
        name = "run.json" if one["file"] == SESSION else one["file"]  # what it said goes there
        draft.count_removed(name, {one["rule"]: one["count"]})
    saved = Saved(session.pop("saved", Saved.NO))
    verdict = reach_verdict(records, _checks(draft), failure)
    for path in sorted(features.glob("*.feature")):
        draft.write_text(f"features/{path.name}", path.read_text(encoding="utf-8"))
    draft.write_text("junit.xml", junit_xml(records))
    draft.write_json("order.json", _order_record(order))
    draft.write_json(
        "run.json",
        {
            "format": RUN_FORMAT,
            "run_id": draft.run_id,
            "organisation_bin": str(order.organisation.bin),
            "information_system": _system_record(order.information_system),
            "target": options.target.address,
            "mtls_target": options.target.mtls_address,
            "operator": _operator(),
            "parameters": {
                "visible": options.visible,
                "deadline_seconds": options.deadline_seconds,
            },
            "program": {"version": version("sigex-runbook"), "revision": _revision()},
            "finished_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "session": session,
            "failure": asdict(failure) if failure else None,
            "verdict": asdict(verdict),
            "saved": saved,
            "steps": {o: sum(1 for r in records if r.outcome is o) for o in Outcome},
            "without_notebook": _OPEN if notebook is None else None,
        },
    )
    (draft.evidence / SESSION).unlink(missing_ok=True)
    if notebook is not None:
        owner = {"run_id": draft.run_id, "organisation_bin": str(order.organisation.bin)}
        text = kept(notebook, redactor, owner, stopped=str(failure) if failure else None)
        draft.count_removed(NOTEBOOK, redactor.hits)
        draft.write_bytes(NOTEBOOK, text)
    nothing_to_do = bool(session.get("nothing_to_do"))
    known = secrets_of(order).and_those_of(met)
    try:
        sealed = seal_pack(draft, sealer.knowing(known), verdict=verdict.kind)
    except RunFailed as error:
        raise NotSealed(f"Пакет не заверен. {error} {SAVED_WORDS[saved]}", saved=saved) from error
    return Result(
        str(order.organisation.bin), verdict, nothing_to_do, sealed.pack, sealed.unstamped, saved
    )


def _acts(draft: PackDraft, order: Order) -> Mapping[int, Act]:
    """What the run was to do in each section: by its plan, or by the order if it made none."""
    try:
        return make_plan(AccessSettings(draft.read_json("state/before.json")), order).acts
    except (RunFailed, ValueError):
        return ordered_acts(order.access)


def _all_steps(draft: PackDraft, planned: Any) -> list[StepRecord]:
    """The steps on disk, completed by those that never ran."""
    records = draft.read_steps()
    done = {record.step.position for record in records}
    step: PlannedStep
    for step in planned:
        if step.position not in done:
            record = StepRecord(step, Outcome.NOT_RUN)
            draft.append_step(record)
            records.append(record)
    return sorted(records, key=lambda r: r.step.position)


def _checks(draft: PackDraft) -> list[Check]:
    if not draft.exists(VERIFICATION):
        return []
    return [
        Check(Channel(raw["channel"]), CheckResult(raw["result"]), raw["detail"])
        for raw in draft.read_json(VERIFICATION)["checks"]
    ]


def _order_record(order: Order) -> dict[str, Any]:
    """What was asked for, without paths and secrets."""
    return {
        "format": order.format,
        "organisation_bin": str(order.organisation.bin),
        "information_system": _system_record(order.information_system),
        "control_system": _system_record(order.control_system) if order.control_system else None,
        "access": {block: order.access[block] for block in AccessBlock},
        "probe_document": order.probe_document,
        "sign_in": order.sign_in.method,
    }


def _system_record(system: OrderedSystem) -> dict[str, str]:
    return {"description": system.description, "key_sha256": system.fingerprint}


def _operator() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "неизвестен"


def _revision() -> str | None:
    """The program's git revision, with a plus when files differ from it; None without git."""
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

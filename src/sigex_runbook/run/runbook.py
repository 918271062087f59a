"""The runbook: what the notebook's cells call, one call a cell.

`open_run` → `section(1)` → `plan()` → `section(2)` … `section(8)` → `verify()` → `guide()` →
`verdict()`.
Everything that is found goes into the pack's draft at once, so that a run that ends early leaves
what it had.
"""

from __future__ import annotations

import platform
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Self, TypeVar, cast

from playwright.sync_api import Browser

from sigex_runbook.core.access import AccessSettings, Difference, Json, differences
from sigex_runbook.core.deadline import Deadline
from sigex_runbook.core.environment import Environment
from sigex_runbook.core.errors import (
    NotRecorded,
    RunbookError,
    RunFailed,
    UsageError,
)
from sigex_runbook.core.guide import load_guide
from sigex_runbook.core.messages import say
from sigex_runbook.core.order import Order
from sigex_runbook.core.plan import Plan, ordered_acts
from sigex_runbook.core.record import Act, Outcome
from sigex_runbook.core.verdict import (
    SAVED_WORDS,
    Channel,
    Check,
    CheckResult,
    Failure,
    Probe,
    Saved,
    Verdict,
    failure_of,
    judge_probes,
    judge_settings,
    reach_verdict,
    unreached,
)
from sigex_runbook.evidence.pack.captures import stored_captures, stored_failure
from sigex_runbook.evidence.pack.draft import PackDraft
from sigex_runbook.evidence.pack.layout import AUDIT, STEPS, VERIFICATION
from sigex_runbook.evidence.pack.records import Overridden, audit_record
from sigex_runbook.evidence.pack.session import BrowserUsed, Clock, Notes, Removed, Session
from sigex_runbook.evidence.privacy.redaction import Redactor
from sigex_runbook.evidence.report.cells.order import OrderView, PlanView
from sigex_runbook.evidence.report.cells.output import working
from sigex_runbook.evidence.report.cells.steps import GuideView, SectionView
from sigex_runbook.evidence.report.cells.verdict import EvidenceView, VerdictView, VerificationView
from sigex_runbook.site.browser import find_browser
from sigex_runbook.site.reading.locators import NONE

from .employee import Assignment, Bridge, Employee, open_employee
from .mtls_probes import probe_document, probe_systems
from .options import Options, with_locators_of
from .progress import Phase, Stage
from .scenarios.features import guide_run
from .scenarios.recorder import Recorder
from .scenarios.runner import ScenarioRunner
from .secrets.channel import SAVED, STAGE, Tell
from .sign_in import sign_in_of
from .signals import held
from .warmth import session_for

T = TypeVar("T")
P = TypeVar("P", SectionView, PlanView, VerificationView)

_SETTINGS_SECTION = 2
"""The plan reads what section 2 opens: the organisation's settings."""

_LAST_SECTION = 8
_PLAN, _VERIFICATION = "план", "проверка"
_CELLS = (1, _PLAN, *range(2, _LAST_SECTION + 1), _VERIFICATION)
"""What is performed once, in this order: the sections by their numbers, and what is between."""


_INTERRUPTED = "Запуск прерван. Выполните блокнот с начала: повтор сначала прочтёт настройки."

Performed = SectionView | PlanView | VerificationView
"""What one cell of the notebook shows."""


@dataclass(frozen=True, slots=True)
class Ended:
    """What came of a run that its own process sealed. `fails` is the sentence with which the
    verdict's cell fails, so that whoever executes the notebook knows; None for a success."""

    verdict: Verdict
    evidence: EvidenceView
    fails: str | None


class Runbook:
    """One run of the guide for one order: `open` it, walk, read the verdict. Notebooks use
    `open_run`."""

    def __init__(
        self,
        order: Order,
        options: Options,
        draft: PackDraft,
        *,
        tell: Tell,
        at_end: Callable[[Failure | None, VerdictView], Ended | None] | None = None,
        bridge: Bridge | None = None,
        redactor: Redactor | None = None,
    ) -> None:
        """`tell` learns every secret that the run meets, for the scan before the pack is sealed.

        `at_end` is called once when all is closed, with what stopped the run or None, and with
        what its last cell would show.

        The `redactor` is given by who completes the pack: one run, one alias for one person.

        A `bridge` stands in for the order's own way of signing (see `open_employee`).
        """
        self._tell = tell
        self._bridge = bridge
        self.order = order
        self._at_end = at_end
        self._ended: Ended | None = None
        self._failure: Failure | None = None
        self._options = options = with_locators_of(order, options)
        self._redactor = redactor or Redactor(
            order.organisation.bin, met=lambda number: tell("iin", number)
        )
        self._draft = PackDraft.open(draft.folder, self._redactor)
        self._closing = ExitStack()
        self._closed = False
        self._shown: dict[int | str, Performed | RunbookError] = {}
        self._probes: list[Probe] = []
        self._checks: list[Check] = []
        self._plan: Plan | None = None
        self._document: tuple[str, Json] | None = None
        self._deadline = Deadline(options.deadline_seconds)
        self._browser = find_browser(visible=options.visible)
        self._recorder = Recorder(
            self._draft,
            self._redactor,
            guide_run(ordered_acts(order.access)),
            environment=options.target.address,
            deadline=self._deadline,
            at_saving=self._note_saving,
            at_step=lambda step: self._tell_stage(Stage(Phase.SECTION, step.section, step.text)),
        )
        self._closing.callback(self._recorder.close)
        session, kept = session_for(options, self._browser)
        self._runner = ScenarioRunner(
            session, self._open_employee, self._recorder, self._deadline, kept=kept
        )
        self._closing.callback(self._runner.stop)

    def open(self) -> Self:
        """Open the browser and collect the scenarios. Raises RunFailed; the run is over then."""
        self._note_session()
        self._tell_stage(Stage(Phase.BROWSER))
        self._guarded(self._runner.start)
        return self

    def walk(self) -> Iterator[Performed]:
        """Perform the whole guide in its order, one cell of the notebook after another.

        Raises what the cells raise; whoever walks looks at each result, or meddles, in between.
        """
        yield self.section(1)
        yield self.plan()
        for number in range(2, _LAST_SECTION + 1):
            yield self.section(number)
        yield self.verify()

    # -- the notebook's cells

    def order_view(self) -> OrderView:
        """What is going to be done, for the reader."""
        given = self._options.locators
        overridden = Overridden.read(given.record()) if given else None
        return OrderView(self.order, self._environment, self._draft.run_id, overridden)

    def section(self, number: int) -> SectionView:
        """Perform one section of the guide and show its steps and pictures.

        Raises the failure of its first failed step; the run is over then.
        """

        def perform() -> SectionView:
            self._perform(number)
            return self._section_view(number)

        return self._once(number, perform)

    def plan(self) -> PlanView:
        """Read the settings and compute what they shall be; ask the information systems too."""

        def make() -> PlanView:
            self._runner.do(self._make_plan)
            return PlanView(self._the_plan())

        return self._once(_PLAN, make, section=_SETTINGS_SECTION)

    def verify(self) -> VerificationView:
        """Look at the result in three ways that must agree: screen, settings API, mTLS.

        It ends the employee's session, so that what holds only as long as that is found out.
        """

        def look() -> VerificationView:
            moved = self._runner.do(self._verify)
            return VerificationView(self._checks, self._probes, moved)

        return self._once(_VERIFICATION, look)

    def guide(self) -> GuideView:
        """Every action of the guide with the scenario that performs it and how its step ended."""
        return GuideView(self._recorder.planned, self._recorder.records)

    def verdict(self) -> VerdictView:
        """Compute the verdict from the record and end the run.

        Raises RunFailed, having shown it, where a verdict like this one is to fail the notebook.
        """
        self.close()
        view = self._verdict_view()
        if self._ended is None:
            return view
        view = replace(view, verdict=self._ended.verdict, evidence=self._ended.evidence)
        if self._ended.fails is not None:
            view.show()
            raise RunFailed(self._ended.fails)
        return view

    def close(self) -> None:
        """Close the browser and complete the record; nothing when that is done."""
        if self._closed:
            return
        self._closed = True
        with held():
            self._closing.close()
            self._draft.count_removed(STEPS, self._redactor.hits)  # of notes, messages and names
            with suppress(NotRecorded):  # whoever completes the pack says how far the disk went
                self._note_session()
            if self._at_end is not None:
                self._ended = self._at_end(self._failure, self._verdict_view())

    # -- how

    @property
    def _environment(self) -> Environment:
        return Environment(self._options.target.address)

    def _verdict_view(self) -> VerdictView:
        idle = self._plan is not None and self._plan.nothing_to_do
        saved = self._recorder.saved
        return VerdictView(self._verdict(), self._environment, saved, nothing_to_do=idle)

    def _verdict(self) -> Verdict:
        return reach_verdict(self._recorder.records, self._checks, self._failure)

    def _once(self, cell: int | str, task: Callable[[], P], *, section: int | None = None) -> P:
        """Perform a cell; executed again, it shows again what came of it.

        Raises UsageError for a cell whose turn it is not: the run goes on.
        """

        def busy() -> P:
            with working(_doing(cell)):
                return task()

        if cell not in self._shown:
            if self._closed:
                raise RunFailed("Запуск уже закончен. Начните новый: выполните блокнот с начала.")
            turn = next((one for one in _CELLS if one not in self._shown), _VERIFICATION)
            if cell != turn:
                raise UsageError(
                    f"Сейчас очередь ячейки «{_called(turn)}», а выполняется «{_called(cell)}». "
                    "Выполните ячейки блокнота по порядку."
                )
            self._tell_stage(_stage(cell))
            try:
                self._shown[cell] = self._guarded(busy, section=section)
            except RunbookError as error:
                self._shown[cell] = error
                raise
        shown = self._shown[cell]
        if isinstance(shown, RunbookError):
            raise shown
        return cast(P, shown)

    def _guarded(self, task: Callable[[], T], *, section: int | None = None) -> T:
        """Do a task; whatever goes wrong ends the run and rises as one clean sentence.

        `section` is the guide's section that the task belongs to, where the error names none.
        """
        try:
            self._deadline.check()
            return task()
        except (Exception, KeyboardInterrupt) as broken:
            error = broken if isinstance(broken, Exception) else RunFailed(_INTERRUPTED)
            error = self._deadline.cause(error)
            self._recorder.break_off(error)
            failed = self._recorder.failure
            self._failure = (
                failure_of(failed[0])
                if failed
                else Failure(
                    self._recorder.sentence(error),
                    getattr(error, "section", None) or section,
                    getattr(error, "callout", None),
                )
            )
            self.close()
            if self._ended is not None:
                self._ended.evidence.show()
            if isinstance(error, UsageError):
                raise
            told = str(self._failure)
            if self._recorder.saved is not Saved.NO:
                told += f" {SAVED_WORDS[self._recorder.saved]}"
            raise RunFailed(
                told, section=self._failure.section, callout=self._failure.callout
            ) from broken

    def _perform(self, number: int) -> None:
        self._runner.section(number, self._act(number))
        self._recorder.settle()
        if self._recorder.unrecorded is not None:
            raise self._recorder.unrecorded
        if self._recorder.failure is not None:
            self._section_view(number).show()
            record, error = self._recorder.failure
            failure = failure_of(record)
            raise RunFailed(
                failure.message, section=failure.section, callout=failure.callout
            ) from error
        unproved = self._recorder.unproved(number)
        if unproved is not None:
            raise RunFailed(
                f"Шаг «{unproved.text}» не выполнен или не снят на экране, хотя ошибки не было. "
                "Верните папки features и steps в исходный вид и повторите.",
                section=number,
                callout=unproved.callout,
            )

    def _act(self, number: int) -> Act:
        acts = self._plan.acts if self._plan else {}
        return acts.get(number, Act.GRANT)

    def _section_view(self, number: int) -> SectionView:
        records = [r for r in self._recorder.records if r.step.section == number]
        failed = any(r.outcome is Outcome.FAILED for r in records)
        return SectionView(
            load_guide().section(number),
            records,
            [(c.facts, c.annotated_png) for c in stored_captures(self._draft, number)],
            stored_failure(self._draft) if failed else None,
        )

    def _the_plan(self) -> Plan:
        assert self._plan is not None  # noqa: S101 - cells are performed in their order
        return self._plan

    def _open_employee(self, browser: Browser) -> AbstractContextManager[Employee]:
        assignment = Assignment(
            self.order,
            self._options.target,
            sign_in_of(self.order, visible=self._options.visible),
            self._deadline,
            self._recorder,
            record=self._recorder.exchanged,
            tell=self._tell,
            overrides=self._options.locators.overrides if self._options.locators else NONE,
        )
        return open_employee(browser, assignment, bridge=self._bridge)

    # -- on the scenarios' thread

    def _make_plan(self, employee: Employee) -> None:
        identity = employee.check_organisation()
        self._recorder.identity = self._redactor.text(
            f"{identity.name}, {identity.organisation_name or ''} (БИН {identity.organisation_bin})"
        )
        plan = employee.read_plan()
        employee.journal.mark()
        self._draft.write_json("state/before.json", plan.before.body)
        self._draft.write_json("state/expected.json", plan.expected.body)
        self._document = probe_document(employee.api, self.order)
        self._plan = plan
        self._recorder.plan(guide_run(plan.acts))
        self._probe("before", plan.before)
        self._note_verification()
        silent = unreached(self._probes)
        if silent is not None:
            raise RunFailed(
                f"Информационная система «{silent.system}» не получила внятного ответа: "
                f"{silent.detail.rstrip('.')}. Доступ будет не проверить, поэтому настройки не "
                "изменены. "
                "Проверьте адрес в --mtls-target и ключ в заказе и запустите снова."
            )

    def _verify(self, employee: Employee) -> tuple[Difference, ...]:
        plan = self._the_plan()
        employee.check_same_person("Настройки после сохранения не сверены.")
        after = employee.settings()
        moved = differences(plan.before, after)
        self._draft.write_json("state/after.json", after.body)
        self._draft.write_json("state/diff.json", [asdict(d) for d in moved])
        audit = employee.journal.news()
        self._draft.write_json(AUDIT, audit_record(audit))
        self._checks = [self._screen_check(), judge_settings(plan, after, audit)]
        # Read again: what somebody has changed in the document since must not be written back.
        self._document = probe_document(employee.api, self.order)
        employee.sign_out()
        self._probe("after", plan.expected)
        self._checks.append(judge_probes(self._probes))
        self._note_verification()
        return moved

    def _note_verification(self) -> None:
        self._draft.write_json(
            VERIFICATION,
            {
                "checks": [asdict(check) for check in self._checks],
                "probes": [asdict(probe) for probe in self._probes],
            },
            overwrite=True,
        )

    def _screen_check(self) -> Check:
        last = [r for r in self._recorder.records if r.step.section == _LAST_SECTION]
        passed = bool(last) and all(r.outcome is Outcome.PASSED for r in last)
        return Check(
            Channel.SCREEN,
            CheckResult.AGREES if passed else CheckResult.DISAGREES,
            say("screen.agrees" if passed else "screen.disagrees"),
        )

    def _probe(self, moment: str, settings: AccessSettings) -> None:
        self._probes += probe_systems(
            self.order,
            self._the_plan(),
            self._options.target,
            moment=moment,
            settings=settings,
            document=self._document,
            record=self._recorder.exchanged,
            deadline=self._deadline,
        )

    def _tell_stage(self, stage: Stage) -> None:
        self._tell(STAGE, stage.to_text())

    def _note_saving(self, saved: Saved) -> None:
        self._tell(SAVED, saved)
        self._note_session()

    def _note_session(self) -> None:
        """What only this process knows, for whoever completes the pack."""
        session = Session(
            BrowserUsed(self._browser.kind, self._browser.version),
            platform.python_version(),
            self._recorder.identity,
            Clock(
                datetime.now(UTC).astimezone().isoformat(timespec="seconds"),
                time.tzname[0],
                self._recorder.clock_offset_seconds,
            ),
            self._plan.nothing_to_do if self._plan else None,
        )
        removed = tuple(Removed(**one) for one in self._draft.removed)
        Notes(session, self._failure, removed, self._recorder.saved).write(self._draft)


def _stage(cell: int | str) -> Stage:
    if isinstance(cell, int):
        return Stage(Phase.SECTION, cell)
    return Stage(Phase.PLAN if cell == _PLAN else Phase.VERIFICATION)


def _doing(cell: int | str) -> str:
    if isinstance(cell, int):
        return f"Выполняю раздел {cell} инструкции: «{load_guide().section(cell).title.ru}»."
    return {
        _PLAN: "Читаю настройки организации и пробую доступы информационных систем.",
        _VERIFICATION: "Проверяю экран, настройки целиком и доступы информационных систем.",
    }[cell]


def _called(cell: int | str) -> str:
    return f"Раздел {cell}" if isinstance(cell, int) else cell

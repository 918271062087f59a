"""The settings read as a run would read them, and nothing done about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from playwright.sync_api import Browser
from playwright.sync_api import Error as PlaywrightError
from securesystemslib.signer import Signer

from sigex_runbook.core.deadline import Deadline
from sigex_runbook.core.error_causes import why
from sigex_runbook.core.errors import RunFailed
from sigex_runbook.core.order import Order
from sigex_runbook.core.verdict import Saved
from sigex_runbook.evidence.pack.canonical import plain
from sigex_runbook.evidence.pack.records import order_record
from sigex_runbook.evidence.privacy.redaction import Redactor
from sigex_runbook.run.employee import Assignment, Employee, browser_for, open_employee
from sigex_runbook.run.options import Options, with_locators_of
from sigex_runbook.run.secrets.channel import Confidences
from sigex_runbook.run.secrets.of_order import secrets_of
from sigex_runbook.run.sign_in import SignIn, sign_in_of
from sigex_runbook.site.reading.locators import NONE
from sigex_runbook.site.screenshot import Sighting

from .record import PlanRecord, sign


@dataclass(frozen=True, slots=True)
class SignedPlan:
    """What was read and follows from it, and the bytes of its signed record."""

    record: PlanRecord
    data: bytes


class _Nobody:
    """Looks over nobody's shoulder: a plan has no pictures."""

    def seen(self, sighting: Sighting) -> None:
        """Nothing is kept."""

    def note(self, text: str) -> None:
        """Nothing is kept."""

    def saving(self, saved: Saved) -> None:
        """Never said: nothing is saved."""


Look = Callable[[Browser], PlanRecord]
"""What is done in a browser."""


def read_plan(
    order: Order,
    options: Options,
    signer: Signer,
    within: Callable[[Look], PlanRecord] | None = None,
) -> SignedPlan:
    """Sign in through the page, read the settings, sign out, sign what was found; in a browser of
    its own, or in the one in which `within` has it done.

    Raises UsageError for a key or a password that does not fit, RunFailed when nothing was read.
    """
    redactor, met = Redactor(order.organisation.bin), Confidences()
    sign_in = sign_in_of(order, visible=options.visible)
    deadline = Deadline(options.deadline_seconds)
    assignment = _assignment(order, with_locators_of(order, options), sign_in, deadline, met)

    def look(browser: Browser) -> PlanRecord:
        with open_employee(browser, assignment) as employee:
            return _look(employee, redactor)

    try:
        if within is not None:
            record = within(look)
        else:
            with browser_for(options.target, visible=options.visible) as browser:
                record = look(browser)
    except (RunFailed, PlaywrightError) as broken:
        error = deadline.cause(broken)
        told = (
            str(error)
            if isinstance(error, RunFailed)
            else f"Неожиданный сбой: {why(error)}. Ничего не изменено; запустите снова."
        )
        raise RunFailed(redactor.text(told)) from broken
    known = secrets_of(order).and_those_of(sign_in.secrets).and_those_of(met.canaries)
    return SignedPlan(record, sign(record, signer, known))


def _assignment(
    order: Order, options: Options, sign_in: SignIn, deadline: Deadline, met: Confidences
) -> Assignment:
    return Assignment(
        order,
        options.target,
        sign_in,
        deadline,
        _Nobody(),
        tell=met.tell,
        overrides=options.locators.overrides if options.locators else NONE,
        read_only=True,
    )


def _look(employee: Employee, redactor: Redactor) -> PlanRecord:
    employee.ensure_signed_in()
    who = employee.check_organisation()
    plan = employee.read_plan()
    return PlanRecord(
        redactor.value(plain(order_record(employee.order))),
        employee.target.address,
        redactor.text(f"{who.name}, {who.organisation_name or ''}"),
        datetime.now(UTC).replace(microsecond=0),
        employee.api.clock_offset_seconds,
        redactor.value(plan.before.body),
        plan.changes,
    )

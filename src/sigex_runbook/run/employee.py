"""The employee who performs the scenarios: one order, one service, one browser page.

The runbook and the spec suite set it up differently; the steps know nothing else.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property

from playwright.sync_api import Browser, BrowserContext, sync_playwright

from sigex_runbook.api.client import Api, Identity
from sigex_runbook.api.exchange import Recorder
from sigex_runbook.api.journal import Journal
from sigex_runbook.api.line import tls_context
from sigex_runbook.api.refusals import ACCESS_DENIED, AUTHENTICATION_REQUIRED
from sigex_runbook.core.access import AccessBlock, AccessSettings, differences
from sigex_runbook.core.deadline import Deadline
from sigex_runbook.core.errors import (
    GuideBroken,
    NotRecorded,
    RunFailed,
    ServiceRefused,
    ServiceUnavailable,
    SignInFailed,
)
from sigex_runbook.core.guide import load_guide
from sigex_runbook.core.order import Order
from sigex_runbook.core.plan import Plan, make_plan
from sigex_runbook.signing import NCALayer
from sigex_runbook.signing.bridge import attach
from sigex_runbook.site.browser import Browser as FoundBrowser
from sigex_runbook.site.browser_launch import launch
from sigex_runbook.site.pages.bystanders import Observer
from sigex_runbook.site.pages.screen import Screen
from sigex_runbook.site.reading.locators import NONE, Overrides
from sigex_runbook.site.server_pin import server_pin
from sigex_runbook.site.session import Visit, visit
from sigex_runbook.site.site import Site

from .browser_session import BrowserSession
from .options import Target
from .progress import Phase, Stage
from .secrets.channel import STAGE, Tell
from .secrets.traffic import overheard
from .sign_in import SignIn

Bridge = Callable[[BrowserContext], None]
"""Puts an NCALayer into a browser context, or leaves it without one."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """What an employee is to do, where, how they sign in, and who looks on.

    `tell` learns the secrets of the visit, for the leak scan. Who is to read only cannot send
    anything but questions past the screen either.
    """

    order: Order
    target: Target
    sign_in: SignIn
    deadline: Deadline
    observer: Observer
    record: Recorder | None = None
    tell: Tell | None = None
    overrides: Overrides = NONE
    read_only: bool = False


class Employee:
    """Tasks that make a state hold (`ensure_…`, nothing when it does) and questions about it."""

    def __init__(self, assignment: Assignment, opened: Visit) -> None:
        self._assignment = assignment
        self.order = assignment.order
        self.target = assignment.target
        self._context = opened.context
        self._api: Api | None = None
        self._identity: Identity | None = None
        self._signed_out = False
        self._ticked: set[AccessBlock] = set()
        self._names: tuple[str, ...] = ()
        self.site = Site(
            Screen(
                opened.page,
                self.target.address,
                keep=str(self.order.organisation.bin),
                deadline=assignment.deadline,
                observer=assignment.observer,
                backstage=self,
                overrides=assignment.overrides,
            )
        )

    # -- what the reader of the screen may know

    def signed_in(self) -> bool:
        """Whether the page's session is somebody's."""
        try:
            found = self.api.identity()
        except (SignInFailed, ServiceRefused):
            return False
        self._names = (found.name, found.organisation_name or "")
        return True

    def person(self) -> tuple[str, ...]:
        """Names that the page may call the employee by."""
        return self._names

    def settings_before(self) -> AccessSettings | None:
        """The settings as they were before anything was touched; None where they are refused."""
        try:
            return self._before
        except ServiceRefused:
            return None

    def settings_expected(self) -> AccessSettings:
        """What may be saved."""
        return self.plan.expected

    # -- state of the screen

    def ensure_start(self) -> None:
        """The start page is open."""
        self.site.open_start()

    def sign(self) -> None:
        """Sign in on the sign-in page by the order's method."""
        sign_in, tell = self._assignment.sign_in, self._assignment.tell
        if sign_in.waits and tell is not None:
            tell(STAGE, Stage(Phase.SECTION, 1, sign_in.waits).to_text())
        sign_in.sign(self.site)

    def check_organisation(self) -> Identity:
        """Who is signed in. Raises SignInFailed unless it is the order's organisation."""
        identity = self.api.identity()
        if self._assignment.tell is not None:
            self._assignment.tell("iin", identity.user_id.removeprefix("IIN"))
        ordered = str(self.order.organisation.bin)
        if identity.organisation_bin != ordered:
            found = (
                f"от имени организации с БИН {identity.organisation_bin}"
                if identity.organisation_bin
                else "как физическое лицо"
            )
            raise SignInFailed(
                f"Вход выполнен {found}, а заказ — для БИН {ordered}. Настройки не тронуты; "
                "возьмите сертификат сотрудника этой организации или исправьте заказ."
            )
        if self._assignment.sign_in.person not in {None, identity.user_id}:
            raise SignInFailed(
                "Сервис открыл сеанс другого человека, а не владельца ключа из заказа. Настройки "
                "не тронуты; повторите, а если это повторится, сообщите владельцу сервиса."
            )
        self._identity = identity
        self._names = (identity.name, identity.organisation_name or "")
        return identity

    def check_same_person(self, so_far: str) -> None:
        """The session is still whose it was at first; `so_far` is what the operator is told of the
        settings if it is not. Raises SignInFailed."""
        if self._identity is None:
            self.check_organisation()
            return
        found = self.api.identity()
        if found.organisation_bin != self._identity.organisation_bin:
            owner = f"БИН {found.organisation_bin}" if found.organisation_bin else "без организации"
        elif found.user_id != self._identity.user_id:
            owner = "другой сотрудник той же организации"
        else:
            return
        raise SignInFailed(
            f"Пока шла работа, сеанс на сервисе стал чужим: теперь вошедший — {owner}. {so_far} "
            "Запустите снова, а если это повторится, сообщите владельцу сервиса."
        )

    def ensure_signed_in(self) -> None:
        """An employee of the order's organisation is signed in."""
        if not self.site.signed_in():
            self.site.open_start()
            self.site.click_unseen(1)
            self.sign()
            self.check_organisation()

    def ensure_settings(self) -> None:
        """The organisation settings are open."""
        if not self.site.on_settings():
            self.ensure_signed_in()
            self.site.click_unseen(2)
            self.site.click_unseen(3)
            self.site.await_settings()

    def check_settings(self) -> Plan:
        """The settings are open, and a plan can be made of them.

        Raises RunFailed when they are another organisation's, or lack the information system.
        """
        self.site.await_settings()
        return self.plan

    def ensure_access_control(self) -> None:
        """The access control subsection is open; a page of its own may hold nothing else."""
        if self.site.on_access_control():
            return
        self.ensure_settings()
        if not self.site.came_to_access_control():
            self.site.click_unseen(4)
            self.site.await_access_control()

    def ensure_ticks(self) -> None:
        """In all four blocks the information system's tick is as ordered, not necessarily saved.

        A tick that a section has set already must still be there: setting it again quietly would
        hide that the page lost it. Raises GuideBroken.
        """
        self.ensure_access_control()
        for block in AccessBlock:
            self.site.expand(block)
            changed = self.site.set_tick(block, self.description, self.plan.wanted(block))
            if changed and block in self._ticked:
                raise GuideBroken(
                    f"{load_guide().section_for(block).title.ru}: галочка была поставлена, как "
                    "заказано, а теперь стоит иначе. Ничего не сохранено; сравните страницу с "
                    "инструкцией: возможно, сервис изменился."
                )

    # -- callouts

    def tick(self, callout: int) -> bool:
        """Bring the tick of a callout to the ordered state; True when it had to be pressed."""
        block = load_guide().section_of(callout).block
        if block is None:
            raise KeyError(f"callout {callout} is not about an access block")
        pressed = self.site.tick_at(callout, self.description, self.plan.wanted(block))
        self._ticked.add(block)
        return pressed

    def save(self, callout: int) -> None:
        """Save, once; not at all when there is nothing to do.

        Saving replaces the whole object (sigex-facts 3.4, inferred): what somebody else stored
        since the page was loaded would be lost. So the settings are read once more before the
        button is pressed, and whatever moved stops the run; so does a session that is another's by
        now. Raises RunFailed.
        """
        if not self.plan.nothing_to_do:
            try:
                self._check_before_saving()
            except RunFailed as error:
                error.section = load_guide().section_of(callout).number
                error.callout = callout
                raise
        self.site.save_at(callout, needed=not self.plan.nothing_to_do)

    def _check_before_saving(self) -> None:
        try:
            self.check_same_person("Ничего не сохранено.")
            moved = differences(self.plan.before, self.settings())
        except ServiceRefused as refused:
            if refused.reason in {AUTHENTICATION_REQUIRED, ACCESS_DENIED}:
                return  # the save itself will be refused, and the screen says why
            raise
        if moved:
            raise RunFailed(
                f"Пока шла работа, настройки организации изменил кто-то другой ({moved[0].path}). "
                "Ничего не сохранено, чужие изменения целы; запустите снова, повтор начнёт с них."
            )

    # -- questions

    @property
    def description(self) -> str:
        """How the screen names the ordered information system."""
        return self.order.information_system.description

    @property
    def api(self) -> Api:
        """The API in the signed-in employee's name. Raises SignInFailed when nobody is."""
        if self._api is None:
            session = BrowserSession(self._context, self.target.address, self._assignment.tell)
            if session.cookie is None:
                raise SignInFailed("Сервис не начал сеанс: вход не выполнен. Запустите снова.")
            self._api = Api(
                self.target.address,
                actor="employee",
                context=tls_context(self.target.ca),
                session=session,
                record=self._assignment.record,
                deadline=self._assignment.deadline,
                read_only=self._assignment.read_only,
            )
        return self._api

    @cached_property
    def plan(self) -> Plan:
        """Settings before anything was touched, and what they shall be; read once."""
        return make_plan(self._before, self.order)

    def read_plan(self) -> Plan:
        """The plan; raises RunFailed when the settings are not shown to who is signed in."""
        try:
            return self.plan
        except ServiceRefused as refused:
            if refused.reason == AUTHENTICATION_REQUIRED:
                raise
            raise RunFailed(
                f"Сотрудник вошёл, но настройки организации ему не открыты («{refused.reason}»). "
                "Нужен сертификат сотрудника с правом их изменять; ничего не изменено.",
                section=2,
            ) from refused

    @cached_property
    def _before(self) -> AccessSettings:
        return self.api.settings()

    @cached_property
    def journal(self) -> Journal:
        """The service's journal of changes, for the signed-in employee."""
        identity = self._identity or self.check_organisation()
        return Journal(self.api, identity.user_id)

    def settings(self) -> AccessSettings:
        """The settings as they are now."""
        return self.api.settings()

    def ticks(self) -> dict[AccessBlock, bool]:
        """What the screen shows for the information system, block by block."""
        self.ensure_access_control()
        shown = {}
        for block in AccessBlock:
            self.site.expand(block)
            shown[block] = self.site.is_ticked(block, self.description)
        return shown

    def wanted_ticks(self) -> dict[AccessBlock, bool]:
        """What the order wants the screen to show in the end."""
        return {block: self.plan.wanted(block) for block in AccessBlock}

    def sign_out(self) -> None:
        """End the employee's session at the service; nothing when there is none."""
        if self._api is None or self._signed_out:
            return
        self._signed_out = True
        with contextlib.suppress(ServiceUnavailable, ServiceRefused):
            self._api.sign_out()  # a session that is over already, or a service that is gone

    def close(self) -> None:
        """End the session at the service and give the API's connections back."""
        try:
            with contextlib.suppress(NotRecorded):  # said already, or about to be
                self.sign_out()
        finally:
            if self._api is not None:
                self._api.close()


@contextmanager
def browser_for(
    target: Target, *, browser: FoundBrowser | None = None, visible: bool = False
) -> Iterator[Browser]:
    """A browser (found when not given), started for what is done at one service; of this thread."""
    pins = [server_pin(target.address, target.ca.read_bytes())] if target.ca is not None else []
    with (
        sync_playwright() as playwright,
        launch(
            playwright, browser=browser, address=target.address, pins=pins, visible=visible
        ) as running,
    ):
        yield running


@contextmanager
def open_employee(
    browser: Browser, assignment: Assignment, *, bridge: Bridge | None = None
) -> Iterator[Employee]:
    """An employee in a fresh browser context; with a signer, NCALayer is answered inside it.

    A `bridge` answers in its place, for trials of what goes wrong on an employee's computer.
    """
    with visit(browser) as opened, ExitStack() as leaving:
        if assignment.tell is not None:
            leaving.enter_context(overheard(opened.context, assignment.tell))
        if bridge is not None:
            bridge(opened.context)
        elif assignment.sign_in.signer is not None:
            attach(opened.context, NCALayer(assignment.sign_in.signer))
        employee = Employee(assignment, opened)
        try:
            yield employee
        finally:
            employee.close()

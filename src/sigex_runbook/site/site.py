"""The service's screen as an employee uses it: tasks in the guide's order, and questions about it.

Tasks that belong to a callout take its number; everything about it comes from the guide.
"""

from __future__ import annotations

import contextlib
from typing import Protocol
from urllib.parse import urlsplit

from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Locator, Page
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from sigex_runbook.core.access import AccessBlock
from sigex_runbook.core.deadline import Deadline
from sigex_runbook.core.error_causes import why, wrong_address
from sigex_runbook.core.errors import (
    ControlNotFound,
    DeadlinePassed,
    GuideBroken,
    RunFailed,
    ServiceUnavailable,
    SignInFailed,
)
from sigex_runbook.core.messages import say
from sigex_runbook.core.verdict import Saved

from . import guide_labels as words
from .controls import Control, any_block, either, present, texts
from .finder import Finder
from .saving import answer_of, is_save
from .screenshot import Sighting, look_around
from .survey import Sought
from .ticks import Ticks

_PAGE_MS = 20_000
_PERSON_MS = 86_400_000  # no limit of its own: the run's deadline is shorter
_MENU_CALLOUT = 2
_ACCESS_CONTROL_CALLOUT = 4
_SETTINGS_PATH = "/organization-settings"  # sigex-facts 2.1 (inferred)


class Observer(Protocol):
    """Who looks over the employee's shoulder."""

    def seen(self, sighting: Sighting) -> None:
        """A callout's control was found and photographed."""

    def note(self, text: str) -> None:
        """Something that the reader of the record should know."""

    def saving(self, saved: Saved) -> None:
        """The save button is about to be pressed, or what came of it."""


class Site:
    """One page of one browser context. `keep` is the BIN whose digits stay readable in pictures."""

    def __init__(
        self, page: Page, address: str, *, keep: str, deadline: Deadline, observer: Observer
    ) -> None:
        self.page = page
        self._address = address
        self._keep = keep
        self._deadline = deadline
        self._observer = observer
        self._finder = Finder(page, deadline)
        self._ticks = Ticks(self._finder)

    # -- section 1

    def open_start(self) -> None:
        """Open the start page."""
        self._goto("/")

    def signed_in(self) -> bool:
        """Whether the header shows a signed-in person's menu, once it shows anything."""
        if self.page.url == "about:blank":
            return False
        # Before its styles are there, a page may show what it is going to hide.
        with contextlib.suppress(PlaywrightTimeout):
            self.page.wait_for_load_state("load", timeout=self._finder.timeout_ms())
        if not present(self.page, "menu_icon"):
            self._settle("menu_icon", "sign_in_icon", "sign_button")
        return present(self.page, "menu_icon")

    def sign(self, *, as_long_as_the_run: bool = False) -> None:
        """On the sign-in page, sign with NCALayer and wait for what comes of it.

        With a person at NCALayer's window the wait is `as_long_as_the_run`. Raises SignInFailed
        with the page's own words when it shows a message.
        """
        self._finder.find(Sought("sign_button", "кнопка подписи NCALayer")).click()
        self._await_sign_in(_PERSON_MS if as_long_as_the_run else _PAGE_MS)
        if not self.signed_in():
            raise SignInFailed(
                f"Вход не выполнен, сервис сообщил: «{self.message()}». Настройки не тронуты; "
                "устраните причину и запустите снова."
            )

    def await_person(self) -> None:
        """Wait until a person has signed in by hand in the window, as long as the run may last.

        A message on the page is not the end: the person may try again. Raises DeadlinePassed when
        the time is up.
        """
        signed_in = either(self.page, "menu_icon")
        try:
            signed_in.wait_for(state="visible", timeout=self._deadline.timeout_ms(_PERSON_MS))
        except PlaywrightTimeout:
            told = f"; сервис сообщил: «{self.message()}»" if self.message() else ""
            raise DeadlinePassed(
                f"За отведённое время никто не вошёл{told}. Настройки не тронуты; запустите снова "
                "и подпишите вход в открытом окне (время задаёт --deadline)."
            ) from None

    def message(self) -> str:
        """The page's message to the person, or an empty text."""
        shown = either(self.page, "message")
        return " ".join(shown.inner_text().split()) if shown.count() else ""

    def await_message(self) -> str:
        """The page's message to the person, waited for. Raises GuideBroken when none comes."""
        try:
            either(self.page, "message").wait_for(timeout=self._finder.timeout_ms())
        except PlaywrightTimeout:
            raise GuideBroken("Страница не показала сообщения, а должна была.") from None
        return self.message()

    # -- sections 2 and 3

    def await_menu(self) -> None:
        """Wait until the person's menu is open. Raises ControlNotFound."""
        self._finder.find(Sought("sign_out", "пункт выхода в меню"))

    def offers_organisation_settings(self) -> bool:
        """Whether the open menu holds «Настройки организации»."""
        return present(self.page, "organisation_settings_item")

    def on_settings(self) -> bool:
        """Whether the organisation settings are shown, once the page shows anything."""
        if not _in_settings(self._path()):
            return False
        if not present(self.page, "access_control_link"):
            # The heading is there before the content, and content may open a part by itself.
            self._settle("access_control_link", "message")
        return present(self.page, "settings_heading")

    def open_settings_by_address(self) -> None:
        """Go straight to the settings page, as a bookmark would."""
        self._goto(_SETTINGS_PATH)

    def await_settings(self) -> None:
        """Wait for the settings page's content.

        Raises GuideBroken when it does not come, or a message of the service in its place.
        """
        try:
            self.page.wait_for_url(
                lambda url: _in_settings(urlsplit(url).path),
                timeout=self._finder.timeout_ms(),
            )
            self._finder.find(Sought("settings_heading", "заголовок настроек организации"))
        except PlaywrightTimeout:
            raise GuideBroken(
                f"Настройки организации не открылись (адрес страницы {self._path()}). "
                "Сравните страницу с инструкцией."
            ) from None
        self._await_content()
        if present(self.page, "message") and not self._has_content():
            raise GuideBroken(
                f"Вместо настроек организации сервис сообщил: «{self.message()}». Ничего не "
                "изменено; устраните причину и запустите снова."
            )

    def offers_access_control(self) -> bool:
        """Whether the page holds the link to access control."""
        return present(self.page, "access_control_link")

    def on_access_control(self) -> bool:
        """Whether the blocks are to be seen; which ones, their own sections find out."""
        return any_block(self.page).count() > 0

    def came_to_access_control(self) -> bool:
        """Whether the settings page shows the blocks of its own accord, once it shows anything.

        An address may lead straight to them: pressing the link then would close them again.
        """
        self._await_content()
        return self.on_access_control()

    def await_access_control(self) -> None:
        """Wait until blocks are shown; which ones, their own sections find out.

        Raises GuideBroken when the link of callout (4) has shown none.
        """
        shown = any_block(self.page)
        try:
            shown.wait_for(state="visible", timeout=self._finder.timeout_ms())
        except PlaywrightTimeout:
            self._deadline.check()
            raise GuideBroken(
                words.no_blocks(texts(self.page, "expandable")), callout=_ACCESS_CONTROL_CALLOUT
            ) from None

    # -- sections 4 to 7

    def expand(self, block: AccessBlock) -> None:
        """Expand a block without marking a callout; nothing when it is open."""
        self._ticks.expand(block, self._ticks.header(block))

    def is_ticked(self, block: AccessBlock, description: str) -> bool:
        """Whether the information system is ticked in the (expanded) block."""
        checkbox, _ = self._ticks.checkbox(block, description, self._ticks.header(block))
        return checkbox.is_checked()

    def set_tick(self, block: AccessBlock, description: str, wanted: bool) -> bool:
        """Set or take away one tick; True when it had to be changed."""
        header = self._ticks.header(block)
        return self._ticks.set(*self._ticks.checkbox(block, description, header), wanted)

    # -- section 8

    def reload(self) -> None:
        """Load the page again: unsaved ticks are gone."""
        self._goto(None)

    # -- callouts

    def click(self, callout: int) -> None:
        """Show a callout's control and click it."""
        sought = words.marked(callout)
        self._finder.press(self._show(callout, sought), sought)

    def click_unseen(self, callout: int) -> None:
        """Click a callout's control on the way to somewhere else, with no picture taken."""
        sought = words.marked(callout)
        self._finder.press(self._finder.find(sought), sought)

    def expand_at(self, callout: int) -> None:
        """Show a block's header by its callout and expand the block."""
        header = self._show(callout, words.marked(callout))
        if not self._ticks.expand(words.block(callout), header):
            self._observer.note(say("note.expanded"))

    def tick_at(self, callout: int, description: str, wanted: bool) -> bool:
        """Bring a tick to the wanted state and show it by its callout; True when it was pressed."""
        block = words.block(callout)
        header = self._ticks.header(block)
        checkbox, sought = self._ticks.checkbox(block, description, header)
        pressed = self._ticks.set(checkbox, sought, wanted)
        if not pressed:
            self._observer.note(say("note.ticked" if wanted else "note.unticked"))
        self._show(callout, sought, checkbox, heading=header)
        return pressed

    def save_at(self, callout: int, *, needed: bool) -> None:
        """Show the save button by its callout and press it, unless there is nothing to save.

        Raises GuideBroken with the service's words when it refuses.
        """
        sought = words.marked(callout)
        button = self._show(callout, sought)
        if not needed:
            self._observer.note(say("note.nothing_to_save"))
            return
        try:
            with self.page.expect_response(
                is_save, timeout=self._deadline.timeout_ms(_PAGE_MS)
            ) as saved:
                self._observer.saving(Saved.UNKNOWN)
                self._finder.press(button, sought)
                self._finder.saved = True
            answer = answer_of(saved.value, self._keep)
        except ControlNotFound as error:
            if error.drift is not None:
                self._observer.saving(Saved.NO)  # disabled or covered: it was not pressed
            raise
        except PlaywrightTimeout:
            self._deadline.check()
            if present(self.page, "dialogue"):
                asked = either(self.page, "dialogue").inner_text()
                raise GuideBroken(
                    f"Кнопка нажата, но страница спрашивает: «{' '.join(asked.split())}». "
                    "Инструкция такого вопроса не знает, и ответа на него не дано: настройки, "
                    "видимо, не сохранены. Сохраните вручную или запустите снова.",
                    callout=callout,
                ) from None
            raise GuideBroken(
                "Кнопка сохранения нажата, но сервис не ответил.", callout=callout
            ) from None
        self._observer.saving(answer.saved)
        if answer.complaint is not None:
            raise GuideBroken(answer.complaint, callout=callout)

    def look_around(self) -> Sighting:
        """The view as it stands."""
        return look_around(self.page, keep=self._keep)

    # -- how

    def _path(self) -> str:
        return urlsplit(self.page.url).path.rstrip("/") or "/"

    def _goto(self, path: str | None) -> None:
        timeout = self._deadline.timeout_ms(_PAGE_MS)
        try:
            answer = (
                self.page.reload(timeout=timeout)
                if path is None
                else self.page.goto(f"{self._address}{path}", timeout=timeout)
            )
        except PlaywrightTimeout:
            self._deadline.check()
            raise ServiceUnavailable(
                f"Сервис {self._address} не открыл страницу вовремя. Повторите позже."
            ) from None
        except PlaywrightError as error:
            raise ServiceUnavailable(
                f"Страница {self._address} не открывается ({why(error)}). Проверьте адрес, "
                "сеть и --ca и повторите."
            ) from None
        if answer is not None and not answer.ok:
            raise ServiceUnavailable(
                f"Сервис {self._address} ответил кодом {answer.status}. "
                + wrong_address(answer.status)
            )

    def _settle(self, *controls: Control) -> None:
        """Wait until one of the controls is seen; a page without any is left to its asker."""
        try:
            either(self.page, *controls).wait_for(timeout=self._finder.timeout_ms())
        except PlaywrightTimeout:
            self._deadline.check()

    def _has_content(self) -> bool:
        """Whether the settings page shows what it is for: the link to the blocks, or the blocks."""
        return self.offers_access_control() or self.on_access_control()

    def _await_content(self) -> None:
        """Wait until the settings page shows something; an empty one is left to its asker."""
        shown = either(self.page, "access_control_link", "message").or_(any_block(self.page))
        try:
            shown.first.wait_for(timeout=self._finder.timeout_ms())
        except PlaywrightTimeout:
            self._deadline.check()

    def _await_sign_in(self, at_most_ms: float) -> None:
        outcome = either(self.page, "menu_icon", "message")
        try:
            outcome.wait_for(state="visible", timeout=self._deadline.timeout_ms(at_most_ms))
        except PlaywrightTimeout:
            self._deadline.check()
            if not present(self.page, "sign_button") and not present(self.page, "sign_in_icon"):
                raise self._finder.missing(words.marked(_MENU_CALLOUT)) from None
            raise SignInFailed(
                "Вход не выполнен: ни входа, ни сообщения на странице. Проверьте, запущен ли "
                "NCALayer, и повторите."
            ) from None

    def _show(
        self,
        callout: int,
        sought: Sought,
        control: Locator | None = None,
        *,
        heading: Locator | None = None,
    ) -> Locator:
        """Find a callout's control, let the observer see it, give it back."""
        try:
            control = control or self._finder.find(sought)
            self._observer.seen(
                self._finder.look(
                    control, sought, callout=callout, keep=self._keep, heading=heading
                )
            )
        except RunFailed as error:
            error.callout = callout
            raise
        return control


def _in_settings(path: str) -> bool:
    """Whether an address is the settings page's or of a part of it."""
    return path == _SETTINGS_PATH or path.startswith(f"{_SETTINGS_PATH}/")

"""The service's screen as an employee uses it: tasks in the guide's order, and questions about it.

Tasks that belong to a callout take its number; everything about it comes from the guide.
"""

from __future__ import annotations

import contextlib
from typing import Protocol
from urllib.parse import urlsplit

from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Locator, Page, Response, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from sigex_runbook.access import AccessBlock
from sigex_runbook.deadline import Deadline
from sigex_runbook.errors import (
    ControlNotFound,
    DeadlinePassed,
    GuideBroken,
    RunFailed,
    ServiceUnavailable,
    SignInFailed,
)
from sigex_runbook.guide import load_guide
from sigex_runbook.reasons import why, wrong_address
from sigex_runbook.verdict import Saved

from .controls import Control, any_block, blocks_but, either, exact, load_locators, present, resolve
from .sighting import LABEL_OF_UNSEEN, Sighting, look_around, look_at

_CONTROL_MS = 8_000
_FOLLOW_MS = 2_000  # until a box shows that it was pressed
_PAGE_MS = 20_000
_PERSON_MS = 86_400_000  # no limit of its own: the run's deadline is shorter
_ACCESS_CONTROL_CALLOUT = 4
_SETTINGS_PATH = "/organization-settings"  # sigex-facts 2.1 (inferred)
_SAVE_PATH = "/api/organizationSettings"  # sigex-facts 3.2 (known)


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
            self.page.wait_for_load_state("load", timeout=self._deadline.timeout_ms(_CONTROL_MS))
        if not present(self.page, "menu_icon"):
            self._settle("menu_icon", "sign_in_icon", "sign_button")
        return present(self.page, "menu_icon")

    def sign(self, *, as_long_as_the_run: bool = False) -> None:
        """On the sign-in page, sign with NCALayer and wait for what comes of it.

        With a person at NCALayer's window the wait is `as_long_as_the_run`. Raises SignInFailed
        with the page's own words when it shows a message.
        """
        self._find("sign_button", "кнопка подписи NCALayer").click()
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
            either(self.page, "message").wait_for(timeout=self._deadline.timeout_ms(_CONTROL_MS))
        except PlaywrightTimeout:
            raise GuideBroken("Страница не показала сообщения, а должна была.") from None
        return self.message()

    # -- sections 2 and 3

    def await_menu(self) -> None:
        """Wait until the person's menu is open. Raises ControlNotFound."""
        self._find("sign_out", "пункт выхода в меню")

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
        """Wait for the settings page's content. Raises GuideBroken when it does not come."""
        try:
            self.page.wait_for_url(
                lambda url: _in_settings(urlsplit(url).path),
                timeout=self._deadline.timeout_ms(_CONTROL_MS),
            )
            self._find("settings_heading", "заголовок настроек организации")
        except PlaywrightTimeout:
            raise GuideBroken(
                f"Настройки организации не открылись (адрес страницы {self._path()}). "
                "Сравните страницу с инструкцией."
            ) from None

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
        shown = either(self.page, "access_control_link", "message").or_(any_block(self.page))
        try:
            shown.first.wait_for(timeout=self._deadline.timeout_ms(_CONTROL_MS))
        except PlaywrightTimeout:
            self._deadline.check()
        return self.on_access_control()

    def await_access_control(self) -> None:
        """Wait until blocks are shown; which ones, their own sections find out.

        Raises GuideBroken when the link of callout (4) has shown none.
        """
        shown = any_block(self.page)
        try:
            shown.wait_for(state="visible", timeout=self._deadline.timeout_ms(_CONTROL_MS))
        except PlaywrightTimeout:
            self._deadline.check()
            raise GuideBroken(
                "После перехода по ссылке блоки контроля доступа не показаны. "
                "Сравните страницу с инструкцией: возможно, сервис изменился.",
                callout=_ACCESS_CONTROL_CALLOUT,
            ) from None

    # -- sections 4 to 7

    def is_expanded(self, block: AccessBlock) -> bool:
        """Whether the block's lists are shown."""
        return self._expanded(block, self._header(block))

    def _expanded(self, block: AccessBlock, header: Locator) -> bool:
        for state in ("aria-expanded", "aria-selected"):  # a button's, a tab's
            if (value := header.get_attribute(state)) is not None:
                return value == "true"
        return self._panel(block, header).is_visible()

    def expand(self, block: AccessBlock) -> None:
        """Expand a block without marking a callout; nothing when it is open."""
        header = self._header(block)
        if not self._expanded(block, header):
            self._press(header, _title(block))
            self._await_expanded(block, header)

    def is_ticked(self, block: AccessBlock, description: str) -> bool:
        """Whether the information system is ticked in the (expanded) block."""
        return self._checkbox(block, description).is_checked()

    def set_tick(self, block: AccessBlock, description: str, wanted: bool) -> bool:
        """Set or take away one tick; True when it had to be changed."""
        return self._set_tick(self._checkbox(block, description), wanted, _title(block))

    # -- section 8

    def reload(self) -> None:
        """Load the page again: unsaved ticks are gone."""
        self._goto(None)

    # -- callouts

    def click(self, callout: int) -> None:
        """Show a callout's control and click it."""
        self._press(self._show(callout), _name(callout))

    def click_unseen(self, callout: int) -> None:
        """Click a callout's control on the way to somewhere else, with no picture taken."""
        control = load_locators().callouts[callout]
        self._press(self._find(control, _name(callout)), _name(callout))

    def expand_at(self, callout: int) -> None:
        """Show a block's header by its callout and expand the block."""
        block = _block(callout)
        header = self._show(callout)
        if self._expanded(block, header):
            self._observer.note("Блок уже раскрыт.")
        else:
            self._press(header, _name(callout))
            self._await_expanded(block, header)

    def tick_at(self, callout: int, description: str, wanted: bool) -> None:
        """Bring a tick to the wanted state and show it by its callout."""
        block = _block(callout)
        header = self._header(block)
        checkbox = self._checkbox(block, description, header)
        if not self._set_tick(checkbox, wanted, _name(callout)):
            self._observer.note(
                "Галочка уже стоит, менять нечего." if wanted else "Галочки и так нет."
            )
        self._show(callout, checkbox, heading=header)

    def save_at(self, callout: int, *, needed: bool) -> None:
        """Show the save button by its callout and press it, unless there is nothing to save.

        Raises GuideBroken with the service's words when it refuses.
        """
        button = self._show(callout)
        if not needed:
            self._observer.note("Изменений нет: сохранять нечего, кнопка не нажата.")
            return
        try:
            with self.page.expect_response(
                _is_save, timeout=self._deadline.timeout_ms(_PAGE_MS)
            ) as saved:
                self._observer.saving(Saved.UNKNOWN)
                self._press(button, _name(callout))
            outcome, answer = _outcome_of(saved.value)
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
        self._observer.saving(outcome)
        if outcome is Saved.NO:
            raise GuideBroken(
                f"Сервис не сохранил настройки и сообщил: «{answer}». "
                "Устраните причину и повторите."
            )
        if outcome is Saved.UNKNOWN:
            raise GuideBroken(
                f"Кнопка сохранения нажата, но ответ сервиса не разобрать ({answer}).",
                callout=callout,
            )

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
            either(self.page, *controls).wait_for(timeout=self._deadline.timeout_ms(_CONTROL_MS))
        except PlaywrightTimeout:
            self._deadline.check()

    def _await_sign_in(self, at_most_ms: float) -> None:
        outcome = either(self.page, "menu_icon", "message")
        try:
            outcome.wait_for(state="visible", timeout=self._deadline.timeout_ms(at_most_ms))
        except PlaywrightTimeout:
            self._deadline.check()
            raise SignInFailed(
                "Вход не выполнен: ни входа, ни сообщения на странице. Проверьте, запущен ли "
                "NCALayer, и повторите."
            ) from None

    def _find(
        self,
        control: Control,
        name: str,
        words: dict[str, str] | None = None,
        *,
        scope: Locator | None = None,
    ) -> Locator:
        try:
            return resolve(
                scope or self.page,
                control,
                name,
                timeout_ms=self._deadline.timeout_ms(_CONTROL_MS),
                words=words,
            )
        except ControlNotFound:
            self._deadline.check()  # out of time is the better reason
            raise

    def _header(self, block: AccessBlock) -> Locator:
        return self._find("block_header", _title(block), _words(block))

    def _panel(self, block: AccessBlock, header: Locator) -> Locator:
        """What a header opens: by aria-controls, its open details, or the nearest frame with boxes.

        A frame that holds another block's header too is no panel of this one: while a closed
        block has nothing inside, the nearest boxes belong to its neighbour.
        """
        if controlled := header.get_attribute("aria-controls"):
            return self.page.locator(f'[id="{controlled}"]')
        if header.evaluate("element => element.tagName") == "SUMMARY":
            return header.locator("xpath=parent::details[@open]")
        frame = header.locator(
            "xpath=ancestor::*[.//input[@type='checkbox'] or "
            ".//*[@role='checkbox' or @role='switch']][1]"
        )
        return frame.filter(has_not=blocks_but(self.page, block))

    def _await_expanded(self, block: AccessBlock, header: Locator) -> None:
        panel = self._panel(block, header)
        try:
            panel.wait_for(state="visible", timeout=self._deadline.timeout_ms(_CONTROL_MS))
        except PlaywrightTimeout:
            raise GuideBroken(
                f"{_title(block)}: после нажатия блок не раскрылся. "
                "Сравните страницу с инструкцией."
            ) from None

    def _checkbox(
        self, block: AccessBlock, description: str, header: Locator | None = None
    ) -> Locator:
        panel = self._panel(block, header or self._header(block))
        systems = self._find(
            "information_system_list",
            f"{_title(block)}, список информационных систем",
            scope=panel,
        )
        return self._find(
            "checkbox",
            f"{_title(block)}, галочка информационной системы «{description}»",
            {"description": exact(description)},
            scope=systems,
        )

    def _set_tick(self, checkbox: Locator, wanted: bool, name: str) -> bool:
        if checkbox.is_checked() == wanted:
            return False
        try:
            label = checkbox.evaluate_handle(LABEL_OF_UNSEEN).as_element()
            (label or checkbox).click(timeout=self._deadline.timeout_ms(_CONTROL_MS))
            # The page may draw the box anew before it shows the change.
            expect(checkbox).to_be_checked(
                checked=wanted, timeout=self._deadline.timeout_ms(_FOLLOW_MS)
            )
        except (PlaywrightError, AssertionError) as error:
            reason = why(error) if isinstance(error, PlaywrightError) else "нажатие её не изменило"
            raise ControlNotFound(
                f"{name}: галочку не удалось переключить ({reason}). Ничего не сохранено; "
                "сравните страницу с инструкцией."
            ) from None
        return True

    def _press(self, control: Locator, name: str) -> None:
        try:
            control.click(timeout=self._deadline.timeout_ms(_CONTROL_MS))
        except PlaywrightError as error:
            self._deadline.check()
            raise ControlNotFound(
                f"{name}: не нажимается ({why(error)}). Сравните страницу с инструкцией."
            ) from None

    def _show(
        self, callout: int, control: Locator | None = None, *, heading: Locator | None = None
    ) -> Locator:
        """Find a callout's control, let the observer see it, give it back."""
        try:
            if control is None:
                which = load_locators().callouts[callout]
                words = _words(_block(callout)) if which == "block_header" else {}
                control = self._find(which, _name(callout), words)
            self._observer.seen(
                look_at(
                    self.page,
                    control,
                    _name(callout),
                    callout=callout,
                    keep=self._keep,
                    heading=heading,
                )
            )
        except RunFailed as error:
            error.callout = callout
            raise
        return control


def _in_settings(path: str) -> bool:
    """Whether an address is the settings page's or of a part of it."""
    return path == _SETTINGS_PATH or path.startswith(f"{_SETTINGS_PATH}/")


def _words(block: AccessBlock) -> dict[str, str]:
    return {"phrase": load_locators().blocks[block]}


def _title(block: AccessBlock) -> str:
    return load_guide().section_for(block).title.ru


def _name(callout: int) -> str:
    return load_guide().callout(callout).control.ru


def _block(callout: int) -> AccessBlock:
    block = load_guide().section_of(callout).block
    if block is None:
        raise KeyError(f"callout {callout} is not about an access block")
    return block


def _is_save(response: Response) -> bool:
    return response.request.method == "POST" and urlsplit(response.url).path == _SAVE_PATH


def _outcome_of(response: Response) -> tuple[Saved, str]:
    """What a save's answer says, and its words.

    A `message` is a refusal whatever the HTTP code (sigex-facts 2.1). What is not the service's
    own answer, a gateway's page for example, tells nothing of what the service did.
    """
    try:
        body = response.json()
    except (PlaywrightError, ValueError):
        body = None
    if isinstance(body, dict) and "message" in body:
        return Saved.NO, str(body["message"])
    if isinstance(body, dict) and response.ok:
        return Saved.YES, ""
    return Saved.UNKNOWN, f"код {response.status}"

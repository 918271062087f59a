"""The service's screen as an employee uses it: tasks in the guide's order, and questions about it.

Tasks that belong to a callout take its number; everything about it comes from the guide.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Protocol
from urllib.parse import urlsplit

from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Page, Response
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from sigex_runbook.core.access import AccessBlock, AccessSettings
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
from .finder import Finder
from .questions import Questions, button_of, drawn, unanswered, words_of
from .reading.locators import NONE, Locators, Overrides, meanings, pattern
from .reading.messages import message_of, messages_of
from .reading.names import shown
from .reading.recognition import Recognition
from .reading.sought import Sought
from .reading.view import Seen, View
from .save_guard import SaveGuard
from .saving import answer_of, is_save
from .screenshot import Gone, Sighting, look_around
from .ticks import Ticks

_PAGE_MS = 20_000
_PERSON_MS = 86_400_000  # no limit of its own: the run's deadline is shorter
_MESSAGE_MS = 1_500
_MOMENT_SECONDS = 3.0
_RELOADS = 2
_LOOKS = 5
_MENU_CALLOUT = 2
_ACCESS_CONTROL_CALLOUT = 4
_SETTINGS_PATH = "/organization-settings"  # sigex-facts 2.1 (inferred)
_DENIALS = ("доступ запрещ", "access denied")


class Observer(Protocol):
    """Who looks over the employee's shoulder."""

    def seen(self, sighting: Sighting) -> None:
        """A callout's control was found and photographed."""

    def note(self, text: str) -> None:
        """Something that the reader of the record should know."""

    def saving(self, saved: Saved) -> None:
        """The save button is about to be pressed, or what came of it."""


class Backstage(Protocol):
    """What the API tells the reader of the screen, in the name of who is signed in."""

    def signed_in(self) -> bool:
        """Whether the page's session is somebody's."""

    def person(self) -> tuple[str, ...]:
        """Names that the page may call the employee by; empty when nobody is signed in."""

    def settings_before(self) -> AccessSettings | None:
        """The organisation's settings as they were read before anything was touched."""

    def settings_expected(self) -> AccessSettings:
        """What may be saved."""


class Site:
    """One page of one browser context. `keep` is the BIN whose digits stay readable in pictures."""

    def __init__(
        self,
        page: Page,
        address: str,
        *,
        keep: str,
        deadline: Deadline,
        observer: Observer,
        backstage: Backstage,
        overrides: Overrides = NONE,
    ) -> None:
        self.page = page
        self._address = address
        self._keep = keep
        self._deadline = deadline
        self._observer = observer
        self._backstage = backstage
        self._overrides = overrides
        self._finder = Finder(page, deadline, Locators(meanings(), overrides))
        self._ticks = Ticks(self._finder, backstage.settings_before)
        self._questions = Questions(page, overrides, observer.note)
        self._guard = SaveGuard(page, backstage.settings_expected)
        self._usual: frozenset[str] = frozenset()
        self._script_errors: list[str] = []
        page.on("pageerror", lambda error: self._script_errors.append(str(error)))

    # -- section 1

    def open_start(self) -> None:
        """Open the start page."""
        self._goto("/")
        self._usual = frozenset(messages_of(self._finder.survey.look()))

    def signed_in(self) -> bool:
        """Whether somebody is signed in in this page's session."""
        return self.page.url != "about:blank" and self._backstage.signed_in()

    def sign(self, *, as_long_as_the_run: bool = False) -> None:
        """On the sign-in page, sign with NCALayer and wait for what comes of it.

        With a person at NCALayer's window the wait is `as_long_as_the_run`. Raises SignInFailed
        with the page's own words when it shows a message.
        """
        sought = Sought("sign_button", "кнопка подписи NCALayer")
        pressed: set[str] = set()

        def next_button(view: View) -> Recognition | bool | None:
            if self._cookie():
                return True
            fresh = Sought(sought.control, sought.phrase, fit=lambda one: one.name not in pressed)
            found = fresh.find(view, self._finder.locators, self._finder.hints(view))
            return found if found.one is not None else None

        found = self._finder.until(next_button)
        if found is None:
            raise self._finder.missing(sought)
        wait = _PERSON_MS if as_long_as_the_run else _PAGE_MS
        while isinstance(found, Recognition) and found.one is not None:
            pressed.add(found.one.seen.name)
            self._finder.press(sought, found.one.seen)
            self._questions.check()
            found = self._sign_in_ended(wait, None if as_long_as_the_run else next_button)
        if not self.signed_in():
            told = self.message()
            if not told:
                raise SignInFailed(
                    "Вход не выполнен: ни входа, ни сообщения на странице. Проверьте, запущен ли "
                    "NCALayer, и повторите."
                )
            raise SignInFailed(
                f"Вход не выполнен, сервис сообщил: «{told}». Настройки не тронуты; "
                "устраните причину и запустите снова."
            )
        # The session begins before the page has led back to where one was.
        self._finder.known.person = self._backstage.person()
        menu = words.marked(_MENU_CALLOUT)

        def back(view: View) -> bool | None:
            if any(one.name in pressed for one in view.shown):
                return None
            found = menu.find(view, self._finder.locators, self._finder.hints(view))
            return True if found.rivals else None

        self._finder.until(back)

    def await_person(self) -> None:
        """Wait until a person has signed in by hand in the window, as long as the run may last.

        A message on the page is not the end: the person may try again. Raises DeadlinePassed when
        the time is up.
        """
        self._questions.persons = True
        try:
            for _ in self._finder.views(self._deadline.timeout_ms(_PERSON_MS)):
                if self._cookie() and self.signed_in():
                    return
        except DeadlinePassed:
            pass
        finally:
            self._questions.persons = False
        told = f"; сервис сообщил: «{self.message()}»" if self.message() else ""
        raise DeadlinePassed(
            f"За отведённое время никто не вошёл{told}. Настройки не тронуты; запустите снова "
            "и подпишите вход в открытом окне (время задаёт --deadline)."
        )

    def message(self) -> str:
        """The page's message to the person, or an empty text."""
        return self._questions.alerts[-1] if self._questions.alerts else self._told() or ""

    def await_message(self) -> str:
        """The page's message to the person, waited for. Raises GuideBroken when none comes."""
        told = self._finder.until(lambda view: message_of(view, self._usual, trouble=True))
        if told is None and not self.message():
            raise GuideBroken("Страница не показала сообщения, а должна была.")
        return self.message()

    # -- sections 2 and 3

    def await_menu(self) -> None:
        """Wait until the person's menu is open. Raises ControlNotFound."""
        self._finder.find(Sought("sign_out", "пункт выхода в меню"))

    def offers_organisation_settings(self) -> bool:
        """Whether the open menu holds «Настройки организации»."""
        return self._finder.seen(words.marked(_MENU_CALLOUT + 1)) is not None

    def on_settings(self) -> bool:
        """Whether the organisation settings are shown, once the page shows anything."""
        return _in_settings(self._path()) and self._await_content()

    def open_settings_by_address(self) -> None:
        """Go straight to the settings page, as a bookmark would."""
        self._goto(_SETTINGS_PATH)

    def await_settings(self) -> None:
        """Wait for the settings page's content; a page whose own read failed is loaded again.

        Raises GuideBroken when it does not come, or a message of the service in its place.
        """
        for attempt in range(_RELOADS + 1):
            if self._await_content():
                return
            told = self.message()
            if attempt == _RELOADS or not self._worth_a_reload(told):
                break
            self._observer.note(say("note.reloaded"))
            self.reload()
        if not told and self._script_errors:
            broken = shown(self._script_errors[-1])
            raise GuideBroken(
                f"Страница настроек пуста: её скрипт прервался с ошибкой «{broken}». Ничего не "
                "изменено; повторите, а если это повторится, сообщите владельцу сервиса."
            )
        if told:
            raise GuideBroken(
                f"Вместо настроек организации сервис сообщил: «{told}». Ничего не "
                "изменено; устраните причину и запустите снова."
            )
        raise GuideBroken(
            f"Настройки организации не открылись (адрес страницы {self._path()}). "
            "Сравните страницу с инструкцией."
        )

    def _worth_a_reload(self, told: str) -> bool:
        """Whether the service would show its settings to this person, for all that is known."""
        if any(word in told.lower() for word in _DENIALS):
            return False
        try:
            return self._backstage.signed_in() and self._backstage.settings_before() is not None
        except ServiceUnavailable:
            return True

    def offers_access_control(self) -> bool:
        """Whether the page holds the link to access control."""
        return self._finder.seen(words.marked(_ACCESS_CONTROL_CALLOUT)) is not None

    def on_access_control(self) -> bool:
        """Whether the blocks are to be seen; which ones, their own sections find out."""
        return _in_settings(self._path()) and self._blocks(self._finder.survey.look()) is not None

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
        if self._finder.until(self._blocks) is None:
            self._deadline.check()
            seen = self._finder.survey.look().shown
            opening = [one.name for one in seen if "opens" in one.clues and not one.in_header]
            raise GuideBroken(words.no_blocks(opening), callout=_ACCESS_CONTROL_CALLOUT)

    # -- sections 4 to 7

    def expand(self, block: AccessBlock) -> None:
        """Expand a block without marking a callout; nothing when it is open."""
        self._ticks.expand(block)

    def is_ticked(self, block: AccessBlock, description: str) -> bool:
        """Whether the information system is ticked in the (expanded) block."""
        return self._ticks.ticked(block, description)

    def set_tick(self, block: AccessBlock, description: str, wanted: bool) -> bool:
        """Set or take away one tick; True when it had to be changed."""
        changed = self._ticks.set(block, description, wanted)
        self._check()
        return changed

    # -- section 8

    def reload(self) -> None:
        """Load the page again: unsaved ticks are gone."""
        self._goto(None)

    # -- callouts

    def click(self, callout: int) -> None:
        """Show a callout's control and click it."""
        sought = words.marked(callout)
        if callout == _MENU_CALLOUT + 1:
            self._reopen_menu(sought)
        self._press(sought, self._show(callout, sought))

    def click_unseen(self, callout: int) -> None:
        """Click a callout's control on the way to somewhere else, with no picture taken."""
        self._press(words.marked(callout))

    def expand_at(self, callout: int) -> None:
        """Show a block's header by its callout and expand the block."""
        self._show(callout, words.marked(callout))
        try:
            if not self._ticks.expand(words.block(callout)):
                self._observer.note(say("note.expanded"))
        except RunFailed as error:
            raise self._explained(error, callout) from error.__cause__
        self._check()

    def tick_at(self, callout: int, description: str, wanted: bool) -> bool:
        """Bring a tick to the wanted state and show it by its callout; True when it was pressed."""
        block = words.block(callout)
        try:
            pressed = self._ticks.set(block, description, wanted)
        except RunFailed as error:
            raise self._explained(error, callout) from error.__cause__
        self._check()
        if not pressed:
            self._observer.note(say("note.ticked" if wanted else "note.unticked"))
        self._show_box(callout, block, description)
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
        answer = answer_of(self._save(callout, sought, button), self._keep)
        self._observer.saving(answer.saved)
        if answer.complaint is not None:
            raise GuideBroken(answer.complaint, callout=callout)
        said = self._finder.until(
            lambda view: message_of(view, self._usual), self._deadline.timeout_ms(_MESSAGE_MS)
        )
        self._questions.forgive()
        said = self._questions.alerts[-1] if self._questions.alerts else said
        self._observer.note(say("note.page_said", words=said) if said else say("note.page_silent"))

    def look_around(self) -> Sighting:
        """The view as it stands."""
        return look_around(self.page, keep=self._keep)

    # -- how

    def _save(self, callout: int, sought: Sought, button: Seen) -> Response:
        """Press the button and wait for the answer to what the page sends. Raises GuideBroken."""
        answers: list[Response] = []

        def met(response: Response) -> None:
            if is_save(response):
                answers.append(response)

        before = self._finder.survey.look()
        self.page.on("response", met)
        try:
            self._guard.allow()
            self._observer.saving(Saved.UNKNOWN)
            self._finder.press(sought, button)
            self._finder.saved = True
            for view in self._finder.views(self._deadline.timeout_ms(_PAGE_MS)):
                if answers:
                    return answers[0]
                self._refuse_strays(callout)
                self._answer_drawn(view, before, callout)
                self._nothing_sent(callout)
        except ControlNotFound as error:
            if error.drift is not None:
                self._observer.saving(Saved.NO)  # disabled or covered: it was not pressed
            raise
        finally:
            self.page.remove_listener("response", met)
        self._deadline.check()
        if not self._guard.passed:
            self._observer.saving(Saved.NO)
            now = self._finder.survey.look()
            told = message_of(now, self._usual)
            raise GuideBroken(
                "Кнопка сохранения нажата, но сервис не ответил: страница ничего ему не отправила"
                f"{f' и сообщила: «{told}»' if told else ''}. Ничего не сохранено.",
                callout=callout,
            )
        raise GuideBroken("Кнопка сохранения нажата, но сервис не ответил.", callout=callout)

    def _refuse_strays(self, callout: int) -> None:
        if self._guard.stopped is not None:
            self._observer.saving(Saved.NO)
            raise GuideBroken(
                f"Страница хотела сохранить не то, что заказано ({self._guard.stopped}), поэтому "
                "запрос остановлен до отправки. Ничего не сохранено; сравните страницу с "
                "инструкцией.",
                callout=callout,
            )

    def _answer_drawn(self, view: View, before: View, callout: int) -> None:
        """Meet a question drawn in HTML: answer it as told, or stop."""
        asked = drawn(view, before.numbers)
        if asked is None or self._guard.passed:
            return
        question = words_of(view, asked)
        told = self._overrides.answer_to(question)
        button = button_of(view, asked, told) if told is not None else None
        if button is None:
            self._observer.saving(Saved.NO)
            raise GuideBroken(unanswered(question), callout=callout)
        self._observer.note(say("note.answered", question=question, answer=told))
        with contextlib.suppress(Gone, PlaywrightError):  # it is gone: the answer was heard
            self._finder.handle(button).click(timeout=self._finder.timeout_ms())

    def _nothing_sent(self, callout: int) -> None:
        if not self._guard.passed:
            try:
                self._questions.check()
            except GuideBroken as error:
                self._observer.saving(Saved.NO)
                error.callout = callout
                raise

    def _check(self) -> None:
        """What a press has brought about: a question, or a save of the page's own accord."""
        self._questions.check()
        if self._guard.stopped is not None:
            raise GuideBroken(
                "Страница хотела сохранить настройки сама, до кнопки сохранения; запрос остановлен "
                "до отправки. Ничего не сохранено; сравните страницу с инструкцией."
            )

    def _reopen_menu(self, item: Sought) -> None:
        """Open the menu once more when the page has drawn itself anew and closed it."""

        def offered(view: View) -> bool | None:
            found = item.find(view, self._finder.locators, self._finder.hints(view))
            return True if found.rivals else None

        if self._finder.until(offered, self._finder.timeout_ms() / 2) is None:
            menu = words.marked(_MENU_CALLOUT)
            if (icon := self._finder.seen(menu)) is not None:
                self._press(menu, icon)

    def _press(self, sought: Sought, control: Seen | None = None) -> None:
        self._finder.known.person = self._backstage.person()
        self._finder.press(sought, control)
        self._check()

    def _path(self) -> str:
        return urlsplit(self.page.url).path.rstrip("/") or "/"

    def _goto(self, path: str | None) -> None:
        timeout = self._deadline.timeout_ms(_PAGE_MS)
        self._ticks.forget()
        self._questions.leaving(True)
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
        finally:
            self._questions.leaving(False)
        if answer is not None and not answer.ok:
            raise ServiceUnavailable(
                f"Сервис {self._address} ответил кодом {answer.status}. "
                + wrong_address(answer.status)
            )

    def _told(self) -> str | None:
        return message_of(self._finder.survey.look(), self._usual)

    def _blocks(self, view: View) -> bool | None:
        headers = self._finder.headers(view)
        # One alone may be another thing: the page itself is called «Настройки организации».
        return True if len({*headers.found, *headers.rivals}) > 1 else None

    def _await_content(self) -> bool:
        """Wait until the settings page shows what it is for, the link to the blocks or the blocks,
        or a message in their place; whether it does."""
        link = words.marked(_ACCESS_CONTROL_CALLOUT)

        def content(view: View) -> bool | None:
            if not _in_settings(urlsplit(view.url).path.rstrip("/")):
                return None
            found = link.find(view, self._finder.locators, self._finder.hints(view))
            if found.rivals or self._blocks(view):
                return True
            return False if message_of(view, self._usual, trouble=True) else None

        told = self._finder.until(content)
        if told is None:
            self._deadline.check()
            # A page without the link has other parts all the same: its section says what is gone.
            parts = pattern(meanings().parts)
            seen = self._finder.survey.look().shown
            return _in_settings(self._path()) and any(
                parts.search(name) for one in seen if not one.in_header for name in one.bares
            )
        return told

    def _cookie(self) -> bool:
        return any(c.get("name") == "jwt" for c in self.page.context.cookies(self._address))

    def _sign_in_ended(
        self, at_most_ms: float, another: Callable[[View], Recognition | bool | None] | None
    ) -> Recognition | bool | None:
        """Wait until a session begins or the page says why not; or another button is there that may
        be the one to press, when what was pressed only led to it."""
        told_before = self._told()
        moment = Deadline(_MOMENT_SECONDS)
        for view in self._finder.views(self._deadline.timeout_ms(at_most_ms)):
            told = message_of(view, self._usual, trouble=True)
            if self._cookie() or (told and told != told_before):
                return True
            if another is not None and moment.passed and (found := another(view)) is not None:
                return found
        self._deadline.check()
        return None

    def _show(self, callout: int, sought: Sought) -> Seen:
        """Find a callout's control, let the observer see it, give it back."""
        try:
            self._finder.known.person = self._backstage.person()
            for _ in range(_LOOKS):
                control = self._finder.find(sought)
                with contextlib.suppress(Gone):  # drawn anew: look for it again
                    sighting = self._finder.look(control, sought, callout=callout, keep=self._keep)
                    self._observer.seen(sighting)
                    return control
            raise self._finder.missing(sought)
        except RunFailed as error:
            raise self._explained(error, callout) from error.__cause__

    def _show_box(self, callout: int, block: AccessBlock, description: str) -> None:
        """Let the observer see a box below its block's header."""
        try:
            for _ in range(_LOOKS):
                box, sought = self._ticks.box(block, description)
                heading = self._ticks.header(block)
                with contextlib.suppress(Gone):
                    self._observer.seen(
                        self._finder.look(
                            box, sought, callout=callout, keep=self._keep, heading=heading
                        )
                    )
                    return
            raise self._finder.missing(sought)
        except RunFailed as error:
            raise self._explained(error, callout) from error.__cause__

    def _explained(self, error: RunFailed, callout: int) -> RunFailed:
        """The error; or what lies behind it: a session that is over, a right that is not there, a
        script of the page's that broke."""
        error.callout = callout
        if callout < _MENU_CALLOUT or not isinstance(error, ControlNotFound | GuideBroken):
            return error
        done = "" if self._finder.saved else " Ничего не сохранено;"
        told = ""
        if not self._backstage.signed_in():
            told = (
                "Сеанс сотрудника закончился: сервис больше не знает, кто вошёл."
                f"{done} запустите снова."
            )
        elif callout == _MENU_CALLOUT + 1 and self._backstage.settings_before() is None:
            told = (
                "Пункта «Настройки организации» нет: у сотрудника нет права изменять настройки "
                f"организации.{done} нужен сертификат сотрудника с этим правом."
            )
        elif self._script_errors:
            told = (
                f"{error} Скрипт страницы прервался с ошибкой: «{shown(self._script_errors[-1])}»."
            )
        if not told:
            return error
        found = error.drift if isinstance(error, ControlNotFound) else None
        return ControlNotFound(told, drift=found, callout=callout)


def _in_settings(path: str) -> bool:
    """Whether an address is the settings page's or of a part of it."""
    return path == _SETTINGS_PATH or path.startswith(f"{_SETTINGS_PATH}/")

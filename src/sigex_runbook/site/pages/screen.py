"""One page before the employee's eyes: going to an address, pressing, what the page says."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Page, Response
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from sigex_runbook.core.deadline import Deadline
from sigex_runbook.core.error_causes import why, wrong_address
from sigex_runbook.core.errors import GuideBroken, ServiceUnavailable
from sigex_runbook.site.finder import Finder
from sigex_runbook.site.pages.ticks import Ticks
from sigex_runbook.site.questions import Questions
from sigex_runbook.site.reading.locators import Locators, Overrides, meanings
from sigex_runbook.site.reading.messages import message_of, messages_of
from sigex_runbook.site.reading.sought import Sought
from sigex_runbook.site.reading.view import Seen, View
from sigex_runbook.site.save_guard import SaveGuard

from .bystanders import Backstage, Observer

_PAGE_MS = 20_000


class Screen:
    """One page of one browser context. `keep` is the BIN whose digits stay readable in pictures;
    `script_errors` are those of the page's own scripts."""

    def __init__(
        self,
        page: Page,
        address: str,
        *,
        keep: str,
        deadline: Deadline,
        observer: Observer,
        backstage: Backstage,
        overrides: Overrides,
    ) -> None:
        self.page = page
        self.keep = keep
        self.deadline = deadline
        self.observer = observer
        self.backstage = backstage
        self.finder = Finder(page, deadline, Locators(meanings(), overrides), backstage.person)
        self.ticks = Ticks(self.finder, backstage.settings_before)
        self.questions = Questions(page, overrides, observer.note)
        self.guard = SaveGuard(page, backstage.settings_expected)
        self.script_errors: list[str] = []
        self._address = address
        self._usual: frozenset[str] = frozenset()
        page.on("pageerror", lambda error: self.script_errors.append(str(error)))

    def page_ms(self) -> float:
        """How long to wait for the service: as long as the run's time allows."""
        return self.deadline.timeout_ms(_PAGE_MS)

    # -- where it is

    @property
    def path(self) -> str:
        """The address without the host."""
        return urlsplit(self.page.url).path.rstrip("/") or "/"

    def open_start(self) -> None:
        """Open the start page; what it says to everybody is no message."""
        self.goto("/")
        self._usual = frozenset(messages_of(self.finder.survey.look()))

    def goto(self, path: str) -> None:
        """Open an address of the service. Raises ServiceUnavailable."""
        self._load(lambda at_most_ms: self.page.goto(f"{self._address}{path}", timeout=at_most_ms))

    def reload(self) -> None:
        """Load the page again: unsaved ticks are gone. Raises ServiceUnavailable."""
        self._load(lambda at_most_ms: self.page.reload(timeout=at_most_ms))

    def _load(self, load: Callable[[float], Response | None]) -> None:
        at_most_ms = self.page_ms()
        self.ticks.forget()
        self.questions.leaving(True)
        try:
            answer = load(at_most_ms)
        except PlaywrightTimeout:
            self.deadline.check()
            raise ServiceUnavailable(
                f"Сервис {self._address} не открыл страницу вовремя. Повторите позже."
            ) from None
        except PlaywrightError as error:
            raise ServiceUnavailable(
                f"Страница {self._address} не открывается ({why(error)}). Проверьте адрес, "
                "сеть и --ca и повторите."
            ) from None
        finally:
            self.questions.leaving(False)
        if answer is not None and not answer.ok:
            raise ServiceUnavailable(
                f"Сервис {self._address} ответил кодом {answer.status}. "
                + wrong_address(answer.status)
            )

    # -- whose it is

    def has_session(self) -> bool:
        """Whether the page holds a session's cookie, whatever it is worth."""
        return any(c.get("name") == "jwt" for c in self.page.context.cookies(self._address))

    def signed_in(self) -> bool:
        """Whether somebody is signed in in this page's session."""
        return self.page.url != "about:blank" and self.backstage.signed_in()

    # -- what it says

    def message_in(self, view: View, *, trouble: bool = False) -> str | None:
        """The first message of a look at the page; with `trouble` only of something wrong."""
        return message_of(view, self._usual, trouble=trouble)

    def message(self) -> str:
        """The page's message to the person, or an empty text."""
        if self.questions.alerts:
            return self.questions.alerts[-1]
        return self.message_in(self.finder.survey.look()) or ""

    def await_message(self) -> str:
        """The page's message to the person, waited for. Raises GuideBroken when none comes."""
        told = self.finder.until(lambda view: self.message_in(view, trouble=True))
        if told is None and not self.message():
            raise GuideBroken("Страница не показала сообщения, а должна была.")
        return self.message()

    # -- pressing

    def press(self, sought: Sought, control: Seen | None = None) -> None:
        """Click a control. Raises ControlNotFound, and GuideBroken for what that brings about."""
        self.finder.press(sought, control)
        self.check()

    def check(self) -> None:
        """What a press has brought about: a question, or a save of the page's own accord."""
        self.questions.check()
        if self.guard.stopped is not None:
            raise GuideBroken(
                "Страница хотела сохранить настройки сама, до кнопки сохранения; запрос остановлен "
                "до отправки. Ничего не сохранено; сравните страницу с инструкцией."
            )

"""Section 1: the sign-in page, from its button to a session or the page's refusal."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlsplit

from sigex_runbook.core.deadline import Deadline
from sigex_runbook.core.errors import DeadlinePassed, SignInFailed
from sigex_runbook.site import guide_labels as words
from sigex_runbook.site.reading.sought import Sought
from sigex_runbook.site.reading.view import Seen, View

from .screen import Screen

_PERSON_MS = 86_400_000  # no limit of its own: the run's deadline is shorter
_MOMENT_SECONDS = 3.0
_HEARD_SECONDS = 0.5
_MENU_CALLOUT = 2


class SignInPage:
    """Signs in, or waits until a person has."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._finder = screen.finder
        self._pressed: set[str] = set()
        self._address = ""

    def sign(self, *, as_long_as_the_run: bool) -> None:
        """Sign with NCALayer and wait for what comes of it. Raises SignInFailed with the page's own
        words when it shows a message."""
        self._pressed.clear()
        found = self._finder.until(self._next_button)
        if found is None:
            raise self._finder.missing(words.SIGN_BUTTON)
        while isinstance(found, Seen):
            self._address = self._screen.page.url
            said = self._screen.message_in(self._finder.survey.last)
            self._pressed.add(self._finder.press(self._fresh, found).name)
            self._screen.questions.check()
            found = self._outcome(said, as_long_as_the_run=as_long_as_the_run)
        if not self._screen.signed_in():
            raise self._refused()
        # The session begins before the page has led back to where one was.
        self._finder.until(self._led_back)

    def await_person(self) -> None:
        """Wait until a person has signed in by hand in the window, as long as the run may last.

        A message on the page is not the end: the person may try again. Raises DeadlinePassed when
        the time is up.
        """
        self._screen.questions.persons = True
        try:
            for _ in self._finder.views(_PERSON_MS):
                if self._screen.has_session() and self._screen.signed_in():
                    return
        except DeadlinePassed:
            pass
        finally:
            self._screen.questions.persons = False
        message = self._screen.message()
        told = f"; сервис сообщил: «{message}»" if message else ""
        raise DeadlinePassed(
            f"За отведённое время никто не вошёл{told}. Настройки не тронуты; запустите снова "
            "и подпишите вход в открытом окне (время задаёт --deadline)."
        )

    @property
    def _fresh(self) -> Sought:
        """A button that was not pressed yet."""
        return replace(words.SIGN_BUTTON, fit=lambda one: one.name not in self._pressed)

    def _next_button(self, view: View) -> Seen | bool | None:
        """A button that was not pressed yet; True when a session has begun already."""
        if self._screen.has_session():
            return True
        found = self._finder.recognise(self._fresh, view).one
        return found.seen if found is not None else None

    def _outcome(self, said: str | None, *, as_long_as_the_run: bool) -> Seen | bool | None:
        """Wait until a session begins or the page says why not, which is neither what it `said`
        before the press nor what another page says at once; or another button is there that may be
        the one to press, when what was pressed only led to it. With a person at NCALayer's window
        nothing else is pressed."""
        moment, where = Deadline(_MOMENT_SECONDS), _page_of(self._address)
        heard: tuple[str, Deadline] | None = None
        for view in self._finder.views(
            _PERSON_MS if as_long_as_the_run else self._screen.page_ms()
        ):
            told = self._screen.message_in(view, trouble=True)
            if view.url and _page_of(view.url) != where:
                where, said = _page_of(view.url), told
            if self._screen.has_session():
                return True
            if told == said or told is None:
                heard = None
            elif heard is None or heard[0] != told:
                heard = told, Deadline(_HEARD_SECONDS)
            elif heard[1].passed:  # a page that is being drawn shows for a moment what it may say
                return True
            if moment.passed and not as_long_as_the_run:
                another = self._next_button(view)
                if another is not None:
                    return another
        self._screen.deadline.check()
        return None

    def _refused(self) -> SignInFailed:
        told = self._screen.message()
        if not told:
            return SignInFailed(
                "Вход не выполнен: ни входа, ни сообщения на странице. Проверьте, запущен ли "
                "NCALayer, и повторите."
            )
        return SignInFailed(
            f"Вход не выполнен, сервис сообщил: «{told}». Настройки не тронуты; "
            "устраните причину и запустите снова."
        )

    def _led_back(self, view: View) -> bool | None:
        if view.url == self._address and any(one.name in self._pressed for one in view.shown):
            return None
        return self._finder.offered(words.marked(_MENU_CALLOUT), view) or None


def _page_of(address: str) -> str:
    """Which page it is: one that is led to itself with a complaint stays the same."""
    return urlsplit(address).path

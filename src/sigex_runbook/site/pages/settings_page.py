"""Sections 2 and 3: the organisation settings, and the access blocks that they lead to."""

from __future__ import annotations

from urllib.parse import urlsplit

from sigex_runbook.core.errors import GuideBroken, ServiceUnavailable
from sigex_runbook.core.messages import say
from sigex_runbook.site import guide_labels as words
from sigex_runbook.site.reading.locators import meanings, pattern
from sigex_runbook.site.reading.names import shown
from sigex_runbook.site.reading.view import View

from .screen import Screen

PATH = "/organization-settings"  # sigex-facts 2.1 (inferred)
ACCESS_CONTROL_CALLOUT = 4
_RELOADS = 2
_DENIALS = ("доступ запрещ", "access denied")


class SettingsPage:
    """The page at its address, whatever it shows there."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._finder = screen.finder

    def open_by_address(self) -> None:
        """Go straight to it, as a bookmark would."""
        self._screen.goto(PATH)

    def is_shown(self) -> bool:
        """Whether it shows what it is for, once it shows anything."""
        return _is_here(self._screen.path) and self._await_content()

    def await_shown(self) -> None:
        """Wait for its content; a page whose own read failed is loaded again.

        Raises GuideBroken when it does not come, or a message of the service in its place.
        """
        for attempt in range(_RELOADS + 1):
            if self._await_content():
                return
            told = self._screen.message()
            if attempt == _RELOADS or not self._worth_a_reload(told):
                break
            self._screen.observer.note(say("note.reloaded"))
            self._screen.reload()
        raise GuideBroken(self._why_not_shown(told))

    def shows_blocks(self) -> bool:
        """Whether the blocks are to be seen; which ones, their own sections find out."""
        return _is_here(self._screen.path) and self._blocks(self._finder.survey.look()) is not None

    def came_to_blocks(self) -> bool:
        """Whether it shows the blocks of its own accord, once it shows anything.

        An address may lead straight to them: pressing the link then would close them again.
        """
        self._await_content()
        return self.shows_blocks()

    def await_blocks(self) -> None:
        """Wait until blocks are shown. Raises GuideBroken when the link has shown none."""
        if self._finder.until(self._blocks) is None:
            self._screen.deadline.check()
            seen = self._finder.survey.last.shown
            opening = [one.name for one in seen if "opens" in one.clues and not one.in_header]
            raise GuideBroken(words.no_blocks(opening), callout=ACCESS_CONTROL_CALLOUT)

    def _await_content(self) -> bool:
        """Wait until it shows what it is for, the link to the blocks or the blocks, or a message in
        their place; whether it does."""
        link = words.marked(ACCESS_CONTROL_CALLOUT)

        def content(view: View) -> bool | None:
            if not _is_here(urlsplit(view.url).path.rstrip("/")):
                return None
            if self._finder.offered(link, view) or self._blocks(view):
                return True
            return False if self._screen.message_in(view, trouble=True) else None

        told = self._finder.until(content)
        if told is None:
            self._screen.deadline.check()
            # A page without the link has other parts all the same: its section says what is gone.
            parts = pattern(meanings().parts)
            seen = self._finder.survey.last.shown
            return _is_here(self._screen.path) and any(
                parts.search(name) for one in seen if not one.in_header for name in one.bares
            )
        return told

    def _blocks(self, view: View) -> bool | None:
        headers = self._finder.headers(view)
        # One alone may be another thing: the page itself is called «Настройки организации».
        return True if len({*headers.found, *headers.rivals}) > 1 else None

    def _worth_a_reload(self, told: str) -> bool:
        """Whether the service would show its settings to this person, for all that is known."""
        if any(word in told.lower() for word in _DENIALS):
            return False
        backstage = self._screen.backstage
        try:
            return backstage.signed_in() and backstage.settings_before() is not None
        except ServiceUnavailable:
            return True

    def _why_not_shown(self, told: str) -> str:
        if told:
            return (
                f"Вместо настроек организации сервис сообщил: «{told}». Ничего не "
                "изменено; устраните причину и запустите снова."
            )
        if self._screen.script_errors:
            broken = shown(self._screen.script_errors[-1])
            return (
                f"Страница настроек пуста: её скрипт прервался с ошибкой «{broken}». Ничего не "
                "изменено; повторите, а если это повторится, сообщите владельцу сервиса."
            )
        return (
            f"Настройки организации не открылись (адрес страницы {self._screen.path}). "
            "Сравните страницу с инструкцией."
        )


def _is_here(path: str) -> bool:
    """Whether an address is the settings page's or of a part of it."""
    return path == PATH or path.startswith(f"{PATH}/")

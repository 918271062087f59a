"""The service's screen as an employee uses it: tasks in the guide's order, and questions about it.

Tasks that belong to a callout take its number; everything about it comes from the guide.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable

from sigex_runbook.core.access import AccessBlock
from sigex_runbook.core.messages import say

from . import guide_labels as words
from .pages.explanation import explaining
from .pages.save_button import SaveButton
from .pages.screen import Screen
from .pages.settings_page import ACCESS_CONTROL_CALLOUT, SettingsPage
from .pages.sign_in_page import SignInPage
from .reading.sought import Sought
from .reading.view import Seen
from .screenshot import Gone, Sighting, look_around

_LOOKS = 5
_MENU_CALLOUT, _SETTINGS_CALLOUT = 2, 3


class Site:
    """All that is done and asked on one screen."""

    def __init__(self, screen: Screen) -> None:
        self.page = screen.page
        self._screen = screen
        self._finder = screen.finder
        self._ticks = screen.ticks
        self._sign_in_page = SignInPage(screen)
        self._settings_page = SettingsPage(screen)
        self._note = screen.observer.note

    # -- any page

    def open_start(self) -> None:
        """Open the start page."""
        self._screen.open_start()

    def reload(self) -> None:
        """Load the page again: unsaved ticks are gone."""
        self._screen.reload()

    def message(self) -> str:
        """The page's message to the person, or an empty text."""
        return self._screen.message()

    def await_message(self) -> str:
        """The page's message to the person, waited for. Raises GuideBroken when none comes."""
        return self._screen.await_message()

    def look_around(self) -> Sighting:
        """The view as it stands."""
        return look_around(self.page, keep=self._screen.keep)

    # -- section 1

    def signed_in(self) -> bool:
        """Whether somebody is signed in in this page's session."""
        return self._screen.signed_in()

    def sign(self, *, as_long_as_the_run: bool = False) -> None:
        """On the sign-in page, sign with NCALayer and wait for what comes of it.

        With a person at NCALayer's window the wait is `as_long_as_the_run`. Raises SignInFailed.
        """
        self._sign_in_page.sign(as_long_as_the_run=as_long_as_the_run)

    def await_person(self) -> None:
        """Wait until a person has signed in by hand in the window. Raises DeadlinePassed."""
        self._sign_in_page.await_person()

    # -- sections 2 and 3

    def await_menu(self) -> None:
        """Wait until the person's menu is open. Raises ControlNotFound."""
        self._finder.find(words.SIGN_OUT)

    def offers_organisation_settings(self) -> bool:
        """Whether the open menu holds «Настройки организации»."""
        return self._finder.seen(words.marked(_SETTINGS_CALLOUT)) is not None

    def on_settings(self) -> bool:
        """Whether the organisation settings are shown, once the page shows anything."""
        return self._settings_page.is_shown()

    def open_settings_by_address(self) -> None:
        """Go straight to the settings page, as a bookmark would."""
        self._settings_page.open_by_address()

    def await_settings(self) -> None:
        """Wait for the settings page's content. Raises GuideBroken when it does not come."""
        self._settings_page.await_shown()

    def offers_access_control(self) -> bool:
        """Whether the page holds the link to access control."""
        return self._finder.seen(words.marked(ACCESS_CONTROL_CALLOUT)) is not None

    def on_access_control(self) -> bool:
        """Whether the blocks are to be seen; which ones, their own sections find out."""
        return self._settings_page.shows_blocks()

    def came_to_access_control(self) -> bool:
        """Whether the settings page shows the blocks of its own accord, once it shows anything."""
        return self._settings_page.came_to_blocks()

    def await_access_control(self) -> None:
        """Wait until blocks are shown. Raises GuideBroken when the link has shown none."""
        self._settings_page.await_blocks()

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
        self._screen.check()
        return changed

    # -- callouts

    def click(self, callout: int) -> None:
        """Show a callout's control and click it."""
        sought = words.marked(callout)
        if callout == _SETTINGS_CALLOUT:
            self._reopen_menu(sought)
        self._screen.press(sought, self._show(callout, sought))

    def click_unseen(self, callout: int) -> None:
        """Click a callout's control on the way to somewhere else, with no picture taken."""
        self._screen.press(words.marked(callout))

    def expand_at(self, callout: int) -> None:
        """Show a block's header by its callout and expand the block."""
        self._show(callout, words.marked(callout))
        with explaining(self._screen, callout):
            if not self._ticks.expand(words.block(callout)):
                self._note(say("note.expanded"))
        self._screen.check()

    def tick_at(self, callout: int, description: str, wanted: bool) -> bool:
        """Bring a tick to the wanted state and show it by its callout; True when it was pressed."""
        block = words.block(callout)
        with explaining(self._screen, callout):
            pressed = self._ticks.set(block, description, wanted)
        self._screen.check()
        if not pressed:
            self._note(say("note.ticked" if wanted else "note.unticked"))
        self._show_box(callout, block, description)
        return pressed

    def save_at(self, callout: int, *, needed: bool) -> None:
        """Show the save button by its callout and press it, unless there is nothing to save.

        Raises GuideBroken with the service's words when it refuses.
        """
        sought = words.marked(callout)
        button = self._show(callout, sought)
        if needed:
            SaveButton(self._screen, callout, sought, button).press()
        else:
            self._note(say("note.nothing_to_save"))

    # -- how

    def _reopen_menu(self, item: Sought) -> None:
        """Open the menu once more when the page has drawn itself anew and closed it."""
        offered = self._finder.until(
            lambda view: self._finder.offered(item, view) or None, self._finder.timeout_ms() / 2
        )
        menu = words.marked(_MENU_CALLOUT)
        if offered is None and (icon := self._finder.seen(menu)) is not None:
            self._screen.press(menu, icon)

    def _show(self, callout: int, sought: Sought) -> Seen:
        """Find a callout's control, let the observer see it, give it back."""
        return self._shown(callout, lambda: (self._finder.find(sought), sought, None))

    def _show_box(self, callout: int, block: AccessBlock, description: str) -> None:
        """Let the observer see a box below its block's header."""
        self._shown(
            callout, lambda: (*self._ticks.box(block, description), self._ticks.header(block))
        )

    def _shown(self, callout: int, find: Callable[[], tuple[Seen, Sought, Seen | None]]) -> Seen:
        """A control under its heading, once the observer has seen it."""
        with explaining(self._screen, callout):
            for _ in range(_LOOKS):
                control, sought, heading = find()
                with contextlib.suppress(Gone):  # drawn anew: look for it again
                    self._screen.observer.seen(
                        self._finder.look(
                            control,
                            sought,
                            callout=callout,
                            keep=self._screen.keep,
                            heading=heading,
                        )
                    )
                    return control
            raise self._finder.missing(sought)

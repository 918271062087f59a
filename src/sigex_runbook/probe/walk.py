"""The way through the guide's thirteen callouts, reading only, past whatever is not recognised."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

from playwright.sync_api import Error as PlaywrightError

from sigex_runbook.core.access import AccessBlock
from sigex_runbook.core.errors import RunFailed
from sigex_runbook.core.guide import load_guide
from sigex_runbook.site import guide_labels as words
from sigex_runbook.site.pages.settings_page import PATH as SETTINGS_PATH
from sigex_runbook.site.reading.lists import NoList
from sigex_runbook.site.reading.locators import Overrides
from sigex_runbook.site.reading.recognition import likeness
from sigex_runbook.site.reading.sought import Sought
from sigex_runbook.site.reading.view import Seen, View

from . import candidates, outline
from .blocks import Blocks
from .callouts import Callouts, same
from .entrance import Entrance
from .findings import Finding, Place, Proposal, State
from .ground import LONG_MS, PROOF_MS, SHORT_MS, Ground

_TRIED = 4


class Walk:
    """One walk; `learn` is told what was seen of the unknowns of the fact sheet."""

    def __init__(
        self,
        ground: Ground,
        overrides: Overrides,
        learn: Callable[..., None],
        *,
        ask: Callable[[str], object] | None = None,
    ) -> None:
        """With `ask` a person is asked, in words, to press what was not recognised."""
        self._on = ground
        self._learn = learn
        self._callouts = Callouts(ground, overrides, ask)
        self._entrance = Entrance(ground, self._callouts, learn)
        self._blocks = Blocks(ground, self._callouts, learn)
        self.stopped: str | None = None

    @property
    def findings(self) -> dict[int, Finding]:
        """One finding a callout."""
        return self._callouts.findings

    @property
    def proposals(self) -> list[Proposal]:
        """Pointers for what was not recognised."""
        return self._callouts.proposals

    def perform(self) -> None:
        """Walk as far as it goes; what stops it is kept in `stopped`."""
        try:
            self._entrance.look_signed_out()
            self._entrance.sign_in()
            self._open_menu()
            self._open_settings()
            self._open_access_control()
            self._blocks.open_all()
            self._look_for_save()
            self._load_anew()
        except (RunFailed, PlaywrightError) as error:
            told = str(error) if isinstance(error, RunFailed) else "Страница закрылась."
            self.stopped = self._on.cleaning.text(told)
        for section in load_guide().sections:
            for mark in section.callouts:
                if mark.number not in self.findings:
                    self.findings[mark.number] = Finding(
                        callout=mark.number, state=State.NOT_REACHED, message=self.stopped or ""
                    )

    # -- sections 2 and 3

    def _open_menu(self) -> None:
        on = self._on
        sought = words.marked(2)
        icon = self._callouts.seek(2, sought)
        if icon is None and self._header_gone():
            on.site.open_start()
            icon = self._callouts.seek(2, sought)
        view = on.view()
        self._learn(7, signed_in=outline.of(view, lambda one: one.in_header))
        self._went_with_the_sign_in(view)
        near = candidates.icons_of_header(
            "menu_icon", view, on.finder.locators, self._entrance.header_before
        )
        place, back = Place("menu_icon"), on.site.reload
        if icon is None:
            self._callouts.miss(2, sought, place, near, proof=self._opens_menu, back=back)
        elif not self._opens_menu(icon):
            self._another_menu(icon, sought, near)

    def _another_menu(self, icon: Seen, sought: Sought, near: Sequence[Seen]) -> None:
        """What is taken for the menu's icon opens no menu: another one may."""
        on, taken = self._on, self._callouts.findings[2]
        on.site.reload()
        others = [one for one in near if candidates.sign_of(one) != candidates.sign_of(icon)]
        if self._callouts.miss(
            2, sought, Place("menu_icon"), others, proof=self._opens_menu, back=on.site.reload
        ):
            on.visitor.note(f"То, что принято за иконку меню ({taken.clue}), меню не открывает.")
            return
        self._callouts.findings[2] = taken
        self._callouts.proposals = [
            one for one in self._callouts.proposals if one.place.control != "menu_icon"
        ]
        self._callouts.use_likely()
        again = on.recognised(sought, SHORT_MS)
        if again is not None and again.one is not None:
            on.press(again.one.seen)

    def _went_with_the_sign_in(self, view: View) -> None:
        """An icon that was there before the sign-in alone is likely the one that leads to it."""
        finding = self._callouts.findings[1]
        now = {candidates.sign_of(one) for one in view.shown if one.in_header}
        made = finding.proposal
        if made is None or made.proof or made.sign in now:
            return
        if now & self._entrance.header_before:
            self._callouts.proved(1, "после входа этого элемента в шапке больше нет")

    def _header_gone(self) -> bool:
        return not any(one.in_header and one.pressable for one in self._on.view().shown)

    def _opens_menu(self, seen: Seen) -> str:
        on = self._on
        was = on.recognised(words.SIGN_OUT, 0)
        if not on.press(seen):
            return ""
        for sought in (words.marked(3), words.SIGN_OUT):
            found = on.recognised(sought, PROOF_MS)
            if found and found.one and not (sought is words.SIGN_OUT and was):
                return f"после нажатия открылось меню, в нём «{found.one.seen.name}»"
        return ""

    def _open_settings(self) -> None:
        on = self._on
        before = on.finder.before
        sought = words.marked(3)
        item = self._callouts.seek(3, sought, SHORT_MS)
        view = on.view()
        fresh = view.numbers - before
        self._learn(7, menu=outline.of(view, lambda one: one.number in fresh))
        if item is not None:
            on.press(item)
        else:
            expected = sought.called(on.finder.locators)
            self._callouts.miss(
                3, sought, Place("organisation_settings_item"),
                candidates.by_name("organisation_settings_item", expected, view, fresh),
                proof=self._leads_to_settings, back=None,
            )  # fmt: skip
        if not on.in_settings(LONG_MS if item is not None else 0):
            on.visitor.note("Настройки организации открыты по адресу, а не из меню.")
            on.site.open_settings_by_address()
            on.in_settings(LONG_MS)

    def _leads_to_settings(self, seen: Seen) -> str:
        on = self._on
        if on.press(seen) and on.finder.until(
            lambda view: urlsplit(view.url).path.startswith(SETTINGS_PATH) or None, PROOF_MS
        ):
            return "после нажатия открылись настройки организации"
        return ""

    def _open_access_control(self) -> None:
        on = self._on
        sought = words.marked(4)
        link = self._callouts.seek(4, sought, SHORT_MS)
        view = on.view()
        before = on.path()
        already = on.blocks()
        if link is None:
            expected = sought.called(on.finder.locators)
            self._callouts.miss(
                4, sought, Place("access_control_link"),
                candidates.by_name("access_control_link", expected, view),
                proof=None if already else self._shows_blocks,
                back=on.site.open_settings_by_address,
            )  # fmt: skip
        elif not already:
            on.press(link)
        shown = bool(on.finder.until(lambda _: on.blocks() or None, LONG_MS))
        self._learn(
            2, address_before=before, address_after=on.path(), blocks_before_link=already,
            blocks_after_link=shown,
        )  # fmt: skip
        if not shown:
            on.visitor.note("Ни одного блока контроля доступа на странице не узнано.")

    def _shows_blocks(self, seen: Seen) -> str:
        on = self._on
        if on.press(seen) and on.finder.until(lambda _: on.blocks() or None, PROOF_MS):
            return "после нажатия показались блоки"
        return ""

    # -- section 8

    def _look_for_save(self) -> None:
        on = self._on
        sought = words.marked(13)
        button = self._callouts.seek(13, sought, SHORT_MS)
        view = on.view()
        if button is None:
            expected = sought.called(on.finder.locators)
            found = [
                one
                for one in view.shown
                if one.pressable and one.checked is None and one.name and not one.in_header
            ]
            found.sort(key=lambda one: -likeness(expected, one.name))
            self._callouts.miss(
                13, sought, Place("save_button"), found[:_TRIED], proof=None, back=None
            )
            return
        self._learn(
            4, text=on.cleaning.text(button.name), active_without_change=button.enabled,
            buttons_with_such_words=[
                on.cleaning.text(one.name) for one in view.shown
                if one.pressable and "сохран" in one.name.casefold()
            ],
        )  # fmt: skip

    def _load_anew(self) -> None:
        on = self._on
        on.site.reload()
        on.in_settings(LONG_MS)
        self._learn(
            2, address_after_reload=on.path(), blocks_after_reload=on.blocks(),
            boxes_after_reload=len(on.view().boxes()),
        )  # fmt: skip


def found_again(ground: Ground, proposals: Sequence[Proposal]) -> frozenset[str]:
    """Load everything anew and tell the keys of those proposals that find the element again."""
    wanted = {one.place.key: one for one in proposals}
    found: set[str] = set()

    def look(sought: Sought, key: str) -> Seen | None:
        one = ground.recognised(sought, SHORT_MS)
        if one is None or one.one is None:
            return None
        if key in wanted and same(one.one.seen, wanted[key]):
            found.add(key)
        return one.one.seen

    with contextlib.suppress(RunFailed, PlaywrightError):
        ground.site.open_start()
        for callout, key in ((2, "menu_icon"), (3, "organisation_settings_item")):
            seen = look(words.marked(callout), f"controls.{key}")
            if seen is None or not ground.press(seen):
                break
        ground.site.open_settings_by_address()
        ground.finder.until(
            lambda view: True if len(view.shown) > 1 and ground.blocks() else None, SHORT_MS
        )
        link = look(words.marked(4), "controls.access_control_link")
        if link is not None and not ground.blocks():
            ground.press(link)
        for block in AccessBlock:
            key = f"blocks.{block}"
            header = look(words.header(block), f"{key}.header")
            if header is None or not candidates.ticks_nothing(header, ground.view()):
                continue
            with contextlib.suppress(RunFailed):
                ground.ticks.expand(block)
                if not isinstance(ground.ticks.look(block).systems, NoList):
                    found.add(f"{key}.list")
        look(words.marked(13), "controls.save_button")
    return frozenset(found & wanted.keys())

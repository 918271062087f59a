"""What is walked on while a page is probed: one page, and who stands at it."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from playwright.sync_api import Error as PlaywrightError

from sigex_runbook.core.errors import GuideBroken
from sigex_runbook.run.sign_in import SignIn
from sigex_runbook.site import guide_labels as words
from sigex_runbook.site.finder import Finder
from sigex_runbook.site.pages.settings_page import PATH as SETTINGS_PATH
from sigex_runbook.site.pages.ticks import Ticks
from sigex_runbook.site.reading.locators import Locators, Overrides
from sigex_runbook.site.reading.recognition import Recognition
from sigex_runbook.site.reading.sought import Sought
from sigex_runbook.site.reading.view import Seen, View
from sigex_runbook.site.screenshot import Gone
from sigex_runbook.site.site import Site

from .camera import Camera
from .candidates import ticks_nothing
from .cleaning import Cleaning
from .pointing import Pointing
from .visitor import Visitor

LONG_MS, SHORT_MS, PROOF_MS = 8_000, 2_500, 2_500
"""Waits: for a page, for what should be there already, and for what a press brings about."""

_PRESS_MS = 3_000
_BLOCKS = 2


@dataclass
class Ground:
    """What is walked on: one page, and who stands at it."""

    site: Site
    finder: Finder
    ticks: Ticks
    visitor: Visitor
    sign_in: SignIn
    wanted: str
    pointing: Pointing
    camera: Camera
    cleaning: Cleaning
    address: str

    @property
    def system(self) -> str:
        """The information system whose boxes are looked for: the ordered one where there is one of
        that name, else the organisation's first; empty when there is none."""
        settings = self.visitor.settings_before()
        names = [one.description for one in settings.systems] if settings else []
        return self.wanted if self.wanted in names else next(iter(names), "")

    def view(self) -> View:
        """The page now."""
        return self.finder.survey.look()

    def use(self, overrides: Overrides) -> None:
        """Look for controls with these pointers from now on."""
        self.finder.locators = Locators(self.finder.locators.meanings, overrides)

    def path(self) -> str:
        """The page's address without the host, private data and the question."""
        parts = urlsplit(self.finder.page.url)
        fragment = f"#{parts.fragment}" if parts.fragment else ""
        return self.cleaning.text(f"{parts.path}{fragment}")

    def blocks(self) -> bool:
        """Whether blocks are to be seen: two at least, since a page's title may read as one."""
        headers = self.finder.headers(self.view())
        return len(headers.found) + len(headers.rivals) >= _BLOCKS

    def recognised(self, sought: Sought, at_most_ms: float) -> Recognition | None:
        """The control, waited for."""
        return self.finder.until(
            lambda view: found if (found := self.finder.recognise(sought, view)).one else None,
            at_most_ms,
        )

    def press(self, seen: Seen) -> bool:
        """Press something that ticks nothing; False when it could not be pressed."""
        view = self.view()
        if not ticks_nothing(seen, view):
            raise GuideBroken("Проверка страницы не нажимает галочек.")
        try:
            self.finder.handle(seen).click(timeout=_PRESS_MS)
        except (Gone, PlaywrightError):
            return False
        self.finder.before = view.numbers
        return True

    def in_settings(self, at_most_ms: float) -> bool:
        """Whether the settings show what they are for, waited for."""
        link, finder = words.marked(4), self.finder

        def there(view: View) -> bool | None:
            if not urlsplit(view.url).path.startswith(SETTINGS_PATH):
                return None
            return finder.offered(link, view) or self.blocks() or None

        return bool(finder.until(there, at_most_ms))

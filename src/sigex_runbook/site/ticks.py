"""Access blocks on the screen: their headers, what these open, and the ticks inside."""

from __future__ import annotations

from collections.abc import Mapping

from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Locator, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from sigex_runbook.core import error_causes as reasons
from sigex_runbook.core.access import AccessBlock
from sigex_runbook.core.errors import ControlNotFound, GuideBroken

from . import guide_labels as words
from .controls import NotOne, blocks_but, exact, present, resolve
from .finder import Finder
from .screenshot import page_script
from .survey import Sought

_FOLLOW_MS = 2_000  # until a box shows that it was pressed


class Ticks:
    """The blocks of one page. Every task raises ControlNotFound for what it cannot find."""

    def __init__(self, finder: Finder) -> None:
        self._finder = finder
        self._page = finder.page
        self._deadline = finder.deadline

    def header(self, block: AccessBlock) -> Locator:
        """A block's header."""
        return self._finder.find(words.header(block))

    def expanded(self, block: AccessBlock, header: Locator) -> bool:
        """Whether the block's lists are shown."""
        for state in ("aria-expanded", "aria-selected"):  # a button's, a tab's
            if (value := header.get_attribute(state)) is not None:
                return value == "true"
        return self._panel(block, header).is_visible()

    def expand(self, block: AccessBlock, header: Locator) -> bool:
        """Expand a block; False when it is open. Raises GuideBroken when it stays closed."""
        if self.expanded(block, header):
            return False
        self._finder.press(header, words.header(block))
        try:
            self._panel(block, header).wait_for(state="visible", timeout=self._finder.timeout_ms())
        except PlaywrightTimeout:
            self._deadline.check()
            raise GuideBroken(
                f"{words.title(block)}: после нажатия блок не раскрылся. "
                "Сравните страницу с инструкцией."
            ) from None
        return True

    def checkbox(
        self, block: AccessBlock, description: str, header: Locator
    ) -> tuple[Locator, Sought]:
        """The information system's checkbox in the (expanded) block, and how it was looked for."""
        panel = self._panel(block, header)
        try:
            scope = resolve(
                panel,
                "information_system_list",
                timeout_ms=self._finder.timeout_ms(),
            )
        except NotOne:  # the guide knows no list: it is the checkbox that is not there
            self._deadline.check()
            scope = panel
        sought = Sought(
            "checkbox",
            f"галочка информационной системы «{description}» в блоке «{words.header_name(block)}»",
            {"description": exact(description)},
            description,
            scope,
            lambda: self._other_panels(block),
        )
        if scope is panel:
            raise self._finder.missing(sought)
        return self._finder.find(sought), sought

    def set(self, checkbox: Locator, sought: Sought, wanted: bool) -> bool:
        """Bring a tick to the wanted state; True when it had to be changed."""
        if checkbox.is_checked() == wanted:
            return False
        try:
            label = checkbox.evaluate_handle(page_script("labelOfUnseen")).as_element()
            (label or checkbox).click(timeout=self._finder.timeout_ms())
        except PlaywrightError as error:
            self._deadline.check()
            raise self._finder.unusable(checkbox, sought, reasons.why(error)) from None
        try:
            # The page may draw the box anew before it shows the change.
            expect(checkbox).to_be_checked(
                checked=wanted, timeout=self._deadline.timeout_ms(_FOLLOW_MS)
            )
        except (PlaywrightError, AssertionError):
            raise ControlNotFound(
                f"{sought.phrase} не переключилась: нажатие её не изменило. Ничего не сохранено; "
                "сверьте страницу с инструкцией."
            ) from None
        return True

    def _panel(self, block: AccessBlock, header: Locator) -> Locator:
        """What a header opens: by aria-controls, its open details, or the nearest frame with boxes.

        A frame that holds another block's header too is no panel of this one: while a closed
        block has nothing inside, the nearest boxes belong to its neighbour.
        """
        if controlled := header.get_attribute("aria-controls"):
            return self._page.locator(f'[id="{controlled}"]')
        if header.evaluate("element => element.tagName") == "SUMMARY":
            return header.locator("xpath=parent::details[@open]")
        frame = header.locator(
            "xpath=ancestor::*[.//input[@type='checkbox'] or "
            ".//*[@role='checkbox' or @role='switch']][1]"
        )
        return frame.filter(has_not=blocks_but(self._page, block))

    def _other_panels(self, block: AccessBlock) -> Mapping[str, Locator]:
        """What the other blocks' headers open, by the names of these, as far as they are there."""
        panels = {}
        for other in AccessBlock:
            sought = words.header(other)
            if other is not block and present(self._page, sought.control, sought.words):
                header = resolve(self._page, sought.control, timeout_ms=1, words=sought.words)
                panels[sought.expected] = self._panel(other, header)
        return panels

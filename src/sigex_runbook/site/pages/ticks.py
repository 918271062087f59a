"""Access blocks on the screen: their headers, what these open, and the ticks inside."""

from __future__ import annotations

from sigex_runbook.core.access import AccessBlock
from sigex_runbook.core.errors import ControlNotFound, GuideBroken
from sigex_runbook.site import guide_labels as words
from sigex_runbook.site.finder import Finder
from sigex_runbook.site.reading.lists import SystemList, others_differ
from sigex_runbook.site.reading.sought import Sought
from sigex_runbook.site.reading.view import Seen, View

from .block_reader import BlockReader, Contents, Settings, names_of

_FOLLOW_MS = 2_000  # until a box shows that it was pressed
_PRESSES = 2
_OPENINGS = 2


class Ticks:
    """The blocks of one page. Every task raises ControlNotFound for what it cannot find."""

    def __init__(self, finder: Finder, settings: Settings) -> None:
        self._finder = finder
        self._settings = settings
        self._reader = BlockReader(finder, settings)
        self._pressed: dict[AccessBlock, frozenset[int]] = {}

    def forget(self) -> None:
        """The page was loaded anew: what was ticked in it is gone."""
        self._pressed.clear()
        self._reader.forget()

    def expand(self, block: AccessBlock) -> bool:
        """Expand a block; False when it is open. Raises GuideBroken when it stays closed."""
        sought = words.header(block)
        header = self._finder.find(sought)
        view = self._finder.survey.last
        if self._reader.is_open(view, block):
            return False
        if header.expanded or header.selected:  # its contents are on their way
            self._finder.until(lambda v: True if self._reader.is_open(v, block) else None)
            return False
        before, closed = view, view.numbers

        def opened(view: View) -> bool | None:
            if self._reader.is_open(view, block):
                return True
            now = self._finder.headers(view).found.get(block)
            told = now is not None and (now.expanded or now.selected)
            return True if told and view.numbers - closed else None

        for opening in range(_OPENINGS):  # a press may be lost while the page draws itself anew
            self._finder.press(sought, header if opening == 0 else None)
            self._reader.pressed(block, before)
            if self._finder.until(opened, self._finder.timeout_ms() / _OPENINGS):
                return True
            view = self._finder.survey.last
            if [one for one in view.shown if one.number not in closed and one.name]:
                return True
        raise GuideBroken(
            f"{words.title(block)}: после нажатия блок не раскрылся. "
            "Сравните страницу с инструкцией."
        )

    def ticked(self, block: AccessBlock, description: str) -> bool:
        """Whether the information system is ticked in the (expanded) block."""
        return bool(self.box(block, description)[0].checked)

    def box(self, block: AccessBlock, description: str) -> tuple[Seen, Sought]:
        """The information system's box in the (expanded) block, and how it was looked for."""
        sought = self._sought(block, description)
        index = self._reader.index(description)

        def told(view: View) -> Seen | None:
            systems = self._reader.read(view, block, index).systems
            return systems.boxes.get(index) if isinstance(systems, SystemList) else None

        found = self._finder.until(told)
        if found is None:
            raise self._reader.missing(block, sought, index, description)
        return found, sought

    def header(self, block: AccessBlock) -> Seen | None:
        """A block's header in the last look at the page."""
        found = self._finder.recognise(words.header(block), self._finder.survey.last).one
        return found.seen if found else None

    def look(self, block: AccessBlock) -> Contents:
        """What a block shows now."""
        return self._reader.read(self._finder.survey.look(), block)

    def set(self, block: AccessBlock, description: str, wanted: bool) -> bool:
        """Bring a tick to the wanted state; True when it had to be changed.

        Before a block's first tick it must show what the settings say, and after each one nothing
        else in it may have moved.
        """
        box, sought = self.box(block, description)
        index = self._reader.index(description)
        shown = self._check_shown(block)
        if box.checked is wanted:
            return False
        expected = shown | {index} if wanted else shown - {index}
        for _ in range(_PRESSES):
            if self._press(box, sought) and self._finder.until(
                lambda view: self._follows(view, block, index, wanted), _FOLLOW_MS
            ):
                break
            box, _ = self.box(block, description)  # drawn anew, or the press was lost
            if box.checked is wanted:
                break
        else:
            raise ControlNotFound(
                f"{sought.phrase} не переключилась: нажатие её не изменило. Ничего не "
                "сохранено; сверьте страницу с инструкцией."
            )
        self._pressed[block] = expected
        self._check_others(block, expected)
        return True

    # -- how

    def _press(self, box: Seen, sought: Sought) -> bool:
        """Press a box; False when it was drawn anew before it could be."""
        if not box.enabled:
            raise self._finder.unusable(box, sought, "отключена")
        return self._finder.click(sought, box)

    def _follows(self, view: View, block: AccessBlock, index: int, wanted: bool) -> bool | None:
        systems = self._reader.read(view, block, index).systems
        if not isinstance(systems, SystemList) or index not in systems.boxes:
            return None
        return True if systems.boxes[index].checked is wanted else None

    def _check_shown(self, block: AccessBlock) -> frozenset[int]:
        """What the block shows ticked. Raises GuideBroken when that is not what it should be."""
        known = self._reader.known(block)
        contents = self._reader.read(self._finder.survey.last, block)
        systems = contents.systems
        if not isinstance(systems, SystemList):
            return frozenset()
        if self._settings() is None:
            return systems.ticked
        ought = self._pressed.get(block, known.granted) & systems.boxes.keys()
        if systems.ticked != ought:
            raise GuideBroken(
                f"Блок «{words.header_name(block)}» показывает не то, что записано в настройках: "
                f"отмечены {names_of(systems.ticked, known)}, а должны быть "
                f"{names_of(ought, known)}. "
                "Ничего не отмечено и не сохранено; загрузите страницу заново и сравните."
            )
        wrong = others_differ(contents.boxes, systems, known)
        if wrong and block not in self._pressed:
            which = "полномочий" if wrong[0] == "authorities" else "сотрудников"
            raise GuideBroken(
                f"Блок «{words.header_name(block)}» показывает не тех, кому доступ дан по "
                f"настройкам, в списке {which}. Ничего не отмечено и не сохранено; загрузите "
                "страницу заново и сравните."
            )
        return systems.ticked

    def _check_others(self, block: AccessBlock, expected: frozenset[int]) -> None:
        known = self._reader.known(block)
        systems = self._reader.read(self._finder.survey.last, block).systems
        if self._settings() is None or not isinstance(systems, SystemList):
            return
        moved = systems.ticked ^ (expected & systems.boxes.keys())
        if moved:
            raise GuideBroken(
                f"Блок «{words.header_name(block)}»: вместе с галочкой из заказа изменились "
                f"другие: {names_of(moved, known)}. Ничего не сохранено; сравните страницу с "
                "инструкцией."
            )

    def _sought(self, block: AccessBlock, description: str) -> Sought:
        return Sought(
            "checkbox",
            f"галочка информационной системы «{description}» в блоке «{words.header_name(block)}»",
            expected=description,
        )

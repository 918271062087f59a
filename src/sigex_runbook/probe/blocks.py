"""Sections 4 to 7 while a page is probed: the blocks are opened, and nothing in them is ticked."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sigex_runbook.core.access import AccessBlock
from sigex_runbook.core.errors import ControlNotFound, GuideBroken, RunFailed
from sigex_runbook.core.guide import load_guide
from sigex_runbook.core.record import DriftKind
from sigex_runbook.site import guide_labels as words
from sigex_runbook.site.reading.lists import SystemList
from sigex_runbook.site.reading.view import Seen

from . import candidates, outline
from .callouts import STATES, Callouts, near_of
from .findings import Finding, Place, Proposal, State
from .ground import SHORT_MS, Ground


class Blocks:
    """The guide's four blocks, one after another."""

    def __init__(self, ground: Ground, callouts: Callouts, learn: Callable[..., None]) -> None:
        self._on = ground
        self._callouts = callouts
        self._learn = learn

    def open_all(self) -> None:
        """Open one block after another and look for the system's box in each."""
        on = self._on
        opened: list[AccessBlock] = []
        for section in load_guide().sections:
            if section.block is None:
                continue
            header, box = (mark.number for mark in section.callouts)
            if not self._open_block(section.block, header):
                self._list_not_reached(box, "Блок не раскрыт, поэтому его галочек не видно.")
                continue
            self._look_at_list(section.block, box)
            contents = on.ticks.look(section.block)
            if not isinstance(contents.systems, SystemList):
                continue
            self._learn_of_boxes(contents.boxes)
            self._callouts.proved(header, "после нажатия раскрылся список, где подписаны все ИС")
            if opened:
                first = on.ticks.look(opened[0]).systems
                self._learn(2, several_open=isinstance(first, SystemList))
            opened.append(section.block)
        group = on.finder.headers(on.view()).group
        self._learn(
            1, count=len(group), titles=[on.cleaning.text(one.name) for one in group],
            language=on.finder.page.evaluate("document.documentElement.lang"),
        )  # fmt: skip

    def _open_block(self, block: AccessBlock, callout: int) -> bool:
        """Find a block's header and expand it; whether it is expanded."""
        on, sought = self._on, words.header(block)
        header = self._callouts.seek(callout, sought, SHORT_MS)
        if header is None:
            view = on.view()
            headers = on.finder.headers(view)
            self._callouts.miss(
                callout, sought, Place(block=block, part="header"),
                candidates.headers_of_block(
                    block, sought.expected, view, headers, on.finder.locators
                ),
                proof=None, back=None,
            )  # fmt: skip
            header = on.finder.seen(sought)
            if header is None or not candidates.only_shows(header, on.view()):
                return False
        if not candidates.ticks_nothing(header, on.view()):
            raise GuideBroken("Проверка страницы не нажимает галочек.")
        try:
            on.ticks.expand(block)
        except RunFailed as error:
            on.visitor.note(on.cleaning.text(str(error)))
            return False
        return True

    def _look_at_list(self, block: AccessBlock, callout: int) -> None:
        """Find the system's box; nothing is pressed."""
        on = self._on
        if not on.system:
            self._list_not_reached(
                callout, "В настройках организации нет ни одной ИС, или их не прочесть."
            )
            return
        place = Place(block=block, part="list")
        try:
            box, sought = on.ticks.box(block, on.system)
        except ControlNotFound as error:
            self._list_missed(block, callout, place, error)
            return
        contents = on.ticks.look(block)
        listed = len(contents.systems.boxes) if isinstance(contents.systems, SystemList) else 0
        self._callouts.findings[callout] = Finding(
            callout=callout,
            state=State.FOUND,
            clue=f"список, где подписаны все ИС организации ({listed})",
            matched=1,
            role=box.as_role,
            name=on.cleaning.text(on.system),
            address=on.path(),
            outline=self._callouts.cleaned(outline.around(on.view(), box.number)),
            message=f"В блоке галочек: {len(contents.boxes)}",
            picture=on.camera.of_control(callout, box, sought, on.ticks.header(block)),
        )

    def _list_missed(
        self, block: AccessBlock, callout: int, place: Place, error: ControlNotFound
    ) -> None:
        on, view = self._on, self._on.view()
        boxes = on.ticks.look(block).boxes or view.boxes()
        kind = error.drift.kind if error.drift else DriftKind.MISSING
        proposal = self._propose_list(block, place, boxes)
        self._callouts.findings[callout] = Finding(
            callout=callout,
            state=STATES.get(kind, State.MISSING),
            near=near_of(error.drift, on.cleaning),
            address=on.path(),
            outline=self._callouts.cleaned(
                outline.of(view, lambda one: one.checked is not None or "heading" in one.kinds)
            ),
            message=self._callouts.said(error),
            proposal=proposal,
            picture=on.camera.of_miss(callout, self._callouts.said(error), error.drift),
        )

    def _list_not_reached(self, callout: int, why: str) -> None:
        self._callouts.findings[callout] = Finding(
            callout=callout,
            state=State.NOT_REACHED,
            message=why,
            outline=self._callouts.cleaned(
                outline.of(self._on.view(), lambda one: one.checked is not None)
            ),
        )

    def _propose_list(
        self, block: AccessBlock, place: Place, boxes: Sequence[Seen]
    ) -> Proposal | None:
        """A part of the page in which the list is recognised, tried at once."""
        on = self._on
        if self._callouts.ask is not None:
            told = f"галочку «{on.system}» в блоке «{words.header_name(block)}»"
            seen = self._callouts.person_shows(told)
            if seen is not None:
                boxes = [seen]
        named = [b for b in boxes if any(on.system in text for texts in b.labels for text in texts)]
        for number in candidates.lists_around(named or boxes):
            derived = on.pointing.derive_part(number)
            if derived is None:
                continue
            made = Proposal(
                place,
                derived.pointer,
                "часть страницы с галочками ИС этого блока",
                derived.firmness,
                "в ней узнан список, где подписаны все ИС организации",
                by_person=self._callouts.ask is not None,
            )
            self._callouts.use_likely(made)
            if isinstance(on.ticks.look(block).systems, SystemList):
                return self._callouts.keep(made)
        self._callouts.use_likely()
        return None

    def _learn_of_boxes(self, boxes: Sequence[Seen]) -> None:
        on = self._on
        settings = on.visitor.settings_before()
        head = on.finder.locators.meanings.authorities.get("1.2.398.3.3.4.1.2.1", "")
        labels = [next((t for texts in b.labels for t in texts), "") for b in boxes]
        heads = [b for b, label in zip(boxes, labels, strict=True) if label.startswith(head)]
        off = (
            [s.description for n, s in enumerate(settings.systems) if settings.disabled(n)]
            if settings
            else []
        )
        self._learn(
            3,
            labels=[on.cleaning.text(label) for label in labels],
            roles=sorted({b.as_role for b in boxes}),
            head_shown=bool(heads),
            head_ticked=[bool(b.checked) for b in heads],
            head_locked=[not b.enabled for b in heads],
            disabled_systems=len(off),
            disabled_systems_shown=sum(any(d in label for label in labels) for d in off),
        )

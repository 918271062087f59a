"""The way through the guide's thirteen callouts, reading only, past whatever is not recognised."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, urlsplit

from playwright.sync_api import Error as PlaywrightError

from sigex_runbook.core.access import AccessBlock
from sigex_runbook.core.errors import ControlNotFound, GuideBroken, RunFailed, ServiceUnavailable
from sigex_runbook.core.guide import load_guide
from sigex_runbook.core.record import LIKE, Drift, DriftKind
from sigex_runbook.run.sign_in import SignIn
from sigex_runbook.site import guide_labels as words
from sigex_runbook.site.finder import Finder
from sigex_runbook.site.reading.drift import NEXT
from sigex_runbook.site.reading.lists import NoList, SystemList
from sigex_runbook.site.reading.locators import Locators, Overrides
from sigex_runbook.site.reading.messages import message_of
from sigex_runbook.site.reading.recognition import Recognition, Weighed, likeness
from sigex_runbook.site.reading.sought import Sought, what_became
from sigex_runbook.site.reading.view import Seen, View
from sigex_runbook.site.site import Site
from sigex_runbook.site.survey import Gone
from sigex_runbook.site.ticks import Ticks

from . import candidates, outline
from .camera import Camera
from .cleaning import Cleaning
from .findings import Finding, Near, Place, Proposal, State, with_pointers
from .guard import only_shows, ticks_nothing
from .pointing import Pointing
from .visitor import Visitor

_LONG_MS, _SHORT_MS, _PROOF_MS, _PRESS_MS = 8_000, 2_500, 2_500, 3_000
_TRIED = 4
_BLOCKS = 2
_SETTINGS = "/organization-settings"  # sigex-facts 2.1 (inferred)
_PERSON_MS = 180_000
_ADDRESSES = ("/auth", "/login", "/sign-in", "/signin")
"""Where sign-in pages usually are: the path of this one is not known (sigex-facts 2.1)."""
_SIGN_BUTTON = Sought("sign_button", "кнопка подписи NCALayer")
_SIGN_OUT = Sought("sign_out", "пункт выхода в меню")
_STATES = {DriftKind.DOUBLED: State.DOUBLED, DriftKind.HIDDEN: State.HIDDEN}

Proof = Callable[[Seen], str]
"""Presses a candidate and tells in words what shows that it is the control; else nothing."""

Learn = Callable[..., None]


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
        """Whether blocks are to be seen: two at least, since a title of the page may read as one."""
        headers = self.finder.headers(self.view())
        return len(headers.found) + len(headers.rivals) >= _BLOCKS

    def recognised(self, sought: Sought, at_most_ms: float) -> Recognition | None:
        """The control, waited for."""
        self.finder.known.person = self.visitor.person()
        return self.finder.until(
            lambda view: (
                found
                if (found := sought.find(view, self.finder.locators, self.finder.hints(view))).one
                else None
            ),
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
        self.finder.known.before = view.numbers
        return True


class Walk:
    """One walk. `findings` fill as it goes; `learn` is told what was seen of the unknowns."""

    def __init__(
        self,
        ground: Ground,
        overrides: Overrides,
        learn: Learn,
        *,
        ask: Callable[[str], object] | None = None,
    ) -> None:
        """With `ask` a person is asked, in words, to press what was not recognised."""
        self._on = ground
        self._overrides = overrides
        self._learn = learn
        self._ask = ask
        self._header_before: frozenset[candidates.Sign] = frozenset()
        self.findings: dict[int, Finding] = {}
        self.proposals: list[Proposal] = []
        self.stopped: str | None = None

    def perform(self) -> None:
        """Walk as far as it goes; what stops it is kept in `stopped`."""
        try:
            self._look_signed_out()
            self._sign_in()
            self._open_menu()
            self._open_settings()
            self._open_access_control()
            self._open_blocks()
            self._look_for_save()
            self._load_anew()
        except (RunFailed, PlaywrightError) as error:
            told = str(error) if isinstance(error, RunFailed) else "Страница закрылась."
            self.stopped = self._on.cleaning.text(told)
        for section in load_guide().sections:
            for mark in section.callouts:
                if mark.number not in self.findings:
                    self.findings[mark.number] = Finding(
                        callout=mark.number, control=mark.control.ru, state=State.NOT_REACHED,
                        message=self.stopped or "",
                    )  # fmt: skip

    # -- section 1

    def _look_signed_out(self) -> None:
        on = self._on
        with contextlib.suppress(ServiceUnavailable):
            on.site.open_settings_by_address()
            on.finder.until(lambda view: message_of(view, trouble=True), _SHORT_MS)
            view = on.view()
            shown = outline.of(view, lambda one: "header" not in one.kinds)
            self._learn(8, address=on.path(), shown=shown)

    def _sign_in(self) -> None:
        on = self._on
        on.site.open_start()
        sought = words.marked(1)
        icon = self._seek(1, sought)
        view = on.view()
        self._header_before = frozenset(map(candidates.sign_of, view.shown))
        self._learn(7, signed_out=outline.of(view, lambda one: one.in_header))
        if icon is not None:
            on.press(icon)
        elif not self._miss(
            1, sought, Place("sign_in_icon"),
            candidates.icons_of_header("sign_in_icon", view, on.finder.locators),
            proof=self._leads_to_sign_in, back=on.site.open_start,
        ):  # fmt: skip
            self._find_sign_in_page(view)
        self._try_again_now(1)
        if icon is not None or self._leads_to_sign_in_now(_LONG_MS):
            found = on.recognised(_SIGN_BUTTON, _LONG_MS)
            self._learn(
                5,
                address=on.path(),
                title=on.cleaning.text(on.finder.page.title()),
                parameters=sorted(_parameters(on.finder.page.url)),
                shown=outline.of(on.view(), lambda one: "header" not in one.kinds),
                sign_button=found.one.clue if found and found.one else "не узнана",
            )
        self._sign()
        identity = on.visitor.signed_in() and on.visitor.identity
        if not identity:
            raise RunFailed("Вход выполнен, но сервис не говорит, кто вошёл. Запустите снова.")
        on.cleaning.knows((identity.name, identity.organisation_name or ""))

    def _sign(self) -> None:
        """Sign in on the page; or past it, when its button is not recognised and a key is given."""
        on = self._on
        signer = on.sign_in.signer
        if signer is None or on.recognised(_SIGN_BUTTON, _SHORT_MS) is not None:
            on.sign_in.sign(on.site)
            return
        view = on.view()
        if on.path() != "/" and self._propose(
            _SIGN_BUTTON,
            Place("sign_button"),
            candidates.by_name("sign_button", "Войти NCALayer ЭЦП", view),
            view,
            State.MISSING,
            proof=self._begins_a_session,
            back=on.site.reload,
        ):
            on.visitor.note("Кнопка подписи на странице входа не узнана; указание есть в файле.")
        if on.visitor.signed_in():
            return
        on.visitor.note(
            "Кнопка подписи не узнана или страница входа не найдена; сеанс начат без неё, тем же "
            "ключом."
        )
        on.visitor.sign_without_the_page(signer)
        on.site.open_start()

    def _begins_a_session(self, seen: Seen) -> str:
        on = self._on
        if on.press(seen) and on.finder.until(lambda _: on.visitor.signed_in() or None, _PROOF_MS):
            return "после нажатия начался сеанс"
        return ""

    def _leads_to_sign_in(self, seen: Seen) -> str:
        if self._on.press(seen) and self._leads_to_sign_in_now(_PROOF_MS):
            return "после нажатия открылась страница входа"
        return ""

    def _leads_to_sign_in_now(self, at_most_ms: float) -> bool:
        return self._on.recognised(_SIGN_BUTTON, at_most_ms) is not None

    def _find_sign_in_page(self, start: View) -> None:
        """Go to the sign-in page by a link of the page, or where such pages usually are."""
        links = [o.href for o in start.shown if candidates.leads("sign_in_icon", o)]
        for address in dict.fromkeys([*links, *_ADDRESSES]):
            if not address.startswith("/"):
                continue
            with contextlib.suppress(PlaywrightError):
                answer = self._on.finder.page.goto(f"{self._on.address}{address}", timeout=_LONG_MS)
                if answer is not None and answer.ok and self._leads_to_sign_in_now(_SHORT_MS):
                    self._on.visitor.note(f"Страница входа найдена по адресу {address}.")
                    return
        self._on.site.open_start()

    # -- sections 2 and 3

    def _open_menu(self) -> None:
        on = self._on
        sought = words.marked(2)
        icon = self._seek(2, sought)
        if icon is None and self._header_gone():
            on.site.open_start()
            icon = self._seek(2, sought)
        view = on.view()
        self._learn(7, signed_in=outline.of(view, lambda one: one.in_header))
        self._went_with_the_sign_in(view)
        near = candidates.icons_of_header(
            "menu_icon", view, on.finder.locators, self._header_before
        )
        place, back = Place("menu_icon"), on.site.reload
        if icon is None:
            self._miss(2, sought, place, near, proof=self._opens_menu, back=back)
        elif not self._opens_menu(icon):
            self._another_menu(icon, sought, near)

    def _another_menu(self, icon: Seen, sought: Sought, near: Sequence[Seen]) -> None:
        """What is taken for the menu's icon opens no menu: another one may."""
        on, taken = self._on, self.findings[2]
        on.site.reload()
        others = [one for one in near if candidates.sign_of(one) != candidates.sign_of(icon)]
        if self._miss(
            2, sought, Place("menu_icon"), others, proof=self._opens_menu, back=on.site.reload
        ):
            on.visitor.note(f"То, что принято за иконку меню ({taken.clue}), меню не открывает.")
            return
        self.findings[2] = taken
        self.proposals = [one for one in self.proposals if one.place.control != "menu_icon"]
        on.use(with_pointers(self._overrides, self._likely()))
        again = on.recognised(sought, _SHORT_MS)
        if again is not None and again.one is not None:
            on.press(again.one.seen)

    def _went_with_the_sign_in(self, view: View) -> None:
        """An icon that was there before the sign-in alone is likely the one that leads to it."""
        finding = self.findings[1]
        now = {candidates.sign_of(one) for one in view.shown if one.in_header}
        if finding.proposal and not finding.proposal.proof and now & self._header_before:
            if finding.proposal.sign not in now:
                self._proved(1, "после входа этого элемента в шапке больше нет")

    def _header_gone(self) -> bool:
        return not any(one.in_header and one.pressable for one in self._on.view().shown)

    def _opens_menu(self, seen: Seen) -> str:
        on = self._on
        was = on.recognised(_SIGN_OUT, 0)
        if not on.press(seen):
            return ""
        for sought in (words.marked(3), _SIGN_OUT):
            found = on.recognised(sought, _PROOF_MS)
            if found and found.one and not (sought is _SIGN_OUT and was):
                return f"после нажатия открылось меню, в нём «{found.one.seen.name}»"
        return ""

    def _open_settings(self) -> None:
        on = self._on
        before = on.finder.known.before
        sought = words.marked(3)
        item = self._seek(3, sought, _SHORT_MS)
        view = on.view()
        fresh = view.numbers - before
        self._learn(7, menu=outline.of(view, lambda one: one.number in fresh))
        if item is not None:
            on.press(item)
        else:
            expected = sought.called(on.finder.locators)
            self._miss(
                3, sought, Place("organisation_settings_item"),
                candidates.by_name("organisation_settings_item", expected, view, fresh),
                proof=self._leads_to_settings, back=None,
            )  # fmt: skip
        if not self._in_settings(_LONG_MS if item is not None else 0):
            on.visitor.note("Настройки организации открыты по адресу, а не из меню.")
            on.site.open_settings_by_address()
            self._in_settings(_LONG_MS)

    def _leads_to_settings(self, seen: Seen) -> str:
        on = self._on
        if on.press(seen) and on.finder.until(
            lambda view: urlsplit(view.url).path.startswith(_SETTINGS) or None, _PROOF_MS
        ):
            return "после нажатия открылись настройки организации"
        return ""

    def _in_settings(self, at_most_ms: float) -> bool:
        """Whether the settings show what they are for, waited for."""
        link, finder = words.marked(4), self._on.finder

        def there(view: View) -> bool | None:
            if not urlsplit(view.url).path.startswith(_SETTINGS):
                return None
            found = link.find(view, finder.locators, finder.hints(view))
            return True if found.rivals or self._on.blocks() else None

        return bool(finder.until(there, at_most_ms))

    def _open_access_control(self) -> None:
        on = self._on
        sought = words.marked(4)
        link = self._seek(4, sought, _SHORT_MS)
        view = on.view()
        before = on.path()
        already = on.blocks()
        if link is None:
            expected = sought.called(on.finder.locators)
            self._miss(
                4, sought, Place("access_control_link"),
                candidates.by_name("access_control_link", expected, view),
                proof=None if already else self._shows_blocks,
                back=on.site.open_settings_by_address,
            )  # fmt: skip
        elif not already:
            on.press(link)
        shown = bool(on.finder.until(lambda _: on.blocks() or None, _LONG_MS))
        self._learn(
            2, address_before=before, address_after=on.path(), blocks_before_link=already,
            blocks_after_link=shown,
        )  # fmt: skip
        if not shown:
            on.visitor.note("Ни одного блока контроля доступа на странице не узнано.")

    def _shows_blocks(self, seen: Seen) -> str:
        on = self._on
        if on.press(seen) and on.finder.until(lambda _: on.blocks() or None, _PROOF_MS):
            return "после нажатия показались блоки"
        return ""

    # -- sections 4 to 7

    def _open_blocks(self) -> None:
        on = self._on
        view = on.view()
        group = on.finder.headers(view).group
        self._learn(
            1, count=len(group), titles=[on.cleaning.text(one.name) for one in group],
            language=on.finder.page.evaluate("document.documentElement.lang"),
        )  # fmt: skip
        opened: list[AccessBlock] = []
        for section in load_guide().sections:
            if section.block is None:
                continue
            header, box = (mark.number for mark in section.callouts)
            if not self._open_block(section.block, header):
                self._list_not_reached(box)
                continue
            if not self._look_at_list(section.block, box):
                continue
            self._proved(header, "после нажатия раскрылся список, где подписаны все ИС")
            if opened:
                first = on.ticks.look(opened[0])[1]
                self._learn(2, several_open=isinstance(first, SystemList))
            opened.append(section.block)

    def _open_block(self, block: AccessBlock, callout: int) -> bool:
        """Find a block's header and expand it; whether it is expanded."""
        on, sought = self._on, words.header(block)
        header = self._seek(callout, sought, _SHORT_MS)
        if header is None:
            view = on.view()
            headers = on.finder.headers(view)
            self._miss(
                callout, sought, Place(block=block, part="header"),
                candidates.headers_of_block(
                    block, sought.expected, view, headers, on.finder.locators
                ),
                proof=None, back=None,
            )  # fmt: skip
            header = on.finder.seen(sought)
            if header is None or not only_shows(header, on.view()):
                return False
        if not ticks_nothing(header, on.view()):
            raise GuideBroken("Проверка страницы не нажимает галочек.")
        try:
            on.ticks.expand(block)
        except RunFailed as error:
            on.visitor.note(on.cleaning.text(str(error)))
            return False
        return True

    def _look_at_list(self, block: AccessBlock, callout: int) -> bool:
        """Find the system's box; nothing is pressed."""
        on = self._on
        control = load_guide().callout(callout).control.ru
        if not on.system:
            self.findings[callout] = Finding(
                callout=callout, control=control, state=State.NOT_REACHED,
                message="В настройках организации нет ни одной ИС, или их не прочесть.",
                outline=self._cleaned(outline.of(on.view(), lambda one: one.checked is not None)),
            )  # fmt: skip
            return False
        place = Place(block=block, part="list")
        try:
            box, sought = on.ticks.box(block, on.system)
        except ControlNotFound as error:
            self._list_missed(block, callout, place, error)
            return False
        boxes, systems = on.ticks.look(block)
        listed = len(systems.boxes) if isinstance(systems, SystemList) else 0
        self._learn_of_boxes(boxes)
        self.findings[callout] = Finding(
            callout=callout,
            control=control,
            state=State.FOUND,
            clue=f"список, где подписаны все ИС организации ({listed})",
            matched=1,
            role=box.as_role,
            name=on.cleaning.text(on.system),
            address=on.path(),
            outline=self._cleaned(outline.around(on.view(), box.number)),
            message=f"В блоке галочек: {len(boxes)}",
            picture=on.camera.of_control(callout, box, sought, on.ticks.header(block)),
        )
        return True

    def _list_missed(
        self, block: AccessBlock, callout: int, place: Place, error: ControlNotFound
    ) -> None:
        on, view = self._on, self._on.view()
        boxes = on.ticks.look(block)[0] or view.boxes()
        kind = error.drift.kind if error.drift else DriftKind.MISSING
        proposal = self._propose_list(block, place, boxes, view)
        self.findings[callout] = Finding(
            callout=callout,
            control=load_guide().callout(callout).control.ru,
            state=_STATES.get(kind, State.MISSING),
            near=_near(error.drift, on.cleaning),
            address=on.path(),
            outline=self._cleaned(
                outline.of(view, lambda one: one.checked is not None or "heading" in one.kinds)
            ),
            message=self._said(error),
            proposal=proposal,
            picture=on.camera.of_miss(callout, self._said(error), error.drift),
        )

    def _list_not_reached(self, callout: int) -> None:
        on = self._on
        self.findings[callout] = Finding(
            callout=callout,
            control=load_guide().callout(callout).control.ru,
            state=State.NOT_REACHED,
            message="Блок не раскрыт, поэтому его галочек не видно.",
            outline=self._cleaned(outline.of(on.view(), lambda one: one.checked is not None)),
        )

    def _propose_list(
        self, block: AccessBlock, place: Place, boxes: Sequence[Seen], view: View
    ) -> Proposal | None:
        """A part of the page in which the list is recognised, tried at once."""
        on = self._on
        if self._ask is not None:
            told = f"галочку «{on.system}» в блоке «{words.header_name(block)}»"
            seen = self._person_shows(told)
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
                by_person=self._ask is not None,
            )
            on.use(with_pointers(self._overrides, [*self._likely(), made]))
            if isinstance(on.ticks.look(block)[1], SystemList):
                return self._keep(made)
        on.use(with_pointers(self._overrides, self._likely()))
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

    # -- section 8

    def _look_for_save(self) -> None:
        on = self._on
        sought = words.marked(13)
        button = self._seek(13, sought, _SHORT_MS)
        view = on.view()
        if button is None:
            expected = sought.called(on.finder.locators)
            found = [
                one
                for one in view.shown
                if one.pressable and one.checked is None and one.name and not one.in_header
            ]
            found.sort(key=lambda one: -likeness(expected, one.name))
            self._miss(13, sought, Place("save_button"), found[:_TRIED], proof=None, back=None)
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
        on.ticks.forget()
        self._in_settings(_LONG_MS)
        self._learn(
            2, address_after_reload=on.path(), blocks_after_reload=on.blocks(),
            boxes_after_reload=len(on.view().boxes()),
        )  # fmt: skip

    # -- one control

    def _seek(self, callout: int, sought: Sought, at_most_ms: float = _LONG_MS) -> Seen | None:
        """A callout's control; when it is found, that is recorded."""
        on = self._on
        found = on.recognised(sought, at_most_ms)
        if found is None or found.one is None:
            return None
        self.findings[callout] = self._finding(callout, sought, found, found.one)
        again = on.recognised(sought, _SHORT_MS)  # the picture may have scrolled the page
        return again.one.seen if again and again.one else found.one.seen

    def _finding(self, callout: int, sought: Sought, found: Recognition, one: Weighed) -> Finding:
        on, seen = self._on, one.seen
        view = on.view()
        return Finding(
            callout=callout,
            control=load_guide().callout(callout).control.ru,
            state=State.FOUND,
            clue=one.clue,
            weight=one.weight,
            matched=max(1, len(found.rivals)),
            role=seen.as_role,
            name=on.cleaning.text(seen.name),
            address=on.path(),
            outline=self._cleaned(outline.around(view, seen.number)),
            message="" if seen.enabled else "Элемент отключен.",
            picture=on.camera.of_control(callout, seen, sought),
        )

    def _miss(
        self,
        callout: int,
        sought: Sought,
        place: Place,
        near: Sequence[Seen],
        *,
        proof: Proof | None,
        back: Callable[[], None] | None,
    ) -> bool:
        """Record a control that was not recognised and propose a pointer; whether a candidate
        proved to be it, and has been pressed. `back` undoes a press that proved nothing."""
        on = self._on
        view = on.view()
        became, rivals = what_became(sought, view, on.finder.locators, on.finder.hints(view))
        state = _STATES.get(became.kind, State.MISSING)
        near = rivals if state is State.DOUBLED else near
        drifted = on.finder.drifted(
            Drift(became.kind, sought.phrase, became.expected, sought.roles),
            [_speaking(one) for one in near],
        )
        said = self._said(drifted)
        finding = Finding(
            callout=callout,
            control=load_guide().callout(callout).control.ru,
            state=state,
            matched=len(rivals) if state is State.DOUBLED else 0,
            near=_near(drifted.drift, on.cleaning),
            address=on.path(),
            outline=self._cleaned(self._part(place, view)),
            message=said,
            picture=on.camera.of_miss(callout, said, drifted.drift),
        )
        self.findings[callout] = finding
        proposal = self._propose(sought, place, near, view, state, proof=proof, back=back)
        self.findings[callout] = replace(finding, proposal=proposal)
        return proposal is not None and bool(proposal.proof) and proof is not None

    def _propose(
        self,
        sought: Sought,
        place: Place,
        near: Sequence[Seen],
        view: View,
        state: State,
        *,
        proof: Proof | None = None,
        back: Callable[[], None] | None = None,
    ) -> Proposal | None:
        on = self._on
        if (shown := self._shown_by_person(sought, place, proof)) is not None:
            return shown
        best: Proposal | None = None
        expected = sought.called(on.finder.locators)
        known = {candidates.sign_of(one) for one in near}
        for tried in near[:_TRIED]:
            seen = self._same_now(tried, view)
            derived = on.pointing.derive(seen) if seen is not None else None
            if seen is None or derived is None:
                continue
            alike = likeness(expected, seen.name)
            alone = place.part == "header" and len(known) == 1
            made = Proposal(
                place, derived.pointer, self._what(seen), derived.firmness,
                likely=alike >= LIKE or state is State.DOUBLED or alone,
                sign=candidates.sign_of(seen),
            )  # fmt: skip
            if proof is not None and only_shows(seen, on.view()):
                if told := proof(seen):
                    return self._keep(replace(made, proof=told, likely=True))
                if back is None:
                    best = best or made
                    break
                back()
            best = best or made
        return self._keep(best) if best is not None else None

    def _shown_by_person(
        self, sought: Sought, place: Place, proof: Proof | None
    ) -> Proposal | None:
        """The control that a person presses in the window; None when nobody is asked or it is not
        there."""
        on = self._on
        seen = self._person_shows(sought.phrase) if self._ask is not None else None
        derived = on.pointing.derive(seen) if seen is not None else None
        if seen is None or derived is None:
            return None
        made = Proposal(
            place,
            derived.pointer,
            self._what(seen),
            derived.firmness,
            proof="указано человеком",
            by_person=True,
            sign=candidates.sign_of(seen),
        )
        if proof is not None:
            proof(seen)
        return self._keep(made)

    def _keep(self, proposal: Proposal) -> Proposal:
        """Use a proposal from now on, when it is likely."""
        self.proposals.append(proposal)
        self._on.use(with_pointers(self._overrides, self._likely()))
        return proposal

    def _likely(self) -> list[Proposal]:
        return [one for one in self.proposals if one.likely]

    def _proved(self, callout: int, proof: str) -> None:
        """What came later shows that a callout's pointer is right."""
        finding = self.findings[callout]
        old = finding.proposal
        if old is None:
            return
        made = replace(old, proof=proof, likely=True)
        self.proposals = [made if one is old else one for one in self.proposals]
        self.findings[callout] = replace(finding, proposal=made)

    def _same_now(self, tried: Seen, before: View) -> Seen | None:
        """An element of an earlier look, by its number, or else by what it is known by."""
        view = self._on.view()
        same = [one for one in view.shown if one.number == tried.number]
        if not same:
            sign = candidates.sign_of(tried)
            alike = [one for one in before.shown if candidates.sign_of(one) == sign]
            now = [one for one in view.shown if candidates.sign_of(one) == sign]
            if len(alike) == len(now):
                same = [n for a, n in zip(alike, now, strict=True) if a.number == tried.number]
        return same[0] if same else None

    def _try_again_now(self, callout: int) -> None:
        """The sign-in icon is there before the sign-in alone: load the page and look again."""
        finding = self.findings.get(callout)
        if finding is None or finding.proposal is None:
            return
        on = self._on
        here = on.finder.page.url
        on.site.open_start()
        on.use(with_pointers(self._overrides, [finding.proposal]))
        found = on.recognised(words.marked(callout), _SHORT_MS)
        on.use(with_pointers(self._overrides, self._likely()))
        again = bool(found and found.one and _same(found.one.seen, finding.proposal))
        made = replace(finding.proposal, again=again)
        self.proposals = [made if one is finding.proposal else one for one in self.proposals]
        self.findings[callout] = replace(finding, proposal=made)
        with contextlib.suppress(PlaywrightError):
            on.finder.page.goto(here, timeout=_LONG_MS)

    def _person_shows(self, phrase: str) -> Seen | None:
        assert self._ask is not None  # noqa: S101 - asked for only then
        request = f"Щёлкните в окне браузера: {phrase}."
        self._ask(request)
        return self._on.pointing.ask_person(request, _PERSON_MS)

    # -- words

    def _part(self, place: Place, view: View) -> tuple[str, ...]:
        if place.control in {"sign_in_icon", "menu_icon"}:
            return outline.of(view, lambda one: one.in_header)
        return outline.of(view, lambda one: not one.in_header)

    def _what(self, seen: Seen) -> str:
        return self._on.cleaning.text(outline.told(seen))

    def _said(self, error: ControlNotFound) -> str:
        told = str(error).removesuffix(NEXT).strip().removesuffix("Ничего не сохранено.").strip()
        return self._on.cleaning.text(told)

    def _cleaned(self, lines: Sequence[str]) -> tuple[str, ...]:
        return tuple(map(self._on.cleaning.text, lines))


def found_again(ground: Ground, proposals: Sequence[Proposal]) -> frozenset[str]:
    """Load everything anew and tell the keys of those proposals that find the element again."""
    wanted = {one.place.key: one for one in proposals}
    found: set[str] = set()

    def look(sought: Sought, key: str) -> Seen | None:
        one = ground.recognised(sought, _SHORT_MS)
        if one is None or one.one is None:
            return None
        if key in wanted and _same(one.one.seen, wanted[key]):
            found.add(key)
        return one.one.seen

    with contextlib.suppress(RunFailed, PlaywrightError):
        ground.site.open_start()
        ground.ticks.forget()
        for callout, key in ((2, "menu_icon"), (3, "organisation_settings_item")):
            seen = look(words.marked(callout), f"controls.{key}")
            if seen is None or not ground.press(seen):
                break
        ground.site.open_settings_by_address()
        ground.finder.until(
            lambda view: True if len(view.shown) > 1 and ground.blocks() else None, _SHORT_MS
        )
        link = look(words.marked(4), "controls.access_control_link")
        if link is not None and not ground.blocks():
            ground.press(link)
        for block in AccessBlock:
            key = f"blocks.{block}"
            header = look(words.header(block), f"{key}.header")
            if header is None or not ticks_nothing(header, ground.view()):
                continue
            with contextlib.suppress(RunFailed):
                ground.ticks.expand(block)
                if not isinstance(ground.ticks.look(block)[1], NoList):
                    found.add(f"{key}.list")
        look(words.marked(13), "controls.save_button")
    return frozenset(found & wanted.keys())


def _same(seen: Seen, proposal: Proposal) -> bool:
    return candidates.sign_of(seen) == proposal.sign


def _near(drift: Drift | None, cleaning: Cleaning) -> tuple[Near, ...]:
    told = drift.candidates if drift else ()
    return tuple(Near(one.role, cleaning.text(one.name), one.likeness) for one in told)


def _speaking(one: Seen) -> Seen:
    """An element that bears a name for people, be it that of its icon."""
    return (
        one if one.name else replace(one, names={"label": f"без подписи: {one.icons or one.tag}"})
    )


def _parameters(url: str) -> list[str]:
    return [name for name, _ in parse_qsl(urlsplit(url).query)]

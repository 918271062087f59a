"""The thirteen callouts of one probe: what was recognised, and pointers for what was not."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import replace

from playwright.sync_api import Error as PlaywrightError

from sigex_runbook.core.errors import ControlNotFound
from sigex_runbook.core.record import LIKE, Drift, DriftKind
from sigex_runbook.site import guide_labels as words
from sigex_runbook.site.reading.drift import NEXT
from sigex_runbook.site.reading.locators import Overrides
from sigex_runbook.site.reading.recognition import Recognition, Weighed, likeness
from sigex_runbook.site.reading.sought import Sought, what_became
from sigex_runbook.site.reading.view import Seen, View

from . import candidates, outline
from .cleaning import Cleaning
from .findings import Finding, Near, Place, Proposal, State, with_pointers
from .ground import LONG_MS, SHORT_MS, Ground

_TRIED = 4
_PERSON_MS = 180_000
STATES = {DriftKind.DOUBLED: State.DOUBLED, DriftKind.HIDDEN: State.HIDDEN}
"""What became of a control that drifted so; of any other it is missing."""

Proof = Callable[[Seen], str]
"""Presses a candidate and tells in words what shows that it is the control; else nothing."""


class Callouts:
    """Findings by the guide's number; `ask`, if given, asks a person to press what is missed."""

    def __init__(
        self, ground: Ground, overrides: Overrides, ask: Callable[[str], object] | None
    ) -> None:
        self._on = ground
        self.overrides = overrides
        self.ask = ask
        self.findings: dict[int, Finding] = {}
        self.proposals: list[Proposal] = []

    def seek(self, callout: int, sought: Sought, at_most_ms: float = LONG_MS) -> Seen | None:
        """A callout's control; when it is found, that is recorded."""
        on = self._on
        found = on.recognised(sought, at_most_ms)
        if found is None or found.one is None:
            return None
        self.findings[callout] = self._finding(callout, sought, found, found.one)
        again = on.recognised(sought, SHORT_MS)  # the picture may have scrolled the page
        return again.one.seen if again and again.one else found.one.seen

    def _finding(self, callout: int, sought: Sought, found: Recognition, one: Weighed) -> Finding:
        on, seen = self._on, one.seen
        view = on.view()
        return Finding(
            callout=callout,
            state=State.FOUND,
            clue="указание" if self._pointed_at(sought) else one.clue,
            weight=one.weight,
            matched=max(1, len(found.rivals)),
            role=seen.as_role,
            name=on.cleaning.text(seen.name),
            address=on.path(),
            outline=self.cleaned(outline.around(view, seen.number)),
            message="" if seen.enabled else "Элемент отключен.",
            picture=on.camera.of_control(callout, seen, sought),
        )

    def _pointed_at(self, sought: Sought) -> bool:
        """Whether a block's header is found as the file says."""
        told = self.overrides.blocks.get(sought.block) if sought.block else None
        return told is not None and told.header is not None

    def miss(
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
        state = STATES.get(became.kind, State.MISSING)
        near = rivals if state is State.DOUBLED else near
        drifted = on.finder.drifted(
            Drift(became.kind, sought.phrase, became.expected, sought.roles),
            [_speaking(one) for one in near],
        )
        said = self.said(drifted)
        finding = Finding(
            callout=callout,
            state=state,
            matched=len(rivals) if state is State.DOUBLED else 0,
            near=near_of(drifted.drift, on.cleaning),
            address=on.path(),
            outline=self.cleaned(self._part(place, view)),
            message=said,
            picture=on.camera.of_miss(callout, said, drifted.drift),
        )
        self.findings[callout] = finding
        proposal = self.propose(sought, place, near, view, state, proof=proof, back=back)
        self.findings[callout] = replace(finding, proposal=proposal)
        return proposal is not None and bool(proposal.proof) and proof is not None

    def propose(
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
        """A pointer for the first of these that proves to be the control, else the likeliest."""
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
            if proof is not None and candidates.only_shows(seen, on.view()):
                if told := proof(seen):
                    return self.keep(replace(made, proof=told, likely=True))
                if back is None:
                    best = best or made
                    break
                back()
            best = best or made
        return self.keep(best) if best is not None else None

    def _shown_by_person(
        self, sought: Sought, place: Place, proof: Proof | None
    ) -> Proposal | None:
        """The control that a person presses in the window; None when nobody is asked or it is not
        there."""
        on = self._on
        seen = self.person_shows(sought.phrase) if self.ask is not None else None
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
        return self.keep(made)

    def keep(self, proposal: Proposal) -> Proposal:
        """Use a proposal from now on, when it is likely."""
        self.proposals.append(proposal)
        self.use_likely()
        return proposal

    def use_likely(self, *tried: Proposal) -> None:
        """Look for controls with the likely pointers from now on, and with what is tried."""
        likely = [one for one in self.proposals if one.likely]
        self._on.use(with_pointers(self.overrides, [*likely, *tried]))

    def proved(self, callout: int, proof: str) -> None:
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

    def try_again_now(self, callout: int) -> None:
        """The sign-in icon is there before the sign-in alone: load the page and look again."""
        finding = self.findings.get(callout)
        if finding is None or finding.proposal is None:
            return
        on = self._on
        here = on.finder.page.url
        on.site.open_start()
        self.use_likely(finding.proposal)
        found = on.recognised(words.marked(callout), SHORT_MS)
        self.use_likely()
        again = bool(found and found.one and same(found.one.seen, finding.proposal))
        made = replace(finding.proposal, again=again)
        self.proposals = [made if one is finding.proposal else one for one in self.proposals]
        self.findings[callout] = replace(finding, proposal=made)
        with contextlib.suppress(PlaywrightError):
            on.finder.page.goto(here, timeout=LONG_MS)

    def person_shows(self, phrase: str) -> Seen | None:
        """What a person presses when asked for this control."""
        assert self.ask is not None  # noqa: S101 - asked for only then
        request = f"Щёлкните в окне браузера: {phrase}."
        self.ask(request)
        return self._on.pointing.ask_person(request, _PERSON_MS)

    # -- words

    def _part(self, place: Place, view: View) -> tuple[str, ...]:
        if place.control in {"sign_in_icon", "menu_icon"}:
            return outline.of(view, lambda one: one.in_header)
        return outline.of(view, lambda one: not one.in_header)

    def _what(self, seen: Seen) -> str:
        return self._on.cleaning.text(outline.told(seen))

    def said(self, error: ControlNotFound) -> str:
        """What is wrong with a control, in words for whoever probes."""
        told = str(error).removesuffix(NEXT).strip().removesuffix("Ничего не сохранено.").strip()
        return self._on.cleaning.text(told[:1].upper() + told[1:])

    def cleaned(self, lines: Sequence[str]) -> tuple[str, ...]:
        """An outline without private data."""
        return tuple(map(self._on.cleaning.text, lines))


def same(seen: Seen, proposal: Proposal) -> bool:
    """Whether an element is the one that was pointed at, by what it is known by."""
    return candidates.sign_of(seen) == proposal.sign


def near_of(drift: Drift | None, cleaning: Cleaning) -> tuple[Near, ...]:
    """What came near."""
    told = drift.candidates if drift else ()
    return tuple(Near(one.role, cleaning.text(one.name), one.likeness) for one in told)


def _speaking(one: Seen) -> Seen:
    """An element that bears a name for people, be it that of its icon."""
    return (
        one if one.name else replace(one, names={"label": f"без подписи: {one.icons or one.tag}"})
    )

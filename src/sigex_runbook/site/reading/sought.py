"""A control that is looked for, and what became of it. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sigex_runbook.core.access import AccessBlock
from sigex_runbook.core.record import LIKE, Drift, DriftKind

from .blocks import headers_of, hidden_header, near_misses
from .locators import Control, Locators
from .recognition import EXACT, Hints, Recognition, Weighed, likeness, recognise, stands_right
from .view import Seen, View

_NEAREST, _FARTHER = 5, 3
"""How many are told: of those that are alike, and else of those of the same kind."""

_ROLES: dict[Control, tuple[str, ...]] = {
    "sign_in_icon": ("link", "button"),
    "menu_icon": ("button", "link"),
    "organisation_settings_item": ("menuitem", "link", "button"),
    "access_control_link": ("link", "tab", "button"),
    "block_header": ("button", "tab"),
    "checkbox": ("checkbox", "switch"),
    "save_button": ("button",),
    "sign_button": ("button", "link"),
    "sign_out": ("menuitem", "button", "link"),
}


@dataclass(frozen=True, slots=True)
class Sought:
    """A control that is looked for: what the guide calls it, and how to know it.

    `block` is given for a block's header. `expected` is the name that it should bear, from the
    locators unless it is given. `fit` narrows what may be taken.
    """

    control: Control
    phrase: str
    block: AccessBlock | None = None
    expected: str = ""
    fit: Callable[[Seen], bool] | None = None

    @property
    def roles(self) -> tuple[str, ...]:
        """The roles that it usually has."""
        return _ROLES.get(self.control, ())

    def called(self, locators: Locators) -> str:
        """The name that it should bear."""
        return self.expected or locators.meanings.controls[self.control].called or self.phrase

    def find(self, view: View, locators: Locators, hints: Hints) -> Recognition:
        """What of the page it is."""
        if self.block is not None:
            headers = headers_of(view, locators, hints)
            one = headers.found.get(self.block)
            rivals = headers.rivals.get(self.block, ())
            hidden = hidden_header(self.block, view, headers, locators)
            return Recognition(
                Weighed(one, EXACT, "слова заголовка") if one else None,
                tuple(Weighed(other, EXACT, "слова заголовка") for other in rivals),
                (Weighed(hidden, EXACT, ""),) if hidden is not None and one is None else (),
            )
        if self.fit is not None:
            view = View(tuple(filter(self.fit, view.elements)), view.url, view.width)
        return recognise(self.control, view, locators, hints)


def what_became(
    sought: Sought, view: View, locators: Locators, hints: Hints
) -> tuple[Drift, list[Seen]]:
    """What became of a control that is not one visible element, and which elements bear on it."""
    found = sought.find(view, locators, hints)
    expected = sought.called(locators)

    def drift(kind: DriftKind) -> Drift:
        return Drift(kind, sought.phrase, expected, sought.roles)

    if len(found.rivals) > 1:
        return drift(DriftKind.DOUBLED), [one.seen for one in found.rivals]
    near = nearest(sought, view, locators, hints)
    like = [one for one in near if likeness(expected, one.name) >= LIKE]
    if found.hidden:
        return drift(DriftKind.HIDDEN), like
    renamed = any(one.as_role in sought.roles for one in like)
    return drift(DriftKind.RENAMED if renamed else DriftKind.MISSING), like or near[:_FARTHER]


def nearest(sought: Sought, view: View, locators: Locators, hints: Hints) -> list[Seen]:
    """Visible controls that may be the wanted one: those of its roles first, by their names."""
    expected = sought.called(locators)
    if sought.block is not None:
        headers = headers_of(view, locators, hints)
        if headers.group:
            return near_misses(view, expected, headers)[:_NEAREST]
    taken = {one.number for one in headers_of(view, locators, hints).group}
    ranked = (
        sorted(
            (one.as_role not in sought.roles, -likeness(expected, one.name), place, one)
            for place, one in enumerate(view.shown)
            if one.pressable
            and one.checked is None
            and one.name
            and one.number not in taken
            and stands_right(sought.control, one)
        )
        if view.shown
        else []
    )
    told: dict[str, Seen] = {}
    for other_role, less, _, one in ranked:
        if not other_role or -less >= LIKE:
            told.setdefault(one.name, one)
    return list(told.values())[:_NEAREST]

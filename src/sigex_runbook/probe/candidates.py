"""What of a page may be a control that was not recognised, the likeliest first; and what of it may
be pressed to see. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sigex_runbook.core.access import AccessBlock
from sigex_runbook.core.record import LIKE
from sigex_runbook.site.reading.blocks import Headers, block_of, near_misses
from sigex_runbook.site.reading.locators import Control, Locators, pattern
from sigex_runbook.site.reading.recognition import likeness
from sigex_runbook.site.reading.view import Seen, View

_MOST = 5
_REACHES: dict[Control, str] = {
    "sign_in_icon": r"auth|login|log-in|sign-?in|вход",
    "organisation_settings_item": r"settings|organi[sz]ation|настройк",
    "access_control_link": r"access|доступ",
}
"""Addresses that tell where a link leads."""
_CHANGES = (
    "сохран|примен|удал|отозв|отключ|выйти|выход|завершить|подпис|отправ|загруз|оплат|добав|созда|очист|сброс"
    "|save|apply|delete|remove|revoke|sign-?out|log-?out|power|trash|submit|upload|pay|сақтау|шығу|жою"
)
"""Words and icons of what does more than show something."""

Sign = tuple[str, str, str, str]


def sign_of(one: Seen) -> Sign:
    """By what an element is known again on another page, or after loading it anew."""
    return (one.tag, one.as_role, one.icons, one.name)


def icons_of_header(
    control: Control, view: View, locators: Locators, before: frozenset[Sign] = frozenset()
) -> list[Seen]:
    """Icons of the header: those that lead there, that were not there `before`, then those without
    a name, each from the right; the known neighbours left out."""
    meaning = locators.meanings.controls[control]
    expected = meaning.called

    def known(one: Seen) -> bool:
        said = (*one.bares, one.icons)
        return bool(meaning.never) and any(map(pattern(meaning.never).search, said))

    found = [one for one in _pressable(view) if one.in_header and not known(one)]
    return sorted(
        _innermost(found),
        key=lambda one: (
            not leads(control, one),
            likeness(expected, one.name) < LIKE,
            sign_of(one) in before,
            any(map(str.isalpha, one.name)),
            -(one.box.x + one.box.width),
        ),
    )[:_MOST]


def by_name(
    control: Control, expected: str, view: View, among: Iterable[int] | None = None
) -> list[Seen]:
    """Whatever may be pressed below the header, the nearest name first, or where it leads;
    `among` narrows it to these elements."""
    wanted = None if among is None else set(among)
    found = [
        one
        for one in _pressable(view)
        if one.name and (one.number in wanted if wanted is not None else not _beside(one))
    ]
    return sorted(
        _innermost(found),
        key=lambda one: -(likeness(expected, one.name) + (0.3 if leads(control, one) else 0)),
    )[:_MOST]


def headers_of_block(
    block: AccessBlock, expected: str, view: View, headers: Headers, locators: Locators
) -> list[Seen]:
    """What may be a block's header: what is like the other headers and names no other block."""
    if headers.rivals.get(block):
        return list(headers.rivals[block])
    common = {number for one in headers.group for number in one.path}
    for one in headers.group:
        common &= set(one.path)
    if headers.group:
        found = [
            one
            for one in near_misses(view, expected, headers)
            if common <= set(one.path)
            and not any(block_of(name, locators) for name in one.bares)
            and only_shows(one, view)
        ]
        if found:
            return found[:_MOST]
    return by_name("block_header", expected, view)


def leads(control: Control, one: Seen) -> bool:
    """Whether a link's address is what the control should lead to."""
    reach = _REACHES.get(control)
    return bool(reach and one.href and pattern(reach).search(one.href))


def lists_around(boxes: Sequence[Seen]) -> list[int]:
    """Parts of the page around the first of these boxes, the smallest first."""
    return list(reversed(boxes[0].path)) if boxes else []


def ticks_nothing(seen: Seen, view: View) -> bool:
    """Whether a press in the middle of it would reach no box."""
    x, y = seen.box.x + seen.box.width / 2, seen.box.y + seen.box.height / 2
    return seen.checked is None and not any(
        one.box.x <= x <= one.box.x + one.box.width and one.box.y <= y <= one.box.y + one.box.height
        for one in view.boxes()
        if seen.around(one) or one.around(seen)
    )


def only_shows(seen: Seen, view: View) -> bool:
    """Whether a press of it may be tried: it ticks nothing, and no word of it is of a change."""
    said = (*seen.bares, seen.icons)
    return ticks_nothing(seen, view) and not any(map(pattern(_CHANGES).search, said))


def _pressable(view: View) -> list[Seen]:
    return [
        one
        for one in view.shown
        if one.pressable and one.enabled and one.tag != "select" and only_shows(one, view)
    ]


def _beside(one: Seen) -> bool:
    return bool(one.kinds & {"header", "beside"})


def _innermost(found: Sequence[Seen]) -> list[Seen]:
    """Of elements around one another the inner one."""
    return [one for one in found if not any(one.around(other) for other in found)]

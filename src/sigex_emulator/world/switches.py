"""Readings of what is not known about the real service (sigex-facts 6), one switch each.

The default is the likelier or the simpler reading; a test chooses the other one to see that a
client survives both:

    Emulator(directory, world=World(switches=Switches(refused_listing="empty")))
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import timedelta
from typing import Any, Literal, get_args, get_origin, get_type_hints

from sigex_emulator.errors import BadSwitch
from sigex_emulator.skins import SkinName

EmptyLists = Literal["empty", "null", "absent"]


@dataclass(frozen=True, slots=True)
class Switches:
    """How this emulator reads the unknowns; every field is U in the fact sheet."""

    nonce_lifetime: timedelta = timedelta(minutes=5)
    """Unknown 9."""

    session_lifetime: timedelta = timedelta(hours=1)
    """Unknown 9; the cookie is renewed in the last third of it."""

    qr_lifetime: timedelta = timedelta(minutes=3)
    """How long a QR code can be used (sigex-facts 4.3, U); shorter than a nonce lives."""

    qr_operations: int = 1000
    """How many QR codes may wait for a signature at a time (4.3); that there is a limit is known
    from its message only."""

    qr_code: Literal["when_asked", "at_once"] = "when_asked"
    """Unknown 5: whether the sign-in page shows a QR code from the beginning."""

    refused_listing: Literal["message", "empty"] = "message"
    """Unknown 13: what a listing without the right answers."""

    new_organisation: Literal["head", "every_role"] = "head"
    """Unknown 10: who is listed in the blocks of an organisation that never saved its settings."""

    missing_block: Literal["default", "refuse"] = "default"
    """Unknown 11: a saved object without one of its seven blocks."""

    missing_head: Literal["restore", "refuse"] = "restore"
    """Unknowns 11, 16: a saved block without the head; refused with "Not enough authorities"."""

    unknown_keys: Literal["ignore", "refuse"] = "ignore"
    """Unknown 11: keys of a saved settings object that nobody knows."""

    repeated_index: Literal["keep", "refuse"] = "keep"
    """Unknown 11: a certificate's index that stands twice in one block."""

    concurrent_saves: Literal["last_wins", "conflict"] = "last_wins"
    """Unknown 12: a save of an object read before another save, told by its `modifiedAt`."""

    own_right: Literal["removable", "kept"] = "removable"
    """Unknown 12: whether a save may take from its own author the right to save."""

    permissions_on_mtls: Literal["flags", "refused"] = "flags"
    """Unknown 14: `organizationPermissions` for an information system."""

    auth_on_mtls: Literal["tls_already", "unauthenticated"] = "tls_already"
    """Unknown 14: what `/api/auth` says to an information system."""

    skin: SkinName = "plain"
    """Unknowns 1-4 and 7: how the pages are drawn, see `skins.py`."""

    access_link: Literal["skin", "accordion", "anchor", "route", "tabs"] = "skin"
    """Unknown 2: how link (4) reveals access control; `skin` leaves it to the skin."""

    heads_authority: Literal["locked", "hidden"] = "locked"
    """Unknown 3: the head's authority, which every block has, shown ticked and locked or not."""

    disabled_systems: Literal["shown", "hidden"] = "shown"
    """Unknown 3: whether the blocks list information systems whose certificate is disabled."""

    save_button: Literal["always", "when_changed"] = "always"
    """Unknown 4: whether the save button is active with no change."""

    save_confirmation: Literal["none", "dialogue"] = "none"
    """Unknown 4: whether saving asks once more."""

    leaving_unsaved: Literal["nothing", "browser", "page"] = "nothing"
    """Unknown 4: who asks when one leaves with unsaved changes: nobody, browser or page."""

    unlisted_system_key: Literal["message", "handshake"] = "message"
    """Unknown 14: what stops a caller of the mTLS port whose key nobody lists, or who has none."""

    key_of_two_organisations: Literal["refuse", "allow"] = "refuse"
    """Unknown 15: a saved key that another organisation lists; if allowed, the first one wins."""

    key_twice_in_a_list: Literal["keep", "refuse"] = "keep"
    """Unknown 15: a key that stands twice in one saved list."""

    plan: Literal["full", "without_systems"] = "full"
    """Unknown 17: whether the plan lets information systems in and their keys be saved."""

    iin_check_digit: Literal["ignore", "require"] = "ignore"
    """Whether the check digit of saved `iins` counts (sigex-facts 4.5, U)."""

    calls_per_minute: int = 0
    """Unknown 18: how many calls a caller may make in a minute; 0 is any number."""

    cross_origin: Literal["open_calls", "none", "any"] = "open_calls"
    """Unknown 19: which answers pages of other sites may read (CORS): those of the calls that such
    pages are known to make (sigex-facts 8), none, or all."""

    empty_lists: EmptyLists = "empty"
    """How answers give a list without entries (sigex-facts 8, U): `[]`, `null`, or not at all."""

    audit_right: Literal["documentsSettings", "documentsAccess"] = "documentsSettings"
    """Unknown 20: which right opens `settingsAudit` of a document."""

    effect_delay: timedelta = timedelta(0)
    """Unknown 21: how long after a save the rights that it changes stay as they were."""

    access_blocks_shown: Literal["four", "seven"] = "four"
    """Unknown 1: the guide shows four blocks, today's API keeps seven."""

    listing_limit: int = 100
    """How many documents one listing call returns at most; that there is a limit is K(S2)."""

    body_limit: int = 8 * 1024 * 1024
    """Unknown 18: bytes of a request body; that there is a limit is known from its message only."""


LIKELIEST = Switches()
"""Every default."""


def with_switch(switches: Switches, name: str, value: Any) -> Switches:
    """Return switches with one of them set; numbers may come as text. Raises BadSwitch."""
    kinds = get_type_hints(Switches)
    if name not in kinds:
        raise BadSwitch(f"Переключателя «{name}» нет; есть: {', '.join(kinds)}.")
    kind = kinds[name]
    if get_origin(kind) is Literal:
        if value not in get_args(kind):
            known = ", ".join(map(str, get_args(kind)))
            raise BadSwitch(f"Переключатель {name} бывает: {known}; «{value}» не подходит.")
        return replace(switches, **{name: value})
    try:
        number = None if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        number = None
    if number is None or not 0 <= number < 2**53:
        raise BadSwitch(f"Переключатель {name} — число не меньше нуля; «{value}» не подходит.")
    set_to: Any = timedelta(seconds=number) if kind is timedelta else int(number)
    return replace(switches, **{name: set_to})


def shown_switches(switches: Switches) -> dict[str, Any]:
    """Return every switch as JSON has it: lifetimes in seconds."""
    return {
        one.name: value.total_seconds() if isinstance(value, timedelta) else value
        for one in fields(switches)
        for value in [getattr(switches, one.name)]
    }

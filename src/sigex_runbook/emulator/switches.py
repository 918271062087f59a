"""Readings of what is not known about the real service (sigex-facts 6), one switch each.

The default is the likelier or the simpler reading; a test chooses the other one to see that a
client survives both.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from sigex_runbook.emulator.skins import SkinName


@dataclass(frozen=True, slots=True)
class Switches:
    """How this emulator reads the unknowns; every field is U in the fact sheet."""

    nonce_lifetime: timedelta = timedelta(minutes=5)
    """Unknown 9."""

    session_lifetime: timedelta = timedelta(hours=1)
    """Unknown 9; the cookie is renewed in the last third of it."""

    refused_listing: Literal["message", "empty"] = "message"
    """Unknown 13: what a listing without the right answers."""

    missing_block: Literal["default", "refuse"] = "default"
    """Unknown 11: a saved object without one of its seven blocks."""

    access_blocks_shown: Literal["four", "seven"] = "four"
    """Unknown 1: the guide shows four blocks, today's API keeps seven."""

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
    """Unknown 14: what stops an information system whose key nobody lists on the mTLS port."""

    listing_limit: int = 100
    """How many documents one listing call returns at most; that there is a limit is K(S2)."""

    body_limit: int = 8 * 1024 * 1024
    """Bytes of a request body; that there is a limit is known from its message only."""

"""A ledger that was cut, rewritten or reordered is found, the head known elsewhere or not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from sigex_runbook.evidence.attest.findings import Status
from sigex_runbook.evidence.attest.ledger import LEDGER, EntryKind
from tests.sigex_runbook.evidence.sealed import RUN, B, Place, codes

from .forgery import ledger_lines, reseal, rewrite_ledger, swap, write_lines
from .judging import judge, pack_of


def _lines(change: Callable[[list[bytes]], list[bytes]]) -> Callable[[Place], object]:
    return lambda place: write_lines(place.campaign, change(ledger_lines(place.campaign)))


@pytest.mark.parametrize(
    ("spoil", "without_head", "with_head"),
    [
        (_lines(lambda lines: [lines[0], *lines[2:]]), {"E_LEDGER"}, {"E_LEDGER"}),
        (
            _lines(lambda lines: [lines[0], lines[1].replace(RUN.encode(), b"x"), *lines[2:]]),
            {"E_LEDGER"},
            {"E_LEDGER"},
        ),
        (_lines(lambda lines: [lines[1], lines[0], *lines[2:]]), {"E_LEDGER"}, {"E_LEDGER"}),
        (_lines(lambda lines: [*lines, lines[-1][:-9]]), {"E_LEDGER"}, {"E_LEDGER"}),
        (_lines(lambda lines: lines[:-1]), set(), {"E_LEDGER_TRUNCATED"}),
        (_lines(lambda lines: lines[:1]), set(), {"E_LEDGER_TRUNCATED"}),
        (_lines(lambda _: []), set(), {"E_LEDGER_TRUNCATED"}),
        (lambda place: (place.campaign / LEDGER).unlink(), set(), {"E_LEDGER_TRUNCATED"}),
        (
            lambda place: rewrite_ledger(place.campaign, lambda entries: entries[:-1]),
            set(),
            {"E_LEDGER_TRUNCATED"},
        ),
        (
            lambda place: rewrite_ledger(place.campaign, lambda e: [e[0], *e]),
            {"E_LEDGER"},
            {"E_LEDGER", "E_LEDGER_TRUNCATED"},
        ),
        (
            lambda place: reseal(place, pack_of(place, B), swap),
            set(),
            {"E_LEDGER_TRUNCATED"},
        ),
    ],
    ids=[
        *("deleted", "edited", "reordered", "torn", "tail", "all but one", "emptied", "gone"),
        *("rewritten shorter", "run twice", "rewritten by the owner"),
    ],
)
def test_the_ledger(
    place: Place,
    spoil: Callable[[Place], object],
    without_head: set[str],
    with_head: set[str],
    record_property: Any,
) -> None:
    spoil(place)
    blind = judge(place, head=None)
    assert codes(blind) == without_head
    assert blind.status is (Status.FAILED if without_head else Status.INTEGRITY_ONLY)
    seeing = judge(place)
    assert seeing.status is Status.FAILED
    assert with_head <= codes(seeing)
    record_property("corpus: other ways of spoiling, all found by both", 1)


def test_a_pack_newer_than_the_pinned_head_is_not_green(place: Place) -> None:
    assert judge(place, head=place.heads[0]).status is Status.VERIFIED
    newer = judge(place, pack_of(place, B), head=place.heads[0])
    assert (newer.findings, newer.status) == ((), Status.INTEGRITY_ONLY)


def test_a_second_stamp_is_refused(place: Place) -> None:
    def twice(entries: list[Any]) -> list[Any]:
        first = entries[0]
        stamp = replace(first, entry=EntryKind.STAMP, organisation=None, run=None)
        return [*entries, stamp]

    head = rewrite_ledger(place.campaign, twice)
    assert codes(judge(place, head=head)) == {"E_LEDGER"}

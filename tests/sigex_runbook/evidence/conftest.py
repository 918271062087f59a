"""Which codes of findings each test has met, for the table after all tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.sigex_runbook.evidence.met import MET


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """A test is one case of every code that it met, and of a code alone if it met it so."""
    MET.clear()
    yield
    for code in sorted(frozenset().union(*MET)):
        item.user_properties.append((f"code: {code}", 1))
        if frozenset({code}) in MET:
            item.user_properties.append((f"alone: {code}", 1))

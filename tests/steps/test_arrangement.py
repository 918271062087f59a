"""«Settings are as they were» is false as soon as anything was stored, even the same once more."""

from __future__ import annotations

import json
from typing import Any, cast

import pytest

from steps.arrangement import Arrangement, Look, noted_once, unchanged
from tests.builders import settings_body

BODY = settings_body()


class Seen:
    """Only what the two sentences look at."""

    def __init__(self, now: dict[str, Any], changes: int) -> None:
        self._now = Look(json.dumps(now).encode(), changes)

    def before(self) -> Look:
        return Look(json.dumps(BODY).encode(), 1)

    def now(self) -> Look:
        return self._now


def seen(now: dict[str, Any], changes: int) -> Arrangement:
    return cast(Arrangement, Seen(now, changes))


def test_what_was_not_touched_is_as_it_was() -> None:
    unchanged(seen(BODY, 1))


@pytest.mark.parametrize(
    ("now", "changes", "told"),
    [
        (BODY | {"webhooks": {"urls": []}}, 1, "настройки изменились: webhooks"),
        (BODY | {"modifiedAt": 2}, 1, "записаны заново"),
        (BODY, 2, "новая запись"),
    ],
)
def test_what_was_stored_is_told(now: dict[str, Any], changes: int, told: str) -> None:
    with pytest.raises(AssertionError, match=told):
        unchanged(seen(now, changes))


@pytest.mark.parametrize("changes", [1, 3])
def test_one_entry_is_neither_none_nor_two(changes: int) -> None:
    noted_once(seen(BODY, 2))
    with pytest.raises(AssertionError):
        noted_once(seen(BODY, changes))

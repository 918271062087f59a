"""What the answer to a save says, and what it does not."""

from __future__ import annotations

from typing import Any

import pytest

from sigex_runbook.core.verdict import Saved
from sigex_runbook.site.saving import understood
from tests.builders import ORGANISATION, OTHER_ORGANISATION

OURS, THEIRS = f"BIN{ORGANISATION}", f"BIN{OTHER_ORGANISATION}"


@pytest.mark.parametrize(
    ("body", "status", "saved", "told"),
    [
        ({"businessId": OURS, "modifiedAt": 1}, 200, Saved.YES, None),
        ({"modifiedAt": 1}, 200, Saved.YES, None),
        ({"businessId": THEIRS, "modifiedAt": 1}, 200, Saved.UNKNOWN, THEIRS),
        ({"businessId": 7, "modifiedAt": 1}, 200, Saved.UNKNOWN, ORGANISATION),
        ({"message": "Access denied"}, 200, Saved.NO, "«Access denied»"),
        ({"message": "Access denied", "businessId": THEIRS}, 403, Saved.NO, "«Access denied»"),
        ({"businessId": OURS}, 502, Saved.UNKNOWN, "код 502"),
        (None, 200, Saved.UNKNOWN, "код 200"),
        ([{"businessId": OURS}], 200, Saved.UNKNOWN, "код 200"),
    ],
)
def test_a_save_is_confirmed_by_an_answer_about_the_ordered_organisation(
    body: Any, status: int, saved: Saved, told: str | None
) -> None:
    answer = understood(body, status, ORGANISATION)
    assert answer.saved is saved
    assert (answer.complaint is None) is (told is None)
    assert (told or "") in (answer.complaint or "")

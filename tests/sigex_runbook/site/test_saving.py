"""What the answer to a save says, and what it does not."""

from __future__ import annotations

import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest
from playwright.sync_api import Page

from sigex_runbook.core.errors import ControlNotFound
from sigex_runbook.core.verdict import Saved
from sigex_runbook.site.pages.save_button import SaveButton
from sigex_runbook.site.saving import SAVE_PATH, SaveAnswer, save_answers, understood
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


class Line:
    """A browser that holds back an answer until it is told to go on."""

    def __init__(self) -> None:
        self.met: Callable[[dict[str, Any]], None] = lambda _: None
        self.continued: list[str] = []

    def on(self, _: str, met: Callable[[dict[str, Any]], None]) -> None:
        self.met = met

    def send(self, method: str, told: dict[str, Any]) -> dict[str, Any]:
        if method == "Fetch.continueRequest":
            self.continued.append(told["requestId"])
        return {"body": json.dumps({"businessId": OURS}), "base64Encoded": False}

    def detach(self) -> None:
        """Nothing to let go of."""


@pytest.mark.parametrize(
    ("method", "path", "heard"),
    [
        ("POST", SAVE_PATH, True),
        ("POST", f"{SAVE_PATH}?draft=1", True),
        ("GET", SAVE_PATH, False),
        ("POST", f"{SAVE_PATH}/validate", False),
        ("POST", f"{SAVE_PATH}Audit", False),
        ("POST", f"/api/log?page={SAVE_PATH}", False),
    ],
)
def test_only_the_save_itself_is_heard(method: str, path: str, heard: bool) -> None:
    line = Line()
    page = SimpleNamespace(context=SimpleNamespace(new_cdp_session=lambda _: line))
    request = {"method": method, "url": f"https://sigex.test{path}"}
    with save_answers(cast(Page, page), ORGANISATION) as answers:
        line.met({"requestId": "1", "request": request, "responseStatusCode": 200})
    assert answers == [SaveAnswer(Saved.YES)] * heard
    assert line.continued == ["1"]


@pytest.mark.parametrize(("passed", "told"), [(0, [Saved.UNKNOWN, Saved.NO]), (1, [Saved.UNKNOWN])])
def test_a_press_that_fails_saved_nothing_unless_a_save_has_left_the_page(
    passed: int, told: list[Saved]
) -> None:
    def press(*_: object) -> None:
        raise ControlNotFound("Кнопка закрыта.", drift=cast(Any, object()))

    heard: list[Saved] = []
    screen = SimpleNamespace(
        finder=SimpleNamespace(press=press, survey=SimpleNamespace(last=None)),
        observer=SimpleNamespace(saving=heard.append),
        guard=SimpleNamespace(allow=lambda: None, passed=passed),
        page=SimpleNamespace(context=SimpleNamespace(new_cdp_session=lambda _: Line())),
        keep=ORGANISATION,
    )
    button = SaveButton(cast(Any, screen), 13, cast(Any, None), cast(Any, None))
    with pytest.raises(ControlNotFound):
        button.press()
    assert heard == told

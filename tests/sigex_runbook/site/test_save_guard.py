"""Only what was ordered may leave the page."""

from __future__ import annotations

from typing import Any

import pytest

from sigex_runbook.core.access import AccessBlock, AccessSettings
from sigex_runbook.site.save_guard import strays
from tests.builders import settings_body

ANSWERED = {"businessId": "BIN200240002381", "modifiedAt": 5, "dataArchiveUsage": 7}


def expected() -> AccessSettings:
    return AccessSettings({**settings_body(), **ANSWERED})


def posted(**changed: Any) -> dict[str, Any]:
    return {**settings_body(), **changed}


def block(**changed: Any) -> dict[str, Any]:
    return {**settings_body()["documentsAccess"], **changed}


def test_what_was_ordered_passes() -> None:
    assert strays(posted(), expected()) is None
    assert strays({**posted(), **ANSWERED}, expected()) is None


def test_the_order_of_ticks_is_no_difference() -> None:
    held = AccessSettings(
        {**settings_body(), "documentsAccess": block(tlsCertificatesIndices=[0, 1])}
    )
    turned = posted(documentsAccess=block(tlsCertificatesIndices=[1, 0, 1]))
    assert strays(turned, held) is None


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (posted(documentsAccess=block(tlsCertificatesIndices=[1])), "documentsAccess."),
        (posted(documentsAccess=block(iins=["IIN000000000000"])), "documentsAccess.iins"),
        (posted(tlsCertificatesList=[]), "tlsCertificatesList"),
        (posted(webhooks={"urls": ["https://evil.test"]}), "webhooks"),
        (posted(unheardOf=True), "unheardOf"),
        (
            {k: v for k, v in posted().items() if k != "organizationSettings"},
            "organizationSettings",
        ),
        ({k: v for k, v in posted().items() if k != "tlsCertificatesList"}, "tlsCertificatesList"),
        ([], "тело"),
        (None, "тело"),
    ],
)
def test_anything_else_is_told(body: Any, told: str) -> None:
    assert told in (strays(body, expected()) or "")


def test_what_is_empty_may_be_left_out() -> None:
    held = expected().body
    held["packagesAccess"] = {"authorities": [], "tlsCertificatesIndices": [], "iins": None}
    left_out = {k: v for k, v in posted().items() if k != "packagesAccess"}
    assert strays(left_out, AccessSettings(held)) is None


def test_a_field_that_nobody_knows_may_be_left_out_and_must_not_be_changed() -> None:
    held = AccessSettings({**settings_body(), "signingPolicy": {"mode": "default"}})
    assert strays(posted(), held) is None
    assert strays(posted(signingPolicy={"mode": "other"}), held) == "signingPolicy.mode"


def test_every_block_of_the_guide_is_looked_at() -> None:
    for name in AccessBlock:
        wrong = posted(**{name.value: {**settings_body()[name.value], "authorities": ["9.9"]}})
        assert strays(wrong, expected()) == f"{name.value}.authorities"

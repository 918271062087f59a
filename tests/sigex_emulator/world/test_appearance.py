"""How an information system's documents look: sizes of pictures and languages (sigex-facts 3.4)."""

from __future__ import annotations

import base64
import io
from typing import Any

import pytest
from PIL import Image

from sigex_emulator.messages import ApiError, Message
from sigex_emulator.world.appearance import require_appearance


def _picture(width: int, height: int, kind: str = "PNG") -> str:
    written = io.BytesIO()
    Image.new("RGB", (width, height), "white").save(written, kind)
    return base64.b64encode(written.getvalue()).decode()


def _cut(picture: str) -> str:
    return base64.b64encode(base64.b64decode(picture)[:100]).decode()


@pytest.mark.parametrize(
    "posted",
    [
        {},
        {"ddcLogoDisable": True, "qrLogo": "", "ddcLogo": ""},
        {"qrLogo": _picture(102, 102), "ddcLogo": _picture(200, 100)},
        {"qrLogo": _picture(1, 7)},
        {"ddcHowToVerifyStrings": {"kk": "қ", "ru": "р"}, "ddcLogoString": {"ru": "р"}},
        {"qrOrganisationName": {"ru": "р", "kk": "қ", "en": "e"}},
    ],
)
@pytest.mark.fact("3.4-system-settings")
def test_what_fits(posted: dict[str, Any]) -> None:
    require_appearance(posted, unknown_keys_allowed=False)


@pytest.mark.parametrize(
    "posted",
    [
        {"qrLogo": _picture(103, 102)},
        {"qrLogo": _picture(102, 103)},
        {"ddcLogo": _picture(199, 100)},
        {"ddcLogo": _picture(200, 101)},
        {"ddcLogo": _picture(200, 100, "JPEG")},
        {"ddcLogo": _cut(_picture(200, 100))},
        {"qrLogo": _picture(20, 20)[:40]},
        {"qrLogo": "not base64"},
        {"qrLogo": "я"},
        {"qrLogo": None},
        {"ddcLogoDisable": 1},
        {"ddcLogoString": "text"},
        {"ddcLogoString": {"en": "e"}},
        {"qrOrganisationName": {"ru": 1}},
    ],
)
@pytest.mark.fact("3.4-system-settings")
def test_what_does_not(posted: dict[str, Any]) -> None:
    with pytest.raises(ApiError) as refused:
        require_appearance(posted, unknown_keys_allowed=True)
    assert refused.value.message is Message.INVALID_STRUCTURE


def test_a_key_that_nobody_knows_is_for_a_switch_to_judge() -> None:
    require_appearance({"colour": "blue"}, unknown_keys_allowed=True)
    with pytest.raises(ApiError):
        require_appearance({"colour": "blue"}, unknown_keys_allowed=False)

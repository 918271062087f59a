"""How an information system's documents look: `settings` of its entry (sigex-facts 3.4, K(S2)).

Names, languages and sizes of pictures are K; that an empty text means "no picture", and the message
for a wrong value, are I.
"""

from __future__ import annotations

import base64
import binascii
import io
from collections.abc import Callable
from typing import Any

from sigex_emulator.messages import ApiError, Message

_LANGUAGES = {
    "ddcHowToVerifyStrings": frozenset({"kk", "ru"}),
    "qrOrganisationName": frozenset({"ru", "kk", "en"}),
    "ddcLogoString": frozenset({"kk", "ru"}),
}
_PICTURES: dict[str, Callable[[int, int], bool]] = {
    "qrLogo": lambda width, height: width <= 102 and height <= 102,
    "ddcLogo": lambda width, height: (width, height) == (200, 100),
}
_FLAGS = frozenset({"ddcLogoDisable"})
_PNG = b"\x89PNG\r\n\x1a\n"


def require_appearance(posted: dict[str, Any], *, unknown_keys_allowed: bool) -> None:
    """Raise ApiError when a posted appearance breaks a known rule."""
    for key, value in posted.items():
        if key in _LANGUAGES:
            fits = _is_text_by_language(value, _LANGUAGES[key])
        elif key in _PICTURES:
            fits = value == "" or _is_picture(value, _PICTURES[key])
        elif key in _FLAGS:
            fits = isinstance(value, bool)
        else:
            fits = unknown_keys_allowed
        if not fits:
            raise ApiError(Message.INVALID_STRUCTURE)


def _is_text_by_language(value: Any, languages: frozenset[str]) -> bool:
    return (
        isinstance(value, dict)
        and value.keys() <= languages
        and all(isinstance(text, str) for text in value.values())
    )


def _is_picture(value: Any, fits: Callable[[int, int], bool]) -> bool:
    """Tell whether the text is a whole PNG of a fitting size.

    The size is read before the picture is opened, so a huge one costs nothing.
    """
    if not isinstance(value, str):
        return False
    try:
        content = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return False
    width, height = int.from_bytes(content[16:20]), int.from_bytes(content[20:24])
    if not content.startswith(_PNG) or not width or not height or not fits(width, height):
        return False
    from PIL import Image  # when somebody sends a picture, not at the start

    try:
        with Image.open(io.BytesIO(content), formats=["PNG"]) as picture:
            picture.load()
    except (OSError, SyntaxError, ValueError):
        return False
    return True

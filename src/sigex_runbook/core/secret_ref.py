"""A reference to a secret: the name of an environment variable or a file, never the text."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, model_validator

from .error_causes import why
from .errors import UsageError


class SecretRef(BaseModel):
    """Where a secret is. What a person wrote is not quoted: it may be the secret itself, put in the
    wrong place."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    env: str | None = None
    file: Path | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if (self.env is None) == (self.file is None):
            raise ValueError("укажите ровно одно: env (имя переменной) или file (путь к файлу)")
        return self

    @classmethod
    def from_text(cls, text: str | None) -> Self | None:
        """The reference that `env:NAME` or `file:PATH` is; None for anything else."""
        match (text or "").partition(":"):
            case "env", _, name if name:
                return cls(env=name)
            case "file", _, path if path:
                return cls(file=Path(path))
        return None

    @property
    def from_anywhere(self) -> str:
        """The reference as text, leading to the same place from every folder."""
        return f"env:{self.env}" if self.file is None else f"file:{self.file.absolute()}"

    def read(self, what: str = "Секрет") -> str:
        """The secret itself, without the line end. Raises UsageError when the reference leads
        nowhere; `what` and where the reference stands begin its sentence."""
        if self.file is None:
            value = os.environ.get(self.env or "")
            if value is None:
                raise UsageError(
                    f"{what} не найден: переменная окружения, названная в env, не задана. Укажите "
                    "там имя переменной (не сам секрет), задайте её и запустите снова."
                )
            return value
        try:
            return self.file.read_text(encoding="utf-8-sig").rstrip("\r\n")
        except (OSError, ValueError) as error:
            raise UsageError(
                f"{what} не найден: файл, названный в file, не читается ({why(error)}). Укажите "
                "там путь к файлу (не сам секрет), сохраните его в UTF-8 и проверьте права."
            ) from None

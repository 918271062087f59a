"""A reference to a secret: the name of an environment variable or a file, never the text."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, model_validator

from .error_causes import why
from .errors import UsageError
from .given.paths import how_to_set, is_plain_name
from .given.text import NotText, read_text


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
            case "env", _, name if name.strip():
                return cls(env=name.strip())
            case "file", _, path if path.strip():
                return cls(file=Path(path.strip()))
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
                raise UsageError(f"{what} не найден: {_unset(self.env or '')}")
            return value
        try:
            return read_text(self.file).rstrip("\r\n")
        except (OSError, NotText) as error:
            told = why(error) if isinstance(error, OSError) else error
            raise UsageError(
                f"{what} не найден: файл, названный в file, не читается ({told}). Укажите там путь "
                "к файлу (не сам секрет), сохраните его в UTF-8 и проверьте права."
            ) from None


def _unset(name: str) -> str:
    """A variable is named when it looks like one."""
    inner = name.removeprefix("$env:").strip("${}%")
    if inner != name and is_plain_name(inner):
        return (
            "в env пишут одно имя переменной, без знаков $, % и скобок. Исправьте и запустите "
            f"снова. {how_to_set(inner, 'секрет')}"
        )
    if is_plain_name(name):
        return f"переменная окружения {name} не задана. {how_to_set(name, 'секрет')}"
    return (
        "переменная окружения, названная в env, не задана. Укажите там имя переменной (не сам "
        f"секрет) и запустите снова. {how_to_set('ИМЯ', 'секрет')}"
    )

"""Where workers of other machines hand in what they gathered: a folder that all of them reach, or
any address that fsspec knows. How to sign in there every machine knows by itself (fsspec's own
settings); an address never says it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from fsspec.core import url_to_fs

from sigex_runbook.core.error_causes import why
from sigex_runbook.core.errors import RunFailed, UsageError

_TRIAL = ".trial"


@dataclass(frozen=True, slots=True)
class Store:
    """Files under one address. `read` is the door."""

    address: str

    @classmethod
    def read(cls, text: str) -> Self:
        """The store that an operator means, tried out. Raises UsageError."""
        parts = urlsplit(text)
        if parts.username or parts.password:
            raise UsageError(
                "В --store есть имя или пароль: в командной строке их видят все. Уберите их и "
                "настройте вход на каждой машине (переменные хранилища или fsspec)."
            )
        store = cls(text if "://" in text else str(Path(text).resolve()))
        try:
            store.put(_TRIAL, b"")
            store.drop(_TRIAL)
        except RunFailed as error:
            raise UsageError(f"{error} Ничего не начато.") from error
        return store

    def put(self, name: str, data: bytes) -> str:
        """Hand in a file, whole or not at all; gives its digest. Raises RunFailed."""

        def write(system: Any, path: str) -> None:
            system.makedirs(path.rpartition("/")[0], exist_ok=True)
            with system.transaction, system.open(path, "wb") as out:
                out.write(data)

        self._asked(name, write)
        return sha256(data).hexdigest()

    def take(self, name: str) -> bytes | None:
        """A file that was handed in; None when there is none. Raises RunFailed."""

        def read(system: Any, path: str) -> bytes | None:
            system.invalidate_cache()
            with suppress(FileNotFoundError):
                return bytes(system.cat_file(path))
            return None

        found: bytes | None = self._asked(name, read)
        return found

    def drop(self, name: str) -> None:
        """Take a file away. Raises RunFailed."""
        self._asked(name, lambda system, path: system.rm_file(path))

    def _asked(self, name: str, question: Any) -> Any:
        try:
            system, root = url_to_fs(self.address)
            return question(system, f"{root.rstrip('/')}/{name}")
        except Exception as error:  # of a library for any service
            if isinstance(error, ImportError):
                told = "нет библиотеки для него; для s3:// установите sigex-runbook[s3]"
            elif isinstance(error, OSError):
                told = why(error)
            else:
                told = type(error).__name__
            raise RunFailed(
                f"Хранилище (--store) не отвечает как нужно ({told}). Проверьте адрес, права "
                "и место в нём на этой машине и на исполнителях."
            ) from error

"""The pack: evidence of one run, gathered in a draft and moved into place in one piece.

    outputs/<campaign>/<BIN>/<run-id>.partial/evidence/…     while the run lasts, for its user alone
    outputs/<campaign>/<BIN>/<run-id>/evidence/…             after `sealing.seal_pack`

Killed anywhere, there is never half a pack under a final name. The notebook's kernel and its parent
take turns on one draft; nothing is kept open between two calls.
"""

from __future__ import annotations

import json
import os
import stat
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Self

from sigex_runbook.core.error_causes import why
from sigex_runbook.core.errors import NotRecorded, RunFailed, UsageError
from sigex_runbook.core.organisation import Bin
from sigex_runbook.core.record import StepRecord
from sigex_runbook.evidence.pack.layout import EVIDENCE
from sigex_runbook.evidence.pack.records import step_record
from sigex_runbook.evidence.privacy.redaction import Redactor

from .canonical import canonical_json, plain
from .disk import (
    NEW,
    PRIVATE_FILE,
    PRIVATE_FOLDER,
    append_whole,
    cut_half_line,
    sync_file,
    sync_folder,
    write_whole,
)
from .layout import PARTIAL, STEPS
from .naming import check_name, is_safe
from .place import PackPlace

_NO_PROGRAM = 0o666
"""What anybody may do with a file of evidence at most."""


class NotPlaced(RunFailed):
    """A pack was sealed and written down, and has not got its final name yet."""


class PackDraft:
    """A pack that is being gathered. Make one with `create`, or join one with `open`.

    With a `redactor` everything written as JSON or text passes through it; pictures and bytes do
    not. Files are written once; overwriting must be asked for.
    """

    def __init__(self, folder: Path, redactor: Redactor | None = None) -> None:
        self._folder = folder
        self._redactor = redactor
        self._removed: dict[str, Counter[str]] = {}
        self._finished = False

    @classmethod
    def create(
        cls,
        outputs: Path,
        campaign: str,
        organisation_bin: Bin,
        run_id: str,
        redactor: Redactor | None = None,
    ) -> Self:
        """Begin a pack. Raises UsageError for a bad name or a run that is already there."""
        check_name("кампании", campaign)
        check_name("запуска", run_id)
        if run_id.lower().endswith(PARTIAL):
            raise UsageError(f"Имя запуска «{run_id}» кончается на {PARTIAL}. Выберите другое.")
        home = outputs / campaign / organisation_bin.text
        folder = home / f"{run_id}{PARTIAL}"
        try:
            _refuse_existing(home / run_id)
            home.mkdir(parents=True, exist_ok=True)
            folder.mkdir(PRIVATE_FOLDER)
            (folder / EVIDENCE).mkdir(PRIVATE_FOLDER)
        except OSError as error:
            if os.path.lexists(folder) and isinstance(error, FileExistsError):
                raise UsageError(
                    f"Незавершённый запуск {folder} уже есть. Дайте запуску другое имя или "
                    "перенесите эту папку."
                ) from None
            raise UsageError(
                f"Папку {folder} создать нельзя ({why(error)}). Проверьте права и место на диске."
            ) from error
        return cls(folder, redactor)

    @classmethod
    def open(cls, folder: Path, redactor: Redactor | None = None) -> Self:
        """Join a draft that another process began. Raises UsageError when there is none."""
        if not folder.name.endswith(PARTIAL) or not (folder / EVIDENCE).is_dir():
            raise UsageError(
                f"{folder} — не папка незавершённого запуска. Начните запуск командой "
                "«sigex-runbook run»."
            )
        return cls(folder, redactor)

    @property
    def folder(self) -> Path:
        """The draft's folder, or after `place` the pack's."""
        return self._folder

    @property
    def evidence(self) -> Path:
        """The folder that holds the evidence."""
        return self._folder / EVIDENCE

    @property
    def run_id(self) -> str:
        """The run's name."""
        return self.home.run_id

    # Writing

    def write_json(self, relative: str, value: Any, *, overwrite: bool = False) -> Path:
        """Write a value as canonical JSON (dataclasses, enums and tuples allowed)."""
        data = plain(value)
        return self._write(relative, canonical_json(self.redacted(relative, data)), overwrite)

    def write_text(self, relative: str, text: str, *, overwrite: bool = False) -> Path:
        """Write text as UTF-8, line ends as they are."""
        clean: str = self.redacted(relative, text)
        return self._write(relative, clean.encode("utf-8"), overwrite)

    def write_bytes(self, relative: str, data: bytes, *, overwrite: bool = False) -> Path:
        """Write bytes as they are. They are not redacted."""
        return self._write(relative, data, overwrite)

    def redacted(self, relative: str, value: Any) -> Any:
        """A plain value without what the redactor removes; what was removed is counted."""
        if self._redactor is None:
            return value
        redactor = self._redactor.fresh()
        clean = redactor.value(value)
        self.count_removed(relative, redactor.hits)
        return clean

    def count_removed(self, relative: str, hits: Mapping[str, int]) -> None:
        """Remember what was removed from a file by whoever else redacted it."""
        if hits:
            self._removed.setdefault(relative, Counter()).update(hits)

    @property
    def removed(self) -> list[dict[str, Any]]:
        """How often each rule of redaction removed something from each file. A list, since the
        redactor itself would empty a key named like a secret."""
        return [
            {"file": name, "rule": rule, "count": count}
            for name, hits in sorted(self._removed.items())
            for rule, count in sorted(hits.items())
        ]

    def append_step(self, record: StepRecord) -> None:
        """Add one step to steps.ndjson; a process killed afterwards does not lose it."""
        self._refuse_finished()
        line = canonical_json(self.redacted(STEPS, plain(record))) + b"\n"
        with self._recording(STEPS):
            append_whole(self.evidence / STEPS, line, mode=PRIVATE_FILE, sync=False)

    def remove(self, relative: str) -> None:
        """Take a file away, if it is there."""
        self._refuse_finished()
        self._path(relative).unlink(missing_ok=True)

    def mend(self) -> None:
        """Take away what a killed process left half written: a step's line, a file under the name
        that it has until it is whole. Raises OSError."""
        if self.exists(STEPS):
            cut_half_line(self.evidence / STEPS)
        for half in self.evidence.rglob(f"*{NEW}"):
            half.unlink()

    # Reading

    def exists(self, relative: str) -> bool:
        """Whether that file is there."""
        return self._path(relative).is_file()

    def read_json(self, relative: str) -> Any:
        """Read JSON back. Raises RunFailed when it is absent or broken."""
        data = self.read_bytes(relative)
        try:
            return json.loads(data)
        except ValueError as error:
            raise RunFailed(
                f"{relative} в папке запуска повреждён: это не JSON. Повторите запуск."
            ) from error

    def read_text(self, relative: str) -> str:
        """Read UTF-8 text back."""
        return self.read_bytes(relative).decode("utf-8")

    def read_bytes(self, relative: str) -> bytes:
        """Read a file back. Raises RunFailed when it is absent."""
        path = self._path(relative)
        try:
            return path.read_bytes()
        except OSError as error:
            raise RunFailed(
                f"В папке запуска нет {relative} ({why(error)}). Повторите запуск."
            ) from error

    def read_steps(self) -> list[StepRecord]:
        """The steps so far, in the order in which they were added."""
        if not self.exists(STEPS):
            return []
        lines = self.read_text(STEPS).splitlines()
        try:
            return [step_record(json.loads(line)) for line in lines]
        except (ValueError, KeyError, TypeError) as error:
            raise RunFailed(
                f"{STEPS} в папке запуска повреждён: это не записи шагов. Повторите запуск."
            ) from error

    # Finishing: see `sealing`

    @property
    def home(self) -> PackPlace:
        """Whose run it is, and of which campaign."""
        return PackPlace.of(self._folder)

    def refuse_taken_place(self) -> None:
        """Insist that the pack can go where it belongs. Raises UsageError."""
        self._refuse_finished()
        _refuse_existing(self._folder.with_name(self.run_id))

    def sync(self) -> None:
        """Bring all evidence to disk."""
        for here, _, names in os.walk(self.evidence, topdown=False):
            for name in names:
                sync_file(Path(here) / name)
            sync_folder(Path(here))

    def place(self) -> Path:
        """Move the pack under its final name, in one piece. The answer is its folder. Raises
        NotPlaced."""
        final = self._folder.with_name(self.run_id)
        try:
            self.refuse_taken_place()
            put_into_place(self._folder, final)
        except (OSError, UsageError) as error:
            told = why(error) if isinstance(error, OSError) else "такая папка уже есть"
            raise NotPlaced(
                f"Готовую папку {self._folder} нельзя переименовать в {final.name} "
                f"({told}). Закройте программы, которые её держат, и начните следующий "
                "запуск в этой кампании: он её переименует."
            ) from error
        self._folder, self._finished = final, True
        return final

    # Inside

    def _write(self, relative: str, data: bytes, overwrite: bool) -> Path:
        self._refuse_finished()
        with self._recording(relative):
            path = self._path(relative)
            if not overwrite and path.exists():
                raise RunFailed(
                    f"{relative} в папке запуска уже записан; собранное не переписывается. "
                    "Начните новый запуск."
                )
            for folder in reversed(path.relative_to(self.evidence).parents[:-1]):
                (self.evidence / folder).mkdir(PRIVATE_FOLDER, exist_ok=True)
            write_whole(path, data, mode=PRIVATE_FILE, sync=overwrite)
        return path

    @contextmanager
    def _recording(self, relative: str) -> Iterator[None]:
        """Whatever the disk does becomes NotRecorded."""
        try:
            yield
        except OSError as error:
            reason = why(error) if self.evidence.is_dir() else "этой папки больше нет"
            raise NotRecorded(
                f"Записать {relative} в папку запуска {self._folder} нельзя ({reason}). "
                "Освободите место или верните папку и запустите снова: повтор сначала прочтёт "
                "настройки."
            ) from error

    def _path(self, relative: str) -> Path:
        parts = relative.split("/")
        if not all(is_safe(part) for part in parts):
            raise RunFailed(
                f"«{relative}» не годится как путь внутри папки запуска: нужны обычные имена через "
                "«/», без «..», диска и знаков, запрещённых в Windows."
            )
        path = self.evidence
        for part in parts:
            path /= part
            if path.is_symlink():
                raise RunFailed(f"«{relative}» в папке запуска — ссылка. Начните новый запуск.")
        return path

    def _refuse_finished(self) -> None:
        if self._finished:
            raise RunFailed(f"Запуск {self._folder} завершён, дописать в него нельзя.")


def put_into_place(partial: Path, final: Path) -> None:
    """Give a sealed draft its final name, and to others the rights that they have to the folder
    around it, where the disk knows of rights. Raises OSError."""
    rights = stat.S_IMODE(partial.parent.stat().st_mode)
    for here, _, names in os.walk(partial):
        for name in names:
            _allow(Path(here) / name, rights & _NO_PROGRAM)
        _allow(Path(here), rights)
    partial.rename(final)
    with suppress(OSError):  # it has its name, whether or not the disk could be flushed
        sync_folder(final.parent)


def _allow(path: Path, rights: int) -> None:
    with suppress(OSError):  # a memory stick refuses what it cannot note down
        path.chmod(rights)


def _refuse_existing(final: Path) -> None:
    if os.path.lexists(final):
        raise UsageError(
            f"Папка завершённого запуска {final} уже есть и не переписывается. "
            "Дайте запуску другое имя."
        )

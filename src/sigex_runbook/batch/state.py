"""How far each order of a batch has come, on disk: append only, one canonical line for each change.

    outputs/.batch/<campaign>.jsonl     {"format":"sigex-batch/1","input":"<digest>"}
                                        {"order":"a.yaml","organisation":"…","phase":"planned",…}
                                        {"order":"a.yaml",…,"phase":"begun","run":"…"}

The last line about an order counts. A line is on the disk before what it announces is done, and the
next one after it was done. A killed process leaves a half line at the most: nothing was done by it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Literal, TypeVar

from filelock import FileLock, Timeout
from pydantic import ConfigDict, TypeAdapter, ValidationError, with_config

from sigex_runbook.core.error_causes import why
from sigex_runbook.core.errors import NotRecorded, RunFailed, UsageError
from sigex_runbook.core.exclusions import Exclusion
from sigex_runbook.evidence.pack.canonical import canonical_json, plain, sha256_hex
from sigex_runbook.evidence.pack.disk import (
    PRIVATE_FILE,
    PRIVATE_FOLDER,
    append_whole,
    cut_half_line,
    sync_folder,
    write_whole,
)
from sigex_runbook.run.campaign import Named

FORMAT = "sigex-batch/1"
FOLDER = ".batch"
"""In the folder of results; no campaign can be called so, and none lies in it."""


class Phase(StrEnum):
    """How far an order has come. `SAVED`: the service has the settings; `SEALED`: the ledger
    promises the pack; `PLACED`: the pack lies in its place and the run did not fail; `LEFT_OUT`:
    nothing was touched."""

    PLANNED = "planned"
    BEGUN = "begun"
    SAVED = "saved"
    SEALED = "sealed"
    PLACED = "placed"
    FAILED = "failed"
    LEFT_OUT = "left_out"
    EXCLUDED = "excluded"


UNDER_WAY = frozenset({Phase.BEGUN, Phase.SAVED, Phase.SEALED})
"""What only a program that was killed leaves behind."""


@with_config(ConfigDict(extra="forbid"))
@dataclass(frozen=True, slots=True)
class Standing:
    """One order, or one excluded organisation (under its own number), and how it stands. `at` is
    the moment in UTC."""

    order: str
    organisation: str
    phase: Phase
    run: str | None = None
    worker: str | None = None
    exit_code: int | None = None
    section: int | None = None
    reason: str | None = None
    at: str | None = None

    def to_line(self) -> bytes:
        """What is told of it, as a line."""
        told = {key: value for key, value in plain(self).items() if value is not None}
        return canonical_json(told) + b"\n"


@with_config(ConfigDict(extra="forbid"))
@dataclass(frozen=True, slots=True)
class _Head:
    format: Literal["sigex-batch/1"]
    input: str


_Line = TypeVar("_Line", _Head, Standing)
_HEAD, _STANDING = TypeAdapter(_Head), TypeAdapter(Standing)


def input_digest(
    orders: Sequence[Named], exclusions: Sequence[Exclusion] = (), *, target: str
) -> str:
    """The digest of all that a batch was given: a batch that goes on must have been given it too.
    Secrets are in it by reference only."""
    given = {
        "target": target,
        "orders": [
            [name, order.information_system.fingerprint, order.model_dump(mode="json")]
            for name, order in orders
        ],
        "excluded": [one.model_dump(mode="json") for one in exclusions],
    }
    return sha256_hex(canonical_json(given))


class BatchState:
    """The state of one batch, for the process that holds its lock; without a file nothing is
    written down."""

    def __init__(self, file: Path | None, standings: dict[str, Standing]) -> None:
        self._file = file
        self._standings = standings

    @property
    def standings(self) -> tuple[Standing, ...]:
        """Every order in the order of the input, then whom it excludes."""
        return tuple(self._standings.values())

    def of(self, order: str) -> Standing:
        """How one order stands."""
        return self._standings[order]

    def history(self) -> Iterator[Standing]:
        """Every line about an order since the batch was planned, oldest first."""
        if self._file is None:
            return
        with self._file.open("rb") as lines:
            next(lines)
            for line in lines:
                yield _STANDING.validate_json(line)

    def add(self, standing: Standing, *, sync: bool = True) -> None:
        """Write a change down, on the disk before this returns unless it may be lost.

        Raises NotRecorded: the file is then as it was before.
        """
        standing = replace(standing, at=_now())
        try:
            if self._file is not None:
                append_whole(self._file, standing.to_line(), mode=PRIVATE_FILE, sync=sync)
        except OSError as error:
            raise NotRecorded(
                f"Состояние кампании не записать в {self._file} ({why(error)}). Новые заказы не "
                "начинаются; сделанное не потеряно. Освободите место или исправьте права и "
                "продолжите с --resume."
            ) from error
        self._standings[standing.order] = standing


def glance(
    outputs: Path,
    campaign: str,
    digest: str,
    orders: Sequence[Named],
    exclusions: Sequence[Exclusion] = (),
) -> BatchState:
    """How the orders stand, for who changes nothing: by the batch of that very input if it has
    begun, else as planned. Raises RunFailed when it is damaged."""
    file = outputs / FOLDER / f"{campaign}.jsonl"
    given, standings = _read(file) if file.exists() else ("", {})
    return BatchState(None, standings if given == digest else _planned(orders, exclusions))


@contextmanager
def batch_state(
    outputs: Path,
    campaign: str,
    digest: str,
    orders: Sequence[Named],
    exclusions: Sequence[Exclusion] = (),
    *,
    resume: bool = False,
) -> Iterator[BatchState]:
    """The state of a campaign's batch: begun, or with `resume` taken up again. Nobody else can hold
    it meanwhile.

    Raises UsageError when another process does, when there is none to resume or one already, or
    when it was given something else; RunFailed when it is damaged.
    """
    folder = outputs / FOLDER
    file = folder / f"{campaign}.jsonl"
    with ExitStack() as held:
        try:
            folder.mkdir(PRIVATE_FOLDER, parents=True, exist_ok=True)
            held.enter_context(FileLock(folder / f"{campaign}.lock", timeout=0))
            if resume:
                standings = _resumed(file, campaign, digest)
            else:
                standings = _planned(orders, exclusions)
                _begin(file, campaign, digest, standings)
        except Timeout:
            raise UsageError(
                f"Кампанию «{campaign}» уже выполняет другой запуск этой программы. Дождитесь его "
                "или остановите (Ctrl-C), затем продолжите с --resume; ничего не начато."
            ) from None
        except OSError as error:
            raise UsageError(
                f"Состояние кампании в {folder} не открыть ({why(error)}). Освободите место или "
                "исправьте права и повторите; ничего не начато."
            ) from error
        yield BatchState(file, standings)


def _planned(orders: Sequence[Named], exclusions: Sequence[Exclusion]) -> dict[str, Standing]:
    now = _now()
    planned = [Standing(n, o.organisation.bin.text, Phase.PLANNED, at=now) for n, o in orders]
    planned += [
        Standing(one.bin.text, one.bin.text, Phase.EXCLUDED, reason=one.reason, at=now)
        for one in exclusions
    ]
    return {one.order: one for one in planned}


def _begin(file: Path, campaign: str, digest: str, standings: dict[str, Standing]) -> None:
    if file.exists():
        raise UsageError(
            f"Кампания «{campaign}» уже начата: {_counted(_read(file)[1])}. Продолжите её с "
            "--resume или назовите другую: --campaign."
        )
    first = canonical_json({"format": FORMAT, "input": digest}) + b"\n"
    lines = b"".join(one.to_line() for one in standings.values())
    write_whole(file, first + lines, mode=PRIVATE_FILE)
    sync_folder(file.parent)


def _resumed(file: Path, campaign: str, digest: str) -> dict[str, Standing]:
    if not file.exists():
        raise UsageError(
            f"Продолжать нечего: кампания «{campaign}» не начата. Проверьте --campaign и --outputs "
            "или запустите без --resume."
        )
    cut_half_line(file)
    given, standings = _read(file)
    if given != digest:
        raise UsageError(
            f"Кампания «{campaign}» начата с другими заказами, исключениями или адресом сервиса: "
            f"{_counted(standings)}. Верните прежние и повторите с --resume, а исправленные заказы "
            "выполните отдельно в другой кампании: --campaign. Ничего не начато."
        )
    return standings


def _read(file: Path) -> tuple[str, dict[str, Standing]]:
    """The input's digest and how each order stands, by the whole lines. Raises RunFailed."""
    first, *lines = file.read_bytes().split(b"\n")[:-1] or [b""]
    head = _parsed(_HEAD, first, file, 1)
    standings = (_parsed(_STANDING, line, file, number) for number, line in enumerate(lines, 2))
    return head.input, {one.order: one for one in standings}


def _parsed(shape: TypeAdapter[_Line], line: bytes, file: Path, number: int) -> _Line:
    try:
        return shape.validate_json(line)
    except ValidationError as error:
        raise RunFailed(
            f"Состояние кампании {file} повреждено: строка {number} записана не этой программой. "
            "Верните файл из копии или начните другую кампанию: повтор сначала читает настройки, и "
            "сохранённое не сохраняется дважды."
        ) from error


def _counted(standings: dict[str, Standing]) -> str:
    phases = [one.phase for one in standings.values()]
    done, wanted = phases.count(Phase.PLACED), len(phases) - phases.count(Phase.EXCLUDED)
    return f"выполнено {done} из {wanted}"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")

"""What a report was made with, beside the pack's other files: `report.json`.

With it whoever has the pack and the same program can make the report again, to the byte.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, Self

from sigex_runbook.evidence.pack.layout import REPORT_ORIGIN_FORMAT

from .case import Binding
from .words import LANGUAGES

_PACKAGE = Path(__file__).parents[2]
_ENGINES = ("jinja2", "markupsafe", "nbconvert")


@dataclass(frozen=True, slots=True)
class Origin:
    """What no other file of the pack says.

    `program` is the `program_digest` of who made the report, `ledger_head` the ledger's digest
    after `ledger_lines` lines, when it was made. `authority` is the address of the time authority,
    `approval` what came of checking the approval (as in `Binding`), `without_pdf` why there is no
    report.pdf: None when there is one.
    """

    language: str
    program: str
    ledger_lines: int
    ledger_head: str
    authority: str | None = None
    approval: str | None = None
    without_pdf: str | None = None

    def plain(self) -> dict[str, Any]:
        """As report.json holds it."""
        return {"format": REPORT_ORIGIN_FORMAT, **asdict(self)}

    @classmethod
    def read(cls, raw: Mapping[str, Any]) -> Self:
        """From report.json's value. Raises ValueError, TypeError or KeyError for another format."""
        if raw["format"] != REPORT_ORIGIN_FORMAT:
            raise ValueError(f"no {REPORT_ORIGIN_FORMAT}")
        origin = cls(**{name: value for name, value in raw.items() if name != "format"})
        texts = (origin.program, origin.ledger_head)
        perhaps = (origin.authority, origin.approval, origin.without_pdf)
        if (
            origin.language not in LANGUAGES
            or type(origin.ledger_lines) is not int
            or not all(isinstance(one, str) for one in texts)
            or not all(one is None or isinstance(one, str) for one in perhaps)
        ):
            raise ValueError("a value of another kind")
        return origin

    def binding(self, keyid: str) -> Binding:
        """What the report says of its pack, which that key seals."""
        return Binding(
            keyid=keyid,
            ledger_lines=self.ledger_lines,
            ledger_head=self.ledger_head,
            authority=self.authority,
            approval=self.approval,
            without_pdf=self.without_pdf,
        )


@cache
def program_digest() -> str:
    """Names this very program: one SHA-256 over its files, line ends aside, and over the versions
    of what lays a report out. Two programs of one digest make the same report of the same files."""
    digest = hashlib.sha256()
    for path in sorted(_PACKAGE.rglob("*")):
        name = path.relative_to(_PACKAGE)
        # What a project says travels in the package or beside it; the pack has its own copy.
        if path.is_file() and "__pycache__" not in name.parts and name.parts[0] != "project":
            data = path.read_bytes().replace(b"\r\n", b"\n")
            digest.update(f"{name.as_posix()} {len(data)}\n".encode() + data)
    for engine in _ENGINES:
        digest.update(f"{engine} {version(engine)}\n".encode())
    return digest.hexdigest()

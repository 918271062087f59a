"""Where a campaign keeps a pack: `<campaign>/<BIN>/<run-id>`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from .layout import PARTIAL


@dataclass(frozen=True, slots=True)
class PackPlace:
    """Whose pack lies in a folder, by the names on the way to it; `campaign` is a folder too."""

    campaign: Path
    organisation_bin: str
    run_id: str

    @classmethod
    def of(cls, pack: Path) -> Self:
        """The place of a pack's folder, or of a draft's."""
        pack = pack.absolute()
        return cls(pack.parent.parent, pack.parent.name, pack.name.removesuffix(PARTIAL))


def named_like_a_bin(folder: str) -> bool:
    """Whether a folder is named as a campaign names those of its organisations."""
    return re.fullmatch(r"[0-9]{12}", folder) is not None

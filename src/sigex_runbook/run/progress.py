"""How far a run has come, for whoever waits for it: told by its kernel and by its parent alike."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Self


class Phase(StrEnum):
    """What a run, or the command that is about to begin one, is busy with."""

    CHECKS = "checks"
    EMULATOR = "emulator"
    KERNEL = "kernel"
    BROWSER = "browser"
    SECTION = "section"
    PLAN = "plan"
    SAVED = "saved"
    VERIFICATION = "verification"
    SEALING = "sealing"


_WORDS = {
    Phase.CHECKS: "проверяются машина и заказы",
    Phase.EMULATOR: "запускается встроенный эмулятор",
    Phase.KERNEL: "запускается ядро Jupyter",
    Phase.BROWSER: "открывается браузер",
    Phase.PLAN: "план: читаются настройки, пробуются доступы",
    Phase.SAVED: "настройки сохранены",
    Phase.VERIFICATION: "проверка: экран, настройки, доступы по mTLS",
    Phase.SEALING: "составляется отчёт, пакет заверяется",
}


@dataclass(frozen=True, slots=True)
class Stage:
    """Where it is: `section` is the guide's; `doing` is the step of it that is performed, or whom
    it waits for."""

    phase: Phase
    section: int | None = None
    doing: str | None = None

    def __str__(self) -> str:
        if self.section is None:
            return _WORDS[self.phase]
        from sigex_runbook.core.guide import load_guide  # heavy: the first word waits for nothing

        guide = load_guide()
        doing = self.doing or guide.section(self.section).title.ru
        return f"раздел {self.section} из {len(guide.sections)}: {doing}"

    def to_text(self) -> str:
        """As the kernel tells its parent."""
        return json.dumps(asdict(self))

    @classmethod
    def read(cls, text: str) -> Self:
        """What `to_text` wrote."""
        told = json.loads(text)
        return cls(Phase(told["phase"]), told["section"], told["doing"])


Watch = Callable[[Stage], object]
"""Is told of each stage as it begins, on any thread, and never raises."""


def unwatched(_stage: Stage) -> None:
    """Nobody waits."""

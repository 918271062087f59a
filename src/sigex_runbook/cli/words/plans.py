"""What orders would change, in words: of one order as JSON, of a whole campaign as one table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sigex_runbook.core.environment import Environment
from sigex_runbook.core.terminal_safe import visible

if TYPE_CHECKING:
    from rich.table import Table

    from sigex_runbook.core.access import AccessBlock
    from sigex_runbook.core.plan import Plan
    from sigex_runbook.planning.record import PlanRecord

NOTHING, FAILED, CHANGES = 0, 1, 3
"""Exit codes: nothing to change, settings not read, changes."""

KINDS = {CHANGES: "CHANGES", NOTHING: "NOTHING", FAILED: "FAILED"}
BLOCK = "Блок контроля доступа"
"""What the guide's titles of the four blocks begin with: said once, at the head of a table."""


@dataclass(frozen=True, slots=True)
class Told:
    """What became of one order."""

    name: str
    organisation_bin: str
    target: str
    record: PlanRecord | None = None
    place: Path | None = None
    error: str | None = None
    who: str | None = None

    @property
    def exit_code(self) -> int:
        """0 nothing to change, 1 not read, 3 changes."""
        if self.record is None:
            return FAILED
        return CHANGES if self.record.changes else NOTHING

    @property
    def words(self) -> str:
        """What it comes to, in a line."""
        if self.record is None:
            return f"не прочитано: {self.error}"
        from sigex_runbook.core.access import AccessBlock

        moved = len(_moved(self.record.plan))
        return f"изменится {moved} из {len(AccessBlock)}" if moved else "менять нечего"


def answer(told: Told) -> dict[str, object]:
    """The same for programs."""
    return {
        "order": told.name,
        "organisation_bin": told.organisation_bin,
        "environment": Environment(told.target).kind,
        "target": told.target,
        "plan": KINDS[told.exit_code],
        "changes": changes(told.record.plan) if told.record else None,
        "message": told.error,
        "record": str(told.place) if told.place else None,
    }


def changes(plan: Plan) -> list[dict[str, object]]:
    """The blocks that would change, for programs."""
    before, index = plan.before, plan.index
    return [
        {
            "block": block,
            "system": before.systems[index].description,
            "before": before.granted(block, index),
            "ordered": plan.wanted(block),
        }
        for block in _moved(plan)
    ]


def _moved(plan: Plan) -> list[AccessBlock]:
    from sigex_runbook.core.access import AccessBlock

    return [
        block
        for block in AccessBlock
        if plan.before.granted(block, plan.index) != plan.wanted(block)
    ]


def table_of(told: Sequence[Told]) -> Table:
    """One line an order: what would change in each block, named by the section that does it."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    from sigex_runbook.core.access import AccessBlock
    from sigex_runbook.core.guide import load_guide

    guide = load_guide()
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    sections = [f"р. {guide.section_for(block).number}" for block in AccessBlock]
    for head, narrowest in (
        ("БИН", 12),
        ("Кто", 9),
        *((one, 7) for one in sections),
        ("Итог", 16),
    ):
        table.add_column(head, min_width=narrowest, overflow="fold")
    for one in told:
        moves = [_cell(one.record, block) for block in AccessBlock]
        row = (one.organisation_bin, one.who or one.name, *moves, one.words)
        style = "dim" if one.exit_code == NOTHING else ""
        table.add_row(*(Text(visible(text)) for text in row), style=style)
    return table


def legend() -> str:
    """Which block each section is about."""
    from sigex_runbook.core.access import AccessBlock
    from sigex_runbook.core.guide import load_guide

    sections = [load_guide().section_for(block) for block in AccessBlock]
    named = (f"р. {one.number} — {one.title.ru.removeprefix(BLOCK).strip()}" for one in sections)
    return f"{BLOCK}: {'; '.join(named)}."


def table_file(
    told: Sequence[Told], campaign: str, digest: str, orders: int, made_at: datetime
) -> bytes:
    """The table for programs: of how many orders, by what input, an `answer` for each."""
    from sigex_runbook.evidence.attest.statement import instant_text
    from sigex_runbook.evidence.pack.canonical import canonical_json

    codes = [one.exit_code for one in told]
    counts = {KINDS[code]: codes.count(code) for code in KINDS}
    said = {
        "format": "sigex-batch-plan/1",
        "campaign": campaign,
        "input": digest,
        "made_at": instant_text(made_at),
        "counts": {"orders": orders, **counts, "NOT_REACHED": orders - len(told)},
        "orders": [answer(one) for one in told],
    }
    return canonical_json(said) + b"\n"


def _cell(record: PlanRecord | None, block: AccessBlock) -> str:
    if record is None:
        return "?"
    plan = record.plan
    granted, wanted = plan.before.granted(block, plan.index), plan.wanted(block)
    if granted == wanted:
        return "есть" if granted else "нет"
    return "→ дать" if wanted else "→ взять"


def total(told: Sequence[Told]) -> str:
    """How many of all orders would change something; what a plan is, and is not."""
    codes = [one.exit_code for one in told]
    counted = (
        f"Всего заказов: {len(told)}; с изменениями {codes.count(CHANGES)}, без изменений "
        f"{codes.count(NOTHING)}, не прочитано {codes.count(FAILED)}.\n"
    )
    return (counted if len(told) > 1 else "") + "Ничего не отмечено и не сохранено."

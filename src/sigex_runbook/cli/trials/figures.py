"""Tables of what a measurement found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.table import Table

    from sigex_runbook.trials.bench.figures import Judged, Round
    from sigex_runbook.trials.bench.rounds import Long


def table_of_costs(rounds: Sequence[Round]) -> Table:
    """Medians for an organisation: seconds, and whose the processor was."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    from sigex_runbook.trials.bench.figures import names, typical

    medians = [typical(rounds, name) for name in names(rounds)]
    kinds = list(dict.fromkeys(kind for one in medians for kind in one.by_kind))
    table = Table(box=SIMPLE_HEAD, title="На организацию, медианы")
    table.add_column("участник", no_wrap=True)
    for heading in ("N", "с", "без запуска", "ЦП, с", *kinds, "МБ всего"):
        table.add_column(heading, justify="right")
    for one in medians:
        table.add_row(
            one.name,
            str(one.organisations),
            f"{one.seconds:.2f}",
            _shown(one.steady),
            f"{one.processor:.2f}",
            *(_shown(one.by_kind.get(kind)) for kind in kinds),
            f"{one.peak:.0f}",
        )
    return table


def table_of_ratios(judged: Sequence[Judged]) -> Table:
    """Each ratio with what it must and should be."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, title="Отношения, медианы по кругам")
    table.add_column("что к чему", no_wrap=True)
    for heading in ("отношение", "без запуска", "должно", "цель", "итог"):
        table.add_column(heading, justify="right")
    for one in judged:
        sign = "≤" if one.goal.below else "≥"
        table.add_row(
            one.goal.title,
            f"{one.ratio:.2f}",
            _shown(one.steady),
            f"{sign} {one.goal.must:g}",
            f"{sign} {one.goal.goal:g}",
            one.verdict,
        )
    return table


def told_long(long: Long) -> str:
    """A long batch in three sentences."""
    attempt, short = long.attempt, long.short
    beside = ""
    if long.ratio is not None and short is not None:
        holds = "держится" if long.ratio <= 1.1 else "НЕ держится"
        beside = (
            f", при {short.organisations} — {_shown(short.steady)} с: отношение {long.ratio:.2f} "
            f"(должно ≤ 1.1, {holds})"
        )
    sizes = ", ".join(f"после {count} — {size:.0f}" for count, size in long.growth.memory.items())
    holds = "держится" if long.growth.each <= 1.5 else "НЕ держится"
    return (
        f"Партия из {attempt.organisations}: {_shown(attempt.steady)} с на организацию без "
        f"запуска, {attempt.processor:.2f} с процессора{beside}.\n"
        f"Память всех процессов, МБ: {sizes}. На организацию {long.growth.each:.2f} МБ "
        f"(должно ≤ 1.5, {holds})."
    )


def _shown(figure: float | None) -> str:
    return "—" if figure is None else f"{figure:.2f}"

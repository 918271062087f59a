"""The world behind a site: the organisation's information systems, who holds what, what is ordered.

Pure; the laboratory puts it into an emulator.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Literal

from sigex_emulator.world.settings import ALL_BLOCKS
from sigex_runbook.core.access import AccessBlock
from sigex_runbook.core.order import Wish

Crowd = Literal["three", "five", "eight"]
Doubles = Literal["distinct", "near"]
Task = Literal["granted", "revoked", "mixed"]

_COUNTS: dict[str, int] = {"three": 3, "five": 5, "eight": 8}
_ORDERED = (
    "Учёт договоров",
    "СЭД «Документооборот»",
    "1С:Бухгалтерия",
    "Портал",
    "Информационная система учёта и хранения документов",
)
_CONTROL = "Кадровый портал"
_NEAR = (
    "{} (тест)", "{} 2", "Новый: {}", "{} – филиал", "Архив {}", "{}. Настройки", "{} (архив)",
)  # fmt: skip
_OTHERS = (
    "Склад и логистика", "Сайт организации", "Электронный архив", "Казначейство", "Закупки",
    "Доступ к документам", "Личный кабинет поставщика",
)  # fmt: skip
_WISHES: dict[str, tuple[Wish, ...]] = {
    "granted": (Wish.GRANTED,),
    "revoked": (Wish.REVOKED,),
    "mixed": (Wish.GRANTED, Wish.REVOKED, Wish.LEAVE),
}


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Descriptions in the order of the settings object, and the places of those that matter.

    `granted` says which places each of the seven blocks ticks, `wishes` what the order wants.
    """

    systems: tuple[str, ...]
    ordered: int
    control: int
    disabled: int
    granted: dict[str, tuple[int, ...]]
    wishes: dict[str, Wish]

    @property
    def expected(self) -> dict[str, frozenset[int]]:
        """The ticks of each block when exactly the order has been carried out."""
        return {block: self._expected(block) for block in ALL_BLOCKS}

    def _expected(self, block: str) -> frozenset[int]:
        held, own = frozenset(self.granted[block]), frozenset({self.ordered})
        match self.wishes.get(block):
            case Wish.GRANTED:
                return held | own
            case Wish.REVOKED:
                return held - own
            case _:
                return held


def arrange(chance: random.Random, crowd: Crowd, doubles: Doubles, task: Task) -> Arrangement:
    """Make up a world. The control system is granted nothing: it must be refused everywhere."""
    name = chance.choice(_ORDERED)
    others = chance.sample(_OTHERS, len(_OTHERS))
    if doubles == "near":
        others = [*(one.format(name) for one in chance.sample(_NEAR, len(_NEAR)))]
    systems = [name, _CONTROL, *others][: _COUNTS[crowd]]
    switched_off = systems[2]
    chance.shuffle(systems)
    ordered, control = systems.index(name), systems.index(_CONTROL)
    wishes = {block.value: chance.choice(_WISHES[task]) for block in AccessBlock}
    granted = {}
    for block in ALL_BLOCKS:
        held = {i for i in range(len(systems)) if i != control and chance.random() < 1 / 3}
        if wishes.get(block) is not Wish.LEAVE and chance.random() < 0.9:
            # Mostly there is something to do; now and then it has been done already.
            (held.discard if wishes.get(block) is Wish.GRANTED else held.add)(ordered)
        granted[block] = tuple(sorted(held))
    return Arrangement(
        tuple(systems), ordered, control, systems.index(switched_off), granted, wishes
    )

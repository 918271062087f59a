"""What is ordered, and what will be done for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from sigex_runbook.core.access import AccessBlock
from sigex_runbook.core.environment import Environment
from sigex_runbook.core.guide import Guide, load_guide
from sigex_runbook.core.order import Order, Wish
from sigex_runbook.core.plan import Plan
from sigex_runbook.evidence.pack.records import Overridden
from sigex_runbook.evidence.report.cells.output import Cell, Output, View, sentence, table

_WISHES = {
    Wish.GRANTED: "предоставить",
    Wish.REVOKED: "отозвать",
    Wish.LEAVE: "не трогать",
}


_SIGN_INS = {
    "pkcs12": "по ключу сотрудника из файла",
    "person": "человек подписывает сам",
}


@dataclass(frozen=True)
class OrderView(View):
    """The order: whose settings, in which run, which information system, what of each block."""

    order: Order
    environment: Environment
    run_id: str
    overridden: Overridden | None = None
    guide: Guide = field(default_factory=load_guide)

    def outputs(self) -> list[Output]:
        """One table of who and where, one of the four blocks."""
        order = self.order
        control = order.control_system
        facts = [
            ("БИН организации", str(order.organisation.bin)),
            ("Номер запуска", self.run_id),
            ("Где", self.environment.where),
            ("Адрес сервиса", self.environment.address),
            ("Информационная система", order.information_system.description),
            ("Отпечаток её ключа (SHA-256)", order.information_system.fingerprint),
            ("Контрольная система", control.description if control else "не задана"),
            ("Документ для проверки", order.probe_document or "не задан"),
            ("Вход", _SIGN_INS[order.sign_in.method]),
        ]
        if self.overridden is not None:
            pointed = ", ".join(self.overridden.pointed) or "нет"
            facts += [
                ("Элементы, указанные оператором", pointed),
                ("Ответы на вопросы страницы, указанные оператором", str(self.overridden.answers)),
                ("Файл указаний (SHA-256)", self.overridden.sha256),
            ]
        rows = [[Cell(name, heads=True), Cell(value, "value")] for name, value in facts]
        blocks = [
            [
                Cell(self.guide.section_for(block).title.ru, heads=True),
                Cell(_WISHES[order.access[block]]),
            ]
            for block in AccessBlock
        ]
        return [
            table("Заказ", ("Что", "Значение"), rows),
            table("Доступ по заказу", ("Блок", "Заказано"), blocks),
        ]


@dataclass(frozen=True)
class PlanView(View):
    """The plan: the four blocks as they are, as ordered, and what will be done."""

    HEAD: ClassVar[tuple[str, ...]] = ("Блок", "Сейчас", "По заказу", "Что изменится")

    plan: Plan
    guide: Guide = field(default_factory=load_guide)

    def outputs(self) -> list[Output]:
        """A sentence on what will change, then the matrix of the four blocks."""
        return [
            sentence(self.told),
            table(f"Доступ информационной системы «{self.system}»", self.HEAD, self.rows),
        ]

    @property
    def system(self) -> str:
        """How the settings call the ordered information system."""
        return self.plan.before.systems[self.plan.index].description

    @property
    def told(self) -> str:
        """What will change, in a sentence."""
        changed = sum(1 for block in AccessBlock if self._moves(block))
        return (
            "Изменений не требуется: всё уже так, как заказано."
            if self.plan.nothing_to_do
            else f"Изменится блоков: {changed} из {len(AccessBlock)}."
        )

    @property
    def rows(self) -> list[list[Cell]]:
        """The four blocks under `HEAD`."""
        plan = self.plan
        return [
            [
                Cell(self.guide.section_for(block).title.ru, heads=True),
                Cell(_access(plan.before.granted(block, plan.index))),
                Cell(_access(plan.wanted(block))),
                self._change(block),
            ]
            for block in AccessBlock
        ]

    def _moves(self, block: AccessBlock) -> bool:
        return self.plan.before.granted(block, self.plan.index) != self.plan.wanted(block)

    def _change(self, block: AccessBlock) -> Cell:
        if not self._moves(block):
            return Cell("ничего", "idle")
        return Cell("доступ будет дан" if self.plan.wanted(block) else "доступ будет отозван")


def _access(granted: bool) -> str:
    return "есть доступ" if granted else "нет доступа"

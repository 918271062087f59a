"""What the notebook's cells show: accessible tables and pictures, in Russian.

Each view is a value; Jupyter calls `_ipython_display_`, everybody else reads `outputs()`. Tables
come as HTML with a text fallback, pictures as PNG with their alt text in the output's metadata.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

from sigex_runbook.access import AccessBlock, Difference
from sigex_runbook.guide import Guide, Section, load_guide
from sigex_runbook.order import Order, Wish
from sigex_runbook.plan import Plan
from sigex_runbook.record import CaptureFacts, FailureFacts, Outcome, PlannedStep, StepRecord
from sigex_runbook.verdict import (
    ANSWER_WORDS,
    SAVED_WORDS,
    Answer,
    Channel,
    Check,
    CheckResult,
    Probe,
    Saved,
    Verdict,
    VerdictKind,
)

from .failure import legend

OUTCOMES = {
    Outcome.PASSED: "выполнен",
    Outcome.FAILED: "не выполнен",
    Outcome.NOT_RUN: "не выполнялся",
}
_OUTCOME_LOOKS = {Outcome.PASSED: "good", Outcome.FAILED: "bad", Outcome.NOT_RUN: "idle"}
_CHANNELS = {
    Channel.SCREEN: "Экран после перезагрузки страницы",
    Channel.API: "Настройки организации через API",
    Channel.MTLS: "Информационная система через mTLS",
}
_RESULTS = {
    CheckResult.AGREES: "сходится",
    CheckResult.DISAGREES: "расходится",
    CheckResult.NOT_CHECKED: "не проверено",
}
VERDICTS = {
    VerdictKind.PASSED: "Выполнено",
    VerdictKind.PARTIAL: "Выполнено, но проверено не всё",
    VerdictKind.FAILED: "Не выполнено",
}
_WISHES = {
    Wish.GRANTED: "предоставить",
    Wish.REVOKED: "отозвать",
    Wish.LEAVE: "не трогать",
}
_SIGN_INS = {
    "pkcs12": "по ключу сотрудника из файла",
    "person": "человек подписывает сам",
}
_NOTHING = "—"


@dataclass(frozen=True, slots=True)
class Output:
    """One output of a cell: data by MIME type, as text, and metadata."""

    data: dict[str, str]
    metadata: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Cell:
    """One table cell: its text, whether it heads its row, and how it looks."""

    text: str
    look: str = ""
    heads: bool = False


class View:
    """Base of the views."""

    def outputs(self) -> list[Output]:
        """What the cell shows, in order."""
        raise NotImplementedError

    def show(self) -> None:
        """Show it now, also from within a cell that is about to fail."""
        self._ipython_display_()

    def _ipython_display_(self) -> None:
        from IPython.display import display

        for output in self.outputs():
            display(output.data, raw=True, metadata=output.metadata)  # type: ignore[no-untyped-call]


@dataclass(frozen=True)
class SectionView(View):
    """One section of the guide: its steps as they ran, then its annotated pictures."""

    section: Section
    steps: Sequence[StepRecord]
    pictures: Sequence[tuple[CaptureFacts, bytes]] = ()
    failure: tuple[FailureFacts, bytes] | None = None

    def outputs(self) -> list[Output]:
        """A table of steps, then one picture an output."""
        caption = f"Раздел {self.section.number}. {self.section.title.ru}: шаги"
        if self.steps:
            head = ("№", "Шаг", "Выноска", "Итог", "мс", "Примечание")
            table = _table(caption, head, [_step_row(record) for record in self.steps])
        else:
            table = _sentence(f"Раздел {self.section.number}: ни один шаг не выполнялся.")
        shown = [table, *(self._picture(facts, png) for facts, png in self.pictures)]
        if self.failure is not None:
            facts, png = self.failure
            told = legend(facts.drift) if facts.drift else ""
            parts = (f"Экран в минуту сбоя. Раздел {self.section.number}", facts.message, told)
            shown.append(_image(png, ". ".join(part.rstrip(".") for part in parts if part) + "."))
        return shown

    def _picture(self, facts: CaptureFacts, png: bytes) -> Output:
        control = next(
            (c.control.ru for c in self.section.callouts if c.number == facts.callout), "элемент"
        )
        alt = (
            f"Снимок {facts.number}. Раздел {facts.section}, выноска {facts.callout}. Рамкой "
            f"обведено и цифрой {facts.callout} помечено: {control}. Страница «{facts.title}», "
            f"{facts.taken_at_local}."
        )
        return _image(png, alt)


def _step_row(record: StepRecord) -> list[Cell]:
    step = record.step
    return [
        Cell(str(step.position), "number"),
        Cell(f"{step.keyword} {step.text}", heads=True),
        Cell(f"({step.callout})" if step.callout else _NOTHING),
        Cell(OUTCOMES[record.outcome], _OUTCOME_LOOKS[record.outcome]),
        Cell(_NOTHING if record.duration_ms is None else str(record.duration_ms), "number"),
        Cell(" ".join(part for part in (record.message, record.note) if part)),
    ]


@dataclass(frozen=True)
class GuideView(View):
    """The guide's actions: the words of each, the scenario that performs it, and its result."""

    planned: Sequence[PlannedStep]
    records: Sequence[StepRecord]
    guide: Guide = field(default_factory=load_guide)

    def outputs(self) -> list[Output]:
        """One table, a row for each callout."""
        ended = {record.step.position: record.outcome for record in self.records}
        rows = [
            [
                Cell(f"({step.callout})", heads=True),
                Cell(self.guide.callout(step.callout).wording),
                Cell(step.scenario),
                self._result(ended.get(step.position, Outcome.NOT_RUN)),
            ]
            for step in self.planned
            if step.callout is not None
        ]
        head = ("Выноска", "Слова инструкции", "Сценарий", "Итог")
        return [_table("Действия инструкции и их итог", head, rows)]

    def _result(self, outcome: Outcome) -> Cell:
        return Cell(OUTCOMES[outcome], _OUTCOME_LOOKS[outcome])


@dataclass(frozen=True)
class OrderView(View):
    """The order: whose settings, which information system, what is wanted of each block."""

    order: Order
    target: str
    guide: Guide = field(default_factory=load_guide)

    def outputs(self) -> list[Output]:
        """One table of who and where, one of the four blocks."""
        order = self.order
        control = order.control_system
        facts = [
            ("БИН организации", str(order.organisation.bin)),
            ("Сервис", self.target),
            ("Информационная система", order.information_system.description),
            ("Отпечаток её ключа (SHA-256)", order.information_system.fingerprint),
            ("Контрольная система", control.description if control else "не задана"),
            ("Документ для проверки", order.probe_document or "не задан"),
            ("Вход", _SIGN_INS[order.sign_in.method]),
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
            _table("Заказ", ("Что", "Значение"), rows),
            _table("Доступ по заказу", ("Блок", "Заказано"), blocks),
        ]


@dataclass(frozen=True)
class PlanView(View):
    """The plan: the four blocks as they are, as ordered, and what will be done."""

    plan: Plan
    guide: Guide = field(default_factory=load_guide)

    def outputs(self) -> list[Output]:
        """A sentence on what will change, then the matrix of the four blocks."""
        plan = self.plan
        name = plan.before.systems[plan.index].description
        changed = sum(1 for block in AccessBlock if self._moves(block))
        sentence = (
            "Изменений не требуется: заказанный доступ уже настроен."
            if plan.nothing_to_do
            else f"Изменится блоков: {changed} из {len(AccessBlock)}."
        )
        rows = [
            [
                Cell(self.guide.section_for(block).title.ru, heads=True),
                Cell(_access(plan.before.granted(block, plan.index))),
                Cell(_access(plan.wanted(block))),
                self._change(block),
            ]
            for block in AccessBlock
        ]
        head = ("Блок", "Сейчас", "По заказу", "Что изменится")
        return [
            _sentence(sentence),
            _table(f"Доступ информационной системы «{name}»", head, rows),
        ]

    def _moves(self, block: AccessBlock) -> bool:
        return self.plan.before.granted(block, self.plan.index) != self.plan.wanted(block)

    def _change(self, block: AccessBlock) -> Cell:
        if not self._moves(block):
            return Cell("ничего", "idle")
        return Cell("доступ будет дан" if self.plan.wanted(block) else "доступ будет отозван")


def _access(granted: bool) -> str:
    return "есть доступ" if granted else "нет доступа"


@dataclass(frozen=True)
class VerificationView(View):
    """The verification: three channels, the tries over mTLS, and what moved in the settings."""

    checks: Sequence[Check]
    probes: Sequence[Probe] = ()
    differences: Sequence[Difference] = ()
    guide: Guide = field(default_factory=load_guide)

    def outputs(self) -> list[Output]:
        """Three tables; a sentence in place of one that would be empty."""
        return [self._channels(), self._matrix(), self._moved()]

    def _channels(self) -> Output:
        looks = {CheckResult.AGREES: "good", CheckResult.DISAGREES: "bad"}
        found = {check.channel: check for check in self.checks}
        rows = []
        for channel in Channel:
            check = found.get(channel, Check(channel, CheckResult.NOT_CHECKED, ""))
            rows.append(
                [
                    Cell(_CHANNELS[channel], heads=True),
                    Cell(_RESULTS[check.result], looks.get(check.result, "idle")),
                    Cell(check.detail),
                ]
            )
        return _table("Проверка по трём каналам", ("Канал", "Итог", "Пояснение"), rows)

    def _matrix(self) -> Output:
        if not self.probes:
            return _sentence("Проб через mTLS не было.")
        groups = dict.fromkeys((probe.control, probe.system, probe.block) for probe in self.probes)
        rows = [
            [
                Cell(f"{system} (контрольная)" if control else system, heads=True),
                Cell(self.guide.section_for(block).title.ru),
                self._answer(control, system, block, "before"),
                self._answer(control, system, block, "after"),
            ]
            for control, system, block in sorted(
                groups, key=lambda g: (g[0], g[1], list(AccessBlock).index(g[2]))
            )
        ]
        head = ("Информационная система", "Блок", "До", "После")
        return _table("Пробы через mTLS: что ответил сервис", head, rows)

    def _answer(self, control: bool, system: str, block: AccessBlock, moment: str) -> Cell:
        tries = [
            probe
            for probe in self.probes
            if (probe.control, probe.system, probe.block, probe.moment)
            == (control, system, block, moment)
        ]
        if not tries:
            return Cell(_NOTHING)
        words, look = [], "good"
        for probe in tries:
            text = ANSWER_WORDS[probe.answer]
            if probe.answer is Answer.NOT_TRIED:
                look = "idle" if look == "good" else look
            elif not probe.as_expected:
                look = "bad"
                text += f", а ожидалось: {ANSWER_WORDS[probe.expected]}"
            words.append(f"{text} ({probe.detail})" if probe.detail else text)
        return Cell("; ".join(words), look)

    def _moved(self) -> Output:
        if not self.differences:
            return _sentence("В настройках организации ничего не изменилось.")
        rows = [
            [
                Cell(difference.path, "value", heads=True),
                Cell(_json(difference.before), "value"),
                Cell(_json(difference.after), "value"),
            ]
            for difference in self.differences
        ]
        return _table("Что изменилось в настройках организации", ("Поле", "Было", "Стало"), rows)


def _json(value: Any) -> str:
    return _NOTHING if value is None else json.dumps(value, ensure_ascii=False, sort_keys=True)


@dataclass(frozen=True)
class VerdictView(View):
    """The verdict with its reasons, where it broke, and whether the settings were saved."""

    verdict: Verdict
    saved: Saved = Saved.NO

    def outputs(self) -> list[Output]:
        """One box."""
        verdict = self.verdict
        word = f"{VERDICTS[verdict.kind]} ({verdict.kind.value})"
        places = [
            f"раздел {verdict.section}" if verdict.section else "",
            f"выноска {verdict.callout}" if verdict.callout else "",
        ]
        where = ", ".join(place for place in places if place)
        lines = [
            *([f"Место: {where}."] if where else []),
            *verdict.reasons,
            SAVED_WORDS[self.saved],
        ]
        items = "".join(f"<li>{escape(line)}</li>" for line in lines)
        html = (
            f'<div class="verdict {verdict.kind.value.lower()}"><p><strong>{escape(word)}</strong>'
            f"</p><ul>{items}</ul></div>"
        )
        return [Output({"text/html": html, "text/plain": "\n".join([word, *lines])})]


# Parts


def _image(png: bytes, alt: str) -> Output:
    encoded = base64.b64encode(png).decode("ascii")
    return Output({"image/png": encoded, "text/plain": alt}, {"image/png": {"alt": alt}})


def _sentence(text: str) -> Output:
    return Output({"text/html": f"<p>{escape(text)}</p>", "text/plain": text})


def _table(caption: str, head: Sequence[str], rows: Sequence[Sequence[Cell]]) -> Output:
    html = "".join(_table_html(caption, head, rows))
    lines = [caption, " | ".join(head), *(" | ".join(cell.text for cell in row) for row in rows)]
    return Output({"text/html": html, "text/plain": "\n".join(lines)})


def _table_html(caption: str, head: Sequence[str], rows: Sequence[Sequence[Cell]]) -> Iterator[str]:
    yield f"<table><caption>{escape(caption)}</caption><thead><tr>"
    for title in head:
        yield f'<th scope="col">{escape(title)}</th>'
    yield "</tr></thead><tbody>"
    for row in rows:
        yield "<tr>"
        for cell in row:
            tag = "th" if cell.heads else "td"
            scope = ' scope="row"' if cell.heads else ""
            look = f' class="{cell.look}"' if cell.look else ""
            yield f"<{tag}{scope}{look}>{escape(cell.text)}</{tag}>"
        yield "</tr>"
    yield "</tbody></table>"

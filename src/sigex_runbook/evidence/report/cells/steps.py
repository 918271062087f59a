"""The steps as they ran: by the guide's sections, and by its actions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sigex_runbook.core.guide import Guide, Section, load_guide
from sigex_runbook.core.record import (
    OUTCOME_WORDS,
    CaptureFacts,
    FailureFacts,
    Outcome,
    PlannedStep,
    StepRecord,
)
from sigex_runbook.evidence.pictures.failure import legend
from sigex_runbook.evidence.report.cells.output import (
    NOTHING,
    Cell,
    Output,
    View,
    image,
    sentence,
    table,
)

_OUTCOME_LOOKS = {Outcome.PASSED: "good", Outcome.FAILED: "bad", Outcome.NOT_RUN: "idle"}


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
            steps = table(caption, head, [_step_row(record) for record in self.steps])
        else:
            steps = sentence(f"Раздел {self.section.number}: ни один шаг не выполнялся.")
        shown = [steps, *(self._picture(facts, png) for facts, png in self.pictures)]
        if self.failure is not None:
            facts, png = self.failure
            told = legend(facts.drift) if facts.drift else ""
            parts = (f"Экран в минуту сбоя. Раздел {self.section.number}", facts.message, told)
            shown.append(image(png, ". ".join(part.rstrip(".") for part in parts if part) + "."))
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
        return image(png, alt)


def _step_row(record: StepRecord) -> list[Cell]:
    step = record.step
    return [
        Cell(str(step.position), "number"),
        Cell(f"{step.keyword} {step.text}", heads=True),
        Cell(f"({step.callout})" if step.callout else NOTHING),
        Cell(OUTCOME_WORDS[record.outcome], _OUTCOME_LOOKS[record.outcome]),
        Cell(NOTHING if record.duration_ms is None else str(record.duration_ms), "number"),
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
                Cell(self.guide.callout(step.callout).wording.ru),
                Cell(step.scenario),
                self._result(ended.get(step.position, Outcome.NOT_RUN)),
            ]
            for step in self.planned
            if step.callout is not None
        ]
        head = ("Выноска", "Слова инструкции", "Сценарий", "Итог")
        return [table("Действия инструкции и их итог", head, rows)]

    def _result(self, outcome: Outcome) -> Cell:
        return Cell(OUTCOME_WORDS[outcome], _OUTCOME_LOOKS[outcome])

"""What was verified, and the verdict."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any
from urllib.parse import quote

from sigex_runbook.core.access import AccessBlock, Difference
from sigex_runbook.core.environment import Environment
from sigex_runbook.core.guide import Guide, load_guide
from sigex_runbook.core.verdict import (
    ANSWER_WORDS,
    VERDICT_WORDS,
    Answer,
    Channel,
    Check,
    CheckResult,
    Probe,
    Saved,
    Verdict,
    saving_words,
)
from sigex_runbook.evidence.pack.layout import EVIDENCE, REPORT_HTML, REPORT_PDF
from sigex_runbook.evidence.report.cells.output import NOTHING, Cell, Output, View, sentence, table

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
        return table("Проверка по трём каналам", ("Канал", "Итог", "Пояснение"), rows)

    def _matrix(self) -> Output:
        if not self.probes:
            return sentence("Проб через mTLS не было.")
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
        return table("Пробы через mTLS: что ответил сервис", head, rows)

    def _answer(self, control: bool, system: str, block: AccessBlock, moment: str) -> Cell:
        tries = [
            probe
            for probe in self.probes
            if (probe.control, probe.system, probe.block, probe.moment)
            == (control, system, block, moment)
        ]
        if not tries:
            return Cell(NOTHING)
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
            return sentence("В настройках организации ничего не изменилось.")
        rows = [
            [
                Cell(difference.path, "value", heads=True),
                Cell(_json(difference.before), "value"),
                Cell(_json(difference.after), "value"),
            ]
            for difference in self.differences
        ]
        return table("Что изменилось в настройках организации", ("Поле", "Было", "Стало"), rows)


def _json(value: Any) -> str:
    return NOTHING if value is None else json.dumps(value, ensure_ascii=False, sort_keys=True)


@dataclass(frozen=True)
class EvidenceView(View):
    """Where the sealed pack is: `address` leads there from the notebook, `place` is for people."""

    address: str
    place: str
    printed: bool = True

    def outputs(self) -> list[Output]:
        """One line with links to the report."""
        reports = {"отчёт": REPORT_HTML, **({"он же в PDF": REPORT_PDF} if self.printed else {})}
        links = ", ".join(
            f'<a href="{quote(f"{self.address}/{EVIDENCE}/{name}")}">{words}</a>'
            for words, name in reports.items()
        )
        place = f'<span style="overflow-wrap: anywhere">{escape(self.place)}</span>'
        html = f"<p>Доказательства: {links}; папка пакета: {place}</p>"
        return [Output({"text/html": html, "text/plain": f"Доказательства: {self.place}"})]


@dataclass(frozen=True)
class VerdictView(View):
    """The verdict and where it was reached, its reasons, where it broke, and whether the settings
    were saved; where the evidence is, when this process has sealed it."""

    verdict: Verdict
    environment: Environment
    saved: Saved = Saved.NO
    nothing_to_do: bool = False
    evidence: EvidenceView | None = None

    def outputs(self) -> list[Output]:
        """One box, and a line for the evidence."""
        verdict = self.verdict
        word = f"{VERDICT_WORDS[verdict.kind]} ({verdict.kind.value}) — {self.environment.where}"
        places = [
            f"раздел {verdict.section}" if verdict.section else "",
            f"выноска {verdict.callout}" if verdict.callout else "",
        ]
        where = ", ".join(place for place in places if place)
        lines = [
            *([f"Место: {where}."] if where else []),
            *verdict.reasons,
            saving_words(self.saved, nothing_to_do=self.nothing_to_do),
        ]
        items = "".join(f"<li>{escape(line)}</li>" for line in lines)
        html = (
            f'<div class="verdict {verdict.kind.value.lower()}"><p><strong>{escape(word)}</strong>'
            f"</p><ul>{items}</ul></div>"
        )
        shown = [Output({"text/html": html, "text/plain": "\n".join([word, *lines])})]
        return shown + (self.evidence.outputs() if self.evidence else [])

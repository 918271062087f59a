"""Stages of a run: said in a sentence, and the same after their way from the kernel."""

from __future__ import annotations

import pytest

from sigex_runbook.core.guide import load_guide
from sigex_runbook.run.progress import Phase, Stage


@pytest.mark.parametrize(
    ("stage", "told"),
    [
        (Stage(Phase.SECTION, 4), f"раздел 4 из 8: {load_guide().section(4).title.ru}"),
        (Stage(Phase.SECTION, 1, "ждёт вас"), "раздел 1 из 8: ждёт вас"),
        (Stage(Phase.SEALING), "составляется отчёт, пакет заверяется"),
    ],
)
def test_a_stage_is_a_sentence_and_travels(stage: Stage, told: str) -> None:
    assert str(stage) == told
    assert Stage.read(stage.to_text()) == stage


def test_every_phase_has_its_words() -> None:
    told = [str(Stage(phase, 1 if phase is Phase.SECTION else None)) for phase in Phase]
    assert len(set(told)) == len(Phase)

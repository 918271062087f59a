"""A page that changed: the guide's words say what, the picture shows what comes nearest."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from sigex_runbook.core.record import Outcome
from sigex_runbook.core.verdict import Saved, VerdictKind
from sigex_runbook.evidence.pictures.pixels import BLUE, EDGE
from sigex_runbook.evidence.sealing.wiring import make_sealer
from sigex_runbook.evidence.verify.verification import Question, verify_pack
from sigex_runbook.run.result import Result
from sigex_runbook.site.reading import drift
from tests.performing import perform
from tests.service import NOTHING, ORGANISATION, SYSTEM, Service
from tests.sigex_runbook.run.test_runbook import outcomes, saves

NEXT = f"Ничего не сохранено. {drift.NEXT}"
DOCUMENTS = "Контроль доступа к документам организации"
TICK = f"галочка информационной системы «{SYSTEM}» в блоке «{DOCUMENTS}»"


@dataclass(frozen=True)
class Case:
    """A misbehaviour of the page, what is told of it, and which of its controls are outlined."""

    fault: str
    kind: str
    callout: int
    told: str
    candidates: tuple[str, ...] = ()


CASES = (
    Case(
        "page-header-renamed",
        "missing",
        5,
        f"Раздел 4, выноска (5): заголовок блока «{DOCUMENTS}» не найден; похожего на странице "
        "нет, того же рода есть: «Просмотр карточек»",
        ("Просмотр карточек",),
    ),
    Case(
        "page-checkbox-moved",
        "moved",
        6,
        f"Раздел 4, выноска (6): {TICK} стоит не на своём месте: в списке «Полномочия»",
        (SYSTEM,),
    ),
    Case(
        "page-header-doubled",
        "doubled",
        5,
        f"Раздел 4, выноска (5): заголовок блока «{DOCUMENTS}»: на странице таких 2, а должен "
        "быть один",
        (DOCUMENTS, DOCUMENTS),
    ),
    Case(
        "page-checkbox-hidden",
        "hidden",
        6,
        f"Раздел 4, выноска (6): {TICK} есть на странице, но не показана",
    ),
    Case(
        "page-save-disabled",
        "disabled",
        13,
        "Раздел 8, выноска (13): кнопка сохранения не нажимается: на странице отключена",
        ("Сохранить",),
    ),
    Case(
        "page-covered",
        "covered",
        4,
        "Раздел 3, выноска (4): ссылка на контроль доступа закрыта другим элементом "
        "(«Обновление правил»), нажать нельзя",
        ("Контроль доступа",),
    ),
)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not there need not be waited for as long as a slow service deserves."""
    monkeypatch.setattr("sigex_runbook.site.finder._CONTROL_MS", 3_000)


def drifted(service: Service, folder: Path, fault: str) -> tuple[Result, dict[str, Any]]:
    service.emulator.world.faults.set(ORGANISATION, fault)
    result = perform(service, service.order(), folder)
    record = json.loads((result.pack / "evidence/screens/failure.json").read_text("utf-8"))
    return result, record


def picture(pack: Path, which: str) -> Image.Image:
    return Image.open(pack / f"evidence/screens/failure-{which}.png").convert("RGB")


def outlined(pack: Path, box: dict[str, float]) -> bool:
    """Whether that place of the page is framed on the annotated picture."""
    raw, annotated = picture(pack, "raw"), picture(pack, "annotated")
    left = (annotated.width - raw.width) // 2
    edge = [annotated.getpixel((left - 1, y)) == EDGE for y in range(annotated.height)]
    top = edge.index(True) + 1
    x, y = left + int(box["x"]), top + int(box["y"]) - 3
    return all(annotated.getpixel((x + dx, y)) == BLUE for dx in range(int(box["width"])))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.kind)
def test_a_drift_is_told_in_the_guides_words_and_shown(
    service: Service, tmp_path: Path, case: Case
) -> None:
    result, record = drifted(service, tmp_path, case.fault)

    assert result.verdict.kind is VerdictKind.FAILED
    assert result.verdict.callout == case.callout
    assert result.verdict.reasons[0] == f"{case.told}. {NEXT}"

    ended = outcomes(result)
    failed = ended.index(Outcome.FAILED)
    assert ended.count(Outcome.FAILED) == 1
    assert ended[failed + 1 :] == [Outcome.NOT_RUN] * (len(ended) - failed - 1)
    assert service.granted() == NOTHING
    assert saves(service) == 0
    assert result.saved is Saved.NO

    told = record["facts"]["drift"]
    assert (told["kind"], record["facts"]["callout"]) == (case.kind, case.callout)
    assert tuple(one["name"] for one in told["candidates"]) == case.candidates
    assert told["candidates"] == [] or any(one["box"] for one in told["candidates"])
    for one in told["candidates"]:
        assert one["box"] is None or outlined(result.pack, one["box"])
    assert (BLUE in {c for _, c in picture(result.pack, "annotated").getcolors(256) or []}) is (
        case.candidates != ()
    )


def test_a_pack_with_a_failures_picture_verifies(service: Service, tmp_path: Path) -> None:
    result, _ = drifted(service, tmp_path, "page-sign-in-missing")
    verification = verify_pack(result.pack, Question(make_sealer().own_trust()))
    assert verification.exit_code in (0, 3), verification.findings


def test_a_menu_that_is_gone_is_no_failed_sign_in(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever has signed in must not be sent to check his NCALayer."""
    monkeypatch.setattr("sigex_runbook.site.pages.screen._PAGE_MS", 3_000)
    result, _ = drifted(service, tmp_path, "page-menu-icon-missing")
    assert result.verdict.reasons[0] == (
        f"Раздел 2, выноска (2): иконка меню есть на странице, но не показана. {NEXT}"
    )
    assert service.granted() == NOTHING


def test_a_page_in_another_language_is_told_as_that(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Blocks that are there under other names are not «not shown»."""
    monkeypatch.setattr("sigex_runbook.site.finder._CONTROL_MS", 3_000)
    result, _ = drifted(service, tmp_path, "page-other-language")
    (told,) = result.verdict.reasons
    assert told.startswith("Раздел 3, выноска (4): ")
    assert "на другом языке, на ней есть: «Who may view the documents», " in told
    assert service.granted() == NOTHING

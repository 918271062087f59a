"""What a run says that it did is what its order made it do: a revocation never reads as a grant."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from sigex_runbook.cli.main import main
from sigex_runbook.core.guide import load_guide
from sigex_runbook.core.order import Wish
from sigex_runbook.core.project import find_project
from sigex_runbook.core.verdict import VerdictKind
from sigex_runbook.evidence.index.last_results import last_results
from sigex_runbook.evidence.index.living_guide import living_guide
from sigex_runbook.evidence.sealing.report_files import Publication
from sigex_runbook.evidence.sealing.wiring import make_sealer
from sigex_runbook.run.result import Result
from sigex_runbook.run.scenarios.features import guide_steps
from sigex_runbook.run.warmth import Warmth
from tests.commands import run_here, sealed_well, write
from tests.performing import perform
from tests.service import EVERYTHING, NOTHING, ORGANISATION, SYSTEM, Service

TICKS = {"documentsAccess": 6, "documentsList": 8, "documentsSettings": 10}
TICKS |= {"organizationSettings": 12}
GIVES, TAKES, KEEPS = "предоставляет доступ", "снимает галочку", "оставляет галочку"
ALL_REVOKED = dict.fromkeys(TICKS, Wish.REVOKED)
MIXED = {
    "documentsAccess": Wish.GRANTED,
    "documentsList": Wish.REVOKED,
    "documentsSettings": Wish.LEAVE,
    "organizationSettings": Wish.GRANTED,  # it has that already
}
DEPARTURES = {
    "ru": ("теми же элементами страницы отзывают", "Менять нечего"),
    "kk": ("қайтарып алынады", "Өзгертетін ештеңе жоқ"),
    "en": ("revokes access", "Nothing is to be changed"),
}


def ordered(wishes: Mapping[str, Wish]) -> dict[str, str]:
    return {f"{block}: granted": f"{block}: {wish}" for block, wish in wishes.items()}


def grant(service: Service, *blocks: str) -> None:
    for block in blocks:
        service.emulator.world.grant(ORGANISATION, block, SYSTEM)


Performed = Callable[[Mapping[str, Wish]], Result]


@pytest.fixture
def performed(service: Service, warmth: Warmth, tmp_path: Path) -> Performed:
    """A run with its report, whose pictures and report come out the same when made again."""
    sealer = replace(make_sealer(), report=Publication(warmth.print, "ru"))
    return lambda wishes: perform(service, service.order(ordered(wishes)), tmp_path, sealer=sealer)


def steps(pack: Path) -> list[dict[str, Any]]:
    lines = (pack / "evidence" / "steps.ndjson").read_text("utf-8").splitlines()
    return [json.loads(line)["step"] for line in lines]


def sentence(pack: Path, callout: int) -> str:
    [found] = [step["text"] for step in steps(pack) if step["callout"] == callout]
    return str(found)


def report(pack: Path, language: str, folder: Path) -> str:
    file = folder / f"{language}.html"
    assert main(["report", str(pack), "--language", language, "--output", str(file)]) == 0
    return unescape(re.sub(r"<[^>]+>", " ", file.read_text("utf-8").split("</style>")[1]))


def without_quotations(text: str) -> str:
    """The report without the guide's own words, which are quoted in every run."""
    for section in load_guide().sections:
        for wording in (section.wording, *(mark.wording for mark in section.callouts)):
            text = text.replace(wording.ru, "")
    return text


def guide_page(outputs: Path) -> str:
    features = find_project().features
    page = living_guide(
        load_guide(),
        guide_steps(features),
        guide_steps(features / "en"),
        last_results(outputs),
        made_at=datetime.now(UTC),
    )
    return unescape(page)


def test_a_revocation_says_that_it_revoked(
    service: Service, performed: Performed, tmp_path: Path
) -> None:
    grant(service, *TICKS)
    result = performed(ALL_REVOKED)
    assert (result.verdict.kind, service.granted()) == (VerdictKind.PASSED, NOTHING)
    assert sealed_well(result.pack, redrawn=False)
    for callout in TICKS.values():
        assert sentence(result.pack, callout).startswith(TAKES)
        assert {s["act"] for s in steps(result.pack) if s["callout"] == callout} == {"revoke"}
    evidence = result.pack / "evidence"
    texts = [path for path in evidence.rglob("*") if path.suffix in {".ndjson", ".json", ".xml"}]
    assert [path.name for path in texts if GIVES in path.read_text("utf-8")] == []
    for language, (revokes, keeps) in DEPARTURES.items():
        told = without_quotations(report(result.pack, language, tmp_path))
        assert not re.search(f"{GIVES}|поставить галочку|құсбелгі қою|— tick", told)
        assert re.search("снять галочку|құсбелгіні алып тастау|— untick", told)
        assert revokes in told
        assert keeps not in told


def test_a_mixed_order_says_of_each_block_what_was_done(
    service: Service, performed: Performed, tmp_path: Path
) -> None:
    grant(service, "documentsList", "documentsSettings", "organizationSettings")
    result = performed(MIXED)
    assert result.verdict.kind is VerdictKind.PASSED, result.verdict.reasons
    assert sealed_well(result.pack, redrawn=False)
    assert service.granted() == EVERYTHING | {"documentsList": ()}
    said = {callout: sentence(result.pack, callout) for callout in TICKS.values()}
    assert [said[n].rpartition(" (")[0].partition(" инф")[0] for n in (6, 8)] == [
        GIVES,
        TAKES,
    ]
    assert said[10].startswith(KEEPS)
    assert said[12].startswith(KEEPS)
    told = without_quotations(report(result.pack, "ru", tmp_path))
    assert "отзывают, разделы: 5." in told
    assert "Менять нечего в разделах: 6, 7." in told
    assert "кнопку сохранения не нажимают" not in told
    # The guide shows what it speaks of: pictures of another act do not illustrate it.
    assert {6, 8, 10, 12} & last_results(tmp_path).pictures.keys() == {6}
    page = guide_page(tmp_path)
    assert f"В том запуске по его заказу: «И {said[8]}»" in page
    assert "выполнен (доступ отзывали)" in page


@pytest.mark.parametrize(
    ("wishes", "held"),
    [
        (dict.fromkeys(TICKS, Wish.GRANTED), tuple(TICKS)),
        (ALL_REVOKED, ()),
        (dict.fromkeys(TICKS, Wish.LEAVE), ("documentsList",)),
    ],
)
def test_an_order_with_nothing_to_do_says_that_nothing_was_pressed(
    service: Service,
    performed: Performed,
    tmp_path: Path,
    wishes: dict[str, Wish],
    held: tuple[str, ...],
) -> None:
    grant(service, *held)
    result = performed(wishes)
    assert (result.verdict.kind, result.nothing_to_do) == (VerdictKind.PASSED, True)
    assert sealed_well(result.pack, redrawn=False)
    assert all(sentence(result.pack, callout).startswith(KEEPS) for callout in TICKS.values())
    assert "не нажимает" in sentence(result.pack, 13)
    told = without_quotations(report(result.pack, "ru", tmp_path))
    assert "в разделах: 4, 5, 6, 7." in told
    assert "кнопку сохранения не нажимают" in told
    assert not re.search(f"{GIVES}|сохраняет настройки|поставить галочку", told)


def test_the_console_and_the_notebook_tell_a_revocation(service: Service, tmp_path: Path) -> None:
    grant(service, *TICKS)
    order = write(tmp_path, service.order_text(**ordered(ALL_REVOKED)))
    done = run_here(order, *service.arguments(), "--outputs", tmp_path / "outputs")
    assert (done.returncode, service.granted()) == (0, NOTHING), done.stderr
    [notebook] = tmp_path.glob("outputs/single/*/*/evidence/runbook.ipynb")
    told = without_quotations(done.stdout) + notebook.read_text("utf-8")
    assert not re.search(f"{GIVES}|доступ предоставлен|доступ будет дан", told)
    assert "доступ будет отозван" in told
    assert TAKES in told
    index = (tmp_path / "outputs" / "index.html").read_text("utf-8")
    assert "Отозван доступ" in index
    assert "Дан доступ" not in index
    again = run_here(order, *service.arguments(), "--outputs", tmp_path / "outputs")
    assert "Менять было нечего: всё уже было так, как заказано;" in again.stdout


def test_a_run_that_stops_before_its_plan_words_the_rest_by_its_order(
    service: Service, tmp_path: Path
) -> None:
    wishes = ordered(ALL_REVOKED) | {f"keys/{ORGANISATION}/": "keys/000740000728/"}
    result = perform(service, service.order(wishes), tmp_path)
    assert (result.verdict.kind, result.verdict.section) == (VerdictKind.FAILED, 1)
    assert all(sentence(result.pack, callout).startswith(TAKES) for callout in TICKS.values())
    assert [step["position"] for step in steps(result.pack)] == list(
        range(1, len(steps(result.pack)) + 1)
    )

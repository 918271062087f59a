"""What is known of each order: by state, ledger and pack, and by nothing else."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from sigex_runbook.batch.overview.accounts import Accounts, Ending, Passage, accounts
from sigex_runbook.batch.simulation import TARGET, simulated_orders
from sigex_runbook.batch.state import BatchState, Phase, Standing, batch_state
from sigex_runbook.core.exclusions import Exclusion
from sigex_runbook.core.record import Outcome
from sigex_runbook.evidence.attest.ledger import EntryKind, locked_ledger
from tests.sigex_runbook.batch.office import BEGINNING, CAMPAIGN

ORDERS = simulated_orders(6)
NAMES = [name for name, _ in ORDERS]
EXCLUDED = (Exclusion.model_validate({"bin": "200240002381", "reason": "ликвидируется"}),)


def step(section: int, outcome: str, milliseconds: int | None, act: str | None = None) -> str:
    said = {"position": section, "section": section, "scenario": "с", "keyword": "И", "text": "т"}
    planned = {**said, "callout": None, "act": act}
    record = {"step": planned, "outcome": outcome, "duration_ms": milliseconds}
    return json.dumps({**record, "started_at": None, "message": None, "note": None})


def begun(state: BatchState, place: int, *phases: Phase, packed: str = "", **last: object) -> None:
    """An order went so far on worker `w`; its pack has these steps."""
    standing = state.of(NAMES[place])
    standing = replace(standing, phase=Phase.BEGUN, run=f"run-{place}")
    state.add(standing)
    state.add(standing := replace(standing, worker="w"))
    for phase in phases:
        standing = replace(standing, phase=phase)
        state.add(standing)
    state.add(replace(standing, **last))  # type: ignore[arg-type]
    if packed:
        campaign = state_folder(state)
        evidence = campaign / standing.organisation / f"run-{place}" / "evidence"
        evidence.mkdir(parents=True)
        (evidence / "steps.ndjson").write_text(packed, encoding="utf-8")
        with locked_ledger(campaign) as book:
            told = {"organisation": standing.organisation, "run": f"run-{place}"}
            book.add(book.next(EntryKind.RUN, f"{place}" * 64, None, **told))


def state_folder(state: BatchState) -> Path:
    assert state._file is not None
    return state._file.parents[1] / CAMPAIGN


def known(outputs: Path) -> Accounts:
    steps = [step(1, "passed", 700), step(4, "passed", 300, "keep"), step(5, "failed", 50)]
    with batch_state(outputs, CAMPAIGN, "", ORDERS, EXCLUDED) as state:
        begun(state, 0, Phase.SAVED, Phase.SEALED, phase=Phase.PLACED, exit_code=0, packed=steps[0])
        begun(state, 1, phase=Phase.PLACED, exit_code=3, reason="Ключа нет.", packed="{")
        failed: dict[str, object] = {"phase": Phase.FAILED, "exit_code": 1, "section": 5}
        begun(
            state,
            2,
            **failed,
            reason="Нет галочки.",
            packed="\n".join([*steps, step(6, "not_run", None)]),
        )
        begun(state, 3, **failed, reason="Диск полон.")  # type: ignore[arg-type]
        begun(state, 4, Phase.SAVED)
        return accounts(
            state,
            ORDERS,
            EXCLUDED,
            campaign=outputs / CAMPAIGN,
            target=TARGET,
            made_at=BEGINNING,
        )


def test_each_order_is_told_as_it_stands(tmp_path: Path) -> None:
    found = known(tmp_path)
    assert [(one.order, one.ending, one.reason) for one in found.orders] == [
        (NAMES[0], Ending.PASSED, None),
        (NAMES[1], Ending.PARTIAL, "Ключа нет."),
        (NAMES[2], Ending.FAILED, "Нет галочки."),
        (NAMES[3], Ending.NOT_ENDED, "Диск полон."),
        (NAMES[4], Ending.NOT_ENDED, "Заказ начат и не доведён до конца: программу остановили."),
        (NAMES[5], Ending.NOT_BEGUN, "Заказ не начат: программу остановили раньше."),
    ]
    assert [found.count(one) for one in Ending] == [1, 1, 1, 2, 1]
    assert found.excluded == EXCLUDED


def test_a_pack_is_one_that_the_ledger_knows(tmp_path: Path) -> None:
    found = known(tmp_path).orders
    whose = found[0].organisation_bin
    assert (found[0].pack, found[0].digest) == (f"{whose}/run-0", "0" * 64)
    assert [bool(one.pack) for one in found] == [True, True, True, False, False, False]


def test_sections_are_read_from_the_pack_and_a_spoilt_one_has_none(tmp_path: Path) -> None:
    found = known(tmp_path).orders
    assert found[1].passages == ()
    assert found[2].passages == (
        Passage(1, Outcome.PASSED, 0.7),
        Passage(4, Outcome.PASSED, 0.3, idle=True),
        Passage(5, Outcome.FAILED, 0.05),
        Passage(6, Outcome.NOT_RUN, 0),
    )


def test_a_run_lasts_from_its_worker_to_its_seal(tmp_path: Path) -> None:
    """A coordinator that was killed and went on hours later has not worked meanwhile."""
    with batch_state(tmp_path, CAMPAIGN, "", ORDERS) as state:
        file = state._file
    assert file is not None
    hours = [("begun", None, 1), ("begun", "w", 2), ("sealed", "w", 3), ("placed", "w", 9)]
    for phase, worker, hour in hours:
        at = f"2026-11-30T0{hour}:00:00.000+00:00"
        whose = ORDERS[0][1].organisation.bin.text
        line = Standing(NAMES[0], whose, Phase(phase), "run", worker, 0, at=at).to_line()
        file.write_bytes(file.read_bytes() + line)
    with batch_state(tmp_path, CAMPAIGN, "", ORDERS, resume=True) as state:
        campaign = tmp_path / CAMPAIGN
        found = accounts(state, ORDERS, (), campaign=campaign, target=TARGET, made_at=BEGINNING)
    first = found.orders[0]
    assert (first.worker, first.seconds) == ("w", 3600)
    assert found.orders[1].seconds is None

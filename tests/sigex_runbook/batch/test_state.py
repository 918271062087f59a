"""The state of a batch: what it holds, whom it refuses, and what a killed process leaves."""

from __future__ import annotations

import errno
import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from sigex_runbook.batch.simulation import TARGET, organisations, simulated_orders
from sigex_runbook.batch.state import FOLDER, BatchState, Phase, batch_state, input_digest
from sigex_runbook.core.errors import NotRecorded, RunFailed, UsageError
from sigex_runbook.core.exclusions import Exclusion
from sigex_runbook.core.order import parse_order
from sigex_runbook.evidence.index.outputs import Outputs
from tests.builders import ORGANISATION, OTHER_ORGANISATION, make_pair, order_tree

from .office import CAMPAIGN, kept, orders_of, phases

ORDERS = simulated_orders(3)
FIRST, SECOND, THIRD = (name for name, _ in ORDERS)


def file_in(outputs: Path) -> Path:
    return outputs / FOLDER / f"{CAMPAIGN}.jsonl"


def advance(state: BatchState, name: str, *phases: Phase) -> None:
    for phase in phases:
        state.add(replace(state.of(name), phase=phase, run="run-1"))


def test_every_order_and_exclusion_is_there_from_the_beginning_and_goes_on_as_it_was(
    tmp_path: Path,
) -> None:
    [*_, left] = (bin_ for bin_, _ in zip(organisations(), range(4), strict=False))
    exclusion = Exclusion(bin=left.text, reason="ликвидирована")
    with batch_state(tmp_path, CAMPAIGN, "d", ORDERS, [exclusion]) as state:
        advance(state, SECOND, Phase.BEGUN, Phase.SAVED)
        before = state.standings
    with batch_state(tmp_path, CAMPAIGN, "d", ORDERS, [exclusion], resume=True) as state:
        assert state.standings == before
        assert phases(state) == {
            FIRST: Phase.PLANNED,
            SECOND: Phase.SAVED,
            THIRD: Phase.PLANNED,
            left.text: Phase.EXCLUDED,
        }
        assert state.of(left.text).reason == "ликвидирована"
        assert state.of(SECOND).run == "run-1"


def test_whatever_a_killed_process_left_of_its_last_line_the_lines_before_it_stand(
    tmp_path: Path,
) -> None:
    with kept(tmp_path, ORDERS) as state:
        advance(state, FIRST, Phase.BEGUN)
        size = file_in(tmp_path).stat().st_size
        advance(state, FIRST, Phase.SAVED)
    whole = file_in(tmp_path).read_bytes()
    for cut in range(size, len(whole)):
        file_in(tmp_path).write_bytes(whole[:cut])
        with kept(tmp_path, ORDERS, resume=True) as state:
            assert state.of(FIRST).phase is Phase.BEGUN
            advance(state, SECOND, Phase.BEGUN)
        with kept(tmp_path, ORDERS, resume=True) as state:
            assert (state.of(FIRST).phase, state.of(SECOND).phase) == (Phase.BEGUN, Phase.BEGUN)


def test_a_line_that_another_program_wrote_is_told_by_its_number(tmp_path: Path) -> None:
    with kept(tmp_path, ORDERS):
        pass
    lines = file_in(tmp_path).read_bytes().splitlines(keepends=True)
    file_in(tmp_path).write_bytes(b"")
    with pytest.raises(RunFailed, match="строка 1 "), kept(tmp_path, ORDERS, resume=True):
        pass
    for number in range(len(lines)):
        file_in(tmp_path).write_bytes(b"".join([*lines[:number], b"{}\n", *lines[number + 1 :]]))
        with (
            pytest.raises(RunFailed, match=f"строка {number + 1} записана не этой программой"),
            kept(tmp_path, ORDERS, resume=True),
        ):
            pass


def test_a_second_process_is_refused_while_the_first_has_it(tmp_path: Path) -> None:
    with (
        kept(tmp_path, ORDERS),
        pytest.raises(UsageError, match="уже выполняет другой запуск"),
        kept(tmp_path, ORDERS, resume=True),
    ):
        pass
    with kept(tmp_path, ORDERS, resume=True):
        pass


def test_other_input_is_refused_and_nothing_changes(tmp_path: Path) -> None:
    with kept(tmp_path, ORDERS) as state:
        advance(state, FIRST, Phase.BEGUN, Phase.PLACED)
    before = file_in(tmp_path).read_bytes()
    with (
        pytest.raises(UsageError, match=r"с другими заказами.*выполнено 1 из 3.*--campaign"),
        batch_state(tmp_path, CAMPAIGN, "other", ORDERS, resume=True),
    ):
        pass
    assert file_in(tmp_path).read_bytes() == before


def test_a_batch_is_begun_once_and_resumed_only_if_there_is_one(tmp_path: Path) -> None:
    with (
        pytest.raises(UsageError, match="Продолжать нечего"),
        kept(tmp_path, ORDERS, resume=True),
    ):
        pass
    with kept(tmp_path, ORDERS):
        pass
    half = b'{"order":"'
    file_in(tmp_path).write_bytes(file_in(tmp_path).read_bytes() + half)
    with (
        pytest.raises(UsageError, match=r"уже начата: выполнено 0 из 3.*--resume"),
        kept(tmp_path, ORDERS),
    ):
        pass
    assert file_in(tmp_path).read_bytes().endswith(half), "nothing was touched"


def test_a_full_disk_is_told_and_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It takes half of the line before it complains, as disks do."""
    with kept(tmp_path, ORDERS) as state:
        advance(state, FIRST, Phase.BEGUN)
        before = file_in(tmp_path).read_bytes()
        write, room = os.write, [20]

        def full(handle: int, data: bytes) -> int:
            if not room[0]:
                raise OSError(errno.ENOSPC, "full")
            taken = write(handle, bytes(data)[: room[0]])
            room[0] -= taken
            return taken

        with monkeypatch.context() as filled:
            filled.setattr(os, "write", full)
            with pytest.raises(NotRecorded, match=r"на диске нет места.*--resume"):
                advance(state, FIRST, Phase.SAVED)
        assert file_in(tmp_path).read_bytes() == before
        assert state.of(FIRST).phase is Phase.BEGUN
        advance(state, FIRST, Phase.SAVED)
    with kept(tmp_path, ORDERS, resume=True) as state:
        assert state.of(FIRST).phase is Phase.SAVED


def test_it_lies_where_the_list_of_runs_sees_no_campaign(tmp_path: Path) -> None:
    """Also of a campaign that is called like an organisation."""
    with batch_state(tmp_path, ORGANISATION, "d", ORDERS):
        assert Outputs(tmp_path).campaigns() == ()


def test_the_digest_tells_orders_exclusions_and_services_apart(tmp_path: Path) -> None:
    orders = orders_of(tmp_path, ORGANISATION, OTHER_ORGANISATION)
    excluded = [Exclusion(bin=OTHER_ORGANISATION, reason="ликвидирована")]
    digests = [
        input_digest(orders, target=TARGET),
        input_digest(orders[:1], target=TARGET),
        input_digest(orders[::-1], target=TARGET),
        input_digest(orders, excluded, target=TARGET),
        input_digest(orders, target="https://sigex.kz"),
    ]
    assert len(set(digests)) == len(digests)
    again = orders_of(tmp_path, ORGANISATION, OTHER_ORGANISATION)
    assert input_digest(again, target=TARGET) == digests[0]


def test_the_digest_tells_another_key_under_the_same_name(tmp_path: Path) -> None:
    text = json.dumps(order_tree(tmp_path))
    before = parse_order(text, path=tmp_path / "order.yaml")
    make_pair("Обновлённая").save(tmp_path, "system")
    after = parse_order(text, path=tmp_path / "order.yaml")
    assert before.model_dump() == after.model_dump()
    digests = {input_digest([("order.yaml", one)], target=TARGET) for one in (before, after)}
    assert len(digests) == 2


def test_no_password_gets_into_it(tmp_path: Path) -> None:
    orders = orders_of(tmp_path, ORGANISATION)
    with kept(tmp_path, orders) as state:
        advance(state, "1.yaml", Phase.BEGUN, Phase.PLACED)
    told = file_in(tmp_path).read_text(encoding="utf-8")
    assert "secret" not in told
    assert str(tmp_path) not in told

"""The plan: the right place in the list or none at all, and only the ordered ticks move."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sigex_runbook.core.access import AccessBlock, AccessSettings
from sigex_runbook.core.errors import RunFailed
from sigex_runbook.core.order import Order
from sigex_runbook.core.plan import make_plan, ordered_acts
from sigex_runbook.core.record import Act
from tests.builders import (
    CONTROL,
    ORGANISATION,
    OTHER_ORGANISATION,
    SYSTEM,
    block,
    entry,
    make_order,
    settings,
)

ALL_LEAVE = {name.value: "leave" for name in AccessBlock}


@pytest.fixture
def order(tmp_path: Path) -> Order:
    """All four blocks granted to the first system, the second is the control."""
    return make_order(tmp_path)


def with_access(folder: Path, **wishes: str) -> Order:
    return make_order(folder, access={**ALL_LEAVE, **wishes})


def all_blocks(*indices: int) -> dict[str, Any]:
    return {name.value: block(*indices) for name in AccessBlock}


def test_nothing_but_the_four_blocks_indices_moves(order: Order) -> None:
    before = settings(
        **all_blocks(1), tlsCertificatesList=[entry("Третья"), entry(CONTROL), entry(SYSTEM)]
    )
    plan = make_plan(before, order)
    assert plan.index == 2
    assert plan.control_index == 1
    assert [d.path for d in plan.changes] == sorted(
        f"{name}.tlsCertificatesIndices" for name in AccessBlock
    )
    assert all((d.before, d.after) == ([1], [1, 2]) for d in plan.changes)
    expected = before.body
    for name in AccessBlock:
        expected[name]["tlsCertificatesIndices"].append(2)
    assert plan.expected.body == expected


def test_a_plan_leaves_what_it_was_given(order: Order) -> None:
    before = settings()
    untouched = before.body
    make_plan(before, order)
    assert before.body == untouched


def test_nothing_to_do_is_a_plan(order: Order) -> None:
    plan = make_plan(settings(**all_blocks(0)), order)
    assert plan.nothing_to_do
    assert plan.changes == ()
    assert all(plan.wanted(name) for name in AccessBlock)


def test_a_part_that_holds_already_is_left(order: Order) -> None:
    plan = make_plan(settings(documentsAccess=block(0)), order)
    assert not plan.nothing_to_do
    assert len(plan.changes) == 3
    assert "documentsAccess.tlsCertificatesIndices" not in {d.path for d in plan.changes}


@pytest.mark.parametrize("ticked", [True, False])
def test_leave_wants_what_is(tmp_path: Path, ticked: bool) -> None:
    order = with_access(tmp_path)
    plan = make_plan(settings(**all_blocks(*([0] if ticked else []))), order)
    assert plan.nothing_to_do
    assert {plan.wanted(name) for name in AccessBlock} == {ticked}


def test_revoking_takes_one_tick_and_no_neighbours(tmp_path: Path) -> None:
    order = with_access(tmp_path, documentsList="revoked")
    plan = make_plan(settings(**all_blocks(0, 1)), order)
    (change,) = plan.changes
    assert (change.path, change.after) == ("documentsList.tlsCertificatesIndices", [1])
    assert not plan.wanted(AccessBlock.DOCUMENTS_LIST)
    assert plan.wanted(AccessBlock.DOCUMENTS_ACCESS)


def test_without_a_control_system_there_is_no_place_for_it(tmp_path: Path) -> None:
    plan = make_plan(settings(), make_order(tmp_path, control_system=None))
    assert plan.control_index is None


def refusal(before: AccessSettings, order: Order) -> str:
    with pytest.raises(RunFailed) as refused:
        make_plan(before, order)
    return str(refused.value)


def test_an_unknown_system_is_named_beside_those_that_are_there(order: Order) -> None:
    said = refusal(settings(tlsCertificatesList=[entry("Архив"), entry(CONTROL)]), order)
    assert f"«{SYSTEM}» не найдена" in said
    assert "«Архив»" in said


def test_an_organisation_without_systems_says_so(order: Order) -> None:
    assert "ни одной" in refusal(settings(tlsCertificatesList=[]), order)


def test_two_systems_with_one_description_stop_the_run(order: Order) -> None:
    """The screen shows descriptions only: a tick could land on the other one."""
    before = settings(
        tlsCertificatesList=[entry(SYSTEM), entry(CONTROL), entry(SYSTEM, pair="чужой ключ")]
    )
    assert "носят 2 информационные системы" in refusal(before, order)


def test_one_key_recorded_twice_stops_the_run(order: Order) -> None:
    before = settings(
        tlsCertificatesList=[entry(SYSTEM), entry(CONTROL), entry("Дубль", pair=SYSTEM)]
    )
    assert "записан в настройках 2 раза" in refusal(before, order)


def test_the_right_description_with_another_key_stops_the_run(order: Order) -> None:
    before = settings(tlsCertificatesList=[entry(SYSTEM, pair="подмена"), entry(CONTROL)])
    assert "другой ключ" in refusal(before, order)


def test_the_right_key_under_another_description_names_it(order: Order) -> None:
    before = settings(tlsCertificatesList=[entry("Старое имя", pair=SYSTEM), entry(CONTROL)])
    assert "под описанием «Старое имя»" in refusal(before, order)


def test_description_here_and_key_there_stops_the_run(order: Order) -> None:
    """Both are in the list, on different entries: the worst mix-up, one of them is wrong."""
    before = settings(
        tlsCertificatesList=[
            entry(SYSTEM, pair="подмена"),
            entry(CONTROL),
            entry("Иное", pair=SYSTEM),
        ]
    )
    assert "не сходятся" in refusal(before, order)


def test_a_control_system_must_be_there_too(order: Order) -> None:
    """Without it the run would claim a control that was never made."""
    assert f"«{CONTROL}» не найдена" in refusal(
        settings(tlsCertificatesList=[entry(SYSTEM)]), order
    )


def test_granting_to_a_disabled_certificate_is_refused(order: Order) -> None:
    before = settings(tlsCertificatesList=[entry(SYSTEM, disabled=True), entry(CONTROL)])
    assert "отключён" in refusal(before, order)


def test_revoking_from_a_disabled_certificate_is_fine(tmp_path: Path) -> None:
    order = with_access(tmp_path, documentsAccess="revoked")
    before = settings(
        tlsCertificatesList=[entry(SYSTEM, disabled=True), entry(CONTROL)], **all_blocks(0)
    )
    assert not make_plan(before, order).wanted(AccessBlock.DOCUMENTS_ACCESS)


def test_settings_of_another_organisation_stop_the_run(order: Order) -> None:
    """A session may be switched after section 1 was checked: what is planned on must be its own."""
    assert str(order.organisation.bin) == ORGANISATION
    refusal(settings(businessId=f"BIN{OTHER_ORGANISATION}"), order)


def test_a_description_that_only_looks_the_same_counts_as_the_same(order: Order) -> None:
    """The screen folds white space and shows no invisible characters: what it cannot tell apart
    must not be ticked, be the other one switched off or not."""
    for twin in ("Учёт  договоров", " Учёт\u00a0договоров", "Учёт до\u00adговоров\u200b"):
        listed = [entry(SYSTEM), entry(CONTROL), entry(twin, pair="другая", disabled=True)]
        with pytest.raises(RunFailed, match="носят 2"):
            make_plan(settings(tlsCertificatesList=listed), order)


def test_what_is_done_in_each_section_follows_from_order_and_settings(tmp_path: Path) -> None:
    order = with_access(
        tmp_path,
        documentsAccess="granted",
        documentsList="revoked",
        documentsSettings="granted",
    )
    before = settings(documentsList=block(0), documentsSettings=block(0))
    assert make_plan(before, order).acts == {
        4: Act.GRANT,
        5: Act.REVOKE,
        6: Act.KEEP,  # granted already
        7: Act.KEEP,  # left alone
        8: Act.GRANT,
    }
    assert ordered_acts(order.access) == {
        4: Act.GRANT,
        5: Act.REVOKE,
        6: Act.GRANT,
        7: Act.KEEP,
        8: Act.GRANT,
    }


def test_with_nothing_to_do_nothing_is_saved_either(tmp_path: Path) -> None:
    nothing = dict.fromkeys(range(4, 9), Act.KEEP)
    revoked = with_access(tmp_path, documentsAccess="revoked")
    assert make_plan(settings(), revoked).acts == nothing
    assert ordered_acts(with_access(tmp_path).access) == nothing


def test_a_letter_of_another_script_in_a_description_is_named(order: Order) -> None:
    """Both would be shown alike in the message, and nobody could tell why they differ."""
    before = settings(tlsCertificatesList=[entry(SYSTEM.replace("о", "o")), entry(CONTROL)])
    said = refusal(before, order)
    assert "знак 7: русская «о» (U+043E) в заказе, латинская «o» (U+006F) в настройках" in said


def test_a_certificate_under_the_ordered_description_that_nobody_can_read(order: Order) -> None:
    broken = {**entry(SYSTEM), "body": "garbage"}
    said = refusal(settings(tlsCertificatesList=[broken, entry(CONTROL)]), order)
    assert "сертификат, записанный под ним, не читается" in said

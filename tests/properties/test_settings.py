"""Plans over arbitrary settings: the order is reached, nothing else moves, twice is once."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigex_runbook.core.access import AccessBlock, AccessSettings, differences
from sigex_runbook.core.errors import RunFailed
from sigex_runbook.core.order import Order, Wish
from sigex_runbook.core.plan import make_plan
from tests.builders import CONTROL, SYSTEM, known_pair, make_order, settings_body
from tests.properties.strategies import (
    SETS,
    bodies,
    entries,
    jsons,
    names,
    settings_objects,
    wishes,
)

Ordering = Callable[[dict[AccessBlock, Wish]], Order]

BLOCKS = {block.value for block in AccessBlock}


@pytest.fixture(scope="module")
def ordering(tmp_path_factory: pytest.TempPathFactory) -> Ordering:
    """Orders for `SYSTEM` that differ in their wishes; read from disk once."""
    order = make_order(tmp_path_factory.mktemp("order"))
    return lambda access: order.model_copy(update={"access": access})


def elsewhere(body: dict[str, Any], index: int) -> dict[str, Any]:
    """The object without the ordered system's index in the four blocks; the rest to the letter."""
    rest = copy.deepcopy(body)
    for name in BLOCKS:
        rest[name]["tlsCertificatesIndices"] = [
            i for i in rest[name]["tlsCertificatesIndices"] if i != index
        ]
    return rest


@given(bodies(apart=True), wishes)
def test_a_plan_reaches_the_order_and_moves_nothing_else(
    ordering: Ordering, body: dict[str, Any], access: dict[AccessBlock, Wish]
) -> None:
    plan = make_plan(AccessSettings(body), ordering(access))
    for block, wish in access.items():
        had = plan.before.granted(block, plan.index)
        assert plan.wanted(block) is (had if wish is Wish.LEAVE else wish is Wish.GRANTED)
    assert json.dumps(elsewhere(plan.expected.body, plan.index)) == json.dumps(
        elsewhere(body, plan.index)
    )
    assert plan.control_index is not None
    assert plan.before.systems[plan.control_index].description == CONTROL


@given(bodies(apart=True), wishes)
def test_what_a_plan_says_will_move_is_what_moves_and_only_once(
    ordering: Ordering, body: dict[str, Any], access: dict[AccessBlock, Wish]
) -> None:
    plan = make_plan(AccessSettings(body), ordering(access))
    moving = {
        f"{block}.tlsCertificatesIndices"
        for block in AccessBlock
        if plan.before.granted(block, plan.index) != plan.wanted(block)
    }
    assert {difference.path for difference in plan.changes} == moving
    assert plan.nothing_to_do is not bool(moving)
    again = make_plan(plan.expected, ordering(access))
    assert again.nothing_to_do
    assert again.expected.body == plan.expected.body


@given(entries(), wishes)
def test_a_plan_is_for_the_one_system_that_nothing_resembles_or_there_is_none(
    ordering: Ordering, listed: list[dict[str, Any]], access: dict[AccessBlock, Wish]
) -> None:
    """Over lists with repeated keys, repeated descriptions, and some that only look alike."""
    order = ordering(access).model_copy(update={"control_system": None})
    settings = AccessSettings(settings_body(tlsCertificatesList=listed))
    named = [i for i, s in enumerate(settings.systems) if s.description.split() == SYSTEM.split()]
    alone = len(named) == 1 and settings.indices_of(known_pair(SYSTEM).fingerprint) == (named[0],)
    if alone and not (settings.disabled(named[0]) and Wish.GRANTED in access.values()):
        assert make_plan(settings, order).index == named[0]
    else:
        with pytest.raises(RunFailed):
            make_plan(settings, order)


@given(settings_objects, st.sampled_from(AccessBlock), st.data())
def test_revoking_undoes_granting(
    before: AccessSettings, block: AccessBlock, data: st.DataObject
) -> None:
    index = data.draw(st.integers(0, len(before.systems) - 1))
    back = before.with_grant(block, index, True).with_grant(block, index, False)
    assert not back.granted(block, index)
    if not before.granted(block, index):
        assert back.body == before.body


@given(settings_objects, st.data())
def test_the_order_of_grants_does_not_count(before: AccessSettings, data: st.DataObject) -> None:
    """Ticks are independent of one another: any order of the four sections leads to one state."""
    ticks = data.draw(
        st.lists(
            st.tuples(
                st.sampled_from(AccessBlock),
                st.integers(0, len(before.systems) - 1),
                st.booleans(),
            ),
            max_size=6,
            unique_by=lambda tick: tick[:2],
        )
    )
    one, other = before, before
    for tick in ticks:
        one = one.with_grant(*tick)
    for tick in data.draw(st.permutations(ticks)):
        other = other.with_grant(*tick)
    assert differences(one, other) == ()


# -- differences


def canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def as_sets(settings: AccessSettings) -> str:
    """The object as it should be compared, said a second time: text instead of a walk."""
    body = settings.body
    for name in ("modifiedAt", "dataArchiveUsage"):
        body.pop(name, None)
    for value in body.values():
        if isinstance(value, dict) and "tlsCertificatesIndices" in value:
            for key in SETS:
                if isinstance(value.get(key), list):
                    value[key] = sorted({canonical(item) for item in value[key]})
    return canonical(body)


@st.composite
def neighbours(draw: st.DrawFn) -> tuple[AccessSettings, AccessSettings]:
    """Two objects that are equal, equal up to order and repetition, or differ in one place."""
    body = draw(bodies())
    other = copy.deepcopy(body)
    places = [name for name in other if name not in BLOCKS | {"tlsCertificatesList"}]
    match draw(st.sampled_from(("as it is", "shuffled", "replaced", "dropped", "added", "block"))):
        case "shuffled":
            for name in BLOCKS:
                for key in SETS:
                    if isinstance(other[name][key], list):
                        repeated = other[name][key] + other[name][key][:1]
                        other[name][key] = draw(st.permutations(repeated))
        case "replaced":
            other[draw(st.sampled_from(places))] = draw(jsons)
        case "dropped":
            del other[draw(st.sampled_from(places))]
        case "added":
            name = draw(names)
            if name not in BLOCKS | {"tlsCertificatesList"}:
                other[name] = draw(jsons)
        case "block":
            name = draw(st.sampled_from(sorted(BLOCKS)))
            other[name][draw(st.sampled_from(("authorities", "iins", "x")))] = draw(jsons)
    return AccessSettings(body), AccessSettings(other)


@given(neighbours())
def test_differences_are_empty_exactly_for_equals(
    pair: tuple[AccessSettings, AccessSettings],
) -> None:
    one, other = pair
    assert (differences(one, other) == ()) is (as_sets(one) == as_sets(other))
    assert differences(one, one) == ()


@given(neighbours())
def test_differences_are_the_same_from_both_sides(
    pair: tuple[AccessSettings, AccessSettings],
) -> None:
    there, back = differences(*pair), differences(*reversed(pair))
    assert [d.path for d in there] == [d.path for d in back]
    for one, other in zip(there, back, strict=True):
        assert canonical([one.before, one.after]) == canonical([other.after, other.before])


@given(settings_objects)
def test_comparing_changes_nothing(settings: AccessSettings) -> None:
    before = canonical(settings.body)
    differences(settings, settings)
    assert canonical(settings.body) == before

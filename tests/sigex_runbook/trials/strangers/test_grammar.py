"""The grammar of strangers' sites: the same number, the same site; and nothing that never comes."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from sigex_emulator.world.settings import ALL_BLOCKS, GUIDE_BLOCKS
from sigex_runbook.core.given.letters import folded
from sigex_runbook.core.order import Wish
from sigex_runbook.trials.strangers import PARTS, compose
from sigex_runbook.trials.strangers.markup import CONTROLS, classes, templates
from sigex_runbook.trials.strangers.words import block_names, block_title

MANY = [compose(7, number) for number in range(1, 501)]


def test_a_number_gives_the_same_site_every_time() -> None:
    assert compose(7, 3) == compose(7, 3)
    assert compose(7, 3).as_json() != compose(7, 4).as_json()
    assert compose(7, 3).as_json() != compose(8, 3).as_json()


def test_a_site_is_printed_whole() -> None:
    printed = json.loads(compose(7, 3).as_json())
    assert (printed["seed"], printed["number"]) == (7, 3)
    assert printed.keys() >= PARTS.keys() | {"arrangement"}


@pytest.mark.parametrize("part", PARTS)
def test_every_value_of_a_part_comes_within_500_runs(part: str) -> None:
    assert {style.value(part) for style in MANY} == set(PARTS[part])


def test_the_grammar_has_parts_enough() -> None:
    assert len(PARTS) > 50


def test_a_world_has_an_ordered_system_a_control_and_a_disabled_one() -> None:
    for style in MANY:
        world = style.arrangement
        assert len({world.ordered, world.control, world.disabled}) == 3
        assert len({folded(one) for one in world.systems}) == len(world.systems)
        assert 3 <= len(world.systems) <= 8
        assert all(world.control not in held for held in world.granted.values())


def test_only_the_ordered_ticks_are_expected_to_move() -> None:
    for style in MANY:
        world = style.arrangement
        for block in ALL_BLOCKS:
            held, expected = set(world.granted[block]), world.expected[block]
            assert held ^ expected <= {world.ordered}
            match world.wishes.get(block, Wish.LEAVE):
                case Wish.LEAVE:
                    assert expected == held
                case wish:
                    assert (world.ordered in expected) is (wish is Wish.GRANTED)


def test_now_and_then_there_is_nothing_to_do() -> None:
    granted = [{b: frozenset(i) for b, i in s.arrangement.granted.items()} for s in MANY]
    idle = sum(s.arrangement.expected == held for s, held in zip(MANY, granted, strict=True))
    assert 0 < idle < len(MANY) / 3


@pytest.mark.parametrize("order", PARTS["block_order"])
def test_four_blocks_or_seven_are_shown_each_once(order: str) -> None:
    for blocks, names in (("four", GUIDE_BLOCKS), ("seven", ALL_BLOCKS)):
        style = replace(MANY[0], blocks=blocks, block_order=order)  # type: ignore[arg-type]
        assert sorted(block_names(style)) == sorted(names)


@pytest.mark.parametrize("words", PARTS["block_words"])
def test_no_two_blocks_are_called_the_same(words: str) -> None:
    for letters in PARTS["block_letters"]:
        style = replace(MANY[0], block_words=words, block_letters=letters)  # type: ignore[arg-type]
        titles = [folded(block_title(style, block)) for block in ALL_BLOCKS]
        assert len(set(titles)) == len(ALL_BLOCKS)


def test_no_class_tells_what_a_control_is() -> None:
    for style in MANY[:20]:
        named = classes(style)
        assert len(set(named.values())) == len(CONTROLS)
        assert not set(named.values()) & set(CONTROLS)
        assert "[[" not in "".join(templates(style).values())

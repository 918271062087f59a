"""Check digits of IIN and BIN, and the invented numbers that they must hold for."""

from __future__ import annotations

import pytest

from sigex_emulator.pki.identity_numbers import check_digit, complete, is_valid
from sigex_emulator.world.seeds import STANDARD_WORLD


@pytest.mark.parametrize("number", ["200240002381", "000740000728"])
@pytest.mark.fact("4.5-first-weights", "4.5-samples")
def test_public_numbers_are_valid(number: str) -> None:
    assert is_valid(number)


@pytest.mark.parametrize(
    "number",
    ["112233445566", "111111111111", "123456789012", "20024000238", "2002400023811",
     "20024000238a", "٢00240002381", ""],
)  # fmt: skip
@pytest.mark.fact("4.5-samples")
def test_others_are_not(number: str) -> None:
    assert not is_valid(number)


@pytest.mark.fact("4.5-second-weights", "4.5-no-digit")
def test_the_second_weights_and_the_case_without_a_digit_occur() -> None:
    stems = [f"{number:011d}" for number in range(20_000)]
    assert any(check_digit(stem) is None for stem in stems)
    hopeless = next(stem for stem in stems if check_digit(stem) is None)
    first, second = range(1, 12), (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2)
    for stem in stems:
        by_first, by_second = (
            sum(int(digit) * weight for digit, weight in zip(stem, weights, strict=True)) % 11
            for weights in (first, second)
        )
        expected = by_first if by_first < 10 else by_second if by_second < 10 else None
        assert check_digit(stem) == expected
    with pytest.raises(ValueError, match=hopeless):
        complete(hopeless)


def test_nobody_shares_a_number() -> None:
    people = [one for each in STANDARD_WORLD.organisations for one in each.people]
    people += STANDARD_WORLD.private_persons
    assert len({one.iin for one in people}) == len(people)
    assert all(is_valid(one.iin) for one in people)

"""BINs: text of twelve digits whose last one is checked by sigex-facts 4.5."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest

from sigex_runbook.core.organisation import Bin, check_digit


@pytest.mark.parametrize("text", ["200240002381", "000740000728"])
def test_numbers_of_public_organisations_are_valid(text: str) -> None:
    assert str(Bin(text)) == text
    assert Bin(text).subject_id == f"BIN{text}"


@pytest.mark.parametrize("text", ["112233445566", "111111111111", "123456789012"])
def test_the_vendors_own_sample_numbers_are_not(text: str) -> None:
    with pytest.raises(ValueError, match=rf"«{text}».*контрольной цифры"):
        Bin(text)


@pytest.mark.parametrize("place", [0, 1, 2, 3, 4, 5, 6, 7, 8, 11])
def test_a_single_wrong_digit_is_noticed(place: int) -> None:
    """What the check digit is for. Of the tenth and eleventh digit it cannot see every slip: weight
    11 counts for nothing modulo 11, so the plan also compares the signed-in organisation."""
    right = "200240002381"
    for digit in set("0123456789") - {right[place]}:
        with pytest.raises(ValueError, match="контрольной цифры"):
            Bin(right[:place] + digit + right[place + 1 :])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "20024000238",
        "2002400023811",
        "20024000238A",
        "BIN200240002381",
        " 200240002381",
        "200240002381\n",
        "200 240 002 381",
        "-20024000238",
        "٢٠٠٢٤٠٠٠٢٣٨١",  # Arabic-Indic digits: isdigit() would let them through
        "²⁰⁰²⁴⁰⁰⁰²³⁸¹",
        "２００２４０００２３８１",
    ],
)
def test_twelve_ascii_digits_and_nothing_else(text: str) -> None:
    with pytest.raises(ValueError, match="ровно из 12 цифр"):
        Bin(text)


def test_second_weights_count_where_the_first_give_ten() -> None:
    """1·0+…+10·1 = 10 with the first weights; with the second (…, 1) the remainder is 1."""
    assert check_digit("00000000010") == 1
    assert Bin("000000000101").text == "000000000101"


def test_no_check_digit_fits_where_both_weights_give_ten() -> None:
    """Such eleven digits start no BIN at all, whatever the twelfth is."""
    eleven = next(text for n in range(10**6) if check_digit(text := f"{n:011d}") is None)
    for digit in "0123456789":
        with pytest.raises(ValueError, match="контрольной цифры"):
            Bin(eleven + digit)


def test_a_bin_is_a_value() -> None:
    """Equal by its digits, usable as a key, never changed."""
    assert {Bin("200240002381"), Bin("200240002381")} == {Bin("200240002381")}
    with pytest.raises(FrozenInstanceError):
        Bin("200240002381").text = "000740000728"  # type: ignore[misc]

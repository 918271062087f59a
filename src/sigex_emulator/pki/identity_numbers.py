"""Check digits of a person's IIN and an organisation's BIN (sigex-facts 4.5, K(S5))."""

from __future__ import annotations

_LENGTH = 12
_FIRST_WEIGHTS = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)
_SECOND_WEIGHTS = (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2)
_NO_DIGIT = 10


def check_digit(first_eleven: str) -> int | None:
    """Return the twelfth digit for the first eleven, or None when no digit fits."""
    for weights in (_FIRST_WEIGHTS, _SECOND_WEIGHTS):
        digits = zip(first_eleven, weights, strict=True)
        remainder = sum(int(digit) * weight for digit, weight in digits) % 11
        if remainder != _NO_DIGIT:
            return remainder
    return None


def is_valid(number: str) -> bool:
    """Tell whether the text is twelve digits with a right check digit."""
    if len(number) != _LENGTH or not (number.isascii() and number.isdigit()):
        return False
    return check_digit(number[:-1]) == int(number[-1])


def complete(first_eleven: str) -> str:
    """Return a valid number that begins with these eleven digits.

    Raises ValueError when no check digit fits.
    """
    digit = check_digit(first_eleven)
    if digit is None:
        raise ValueError(f"no check digit fits {first_eleven}")
    return f"{first_eleven}{digit}"

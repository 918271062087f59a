"""An organisation, known by its BIN."""

from __future__ import annotations

import re
from dataclasses import dataclass

_FIRST_WEIGHTS = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)
_SECOND_WEIGHTS = (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2)
_NO_CHECK_DIGIT = 10


def check_digit(first_eleven: str) -> int | None:
    """Check digit of a BIN or ИИН from its first eleven digits; None where none fits.

    Source: sigex-facts 4.5 (known).
    """
    for weights in (_FIRST_WEIGHTS, _SECOND_WEIGHTS):
        remainder = sum(w * int(d) for w, d in zip(weights, first_eleven, strict=True)) % 11
        if remainder != _NO_CHECK_DIGIT:
            return remainder
    return None


@dataclass(frozen=True, slots=True)
class Bin:
    """A БИН: twelve digits as text, the last one checked.

    Raises ValueError with a sentence for the operator when the text is no BIN.
    """

    text: str

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[0-9]{12}", self.text):
            raise ValueError(
                f"БИН «{self.text}» должен состоять ровно из 12 цифр; проверьте номер организации."
            )
        expected = check_digit(self.text[:11])
        if expected != int(self.text[11]):
            raise ValueError(
                f"БИН «{self.text}» не проходит проверку контрольной цифры; "
                "проверьте, нет ли опечатки в номере организации."
            )

    def __str__(self) -> str:
        return self.text

    @property
    def subject_id(self) -> str:
        """The service's name of the organisation: `BIN` and the digits (sigex-facts 3.1)."""
        return f"BIN{self.text}"

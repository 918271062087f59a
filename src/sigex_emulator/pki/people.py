"""People of the seeded world; all names and numbers are invented."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Role = Literal["head", "settings_employee", "employee", "private_person"]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can be issued a certificate (sigex-facts 4.4, K for what it then holds)."""

    surname: str
    first_name: str
    patronymic: str
    iin: str
    email: str
    locality: str
    role: Role
    authorities: tuple[str, ...]
    organisation_bin: str | None = None
    organisation_name: str = ""

    @property
    def name(self) -> str:
        """Surname and first name, as the certificate's common name but readable."""
        return f"{self.surname} {self.first_name}"

    @property
    def user_id(self) -> str:
        """The person's id in the API: IIN and twelve digits (sigex-facts 3.1, K)."""
        return f"IIN{self.iin}"

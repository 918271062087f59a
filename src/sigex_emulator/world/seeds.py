"""The invented world that every start begins from: organisations, people, systems, documents.

Nobody here exists. The numbers pass the check digit of sigex-facts 4.5; the first BIN is the
fact sheet's own example of a valid one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count
from typing import Literal

from sigex_emulator.pki import oids
from sigex_emulator.pki.identity_numbers import check_digit, complete
from sigex_emulator.pki.people import Person, Role


@dataclass(frozen=True, slots=True)
class SystemSeed:
    """An information system that is registered, without any grant."""

    description: str
    key_kind: Literal["ec", "rsa"] = "ec"


@dataclass(frozen=True, slots=True)
class DocumentSeed:
    """A document, the role of the employee who signed it, and its age in days."""

    title: str
    signer: Role
    days_old: int
    private: bool = True
    archived: bool = False


@dataclass(frozen=True, slots=True)
class OrganisationSeed:
    """An organisation as it stands before anybody touches it."""

    organisation_bin: str
    name: str
    people: tuple[Person, ...]
    systems: tuple[SystemSeed, ...]
    documents: tuple[DocumentSeed, ...]
    settings_right: Literal["iin", "authority"]
    """Why the settings employee may change settings: his IIN or his role is listed."""

    def person(self, role: Role) -> Person:
        """Return the organisation's person of this role."""
        return next(person for person in self.people if person.role == role)


@dataclass(frozen=True, slots=True)
class WorldSeed:
    """Everything that a start makes."""

    organisations: tuple[OrganisationSeed, ...]
    private_persons: tuple[Person, ...]
    distinct_keys: int = 0
    """How many RSA keys all people share, certificates apart; 0 gives everybody a key of his own.
    Making one takes a tenth of a second, too long for hundreds of organisations."""


_DOCUMENTS = (
    DocumentSeed("Договор поставки № 15", "employee", 12, archived=True),
    DocumentSeed("Приказ о премировании", "head", 9),
    DocumentSeed("Дополнительное соглашение № 2", "settings_employee", 6),
    DocumentSeed("Публичная оферта", "head", 3, private=False),
)


def _organisation(
    first_eleven: str,
    name: str,
    domain: str,
    locality: str,
    people: tuple[tuple[str, str, str, str], ...],
    systems: tuple[SystemSeed, ...],
    settings_authority: str | None = None,
) -> OrganisationSeed:
    """Build one organisation; people are (surname, first name, patronymic, IIN stem)."""
    organisation_bin = complete(first_eleven)
    roles: tuple[tuple[Role, str], ...] = (
        ("head", oids.HEAD),
        ("settings_employee", settings_authority or oids.EMPLOYEE),
        ("employee", oids.EMPLOYEE),
    )
    built = tuple(
        Person(
            surname=surname,
            first_name=first_name,
            patronymic=patronymic,
            iin=complete(stem),
            email=f"{role.replace('_', '-')}@{domain}",
            locality=locality,
            role=role,
            authorities=(oids.LEGAL_ENTITY, authority),
            organisation_bin=organisation_bin,
            organisation_name=name,
        )
        for (role, authority), (surname, first_name, patronymic, stem) in zip(
            roles, people, strict=True
        )
    )
    return OrganisationSeed(
        organisation_bin,
        name,
        built,
        systems,
        _DOCUMENTS,
        "authority" if settings_authority else "iin",
    )


STANDARD_WORLD = WorldSeed(
    organisations=(
        _organisation(
            "20024000238",
            "ТОО «Пример Альфа»",
            "alfa.example",
            "Астана",
            (
                ("Сергалиев", "Ерлан", "Маратович", "76031430012"),
                ("Ахметова", "Динара", "Сериковна", "88052240021"),
                ("Петренко", "Олег", "Викторович", "91110730033"),
            ),
            (SystemSeed("Учёт договоров"), SystemSeed("Кадровый портал")),
        ),
        _organisation(
            "00074000072",
            "АО «Пример Бета»",
            "beta.example",
            "Алматы",
            (
                ("Қасымова", "Әсел", "Бауыржанқызы", "81092540041"),
                ("Тулегенов", "Арман", "Кайратович", "85040130052"),
                ("Ким", "Виктория", "Андреевна", "94121940063"),
            ),
            (
                SystemSeed("Электронный архив"),
                SystemSeed("Учёт договоров"),
                SystemSeed("Сайт организации"),
            ),
            oids.HUMAN_RESOURCES,
        ),
        _organisation(
            "15104001234",
            "ТОО «Пример Гамма»",
            "gamma.example",
            "Шымкент",
            (
                ("Жумабаев", "Нурлан", "Оразович", "69080730072"),
                ("Соколова", "Марина", "Игоревна", "90021540083"),
                ("Оспанов", "Данияр", "Талгатұлы", "97061130094"),
            ),
            (SystemSeed("Склад и логистика", "rsa"), SystemSeed("Бухгалтерия")),
            oids.SIGNING_RIGHT,
        ),
    ),
    private_persons=(
        Person(
            surname="Иванова",
            first_name="Мария",
            patronymic="Петровна",
            iin=complete("93010440014"),
            email="private@person.example",
            locality="Караганда",
            role="private_person",
            authorities=(oids.PERSON,),
        ),
    ),
)


def renamed(seed: WorldSeed, organisation_bin: str, name: str) -> WorldSeed:
    """Return a seed in which one organisation, and its people's certificates, have another name."""

    def with_name(one: OrganisationSeed) -> OrganisationSeed:
        if one.organisation_bin != organisation_bin:
            return one
        people = tuple(replace(person, organisation_name=name) for person in one.people)
        return replace(one, name=name, people=people)

    return replace(seed, organisations=tuple(map(with_name, seed.organisations)))


AWKWARD_WORLD = renamed(STANDARD_WORLD, complete("20024000238"), 'ТОО "Пример \\ Альфа", филиал')
"""The standard world, whose first organisation has a name that a subject must escape (8, I)."""

_SHARED_KEYS, _REHEARSAL_KEYS = 8, 16
_FIRST_IIN = 130_001
"""Of a person born on the first of January 1990: after the year and a digit of the month."""


def world_of(organisations: int) -> WorldSeed:
    """Return a seed of so many organisations, to rehearse a campaign on: those of the standard
    world come first."""
    standard = STANDARD_WORLD.organisations
    if organisations <= len(standard):
        return replace(STANDARD_WORLD, organisations=standard[:organisations])
    more = large_world(organisations - len(standard), systems_each=2)
    return replace(
        STANDARD_WORLD,
        organisations=(*standard, *more.organisations),
        distinct_keys=_REHEARSAL_KEYS,
    )


def large_world(organisations: int, systems_each: int) -> WorldSeed:
    """Return a seed of many organisations, for load: three people each, and distinct BINs and IINs.

    People share a few keys, information systems do not: they are told apart by their keys.
    """
    bins, iins = _numbers("99014"), _numbers("90010", _FIRST_IIN)
    return WorldSeed(
        organisations=tuple(
            _organisation(
                next(bins),
                f"ТОО «Пример {number:03}»",
                f"example-{number:03}.example",
                "Астана",
                tuple(
                    (surname, "Айдос", "Тестович", next(iins))
                    for surname in ("Руководов", "Настройкин", "Сотрудников")
                ),
                tuple(SystemSeed(f"Система {system:02}") for system in range(1, systems_each + 1)),
            )
            for number in range(1, organisations + 1)
        ),
        private_persons=(),
        distinct_keys=_SHARED_KEYS,
    )


def _numbers(prefix: str, first: int = 1) -> Iterator[str]:
    """Count in eleven digits, leaving out what has no check digit (sigex-facts 4.5)."""
    for number in count(first):
        stem = f"{prefix}{number:0{11 - len(prefix)}}"
        if check_digit(stem) is not None:
            yield stem

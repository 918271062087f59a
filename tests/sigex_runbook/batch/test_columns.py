"""Columns say what an order says, and numbers that a spreadsheet has spoilt are told as such."""

from __future__ import annotations

from pathlib import Path

import pytest

from sigex_runbook.batch.columns import BIN, COLUMNS, EXCLUDED, column_of, faults_of, value_of
from sigex_runbook.core.access import AccessBlock
from sigex_runbook.core.order import (
    Order,
    OrderedOrganisation,
    OrderedSystem,
    PersonSignIn,
    Pkcs12SignIn,
)
from tests.builders import ORGANISATION

from .tables import HEADER, refused_cell

PARTS = {
    "organisation": set(OrderedOrganisation.model_fields),
    "information_system": set(OrderedSystem.model_fields),
    "control_system": set(OrderedSystem.model_fields),
    "access": {block.value for block in AccessBlock},
    "sign_in": {*Pkcs12SignIn.model_fields, *PersonSignIn.model_fields},
}


def test_whatever_an_order_may_say_has_a_column() -> None:
    whole = {(name,) for name in Order.model_fields if name not in PARTS} - {("format",)}
    parts = {(part, name) for part, names in PARTS.items() for name in names}
    assert {one.keys for one in COLUMNS if one is not EXCLUDED} == whole | parts


def test_every_value_of_an_order_can_be_said_in_a_word() -> None:
    for column in COLUMNS:
        for value, words in column.words.items():
            assert [value_of(column, word) for word in (*words, value)] == [value] * (
                len(words) + 1
            )


def test_no_name_means_two_columns() -> None:
    names = [name.casefold() for one in COLUMNS for name in one.names]
    assert len(names) == len(set(names))


def test_every_fault_has_a_column() -> None:
    assert column_of(("sign_in", "password", "file")).names[0] == "Пароль"
    assert column_of(("information_system",)).names[0] == "Сертификат ИС"
    assert column_of(()).names[0] == "Сертификат контрольной ИС"


@pytest.mark.parametrize(
    "written",
    [
        ORGANISATION,
        f"БИН {ORGANISATION}",
        f"BIN{ORGANISATION}",
        f'="{ORGANISATION}"',
        f"\u202a{ORGANISATION}\u200b",
    ],
)
def test_a_bin_is_written_so_that_it_outlives_a_spreadsheet(written: str) -> None:
    assert value_of(BIN, written) == ORGANISATION


@pytest.mark.parametrize(
    ("number", "told"),
    [
        ("2,0024E+11", "число сокращённо"),
        ("2.0024e+11", "число сокращённо"),
        ("740000728", "9 цифр, а в БИН их 12: похоже, Excel отбросил нули в начале"),
        ("01.02.2024", "за дату"),
        ("2024-02-01 00:00:00", "за дату"),
        ("#Н/Д", "ошибка Excel"),
        ("#ИМЯ?", "ошибка Excel"),
        ("200240002382", "контрольной цифры"),
        ("900101300126", "это не БИН"),
    ],
)
def test_a_spoilt_number_is_told_as_such(tmp_path: Path, number: str, told: str) -> None:
    assert told in refused_cell(tmp_path, БИН=number)


def test_letters_that_look_alike_are_told(tmp_path: Path) -> None:
    assert "латинская «a» (U+0061), а нужна русская «а»" in refused_cell(
        tmp_path, Доступ_к_документам="дa"
    )
    told = faults_of(["Kлюч ИС" if name == "Ключ ИС" else name for name in HEADER])
    assert len(told) == 1
    assert "латинская «K» (U+004B), а нужна русская «К»" in told[0]

"""A batch's door: the whole input is checked, and all that is wrong with it is told at once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sigex_runbook.batch.orders import read_batch
from sigex_runbook.core.errors import UsageError
from sigex_runbook.core.order import Wish
from tests.builders import CONTROL, ORGANISATION, OTHER_ORGANISATION, make_order, order_tree

from .tables import HEADER, refusal, refused_cell, row, table

EXCLUDED = "Исключить: причина"
SECRET = "hunter2-geheim"


def excluded(reason: str, number: str = OTHER_ORGANISATION) -> list[str]:
    return [{"БИН": number, EXCLUDED: reason}.get(name, "") for name in HEADER]


def write(folder: Path, name: str, tree: dict[str, Any]) -> None:
    (folder / name).write_text(json.dumps(tree, ensure_ascii=False), encoding="utf-8")


# -- what a table says


def test_a_row_is_the_order_that_a_file_of_its_own_would_be(tmp_path: Path) -> None:
    batch = read_batch(table(tmp_path, HEADER, row(tmp_path)))
    assert batch.orders == (("orders.csv, строка 2", make_order(tmp_path)),)
    assert batch.exclusions == ()


def test_empty_rows_are_skipped_and_counted_as_the_editor_counts_them(tmp_path: Path) -> None:
    empty = [""] * len(HEADER)
    path = table(tmp_path, empty, HEADER, empty, [], row(tmp_path), empty)
    assert [name for name, _ in read_batch(path).orders] == ["orders.csv, строка 5"]


def test_blocks_are_said_in_russian_words(tmp_path: Path) -> None:
    said = row(
        tmp_path,
        Перечисление_документов="Нет",
        Настройки_документов="не  трогать",
        Настройки_организации="revoked",
    )
    ((_, order),) = read_batch(table(tmp_path, HEADER, said)).orders
    assert list(order.access.values()) == [
        Wish.GRANTED,
        Wish.REVOKED,
        Wish.LEAVE,
        Wish.REVOKED,
    ]


def test_a_person_may_sign_in_and_optional_columns_be_left_out(tmp_path: Path) -> None:
    said = dict(zip(HEADER, row(tmp_path, Вход="человек"), strict=True))
    kept = [name for name in HEADER if "контрольн" not in name.lower() and name in NEEDED]
    ((_, order),) = read_batch(table(tmp_path, kept, [said[name] for name in kept])).orders
    assert order.sign_in.method == "person"
    assert order.control_system is None


NEEDED = [HEADER[place] for place in (0, 2, 3, 8, 9, 10, 11, 13)]


def test_columns_have_english_names_too(tmp_path: Path) -> None:
    english = {"БИН": "bin", "Пароль": "password", "Вход": "sign_in.method", "Ключ ИС": "KEY"}
    header = [english.get(name, name) for name in HEADER]
    assert len(read_batch(table(tmp_path, header, row(tmp_path))).orders) == 1


def test_paths_start_at_the_tables_folder_and_know_places(tmp_path: Path) -> None:
    (folder := tmp_path / "keys").mkdir()
    said = row(folder, Сертификат_ИС="${KEYS}/system.pem")
    ((_, order),) = read_batch(table(folder, HEADER, said), {"KEYS": str(folder)}).orders
    assert order.information_system.certificate == (folder / "system.pem").resolve()


def test_a_reason_leaves_an_organisation_out(tmp_path: Path) -> None:
    path = table(tmp_path, HEADER, excluded("Реорганизация"), row(tmp_path))
    batch = read_batch(path)
    assert [name for name, _ in batch.orders] == ["orders.csv, строка 3"]
    ((number, reason),) = ((one.bin.text, one.reason) for one in batch.exclusions)
    assert (number, reason) == (OTHER_ORGANISATION, "Реорганизация")


# -- what is wrong with it


def test_every_fault_of_every_row_is_told_in_the_order_of_columns(tmp_path: Path) -> None:
    bad = row(tmp_path, БИН="200240002382", Ключ_ИС="нет.key", Вход="как-нибудь", Пароль=SECRET)
    head, *told = refusal(table(tmp_path, HEADER, bad, row(tmp_path), row(tmp_path, БИН="")))
    assert "ошибок 5" in head
    places = ["2, столбец «БИН»", "2, столбец «Ключ ИС»", "2, столбец «Вход»"]
    places += ["2, столбец «Пароль»", "4, столбец «БИН»"]
    assert [one.split(": ")[0] for one in told] == [f"  строка {place}" for place in places]
    assert not any(SECRET in one for one in told)


def test_of_very_many_faults_the_first_are_told(tmp_path: Path) -> None:
    told = refusal(table(tmp_path, HEADER, *[row(tmp_path, БИН="1")] * 60))
    assert "ошибок 60" in told[0]
    assert told[50].startswith("  строка 51, ")
    assert told[51:] == ["  … и ещё 10."]


def test_one_organisation_and_system_twice_is_told_with_both_rows(tmp_path: Path) -> None:
    other = row(tmp_path, Доступ_к_документам="нет")
    _, told = refusal(table(tmp_path, HEADER, row(tmp_path), other))
    assert "«orders.csv, строка 2» и «orders.csv, строка 3»" in told
    assert "противоречат друг другу (documentsAccess: granted и revoked). Оставьте один" in told


def test_another_system_of_the_same_organisation_is_another_order(tmp_path: Path) -> None:
    bare = {"Контрольная_ИС": "", "Сертификат_контрольной_ИС": "", "Ключ_контрольной_ИС": ""}
    other = {"Информационная_система": CONTROL, "Сертификат_ИС": "control.pem", "Ключ_ИС": ""}
    path = table(tmp_path, HEADER, row(tmp_path), row(tmp_path, **bare, **other))
    assert len(read_batch(path).orders) == 2


def test_nobody_is_left_out_twice_or_ordered_as_well(tmp_path: Path) -> None:
    twice = [excluded("Реорганизация"), excluded("Закрыта")]
    path = table(tmp_path, HEADER, *twice, excluded("Закрыта", ORGANISATION), row(tmp_path))
    _, first, second = refusal(path)
    assert "исключена дважды: «orders.csv, строка 2» и «orders.csv, строка 3»" in first
    assert "исключена («orders.csv, строка 4»), и заказана («orders.csv, строка 5»)" in second


@pytest.mark.parametrize("reason", ["нет", "Да", "42", "—", "ЛОЖЬ", "False", "нет.", "н"])
def test_a_reason_is_said_in_words(tmp_path: Path, reason: str) -> None:
    """«нет» in that column would leave out whom somebody meant to keep."""
    _, told = refusal(table(tmp_path, HEADER, excluded(reason), row(tmp_path)))
    assert told.startswith(f"  строка 2, столбец «{EXCLUDED}»: ")


def test_an_exclusion_names_an_organisation(tmp_path: Path) -> None:
    path = table(tmp_path, HEADER, excluded("Закрыта", ""), excluded("Закрыта", "12"))
    assert [one.split(": ")[0] for one in refusal(path)[1:]] == [
        "  строка 2, столбец «БИН»",
        "  строка 3, столбец «БИН»",
    ]


def test_a_password_is_named_and_never_repeated(tmp_path: Path) -> None:
    told = refused_cell(tmp_path, Пароль=SECRET)
    assert "env:ИМЯ_ПЕРЕМЕННОЙ или file:" in told
    assert SECRET not in told
    assert SECRET not in refused_cell(tmp_path, Пароль=f"file:{SECRET}")
    assert SECRET not in refused_cell(tmp_path, БИН=SECRET)
    assert SECRET not in refused_cell(tmp_path, Доступ_к_документам=SECRET)
    assert SECRET not in refused_cell(tmp_path, Документ_для_проверки=SECRET)
    shifted = refusal(table(tmp_path, HEADER, row(tmp_path, Пароль="a.p12", Указания=SECRET)))
    assert len(shifted) == 3
    assert not any(SECRET in one for one in shifted)


def test_a_variable_may_hold_the_password(tmp_path: Path) -> None:
    ((_, order),) = read_batch(table(tmp_path, HEADER, row(tmp_path, Пароль="env: KEY"))).orders
    assert (
        order.sign_in
        == make_order(
            tmp_path,
            sign_in={"method": "pkcs12", "key_file": "employee.p12", "password": {"env": "KEY"}},
        ).sign_in
    )


@pytest.mark.parametrize(
    ("column", "value", "told"),
    [
        ("Ключ_сотрудника", "", "значения нет. Заполните"),
        ("Пароль", "", "значения нет. Заполните"),
        ("Доступ_к_документам", "", "значения нет. Заполните"),
        ("Информационная_система", "", "значения нет. Заполните"),
        ("Контрольная_ИС", "", "значения нет. Заполните"),
        ("Сертификат_ИС", "нет.pem", "файл «"),
        ("Сертификат_ИС", "employee.p12", "файл «"),
        ("Сертификат_контрольной_ИС", "system.pem", "control_system и information_system имеют"),
        ("Документ_для_проверки", "1234", "нужны 16 латинских букв и цифр. Исправьте."),
        ("Указания", "нет.yaml", "файл «"),
    ],
)
def test_what_the_order_refuses_is_told_of_its_cell(
    tmp_path: Path, column: str, value: str, told: str
) -> None:
    assert refused_cell(tmp_path, **{column: value}).startswith(told)


def test_what_is_not_needed_is_told(tmp_path: Path) -> None:
    _, key, password = refusal(table(tmp_path, HEADER, row(tmp_path, Вход="человек")))
    assert "«Ключ сотрудника»: при таком входе значение не нужно" in key
    assert "«Пароль»: при таком входе значение не нужно" in password


def test_names_of_columns_and_rows_are_told_together(tmp_path: Path) -> None:
    header = ["БИН " if name == "Вход" else name for name in HEADER]
    header[5] = "Контрольная\nИСС"
    header[4] = "Ключ\nИС"
    _, *told = refusal(table(tmp_path, header, row(tmp_path, Ключ_ИС="нет.key")))
    assert told[:3] == [
        "  столбец «Контрольная ИСС» неизвестен; похоже на «Контрольная ИС». Уберите его или "
        "исправьте название.",
        "  столбец «БИН» есть дважды. Оставьте один.",
        "  нет столбца «Вход». Добавьте его.",
    ]
    assert [one.split(": ")[0] for one in told[3:]] == [
        "  строка 2, столбец «БИН»",  # the second of that name
        "  строка 2, столбец «Ключ ИС»",
    ], "what a misnamed column is the reason of is not told of each row"


def test_a_value_beside_the_columns_is_told_and_not_repeated(tmp_path: Path) -> None:
    told = refusal(table(tmp_path, HEADER, [*row(tmp_path), SECRET]))
    assert told[1:] == [
        "  строка 2: есть значение в столбце без названия. Уберите его или лишний разделитель."
    ]


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([], "таблица пуста"),
        ([["", ""], [" "]], "таблица пуста"),
        ([["чужое", SECRET]], "нет названий столбцов"),
        ([HEADER], "нет ни одного заказа"),
        ([HEADER, excluded("Закрыта")], "нет ни одного заказа"),
    ],
)
def test_nothing_to_do_is_refused(tmp_path: Path, rows: list[list[str]], told: str) -> None:
    (said,) = refusal(table(tmp_path, *rows))
    assert told in said
    assert SECRET not in said
    assert said.endswith("«sigex-runbook sample-order --csv».")


def test_a_table_that_is_not_there(tmp_path: Path) -> None:
    (said,) = refusal(tmp_path / "orders.csv")
    assert "не найден" in said


# -- a folder of orders


def test_a_folder_holds_orders_and_what_they_name(tmp_path: Path) -> None:
    (tmp_path / "locators.yaml").write_text("format: sigex-locators/1\n", encoding="utf-8")
    (tmp_path / "._alfa.yaml").write_bytes(b"\0")
    write(tmp_path, "alfa.yaml", order_tree(tmp_path, locators="locators.yaml"))
    other = order_tree(tmp_path, organisation={"bin": OTHER_ORGANISATION})
    write(tmp_path, "beta.YML", other)
    batch = read_batch(tmp_path)
    assert [name for name, _ in batch.orders] == ["alfa.yaml", "beta.YML"]
    assert [str(order.organisation.bin) for _, order in batch.orders] == [
        ORGANISATION,
        OTHER_ORGANISATION,
    ]


def test_every_file_that_is_refused_is_told(tmp_path: Path) -> None:
    for name in ("alfa.yaml", "beta.yaml"):
        write(tmp_path, name, order_tree(tmp_path))
    write(tmp_path, "gamma.yaml", order_tree(tmp_path, access=None))
    write(tmp_path, "delta.yaml", {})
    told = refusal(tmp_path)
    assert ["delta.yaml" in told[1], "gamma.yaml" in told[2]] == [True, True]
    assert "«alfa.yaml» и «beta.yaml»" in told[3]


@pytest.mark.parametrize("stray", ["almaty/more.yaml", "more.csv", "almaty/more.xlsx"])
def test_what_lies_in_a_folder_and_would_not_be_read_is_told(tmp_path: Path, stray: str) -> None:
    write(tmp_path, "alfa.yaml", order_tree(tmp_path))
    (tmp_path / "almaty").mkdir()
    (tmp_path / stray).write_text("", encoding="utf-8")
    with pytest.raises(UsageError, match=f"«{stray}» не читается"):
        read_batch(tmp_path)


def test_a_folder_without_orders_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="нет ни одного заказа"):
        read_batch(tmp_path)

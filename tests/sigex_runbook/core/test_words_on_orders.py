"""An order as people really write it: the line, what was found there, what may stand there."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from sigex_runbook.core.errors import OrderError, UsageError
from sigex_runbook.core.order import Order, check_once, load_order, parse_order
from tests.builders import CONTROL, ORGANISATION, SYSTEM, make_order, order_tree

GOOD = f"""\
format: sigex-access-order/1
organisation: {{bin: "{ORGANISATION}"}}
information_system:
  description: {SYSTEM}
  certificate: system.pem
access: {{documentsAccess: granted, documentsList: leave, documentsSettings: leave, \
organizationSettings: leave}}
sign_in:
  method: pkcs12
  key_file: employee.p12
  password: {{file: employee.password}}
"""


def told(folder: Path, was: str, written: str) -> str:
    """What is said of an order in which one thing is written otherwise."""
    order_tree(folder)  # the files that it names
    assert GOOD.count(was) >= 1
    with pytest.raises(OrderError) as refused:
        parse_order(GOOD.replace(was, written, 1), path=folder / "order.yaml")
    said = str(refused.value)
    assert f"«{folder / 'order.yaml'}»" in said
    assert "\n" not in said
    return said


def test_the_order_that_is_written_otherwise_below_is_good(tmp_path: Path) -> None:
    order_tree(tmp_path)
    assert parse_order(GOOD, path=tmp_path / "order.yaml").information_system.description == SYSTEM


@pytest.mark.parametrize(
    ("was", "written", "line", "words"),
    [
        ("  description", "\tdescription", 4, "табуляция"),
        ("  certificate", "\u00a0\u00a0certificate", 5, "не обычным пробелом (U+00A0)"),
        (SYSTEM, "Учёт: договоров", 4, "двоеточие внутри значения"),
        ("description: ", "description:", 5, "в строке 4 после двоеточия нет пробела"),
        ("employee.p12", '"C:\\Users\\d\\key.p12"', 9, "обратная черта"),
        ("employee.p12", '"C:\\keys\\d.p12"', 9, "одинарные кавычки"),
        ("employee.p12", '"C:\\temp\\new.p12"', 9, "обратная черта"),
        ("  certificate", "   certificate", 5, "отступ"),
        ("  certificate", " certificate", 5, "отступ"),
        (f'"{ORGANISATION}"', f'"{ORGANISATION}', 2, "кавычка без закрывающей"),
        ("leave}", "leave", 7, "скобка"),
        ("granted, ", "granted; ", 6, "запятой"),
        (SYSTEM, f"@{SYSTEM}", 4, "кавычки"),
        (SYSTEM, '"Учёт" договоров', 4, "после закрывающей кавычки"),
        (SYSTEM, "Уч\x07ёт", 4, "невидимый знак U+0007"),
        ("  certificate:", "  certificate", 6, "нет двоеточия"),
        ("sign_in", "---\nsign_in", 7, "второй документ"),
        (SYSTEM, "2024-13-45", 4, "такого значения не бывает; возьмите значение в кавычки"),
        (SYSTEM, "!!bool z", 4, "такого значения не бывает"),
        (SYSTEM, "!!timestamp z", 4, "такого значения не бывает"),
    ],
)
def test_broken_yaml_is_told_with_its_remedy(
    tmp_path: Path, was: str, written: str, line: int, words: str
) -> None:
    said = told(tmp_path, was, written)
    assert f"строка {line}" in said
    assert words in said


@pytest.mark.parametrize(
    ("was", "written", "line", "words"),
    [
        ("granted", "grantd", 6, "найдено «grantd», допустимы granted, revoked, leave; похоже на"),
        ("granted", "grаnted", 6, "русская «а» (U+0430), а нужна латинская «a»"),
        ("granted", "yes", 6, "да или нет без кавычек, допустимы granted"),
        ("granted", "", 6, "здесь ничего нет, допустимы granted"),
        ("documentsAccess", "documentAccess", 6, "похоже на «documentsAccess»"),
        ("pkcs12", "pkcs11", 8, "найдено «pkcs11», допустимы pkcs12, person"),
        ("access:", "acess:", 6, "«acess»; похоже на «access»"),
        ("access:", "аccess:", 6, "русская «а»"),
        ("order/1", "order/2", 1, "найдено «sigex-access-order/2»"),
        (SYSTEM, "123", 4, "здесь число; нужна строка"),
        ("system.pem", ".", 5, "папка, а нужен файл"),
        ("system.pem", "absent.pem", 5, "absent.pem» не найден"),
        ("system.pem", "${SIGEX_NOWHERE}/x", 5, "SIGEX_NOWHERE не задана. Задайте её: export"),
        ("system.pem", "~/system.pem", 5, "~ здесь не раскрывается"),
        ("system.pem", "$HOME/system.pem", 5, "пишут так: ${ИМЯ}"),
        ("system.pem", "“system.pem”", 5, "лишние кавычки"),
    ],
)
def test_a_wrong_value_is_told_with_what_may_stand_there(
    tmp_path: Path, was: str, written: str, line: int, words: str
) -> None:
    said = told(tmp_path, was, written)
    assert f"строка {line}," in said
    assert words in said


def test_a_path_that_leads_to_itself_leads_nowhere(tmp_path: Path) -> None:
    (tmp_path / "itself.pem").symlink_to("itself.pem")
    assert "itself.pem» не найден" in told(tmp_path, "system.pem", "itself.pem")


@pytest.mark.parametrize(
    "written", ["hunter2", '"hunter2"', "12345", "", "[hunter2]", "{text: hunter2}", "env:NAME"]
)
def test_who_writes_the_password_into_the_order_is_told_where_it_belongs(
    tmp_path: Path, written: str
) -> None:
    said = told(tmp_path, "{file: employee.password}", written)
    assert "строка 10," in said
    assert "пароль в заказ не пишут" in said
    assert "{env: ИМЯ_ПЕРЕМЕННОЙ}" in said
    assert "{file: путь" in said
    assert "hunter2" not in said


@pytest.mark.skipif(os.sep != "/", reason="a path of another system")
def test_a_path_of_windows_is_told_as_one_here(tmp_path: Path) -> None:
    assert "пишут через /" in told(tmp_path, "system.pem", "keys\\system.pem")


@pytest.mark.parametrize("mark", ["utf-16-le", "utf-16-be"])
def test_a_byte_order_mark_says_how_the_order_was_saved(tmp_path: Path, mark: str) -> None:
    order_tree(tmp_path)
    path = tmp_path / "order.yaml"
    path.write_bytes(f"\ufeff{GOOD}".replace("\n", "\r\n").encode(mark))
    assert load_order(path).information_system.description == SYSTEM
    path.write_bytes(f"\ufeff{GOOD}".encode(mark)[:-1])
    with pytest.raises(OrderError, match="оборван"):
        load_order(path)


# -- several orders of one command


def order(folder: Path, **changes: Any) -> Order:
    return make_order(folder, **changes)


def test_two_orders_for_one_system_are_refused_with_both_names(tmp_path: Path) -> None:
    one = order(tmp_path)
    with pytest.raises(UsageError, match=r"«a» и «b».*одной информационной системе") as refused:
        check_once([("a", one), ("b", one)])
    assert "противоречат" not in str(refused.value)


def test_two_orders_that_contradict_each_other_are_told_where(tmp_path: Path) -> None:
    other = order(
        tmp_path,
        access={
            "documentsAccess": "revoked",
            "documentsList": "granted",
            "documentsSettings": "granted",
            "organizationSettings": "granted",
        },
    )
    words = r"противоречат друг другу \(documentsAccess: granted и revoked\)"
    with pytest.raises(UsageError, match=words):
        check_once([("a", order(tmp_path)), ("b", other)])


def test_one_system_under_two_certificates_is_still_one_on_the_screen(tmp_path: Path) -> None:
    system = {"description": f" {SYSTEM}", "certificate": "control.pem"}
    twin = order(tmp_path, information_system=system, control_system=None)
    with pytest.raises(UsageError, match="«a» и «b»"):
        check_once([("a", order(tmp_path)), ("b", twin)])


def test_another_system_of_the_same_organisation_is_another_order(tmp_path: Path) -> None:
    system = {"description": CONTROL, "certificate": "control.pem"}
    check_once(
        [
            ("a", order(tmp_path)),
            ("b", order(tmp_path, information_system=system, control_system=None)),
        ]
    )

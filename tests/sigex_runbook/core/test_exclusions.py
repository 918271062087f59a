"""Who is left out of a campaign: a reason for each, nobody twice, nobody who is run as well."""

from __future__ import annotations

from pathlib import Path

import pytest

from sigex_runbook.core.errors import UsageError
from sigex_runbook.core.exclusions import (
    FORMAT,
    LONGEST_REASON,
    Exclusion,
    check_consistent,
    parse_exclusions,
)

A, B = "200240002381", "000740000728"
FILE = Path("исключения.yaml")


def text(*lines: str, form: str = FORMAT) -> str:
    listed = "".join(f"  - {line}\n" for line in lines)
    return f"format: {form}\nexcluded:\n{listed}"


def parsed(*lines: str) -> tuple[Exclusion, ...]:
    return parse_exclusions(text(*lines), path=FILE)


def test_each_organisation_comes_with_its_reason() -> None:
    found = parsed(
        f'{{bin: "{A}", reason: " Реорганизация. "}}', f'{{bin: "{B}", reason: Тұжырым жоқ}}'
    )
    assert [(one.bin.text, one.reason) for one in found] == [
        (A, "Реорганизация."),
        (B, "Тұжырым жоқ"),
    ]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "не файл исключений"),
        ("- 1", "не файл исключений"),
        (text(f'{{bin: "{A}", reason: да}}', form="sigex-access-order/1"), FORMAT),
        (f"format: {FORMAT}", "никого нет"),
        (f"format: {FORMAT}\nexcluded: []", "никого нет"),
        (f"format: {FORMAT}\nexcluded: всех", "нужен список"),
        (f"format: {FORMAT}\nexcluded: [\n", "не YAML"),
        (text(f'{{bin: "{A}"}}'), "reason"),
        (text(f'{{bin: "{A}", reason: ""}}'), "причины нет"),
        (text(f'{{bin: "{A}", reason: "  "}}'), "причины нет"),
        (text(f'{{bin: "{A}", reason: "—"}}'), "причины нет"),
        (text(f'{{bin: "{A}", reason: 2026}}'), "кавычки"),
        (text(f'{{bin: "{A}", reason: "раз\\nдва"}}'), "перенос строки"),
        (text(f'{{bin: "{A}", reason: "{"а" * (LONGEST_REASON + 1)}"}}'), "длиннее"),
        (text(f"{{bin: {A}, reason: да}}"), "кавычки"),
        (text('{bin: "200240002382", reason: да}'), "контрольной цифры"),
        (text('{bin: "900101300126", reason: да}'), "не БИН"),
        (text(f'{{bin: "{A}", reason: да, until: завтра}}'), "неизвестный ключ"),
        (text(f'{{bin: "{A}", reason: да}}', f'{{bin: "{A}", reason: нет}}'), "названа дважды"),
        (text(f'{{bin: "{A}", reason: да, reason: нет}}'), "указан дважды"),
    ],
)
def test_a_file_that_leaves_something_open_is_refused(content: str, told: str) -> None:
    with pytest.raises(UsageError) as refused:
        parse_exclusions(content, path=FILE)
    assert told in str(refused.value)
    assert str(FILE) in str(refused.value)


@pytest.mark.parametrize(
    ("ordered", "ran", "earlier", "told"),
    [
        ({A: "a.yaml"}, (), {}, "и исключена, и заказана (a.yaml)"),
        ({}, (A,), {}, "уже запускалась"),
        ({B: "b.yaml"}, (), {B: "Ликвидация"}, "причина: «Ликвидация»"),
    ],
)
def test_nobody_is_both_excluded_and_run(
    ordered: dict[str, str], ran: tuple[str, ...], earlier: dict[str, str], told: str
) -> None:
    excluded = parsed(f'{{bin: "{A}", reason: да}}')
    with pytest.raises(UsageError) as refused:
        check_consistent(excluded, ordered, ran=ran, earlier=earlier)
    assert told in str(refused.value)


def test_others_may_be_run_and_a_reason_may_be_put_better() -> None:
    excluded = parsed(f'{{bin: "{A}", reason: да}}')
    check_consistent(excluded, {B: "b.yaml"}, ran=(B,), earlier={A: "нет"})

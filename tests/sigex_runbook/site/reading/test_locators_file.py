"""An operator's file of locators: what is refused and in which words, and what is taken from it."""

from __future__ import annotations

import hashlib
import re
import textwrap
from importlib.resources import files
from pathlib import Path
from typing import Any, get_args

import pytest
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from sigex_runbook.core.access import AccessBlock
from sigex_runbook.core.errors import UsageError
from sigex_runbook.site.reading.locators import Overrides, Pointed, Pointer
from sigex_runbook.site.reading.locators_file import (
    FORMAT,
    LARGEST,
    load_locators,
    parse_locators,
    schema,
    schema_text,
)

FILE = Path("locators.yaml")
HEAD = f"format: {FORMAT}\n"
GOOD = (
    HEAD
    + """\
controls:
  save_button: {css: "form > button.save:not([disabled])", name: Сохранить}
  menu_icon: {name: "/кабинет|профиль/"}
blocks:
  documentsAccess:
    header: {css: "#documents"}
    list: {css: "#documents-systems"}
answers:
  - {question: "Сохранить изменения?", answer: "да"}
"""
)


def control(pointer: str, name: str = "save_button") -> str:
    return f"{HEAD}controls:\n  {name}: {pointer}\n"


def test_a_good_file_is_taken_with_its_bytes() -> None:
    content = GOOD.encode()
    taken = parse_locators(content, path=FILE)
    assert taken.content == content
    assert taken.record() == {
        "sha256": hashlib.sha256(content).hexdigest(),
        "pointed": [
            "controls.menu_icon",
            "controls.save_button",
            "blocks.documentsAccess.header",
            "blocks.documentsAccess.list",
        ],
        "answers": 1,
    }
    said = taken.overrides
    assert said.controls["save_button"].name == "Сохранить"
    assert said.blocks[AccessBlock.DOCUMENTS_ACCESS].header == Pointer(css="#documents")
    assert said.answer_to("Сохранить изменения?") == "да"


def test_the_example_that_operators_read_is_taken() -> None:
    readme = (Path(__file__).parents[4] / "README.md").read_text("utf-8")
    [example] = re.findall(rf"```yaml\n(\s*format: {FORMAT}\n.*?)```", readme, re.DOTALL)
    said = parse_locators(textwrap.dedent(example).encode(), path=FILE).overrides
    assert set(said.controls) == {"save_button", "menu_icon"}
    assert (len(said.pointers), len(said.answers)) == (4, 1)
    named = re.findall(r"(?m)^\s*(?:controls|blocks):\s+# (.+)$", example)
    assert [one.split(", ") for one in named] == [
        list(get_args(Pointed)),
        [str(block) for block in AccessBlock],
    ]


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        ("", None, "пуст или не таблица ключей"),
        ("- 1", None, "пуст или не таблица ключей"),
        ('controls:\n  save_button: {css: "a"}', 1, f"нет обязательного ключа format: {FORMAT}"),
        ("format: sigex-locators/2", 1, f"найдено «sigex-locators/2», а нужно {FORMAT}"),
        (f"{HEAD}contrls: {{}}", 2, "«contrls»: неизвестный ключ; допустимы controls, blocks"),
        (f"{HEAD}contrls: {{}}", 2, "похоже на «controls»"),
        (control("{css: a}", "save_buton"), 3, "похоже на «save_button»"),
        (control("{css: a}", "checkbox"), 3, "допустимы sign_in_icon, sign_button"),
        (control("{csss: a}"), 3, "«controls.save_button.csss»: неизвестный ключ"),
        (control("{}"), 3, "указание пусто; нужен хотя бы один ключ: css, name"),
        (control(""), 3, "здесь ничего нет, а нужна таблица ключей"),
        (control("{css: }"), 3, "здесь ничего нет, а нужна строка"),
        (control("{css: 5}"), 3, "«controls.save_button.css»: здесь число, а нужна строка"),
        (control("{name: yes}"), 3, "здесь да или нет без кавычек"),
        (control("{name: 2026-01-01}"), 3, "здесь дата"),
        (control("button"), 3, "здесь строка, а нужна таблица ключей"),
        (control("[a]"), 3, "здесь список"),
        (control('{css: ""}'), 3, "строка пуста"),
        (control(f"{{css: {'a' * 501}}}"), 3, "длиннее 500 знаков"),
        (control('{css: "div["}'), 3, "селектор «div[» не подходит: это не селектор CSS, знак 4"),
        (control('{css: "//button"}'), 3, "это не селектор CSS"),
        (control("{css: 'a:has-text(\"б\")'}"), 3, "это не селектор CSS"),
        (control("{css: 'a:contains(\"б\")'}"), 3, "в браузере нет :contains()"),
        (control('{css: "a[href!=b]"}'), 3, "в браузере нет «!=»"),
        (control('{css: "a::before"}'), 3, "часть элемента"),
        (control('{name: "/(/"}'), 3, "не регулярное выражение: скобка ( не закрыта, знак 1"),
        (control('{name: "/a{1,99999999999999}/"}'), 3, "слишком сложное"),
        (control('{name: "//"}'), 3, "ни буквы, ни цифры"),
        (control('{name: " "}'), 3, "ни буквы, ни цифры"),
        (f"{HEAD}blocks:\n  documentAccess: {{}}", 3, "похоже на «documentsAccess»"),
        (f"{HEAD}blocks:\n  documentsAccess: {{}}", 3, "нужен хотя бы один ключ: header, list"),
        (f"{HEAD}blocks:\n  documentsAccess:\n    header: {{}}", 4, "css, name"),
        (f"{HEAD}blocks:\n  1: {{header: {{css: a}}}}", 3, "«blocks.1»: неизвестный ключ"),
        (f"{HEAD}answers: {{question: a}}", 2, "нужна запись списком"),
        (f"{HEAD}answers:\n- question: a", 3, "«answers.1»: нет обязательного ключа answer"),
        (f"{HEAD}answers:\n- question: '/[/'\n  answer: да", 3, "скобка [ не закрыта"),
        (f"{HEAD}answers:\n- question: a\n  answer: '?'", 4, "ни буквы, ни цифры"),
        (f"{HEAD}controls:\n\tsave_button: {{css: a}}", 3, "здесь табуляция"),
        (f"{HEAD}controls: [\n", 3, "не YAML"),
        (f"{HEAD}answers: []\nanswers: []", 3, "ключ «answers» указан дважды"),
        (control("{css: a, css: b}"), 3, "ключ «css» указан дважды"),
        (control("&one {css: a}\n  menu_icon: *one"), 4, "вместо ссылки *имя"),
    ],
)
def test_a_file_that_cannot_be_meant_so_is_refused(text: str, line: int | None, told: str) -> None:
    with pytest.raises(UsageError) as refused:
        parse_locators(text.encode(), path=FILE)
    said = str(refused.value)
    assert told in said
    assert said.startswith(f"Файл указаний {FILE}")
    assert line is None or f"строка {line}" in said, said
    assert "\n" not in said


def test_the_first_of_several_faults_is_told() -> None:
    text = f'{HEAD}controls:\n  menu_icon: {{}}\n  save_button: {{css: ""}}\nblock: {{}}'
    with pytest.raises(UsageError, match=r"строка 3, ключ «controls\.menu_icon»"):
        parse_locators(text.encode(), path=FILE)


@pytest.mark.parametrize(
    "content", [GOOD.encode("utf-16"), GOOD.encode("utf-16-le"), "я".encode("cp1251")]
)
def test_another_encoding_is_named(content: bytes) -> None:
    with pytest.raises(UsageError, match="текст не в UTF-8"):
        parse_locators(content, path=FILE)


@pytest.mark.parametrize("content", [GOOD.encode("utf-8-sig"), GOOD.replace("\n", "\r\n").encode()])
def test_a_mark_of_utf_8_and_windows_line_ends_are_no_fault(content: bytes) -> None:
    taken = parse_locators(content, path=FILE)
    assert taken.overrides == parse_locators(GOOD.encode(), path=FILE).overrides
    assert taken.sha256 == hashlib.sha256(content).hexdigest()


def test_a_file_that_is_none_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="не найден"):
        load_locators(tmp_path / "none.yaml")
    with pytest.raises(UsageError, match="это папка"):
        load_locators(tmp_path)
    large = tmp_path / "large.yaml"
    large.write_text(GOOD + "#" * LARGEST, "utf-8")
    with pytest.raises(UsageError, match="больше 64 КиБ"):
        load_locators(large)


def test_the_shape_that_ships_is_the_models() -> None:
    """After a change of the model write `schema_text()` into the file."""
    shipped = files("sigex_runbook.site.reading").joinpath("locators.schema.json")
    assert shipped.read_text("utf-8") == schema_text()
    Draft202012Validator.check_schema(schema())


@pytest.mark.parametrize(
    "raw",
    [
        {"controls": {"save_button": {"css": "a"}}},
        {"controls": {"save_button": {"css": "a", "name": "b"}}},
        {"controls": {"save_button": {}}},
        {"controls": {"save_button": {"css": ""}}},
        {"controls": {"save_button": {"css": 1}}},
        {"controls": {"block_header": {"css": "a"}}},
        {"controls": []},
        {"blocks": {"documentsList": {"list": {"name": "a"}}}},
        {"blocks": {"packagesList": {"list": {"name": "a"}}}},
        {"blocks": {"documentsList": {"lists": {"name": "a"}}}},
        {"blocks": {"documentsList": {"list": "a"}}},
        {"blocks": {"documentsList": {}}},
        {"answers": [{"question": "a", "answer": "b"}]},
        {"answers": [{"question": "a"}]},
        {"answers": "a"},
        {"other": {}},
    ],
)
def test_shape_and_model_take_the_same(raw: dict[str, Any]) -> None:
    try:
        Overrides.model_validate(raw)
        taken = True
    except ValidationError:
        taken = False
    assert Draft202012Validator(schema()).is_valid({"format": FORMAT, **raw}) is taken


def test_a_file_that_points_at_nothing_is_none(tmp_path: Path) -> None:
    """A probe that recognised everything writes such a one, and it works as it is."""
    file = tmp_path / "locators.yaml"
    file.write_text(f"{HEAD}controls: {{}}\nblocks: {{}}\n", encoding="utf-8")
    assert load_locators(file) is None

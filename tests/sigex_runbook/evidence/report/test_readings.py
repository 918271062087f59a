"""What recorded Russian sentences say in a report of another language: every message by its code,
every step of the guide, and in English just what the English features say."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

import sigex_runbook
from sigex_runbook.core.guide import Text, load_guide
from sigex_runbook.core.messages import catalogue, form, reading, say
from sigex_runbook.evidence import report
from sigex_runbook.evidence.attest import approval
from sigex_runbook.evidence.report.words import words
from tests.test_languages import ENGLISH, FILES, RUSSIAN, scenarios, tags
from tests.test_traceability import filled, rows

OTHERS = ("kk", "en")
WALKED = {"@guide", "@unchanged", "@revoking"}
NAME = re.compile(r"\{(\w+)\}")
STEPS = Path(report.__file__).with_name("steps.yaml")
RUSSIAN_LETTER = re.compile(r"[А-Яа-яЁё]")


def walked() -> Iterator[tuple[str, str]]:
    """Each sentence that a run can record, as the Russian and the English features say it."""
    for name in FILES:
        for russian, english in zip(
            scenarios(RUSSIAN / name), scenarios(ENGLISH / name), strict=True
        ):
            if WALKED.isdisjoint(tags(russian)):
                continue
            for row, row_en in zip(rows(russian), rows(english), strict=True):
                for one, other in zip(russian["steps"], english["steps"], strict=True):
                    yield filled(one["text"], row), filled(other["text"], row_en)


def of_the_guide() -> Iterator[Text]:
    for section in load_guide().sections:
        yield section.wording
        yield from (callout.wording for callout in section.callouts)


def test_russian_needs_no_reading() -> None:
    assert words("ru").reading("менять нечего") is None
    assert str(words("ru").read("менять нечего")) == "менять нечего"


def test_each_sentence_is_read_in_each_language_with_all_its_values() -> None:
    for code, text in catalogue().items():
        asked = sorted(NAME.findall(text.ru))
        assert sorted(set(NAME.findall(text.kk))) == sorted(set(NAME.findall(text.en))) == asked
        # Numbers that are read back in their order, whatever the order in the other language.
        values = {name: f"{number}0" for number, name in enumerate(asked, 1)}
        recorded = say(code, **values)
        assert reading(recorded, "kk") == text.kk.format(**values)
        assert reading(recorded, "en") == text.en.format(**values)
        assert not RUSSIAN_LETTER.search(text.en)


def test_no_two_sentences_are_taken_for_one_another() -> None:
    forms = [form(NAME.sub("1", text.ru))[0] for text in catalogue().values()]
    steps = [form(russian)[0] for russian, _ in walked()]
    assert len(set(forms)) == len(forms)
    assert set(forms).isdisjoint(steps)


@pytest.mark.parametrize("language", OTHERS)
def test_no_step_of_the_guide_is_left_unread(language: str) -> None:
    said = [russian for russian, _ in walked()]
    assert len(said) > 35
    assert [text for text in said if words(language).reading(text) is None] == []
    assert [
        t
        for t in said
        if re.findall(r"\d+", words(language).reading(t) or "") != re.findall(r"\d+", t)
    ] == []


@pytest.mark.parametrize("language", OTHERS)
def test_the_guides_words_keep_their_callouts_in_each_language(language: str) -> None:
    for text in of_the_guide():
        assert re.findall(r"\d+", words(language).of(text)) == re.findall(r"\d+", text.ru)
        assert words(language).of(text) in words(language).read_guide(text).unescape()


def test_in_english_a_step_is_read_as_the_english_features_say_it() -> None:
    assert [(words("en").reading(russian), english) for russian, english in walked()] == [
        (english, english) for _, english in walked()
    ]


def test_every_code_is_said_somewhere_and_every_code_said_is_there() -> None:
    package = Path(sigex_runbook.__file__).parent
    sources = "".join(path.read_text("utf-8") for path in package.rglob("*.py"))
    rooms = "|".join(sorted({code.partition(".")[0] for code in catalogue()}))
    assert set(re.findall(rf'"((?:{rooms})\.[a-z_]+)"', sources)) == catalogue().keys()


def test_every_remark_to_a_step_and_every_reason_against_an_approval_has_a_code() -> None:
    """A sentence written in place would be recorded and never read."""
    remarks = [
        said
        for module in (Path(sigex_runbook.__file__).parent / "site").rglob("*.py")
        for call in ast.walk(ast.parse(module.read_text("utf-8")))
        if isinstance(call, ast.Call) and getattr(call.func, "attr", None) in {"note", "_note"}
        for said in (
            [call.args[0].body, call.args[0].orelse]
            if isinstance(call.args[0], ast.IfExp)
            else [call.args[0]]
        )
    ]
    source = ast.parse(Path(approval.__file__).read_text("utf-8"))
    judge = next(one for one in source.body if getattr(one, "name", "") == "_fault")
    reasons = [
        one.value
        for one in ast.walk(judge)
        if isinstance(one, ast.Return) and not isinstance(one.value, ast.Constant)
    ]
    assert len(remarks) == 10
    assert len(reasons) == 7
    for said in (*remarks, *reasons):
        assert isinstance(said, ast.Call)
        assert getattr(said.func, "id", "") == "say"


def test_every_step_that_is_read_is_one_of_the_features() -> None:
    known = yaml.safe_load(STEPS.read_text("utf-8"))
    assert {step["ru"] for step in known} == {form(russian)[0] for russian, _ in walked()}


def test_what_nobody_knows_is_quoted_as_it_is() -> None:
    t = words("en")
    assert t.reading("сервис ответил {0} и {}") is None
    assert str(t.read("сервис <b>")) == '<span lang="ru">сервис &lt;b&gt;</span>'
    assert "“a &lt;i&gt; {0}”" in str(
        t.read("в заказе нет ключа информационной системы «a <i> {0}»")
    )

"""What recorded Russian sentences say in a report of another language: the same sentences in each,
none of the guide or its features without, and in English just what the English features say."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import sigex_runbook
from sigex_runbook.core.guide import load_guide
from sigex_runbook.evidence.attest import approval
from sigex_runbook.evidence.report.words import words
from sigex_runbook.site import site
from tests.test_languages import ENGLISH, FILES, RUSSIAN, scenarios, tags
from tests.test_traceability import filled, rows

OTHERS = ("kk", "en")
WALKED = {"@guide", "@unchanged", "@revoking"}
PLACE = re.compile(r"\{\d*\}")
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


def of_the_guide() -> Iterator[str]:
    for section in load_guide().sections:
        yield section.wording
        yield from (callout.wording for callout in section.callouts)


def test_russian_needs_no_reading() -> None:
    assert words("ru").readings == {}
    assert str(words("ru").read("менять нечего")) == "менять нечего"


def test_each_sentence_is_read_in_each_language_with_all_its_values() -> None:
    kazakh, english = (words(language).readings for language in OTHERS)
    assert kazakh.keys() == english.keys()
    for readings in (kazakh, english):
        for form, reading in readings.items():
            assert len(set(PLACE.findall(reading))) in {form.count("{}"), 1}
            values = [f"value{number}" for number in range(form.count("{}"))]
            assert [value for value in values if value not in reading.format(*values)] == []
    assert not any(RUSSIAN_LETTER.search(re.sub("“[^”]*”", "", one)) for one in english.values())


@pytest.mark.parametrize("language", OTHERS)
def test_nothing_of_the_guide_is_left_unread(language: str) -> None:
    said = [*of_the_guide(), *(russian for russian, _ in walked())]
    assert len(said) > 8 + 13 + 35
    assert [text for text in said if words(language).reading(text) is None] == []
    assert [
        t
        for t in said
        if re.findall(r"\d+", words(language).reading(t) or "") != re.findall(r"\d+", t)
    ] == []


def test_in_english_a_step_is_read_as_the_english_features_say_it() -> None:
    assert [(words("en").reading(russian), english) for russian, english in walked()] == [
        (english, english) for _, english in walked()
    ]


@pytest.mark.parametrize("language", OTHERS)
def test_every_remark_to_a_step_is_read(language: str) -> None:
    source = Path(site.__file__).read_text("utf-8")
    remarks = [
        part.value
        for call in ast.walk(ast.parse(source))
        if isinstance(call, ast.Call) and getattr(call.func, "attr", None) == "note"
        for part in ast.walk(call)
        if isinstance(part, ast.Constant) and isinstance(part.value, str)
    ]
    assert len(remarks) == 4
    assert [one for one in remarks if words(language).reading(one) is None] == []


@pytest.mark.parametrize("language", OTHERS)
def test_every_reason_against_an_approval_is_read(language: str) -> None:
    source = Path(approval.__file__).read_text("utf-8").split("def _fault(")[1]
    reasons = re.findall(r'return "([^"]+)"', source)
    assert len(reasons) == 7
    assert [one for one in reasons if words(language).reading(one) is None] == []


def test_every_sentence_that_is_read_is_one_that_somebody_writes() -> None:
    package = Path(sigex_runbook.__file__).parent
    sources = "".join(path.read_text("utf-8") for path in package.rglob("*.py"))
    written = re.sub(r'"\s*\n\s*f?"', "", sources)
    written += "\n".join([*of_the_guide(), *(russian for russian, _ in walked())])
    parts = [part for form in words("kk").readings for part in form.split("{}")]
    assert [part for part in parts if part not in written] == []


def test_what_nobody_knows_is_quoted_as_it_is() -> None:
    t = words("en")
    assert t.reading("сервис ответил {0} и {}") is None
    assert str(t.read("сервис <b>")) == '<span lang="ru">сервис &lt;b&gt;</span>'
    assert "“a &lt;i&gt; {0}”" in str(
        t.read("в заказе нет ключа информационной системы «a <i> {0}»")
    )

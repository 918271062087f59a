"""What a page asks is never answered behind the reader's back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from sigex_runbook.core.errors import GuideBroken
from sigex_runbook.site.browser_launch import launch
from sigex_runbook.site.questions import Questions, button_of, drawn, words_of
from sigex_runbook.site.reading.locators import NONE, Overrides
from sigex_runbook.site.survey import Survey

YES = Overrides.model_validate({"answers": [{"question": "Сохранить", "answer": "Да"}]})
NO = Overrides.model_validate({"answers": [{"question": "/^сохранить/", "answer": "нет"}]})
NAMED = Overrides.model_validate({"answers": [{"question": "имя", "answer": "Айгерим"}]})


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright, launch(playwright) as running:
        yield running


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page()
    yield page
    page.close(run_before_unload=False)


def ask(
    page: Page, script: str, overrides: Overrides = NONE
) -> tuple[Questions, list[str], object]:
    notes: list[str] = []
    questions = Questions(page, overrides, notes.append)
    return questions, notes, page.evaluate(script)


@pytest.mark.parametrize(
    ("script", "given"),
    [
        ("confirm('Сохранить изменения?')", False),
        ("prompt('Ваше имя?')", None),
        ("alert('Готовимся')", None),
    ],
)
def test_a_question_that_nobody_answers_is_noted_and_stops_the_run(
    page: Page, script: str, given: object
) -> None:
    questions, notes, answer = ask(page, script)
    assert answer is given
    words = script.split("'")[1]
    assert notes == [f"Страница открыла окно: «{words}»."]
    with pytest.raises(GuideBroken, match=words.replace("?", r"\?")):
        questions.check()
    questions.check()  # it is told once


@pytest.mark.parametrize(
    ("script", "overrides", "given"),
    [
        ("confirm('Сохранить изменения?')", YES, True),
        ("confirm('Сохранить изменения?')", NO, False),
        ("prompt('Ваше имя?')", NAMED, "Айгерим"),
    ],
)
def test_what_the_operators_file_says_is_answered_and_noted(
    page: Page, script: str, overrides: Overrides, given: object
) -> None:
    questions, notes, answer = ask(page, script, overrides)
    assert answer == given
    assert notes[0].startswith("Страница спросила: ")
    questions.check()


def test_after_a_save_the_browsers_window_is_the_pages_message(page: Page) -> None:
    questions, _, _ = ask(page, "alert('Настройки сохранены')")
    assert questions.alerts == ["Настройки сохранены"]
    questions.forgive()
    questions.check()


def test_a_person_at_the_window_answers_himself(page: Page) -> None:
    """The window stays: the page goes on when somebody has pressed a button in it."""
    questions, notes, _ = ask(page, "1")
    questions.persons = True
    with page.expect_event("dialog") as met:
        page.evaluate("() => void setTimeout(() => window.answer = confirm('Сохранить?'), 1)")
    assert notes == []
    met.value.accept()
    page.wait_for_function("window.answer === true")
    questions.check()


MODAL = """<main><button>Сохранить</button></main>
<div class='modal show' style='position:fixed;top:0;left:0'><h5>Подтверждение</h5>
<p>Изменить права?</p><button>Отмена</button><button>Подтвердить</button></div>"""


def test_a_question_drawn_in_html_is_seen_with_its_buttons(page: Page) -> None:
    page.set_content("<main><button>Сохранить</button></main>")
    before = Survey(page).look().numbers
    page.set_content(MODAL)
    view = Survey(page).look()
    asked = drawn(view, before)
    assert asked is not None
    assert words_of(view, asked).startswith("Подтверждение Изменить права?")
    button = button_of(view, asked, "подтвердить")
    assert button is not None
    assert button.name == "Подтвердить"
    assert button_of(view, asked, "Сохранить") is None


def test_a_dialogue_that_stood_there_before_asks_nothing(page: Page) -> None:
    page.set_content(MODAL)
    view = Survey(page).look()
    assert drawn(view, view.numbers) is None

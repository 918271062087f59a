"""Section 8: the one press of the save button, and what comes of it."""

from __future__ import annotations

import contextlib

from playwright.sync_api import Error as PlaywrightError

from sigex_runbook.core.errors import ControlNotFound, GuideBroken
from sigex_runbook.core.messages import say
from sigex_runbook.core.verdict import Saved
from sigex_runbook.site.questions import button_of, drawn, unanswered, words_of
from sigex_runbook.site.reading.sought import Sought
from sigex_runbook.site.reading.view import Seen, View
from sigex_runbook.site.saving import SaveAnswer, save_answers
from sigex_runbook.site.screenshot import Gone

from .screen import Screen

_MESSAGE_MS = 1_500


class SaveButton:
    """The button of a callout. What is raised for it carries the callout's number."""

    def __init__(self, screen: Screen, callout: int, sought: Sought, button: Seen) -> None:
        self._screen = screen
        self._finder = screen.finder
        self._observer = screen.observer
        self._callout = callout
        self._sought = sought
        self._button = button

    def press(self) -> None:
        """Save, and note what the page says of it. Raises GuideBroken with the service's words when
        it refuses."""
        answer = self._answer()
        self._observer.saving(answer.saved)
        if answer.complaint is not None:
            raise GuideBroken(answer.complaint, callout=self._callout)
        said = self._finder.until(self._screen.message_in, _MESSAGE_MS)
        questions = self._screen.questions
        questions.forgive()
        said = questions.alerts[-1] if questions.alerts else said
        self._observer.note(say("note.page_said", words=said) if said else say("note.page_silent"))

    def _answer(self) -> SaveAnswer:
        """Press, and wait for the answer to what the page sends. Raises GuideBroken."""
        before = self._finder.survey.last
        with save_answers(self._screen.page, self._screen.keep) as answers:
            self._screen.guard.allow()
            self._observer.saving(Saved.UNKNOWN)
            try:
                self._finder.press(self._sought, self._button)
            except ControlNotFound as error:
                if error.drift is not None and not self._screen.guard.passed:
                    self._observer.saving(Saved.NO)  # disabled or covered: it was not pressed
                raise
            self._finder.saved = True
            for view in self._finder.views(self._screen.page_ms()):
                if answers:
                    return answers[0]
                self._refuse_strays()
                self._answer_drawn(view, before)
                self._refuse_questions()
        self._screen.deadline.check()
        raise self._unanswered()

    def _refuse_strays(self) -> None:
        stopped = self._screen.guard.stopped
        if stopped is not None:
            raise self._not_saved(
                f"Страница хотела сохранить не то, что заказано ({stopped}), поэтому "
                "запрос остановлен до отправки. Ничего не сохранено; сравните страницу с "
                "инструкцией."
            )

    def _answer_drawn(self, view: View, before: View) -> None:
        """Meet a question drawn in HTML: answer it as told, or stop."""
        asked = drawn(view, before.numbers)
        if asked is None or self._screen.guard.passed:
            return
        question = words_of(view, asked)
        told = self._finder.locators.overrides.answer_to(question)
        button = button_of(view, asked, told) if told is not None else None
        if button is None:
            raise self._not_saved(unanswered(question))
        self._observer.note(say("note.answered", question=question, answer=told))
        with contextlib.suppress(Gone, PlaywrightError):  # it is gone: the answer was heard
            self._finder.handle(button).click(timeout=self._finder.timeout_ms())

    def _refuse_questions(self) -> None:
        if self._screen.guard.passed:
            return
        try:
            self._screen.questions.check()
        except GuideBroken as error:
            raise self._not_saved(str(error)) from None

    def _unanswered(self) -> GuideBroken:
        """What to raise when no answer has come."""
        if self._screen.guard.passed:
            return GuideBroken(
                "Кнопка сохранения нажата, но сервис не ответил.", callout=self._callout
            )
        told = self._screen.message_in(self._finder.survey.look())
        return self._not_saved(
            "Кнопка сохранения нажата, но сервис не ответил: страница ничего ему не отправила"
            f"{f' и сообщила: «{told}»' if told else ''}. Ничего не сохранено."
        )

    def _not_saved(self, sentence: str) -> GuideBroken:
        """What to raise when nothing has left the page; the observer is told."""
        self._observer.saving(Saved.NO)
        return GuideBroken(sentence, callout=self._callout)

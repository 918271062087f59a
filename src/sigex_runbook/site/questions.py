"""What a page asks: the browser's own dialogues and those drawn in HTML. Nothing is answered behind
the reader's back: a question is noted and quoted, and it stops the run unless the operator's file
says what to answer.
"""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Dialog, Page

from sigex_runbook.core.errors import GuideBroken
from sigex_runbook.core.messages import say

from .reading.locators import Overrides
from .reading.names import bare, shown
from .reading.view import Seen, View

_YES = frozenset({"да", "ок", "ok", "yes"})
_SHOWN = 300


class Questions:
    """The browser's dialogues of one page; `alerts` are the page's words that want no answer."""

    def __init__(self, page: Page, overrides: Overrides, note: Callable[[str], None]) -> None:
        self._overrides = overrides
        self._note = note
        self._asked: str | None = None
        self._leaving = False
        self.persons = False
        """Whether a person sits at the window: its dialogues are his then."""
        self.alerts: list[str] = []
        page.on("dialog", self._meet)

    def leaving(self, leaving: bool) -> None:
        """The page is being left on purpose: the browser may ask whether to."""
        self._leaving = leaving

    def check(self) -> None:
        """Raises GuideBroken when the page asked what the guide does not know."""
        asked, self._asked = self._asked, None
        if asked is not None:
            raise GuideBroken(unanswered(asked))

    def _meet(self, dialogue: Dialog) -> None:
        if self.persons:
            return
        words = shown(dialogue.message)[:_SHOWN]
        told = self._overrides.answer_to(words)
        if dialogue.type == "beforeunload":
            if self._leaving:
                self._note(say("note.left"))
                dialogue.accept()
                return
            words = words or "Уйти со страницы?"
        if told is not None:
            self._note(say("note.answered", question=words, answer=told))
            if bare(told) in _YES:
                dialogue.accept()
            elif dialogue.type == "prompt" and bare(told) not in {"нет", "no", "отмена"}:
                dialogue.accept(told)
            else:
                dialogue.dismiss()
            return
        self._note(say("note.window", words=words))
        if dialogue.type == "alert":
            self.alerts.append(words)
            dialogue.accept()
        else:
            dialogue.dismiss()
        self._asked = words

    def forgive(self) -> None:
        """After a save, what the page says in a window of the browser is its message."""
        if self.alerts and self._asked == self.alerts[-1]:
            self._asked = None


def unanswered(words: str) -> str:
    """What to say of a question that the guide does not know."""
    return (
        f"Кнопка нажата, но страница спрашивает: «{words}». Инструкция такого вопроса не знает, и "
        "согласия на него не дано: настройки, видимо, не сохранены. Если ответ известен, впишите "
        "его в файл для --locators (answers) и запустите снова; иначе сохраните вручную."
    )


def drawn(view: View, before: frozenset[int]) -> Seen | None:
    """A dialogue drawn in HTML that has come since."""
    found = [
        one
        for one in view.of_kind("dialogue")
        if one.number not in before and any(True for _ in view.inside(one.number))
    ]
    return found[0] if found else None


def button_of(view: View, dialogue: Seen, name: str) -> Seen | None:
    """The button of a dialogue that bears this name, if there is exactly one."""
    found = [
        one
        for one in view.inside(dialogue.number)
        if one.shown and one.pressable and bare(name) in one.bares
    ]
    inner = [one for one in found if not any(one.around(other) for other in found)]
    return inner[0] if len(inner) == 1 else None


def words_of(view: View, dialogue: Seen) -> str:
    """What a dialogue says."""
    own = dialogue.names.get("text", "")
    texts = own or " ".join(one.name for one in view.inside(dialogue.number) if one.shown)
    return shown(texts)[:_SHOWN]

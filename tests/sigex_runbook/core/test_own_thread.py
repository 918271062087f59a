"""A thread of one's own: it answers in order, hands errors back, and ends when told."""

from __future__ import annotations

import threading
from functools import partial

import pytest

from sigex_runbook.core.own_thread import OwnThread

_SECONDS = 30  # never waited for when all is well


def test_it_answers_in_order_on_its_own_thread_and_ends_after_what_was_asked() -> None:
    done: list[str] = []

    def work() -> None:
        own.serve()
        done.append("ended")

    def task(name: str) -> str:
        done.append(name)
        return threading.current_thread().name

    own = OwnThread("own", work)
    answers = [own.ask(partial(task, name)) for name in ("first", "second")]
    own.end()
    assert not own.alive
    own.start()
    own.join(_SECONDS)
    assert [answer.result(_SECONDS) for answer in answers] == ["own", "own"]
    assert done == ["first", "second", "ended"]
    assert not own.alive


@pytest.mark.parametrize("error", [ValueError("found"), KeyboardInterrupt()])
def test_what_a_task_raises_the_answer_raises_and_the_thread_goes_on(error: BaseException) -> None:
    def fail() -> None:
        raise error

    def work() -> None:
        own.serve()

    own = OwnThread("own", work)
    own.start()
    with pytest.raises(type(error)):
        own.ask(fail).result(_SECONDS)
    assert own.ask(lambda: "still there").result(_SECONDS) == "still there"
    own.end()
    own.join(_SECONDS)

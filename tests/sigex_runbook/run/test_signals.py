"""Interruptions: a signal ends what it may, and never what would leave a lock behind."""

from __future__ import annotations

import importlib
import signal
import sys
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from sigex_runbook.run.signals import Interrupted, Interruptions

_WAIT_SECONDS = 30


def test_a_signal_in_the_middle_of_an_import_comes_when_it_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "signalled.py").write_text(
        "import signal\nsignal.raise_signal(signal.SIGTERM)\nwhole = True\n", encoding="utf-8"
    )
    monkeypatch.syspath_prepend(tmp_path)
    interruptions = Interruptions()
    code = None
    with interruptions.listening(), interruptions.allowed():
        try:
            assert importlib.import_module("signalled").whole
            assert threading.Event().wait(_WAIT_SECONDS), "the signal did not come again"
        except Interrupted as stop:
            code = stop.exit_code
    assert code == 128 + signal.SIGTERM
    assert sys.modules.pop("signalled").whole


def test_a_signal_that_shall_come_again_does_not_outlive_the_listening(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The handlers of before would get it: of SIGTERM, the end of the program."""
    (tmp_path / "signalled_late.py").write_text(
        "import signal\nsignal.raise_signal(signal.SIGTERM)\n", encoding="utf-8"
    )
    monkeypatch.syspath_prepend(tmp_path)
    outlived = threading.Event()
    before = signal.signal(signal.SIGTERM, lambda *_: outlived.set())
    try:
        interruptions = Interruptions()
        with interruptions.listening(), suppress(Interrupted), interruptions.allowed():
            importlib.import_module("signalled_late")
        assert not outlived.wait(0.2)
    finally:
        signal.signal(signal.SIGTERM, before)
        sys.modules.pop("signalled_late", None)


def test_a_signal_elsewhere_comes_at_once() -> None:
    interruptions = Interruptions()
    came = False
    with interruptions.listening(), interruptions.allowed():
        try:
            signal.raise_signal(signal.SIGTERM)
        except Interrupted:
            came = True
    assert came


def test_that_a_signal_was_heard_is_told_at_once_and_once_wherever_it_comes() -> None:
    """On another thread: the main one may hold what is needed to speak."""
    told: list[threading.Thread] = []
    heard = threading.Event()

    def hear() -> None:
        told.append(threading.current_thread())
        heard.set()

    interruptions = Interruptions(hear)
    with interruptions.listening():
        signal.raise_signal(signal.SIGTERM)
        assert heard.wait(_WAIT_SECONDS), "not obeyed yet, but told"
        signal.raise_signal(signal.SIGTERM)
    assert len(told) == 1
    assert told[0] is not threading.main_thread()


def test_a_signal_waits_until_it_is_allowed_and_comes_once() -> None:
    interruptions = Interruptions()
    with interruptions.listening():
        signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGTERM)
        with pytest.raises(Interrupted):
            interruptions.check()
        interruptions.check()


def test_after_a_signal_was_forgiven_the_next_one_asks_anew() -> None:
    interruptions = Interruptions()
    asked = []
    with interruptions.listening():
        for number in (signal.SIGINT, signal.SIGTERM):
            with pytest.raises(Interrupted) as stop, interruptions.allowed():
                signal.raise_signal(number)
            asked.append(stop.value.number)
            interruptions.forgive()
        interruptions.check()
    assert asked == [signal.SIGINT, signal.SIGTERM]

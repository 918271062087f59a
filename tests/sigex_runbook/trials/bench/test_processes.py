"""What a command costs, and of which kind its processes are."""

from __future__ import annotations

import sys

import pytest

from sigex_runbook.core.errors import RunFailed
from sigex_runbook.trials.bench.processes import Spent, kind_of, spend


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        (["/usr/lib/chromium/chromium-headless-shell --type=renderer --lang=ru"], "страница"),
        (["/usr/bin/chromium", "--type=gpu-process"], "GPU"),
        (["/usr/lib/chromium/chromium-headless-shell", "--type=utility"], "браузер"),
        (["/x/chrome-linux/headless_shell", "--headless"], "браузер"),
        (["/x/playwright/driver/node", "/x/cli.js", "run-driver"], "драйвер"),
        (["/usr/bin/python3", "-c", "from multiprocessing.spawn import spawn_main"], "исполнитель"),
    ],
)
def test_a_process_is_told_by_its_command_line(words: list[str], kind: str) -> None:
    assert kind_of(words, first=False) == kind


def test_a_commands_lines_come_with_their_moments_and_its_cost_is_counted() -> None:
    spent = spend([sys.executable, "-c", "print('один'); sum(range(10**6)); print('два')"])
    assert [line for _, line in spent.said] == ["один", "два"]
    assert spent.processor > 0
    assert spent.said[0][0] <= spent.said[1][0] <= spent.seconds
    assert kind_of([sys.executable], first=True) == "команда"


def test_pages_that_are_gone_are_counted_in_full() -> None:
    """Seen last long before its end, a page would seem cheap: its zygote knows better."""
    zygote = """
import os, time
def work(seconds):
    while time.process_time() < seconds:
        pass
if not os.fork():
    work(0.2)
    os._exit(0)
os.wait()
work(0.6)
"""
    spent = spend([sys.executable, "-c", zygote, "--type=zygote"])
    assert spent.by_kind["страница"] > 0.1


def test_a_command_that_fails_is_not_measured() -> None:
    with pytest.raises(RunFailed, match=r"не справился.*нечем дышать"):
        spend([sys.executable, "-c", "raise SystemExit('нечем дышать')"])


def test_one_after_the_other_is_the_sum_with_later_moments() -> None:
    first = Spent(2, 1, {"GPU": 1}, [(1, 10)], [(1, "a")])
    both = first + Spent(3, 2, {"GPU": 1, "браузер": 1}, [(1, 30)], [(2, "b")])
    assert (both.seconds, both.processor, both.peak) == (5, 3, 30)
    assert both.by_kind == {"GPU": 2, "браузер": 1}
    assert both.said == [(1, "a"), (4, "b")]

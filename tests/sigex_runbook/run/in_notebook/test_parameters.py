"""Parameters as people and papermill write them: refused in a sentence, or taken as they are."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from sigex_runbook.core.errors import UsageError
from sigex_runbook.notebook import open_run
from sigex_runbook.run.in_notebook.parameters import (
    check_names,
    check_values,
    in_the_notebooks_words,
)

KNOWN = inspect.signature(open_run).parameters
OWN = 'order: str = ""  # заказ\ntarget: str = ""\n'


def given(**changed: object) -> dict[str, Any]:
    return {**{name: one.default for name, one in KNOWN.items()}, **changed}


@pytest.mark.parametrize(
    "changed",
    [{}, {"deadline_seconds": 60}, {"campaign": "весна-2026", "language": "kk"}, {"visible": True}],
)
def test_what_can_be_meant_is_taken(changed: dict[str, object]) -> None:
    check_values(given(**changed), KNOWN)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"campaign": 2026}, r"campaign: нужно текст.*2026.*передайте -r campaign 2026"),
        ({"order": None}, "order: нужно текст"),
        ({"visible": "yes"}, "visible: нужно True или False, а дано 'yes'"),
        ({"visible": 1}, "visible: нужно True или False"),
        ({"deadline_seconds": "minute"}, "deadline_seconds: нужно число секунд"),
        ({"deadline_seconds": True}, "deadline_seconds: нужно число секунд"),
        ({"language": "de"}, "ru, kk, en, а дано «de»"),
        ({"campaign": "a/b"}, "Имя кампании «a/b» не годится"),
        ({"mtls_target": "https://x:1"}, "mtls_target — только вместе с target"),
    ],
)
def test_what_cannot_be_meant_is_refused(changed: dict[str, object], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        check_values(given(**changed), KNOWN)


@pytest.mark.parametrize(
    "cells",
    [
        [OWN, '# Parameters\ntraget = "https://x"\n'],
        [OWN + 'traget: str = "https://x"\n'],
        [OWN + 'traget = "https://x"\n'],
    ],
    ids=["papermill", "annotated", "plain"],
)
def test_a_name_that_nobody_knows_is_refused(cells: list[str]) -> None:
    """It would be the embedded emulator, in silence."""
    with pytest.raises(UsageError, match="не знает параметров traget"):
        check_names(cells, KNOWN)


@pytest.mark.parametrize(
    "cells",
    [
        [OWN, '# Parameters\norder = "a.yaml"\n'],
        [OWN + 'traget: str = ""\n', OWN],  # corrected and executed again
        ["answer = 42\n", "%time x\n", "import this\norder: str\n"],
    ],
)
def test_other_cells_are_nobodys_parameters(cells: list[str]) -> None:
    check_names(cells, KNOWN)


def test_a_refusal_names_parameters_and_no_options() -> None:
    told = in_the_notebooks_words("укажите в --deadline, --mtls-target и --ca")
    assert told == "укажите в deadline_seconds, mtls_target и ca"

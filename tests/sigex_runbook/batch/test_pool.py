"""A claim: of two processes only one performs orders of an organisation."""

from __future__ import annotations

from pathlib import Path

import pytest

from sigex_runbook.batch.pool import claimed
from sigex_runbook.core.errors import RunFailed
from sigex_runbook.core.organisation import Bin
from sigex_runbook.evidence.index.outputs import Outputs
from tests.builders import ORGANISATION, OTHER_ORGANISATION

ONE, OTHER = Bin(ORGANISATION), Bin(OTHER_ORGANISATION)


def test_who_comes_second_waits_and_then_says_so(tmp_path: Path) -> None:
    with claimed(tmp_path, ONE, 0):
        with (
            pytest.raises(RunFailed, match=f"{ORGANISATION} уже работает"),
            claimed(tmp_path, ONE, 0),
        ):
            pass
        with claimed(tmp_path, OTHER, 0):
            pass
    with claimed(tmp_path, ONE, 0):
        assert Outputs(tmp_path).campaigns() == ()


def test_what_goes_wrong_meanwhile_frees_it(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="full"), claimed(tmp_path, ONE, 0):
        raise OSError("full")
    with claimed(tmp_path, ONE, 0):
        pass

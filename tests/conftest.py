"""What every test gets: keys of its own, never the user's; and the switch for the whole corpus."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from sigex_runbook.evidence.attest.findings import Code
from sigex_runbook.evidence.attest.keyring import FOLDER_VARIABLE

if TYPE_CHECKING:
    from tests.soft_token import SoftToken


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--full-corpus",
        action="store_true",
        help="every byte of the sealed packs instead of a sample; takes minutes",
    )


@pytest.hookimpl(wrapper=True, optionalhook=True)
def pytest_xdist_auto_num_workers() -> Generator[None, int, int]:
    """Half as many again as there are cores: one that waits for its browser leaves a core idle."""
    cores = yield
    return cores + cores // 2


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """How many ways of spoiling sealed packs were tried, counted where they were tried."""
    counted: Counter[str] = Counter()
    for report in terminalreporter.getreports("passed"):
        if report.when == "call":
            for name, value in report.user_properties:
                if name.startswith(("corpus: ", "code: ", "alone: ")):
                    counted[name] += value
    for name, value in sorted(counted.items()):
        if name.startswith("corpus: "):
            terminalreporter.write_line(f"{name}: {value}")
    if any(name.startswith("code: ") for name in counted):
        terminalreporter.write_line("cases by code: all, and those that met this code alone")
        for code in Code:
            met, alone = counted[f"code: {code}"], counted[f"alone: {code}"]
            terminalreporter.write_line(f"  {code:<20} {met:4} {alone:4}")


@pytest.fixture(autouse=True, scope="session")
def own_keys(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Signing keys are made at run time in a folder of this session, also by child processes."""
    before = os.environ.get(FOLDER_VARIABLE)
    os.environ[FOLDER_VARIABLE] = str(tmp_path_factory.mktemp("keys"))
    yield
    if before is None:
        del os.environ[FOLDER_VARIABLE]
    else:
        os.environ[FOLDER_VARIABLE] = before


@pytest.fixture(scope="session")
def token(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SoftToken]:
    """A PKCS#11 token of this session, with keys on it."""
    from tests.soft_token import soft_token

    with soft_token(tmp_path_factory.mktemp("token")) as made:
        yield made

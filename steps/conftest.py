"""Step definitions for every session, and an employee: the runbook's own or the spec suite's."""

from __future__ import annotations

import pytest

STEPS = (
    "steps.arrangement",
    "steps.sign_in",
    "steps.settings",
    "steps.blocks",
    "steps.saving",
    "steps.systems",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("spec suite")
    group.addoption("--fault", metavar="NAME", help="the emulator misbehaves: what turns red?")
    group.addoption("--skin", metavar="NAME", help="the emulator is drawn in another way")


def pytest_configure(config: pytest.Config) -> None:
    for module in STEPS:
        config.pluginmanager.import_plugin(module)
    if not config.pluginmanager.has_plugin("runbook-employee"):
        config.pluginmanager.import_plugin("tests.spec_employee")

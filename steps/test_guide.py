"""The guide's scenarios as tests; the runbook collects the same ones."""

from pathlib import Path

from pytest_bdd import scenarios

FEATURES = Path(__file__).resolve().parents[1] / "features"

scenarios(*(str(path) for path in sorted(FEATURES.glob("*.feature"))))

"""The guide itself, performed from its English wording; alternatives are compared, not repeated."""

from pathlib import Path

from pytest_bdd import scenario

from sigex_runbook.run.scenarios.features import read_scenarios

ENGLISH = Path(__file__).resolve().parents[1] / "features" / "en"

for one in read_scenarios(ENGLISH):
    if one.is_guide:
        globals()[f"test_section_{one.section}"] = scenario(
            str(ENGLISH / one.place.file), one.name
        )(lambda: None)

"""The guide's scenarios as tests; the runbook collects the same ones."""

from pytest_bdd import scenarios

from sigex_runbook.run.scenarios import project_root

scenarios(*(str(path) for path in sorted((project_root() / "features").glob("*.feature"))))

"""The guide's scenarios as tests; the runbook collects the same ones."""

from pytest_bdd import scenarios

scenarios("../features")

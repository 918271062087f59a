"""Mutants: the emulator misbehaves or looks different; whoever performs the guide must notice.

Two performers are tried: the runbook, one order in one session (`laboratory`), and the spec suite,
each scenario in a world of its own (`suite`). What they say is compared with the truth, which is
read from the catalogue and from the emulator's world.
"""

from .laboratory import try_mutant
from .suite import try_in_suite
from .trials import (
    Finding,
    Kind,
    Mutant,
    Tally,
    Trial,
    all_mutants,
    named_mutants,
    tally_by_place,
    tally_by_section,
)

__all__ = [
    "Finding",
    "Kind",
    "Mutant",
    "Tally",
    "Trial",
    "all_mutants",
    "named_mutants",
    "tally_by_place",
    "tally_by_section",
    "try_in_suite",
    "try_mutant",
]

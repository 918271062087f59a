"""What the catalogue's faults do to calls of the API: each wraps one call and may do it or not.

The modules are places of the catalogue; whatever stands in one is found by its name in `calls`.
"""

from . import loading, no_answers, saving, systems, visits
from .middleware import fault_middleware, page_faults

__all__ = [
    "fault_middleware",
    "loading",
    "no_answers",
    "page_faults",
    "saving",
    "systems",
    "visits",
]

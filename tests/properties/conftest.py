"""Properties: the same examples every time in the suite, others when somebody goes looking.

`SIGEX_RUNBOOK_PROPERTIES=search pytest tests/properties` tries many more, new ones each time.
"""

from __future__ import annotations

import os

from hypothesis import settings

settings.register_profile("steady", derandomize=True, database=None, deadline=None, max_examples=60)
settings.register_profile("search", database=None, deadline=None, max_examples=3000)
settings.load_profile(os.environ.get("SIGEX_RUNBOOK_PROPERTIES", "steady"))

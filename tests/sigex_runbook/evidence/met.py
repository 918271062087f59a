"""The sets of codes that the running test has met; see `conftest`."""

MET: set[frozenset[str]] = set()

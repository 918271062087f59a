"""The leak scan: what must never be in a pack, looked for before it is sealed and after.

A `LeakScanner` is asked about every file by name and bytes. `DecodingScanner` opens whatever the
bytes hold (`opening`), and looks in each layer for what is always a secret (`rules`), for this
run's own secrets (`canaries`), and on request reads pictures (`pictures`).
"""

from .canaries import Canaries
from .scanner import UNTOUCHED, DecodingScanner, Leak, LeakScanner

__all__ = ["UNTOUCHED", "Canaries", "DecodingScanner", "Leak", "LeakScanner"]

"""One bit of a file changed, and put back."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path

SMALL = 4096
"""Up to this size every byte of a file has its turn, beyond it 1,000 seeded places."""


def flips(path: Path, every: bool, sample: int) -> Iterator[bytes]:
    """The file with one bit changed: everywhere, or at seeded places."""
    data = path.read_bytes()
    dice = random.Random(f"{path.name}{len(data)}")  # noqa: S311 - the same places every time
    places = range(len(data))
    if not every or len(data) > SMALL:
        wanted = 1000 if every else sample
        places = sorted(dice.sample(places, min(wanted, len(data))))  # type: ignore[assignment]
    for at in places:
        yield data[:at] + bytes([data[at] ^ 1 << dice.randrange(8)]) + data[at + 1 :]


def flip_all(
    files: list[Path],
    look: Callable[[], None],
    *,
    every: bool,
    sample: int,
    share: tuple[int, int] = (0, 1),
) -> int:
    """Flip and look; of several `share`s (this one, of how many) only one. Gives the count."""
    this, shares = share
    number = count = 0
    for path in files:
        data = path.read_bytes()
        for changed in flips(path, every, sample):
            number += 1
            if number % shares == this:
                path.write_bytes(changed)
                look()
                count += 1
        path.write_bytes(data)
    return count

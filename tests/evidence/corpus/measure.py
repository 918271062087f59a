"""How long 500 packs of a real run's size take to verify. By hand:

python -m tests.evidence.corpus.measure [PACKS]
"""

from __future__ import annotations

import os
import random
import sys
import tempfile
import time
from pathlib import Path

from sigex_runbook.evidence.campaign import verify_campaign
from tests.evidence.authority import TestAuthority
from tests.evidence.sealed import Place, bin_of

_PICTURES, _PICTURE_BYTES = 26, 66_000
_TEXTS, _TEXT_BYTES = 2, 1_300_000


def main(packs: int) -> None:
    dice = random.Random(1)  # noqa: S311
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        authority = TestAuthority.make(folder)
        place = Place(folder / "outputs", authority)
        text = ("data:image/png;base64," + "Qk9EWQ/+" * (_TEXT_BYTES // 8)).encode()
        for number in range(packs):
            files = {
                f"pictures/{n:03d}.png": dice.randbytes(_PICTURE_BYTES) for n in range(_PICTURES)
            }
            files |= {f"report{n}.html": text for n in range(_TEXTS)}
            place.seal(bin_of(number), files=files)
        head = place.close()
        for processes in (1, os.cpu_count() or 1):
            started = time.perf_counter()
            found = verify_campaign(place.campaign, place.question(head=head), processes=processes)
            seconds = time.perf_counter() - started
            size = sum(p.stat().st_size for p in place.campaign.rglob("*") if p.is_file())
            print(  # noqa: T201
                f"{packs} packs, {size / packs / 1e6:.1f} MB each, {processes} processes: "
                f"{seconds:.1f} s, {found.status}"
            )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 500)

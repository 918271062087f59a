"""Every place of a real run's pack, one bit at a time: at each byte of its small files and at
1,000 seeded places of each large one. Takes the better part of an hour of one processor. By hand:

python -m tests.sigex_runbook.evidence.corpus.everywhere PACK TRUST HEAD
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

from sigex_runbook.evidence.attest.ledger import LEDGER
from sigex_runbook.evidence.attest.trust import Trust
from sigex_runbook.evidence.verify.verification import Question, verify_pack

from .flipping import flips

_SHARES = 64


def _files(pack: Path) -> Iterator[Path]:
    """The pack's files and its campaign's ledger, relative to the campaign."""
    campaign = pack.parents[1]
    inside = sorted(path for path in pack.rglob("*") if path.is_file())
    return (path.relative_to(campaign) for path in (*inside, campaign / LEDGER))


def _tried(pack: Path, trust: Path, head: str, share: int) -> Counter[str]:
    """What came of each flip in this share: the codes found, or NOT FOUND."""
    campaign = pack.parents[1]
    tried: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as name:
        copied = Path(name) / campaign.name
        mine = copied / pack.relative_to(campaign)
        shutil.copytree(pack, mine)
        shutil.copy(campaign / LEDGER, copied)
        question = Question(Trust.load(trust), head=head)
        assert verify_pack(mine, question).findings == ()
        number = 0
        for file in map(copied.joinpath, _files(pack)):
            whole = file.read_bytes()
            for changed in flips(file, every=True, sample=0):
                number += 1
                if number % _SHARES != share:
                    continue
                file.write_bytes(changed)
                found = verify_pack(mine, question)
                tried["+".join(sorted({str(f.code) for f in found.findings})) or "NOT FOUND"] += 1
            file.write_bytes(whole)
    return tried


def main(pack: Path, trust: Path, head: str) -> int:
    started = time.monotonic()
    tried: Counter[str] = Counter()
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        shares = pool.map(partial(_tried, pack, trust, head), range(_SHARES))
        for number, share in enumerate(shares, 1):
            tried += share
            print(f"{number} of {_SHARES}: {tried.total()} flips", flush=True)  # noqa: T201
    for what, count in tried.most_common():
        print(f"{count:7} {what}")  # noqa: T201
    minutes = (time.monotonic() - started) / 60
    print(f"{tried.total()} flips in {minutes:.1f} min; not found: {tried['NOT FOUND']}")  # noqa: T201
    return 1 if tried["NOT FOUND"] else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]))

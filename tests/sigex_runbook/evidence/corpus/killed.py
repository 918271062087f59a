"""Seals a run and kills itself with SIGKILL right after a step. Started by a test, as a process:

    python -m tests.sigex_runbook.evidence.corpus.killed FOLDER

For each step a child process seals A's run in FOLDER/<step>/outputs and dies there.
"""

from __future__ import annotations

import os
import signal
import sys
from dataclasses import replace
from pathlib import Path

from sigex_runbook.evidence.sealing.sealer import SealStep
from tests.sigex_runbook.evidence.sealed import SIGNER, Place


def main(folder: Path) -> None:
    (folder / "signer.pem").write_bytes(SIGNER.private_bytes)
    for step in SealStep:
        child = os.fork()
        if child == 0:
            place = Place(folder / step / "outputs")
            place.outputs.mkdir(parents=True)

            def reached(done: SealStep, last: SealStep = step) -> None:
                if done is last:
                    os.kill(os.getpid(), signal.SIGKILL)

            place.seal(sealer=replace(place.sealer, reached=reached), picture=False)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        assert os.WIFSIGNALED(status), step
        assert os.WTERMSIG(status) == signal.SIGKILL, step


if __name__ == "__main__":
    main(Path(sys.argv[1]))

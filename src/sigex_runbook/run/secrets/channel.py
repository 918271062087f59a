"""The secrets that a run meets, told to whoever seals its pack: in memory, never by a file. So is
whether the settings were saved, which must be known even when the disk takes nothing more, and how
far the run has come, for whoever waits.

A run's kernel is another process. It tells them over this machine's own network as it meets them,
so that a kernel that is killed has told all that it knew. A file holds only the way there: a port
and a key, without which nobody is heard, while the run lasts. (A socket with a name in a folder
would not do: its whole path may have no more than some hundred letters.)
"""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Listener

from sigex_runbook.core.verdict import Saved
from sigex_runbook.evidence.privacy.leak import Canaries
from sigex_runbook.run.progress import Phase, Stage, Watch, unwatched

Tell = Callable[[str, str], object]
"""Takes a secret's kind (`cookie`, `nonce`, `query`, `iin` …) and the secret; or `SAVED` and how
the saving stands, or `STAGE` and how far the run has come."""

SAVED, STAGE = "saved", "stage"

_HERE = "127.0.0.1"
_KEY_BYTES = 32
_PARTING_SECONDS = 5.0

_in_this_process: dict[str, Tell] = {}
"""Who listens in this very process, by the keys of their ways: nobody need speak to them by way of
the network."""


class Confidences:
    """What one run's processes and threads have told."""

    def __init__(self, watch: Watch = unwatched) -> None:
        self._watch = watch
        self._lock = threading.Lock()
        self._canaries = Canaries()
        self.saved = Saved.NO

    def tell(self, kind: str, secret: str) -> None:
        """Remember a secret until the run is sealed, or what was said last of the saving; pass on
        how far it has come."""
        if kind == STAGE:
            self._watch(Stage.read(secret))
            return
        if (kind, secret) == (SAVED, Saved.YES):
            self._watch(Stage(Phase.SAVED))
        with self._lock:
            if kind == SAVED:
                self.saved = Saved(secret)
            else:
                self._canaries = self._canaries.plus(kind, [secret])

    @property
    def canaries(self) -> Canaries:
        """All of it, to be looked for."""
        return self._canaries


@contextmanager
def listening(confidences: Confidences) -> Iterator[bytes]:
    """Gather what one other process tells; gives the way to here, for `confide`.

    On leaving, whatever that process told before it ended has arrived.
    """
    key = secrets.token_bytes(_KEY_BYTES)
    arrived, closing = threading.Event(), threading.Event()
    with Listener((_HERE, 0), authkey=key) as listener:
        thread = threading.Thread(
            target=_hear, args=(listener, confidences, arrived, closing), daemon=True
        )
        thread.start()
        _in_this_process[key.hex()] = confidences.tell
        try:
            yield json.dumps({"port": listener.address[1], "key": key.hex()}).encode("utf-8")
        finally:
            del _in_this_process[key.hex()]
            closing.set()
            if not arrived.is_set():
                # Aside: somebody may come at this very moment, and then nobody answers us.
                threading.Thread(
                    target=_come_and_go, args=(listener.address[1], key), daemon=True
                ).start()
            thread.join(_PARTING_SECONDS)


def confide(way: bytes) -> Tell:
    """Open the way to the process that seals; what was said already is not sent again.

    Raises OSError when nobody listens there: what a run meets would not be looked for.
    """
    there = json.loads(way)
    if (near := _in_this_process.get(there["key"])) is not None:
        return near
    speaker = Client((_HERE, there["port"]), authkey=bytes.fromhex(there["key"]))
    lock = threading.Lock()
    told: set[tuple[str, str]] = set()

    def tell(kind: str, secret: str) -> None:
        with lock:
            if kind in (SAVED, STAGE) or (kind, secret) not in told:
                told.add((kind, secret))
                with suppress(OSError):  # with nobody left there, nothing will be sealed
                    speaker.send_bytes(json.dumps([kind, secret]).encode("utf-8"))

    return tell


def _come_and_go(port: int, key: bytes) -> None:
    """End the wait of `_hear` for somebody; when it has ended already, so does this."""
    with suppress(AuthenticationError, OSError, EOFError), Client((_HERE, port), authkey=key):
        pass


def _hear(
    listener: Listener,
    confidences: Confidences,
    arrived: threading.Event,
    closing: threading.Event,
) -> None:
    """The one speaker who knows the key, until it has no more to say or is gone."""
    while not closing.is_set():
        try:
            speaker = listener.accept()
        except (AuthenticationError, EOFError, ConnectionError):
            continue  # somebody else
        except OSError:
            return
        arrived.set()
        with speaker, suppress(EOFError, OSError):
            while True:
                confidences.tell(*json.loads(speaker.recv_bytes()))
        return

"""The secrets that an order leads to: what no pack of its run may hold, whoever wrote it there."""

from __future__ import annotations

import base64
import contextlib
import re

from sigex_runbook.core.errors import RunbookError
from sigex_runbook.core.order import Order, Pkcs12SignIn
from sigex_runbook.evidence.privacy.leak import Canaries
from sigex_runbook.run.options import signer_of

_PIECE = 48
_PEM_BODY = re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----\s+([A-Za-z0-9+/=\s]+)-----END")


def secrets_of(order: Order) -> Canaries:
    """Password, person's number and pieces of the private keys; those that can still be read."""
    canaries = Canaries()
    if isinstance(order.sign_in, Pkcs12SignIn):
        with contextlib.suppress(RunbookError, OSError, ValueError):
            canaries = canaries.plus("password", [order.sign_in.password.read()])
            canaries = canaries.plus("key", [_piece(order.sign_in.key_file.read_bytes())])
            number = (getattr(signer_of(order), "user_id", None) or "").removeprefix("IIN")
            canaries = canaries.plus("iin", [number])
    for system in (order.information_system, order.control_system):
        if system is not None and system.key is not None:
            with contextlib.suppress(OSError, ValueError):
                canaries = canaries.plus("key", _pieces(system.key.read_bytes()))
    return canaries


def _pieces(pem: bytes) -> list[bytes]:
    """A piece of the key as the file writes it, and as its bytes."""
    body = _PEM_BODY.search(pem)
    if body is None:
        return []
    letters = b"".join(body[1].split())
    return [_piece(body[1].split()[0]), _piece(base64.b64decode(letters))]


def _piece(data: bytes) -> bytes:
    middle = max(0, (len(data) - _PIECE) // 2)
    return data[middle : middle + _PIECE]

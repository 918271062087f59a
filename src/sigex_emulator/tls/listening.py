"""Loopback sockets: never reachable from another computer."""

from __future__ import annotations

import contextlib
import socket
import sys

from sigex_emulator.errors import AddressInUse

_BACKLOG = 256
_ATTEMPTS = 20


def listen(port: int) -> list[socket.socket]:
    """Return sockets listening on 127.0.0.1 and, where there is one, ::1, on the same port.

    `localhost` means either of them; a client that tries ::1 first would otherwise wait or, worse,
    meet somebody else's server there. With port 0 a port is looked for that is free on both.
    Raises AddressInUse.
    """
    for _ in range(_ATTEMPTS):
        first = _bind(socket.AF_INET, "127.0.0.1", port)
        if first is None:
            raise AddressInUse(port)
        if not _has_second_loopback():
            return [first]
        second = _bind(socket.AF_INET6, "::1", first.getsockname()[1])
        if second is not None:
            return [first, second]
        first.close()
        if port:
            break
    raise AddressInUse(port)


def is_free(port: int) -> bool:
    """Tell whether one could listen on that port now."""
    try:
        sockets = listen(port)
    except AddressInUse:
        return False
    for one in sockets:
        one.close()
    return True


def _bind(family: socket.AddressFamily, host: str, port: int) -> socket.socket | None:
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        if sys.platform != "win32":  # on Windows this would let two servers share a port
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        bound.bind((host, port))
        bound.listen(_BACKLOG)
        bound.setblocking(False)
    except (OSError, OverflowError):
        bound.close()
        return None
    return bound


def _has_second_loopback() -> bool:
    if not socket.has_ipv6:
        return False
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as one:
        one.bind(("::1", 0))
        return True
    return False

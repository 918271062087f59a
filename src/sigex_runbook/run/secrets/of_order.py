"""The secrets that an order leads to: what no pack of its run may hold, whoever wrote it there."""

from __future__ import annotations

import base64
import contextlib

from sigex_runbook.core.errors import UsageError
from sigex_runbook.core.given.private_keys import der_of
from sigex_runbook.core.network.proxies import proxy_password
from sigex_runbook.core.order import Order
from sigex_runbook.evidence.pack.layout import LOCATORS
from sigex_runbook.evidence.privacy.leak import Canaries, DecodingScanner

_PIECE = 48
_LINE = 64


def secrets_of(order: Order) -> Canaries:
    """Pieces of the information systems' private keys, those that can still be read; the password
    for a proxy."""
    canaries = Canaries().plus("password", filter(None, [proxy_password()]))
    for system in (order.information_system, order.control_system):
        if system is not None and system.key is not None:
            with contextlib.suppress(OSError, ValueError):
                canaries = canaries.plus("key", _pieces(system.key.read_bytes()))
    return canaries


def refuse_secrets_in(locators: bytes, order: Order, known: Canaries) -> None:
    """Refuse a file of locators that no pack may hold: it goes in as it is, and what is found when
    the pack is sealed is found too late. Raises UsageError."""
    scanner = DecodingScanner(secrets_of(order).and_those_of(known))
    for leak in scanner.scan(LOCATORS, locators, order.organisation.bin.text):
        raise UsageError(
            f"В файле указаний (--locators или locators в заказе) есть то, чего в пакете быть не "
            f"должно ({leak.rule}, {leak.where}), а он кладётся в пакет целиком. Уберите это."
        )


def piece(data: bytes) -> bytes:
    """The middle of a key's bytes: long enough to be met nowhere else."""
    middle = max(0, (len(data) - _PIECE) // 2)
    return data[middle : middle + _PIECE]


def _pieces(pem: bytes) -> list[bytes]:
    """A piece of the key as a file writes it, and as its bytes."""
    der = der_of(pem)
    return [piece(base64.b64encode(der)[:_LINE]), piece(der)]

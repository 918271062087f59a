"""How the employee of an order signs in. Made once a run: a key file is opened here alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from sigex_runbook.core.order import Order, Pkcs12SignIn
from sigex_runbook.evidence.privacy.leak import Canaries
from sigex_runbook.signing import Pkcs12Signer, Signer

from .secrets.of_order import piece

if TYPE_CHECKING:  # a run's parent has no page, and its library is heavy
    from sigex_runbook.site.site import Site

_NONE = Canaries()


class SignIn(Protocol):
    """One way of signing in."""

    @property
    def signer(self) -> Signer | None:
        """What signs in NCALayer's place; None when the person's own NCALayer does."""

    @property
    def person(self) -> str | None:
        """The service's name of whom the key belongs to, where that is known beforehand."""

    @property
    def secrets(self) -> Canaries:
        """What no pack of this run may hold."""

    @property
    def waits(self) -> str | None:
        """What it waits for, where that is a person."""

    def sign(self, site: Site) -> None:
        """Sign in on the sign-in page that is open."""


@dataclass(frozen=True, slots=True)
class ByKey:
    """The runbook stands in for NCALayer and signs with the employee's key."""

    signer: Signer
    person: str | None = None
    secrets: Canaries = _NONE
    waits: None = None

    def sign(self, site: Site) -> None:
        """At once: nobody is asked."""
        site.sign()


@dataclass(frozen=True, slots=True)
class ByHand:
    """A person signs: in the window that is shown (`visible`), or in NCALayer's own."""

    visible: bool = False
    signer: None = None
    person: None = None
    secrets: Canaries = _NONE

    @property
    def waits(self) -> str:
        """Where the person is asked."""
        return "ждёт, пока вы " + (
            "войдёте в окне браузера" if self.visible else "подпишете вход в окне NCALayer"
        )

    def sign(self, site: Site) -> None:
        """A person may take as long as the run may last."""
        if self.visible:
            site.await_person()
        else:
            site.sign(as_long_as_the_run=True)


_lent: list[tuple[Pkcs12SignIn, ByKey]] = []
"""Of the run that goes on in this process."""


@contextmanager
def lent(order: Order, sign_in: SignIn) -> Iterator[None]:
    """While a notebook is executed in this process, the key that was opened for it is not opened
    again: that takes a twentieth of a second."""
    if not (isinstance(order.sign_in, Pkcs12SignIn) and isinstance(sign_in, ByKey)):
        yield
        return
    _lent.append((order.sign_in, sign_in))
    try:
        yield
    finally:
        _lent.pop()


def sign_in_of(order: Order, *, visible: bool = False) -> SignIn:
    """The order's way of signing in. Raises UsageError for a bad key or password."""
    if not isinstance(order.sign_in, Pkcs12SignIn):
        return ByHand(visible)
    for known, sign_in in _lent:
        if known == order.sign_in:
            return sign_in
    key_file, password = order.sign_in.key_file, order.sign_in.password.read()
    signer = Pkcs12Signer.load(key_file, password)
    secrets = Canaries().plus("password", [password]).plus("key", [piece(key_file.read_bytes())])
    number = (signer.user_id or "").removeprefix("IIN")
    return ByKey(signer, signer.user_id, secrets.plus("iin", [number]))

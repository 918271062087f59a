"""Signing in: the employee's key, and the stand-in for NCALayer inside the browser context."""

from .bridge import attach
from .ncalayer import NCALayer
from .signer import Pkcs12Signer, Signer, SigningCancelled

__all__ = ["NCALayer", "Pkcs12Signer", "Signer", "SigningCancelled", "attach"]

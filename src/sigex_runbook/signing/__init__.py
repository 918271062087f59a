"""Signing in: the employee's key, and a stand-in for NCALayer; `bridge` puts it into a browser."""

from .ncalayer import NCALayer
from .signer import Pkcs12Signer, Signer, SigningCancelled

__all__ = ["NCALayer", "Pkcs12Signer", "Signer", "SigningCancelled"]

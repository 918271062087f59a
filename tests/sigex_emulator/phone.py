"""A stand-in for a phone with eGov mobile: it looks at pictures, follows links, signs.

It knows of the emulator what a phone would: what it sees, and what is answered to it.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import zxingcpp
from PIL import Image

from .drivers import Signer, answer, message


def read_code(picture: bytes) -> str:
    """Return what the only QR code in a picture says."""
    with Image.open(io.BytesIO(picture)) as image:
        [found] = zxingcpp.read_barcodes(image.convert("L"))
    assert found.format == zxingcpp.BarcodeFormat.QRCode
    return str(found.text)


@dataclass
class Phone:
    """Signs with its owner's key what a code asks for, or what it makes `instead` of that."""

    client: httpx.Client
    signer: Signer
    instead: Callable[[bytes], bytes] = bytes

    def scan(self, picture: bytes) -> dict[str, Any]:
        """Look at a picture, follow its code and fetch what shall be signed."""
        scheme, _, address = read_code(picture).partition(":")
        assert scheme == "mobileSign"
        return self.follow(address)

    def open(self, link: str) -> dict[str, Any]:
        """Follow a launch link and fetch what shall be signed."""
        [address] = parse_qs(urlsplit(link).query)["link"]
        return self.follow(address)

    def follow(self, address: str) -> dict[str, Any]:
        """Ask what is wanted, then fetch it; a message in place of either is returned."""
        told = answer(self.client.get(address))
        if message(told):
            return told
        self.told, self.address = told, told["document"]["uri"]
        return answer(self.client.get(self.address))

    def sign(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Sign what was asked and send it back."""
        assert asked["signMethod"] == "CMS_SIGN_ONLY"
        signed = [self._signed(one) for one in asked["documentsToSign"]]
        return self.send({**asked, "documentsToSign": signed})

    def send(self, signed: Any) -> dict[str, Any]:
        """Send back what was asked with signatures in place of the data."""
        return answer(self.client.put(self.address, json=signed))

    def _signed(self, document: dict[str, Any]) -> dict[str, Any]:
        file = document["document"]["file"]
        content = self.instead(base64.b64decode(file["data"]))
        cms = "".join(self.signer.cms(content).splitlines()[1:-1])
        return {**document, "document": {"file": {**file, "data": cms}}}

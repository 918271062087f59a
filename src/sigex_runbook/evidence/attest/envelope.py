"""The DSSE envelope: one signature over one payload, and exactly one way to write both.

securesystemslib makes and checks the signature. Alone it accepts unknown fields and other base64
padding, so an envelope is read only when encoding it again gives the same bytes.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

from securesystemslib.dsse import Envelope as Dsse
from securesystemslib.exceptions import UnverifiedSignatureError, VerificationError
from securesystemslib.signer import Key, Signature, Signer

from sigex_runbook.core.errors import RunFailed
from sigex_runbook.evidence.pack.canonical import (
    DuplicateKey,
    NotCanonical,
    NotJson,
    canonical_json,
    read_canonical,
)
from sigex_runbook.evidence.privacy.leak import Canaries, DecodingScanner

from .findings import Code, Fault

PAYLOAD_TYPE = "application/vnd.in-toto+json"
_FIELDS = {"payload", "payloadType", "signatures"}
_NONE = Canaries()


@dataclass(frozen=True, slots=True)
class Envelope:
    """An envelope as it was read: nothing in it is believed yet."""

    payload: bytes
    keyid: str
    signature: bytes

    def signed_by(self, key: Key) -> bool:
        """Whether that key made the signature."""
        signature = Signature(self.keyid, self.signature.hex())
        try:
            Dsse(self.payload, PAYLOAD_TYPE, {self.keyid: signature}).verify([key], 1)
        except (VerificationError, UnverifiedSignatureError):
            return False
        return True


def enclose(payload: bytes, signer: Signer) -> bytes:
    """Sign a payload and give the envelope's bytes."""
    envelope = Dsse(payload, PAYLOAD_TYPE, {})
    envelope.sign(signer)
    return canonical_json(envelope.to_dict())


def enclose_alone(
    payload: bytes, signer: Signer, *, organisation_bin: str, known: Canaries = _NONE
) -> bytes:
    """The same for a statement that lies beside packs, in none of them. Raises RunFailed when
    something private would get out, `known` secrets among it."""
    for leak in DecodingScanner(known).scan("statement.json", payload, organisation_bin):
        raise RunFailed(
            f"В прочитанном осталось то, чего в заявлении быть не должно ({leak.rule}). Заявление "
            "не составлено; сообщите разработчикам."
        )
    return enclose(payload, signer)


def read_envelope(data: bytes) -> Envelope:
    """Read an envelope that has exactly our fields and exactly our bytes. Raises Fault."""
    raw = read_strictly(data)
    if not isinstance(raw, dict) or raw.keys() != _FIELDS:
        raise Fault(Code.ENVELOPE, "у конверта DSSE не те поля")
    signatures = raw["signatures"]
    if (
        not isinstance(signatures, list)
        or len(signatures) != 1
        or not isinstance(signatures[0], dict)
        or signatures[0].keys() != {"keyid", "sig"}
        or not isinstance(signatures[0]["keyid"], str)
    ):
        raise Fault(Code.ENVELOPE, "в конверте DSSE не ровно одна подпись")
    if raw["payloadType"] != PAYLOAD_TYPE:
        raise Fault(Code.TYPE, f"в конверте не {PAYLOAD_TYPE}")
    return Envelope(_bytes(raw["payload"]), signatures[0]["keyid"], _bytes(signatures[0]["sig"]))


def read_strictly(data: bytes) -> object:
    """The canonical JSON value of sealed bytes. Raises Fault with the fitting code."""
    try:
        return read_canonical(data)
    except NotJson as error:
        raise Fault(Code.ENVELOPE, str(error)) from error
    except DuplicateKey as error:
        raise Fault(Code.JSON_DUP, str(error)) from error
    except NotCanonical as error:
        raise Fault(Code.NONCANONICAL, str(error)) from error


def _bytes(text: object) -> bytes:
    if not isinstance(text, str):
        raise Fault(Code.ENVELOPE, "вместо base64 стоит другое")
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise Fault(Code.ENVELOPE, "base64 не читается") from error
    if base64.b64encode(data).decode("ascii") != text:
        raise Fault(Code.NONCANONICAL, "base64 записан иначе, чем пишется один раз")
    return data

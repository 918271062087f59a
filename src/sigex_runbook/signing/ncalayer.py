"""NCALayer's local protocol, answered by a signer. Pure: text frame in, text frame out.

Source: sigex-facts 4.2 (known). Only what a web page needs to sign in is answered; any other call
gets NCALayer's failure object.
"""

from __future__ import annotations

import base64
import binascii
import json
import textwrap
from typing import Any

from .signer import Signer, SigningCancelled

ADDRESS = "wss://127.0.0.1:13579"
"""Where a page looks for NCALayer."""

KAZTOKEN_ADDRESS = "https://127.0.0.1:24680/"
"""Where the vendor's client looks for KAZTOKEN first, waiting a second for an answer."""

GREETING = json.dumps({"result": {"version": "1.2"}})
"""NCALayer speaks first, on connection."""

_BASICS = "kz.gov.pki.knca.basics"
_COMMON = "kz.gov.pki.knca.commonUtils"


class NCALayer:
    """One NCALayer with one signer behind it."""

    def __init__(self, signer: Signer) -> None:
        self._signer = signer

    def answer(self, frame: str | bytes) -> str:
        """The answer to one text frame; never raises for what a page may send."""
        try:
            request = json.loads(frame)
        except (ValueError, RecursionError):
            return _failure("Некорректный JSON")
        if not isinstance(request, dict):
            return _failure("Некорректный запрос")
        match request.get("module"), request.get("method"):
            case ("kz.digiflow.mobile.extensions", "getVersion"):
                return json.dumps({})  # plain NCALayer: any answer that is not a success
            case (module, "sign") if module == _BASICS:
                return self._basics_sign(request.get("args"))
            case (module, "createCAdESFromBase64") if module == _COMMON:
                return self._common_sign(request.get("args"))
            case (module, "getActiveTokens") if module == _COMMON:
                return json.dumps({"code": "200", "responseObject": ["PKCS12"]})
            case (module, method):
                return _failure(f"Метод {module}.{method} не поддерживается")

    def _basics_sign(self, args: Any) -> str:
        if not isinstance(args, dict) or args.get("format") != "cms":
            return _failure("Поддерживается только format=cms")
        parameters = args.get("signingParams") or {}
        if not isinstance(parameters, dict):
            return _failure("signingParams должен быть объектом")
        if parameters.get("digested"):
            return _failure("Подпись готового хеша не поддерживается")
        data = args.get("data")
        many = isinstance(data, list)
        try:
            signed = [
                _armour(
                    self._signer.sign(
                        _payload(item, decode=bool(parameters.get("decode"))),
                        attach=bool(parameters.get("encapsulate")),
                    )
                )
                for item in (data if isinstance(data, list) else [data])
            ]
        except SigningCancelled:
            return json.dumps({"status": True, "body": {}})
        except ValueError as error:
            return _failure(str(error))
        return json.dumps({"status": True, "body": {"result": signed if many else signed[0]}})

    def _common_sign(self, args: Any) -> str:
        """The old module: (storage, key type, base64 data, attach)."""
        match args:
            case [str(), str(), str(data), bool(attach)]:
                pass
            case _:
                return json.dumps({"code": "500", "message": "action.canceled"})
        try:
            signed = self._signer.sign(_payload(data, decode=True), attach=attach)
        except (SigningCancelled, ValueError):
            return json.dumps({"code": "500", "message": "action.canceled"})
        return json.dumps({"code": "200", "responseObject": _armour(signed)})


def _payload(data: Any, *, decode: bool) -> bytes:
    if not isinstance(data, str):
        raise ValueError("Данные для подписи должны быть строкой")
    if not decode:
        return data.encode("utf-8")
    try:
        return base64.b64decode(data, validate=True)
    except binascii.Error as error:
        raise ValueError("Данные для подписи не base64") from error


def _armour(der: bytes) -> str:
    body = "\n".join(textwrap.wrap(base64.b64encode(der).decode("ascii"), 64))
    return f"-----BEGIN CMS-----\n{body}\n-----END CMS-----\n"


def _failure(details: str) -> str:
    return json.dumps(
        {"status": False, "code": "INVOCATION_ERROR", "message": "sign", "details": details}
    )

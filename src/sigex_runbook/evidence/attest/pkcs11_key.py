"""A signing key on a PKCS#11 token: securesystemslib signs, here is said what is in the way.

Every signature opens a session of its own, logs in and closes it again: nothing is held open while
a run lasts. The PIN is named by `env:` or `file:` and stays in memory.
"""

from __future__ import annotations

import os
import re
import sys
import traceback
from collections.abc import Iterator
from contextlib import suppress
from typing import NoReturn
from urllib.parse import unquote_plus

from securesystemslib.exceptions import UnverifiedSignatureError
from securesystemslib.signer import HSMSigner, Key, SecretsHandler, Signature, Signer, SSlibKey

from sigex_runbook.core.error_causes import why
from sigex_runbook.core.errors import RunFailed, UsageError
from sigex_runbook.core.secret_ref import SecretRef

LIBRARY_VARIABLE = "PYKCS11LIB"
"""securesystemslib's own name for the variable that holds the path of the token's library."""

_FORM = re.compile(r"hsm:(\d*)(?:\?label=([^&?]+))?")
_KINDS = ("ecdsa-sha2-nistp256",)
_TRIAL = b"sigex-runbook: a trial of the signing key"

_PIN = (
    "ПИН-код токена не подошёл. Исправьте его там, где он записан, и повторите: после нескольких "
    "неверных попыток токен заблокируется."
)
_LOCKED = (
    "ПИН-код токена заблокирован. Разблокируйте его средствами производителя токена и повторите."
)
_AWAY = "Токен не отвечает: его вынули или отключили. Вставьте его и повторите."
_UNABLE = "Токен не подписывает по ECDSA P-256. Возьмите другой токен или ключ в файле."
_ABSENT = (
    "Токена, названного в ключе подписи, нет{found}. Вставьте его или исправьте метку после label=."
)
_SEVERAL = "Токенов несколько{found}. Назовите один: hsm:НОМЕР?label=МЕТКА."
_NO_KEY = (
    "На токене нет ключа ECDSA с номером {number}. Проверьте номер (CKA_ID) в ключе подписи; нужны "
    "обе половины ключа, закрытая и открытая."
)
_TWO_KEYS = "На токене несколько ключей ECDSA с номером {number}. Дайте им разные номера (CKA_ID)."
_OTHER_KEY = (
    "На токене не тот ключ, который назван в trust.json. Вставьте прежний токен или назовите новый "
    "ключ: «sigex-runbook key token»."
)
_NO_PACKAGE = (
    "Для ключа на токене нужна библиотека. Выполните: "
    f"{sys.executable} -m pip install python-pkcs11"
)

_BY_ERROR = {
    **dict.fromkeys(("PinIncorrect", "PinInvalid", "PinLenRange"), _PIN),
    **dict.fromkeys(("PinLocked", "PinExpired", "UserPinNotInitialized"), _LOCKED),
    **dict.fromkeys(
        (
            *("TokenNotPresent", "TokenNotRecognised", "DeviceRemoved", "DeviceError"),
            *("GeneralError", "FunctionFailed", "SessionHandleInvalid", "SessionClosed"),
            "SlotIDInvalid",
        ),
        _AWAY,
    ),
    **dict.fromkeys(("MechanismInvalid", "KeyTypeInconsistent", "FunctionNotSupported"), _UNABLE),
    "NoSuchToken": _ABSENT,
    "MultipleTokensReturned": _SEVERAL,
    "NoSuchKey": _NO_KEY,
    "MultipleObjectsReturned": _TWO_KEYS,
    "UnsupportedLibraryError": _NO_PACKAGE,
}
"""What python-pkcs11's errors mean to an operator, by the name of their class."""


class Pkcs11Signer(Signer):
    """Signs with a token's ECDSA P-256 key, `hsm:[NUMBER][?label=TOKEN]` as securesystemslib writes
    it (NUMBER: the key's CKA_ID, 2 when left out)."""

    def __init__(self, inner: HSMSigner, reference: str, pin: str) -> None:
        self._inner = inner
        self.reference = reference
        self.pin = pin
        self._spoilt: str | None = None

    @classmethod
    def open(
        cls, reference: str, pin_reference: str | None, known: SSlibKey | None = None
    ) -> Pkcs11Signer:
        """The signer, after a trial; `known` is the public key where it was named before.

        Raises UsageError with what was found and what to do.
        """
        number, label = _parts(reference)
        pin = _pin(pin_reference)
        _insist_library()

        def ask(_: str) -> str:
            return pin

        try:
            if known is None:
                reference, known = HSMSigner.import_(number, label, ask)
            if known.scheme not in _KINDS:
                raise UsageError(
                    f"Ключ на токене другого вида ({known.scheme}): нужен ECDSA P-256. Сделайте на "
                    "токене такой ключ и назовите его номер."
                )
            signer = cls(HSMSigner.from_priv_key_uri(reference, known, ask), reference, pin)
        except UsageError:
            raise
        except Exception as error:
            raise UsageError(_told(error, number)) from error
        signer.try_out()
        return signer

    @property
    def public_key(self) -> SSlibKey:
        """The public half, as it was read from the token or named in trust.json."""
        return self._inner.public_key

    @classmethod
    def from_priv_key_uri(
        cls,
        priv_key_uri: str,
        public_key: Key,
        secrets_handler: SecretsHandler | None = None,
    ) -> NoReturn:
        """Not the door: `open` is."""
        raise NotImplementedError

    def try_out(self) -> None:
        """Sign something and check it. Raises UsageError."""
        try:
            self.public_key.verify_signature(self.sign(_TRIAL), _TRIAL)
        except RunFailed as error:
            raise UsageError(str(error)) from error
        except UnverifiedSignatureError:
            raise UsageError(_OTHER_KEY) from None

    def sign(self, payload: bytes) -> Signature:
        """The signature. Raises RunFailed; a PIN that was refused is not tried again."""
        if self._spoilt is not None:
            raise RunFailed(self._spoilt)
        try:
            return self._inner.sign(payload)
        except Exception as error:
            told = _told(error, self._inner.hsm_keyid)
            if told in (_PIN, _LOCKED):
                self._spoilt = told
            raise RunFailed(told) from error


def _parts(reference: str) -> tuple[int | None, str | None]:
    """The key's number and the token's label. Raises UsageError."""
    form = _FORM.fullmatch(reference)
    if form is None:
        raise UsageError(
            "Ключ на токене назван не так. Пишите hsm:НОМЕР?label=МЕТКА: десятичный номер ключа "
            "(CKA_ID) и метка токена, пробел в ней как «+»."
        )
    return (int(form[1]) if form[1] else None), (unquote_plus(form[2]) if form[2] else None)


def _pin(reference: str | None) -> str:
    """The PIN by reference; the text itself is never taken, nor quoted. Raises UsageError."""
    named = SecretRef.from_text(reference)
    with suppress(UsageError):
        if named is not None and (pin := named.read()):
            return pin
    raise UsageError(
        "ПИН-код токена не найден. Укажите, где его взять: env:ИМЯ (переменная должна быть задана) "
        "или file:ПУТЬ (файл в UTF-8), а не сам ПИН-код."
    )


def _insist_library() -> None:
    """securesystemslib would say it too, in English and later."""
    named = os.environ.get(LIBRARY_VARIABLE)
    if not named:
        raise UsageError(
            f"Не сказано, где библиотека токена. Задайте переменную {LIBRARY_VARIABLE}: путь к "
            "библиотеке PKCS#11 от производителя токена (.so, .dll, .dylib)."
        )
    try:
        import pkcs11
    except ImportError:
        raise UsageError(_NO_PACKAGE) from None
    try:
        pkcs11.lib(named)
    except Exception as error:
        raise UsageError(
            f"Файл, указанный в {LIBRARY_VARIABLE}, не загружается как библиотека PKCS#11. Укажите "
            "путь к библиотеке от производителя токена той же разрядности, что и Python."
        ) from error


def _told(error: Exception, number: int | None) -> str:
    """The sentence for an error of the token, by the nearest cause that is known."""
    _let_go(error)
    for cause in _causes(error):
        sentence = _BY_ERROR.get(type(cause).__name__)
        if sentence is not None:
            shown = HSMSigner.SCHEME_KEYID if number is None else number
            found = _tokens() if "{found}" in sentence else ""
            return sentence.format(number=shown, found=found)
    if "not a supported EC curve" in str(error):
        return _UNABLE
    return f"Токен не подписал ({why(error)}). Проверьте его и повторите."


def _let_go(error: Exception) -> None:
    """Free what the frames of an error hold, in silence.

    python-pkcs11 leaves a search there when it finds two keys. It would be ended later, after its
    session, and complain on the operator's screen.
    """
    told = sys.unraisablehook
    sys.unraisablehook = lambda _: None
    try:
        for cause in _causes(error):
            traceback.clear_frames(cause.__traceback__)
    finally:
        sys.unraisablehook = told


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__


def _tokens() -> str:
    """The labels of the tokens that are there."""
    import pkcs11

    labels: list[str] = []
    with suppress(Exception):
        tokens = pkcs11.lib(os.environ[LIBRARY_VARIABLE]).get_tokens(
            token_flags=pkcs11.TokenFlag.TOKEN_INITIALIZED
        )
        labels = sorted(f"«{token.label}»" for token in tokens)
    return f" (видны: {', '.join(labels)})" if labels else " (не видно ни одного)"

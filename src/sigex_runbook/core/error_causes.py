"""Why something of the machine, the network or the browser failed, in an operator's words.

The libraries' own texts are English, and some quote what must not be shown.
"""

from __future__ import annotations

import errno
import re
import socket
import ssl
from collections.abc import Iterator
from http import HTTPStatus

_NOBODY = "по этому адресу никто не отвечает"
_NO_NAME = "узел с таким именем не найден"
_NO_NETWORK = "сеть недоступна"
_NO_NODE = "узел недоступен"
_BROKEN = "соединение оборвано"
_SILENT = "ответа не дождались"
_NOT_ITSELF = "Сервис недоступен или адрес не тот"
_AWAY = (_NOBODY, _NO_NAME, _NO_NETWORK, _NO_NODE)
_PERHAPS_AWAY = (_BROKEN, _SILENT, _NOT_ITSELF)

_BY_TYPE: tuple[tuple[type[BaseException], str], ...] = (
    (ssl.SSLCertVerificationError, "сертификат узла не подтверждён"),
    (ssl.SSLError, "защищённое соединение (TLS) не установлено"),
    (socket.gaierror, _NO_NAME),
    (FileNotFoundError, "такого файла нет"),
    (FileExistsError, "файл с таким именем уже есть"),
    (PermissionError, "нет прав"),
    (IsADirectoryError, "это папка"),
    (NotADirectoryError, "часть пути — не папка"),
    (ConnectionRefusedError, _NOBODY),
    (ConnectionError, _BROKEN),
    (TimeoutError, _SILENT),
    (UnicodeError, "текст не в UTF-8"),
)

_BY_NUMBER = {
    errno.ENOSPC: "на диске нет места",
    errno.EDQUOT: "исчерпана квота на диске",
    errno.EFBIG: "файл больше, чем разрешено",
    errno.EIO: "диск не отвечает",
    errno.ELOOP: "ссылка ведёт сама на себя",
    errno.EMFILE: "открыто слишком много файлов",
    errno.EROFS: "сюда нельзя писать",
    errno.ENAMETOOLONG: "имя слишком длинное",
    errno.ENETUNREACH: _NO_NETWORK,
    errno.EHOSTUNREACH: _NO_NODE,
    errno.EADDRINUSE: "порт уже занят",
}

_BY_WORDS: tuple[tuple[str, str], ...] = (
    (r"Timeout(Exception)?$|ERR_(CONNECTION_)?TIMED_OUT", _SILENT),
    (r"RemoteProtocolError$|ReadError$|WriteError$", _BROKEN),
    (r"ERR_NAME_NOT_RESOLVED|ERR_NAME_RESOLUTION", _NO_NAME),
    (r"ERR_CONNECTION_REFUSED", _NOBODY),
    (r"ERR_(CONNECTION_|EMPTY_RESPONSE|SOCKET_|HTTP2_)", _BROKEN),
    (r"ERR_CERT_DATE_INVALID", "сертификат узла не действует по часам этой машины"),
    (r"ERR_(CERT_|SSL_)", "сертификат узла не подтверждён"),
    (r"ERR_(ADDRESS_|INTERNET_|NETWORK_)", _NO_NETWORK),
    (r"ERR_UNSAFE_PORT", "этот порт браузер не открывает"),
    (r"^ProxyError\n407|ERR_(INVALID|PROXY)_AUTH", "прокси не принял имени и пароля"),
    (r"ERR_PROXY", "прокси не отвечает"),
    (r"^ProxyError\n|ERR_TUNNEL", "прокси не пропускает"),
    (r"Kernel died", "он сразу завершился"),
    (r"Kernel didn't respond", "он не ответил вовремя"),
    (r"has been closed|has crashed|Connection closed|^TargetClosedError", "браузер закрылся"),
    (r"intercepts pointer events", "его закрывает другой элемент"),
    (r"is not enabled", "он неактивен"),
    (r"is not visible|outside of the viewport", "он не виден"),
    (r"Timeout [0-9.]+ms exceeded", "страница не ответила вовремя"),
)


def why(error: BaseException) -> str:
    """The reason in a few Russian words, without a full stop; at worst the error's kind."""
    for cause in _causes(error):
        for kind, words in _BY_TYPE:
            if isinstance(cause, kind):
                return words
        if isinstance(cause, OSError) and cause.errno in _BY_NUMBER:
            return _BY_NUMBER[cause.errno]
    told = [f"{type(cause).__name__}\n{cause}" for cause in _causes(error)]
    for pattern, words in _BY_WORDS:
        if any(re.search(pattern, text, re.MULTILINE) for text in told):
            return words
    return f"ошибка {type(error).__name__}"


def speaks_of_absence(reason: str) -> bool:
    """Whether something failed because nobody was there: by the words in which `why` says so."""
    return any(words in reason for words in _AWAY)


def may_speak_of_absence(reason: str) -> bool:
    """Whether something failed as it does where nobody is there, or for a reason of its own."""
    return any(words in reason for words in _PERHAPS_AWAY)


def wrong_address(status: int) -> str:
    """The next action after an answer that is not the service's own, by its HTTP code."""
    if status == HTTPStatus.NOT_FOUND:
        return (
            "Видимо, это адрес другого сервиса или перепутаны адреса: проверьте --target и "
            "--mtls-target и повторите."
        )
    return f"{_NOT_ITSELF}: проверьте адрес и повторите позже."


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what caused it, the last cause first: it is the nearest to the machine."""
    chain = [error]
    while (cause := chain[-1].__cause__ or chain[-1].__context__) and cause not in chain:
        chain.append(cause)
    yield from reversed(chain)

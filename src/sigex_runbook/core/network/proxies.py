"""Which proxy a call goes through: one answer for the browser, the API, mTLS and time authorities.

It comes from HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY in either case of letters, or from the
system's own settings where none of these is set. Loopback never goes through one.
"""

from __future__ import annotations

import ipaddress
import re
import urllib.request
from typing import TypedDict
from urllib.parse import unquote, urlsplit

from sigex_runbook.core.errors import UsageError

_PORTS = {"http": 80, "https": 443}
_BY_ITSELF = ("127.0.0.0/8", "[::1]", "localhost", "*.localhost")
_HOST = re.compile(r"(?a:[\w.:%-]+)|[^\W_](?:[^\W_]|[.-])*")
_LOOPBACK_TOO = "<-loopback>"
"""Chromium's word for its own rule being off: Playwright adds it last, unless it is there, and then
it would win over the rules before it."""


class BrowserProxy(TypedDict, total=False):
    """Playwright's `proxy`."""

    server: str
    bypass: str
    username: str
    password: str


def proxy_for(address: str) -> str | None:
    """The proxy's address for a call to this one, with what signs in to it; None for a direct call.

    Raises UsageError for a proxy that cannot be used.
    """
    parts = urlsplit(address)
    host, port = parts.hostname or "", parts.port or _PORTS.get(parts.scheme)
    if not host or _loopback(host) or _excepted(host, port):
        return None
    found = urllib.request.getproxies()
    named = found.get(parts.scheme) or found.get("all")
    return _checked(named) if named else None


def browser_proxy(address: str) -> BrowserProxy | None:
    """The same for a browser that opens this address; what else its pages ask for obeys the
    exceptions too. Raises UsageError."""
    proxy = proxy_for(address)
    if proxy is None:
        return None
    parts = urlsplit(proxy)
    settings = BrowserProxy(
        server=without_password(proxy, user=False),
        bypass=",".join((_LOOPBACK_TOO, *_BY_ITSELF, *_browser_rules())),
    )
    if parts.username:
        settings["username"] = unquote(parts.username)
        settings["password"] = unquote(parts.password or "")
    return settings


def proxy_password() -> str | None:
    """The password for the proxy of https addresses, which may stand nowhere; None without one."""
    found = urllib.request.getproxies()
    named = found.get("https") or found.get("all")
    try:
        password = urlsplit(named if "://" in named else f"//{named}").password if named else None
    except ValueError:
        return None
    return unquote(password) if password else None


def without_password(proxy: str, *, user: bool = True) -> str:
    """A proxy's address as it may be shown."""
    parts = urlsplit(proxy)
    place = parts.netloc.rpartition("@")[2]
    name = f"{parts.username}:***@" if user and parts.username else ""
    return f"{parts.scheme}://{name}{place}"


def exceptions() -> tuple[str, ...]:
    """What NO_PROXY lists."""
    listed = re.split(r"[,;\s]+", urllib.request.getproxies().get("no", ""))
    return tuple(one for one in listed if one)


def through(proxy: str | None) -> str:
    """What to add to the reason of a call that failed."""
    return f", через прокси {without_password(proxy, user=False)}" if proxy else ""


def _checked(named: str) -> str:
    proxy = named if "://" in named else f"http://{named}"
    try:
        parts = urlsplit(proxy)
        told = _HOST.fullmatch(parts.hostname or "") and (parts.port or 1) > 0
        if parts.path.strip("/") or parts.query or parts.fragment:  # what follows is a password's
            told = False
    except ValueError:
        told, parts = False, urlsplit("")
    if not told or parts.scheme not in _PORTS:
        shown = without_password(proxy) if told else "(адрес не разобрать)"
        raise UsageError(
            f"Прокси {shown} из HTTPS_PROXY, HTTP_PROXY, ALL_PROXY или настроек системы не "
            "подходит: нужен вид http://имя:порт (SOCKS программа не умеет; знаки / ? # в пароле "
            "пишут как %2F %3F %23). Исправьте переменную или уберите её, а узлы без прокси "
            "перечислите в NO_PROXY."
        )
    return f"{parts.scheme}://{parts.netloc}"


def _loopback(host: str) -> bool:
    name = host.rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    address = _ip(name)
    mapped = getattr(address, "ipv4_mapped", None)
    return address is not None and (mapped or address).is_loopback


def _excepted(host: str, port: int | None) -> bool:
    """Whether NO_PROXY, or the system's own list, has the host."""
    listed = exceptions()
    if listed:
        return any(_names(one, host.rstrip(".").lower(), port) for one in listed)
    return bool(urllib.request.proxy_bypass(host))


def _names(entry: str, host: str, port: int | None) -> bool:
    """Whether one entry of NO_PROXY means the host: `*`, a name and all under it (also written with
    a dot or `*.` before it), an address or a network, each with a port or without."""
    if entry == "*":
        return True
    address = _ip(host)
    if address is not None and "/" in entry:
        try:
            return address in ipaddress.ip_network(entry, strict=False)
        except ValueError:
            return False
    name, wanted = _parted(entry)
    if wanted is not None and wanted != port:
        return False
    if address is not None:
        return _ip(name) == address
    return bool(name) and (host == name or host.endswith(f".{name}"))


def _parted(entry: str) -> tuple[str, int | None]:
    """An entry's name and its port."""
    found = re.fullmatch(r"\[([^\]]+)\](?::([0-9]+))?|([^:]+):([0-9]+)", entry)
    name, port = (found[1] or found[3], found[2] or found[4]) if found else (entry, None)
    return name.lower().removeprefix("*").strip("."), int(port) if port else None


def _browser_rules() -> tuple[str, ...]:
    """The exceptions in Chromium's words, where a name does not mean those under it."""
    rules: list[str] = []
    for entry in exceptions():
        name, port = _parted(entry)
        if "/" in entry or entry == "*":
            rules.append(entry)
        elif (address := _ip(name)) is not None:
            host = f"[{address}]" if isinstance(address, ipaddress.IPv6Address) else str(address)
            rules.append(f"{host}:{port}" if port else host)
        else:
            rules += [f"{one}:{port}" if port else one for one in (name, f"*.{name}")]
    return tuple(rules)


def _ip(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None

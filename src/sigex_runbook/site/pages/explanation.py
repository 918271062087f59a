"""What lies behind a callout that failed: a session that is over, a right that is not there, a
script of the page's that broke."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sigex_runbook.core.errors import ControlNotFound, GuideBroken, RunFailed
from sigex_runbook.site.reading.names import shown

from .screen import Screen

_SIGN_IN_CALLOUT, _SETTINGS_CALLOUT = 1, 3


@contextmanager
def explaining(screen: Screen, callout: int) -> Iterator[None]:
    """What fails meanwhile gets the callout's number, and the words of what lies behind it."""
    try:
        yield
    except RunFailed as error:
        error.callout = callout
        told = _behind(error, screen, callout)
        if told is None:
            raise
        drift = error.drift if isinstance(error, ControlNotFound) else None
        raise ControlNotFound(told, drift=drift, callout=callout) from error.__cause__


def _behind(error: RunFailed, screen: Screen, callout: int) -> str | None:
    """A sentence in the error's place; None when the error says all that is known."""
    if callout == _SIGN_IN_CALLOUT or not isinstance(error, ControlNotFound | GuideBroken):
        return None
    done = "" if screen.finder.saved else " Ничего не сохранено;"
    if not screen.backstage.signed_in():
        return (
            "Сеанс сотрудника закончился: сервис больше не знает, кто вошёл."
            f"{done} запустите снова."
        )
    if callout == _SETTINGS_CALLOUT and screen.backstage.settings_before() is None:
        return (
            "Пункта «Настройки организации» нет: у сотрудника нет права изменять настройки "
            f"организации.{done} нужен сертификат сотрудника с этим правом."
        )
    if screen.script_errors:
        return f"{error} Скрипт страницы прервался с ошибкой: «{shown(screen.script_errors[-1])}»."
    return None

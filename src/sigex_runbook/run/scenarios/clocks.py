"""Whether this machine's clock is right enough for what it will say to be believed."""

from __future__ import annotations

from datetime import timedelta

from sigex_runbook.core.errors import RunFailed
from sigex_runbook.evidence.attest.timestamp import TOLERANCE

_MARGIN = timedelta(seconds=5)
"""What the way of a later answer may add, when there is no stopping any more."""

_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400


def check_clock(offset_seconds: float) -> None:
    """Insist that the machine's clock is no further ahead of the service's, or behind it, than a
    verifier will tolerate. Raises RunFailed."""
    if abs(offset_seconds) <= (TOLERANCE - _MARGIN).total_seconds():
        return
    way = "спешат" if offset_seconds > 0 else "отстают"
    raise RunFailed(
        f"Часы этой машины {way} против часов сервиса на {_lasting(round(abs(offset_seconds)))}, "
        f"допустимо {round(TOLERANCE.total_seconds()) // _MINUTE} мин: доказательствам с такими "
        "временами никто не поверит, поэтому ничего не изменено. Поставьте верные дату, время и "
        "часовой пояс (синхронизацию времени) и запустите снова."
    )


def _lasting(seconds: int) -> str:
    """A span in its two largest units."""
    days, hours = divmod(seconds, _DAY)[0], seconds % _DAY // _HOUR
    minutes, rest = seconds % _HOUR // _MINUTE, seconds % _MINUTE
    if days:
        return f"{days} сут {hours} ч"
    return f"{hours} ч {minutes} мин" if hours else f"{minutes} мин {rest} с"

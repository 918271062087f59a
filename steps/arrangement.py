"""What alternative flows need to be so beforehand; only the spec suite can arrange it."""

from __future__ import annotations

from typing import Protocol

from pytest_bdd import given, parsers, then

from sigex_runbook.access import AccessBlock, AccessSettings, differences
from sigex_runbook.guide import load_guide


class Arrangement(Protocol):
    """Brings about states that a guide's reader meets; fixture `arrangement`."""

    def refuse_signing(self) -> None:
        """The employee will close NCALayer's window."""

    def employee_without_right(self) -> None:
        """The employee at the screen may not change the organisation's settings."""

    def employee_of_another_organisation(self) -> None:
        """The employee at the screen belongs elsewhere."""

    def grant(self, *blocks: AccessBlock) -> None:
        """The ordered information system has these grants already."""

    def settings_before(self) -> AccessSettings:
        """The organisation's settings when the scenario's `Дано` had been arranged."""

    def settings_now(self) -> AccessSettings:
        """The organisation's settings now, read by its head."""


@given("сотрудник не станет подписывать вход")
def will_refuse(arrangement: Arrangement) -> None:
    arrangement.refuse_signing()


@given("сертификат выдан сотруднику другой организации")
def foreigner(arrangement: Arrangement) -> None:
    arrangement.employee_of_another_organisation()


@given("у сотрудника нет права изменять настройки организации")
def without_right(arrangement: Arrangement) -> None:
    arrangement.employee_without_right()


@given(parsers.parse("доступ из раздела {section:d} информационной системе уже предоставлен"))
def already_granted(arrangement: Arrangement, section: int) -> None:
    block = load_guide().section(section).block
    assert block is not None, "в этом разделе нет блока"
    arrangement.grant(block)


@given("весь заказанный доступ информационной системе уже предоставлен")
def all_granted(arrangement: Arrangement) -> None:
    arrangement.grant(*AccessBlock)


@then("настройки организации остались прежними")
def unchanged(arrangement: Arrangement) -> None:
    moved = differences(arrangement.settings_before(), arrangement.settings_now())
    assert not moved, f"настройки изменились: {moved[0].path}"

"""What alternative flows need to be so beforehand; only the spec suite can arrange it."""

from __future__ import annotations

from typing import Protocol

from pytest_bdd import given, parsers, then

from sigex_runbook.access import AccessBlock, AccessSettings, differences
from sigex_runbook.guide import load_guide
from sigex_runbook.order import Wish


class Arrangement(Protocol):
    """Brings about states that a guide's reader meets; fixture `arrangement`."""

    def refuse_signing(self) -> None:
        """The employee will close NCALayer's window."""

    def break_signing(self) -> None:
        """NCALayer will answer that it cannot sign."""

    def private_person(self) -> None:
        """The person at the screen represents no organisation."""

    def employee_without_right(self) -> None:
        """The employee at the screen may not change the organisation's settings."""

    def employee_of_another_organisation(self) -> None:
        """The employee at the screen belongs elsewhere."""

    def lose_right(self) -> None:
        """Somebody takes away the employee's right to change the settings."""

    def lose_session(self) -> None:
        """The service ends everybody's session."""

    def grant(self, *blocks: AccessBlock) -> None:
        """The ordered information system has these grants already."""

    def order(self, wish: Wish, *blocks: AccessBlock) -> None:
        """The order wishes this for these blocks and leaves the others as they are."""

    def drop_ordered_system(self) -> None:
        """The ordered information system is not in the settings, others are."""

    def drop_all_systems(self) -> None:
        """No information system is in the settings."""

    def double_description(self) -> None:
        """A second information system is described as the ordered one."""

    def add_similar_systems(self) -> None:
        """Information systems whose descriptions nearly are the ordered one's stand beside it."""

    def disable_ordered_system(self) -> None:
        """The ordered information system is switched off."""

    def change_by_somebody_else(self) -> None:
        """Another employee grants the control system something and saves."""

    def show_seven_blocks(self) -> None:
        """The screen shows the blocks of document packages too."""

    def settings_before(self) -> AccessSettings:
        """The organisation's settings when the scenario's `Дано` had been arranged."""

    def settings_now(self) -> AccessSettings:
        """The organisation's settings now, read by its head."""


@given("сотрудник не станет подписывать вход")
@given("the employee will not sign")
def will_refuse(arrangement: Arrangement) -> None:
    arrangement.refuse_signing()


@given("программа подписи не может подписать")
@given("the signing program cannot sign")
def signing_broken(arrangement: Arrangement) -> None:
    arrangement.break_signing()


@given("сертификат выдан физическому лицу")
@given("the certificate belongs to a private person")
def private_person(arrangement: Arrangement) -> None:
    arrangement.private_person()


@given("сертификат выдан сотруднику другой организации")
@given("the certificate belongs to an employee of another organisation")
def foreigner(arrangement: Arrangement) -> None:
    arrangement.employee_of_another_organisation()


@given("у сотрудника нет права изменять настройки организации")
@given("the employee has no right to change the organisation's settings")
def without_right(arrangement: Arrangement) -> None:
    arrangement.employee_without_right()


@given("после входа у сотрудника отняли право изменять настройки")
@given("after signing in the employee has lost the right to change the settings")
@given("тем временем у сотрудника отняли право изменять настройки")
@given("meanwhile the employee has lost the right to change the settings")
def right_lost(arrangement: Arrangement) -> None:
    arrangement.lose_right()


@given("тем временем сеанс сотрудника закончился")
@given("meanwhile the employee's session has ended")
def session_lost(arrangement: Arrangement) -> None:
    arrangement.lose_session()


@given("тем временем другой сотрудник сохранил свои настройки")
@given("meanwhile another employee has saved settings")
def changed_by_somebody_else(arrangement: Arrangement) -> None:
    arrangement.change_by_somebody_else()


@given(parsers.parse("по заказу доступ предоставляют только из раздела {section:d}"))
@given(parsers.parse("the order grants only the access of section {section:d}"))
def partial_order(arrangement: Arrangement, section: int) -> None:
    arrangement.order(Wish.GRANTED, _block(section))


@given(parsers.parse("по заказу отзывают только доступ из раздела {section:d}"))
@given(parsers.parse("the order revokes only the access of section {section:d}"))
def partial_revocation(arrangement: Arrangement, section: int) -> None:
    arrangement.order(Wish.REVOKED, _block(section))


@given("по заказу весь доступ отзывают")
@given("the order revokes all access")
def full_revocation(arrangement: Arrangement) -> None:
    arrangement.order(Wish.REVOKED, *AccessBlock)


@given("в настройках организации нет ни одной информационной системы")
@given("there is no information system in the organisation's settings")
def no_systems(arrangement: Arrangement) -> None:
    arrangement.drop_all_systems()


@given("информационной системы из заказа в настройках организации нет")
@given("the ordered information system is not in the organisation's settings")
def no_such_system(arrangement: Arrangement) -> None:
    arrangement.drop_ordered_system()


@given("две информационные системы описаны одинаково")
@given("two information systems have the same description")
def two_of_one_description(arrangement: Arrangement) -> None:
    arrangement.double_description()


@given("рядом есть информационные системы с похожими описаниями")
@given("there are information systems with similar descriptions beside it")
def similar_descriptions(arrangement: Arrangement) -> None:
    arrangement.add_similar_systems()


@given("информационная система отключена")
@given("the information system is switched off")
def switched_off(arrangement: Arrangement) -> None:
    arrangement.disable_ordered_system()


@given("на экране есть и блоки пакетов документов")
@given("the screen shows the blocks of document packages too")
def seven_blocks(arrangement: Arrangement) -> None:
    arrangement.show_seven_blocks()


@given(parsers.parse("доступ из раздела {section:d} информационной системе уже предоставлен"))
@given(parsers.parse("the information system already has the access of section {section:d}"))
def already_granted(arrangement: Arrangement, section: int) -> None:
    arrangement.grant(_block(section))


@given("весь заказанный доступ информационной системе уже предоставлен")
@given("the information system already has all the ordered access")
def all_granted(arrangement: Arrangement) -> None:
    arrangement.grant(*AccessBlock)


@then("настройки организации остались прежними")
@then("the organisation's settings are as they were")
def unchanged(arrangement: Arrangement) -> None:
    moved = differences(arrangement.settings_before(), arrangement.settings_now())
    assert not moved, f"настройки изменились: {moved[0].path}"


def _block(section: int) -> AccessBlock:
    block = load_guide().section(section).block
    assert block is not None, "в этом разделе нет блока"
    return block

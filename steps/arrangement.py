"""What alternative flows need to be so beforehand; only the spec suite can arrange it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from pytest_bdd import given, parsers, then

from sigex_runbook.core.access import AccessBlock, AccessSettings, differences
from sigex_runbook.core.guide import load_guide
from sigex_runbook.core.order import Wish


class Unfit(StrEnum):
    """Why the service must not let a certificate in."""

    EXPIRED = "expired"
    NOT_YET_VALID = "not-yet-valid"
    REVOKED = "revoked"
    AUTHENTICATION_ONLY = "authentication-only"
    ENCRYPTION_ONLY = "encryption-only"
    FOREIGN_AUTHORITY = "foreign-authority"
    IMPOSTOR = "foreign-authority-of-the-same-name"


_UNFIT = {
    "просрочен": Unfit.EXPIRED,
    "has expired": Unfit.EXPIRED,
    "ещё не действует": Unfit.NOT_YET_VALID,
    "is not valid yet": Unfit.NOT_YET_VALID,
    "отозван": Unfit.REVOKED,
    "has been revoked": Unfit.REVOKED,
    "выпущен только для аутентификации": Unfit.AUTHENTICATION_ONLY,
    "is for authentication only": Unfit.AUTHENTICATION_ONLY,
    "выпущен только для шифрования": Unfit.ENCRYPTION_ONLY,
    "is for encryption only": Unfit.ENCRYPTION_ONLY,
    "выпущен чужим центром": Unfit.FOREIGN_AUTHORITY,
    "comes from a foreign authority": Unfit.FOREIGN_AUTHORITY,
    "выпущен самозваным центром": Unfit.IMPOSTOR,
    "comes from an impostor of the authority": Unfit.IMPOSTOR,
}


@dataclass(frozen=True, slots=True)
class Look:
    """What the service holds: the organisation's settings as bytes, how many changes it noted."""

    settings: bytes
    changes: int

    @property
    def access(self) -> AccessSettings:
        """The settings as a value."""
        return AccessSettings(json.loads(self.settings))


class Arrangement(Protocol):
    """Brings about states that a guide's reader meets; fixture `arrangement`."""

    def refuse_signing(self) -> None:
        """The employee will close NCALayer's window."""

    def break_signing(self) -> None:
        """NCALayer will answer that it cannot sign."""

    def unfit_certificate(self, unfit: Unfit) -> None:
        """The employee at the screen has a certificate that must not be let in."""

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

    def order(self, wishes: Mapping[AccessBlock, Wish]) -> None:
        """The order wishes this and leaves the other blocks as they are."""

    def drop_ordered_system(self) -> None:
        """The ordered information system is not in the settings, others are."""

    def drop_all_systems(self) -> None:
        """No information system is in the settings."""

    def double_description(self) -> None:
        """A second information system is described as the ordered one."""

    def replace_ordered_key(self) -> None:
        """The ordered description stands there with another key."""

    def rename_ordered_system(self) -> None:
        """The ordered key stands there under another description."""

    def add_similar_systems(self) -> None:
        """Information systems whose descriptions nearly are the ordered one's stand beside it."""

    def disable_ordered_system(self) -> None:
        """The ordered information system is switched off."""

    def change_by_somebody_else(self) -> None:
        """Another employee grants the control system something and saves."""

    def grant_by_somebody_else(self) -> None:
        """Another employee grants the ordered information system all and saves."""

    def show_seven_blocks(self) -> None:
        """The screen shows the blocks of document packages too."""

    def forbid_systems(self) -> None:
        """The organisation's plan has no place for information systems."""

    def ask_before_saving(self) -> None:
        """The page asks once more when the save button is pressed."""

    def before(self) -> Look:
        """What the service held when the scenario's `Дано` had been arranged."""

    def now(self) -> Look:
        """What the service holds now, seen behind its pages and its API."""


@given("сотрудник не станет подписывать вход")
@given("the employee will not sign")
def will_refuse(arrangement: Arrangement) -> None:
    arrangement.refuse_signing()


@given("программа подписи не может подписать")
@given("the signing program cannot sign")
def signing_broken(arrangement: Arrangement) -> None:
    arrangement.break_signing()


@given(parsers.parse("сертификат сотрудника {unfit}"), converters={"unfit": _UNFIT.__getitem__})
@given(
    parsers.parse("the employee's certificate {unfit}"), converters={"unfit": _UNFIT.__getitem__}
)
def unfit_certificate(arrangement: Arrangement, unfit: Unfit) -> None:
    arrangement.unfit_certificate(unfit)


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


@given("тем временем другой сотрудник предоставил информационной системе тот же доступ")
@given("meanwhile another employee has given the information system the same access")
def granted_by_somebody_else(arrangement: Arrangement) -> None:
    arrangement.grant_by_somebody_else()


@given(parsers.parse("по заказу доступ предоставляют только из раздела {section:d}"))
@given(parsers.parse("the order grants only the access of section {section:d}"))
def partial_order(arrangement: Arrangement, section: int) -> None:
    arrangement.order({_block(section): Wish.GRANTED})


@given("по заказу весь доступ отзывают")
@given("the order revokes all access")
def full_revocation(arrangement: Arrangement) -> None:
    arrangement.order(dict.fromkeys(AccessBlock, Wish.REVOKED))


@given(
    parsers.parse(
        "по заказу доступ из раздела {granted:d} предоставляют, а из раздела {revoked:d} отзывают"
    )
)
@given(
    parsers.parse(
        "the order grants the access of section {granted:d} and revokes that of section {revoked:d}"
    )
)
def mixed_order(arrangement: Arrangement, granted: int, revoked: int) -> None:
    arrangement.order({_block(granted): Wish.GRANTED, _block(revoked): Wish.REVOKED})


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


@given("под описанием информационной системы записан чужой ключ")
@given("another key stands under the information system's description")
def foreign_key(arrangement: Arrangement) -> None:
    arrangement.replace_ordered_key()


@given("ключ информационной системы записан под другим описанием")
@given("the information system's key stands under another description")
def other_description(arrangement: Arrangement) -> None:
    arrangement.rename_ordered_system()


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


@given("тариф организации не допускает информационных систем")
@given("the organisation's plan does not allow information systems")
def systems_forbidden(arrangement: Arrangement) -> None:
    arrangement.forbid_systems()


@given("страница переспрашивает, прежде чем сохранить")
@given("the page asks once more before it saves")
def asks_before_saving(arrangement: Arrangement) -> None:
    arrangement.ask_before_saving()


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
    before, now = arrangement.before(), arrangement.now()
    moved = differences(before.access, now.access)
    assert not moved, f"настройки изменились: {moved[0].path}"
    assert now.settings == before.settings, "настройки записаны заново"
    assert now.changes == before.changes, "в журнале изменений новая запись"


@then("в журнале изменений прибавилась одна запись")
@then("the record of changes has one more entry")
def noted_once(arrangement: Arrangement) -> None:
    assert arrangement.now().changes == arrangement.before().changes + 1


def _block(section: int) -> AccessBlock:
    block = load_guide().section(section).block
    assert block is not None, "в этом разделе нет блока"
    return block

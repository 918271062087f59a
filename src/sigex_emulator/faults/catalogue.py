"""The named misbehaviours, as data: what each does and where it must be noticed.

`expected` speaks of a run that is ordered to grant one information system all four accesses in a
world where it has none. Sections and callouts are the guide's numbers. Whoever notices earlier,
before anything is saved, is right too; whoever ends well although the fault is not harmless is not.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal

from sigex_emulator.errors import UnknownFault

Place = Literal["saving", "loading", "session", "sign_in", "page", "ncalayer", "mtls"]


class Noticed(StrEnum):
    """Where a misbehaviour comes to light."""

    SECTION = "section"
    VERIFICATION = "проверка"
    """In the checks after the guide's last section: screen, settings API, mTLS."""

    HARMLESS = "harmless"
    """Nowhere: the result is right all the same, and a correct run passes."""


@dataclass(frozen=True, slots=True)
class Expected:
    """Where a correct run must notice a fault at the latest; no callout means anywhere there."""

    noticed: Noticed
    section: int | None = None
    callout: int | None = None

    def as_json(self) -> dict[str, Any]:
        """Return it as the control routes write it."""
        return {"noticed": self.noticed.value, "section": self.section, "callout": self.callout}


@dataclass(frozen=True, slots=True)
class Fault:
    """One misbehaviour."""

    name: str
    place: Place
    expected: Expected
    ru: str
    en: str
    before_sign_in: bool = False
    """Also meets people who have not signed in: nobody knows their organisation yet."""

    order: Literal["all four", "one block"] = "all four"
    """`one block`: shows only if `documentsAccess` alone is ordered. With all four granted the
    mistake cancels itself out and the result is right."""

    injected_by: Literal["service", "client"] = "service"
    """`client`: it happens on the employee's computer, so a test brings it into its NCALayer."""

    def as_json(self) -> dict[str, Any]:
        """Return it as the control routes write it."""
        return {
            "name": self.name,
            "place": self.place,
            "expected": self.expected.as_json(),
            "ru": self.ru,
            "en": self.en,
            "beforeSignIn": self.before_sign_in,
            "order": self.order,
            "injectedBy": self.injected_by,
        }


def _at(section: int, callout: int | None = None) -> Expected:
    return Expected(Noticed.SECTION, section, callout)


_VERIFICATION = Expected(Noticed.VERIFICATION)
_HARMLESS = Expected(Noticed.HARMLESS)

_SAVING = (
    Fault("save-not-stored", "saving", _at(8),
          "Ответ 200, но ничего не сохранено", "Answers 200 and stores nothing"),
    Fault("save-stored-late", "saving", _at(8),
          "Сохранённое появляется только после первого чтения",
          "What was saved shows only after the first read"),
    Fault("save-block-lost", "saving", _at(8),
          "Один из изменённых блоков не сохранён", "One of the changed blocks is not stored"),
    Fault("save-other-block-changed", "saving", _VERIFICATION,
          "Галочка попала ещё и в блок пакетов, которого нет на экране",
          "The tick lands in a packages block as well, which the screen does not show"),
    Fault("save-other-system-instead", "saving", _at(8),
          "Отмечена другая информационная система", "Another information system is ticked instead"),
    Fault("save-other-system-also", "saving", _VERIFICATION,
          "Отмечена ещё и другая информационная система",
          "Another information system is ticked as well"),
    Fault("save-employee-dropped", "saving", _at(8),
          "Сотрудники исчезли из всех блоков, и сохранивший тоже",
          "Employees vanish from all blocks, the one who saved too"),
    Fault("save-employee-added", "saving", _VERIFICATION,
          "В блок документов добавлен посторонний ИИН", "A stranger's IIN appears in a block"),
    Fault("save-authorities-dropped", "saving", _VERIFICATION,
          "Из блока документов исчезли полномочия", "A block loses its authorities"),
    Fault("save-reset-at-next-read", "saving", _at(8),
          "При следующем чтении один из сохранённых блоков возвращается к прежнему",
          "At the next read one of the saved blocks falls back"),
    Fault("save-lost-later", "saving", _VERIFICATION,
          "Экран после сохранения верен, а ко второму чтению всё потеряно",
          "The first read shows what was saved, by the second all is lost"),
    Fault("save-change-hidden", "saving", _VERIFICATION,
          "В блок документов добавлен посторонний ИИН, а сотруднику он не показан",
          "A stranger's IIN appears in a block and is hidden from employees"),
    Fault("save-undone-at-sign-out", "saving", _VERIFICATION,
          "Сохранённое пропадает, когда сотрудник выходит",
          "What was saved is undone when the employee signs out"),
    Fault("save-message", "saving", _at(8, 13),
          "Вместо сохранения — сообщение об ошибке", "A save is answered by a message"),
    Fault("save-502", "saving", _at(8, 13),
          "Вместо сохранения — код 502", "A save is answered by 502"),
    Fault("save-hangs", "saving", _at(8, 13),
          "На сохранение нет ответа", "A save is never answered"),
    Fault("save-html", "saving", _at(8, 13),
          "На сохранение приходит HTML вместо JSON", "A save is answered by HTML"),
    Fault("save-answer-lost", "saving", _at(8, 13),
          "Сохранено, но соединение оборвано до ответа",
          "Stored, but the connection is reset before the answer"),
    Fault("save-slow", "saving", _HARMLESS,
          "Сохранение отвечает медленно", "A save is answered slowly"),
    Fault("save-twice", "saving", _VERIFICATION,
          "Одно сохранение выполнено дважды, в журнале две записи",
          "One save is carried out twice and noted twice"),
    Fault("save-audit-missing", "saving", _VERIFICATION,
          "Сохранено, но записи в журнале нет", "Stored, but not noted in the audit"),
    Fault("save-webhooks-changed", "saving", _VERIFICATION,
          "При сохранении изменились адреса веб-хуков", "A save changes the webhooks"),
    Fault("save-archive-changed", "saving", _VERIFICATION,
          "При сохранении включилось архивирование", "A save turns archiving on"),
    Fault("save-contact-changed", "saving", _VERIFICATION,
          "При сохранении изменилась почта подписки", "A save changes the subscription's contact"),
    Fault("save-description-changed", "saving", _VERIFICATION,
          "При сохранении изменилось описание последней информационной системы",
          "A save changes the description of the last information system"),
    Fault("save-certificate-changed", "saving", _VERIFICATION,
          "При сохранении подменён сертификат последней информационной системы",
          "A save replaces the certificate of the last information system"),
    Fault("save-system-disabled", "saving", _VERIFICATION,
          "При сохранении сертификат отмеченной информационной системы отключён",
          "A save disables the certificate of the ticked information system"),
    Fault("save-list-turned", "saving", _at(8),
          "Список сертификатов сохранён в обратном порядке, номера остались",
          "The list of certificates is stored in reverse, the indices are not"),
)  # fmt: skip

_LOADING = (
    Fault("load-slow", "loading", _HARMLESS,
          "Настройки приходят медленно", "Settings arrive slowly"),
    Fault("load-more-fields", "loading", _HARMLESS,
          "В настройках появилось незнакомое поле", "Settings hold a field that nobody knows"),
    Fault("load-indices-turned", "loading", _HARMLESS,
          "Номера галочек приходят в обратном порядке", "Indices arrive in reverse order"),
    Fault("load-502", "loading", _at(2),
          "Вместо настроек — код 502", "Settings are answered by 502"),
    Fault("load-html", "loading", _at(2),
          "Вместо настроек — HTML", "Settings are answered by HTML"),
    Fault("load-truncated", "loading", _at(2),
          "JSON настроек оборван на середине", "The JSON of the settings is cut in the middle"),
    Fault("load-reset", "loading", _at(2),
          "Соединение оборвано вместо ответа с настройками", "The connection is reset"),
    Fault("load-message", "loading", _at(2),
          "Вместо настроек — сообщение об ошибке", "Settings are answered by a message"),
    Fault("load-other-organisation", "loading", _at(2),
          "Приходят настройки другой организации", "Settings of another organisation arrive"),
    Fault("load-no-certificates", "loading", _at(2),
          "Список сертификатов пуст", "The list of certificates is empty"),
    Fault("load-stale", "loading", _at(8),
          "Приходят настройки, какими они были при первом чтении",
          "Settings arrive as they were at the first read"),
    Fault("load-string-indices", "loading", _at(8),
          "Номера галочек приходят строками", "Indices arrive as strings"),
    Fault("load-no-permissions", "loading", _at(2, 3),
          "Разрешения сотрудника приходят пустыми, хотя право есть",
          "The employee's permissions are denied although he has the right"),
)  # fmt: skip

_SESSION = (
    Fault("session-ends-after-sign-in", "session", _at(1),
          "Сеанс кончается сразу после входа", "The session ends right after sign-in"),
    Fault("session-ends-before-save", "session", _at(8, 13),
          "Сеанс кончается к моменту сохранения", "The session has ended when the save arrives"),
    Fault("session-of-other-person", "session", _at(1),
          "Открыт сеанс другого сотрудника той же организации",
          "Another employee's session is opened, of the same organisation"),
    Fault("session-of-other-organisation", "session", _at(1),
          "Открыт сеанс сотрудника другой организации",
          "A session of another organisation's employee is opened"),
    Fault("session-without-cookie", "session", _at(1),
          "Вход подтверждён, но cookie не выдан", "Sign-in succeeds but sets no cookie"),
    Fault("session-survives-sign-out", "session", _HARMLESS,
          "Выход подтверждён, но сеанс остаётся", "Sign-out is confirmed, the session stays"),
)  # fmt: skip

_SIGN_IN = (
    Fault("sign-in-message", "sign_in", _at(1),
          "Вход отклонён: статус сертификата неверен", "Sign-in is refused by a message"),
    Fault("sign-in-502", "sign_in", _at(1),
          "На вход приходит код 502", "Sign-in is answered by 502"),
    Fault("sign-in-hangs", "sign_in", _at(1),
          "На вход нет ответа", "Sign-in is never answered"),
    Fault("sign-in-nonce-refused", "sign_in", _at(1),
          "Только что выданный nonce не принят", "A fresh nonce is not accepted"),
    Fault("sign-in-nonce-missing", "sign_in", _at(1),
          "Подготовка входа не даёт nonce", "Preparing a sign-in gives no nonce",
          before_sign_in=True),
)  # fmt: skip

_PAGE = (
    Fault("page-sign-in-missing", "page", _at(1, 1),
          "Нет иконки входа", "The sign-in icon is missing", before_sign_in=True),
    Fault("page-menu-icon-missing", "page", _at(2, 2),
          "Нет иконки меню", "The menu icon is missing"),
    Fault("page-menu-item-missing", "page", _at(2, 3),
          "В меню нет пункта «Настройки организации»", "The menu item is missing"),
    Fault("page-menu-item-renamed", "page", _at(2, 3),
          "Пункт меню называется иначе", "The menu item has another label"),
    Fault("page-access-link-missing", "page", _at(3, 4),
          "Нет ссылки на контроль доступа", "The link to access control is missing"),
    Fault("page-access-link-dead", "page", _at(3, 4),
          "Ссылка на контроль доступа ничего не делает", "The link to access control is dead"),
    Fault("page-covered", "page", _at(3, 4),
          "Страницу настроек закрывает окно, которое не закрыть",
          "A dialogue that cannot be closed covers the settings page"),
    Fault("page-header-missing", "page", _at(4, 5),
          "Нет заголовка блока документов", "A block's header is missing"),
    Fault("page-header-renamed", "page", _at(4, 5),
          "Заголовок блока документов называется иначе", "A block's header has another label"),
    Fault("page-header-reworded", "page", _HARMLESS,
          "В заголовке блока перечисления другое слово", "One word of a block's header is another"),
    Fault("page-header-doubled", "page", _at(4, 5),
          "Заголовок блока документов стоит дважды", "A block's header stands twice"),
    Fault("page-other-language", "page", _at(4, 5),
          "Блоки и кнопка подписаны на другом языке", "Blocks and button speak another language"),
    Fault("page-block-dead", "page", _at(4, 5),
          "Блок документов не раскрывается", "A block does not expand"),
    Fault("page-checkbox-missing", "page", _at(4, 6),
          "В блоке документов нет галочек информационных систем", "Checkboxes are missing"),
    Fault("page-checkbox-hidden", "page", _at(4, 6),
          "Галочки информационных систем в блоке документов не видны", "Checkboxes are hidden"),
    Fault("page-checkbox-disabled", "page", _at(4, 6),
          "Галочки информационных систем в блоке документов не нажимаются",
          "Checkboxes are disabled"),
    Fault("page-checkbox-doubled", "page", _at(4, 6),
          "Галочки информационных систем в блоке документов стоят по две",
          "Every checkbox stands twice"),
    Fault("page-checkbox-moved", "page", _at(4, 6),
          "Галочки информационных систем в блоке документов стоят в списке полномочий",
          "Checkboxes stand in the list of authorities"),
    Fault("page-checkbox-unticks", "page", _at(4, 6),
          "Галочка снимается сама сразу", "A checkbox unticks itself at once"),
    Fault("page-checkbox-unticks-later", "page", _at(8),
          "Галочка снимается сама через полсекунды", "A checkbox unticks itself a moment later"),
    Fault("page-saves-at-once", "page", _at(4),
          "Страница сохраняет, едва поставлена галочка в блоке документов",
          "The page saves as soon as a checkbox of a block is ticked"),
    Fault("page-checkbox-shown-ticked", "page", _VERIFICATION,
          "Галочки блока документов показаны стоящими, хотя доступа нет",
          "Checkboxes are shown ticked although nothing is granted"),
    Fault("page-checkbox-shown-unticked", "page", _at(8),
          "Галочки блока документов показаны снятыми, хотя доступ есть",
          "Checkboxes are shown unticked although access is granted"),
    Fault("page-titles-swapped", "page", _VERIFICATION,
          "Заголовки первых двух блоков переставлены, содержимое на месте",
          "The titles of two blocks are swapped, their fields stay", order="one block"),
    Fault("page-checkboxes-swapped", "page", _VERIFICATION,
          "Галочки первых двух блоков переставлены",
          "The checkboxes of two blocks are swapped", order="one block"),
    Fault("page-labels-swapped", "page", _VERIFICATION,
          "Подписи первых двух информационных систем переставлены во всех блоках",
          "The labels of two information systems are swapped in every block"),
    Fault("page-save-missing", "page", _at(8, 13),
          "Нет кнопки сохранения", "The save button is missing"),
    Fault("page-save-doubled", "page", _at(8, 13),
          "Кнопок сохранения две", "The save button stands twice"),
    Fault("page-save-disabled", "page", _at(8, 13),
          "Кнопка сохранения не нажимается", "The save button is disabled"),
    Fault("page-save-dead", "page", _at(8, 13),
          "Кнопка сохранения ничего не делает", "The save button does nothing"),
    Fault("page-save-pretends", "page", _at(8, 13),
          "Страница пишет, что сохранено, ничего не отправив",
          "The page says that it saved and sends nothing"),
    Fault("page-notice", "page", _HARMLESS,
          "Внизу страницы объявление, которое ничего не закрывает",
          "A notice at the bottom that covers nothing"),
    Fault("page-late", "page", _HARMLESS,
          "Блоки доступа появляются с задержкой", "Access blocks appear late"),
)  # fmt: skip

_NCALAYER = (
    Fault("ncalayer-other-bytes", "ncalayer", _at(1),
          "Страница просит подписать не nonce, а другие данные",
          "The page asks for a signature over other bytes than the nonce", before_sign_in=True),
    Fault("ncalayer-unknown-method", "ncalayer", _at(1),
          "Страница просит NCALayer о методе, которого он не знает",
          "The page calls a method that NCALayer does not have", before_sign_in=True),
    Fault("ncalayer-blocked-by-page", "ncalayer", _at(1),
          "Политика страницы не пускает её к NCALayer",
          "The page's own policy keeps it from NCALayer", before_sign_in=True),
    Fault("ncalayer-absent", "ncalayer", _at(1),
          "NCALayer не запущен", "NCALayer is not running", injected_by="client"),
    Fault("ncalayer-silent", "ncalayer", _at(1),
          "NCALayer принял запрос и молчит", "NCALayer never answers", injected_by="client"),
    Fault("ncalayer-cancelled", "ncalayer", _at(1),
          "Сотрудник отменил подпись", "The employee cancels", injected_by="client"),
    Fault("ncalayer-broken-signature", "ncalayer", _at(1),
          "NCALayer вернул испорченную подпись", "NCALayer gives a broken signature",
          injected_by="client"),
    Fault("ncalayer-wrong-key", "ncalayer", _at(1),
          "Подписано ключом сотрудника другой организации",
          "Signed with the key of another organisation's employee", injected_by="client"),
)  # fmt: skip

_MTLS = (
    Fault("mtls-grant-late", "mtls", _VERIFICATION,
          "Доступ действует только со второго обращения",
          "A grant has effect from the second call only"),
    Fault("mtls-grant-never", "mtls", _VERIFICATION,
          "Предоставленный доступ не действует", "A grant never has effect"),
    Fault("mtls-one-grant-refused", "mtls", _VERIFICATION,
          "Не действует доступ к настройкам документов",
          "The grant of document settings has no effect"),
    Fault("mtls-control-served", "mtls", _VERIFICATION,
          "Обслуживается и другая информационная система той же организации",
          "Another information system of the organisation is served as well"),
    Fault("mtls-served-before-grant", "mtls", _VERIFICATION,
          "Информационные системы обслуживаются без доступа", "Served without any grant"),
    Fault("mtls-other-organisation", "mtls", _VERIFICATION,
          "Информационной системе показаны настройки другой организации",
          "Another organisation's settings are served"),
    Fault("mtls-stale-settings", "mtls", _VERIFICATION,
          "Информационной системе показаны настройки, какими они были до сохранения",
          "Information systems are shown the settings from before the save"),
    Fault("mtls-other-document", "mtls", _VERIFICATION,
          "Вместо закрытого документа показан другой, открытый всем",
          "Another document, open to all, is served for the private one"),
    Fault("mtls-document-opened", "mtls", _VERIFICATION,
          "Записанный без изменений, закрытый документ становится открытым всем",
          "A private document that is written back unchanged becomes open to all"),
    Fault("mtls-other-listing", "mtls", _VERIFICATION,
          "Информационной системе перечислены документы другой организации",
          "Another organisation's documents are listed"),
    Fault("mtls-empty-listing", "mtls", _VERIFICATION,
          "Список документов пуст, хотя доступ есть", "The listing is empty in spite of the grant"),
    Fault("mtls-502", "mtls", _VERIFICATION,
          "Информационным системам отвечает код 502", "Information systems are answered by 502"),
    Fault("mtls-reset", "mtls", _VERIFICATION,
          "Порт информационных систем не отвечает: соединение обрывается",
          "The port is down: connections are reset without an answer"),
    Fault("mtls-handshake-refused", "mtls", _VERIFICATION,
          "Сертификату информационной системы отказано при установке TLS",
          "The certificate is refused in the handshake"),
    Fault("mtls-slow", "mtls", _HARMLESS,
          "Информационным системам отвечают медленно", "Information systems are answered slowly"),
)  # fmt: skip

CATALOGUE: dict[str, Fault] = {
    fault.name: fault
    for group in (_SAVING, _LOADING, _SESSION, _SIGN_IN, _PAGE, _NCALAYER, _MTLS)
    for fault in group
}
"""Every misbehaviour by its name, in the order in which several of them are applied."""


def fault_named(name: str) -> Fault:
    """Return a misbehaviour of the catalogue; raises UnknownFault with similar names."""
    if name not in CATALOGUE:
        raise UnknownFault(name, list(CATALOGUE))
    return CATALOGUE[name]

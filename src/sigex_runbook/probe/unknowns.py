"""What a probe saw of what nobody knew (sigex-facts 6), as far as reading alone can tell."""

from __future__ import annotations

import base64
import binascii
import json
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sigex_runbook.api.session import COOKIE

from .cleaning import Cleaning
from .findings import Learnt

QUESTIONS = {
    1: "Названия, порядок и число блоков контроля доступа; язык страницы",
    2: "Как ссылка (4) показывает подраздел; независимы ли блоки; что после перезагрузки",
    3: "Подписи галочек; видны ли отключённые ИС; показано ли и заперто ли полномочие руководителя",
    4: "Текст кнопки сохранения; активна ли она без изменений",
    5: "Адрес и вид страницы входа",
    7: "Что в шапке до входа и после; состав меню",
    8: "Что показывает страница настроек без входа",
    9: "Куки сеанса: срок и признаки, имена полей; заголовки; написание SERIALNUMBER",
    14: "Что отвечает organizationPermissions",
    16: "Строки сервиса, названия полномочий, версия",
    17: "Тариф: есть ли в нём mTLS и контроль доступа",
}
"""Numbers of the fact sheet's section 6."""

FACTS = {
    "count": "блоков", "titles": "названия по порядку", "language": "язык страницы",
    "address_before": "адрес до нажатия", "address_after": "адрес после нажатия",
    "blocks_before_link": "блоки видны до нажатия", "blocks_after_link": "блоки видны после него",
    "several_open": "раскрыто бывает несколько блоков",
    "address_after_reload": "адрес после перезагрузки",
    "blocks_after_reload": "блоки видны после перезагрузки",
    "boxes_after_reload": "галочек видно после перезагрузки",
    "labels": "подписи галочек последнего блока", "roles": "роли галочек",
    "head_shown": "полномочие руководителя показано", "head_ticked": "оно отмечено",
    "head_locked": "оно заперто", "disabled_systems": "отключённых ИС в настройках",
    "disabled_systems_shown": "из них показано", "text": "текст кнопки",
    "active_without_change": "активна без изменений",
    "buttons_with_such_words": "кнопки со словом «сохранить»", "address": "адрес",
    "title": "название страницы", "parameters": "параметры адреса", "shown": "на странице",
    "sign_button": "кнопка подписи узнана по", "signed_out": "шапка до входа",
    "signed_in": "шапка после входа", "menu": "меню", "api_headers": "заголовки ответа API",
    "identity_fields": "поля ответа о вошедшем", "subject_attributes": "имена полей сертификата",
    "cookies": "имена куки", "session_lifetime_seconds": "куки сеанса живёт, секунд",
    "session_ends_with_browser": "куки сеанса до закрытия браузера",
    "session_flags": "признаки куки сеанса", "claims": "имена полей JWT", "status": "код ответа",
    "answer": "ответ", "strings_status": "код ответа /api/strings",
    "strings_fields": "поля /api/strings", "authorities": "полномочия", "version": "версия",
    "plan": "тариф", "features": "возможности тарифа", "refused": "отказ",
}  # fmt: skip
"""What each thing is called that may be seen."""

_TAKEN = 40
_PARTS = 3
Ask = Callable[[str], Mapping[str, Any]]


class Unknowns:
    """Gathers what was seen, by number of the fact sheet."""

    def __init__(self, cleaning: Cleaning) -> None:
        self._cleaning = cleaning
        self._seen: dict[int, dict[str, Any]] = defaultdict(dict)

    def learn(self, number: int, **seen: Any) -> None:
        """Keep what was seen; what is empty tells nothing."""
        if number not in QUESTIONS or not seen.keys() <= FACTS.keys():
            raise KeyError(f"{number}: {', '.join(seen)}")
        self._seen[number].update(
            {name: one for name, one in seen.items() if one is not None and one != ()}
        )

    def learnt(self) -> tuple[Learnt, ...]:
        """One entry an unknown, seen or not, without private data."""
        return tuple(
            Learnt(number, question, self._cleaning.value(self._seen.get(number, {})))
            for number, question in QUESTIONS.items()
        )

    # -- what the service answers

    def ask(self, ask: Ask) -> None:
        """Read what the API tells whoever is signed in."""
        identity = ask("/api/auth")
        self.learn(
            9,
            api_headers=sorted(identity["headers"]),
            identity_fields=sorted(_object(identity["body"])),
            subject_attributes=_attributes(identity["body"]),
        )
        permissions = ask("/api/organizationPermissions")
        self.learn(14, status=permissions["status"], answer=_flags(permissions["body"]))
        strings = ask("/api/strings")
        told = _object(strings["body"])
        self.learn(
            16,
            strings_status=strings["status"],
            strings_fields=sorted(told)[:_TAKEN],
            authorities=_authorities(told),
            version=_object(ask("/api/version")["body"]) or None,
        )
        subscription = _object(ask("/api/organizationSubscription")["body"])
        self.learn(
            17,
            plan=subscription.get("name"),
            features=[
                f"{one.get('name')}: {'да' if one.get('enabled') else 'нет'}"
                for one in subscription.get("features") or ()
                if isinstance(one, dict)
            ]
            or None,
            refused=subscription.get("message"),
        )

    def look_at_cookies(self, cookies: Sequence[Mapping[str, Any]]) -> None:
        """Names and kinds alone: no value is kept."""
        session = next((one for one in cookies if one.get("name") == COOKIE), None)
        self.learn(9, cookies=sorted(str(one.get("name")) for one in cookies))
        if session is None:
            return
        expires = float(session.get("expires", -1))
        self.learn(
            9,
            session_lifetime_seconds=round(expires - time.time()) if expires > 0 else None,
            session_ends_with_browser=expires <= 0,
            session_flags=[
                f"{name}: {session.get(name)}"
                for name in ("httpOnly", "secure", "sameSite", "path")
            ],
            claims=claims_of(str(session.get("value", ""))) or None,
        )


def claims_of(token: str) -> list[str]:
    """Names of a JWT's claims, never their values; of other tokens none."""
    parts = token.split(".")
    if len(parts) != _PARTS:
        return []
    try:
        body = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (ValueError, binascii.Error):
        return []
    return sorted(map(str, body)) if isinstance(body, dict) else []


def _object(body: Any) -> dict[str, Any]:
    return body if isinstance(body, dict) else {}


def _flags(body: Any) -> dict[str, Any]:
    """What an answer says by yes and no, or why it was refused."""
    return {
        str(key): value
        for key, value in _object(body).items()
        if isinstance(value, bool) or key == "message"
    }


def _attributes(body: Any) -> list[str]:
    """Names of the subject's attributes as the service spells them."""
    try:
        return sorted(
            {str(one["name"]) for rdn in _object(body).get("subjectStructure") or () for one in rdn}
        )
    except (KeyError, TypeError):
        return []


def _authorities(strings: Mapping[str, Any]) -> list[str]:
    names = _object(_object(strings.get("consts")).get("ncaAuthorityOIDs"))
    return [f"{oid}: {_object(told).get('ru', told)}" for oid, told in names.items()]

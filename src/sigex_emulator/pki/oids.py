"""Object identifiers of certificates (sigex-facts 4.4, K(S12, S13))."""

from __future__ import annotations

PERSON = "1.2.398.3.3.4.1.1"
PERSON_SYSTEM = "1.2.398.3.3.4.1.1.1"
LEGAL_ENTITY = "1.2.398.3.3.4.1.2"
HEAD = "1.2.398.3.3.4.1.2.1"
SIGNING_RIGHT = "1.2.398.3.3.4.1.2.2"
FINANCIAL_SIGNING_RIGHT = "1.2.398.3.3.4.1.2.3"
HUMAN_RESOURCES = "1.2.398.3.3.4.1.2.4"
EMPLOYEE = "1.2.398.3.3.4.1.2.5"
LEGAL_ENTITY_SYSTEM = "1.2.398.3.3.4.1.2.6"
"""A role of the national authority; SIGEX's mTLS does not use it."""

USE_SIGNING = "1.3.6.1.5.5.7.3.4"
USE_AUTHENTICATION = "1.3.6.1.5.5.7.3.2"

POLICY_ORGANISATION_SIGNING = "1.2.398.3.3.2.1"
POLICY_ORGANISATION_AUTHENTICATION = "1.2.398.3.3.2.2"
POLICY_PERSON_SIGNING = "1.2.398.3.3.2.3"
POLICY_PERSON_AUTHENTICATION = "1.2.398.3.3.2.4"
POLICIES: dict[str, str] = {
    POLICY_ORGANISATION_SIGNING: "Подпись юридического лица",
    POLICY_ORGANISATION_AUTHENTICATION: "Аутентификация юридического лица",
    POLICY_PERSON_SIGNING: "Подпись физического лица",
    POLICY_PERSON_AUTHENTICATION: "Аутентификация физического лица",
}

RSA_SHA256 = "1.2.840.113549.1.1.11"
SIGNATURE_ALGORITHMS: dict[str, str] = {
    RSA_SHA256: "RSA SHA-256",
    "1.2.398.3.10.1.1.2.3.1": "ГОСТ 34.10-2015, 256 бит",
    "1.2.398.3.10.1.1.2.3.2": "ГОСТ 34.10-2015, 512 бит",
    "1.2.398.3.10.1.1.1.2": "ГОСТ 34.310-2004",
}

SHA256 = "2.16.840.1.101.3.4.2.1"

KEY_STORAGE = "2.999.1"
"""Extension that names a key's storage. Invented under the arc for examples: the real one is U."""

FILE_STORAGE = "2.999.1.1"
KEY_STORAGES: dict[str, str] = {FILE_STORAGE: "Файл PKCS12 (эмулятор)"}
"""Storages of keys; the names of 4.2 are known, their identifiers are not: these are invented."""

AUTHORITIES: dict[str, str] = {
    HEAD: "Первый руководитель",
    SIGNING_RIGHT: "Право подписи",
    FINANCIAL_SIGNING_RIGHT: "Право подписи финансовых документов",
    HUMAN_RESOURCES: "Сотрудник отдела кадров",
    EMPLOYEE: "Сотрудник организации",
}
"""Roles that may be listed in an access block; exactly these five is I (sigex-facts 4.4, U)."""

KEY_USES: dict[str, str] = {
    PERSON: "Физическое лицо",
    PERSON_SYSTEM: "Информационная система физического лица",
    LEGAL_ENTITY: "Юридическое лицо",
    **AUTHORITIES,
    LEGAL_ENTITY_SYSTEM: "Информационная система юридического лица",
    USE_SIGNING: "Электронная подпись",
    USE_AUTHENTICATION: "Аутентификация",
}

SUBJECT_ATTRIBUTES: dict[str, tuple[str, str]] = {
    "2.5.4.3": ("CN", "Имя"),
    "2.5.4.4": ("SURNAME", "Фамилия"),
    "2.5.4.42": ("GIVENNAME", "Отчество"),
    "2.5.4.5": ("SERIALNUMBER", "ИИН или БИН"),
    "2.5.4.6": ("C", "Страна"),
    "2.5.4.7": ("L", "Населённый пункт"),
    "2.5.4.8": ("ST", "Область"),
    "2.5.4.10": ("O", "Организация"),
    "2.5.4.11": ("OU", "Подразделение"),
    "1.2.840.113549.1.9.1": ("E", "Электронная почта"),
}
"""Attributes of a subject: how the API names them (4.4, K(S11)), and what they are in Russian.

The live spelling of SERIALNUMBER is U (sigex-facts 6 #9); this one is I.
"""

"""Object identifiers of certificates (sigex-facts 4.4, K(S12, S13))."""

from __future__ import annotations

PERSON = "1.2.398.3.3.4.1.1"
LEGAL_ENTITY = "1.2.398.3.3.4.1.2"
HEAD = "1.2.398.3.3.4.1.2.1"
SIGNING_RIGHT = "1.2.398.3.3.4.1.2.2"
FINANCIAL_SIGNING_RIGHT = "1.2.398.3.3.4.1.2.3"
HUMAN_RESOURCES = "1.2.398.3.3.4.1.2.4"
EMPLOYEE = "1.2.398.3.3.4.1.2.5"

USE_SIGNING = "1.3.6.1.5.5.7.3.4"
USE_AUTHENTICATION = "1.3.6.1.5.5.7.3.2"

POLICY_ORGANISATION_SIGNING = "1.2.398.3.3.2.1"
POLICY_ORGANISATION_AUTHENTICATION = "1.2.398.3.3.2.2"
POLICY_PERSON_SIGNING = "1.2.398.3.3.2.3"
POLICY_PERSON_AUTHENTICATION = "1.2.398.3.3.2.4"

RSA_SHA256 = "1.2.840.113549.1.1.11"

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
    LEGAL_ENTITY: "Юридическое лицо",
    **AUTHORITIES,
    USE_SIGNING: "Электронная подпись",
    USE_AUTHENTICATION: "Аутентификация",
}

"""The service's error messages and the exception that carries one to the caller.

English keys and Russian texts: sigex-facts 3.6, K(S7); the two other languages of "Access denied":
2.3, K(S2). Descriptions are our own words (I): the real ones are not known.
"""

from __future__ import annotations

from enum import StrEnum


class Message(StrEnum):
    """The value of field `message` (sigex-facts 3.6, K; when each fires is I)."""

    AUTHENTICATION_REQUIRED = "Authentication required"
    ACCESS_DENIED = "Access denied"
    NOT_AN_ORGANISATION = "User does not represent an organization"
    INVALID_NONCE = "Invalid authentication nonce"
    INVALID_SIGNATURE = "Invalid signature"
    UNREADABLE_SIGNATURE = "Failed to parse signature"
    UNKNOWN_ISSUER = "Certificate issuer is unknown"
    NO_CHAIN = "Failed to build certificate chain"
    CERTIFICATE_NOT_IN_FORCE = "Signer certificate expired or not yet valid"
    INVALID_CERTIFICATE_STATUS = "Invalid certificate status"
    OCSP_PROBLEM = "OCSP server problem"
    TLS_ALREADY = "Already authenticated with TLS certificate"
    TLS_DISABLED = "TLS certificate used for authentication was disabled"
    FEW_TLS_CERTIFICATES = "Not enough TLS certificates"
    FEW_AUTHORITIES = "Not enough authorities"
    UNUSABLE_TLS_CERTIFICATE = (
        "One of the provided TLS certificates can not be used for authentication"
    )
    INVALID_INDEX = "One of the provided certificate indices is invalid"
    INVALID_AUTHORITY = "One of the provided authority OIDs is in invalid format"
    INVALID_IIN = "One of the provided IINs is in invalid format"
    INVALID_URL = "One of the provided URL addresses is in invalid format"
    NOT_ON_THIS_PLAN = "Feature is not available on current subscription level"
    DOCUMENT_NOT_FOUND = "Document not found"
    INVALID_DOCUMENT_ID = "Invalid document identifier"
    ARCHIVE_NOT_FOUND = "Archive not found"
    NOT_JSON = "Failed to parse JSON"
    INVALID_STRUCTURE = "Invalid JSON request structure"
    UNKNOWN_ROUTE = "Invalid API route"
    INVALID_METHOD = "Invalid HTTP request method"
    INVALID_HEADERS = "Invalid HTTP request headers"
    INVALID_QUERY = "Invalid URL query parameter"
    BODY_TOO_LARGE = "Request body is too large"
    RATE_LIMIT = "Request rate limit reached"
    QR_TIMEOUT = "QR signing operation timeout"
    QR_NOT_ACTIVE = "QR signing operation is not active"
    QR_WRONG_STATE = "Invalid QR signing state"
    QR_TOO_MANY = "Too much users use QR signing"
    OTHER_ENDPOINT = "Other endpoint connected"
    NOT_CORRESPONDING = "Signature does not correspond to the document"
    NOT_CONFORMING = "Signature does not conform to document settings requirements"
    ALREADY_SUBMITTED = "This signature has already been submitted"
    NO_LENGTH = "HTTP Content-Length request header not set"
    UNEXPECTED = "Unexpected error"
    NOT_IMITATED = "Not imitated by the emulator"
    """The emulator's own word, which the service does not know."""


class ApiError(Exception):
    """Ends a request with `{message, requestID}` and HTTP 200 (sigex-facts 3.1, I)."""

    def __init__(self, message: Message) -> None:
        self.message = message
        super().__init__(message.value)


RUSSIAN: dict[Message, str] = {
    Message.AUTHENTICATION_REQUIRED: "требуется аутентификация",
    Message.ACCESS_DENIED: "доступ запрещен",
    Message.NOT_AN_ORGANISATION: "пользователь не является представителем организации",
    Message.INVALID_NONCE: "неверный nonce аутентификации",
    Message.INVALID_SIGNATURE: "некорректная подпись",
    Message.UNREADABLE_SIGNATURE: "не удалось разобрать подпись",
    Message.UNKNOWN_ISSUER: "издатель сертификата неизвестен",
    Message.NO_CHAIN: "не удалось построить цепочку сертификатов",
    Message.CERTIFICATE_NOT_IN_FORCE: ("срок действия сертификата уже истек, либо еще не наступил"),
    Message.INVALID_CERTIFICATE_STATUS: "некорректный статус сертификата",
    Message.OCSP_PROBLEM: "проблема с OCSP сервером",
    Message.TLS_ALREADY: "аутентификация уже выполнена по TLS сертификату",
    Message.TLS_DISABLED: "TLS сертификат, использованный для аутентификации, отключен",
    Message.FEW_TLS_CERTIFICATES: "недостаточно TLS сертификатов",
    Message.FEW_AUTHORITIES: "недостаточно полномочий",
    Message.UNUSABLE_TLS_CERTIFICATE: (
        "один из TLS сертификатов не может быть использован для аутентификации"
    ),
    Message.INVALID_INDEX: "один из индексов сертификатов не верен",
    Message.INVALID_AUTHORITY: "некорректный формат одного из OID-ов",
    Message.INVALID_IIN: "некорректный формат одного из ИИН переданных в запросе",
    Message.INVALID_URL: "некорректный формат одного из URL адресов",
    Message.NOT_ON_THIS_PLAN: "функция недоступна на данном уровне подписки",
    Message.DOCUMENT_NOT_FOUND: "документ не найден",
    Message.INVALID_DOCUMENT_ID: "некорректный идентификатор документа",
    Message.ARCHIVE_NOT_FOUND: "архив не найден",
    Message.NOT_JSON: "не удалось разобрать JSON запрос",
    Message.INVALID_STRUCTURE: "некорректная структура JSON запроса",
    Message.UNKNOWN_ROUTE: "некорректный маршрут",
    Message.INVALID_METHOD: "некорректный HTTP метод",
    Message.INVALID_HEADERS: "некорректный HTTP заголовок запроса",
    Message.INVALID_QUERY: "некорректный URL параметр запроса",
    Message.BODY_TOO_LARGE: "размер запроса слишком велик",
    Message.RATE_LIMIT: "достигнуто ограничение частоты запросов",
    Message.QR_TIMEOUT: "таймаут операции QR подписания",
    Message.QR_NOT_ACTIVE: "операция QR подписания не активна",
    Message.QR_WRONG_STATE: "неверное состояние QR подписания",
    Message.QR_TOO_MANY: "слишком много пользователей выполняют QR подписание",
    Message.OTHER_ENDPOINT: "подключена другая конечная точка",
    Message.NOT_CORRESPONDING: "подпись не соответствует документу",
    Message.NOT_CONFORMING: "подпись не удовлетворяет требованиям в настройках документа",
    Message.ALREADY_SUBMITTED: "данная подпись уже была зарегистрирована",
    Message.NO_LENGTH: "не указан HTTP заголовок Content-Length",
    Message.UNEXPECTED: "непредвиденная ошибка",
    Message.NOT_IMITATED: "эмулятор этого не воспроизводит",
}

KAZAKH: dict[Message, str] = {Message.ACCESS_DENIED: "қосылуға мүмкіндік жоқ"}
"""The only Kazakh text that is known (sigex-facts 2.3, K(S2)); the rest falls back to Russian."""

DESCRIPTIONS: dict[Message, str] = {
    Message.AUTHENTICATION_REQUIRED: "войдите с сертификатом и повторите действие",
    Message.ACCESS_DENIED: "у вашего сертификата нет права на это действие",
    Message.NOT_AN_ORGANISATION: "войдите с сертификатом сотрудника организации",
    Message.INVALID_NONCE: "данные для подписи устарели или подписано что-то другое",
    Message.INVALID_SIGNATURE: "подпись не прошла проверку",
    Message.UNREADABLE_SIGNATURE: "это не подпись или она повреждена",
    Message.UNKNOWN_ISSUER: "сертификат выпущен неизвестным удостоверяющим центром",
    Message.NO_CHAIN: "сертификат выпущен неизвестным удостоверяющим центром",
    Message.CERTIFICATE_NOT_IN_FORCE: "выберите действующий сертификат",
    Message.INVALID_CERTIFICATE_STATUS: "сертификат отозван, выберите другой",
    Message.OCSP_PROBLEM: "проверка сертификата сейчас недоступна, повторите позже",
    Message.TLS_ALREADY: "информационная система входит по сертификату соединения",
    Message.TLS_DISABLED: "включите сертификат в настройках организации",
    Message.FEW_TLS_CERTIFICATES: "добавьте сертификат информационной системы",
    Message.FEW_AUTHORITIES: "полномочие первого руководителя обязательно в каждом блоке",
    Message.UNUSABLE_TLS_CERTIFICATE: "нужен ключ RSA от 2048 бит или ECDSA от 224 бит",
    Message.INVALID_INDEX: "в списке сертификатов нет такой позиции",
    Message.INVALID_AUTHORITY: "укажите OID цифрами через точку",
    Message.INVALID_IIN: "укажите IIN и двенадцать цифр",
    Message.INVALID_URL: "укажите полный адрес, начиная с https://",
    Message.NOT_ON_THIS_PLAN: "смените тариф организации",
    Message.DOCUMENT_NOT_FOUND: "проверьте идентификатор документа",
    Message.INVALID_DOCUMENT_ID: "идентификатор состоит из шестнадцати букв и цифр",
    Message.ARCHIVE_NOT_FOUND: "содержимое документа не хранится в сервисе",
    Message.NOT_JSON: "тело запроса не является JSON",
    Message.INVALID_STRUCTURE: "поле запроса отсутствует или имеет другой вид",
    Message.UNKNOWN_ROUTE: "такого вызова нет",
    Message.INVALID_METHOD: "этот вызов делается другим методом",
    Message.INVALID_HEADERS: "заголовки запроса не разобраны",
    Message.INVALID_QUERY: "параметр имеет другой вид",
    Message.BODY_TOO_LARGE: "уменьшите запрос",
    Message.RATE_LIMIT: "подождите минуту и повторите",
    Message.QR_TIMEOUT: "код не был отсканирован и подписан вовремя, получите новый",
    Message.QR_NOT_ACTIVE: "код устарел или не выдавался, получите новый",
    Message.QR_WRONG_STATE: "код уже использован или подписание еще не начато",
    Message.QR_TOO_MANY: "повторите попытку через несколько минут",
    Message.OTHER_ENDPOINT: "тот же запрос пришёл снова, ответ получит последний",
    Message.NOT_CORRESPONDING: "подписан другой файл, выберите тот, который был подписан",
    Message.NOT_CONFORMING: "подпишите ключом того, кого требуют настройки документа",
    Message.ALREADY_SUBMITTED: "документ с этой подписью уже есть",
    Message.NO_LENGTH: "укажите размер передаваемых данных",
    Message.UNEXPECTED: "повторите действие позже",
    Message.NOT_IMITATED: "этот вызов есть у сервиса, но не у эмулятора; проверьте его на сервисе",
}
"""One for each message, so that the site's «<Ru>: <description>.» always has both halves."""

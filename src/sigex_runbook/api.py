"""The HTTP channel: the service's API as an employee (cookie) or an information system (mTLS).

Source: sigex-facts 3 (known unless marked there). A JSON field `message` means failure whatever the
HTTP code is (sigex-facts 2.1).
"""

from __future__ import annotations

import base64
import binascii
import re
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import httpx

from .access import AccessBlock, AccessSettings, Json, differences
from .deadline import Deadline
from .errors import EnvironmentMissing, ServiceRefused, ServiceUnavailable, UsageError
from .reasons import why, wrong_address
from .verdict import Answer

COOKIE = "jwt"
"""Name of the session cookie (sigex-facts 3.3)."""

SESSION_PATH = "/api/auth"
"""Where one signs in and out and asks who one is (sigex-facts 3.2)."""

REFUSALS = frozenset({"Access denied", "TLS certificate used for authentication was disabled"})
"""Messages that refuse a caller what he asks for (sigex-facts 3.6, 5)."""

_SECONDS, _CONNECT_SECONDS = 20.0, 10.0
_FAREWELL_SECONDS = 3.0
"""For signing out, which happens also after the deadline."""

_RECORDED_FIELDS = (
    "message",
    "requestID",
    "businessId",
    "modifiedAt",
    "documentId",
    "documentsTotal",
    "eventsTotal",
    *AccessBlock,
)
"""Fields of an answer that may be recorded: none of them speaks of a person."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One call as it is recorded: no cookie, no body but allow-listed fields of the answer."""

    actor: str
    method: str
    url: str
    status: int
    date: str | None
    sent_at: str
    fields: Json


Recorder = Callable[[Exchange], None]


@dataclass(frozen=True, slots=True)
class Identity:
    """Who is signed in: `organisation_bin` is None for a private person.

    `user_id` is the service's name of the person, `IIN` and the number: compared, never recorded.
    """

    user_id: str
    name: str
    organisation_bin: str | None
    organisation_name: str | None


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a list of documents: their `ids`, and whether these are the `whole` list."""

    ids: tuple[str, ...]
    whole: bool


def check_address(address: str, option: str) -> str:
    """An https address without path or user part; raises UsageError for anything else."""
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        parts = urlsplit("")
    if (
        parts.scheme != "https"
        or re.fullmatch(r"[0-9A-Za-z.:_-]+", parts.hostname or "") is None
        or parts.username is not None
        or parts.path not in {"", "/"}
        or parts.query
        or parts.fragment
    ):
        raise UsageError(
            f"Адрес «{address}» в {option} не подходит: нужен вид https://имя:порт без пути."
        )
    return f"https://{parts.netloc}"


def tls_context(
    ca: Path | None, certificate: Path | None = None, key: Path | None = None
) -> ssl.SSLContext:
    """TLS as a client: the system's authorities, or `ca` alone; with a certificate, TLS 1.3 only.

    Raises UsageError when a file is no PEM or key and certificate are no pair.
    """
    try:
        context = ssl.create_default_context(cafile=ca)
    except (ssl.SSLError, OSError) as error:
        raise UsageError(
            f"Файл {ca} (--ca) не читается как сертификат PEM ({why(error)}). Проверьте путь."
        ) from error
    if certificate is not None and key is not None:
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        try:
            context.load_cert_chain(certificate, key, password=_no_password)
        except ssl.SSLError as error:
            raise UsageError(
                f"Ключ {key} не от сертификата {certificate}. Укажите в заказе ключ и сертификат "
                "одной информационной системы."
                if error.reason == "KEY_VALUES_MISMATCH"
                else f"Файл {key} не читается как ключ информационной системы. Укажите в заказе "
                "ключ RSA или EC в формате PEM без пароля."
            ) from None
        except OSError as error:
            raise UsageError(
                f"Ключ информационной системы {key} не читается ({why(error)}). Проверьте путь и "
                "права."
            ) from error
    return context


def _no_password() -> str:
    """OpenSSL would ask on the terminal and the run would hang; say so instead."""
    raise EnvironmentMissing(
        "Ключ информационной системы зашифрован паролем: сохраните для проверки ключ без пароля."
    )


class Api:
    """One caller's view of the API. Close it, or use it in a `with`.

    Every call raises ServiceUnavailable when there is no answer, or one that is not the service's
    JSON, and ServiceRefused when the answer is a `message`; DeadlinePassed when no time is left.
    """

    def __init__(
        self,
        address: str,
        *,
        actor: str,
        context: ssl.SSLContext,
        cookie: str | None = None,
        record: Recorder | None = None,
        deadline: Deadline | None = None,
        read_only: bool = False,
    ) -> None:
        """With `read_only` nothing is sent but questions, and what signs in and out."""
        self._deadline = deadline
        self._actor = actor
        self._read_only = read_only
        self._record = record
        # As a header: a cookie jar would not send a cookie of the bare host name «localhost».
        self._client = httpx.Client(
            base_url=address,
            verify=context,
            trust_env=False,
            headers={"Cookie": f"{COOKIE}={cookie}"} if cookie is not None else {},
        )
        self.clock_offset_seconds: float | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    def identity(self) -> Identity:
        """Who this session is."""
        body = self._call("GET", SESSION_PATH)
        business_id = body.get("businessId")
        return Identity(
            user_id=str(body.get("userId", "")),
            name=_attribute(body, "CN") or "",
            organisation_bin=str(business_id).removeprefix("BIN") if business_id else None,
            organisation_name=_attribute(body, "O"),
        )

    def sign_in(self, sign: Callable[[bytes], bytes]) -> Identity:
        """Begin a session: `sign` gives a detached CMS in DER over the service's nonce."""
        nonce = str(self._call("POST", SESSION_PATH, {}).get("nonce", ""))
        try:
            signature = sign(base64.b64decode(nonce, validate=True))
        except binascii.Error as error:
            raise ServiceUnavailable(
                "Сервис прислал для входа не то, что подписывают. Повторите позже."
            ) from error
        encoded = base64.b64encode(signature).decode("ascii")
        self._call("POST", SESSION_PATH, {"nonce": nonce, "signature": encoded})
        cookie = next((c.value for c in self._client.cookies.jar if c.name == COOKIE), None)
        self._client.cookies.clear()
        if cookie is None:
            raise ServiceUnavailable("Сервис принял подпись, но сессии не начал. Повторите позже.")
        self._client.headers["Cookie"] = f"{COOKIE}={cookie}"
        return self.identity()

    def sign_out(self) -> None:
        """End the session."""
        self._call("POST", SESSION_PATH, {"logout": True}, httpx.Timeout(_FAREWELL_SECONDS))

    def settings(self) -> AccessSettings:
        """The organisation's settings object."""
        body = self._call("GET", "/api/organizationSettings")
        try:
            return AccessSettings(body)
        except (ValueError, KeyError, TypeError) as error:
            raise ServiceUnavailable(
                f"Настройки организации пришли в незнакомом виде ({error}). Ничего не изменено; "
                "сообщите владельцу инструкции."
            ) from error

    def document(self, document_id: str) -> Json:
        """One document's card."""
        return self._call("GET", f"/api/{document_id}")

    def organisation_documents(self) -> Listing:
        """The first page of the organisation's documents, newest first."""
        until = int(datetime.now(UTC).timestamp() * 1000) + 86_400_000
        query = f"from=0&until={until}&organization=true"
        answer = self._call("GET", f"/api?{query}")
        documents = answer.get("documents")
        if not isinstance(documents, list) or not all(isinstance(one, dict) for one in documents):
            raise ServiceUnavailable("Список документов пришёл в незнакомом виде. Повторите позже.")
        return Listing(
            tuple(str(one.get("documentId")) for one in documents),
            whole=answer.get("documentsTotal") == len(documents),
        )

    def write_document_settings(self, document_id: str, settings: Json) -> Json:
        """Replace one document's settings; the answer names the document."""
        return self._call("POST", f"/api/{document_id}/settings", settings)

    def _call(
        self,
        method: str,
        path: str,
        body: Json | None = None,
        timeout: httpx.Timeout | None = None,
    ) -> Json:
        if self._read_only and (method, path) not in {("GET", path), ("POST", SESSION_PATH)}:
            raise RuntimeError(f"{method} {path} would change something")
        sent_at = datetime.now(UTC)
        try:
            response = self._client.request(
                method, path, json=body, timeout=timeout or self._timeout()
            )
        except httpx.HTTPError as error:
            if self._deadline is not None and timeout is None:
                self._deadline.check()
            raise ServiceUnavailable(self._silence(method, path, error)) from error
        answer = _json_object(response)
        self._note(sent_at, response, answer)
        if answer is None:
            raise ServiceUnavailable(
                f"На {method} {urlsplit(path).path} пришёл не JSON, а ответ {response.status_code} "
                f"({response.headers.get('content-type', 'без типа')}). "
                + wrong_address(response.status_code)
            )
        message = answer.get("message")
        if message is not None:
            raise ServiceRefused(
                f"Сервис ответил отказом на {method} {urlsplit(path).path}: «{message}».",
                reason=str(message),
            )
        if not response.is_success:
            raise ServiceUnavailable(
                f"Сервис ответил кодом {response.status_code} на {method} {urlsplit(path).path}. "
                + wrong_address(response.status_code)
            )
        return answer

    def _timeout(self) -> httpx.Timeout:
        """How long one call may take: never longer than the run."""
        if self._deadline is None:
            return httpx.Timeout(_SECONDS, connect=_CONNECT_SECONDS)
        return httpx.Timeout(
            self._deadline.timeout_ms(_SECONDS * 1000) / 1000,
            connect=self._deadline.timeout_ms(_CONNECT_SECONDS * 1000) / 1000,
        )

    def _silence(self, method: str, path: str, error: httpx.HTTPError) -> str:
        host = self._client.base_url.netloc.decode("ascii")
        if "CERTIFICATE_VERIFY_FAILED" in str(error):
            return (
                f"Сертификат узла {host} не подтверждён. Проверьте адрес, а для эмулятора — "
                "файл в --ca."
            )
        return (
            f"Сервис {host} не ответил на {method} {urlsplit(path).path} "
            f"({why(error)}). Проверьте адрес и сеть и повторите."
        )

    def _note(self, sent_at: datetime, response: httpx.Response, answer: Json | None) -> None:
        date = response.headers.get("date")
        if date is not None:
            try:
                told = parsedate_to_datetime(date)
                offset = sent_at - (told if told.tzinfo else told.replace(tzinfo=UTC))
                self.clock_offset_seconds = round(offset.total_seconds(), 1)
            except ValueError:
                self.clock_offset_seconds = None
        if self._record is not None:
            request = response.request
            self._record(
                Exchange(
                    actor=self._actor,
                    method=request.method,
                    url=str(request.url),
                    status=response.status_code,
                    date=date,
                    sent_at=sent_at.isoformat(timespec="milliseconds"),
                    fields=_recorded(answer),
                )
            )


def _json_object(response: httpx.Response) -> Json | None:
    try:
        answer = response.json()
    except (ValueError, RecursionError):
        return None
    return answer if isinstance(answer, dict) else None


def _recorded(answer: Json | None) -> Json:
    fields = {key: answer[key] for key in _RECORDED_FIELDS if answer and key in answer}
    for block in AccessBlock:  # a flag of the permissions, or a block: who is in it stays out
        value = fields.get(block)
        if isinstance(value, dict):
            indices = value.get("tlsCertificatesIndices")
            numbers = [i for i in indices if type(i) is int] if isinstance(indices, list) else []
            fields[block] = {"tlsCertificatesIndices": numbers}
        elif value is not None and not isinstance(value, bool):
            del fields[block]
    return fields


def _attribute(identity: Json, name: str) -> str | None:
    """A subject attribute by name; the structure is a list of RDNs (sigex-facts 3.3)."""
    try:
        for rdn in identity.get("subjectStructure") or []:
            for attribute in rdn:
                if attribute.get("name") == name and not attribute.get("valueInB64"):
                    return str(attribute.get("value"))
    except (AttributeError, TypeError) as error:
        raise ServiceUnavailable(
            "Сведения о вошедшем пришли в незнакомом виде. Ничего не изменено; сообщите владельцу "
            "инструкции."
        ) from error
    return None


def try_grant(
    system: Api,
    block: AccessBlock,
    document: tuple[str, Json] | None,
    *,
    organisation: str,
    settings: AccessSettings,
) -> tuple[Answer, str]:
    """Let an information system use one grant, as sigex-facts 5 shows how to see each.

    `organisation` is the service's name of the ordered one, `settings` are those that should be in
    force. `document` is a private document of it with its present settings: written back
    unchanged, so that nothing moves but the document's own audit. Returns what the service did and
    a few words when that is not plain. Whether the service refuses a listing with a message or with
    an empty list is unknown (sigex-facts 6, 13): an empty list of an organisation that has a
    document counts as refused, and tells nothing when no document is known. An answer about another
    organisation, another document or other settings is never «served»: it is somebody else's, or
    employees are shown something else than information systems.
    """
    if document is None and block in {AccessBlock.DOCUMENTS_ACCESS, AccessBlock.DOCUMENTS_SETTINGS}:
        return Answer.NOT_TRIED, "в заказе нет probe_document: доступ к документам не проверен"
    try:
        match block, document:
            case AccessBlock.DOCUMENTS_ACCESS, (document_id, known):
                shown = system.document(document_id).get("settings")
                if not isinstance(shown, dict):
                    return Answer.UNCLEAR, "в ответе нет карточки документа"
                if shown != known:
                    return Answer.UNCLEAR, "показан документ не с теми настройками, что сотруднику"
            case AccessBlock.DOCUMENTS_SETTINGS, (document_id, known):
                answer = system.write_document_settings(document_id, known)
                if answer.get("documentId") != document_id:
                    return Answer.UNCLEAR, "сервис не назвал документ, настройки которого записал"
            case AccessBlock.DOCUMENTS_LIST, _:
                listed = system.organisation_documents()
                if not listed.ids:
                    if document is None:
                        return Answer.NOT_TRIED, "список документов пуст: ни да, ни нет"
                    return Answer.REFUSED, "список пуст"
                if document is not None and listed.whole and document[0] not in listed.ids:
                    return Answer.UNCLEAR, f"в списке нет документа {document[0]} организации"
            case _:
                found = system.settings()
                if found.business_id is not None and found.business_id != organisation:
                    return Answer.UNCLEAR, f"сервис ответил от имени {found.business_id}"
                if moved := differences(settings, found):
                    return Answer.UNCLEAR, f"ей показаны другие настройки: {moved[0].path}"
    except ServiceRefused as refused:
        if refused.reason in REFUSALS:
            return Answer.REFUSED, refused.reason
        return Answer.UNCLEAR, refused.reason
    except ServiceUnavailable as error:
        return Answer.UNCLEAR, str(error)
    return Answer.SERVED, ""

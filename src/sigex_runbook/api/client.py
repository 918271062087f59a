"""One caller's view of the API.

A JSON field `message` means failure whatever the HTTP code is (sigex-facts 2.1).
"""

from __future__ import annotations

import base64
import binascii
import math
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import httpx

from sigex_runbook.core.access import AccessSettings, Json
from sigex_runbook.core.deadline import Deadline
from sigex_runbook.core.error_causes import why, wrong_address
from sigex_runbook.core.errors import ServiceUnavailable
from sigex_runbook.core.network.proxies import proxy_for, through

from .exchange import Exchange, Recorder, recorded_fields
from .refusals import limited, next_pause, refusal, too_often, unknown_shape
from .session import COOKIE, OwnSession, Session, renewals_in

SESSION_PATH = "/api/auth"
"""Where one signs in and out and asks who one is (sigex-facts 3.2)."""


_SECONDS, _CONNECT_SECONDS = 20.0, 10.0
_FAREWELL_SECONDS = 3.0
"""For signing out, which happens also after the deadline."""


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


class Api:
    """One caller's view of the API. Close it, or use it in a `with`.

    Every call raises ServiceUnavailable when there is no answer, or one that is not the service's
    JSON, and ServiceRefused when the answer is a `message`; DeadlinePassed when no time is left.
    A question that came too soon after others is asked again, as long as there is time.
    """

    def __init__(
        self,
        address: str,
        *,
        actor: str,
        context: ssl.SSLContext,
        session: Session | None = None,
        record: Recorder | None = None,
        deadline: Deadline | None = None,
        read_only: bool = False,
        pause: Callable[[float], object] = time.sleep,
    ) -> None:
        """Without a `session` it begins with none, and has its own after `sign_in`.

        With `read_only` nothing is sent but questions, and what signs in and out.
        """
        self._deadline = deadline
        self._actor = actor
        self._read_only = read_only
        self._pause = pause
        self._record = record
        self._session: Session = session if session is not None else OwnSession()
        self._proxy = proxy_for(address)
        self._client = httpx.Client(
            base_url=address, verify=context, proxy=self._proxy, trust_env=False
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
        user_id, business_id = body.get("userId"), body.get("businessId")
        if not isinstance(user_id, str) or not user_id:
            raise unknown_shape("Сведения о вошедшем пришли")
        return Identity(
            user_id=user_id,
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
        if self._session.cookie is None:
            raise ServiceUnavailable("Сервис принял подпись, но сессии не начал. Повторите позже.")
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
            raise unknown_shape(f"Настройки организации пришли ({error})") from error

    def settings_audit(self, last_event_id: int) -> Json:
        """The journal of the settings' changes after an event, or a part of it."""
        return self._call("GET", f"/api/organizationSettingsAudit?lastEventId={last_event_id}")

    def document(self, document_id: str) -> Json:
        """One document's card."""
        return self._call("GET", f"/api/{document_id}")

    def organisation_documents(self) -> Listing:
        """The first page of the organisation's documents, newest first."""
        until = int(datetime.now(UTC).timestamp() * 1000) + 86_400_000
        query = f"from=0&until={until}&organization=true"
        answer = self._call("GET", f"/api?{query}")
        documents, total = answer.get("documents"), answer.get("documentsTotal")
        if (
            documents is None and total == 0
        ):  # sigex-facts 8: so its encoder may write an empty list
            documents = []
        if not isinstance(documents, list) or not all(isinstance(one, dict) for one in documents):
            raise unknown_shape("Список документов пришёл")
        return Listing(
            tuple(str(one.get("documentId")) for one in documents),
            whole=total == len(documents),
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
        asked = f"{method} {urlsplit(path).path}"
        waited = 0.0
        while True:
            sent_at = datetime.now(UTC)
            response = self._send(method, path, body, timeout)
            answer = _json_object(response)
            over = not limited(response, answer)
            left = math.inf if self._deadline is None else self._deadline.left
            pause = None if over or method != "GET" else next_pause(response, waited, left)
            if pause is None:
                break
            self._pause(pause)
            waited += pause
        self._note(sent_at, response, answer, waited)
        if not over:
            raise too_often(asked)
        if answer is None:
            raise ServiceUnavailable(
                f"На {asked} пришёл не JSON, а ответ {response.status_code} "
                f"({response.headers.get('content-type', 'без типа')}). "
                + wrong_address(response.status_code)
            )
        message = answer.get("message")
        if message is not None:
            raise refusal(asked, str(message))
        if not response.is_success:
            raise ServiceUnavailable(
                f"Сервис ответил кодом {response.status_code} на {asked}. "
                + wrong_address(response.status_code)
            )
        return answer

    def _send(
        self, method: str, path: str, body: Json | None, timeout: httpx.Timeout | None
    ) -> httpx.Response:
        cookie = self._session.cookie
        try:
            response = self._client.request(
                method,
                path,
                json=body,
                timeout=timeout or self._timeout(),
                # httpx's own jar would not send a cookie of the bare host name «localhost»
                headers={"Cookie": f"{COOKIE}={cookie}"} if cookie is not None else {},
            )
        except httpx.HTTPError as error:
            if self._deadline is not None and timeout is None:
                self._deadline.check()
            raise ServiceUnavailable(self._silence(method, path, error)) from error
        self._client.cookies.clear()
        for renewal in renewals_in(response.headers.get_list("set-cookie")):
            self._session.renew(renewal)
        return response

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
            f"({why(error)}{through(self._proxy)}). Проверьте адрес и сеть и повторите."
        )

    def _note(
        self, sent_at: datetime, response: httpx.Response, answer: Json | None, waited: float
    ) -> None:
        request = response.request
        exchange = Exchange(
            actor=self._actor,
            method=request.method,
            url=str(request.url),
            status=response.status_code,
            date=response.headers.get("date"),
            sent_at=sent_at.isoformat(timespec="milliseconds"),
            fields=recorded_fields(answer),
            waited_seconds=round(waited),
        )
        if exchange.date is not None:
            self.clock_offset_seconds = exchange.clock_offset_seconds
        if self._record is not None:
            self._record(exchange)


def _json_object(response: httpx.Response) -> Json | None:
    try:
        answer = response.json()
    except (ValueError, RecursionError):
        return None
    return answer if isinstance(answer, dict) else None


def _attribute(identity: Json, name: str) -> str | None:
    """A subject attribute by name; the structure is a list of RDNs (sigex-facts 3.3)."""
    try:
        for rdn in identity.get("subjectStructure") or []:
            for attribute in rdn:
                if attribute.get("name") == name and not attribute.get("valueInB64"):
                    return str(attribute.get("value"))
    except (AttributeError, TypeError) as error:
        raise unknown_shape("Сведения о вошедшем пришли") from error
    return None

"""The settings of an organisation, read again by somebody else and changing nothing.

Signing in and out is all that is ever sent beside questions: the client refuses anything else.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from sigex_runbook.api.client import Api
from sigex_runbook.api.exchange import Exchange
from sigex_runbook.api.line import tls_context
from sigex_runbook.core.access import Json, key_fingerprint
from sigex_runbook.core.errors import RunFailed, ServiceRefused, SignInFailed, UsageError
from sigex_runbook.core.given.private_keys import private_key_in, public_half
from sigex_runbook.core.organisation import Bin
from sigex_runbook.run.options import Target
from sigex_runbook.signing import Signer

from .answer import Call, Reader, Reading


def read_as_employee(target: Target, signer: Signer, organisation: Bin) -> Reading:
    """Sign in, read, sign out. Raises RunFailed when there is no answer, or another's settings."""
    calls: list[Call] = []
    api = _api(target.address, target.ca, "employee", calls)
    with api, _session(api, signer) as signed_in:
        if signed_in != organisation.text:
            raise SignInFailed(
                f"Вход состоялся от имени организации {signed_in or '(без БИН)'}, а пакет — о "
                f"{organisation.text}. Укажите ключ сотрудника этой организации."
            )
        body = _settings(api, organisation)
    return _reading(Reader.EMPLOYEE, None, target.address, api, body, calls)


def read_as_system(target: Target, certificate: Path, key: Path, organisation: Bin) -> Reading:
    """Read as the information system over mTLS. Raises RunFailed as above, UsageError without an
    address for information systems."""
    if target.mtls_address is None:
        raise UsageError("Не указан адрес для информационных систем: добавьте --mtls-target.")
    calls: list[Call] = []
    with _api(target.mtls_address, target.ca, "information system", calls, certificate, key) as api:
        body = _settings(api, organisation)
    own = public_half(private_key_in(key.read_bytes()))
    fingerprint = key_fingerprint(certificate.read_bytes(), own)
    return _reading(Reader.SYSTEM, fingerprint, target.mtls_address, api, body, calls)


def _api(
    address: str,
    ca: Path | None,
    actor: str,
    calls: list[Call],
    certificate: Path | None = None,
    key: Path | None = None,
) -> Api:
    def record(exchange: Exchange) -> None:
        path = exchange.url.removeprefix(address)
        calls.append(Call(exchange.method, path, exchange.status, exchange.date))

    context = tls_context(ca, certificate, key)
    return Api(address, actor=actor, context=context, record=record, read_only=True)


@contextmanager
def _session(api: Api, signer: Signer) -> Iterator[str | None]:
    """A session of one's own: whose organisation it is; ended whatever happens in it."""
    try:
        identity = api.sign_in(lambda nonce: signer.sign(nonce, attach=False))
    except ServiceRefused as refused:
        raise SignInFailed(
            f"Сервис не принял вход по этому ключу: «{refused.reason}». Проверьте ключ и его срок."
        ) from refused
    try:
        yield identity.organisation_bin
    finally:
        with suppress(RunFailed):  # the session ends by itself; what was read stays read
            api.sign_out()


def _settings(api: Api, organisation: Bin) -> Json:
    try:
        settings = api.settings()
    except ServiceRefused as refused:
        raise RunFailed(
            f"Сервис не показал настройки организации: «{refused.reason}». Нужен ключ, которому "
            "разрешены настройки организации."
        ) from refused
    if settings.business_id != organisation.subject_id:
        raise RunFailed(
            f"Сервис показал настройки {settings.business_id or 'неизвестно чьи'}, а пакет — о "
            f"{organisation.subject_id}. Проверьте, чей это ключ."
        )
    return settings.body


def _reading(
    reader: Reader, fingerprint: str | None, target: str, api: Api, body: Json, calls: list[Call]
) -> Reading:
    at = datetime.now(UTC).replace(microsecond=0)
    offset = api.clock_offset_seconds
    return Reading(reader, fingerprint, target, at, offset, tuple(calls), body)

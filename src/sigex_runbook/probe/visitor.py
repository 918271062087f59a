"""Who looks around: signed in as the order says, reading, never writing; and what makes sure of it:
what a page wants to send while it is looked at does not leave."""

from __future__ import annotations

import base64
import contextlib
import json
from functools import cached_property
from urllib.parse import urlsplit

from playwright.sync_api import Page, Request, Route

from sigex_runbook.api.client import SESSION_PATH, Api, Identity
from sigex_runbook.api.line import tls_context
from sigex_runbook.core.access import AccessSettings, same_settings
from sigex_runbook.core.deadline import Deadline
from sigex_runbook.core.errors import GuideBroken, ServiceRefused, ServiceUnavailable, SignInFailed
from sigex_runbook.run.browser_session import BrowserSession
from sigex_runbook.run.options import Target
from sigex_runbook.signing import Signer

_SIGN_IN = """async ([path, sent]) => (await fetch(path, {
  method: "POST", credentials: "same-origin", body: JSON.stringify(sent),
  headers: {"Content-Type": "application/json"},
})).json()"""
_ASK = """async (path) => {
  const answer = await fetch(path, {credentials: "same-origin"});
  const text = await answer.text();
  let body = null;
  try { body = JSON.parse(text); } catch {}
  return {status: answer.status, headers: [...answer.headers.keys()], body};
}"""
_READS = {"GET", "HEAD", "OPTIONS"}
_QR_PATH = "/api/egovQr"  # sigex-facts 4.3 (known)


class Visitor:
    """The backstage of a `Site` that is only looked at."""

    def __init__(self, target: Target, deadline: Deadline, page: Page) -> None:
        self._target = target
        self.deadline = deadline
        self._page = page
        self._session = BrowserSession(page.context, target.address)
        self._api: Api | None = None
        self.identity: Identity | None = None
        self.notes: list[str] = []

    # -- backstage

    def signed_in(self) -> bool:
        """Whether the page's session is somebody's."""
        if self._session.cookie is None:
            return False
        try:
            self.identity = self.api.identity()
        except ServiceRefused:
            return False
        return True

    def person(self) -> tuple[str, ...]:
        """Names that the page may call the employee by."""
        if self.identity is None:
            return ()
        return (self.identity.name, self.identity.organisation_name or "")

    def settings_before(self) -> AccessSettings | None:
        """The settings as they were read first; None where they may not be."""
        return self._settings

    def settings_expected(self) -> AccessSettings:
        """Nothing may be saved. Raises GuideBroken."""
        raise GuideBroken("Проверка страницы ничего не сохраняет.")

    # -- observer

    def seen(self, sighting: object) -> None:
        """Pictures are taken by whoever probes."""

    def note(self, text: str) -> None:
        """Keep a remark."""
        self.notes.append(text)

    def saving(self, saved: object) -> None:
        """Nothing is saved. Raises GuideBroken."""
        raise GuideBroken(f"Проверка страницы ничего не сохраняет ({saved}).")

    # -- questions

    @cached_property
    def _settings(self) -> AccessSettings | None:
        try:
            return self.api.settings()
        except (ServiceRefused, ServiceUnavailable) as error:
            self.note(str(error))
            return None

    def unchanged(self) -> bool | None:
        """Whether the settings say the same as at first; None when they cannot be read."""
        if self._api is None or self._settings is None:
            return None
        try:
            return same_settings(self._settings, self.api.settings())
        except (ServiceRefused, ServiceUnavailable):
            return None

    @property
    def api(self) -> Api:
        """The API in the name of who is signed in; it sends nothing but questions."""
        if self._api is None:
            if self._session.cookie is None:
                raise SignInFailed("Сервис не начал сеанс: вход не выполнен. Запустите снова.")
            self._api = Api(
                self._target.address,
                actor="employee",
                context=tls_context(self._target.ca),
                session=self._session,
                deadline=self.deadline,
                read_only=True,
            )
        return self._api

    def ask(self, path: str) -> dict[str, object]:
        """What the service answers the page: code, names of headers, the JSON or None."""
        answer: dict[str, object] = self._page.evaluate(_ASK, path)
        return answer

    def sign_without_the_page(self, signer: Signer) -> None:
        """Begin a session as the page would, when its button is not to be found (sigex-facts 3.2).

        Raises SignInFailed with the service's words.
        """
        nonce = self._page.evaluate(_SIGN_IN, ["/api/auth", {}]).get("nonce", "")
        signature = signer.sign(base64.b64decode(nonce), attach=False)
        encoded = base64.b64encode(signature).decode("ascii")
        answer = self._page.evaluate(
            _SIGN_IN, ["/api/auth", {"nonce": nonce, "signature": encoded}]
        )
        if answer.get("message"):
            raise SignInFailed(
                f"Вход не выполнен, сервис сообщил: «{answer['message']}». Устраните причину и "
                "запустите снова."
            )

    def close(self) -> None:
        """End the session at the service."""
        if self._api is not None:
            with contextlib.suppress(ServiceUnavailable, ServiceRefused):
                self._api.sign_out()
            self._api.close()


class ReadingOnly:
    """Stands between a page and the service: nothing but questions and the sign-in passes.

    Made after every other guard of the page: the last one made is asked first.
    """

    def __init__(self, page: Page, address: str) -> None:
        self._host = urlsplit(address).netloc
        self.refused: list[str] = []
        for one in (page, page.context):  # a page may open another one
            one.route(lambda url: urlsplit(url).netloc == self._host, self._meet)

    def _meet(self, route: Route, request: Request) -> None:
        path = urlsplit(request.url).path
        if request.method in _READS or (
            (path == SESSION_PATH and not _signs_out(request)) or path.startswith(_QR_PATH)
        ):
            route.fallback()
            return
        self.refused.append(f"{request.method} {path}")
        route.abort("blockedbyclient")


def _signs_out(request: Request) -> bool:
    try:
        sent = json.loads(request.post_data or "")
    except ValueError:
        return False
    return isinstance(sent, dict) and bool(sent.get("logout"))

"""Section 1 while a page is probed: the sign-in icon, its page, and a session whatever is known."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from urllib.parse import parse_qsl, urlsplit

from playwright.sync_api import Error as PlaywrightError

from sigex_runbook.core.errors import RunFailed, ServiceUnavailable
from sigex_runbook.site import guide_labels as words
from sigex_runbook.site.reading.messages import message_of
from sigex_runbook.site.reading.view import Seen, View

from . import candidates, outline
from .callouts import Callouts
from .findings import Place, State
from .ground import LONG_MS, PROOF_MS, SHORT_MS, Ground

_ADDRESSES = ("/auth", "/login", "/sign-in", "/signin")
"""Where sign-in pages usually are: the path of this one is not known (sigex-facts 2.1)."""


class Entrance:
    """The way in. `header_before` is what the header held before it."""

    def __init__(self, ground: Ground, callouts: Callouts, learn: Callable[..., None]) -> None:
        self._on = ground
        self._callouts = callouts
        self._learn = learn
        self.header_before: frozenset[candidates.Sign] = frozenset()

    def look_signed_out(self) -> None:
        """What the settings say to nobody (sigex-facts 6.8)."""
        on = self._on
        with contextlib.suppress(ServiceUnavailable):
            on.site.open_settings_by_address()
            on.finder.until(lambda view: message_of(view, trouble=True), SHORT_MS)
            view = on.view()
            shown = outline.of(view, lambda one: "header" not in one.kinds)
            self._learn(8, address=on.path(), shown=shown)

    def sign_in(self) -> None:
        """Find icon and page, and begin a session. Raises RunFailed when there is none."""
        on = self._on
        on.site.open_start()
        sought = words.marked(1)
        icon = self._callouts.seek(1, sought)
        view = on.view()
        self.header_before = frozenset(map(candidates.sign_of, view.shown))
        self._learn(7, signed_out=outline.of(view, lambda one: one.in_header))
        if icon is not None:
            on.press(icon)
        elif not self._callouts.miss(
            1, sought, Place("sign_in_icon"),
            candidates.icons_of_header("sign_in_icon", view, on.finder.locators),
            proof=self._leads_to_sign_in, back=on.site.open_start,
        ):  # fmt: skip
            self._find_sign_in_page(view)
        self._callouts.try_again_now(1)
        if icon is not None or self._leads_to_sign_in_now(LONG_MS):
            found = on.recognised(words.SIGN_BUTTON, LONG_MS)
            self._learn(
                5,
                address=on.path(),
                title=on.cleaning.text(on.finder.page.title()),
                parameters=sorted(_parameters(on.finder.page.url)),
                shown=outline.of(on.view(), lambda one: "header" not in one.kinds),
                sign_button=found.one.clue if found and found.one else "не узнана",
            )
        self._sign()
        identity = on.visitor.signed_in() and on.visitor.identity
        if not identity:
            raise RunFailed("Вход выполнен, но сервис не говорит, кто вошёл. Запустите снова.")
        on.cleaning.knows((identity.name, identity.organisation_name or ""))

    def _sign(self) -> None:
        """Sign in on the page; or past it, when its button is not recognised and a key is given."""
        on = self._on
        signer = on.sign_in.signer
        if signer is None or on.recognised(words.SIGN_BUTTON, SHORT_MS) is not None:
            on.sign_in.sign(on.site)
            return
        view = on.view()
        if on.path() != "/" and self._callouts.propose(
            words.SIGN_BUTTON,
            Place("sign_button"),
            candidates.by_name("sign_button", "Войти NCALayer ЭЦП", view),
            view,
            State.MISSING,
            proof=self._begins_a_session,
            back=on.site.reload,
        ):
            on.visitor.note("Кнопка подписи на странице входа не узнана; указание есть в файле.")
        if on.visitor.signed_in():
            return
        on.visitor.note(
            "Кнопка подписи не узнана или страница входа не найдена; сеанс начат без неё, тем же "
            "ключом."
        )
        on.visitor.sign_without_the_page(signer)
        on.site.open_start()

    def _begins_a_session(self, seen: Seen) -> str:
        on = self._on
        if on.press(seen) and on.finder.until(lambda _: on.visitor.signed_in() or None, PROOF_MS):
            return "после нажатия начался сеанс"
        return ""

    def _leads_to_sign_in(self, seen: Seen) -> str:
        if self._on.press(seen) and self._leads_to_sign_in_now(PROOF_MS):
            return "после нажатия открылась страница входа"
        return ""

    def _leads_to_sign_in_now(self, at_most_ms: float) -> bool:
        return self._on.recognised(words.SIGN_BUTTON, at_most_ms) is not None

    def _find_sign_in_page(self, start: View) -> None:
        """Go to the sign-in page by a link of the page, or where such pages usually are."""
        links = [o.href for o in start.shown if candidates.leads("sign_in_icon", o)]
        for address in dict.fromkeys([*links, *_ADDRESSES]):
            if not address.startswith("/"):
                continue
            with contextlib.suppress(PlaywrightError):
                answer = self._on.finder.page.goto(f"{self._on.address}{address}", timeout=LONG_MS)
                if answer is not None and answer.ok and self._leads_to_sign_in_now(SHORT_MS):
                    self._on.visitor.note(f"Страница входа найдена по адресу {address}.")
                    return
        self._on.site.open_start()


def _parameters(url: str) -> list[str]:
    return [name for name, _ in parse_qsl(urlsplit(url).query)]

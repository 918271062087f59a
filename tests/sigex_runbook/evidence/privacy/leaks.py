"""A control of the leak scan: secrets in a raw trace of a real sign-in, and in every carrier.

By hand, it prints what is found where: python -m tests.sigex_runbook.evidence.privacy.leaks
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from sigex_emulator import Emulator
from sigex_runbook.api.session import COOKIE
from sigex_runbook.core.deadline import Deadline
from sigex_runbook.evidence.privacy.leak import Canaries, DecodingScanner
from sigex_runbook.evidence.privacy.leak.pictures import PictureReader
from sigex_runbook.run.browser_session import BrowserSession
from sigex_runbook.run.employee import Assignment, Employee
from sigex_runbook.run.options import Options
from sigex_runbook.run.run import run
from sigex_runbook.run.sign_in import ByKey, sign_in_of
from sigex_runbook.signing import NCALayer
from sigex_runbook.signing.bridge import attach
from sigex_runbook.site.browser_launch import launch
from sigex_runbook.site.server_pin import server_pin
from sigex_runbook.site.session import visit
from tests.service import ORGANISATION, Service
from tests.sigex_runbook.evidence.sealed import Place
from tests.spec_employee import Hand, Onlooker

from .carriers import CARRIERS, picture

TRACE, OCR = "raw trace", "OCR of a picture"

_PLANT = """async ([bearer, token, password, key]) => {
  await fetch(`/api/auth?access_token=${token}`, {headers: {Authorization: `Bearer ${bearer}`}});
  for (const [id, value] of [['password', password], ['key', key]]) {
    const field = document.body.appendChild(document.createElement('textarea'));
    field.value = value;
    console.log(id, value);
  }
}"""


@dataclass(frozen=True)
class Recorded:
    """A trace as Playwright writes it, and the secrets that it must hold."""

    trace: bytes
    secrets: Mapping[str, str]


class _Listening(Hand):
    """A person's hand that remembers what it was asked to sign."""

    nonce = b""

    def sign(self, data: bytes, *, attach: bool) -> bytes:
        self.nonce = data
        return super().sign(data, attach=attach)


def record(service: Service, folder: Path) -> Recorded:
    """Sign in at the emulator with tracing on, and say aloud what must never be said."""
    order = service.order()
    signer = sign_in_of(order).signer
    assert signer is not None
    assert order.information_system.key is not None
    password = order.sign_in.password.read()  # type: ignore[union-attr]
    key = order.information_system.key.read_text("ascii")
    planted = {
        "bearer": "dGhlIGJlYXJlciBvZiB0aGlzIHJ1bg.canary-1",
        "query token": "the-query-token-of-this-run-2",
        "password": f"{password}-Aa1!canary",
        "private key": key,
    }
    ca = (service.emulator.directory / "ca.pem").read_bytes()
    hand = _Listening(signer)  # type: ignore[arg-type]
    with (
        sync_playwright() as playwright,
        launch(playwright, pins=[server_pin(service.target.address, ca)]) as browser,
        visit(browser) as opened,
    ):
        attach(opened.context, NCALayer(hand))
        opened.context.tracing.start(screenshots=True, snapshots=True, sources=False)
        assignment = Assignment(order, service.target, ByKey(hand), Deadline(120), Onlooker())
        employee = Employee(assignment, opened)
        employee.ensure_signed_in()
        number = employee.api.identity().user_id.removeprefix("IIN")
        cookie = BrowserSession(opened.context, service.target.address).cookie
        assert cookie is not None
        _say(opened.page, number, list(planted.values()))
        path = folder / "trace.zip"
        opened.context.tracing.stop(path=path)
        employee.close()
    assert hand.nonce
    return Recorded(
        path.read_bytes(),
        {
            "cookie": cookie,
            "Set-Cookie": f"Set-Cookie: {COOKIE}={cookie}; Path=/; HttpOnly",
            **planted,
            "ИИН": number,
        },
    )


def _say(page: Page, number: str, planted: list[str]) -> None:
    page.evaluate(_PLANT, planted)
    page.evaluate("number => { document.title = `ИИН ${number}`; }", number)


def scanner_for(secrets: Mapping[str, str], *, read: bool = False) -> DecodingScanner:
    """A scanner that knows these secrets, each under its own name."""
    canaries = Canaries()
    for name, secret in secrets.items():
        literal = secret.split("\n")[1] if name == "private key" else secret
        canaries = canaries.plus(name, [literal])
    return DecodingScanner(canaries, pages=True, reader=PictureReader() if read else None)


def found_in(data: bytes, secrets: Mapping[str, str], *, read: bool = False) -> set[str]:
    """The rules and names that the scanner answers for a file."""
    leaks = scanner_for(secrets, read=read).scan("evidence/a", data, ORGANISATION)
    return {leak.rule for leak in leaks}


def matrix(recorded: Recorded) -> dict[str, dict[str, bool | None]]:
    """For each secret: whether it is found, as itself and not by a rule alone, in the trace and in
    each carrier. None: not tried, since only digits are read from pictures."""
    in_trace = found_in(recorded.trace, recorded.secrets)
    table: dict[str, dict[str, bool | None]] = {}
    for name, secret in recorded.secrets.items():
        alone = {name: secret}
        table[name] = {TRACE: name in in_trace or (name == "Set-Cookie" and "cookie" in in_trace)}
        for carrier, carry in CARRIERS.items():
            table[name][carrier] = name in found_in(carry(secret), alone)
        shown = picture(secret) if name == "ИИН" else None
        table[name][OCR] = None if shown is None else bool(found_in(shown, {}, read=True))
    return table


def main() -> None:
    with tempfile.TemporaryDirectory() as name, Emulator(directory=Path(name) / "e") as emulator:
        service, folder = Service(emulator), Path(name)
        recorded = record(service, folder)
        table = matrix(recorded)
        names = list(table)
        _print(f"{'carrier':28}" + "".join(f"{n:>13}" for n in names))
        for carrier in table[names[0]]:
            marks = {True: "found", False: "MISSED", None: "-"}
            _print(f"{carrier:28}" + "".join(f"{marks[table[n][carrier]]:>13}" for n in names))
        emulator.world.reset()
        place = Place(folder / "outputs")
        order = service.order()
        result = run(
            order,
            Options(service.target),
            outputs=place.outputs,
            campaign="control",
            sealer=place.sealer,
        )
        files = [path for path in result.pack.rglob("*") if path.is_file()]
        scanner = scanner_for(recorded.secrets, read=True)
        hits = [
            (path.name, leak.rule)
            for path in files
            for leak in scanner.scan(path.name, path.read_bytes(), ORGANISATION)
        ]
        _print(f"pack of the same order, {len(files)} files, pictures read: {len(hits)} hits")
        assert hits == [], hits


def _print(line: str) -> None:
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    main()

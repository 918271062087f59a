"""Known calls that are not imitated say so (sigex-facts 8), on both ports and to anybody."""

from __future__ import annotations

import pytest

from sigex_emulator import Emulator
from sigex_emulator.api.not_imitated import NOT_IMITATED
from tests.sigex_emulator.drivers import ALFA, SystemMaker, VisitorMaker, answer, message

NOT_HERE = "Not imitated by the emulator"


@pytest.mark.fact("8-out-of-scope")
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/settings"),
        ("POST", "/api/settings"),
        ("GET", "/api/settingsAudit?lastEventId=1"),
        ("POST", "/api/package"),
        ("GET", "/api/package?organization=true"),
        ("GET", "/api/package/lQsqLBaS4nQAIIMm"),
        ("POST", "/api/package/lQsqLBaS4nQAIIMm/settings"),
        ("DELETE", "/api/package/lQsqLBaS4nQAIIMm/egovOperation/1"),
        ("POST", "/api/exported"),
        ("POST", "/api/parseDDC"),
        ("GET", "/api/idFromFileName/?name=x"),
        ("GET", "/api/normalizeId/x"),
        ("GET", "/api/externalServicesStats"),
        ("POST", "/api/lQsqLBaS4nQAIIMm"),
        ("POST", "/api/lQsqLBaS4nQAIIMm/verify"),
        ("POST", "/api/lQsqLBaS4nQAIIMm/notify"),
        ("GET", "/api/lQsqLBaS4nQAIIMm/signature/1"),
        ("GET", "/api/lQsqLBaS4nQAIIMm/signature/1/qr"),
        ("POST", "/api/lQsqLBaS4nQAIIMm/buildDDC"),
        ("POST", "/api/lQsqLBaS4nQAIIMm/egovQr"),
        ("DELETE", "/api/lQsqLBaS4nQAIIMm/egovOperation/1"),
    ],
)
def test_a_call_that_is_not_imitated_says_so(
    visitor: VisitorMaker, system: SystemMaker, method: str, path: str
) -> None:
    for client in (visitor(signed_in=False).client, system()):
        assert message(answer(client.request(method, path))) == NOT_HERE


def test_they_stand_in_the_way_of_nothing_that_is_imitated(
    emulator: Emulator, visitor: VisitorMaker
) -> None:
    head = visitor("head")
    document = f"/api/{emulator.world.organisations[ALFA].document_ids[0]}"
    for path in (document, f"{document}/data", f"{document}/settingsAudit"):
        assert message(head.get(path)) == ""
    assert message(head.post(f"{document}/settings", {"private": True})) == ""


def test_they_are_not_described(visitor: VisitorMaker) -> None:
    described = visitor(signed_in=False).client.get("/emulator/openapi.json").json()["paths"]
    imitated = {(method.upper(), path) for path, calls in described.items() for method in calls}
    assert imitated.isdisjoint(NOT_IMITATED)
    assert "/api/settings" not in described


def test_strings_know_their_message(visitor: VisitorMaker) -> None:
    """A site that shows messages by their texts shows a sentence for this one as well."""
    texts = visitor(signed_in=False).get("/api/strings")["errorMessages"][NOT_HERE]
    assert texts["ru"] == "эмулятор этого не воспроизводит"

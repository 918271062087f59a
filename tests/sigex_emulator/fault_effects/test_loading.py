"""Each fault of loading does what the catalogue says, when told to."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from sigex_emulator import Emulator
from tests.sigex_emulator.drivers import (
    ALFA,
    BETA,
    CONTRACTS,
    PORTAL,
    SystemMaker,
    Visitor,
    VisitorMaker,
    answer,
    message,
)
from tests.sigex_emulator.saves import SETTINGS, Settings, nothing_ticked, ticks

pytestmark = pytest.mark.usefixtures("quick")


def _502_on_load(emulator: Emulator, person: Visitor, healthy: Settings) -> None:
    assert person.client.get(SETTINGS).status_code == 502


def _html_on_load(emulator: Emulator, person: Visitor, healthy: Settings) -> None:
    assert person.client.get(SETTINGS).headers["content-type"].startswith("text/html")


def _truncated(emulator: Emulator, person: Visitor, healthy: Settings) -> None:
    response = person.client.get(SETTINGS)
    assert response.status_code == 200
    with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
        response.json()


def _reset(emulator: Emulator, person: Visitor, healthy: Settings) -> None:
    with pytest.raises(httpx.RemoteProtocolError):
        person.client.get(SETTINGS)


def _message_on_load(emulator: Emulator, person: Visitor, healthy: Settings) -> None:
    assert message(person.get(SETTINGS)) == "Unexpected error"


def _other_organisation(emulator: Emulator, person: Visitor, healthy: Settings) -> None:
    found = person.get(SETTINGS)
    assert found["businessId"] == f"BIN{BETA}"
    assert len(found["tlsCertificatesList"]) == 3


def _no_certificates(emulator: Emulator, person: Visitor, healthy: Settings) -> None:
    found = person.settings()
    assert found["tlsCertificatesList"] == []
    assert ticks(found) == nothing_ticked()


def _stale(emulator: Emulator, person: Visitor, healthy: Settings) -> None:
    first = person.settings()
    emulator.world.revoke(ALFA, "documentsList", PORTAL)
    assert person.settings() == first


def _strings(emulator: Emulator, person: Visitor, healthy: Settings) -> None:
    assert person.settings()["documentsList"]["tlsCertificatesIndices"] == ["0", "1"]


def _turned(emulator: Emulator, person: Visitor, healthy: Settings) -> None:
    assert person.settings()["documentsList"]["tlsCertificatesIndices"] == [1, 0]


def _more_fields(emulator: Emulator, person: Visitor, healthy: Settings) -> None:
    found = person.settings()
    assert set(found) - set(healthy) == {"signingPolicy"}
    assert {key: found[key] for key in healthy} == healthy


def _slow(emulator: Emulator, person: Visitor, healthy: Settings) -> None:
    with pytest.raises(httpx.ReadTimeout):
        person.client.get(SETTINGS, timeout=0.05)
    assert person.settings() == healthy


def _no_permissions(emulator: Emulator, person: Visitor, healthy: Settings) -> None:
    assert not any(person.get("/api/organizationPermissions").values())


LOADS: dict[str, Callable[[Emulator, Visitor, Settings], None]] = {
    "load-502": _502_on_load,
    "load-html": _html_on_load,
    "load-truncated": _truncated,
    "load-reset": _reset,
    "load-message": _message_on_load,
    "load-other-organisation": _other_organisation,
    "load-no-certificates": _no_certificates,
    "load-stale": _stale,
    "load-string-indices": _strings,
    "load-indices-turned": _turned,
    "load-more-fields": _more_fields,
    "load-slow": _slow,
    "load-no-permissions": _no_permissions,
}


def test_more_fields_are_shown_to_a_system_too(
    emulator: Emulator, visitor: VisitorMaker, system: SystemMaker
) -> None:
    """A service that grew shows the same to everybody."""
    emulator.world.grant(ALFA, "organizationSettings", CONTRACTS)
    emulator.world.faults.set(ALFA, "load-more-fields")
    seen = answer(system().get(SETTINGS))
    assert "signingPolicy" in seen
    assert seen == visitor().get(SETTINGS)


@pytest.mark.parametrize("name", LOADS)
def test_loading_goes_wrong_as_the_catalogue_says(
    emulator: Emulator, visitor: VisitorMaker, name: str
) -> None:
    for description in (CONTRACTS, PORTAL):
        emulator.world.grant(ALFA, "documentsList", description)
    person = visitor()
    healthy = person.settings()
    emulator.world.faults.set(ALFA, name)
    LOADS[name](emulator, person, healthy)

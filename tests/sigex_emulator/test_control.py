"""The control routes: there only when asked for, and closed to whoever should not drive them."""

from __future__ import annotations

import json
import re
import ssl
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from sigex_emulator import Emulator, World
from sigex_emulator.clock import ShiftedClock
from sigex_emulator.faults import CATALOGUE

from .drivers import ALFA, BETA, CONTRACTS
from .pages.painted import serious

_CONTROL = "/emulator/control"


@pytest.fixture(scope="module")
def by_hand(running: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """The same world behind a second pair of ports, with control routes and a way in."""
    directory = tmp_path_factory.mktemp("by-hand")
    with Emulator(directory, world=running.world, control=True, walk_in=True) as emulator:
        yield emulator


@pytest.fixture
def client(emulator: Emulator, by_hand: Emulator) -> Iterator[httpx.Client]:
    context = ssl.create_default_context(cadata=emulator.world.authority.certificate_pem)
    told = json.loads((by_hand.directory / "emulator.json").read_text("utf-8"))["control"]
    assert told["address"] == f"{by_hand.address}{_CONTROL}"
    headers = {"X-Emulator-Token": told["token"]}
    with httpx.Client(base_url=told["address"], verify=context, headers=headers) as client:
        yield client


def _done(response: httpx.Response) -> dict[str, Any]:
    assert response.status_code == 200, response.text
    body = response.json()
    assert isinstance(body, dict)
    return body


def test_faults_are_listed_set_and_cleared(client: httpx.Client, emulator: Emulator) -> None:
    assert [one["name"] for one in _done(client.get("/faults"))["catalogue"]] == list(CATALOGUE)
    client.put(f"/faults/{ALFA}/save-502")
    client.put(f"/faults/{ALFA}/load-slow")
    told = _done(client.put(f"/faults/{BETA}/page-late"))
    assert told["faults"] == {ALFA: ["save-502", "load-slow"], BETA: ["page-late"]}
    assert emulator.world.faults.all() == told["faults"]
    told = _done(client.delete(f"/faults/{ALFA}/save-502"))
    assert told["faults"] == {ALFA: ["load-slow"], BETA: ["page-late"]}
    assert _done(client.delete(f"/faults/{ALFA}"))["faults"] == {BETA: ["page-late"]}
    assert _done(client.delete("/faults"))["faults"] == {}


def test_the_world_is_reset(client: httpx.Client, emulator: Emulator) -> None:
    emulator.world.grant(ALFA, "documentsList", "Учёт договоров")
    emulator.world.faults.set(ALFA, "save-502")
    assert _done(client.post("/reset"))["faults"] == {}
    settings = emulator.world.organisations[ALFA].settings
    assert settings.blocks["documentsList"].tls_certificate_indices == ()


def test_the_clock_is_moved(client: httpx.Client, emulator: Emulator) -> None:
    assert isinstance(emulator.world.clock, ShiftedClock)
    before = _done(client.get(""))["now"]
    after = _done(client.post("/clock", json={"seconds": 86_400}))["now"]
    assert after - before >= 86_400_000
    assert emulator.world.now_ms >= after


def test_switches_are_set(client: httpx.Client, emulator: Emulator) -> None:
    told = _done(
        client.patch("/switches", json={"refused_listing": "empty", "session_lifetime": 60})
    )
    assert told["switches"]["refused_listing"] == "empty"
    assert told["switches"]["session_lifetime"] == 60
    assert emulator.world.switches.session_lifetime.total_seconds() == 60


@pytest.mark.fact("6-18")
def test_a_limit_of_bodies_is_set_while_it_runs(client: httpx.Client, by_hand: Emulator) -> None:
    body = {"nonce": "x" * 100, "signature": ""}
    address = f"{by_hand.address}/api/auth"
    assert client.post(address, json=body).json()["message"] == "Invalid authentication nonce"
    client.patch("/switches", json={"body_limit": 100})
    assert client.post(address, json=body).json()["message"] == "Request body is too large"
    client.patch("/switches", json={"body_limit": 200})
    assert client.post(address, json=body).json()["message"] == "Invalid authentication nonce"


@pytest.mark.parametrize(
    ("method", "path", "body", "word"),
    [
        ("PUT", f"/faults/{ALFA}/save-503", None, "save-502"),
        ("PUT", f"/faults/{ALFA}/ncalayer-absent", None, "NCALayer"),
        ("PUT", "/faults/123456789012/save-502", None, "123456789012"),
        ("DELETE", f"/faults/{ALFA}/nothing", None, "nothing"),
        ("POST", "/clock", {"seconds": "a day"}, "seconds"),
        ("POST", "/clock", {"seconds": 1e300}, "времени"),
        ("POST", "/clock", [], "JSON"),
        ("PATCH", "/switches", {"refused_listing": "perhaps"}, "message, empty"),
        ("PATCH", "/switches", {"session_lifetime": -1}, "не меньше нуля"),
        ("PATCH", "/switches", {"colour": "red"}, "refused_listing"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    client: httpx.Client, method: str, path: str, body: Any, word: str
) -> None:
    response = client.request(method, path, json=body)
    assert response.status_code == 400
    assert word in response.json()["error"]


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Emulator-Token": "guessed"},
        {"X-Emulator-Token": ""},
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
    ],
)
def test_a_page_or_a_stranger_cannot_drive_it(
    client: httpx.Client, emulator: Emulator, headers: dict[str, str]
) -> None:
    response = client.put(f"/faults/{ALFA}/save-502", headers=headers)
    assert response.status_code == 403
    assert not emulator.world.faults


def test_nothing_of_it_is_there_unless_asked_for(emulator: Emulator) -> None:
    context = ssl.create_default_context(cadata=emulator.world.authority.certificate_pem)
    assert "control" not in json.loads((emulator.directory / "emulator.json").read_text("utf-8"))
    with httpx.Client(base_url=emulator.address, verify=context) as client:
        assert client.get(_CONTROL).status_code == 404
        assert client.post(f"{_CONTROL}/reset").status_code in {404, 405}
        assert client.put(f"{_CONTROL}/faults/{ALFA}/save-502").status_code in {404, 405}
        assert client.post("/emulator/walk-in", data={"iin": "1"}).status_code in {404, 405}
        assert "walk-in" not in client.get("/auth").text


# -- walking in ---------------------------------------------------------------------------------


@pytest.fixture
def passer_by(emulator: Emulator, by_hand: Emulator) -> Iterator[httpx.Client]:
    context = ssl.create_default_context(cadata=emulator.world.authority.certificate_pem)
    with httpx.Client(base_url=by_hand.address, verify=context) as client:
        yield client


def test_with_the_option_one_walks_in_from_the_sign_in_page(
    emulator: Emulator, by_hand: Emulator, passer_by: httpx.Client
) -> None:
    assert "/static/walk-in.js" in passer_by.get("/auth").text
    assert "/static/walk-in.js" not in passer_by.get("/").text
    assert "войти как" in passer_by.get("/static/walk-in.js").text
    person = emulator.world.organisations[ALFA].key_of("settings_employee").person
    came = passer_by.post(
        "/emulator/walk-in",
        data={"iin": person.iin, "to": "/organization-settings"},
        headers={"Origin": by_hand.address},
    )
    assert (came.status_code, came.headers["location"]) == (303, "/organization-settings")
    assert passer_by.get("/api/auth").json()["userId"] == person.user_id


@pytest.mark.parametrize(
    "to",
    ["https://elsewhere.example/", "//elsewhere.example", "/\\else", "/\t/else", "\t//else",
     "/\r\nSet-Cookie: jwt=x", "javascript:alert(1)", ""],
)  # fmt: skip
def test_walking_in_leads_nowhere_else(
    emulator: Emulator, by_hand: Emulator, passer_by: httpx.Client, to: str
) -> None:
    person = emulator.world.organisations[ALFA].key_of("head").person
    came = passer_by.post(
        "/emulator/walk-in",
        data={"iin": person.iin, "to": to},
        headers={"Origin": by_hand.address},
    )
    assert came.headers["location"] == "/"


@pytest.mark.parametrize(
    ("iin", "origin"), [("000000000000", ""), ("", "https://elsewhere.example"), ("", None)]
)
def test_another_page_or_an_unknown_person_does_not_walk_in(
    emulator: Emulator, by_hand: Emulator, passer_by: httpx.Client, iin: str, origin: str | None
) -> None:
    person = emulator.world.organisations[ALFA].key_of("head").person
    headers = {} if origin is None else {"Origin": origin or by_hand.address}
    came = passer_by.post("/emulator/walk-in", data={"iin": iin or person.iin}, headers=headers)
    assert came.status_code == 403
    assert not passer_by.cookies


@pytest.mark.parametrize("language", ["ru", "kk", "en"])
def test_by_hand_and_without_ncalayer_one_grants_access(
    emulator: Emulator, by_hand: Emulator, page: Page, language: str
) -> None:
    """Somebody who looks around by hand; what he uses does not exist on the real service."""
    prefix = "" if language == "ru" else f"/{language}"
    settings = f"{by_hand.address}{prefix}/organization-settings#access-control"
    page.goto(settings)
    page.get_by_role("alert").get_by_role("link").click()
    panel = page.get_by_role("form", name="Только в эмуляторе")
    expect(panel).to_contain_text("На настоящем сервисе такого входа нет")
    assert "dashed" in panel.evaluate("one => getComputedStyle(one).borderStyle")
    assert serious(page) == []
    world = emulator.world
    person = world.organisations[ALFA].key_of("settings_employee").person
    panel.get_by_role("button", name=person.name).press("Enter")
    page.wait_for_url(settings)

    page.locator('[data-part="block:documentsList"]').click()
    box = page.get_by_role("checkbox", name=CONTRACTS, exact=True)
    box.check()
    assert not _listed(world)
    page.locator("#save").click()
    expect(page.locator("#saving")).to_have_class(re.compile("good"))
    assert _listed(world) == [world.organisations[ALFA].index_of(CONTRACTS)]
    assert world.organisations[ALFA].audit.after(0)[-1].author.iin == person.user_id


def _listed(world: World) -> list[int]:
    blocks = world.organisations[ALFA].settings.blocks
    return list(blocks["documentsList"].tls_certificate_indices)

"""Other worlds than the standard one."""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator
from dataclasses import replace

import httpx
import pytest

from sigex_emulator import Emulator, World
from sigex_emulator.pki.identity_numbers import is_valid
from sigex_emulator.world.seeds import AWKWARD_WORLD, STANDARD_WORLD, world_of
from tests.sigex_emulator.drivers import ALFA, Signer, Visitor

NAME = 'ТОО "Пример \\ Альфа", филиал'
ESCAPED = r"ТОО \"Пример \\ Альфа\"\, филиал"


@pytest.fixture(scope="module")
def awkward(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    seed = replace(AWKWARD_WORLD, distinct_keys=1)
    with Emulator(tmp_path_factory.mktemp("awkward"), world=World(seed)) as emulator:
        yield emulator


@pytest.mark.fact("8-subject-escapes")
def test_a_name_with_quotes_and_a_backslash_comes_escaped(awkward: Emulator) -> None:
    """In the subject and in its structure; the certificate and `emulator.json` hold it as it is."""
    key = awkward.world.organisations[ALFA].key_of("head")
    trusting = ssl.create_default_context(cadata=awkward.world.authority.certificate_pem)
    with httpx.Client(base_url=awkward.address, verify=trusting) as client:
        head = Visitor(client, Signer(key, awkward.directory))
        identity = head.sign_in()
        signature = head.get("/api?includeSignatures=true")["documents"][0]["signatures"][0]
    names = {one["name"]: one["value"] for [one] in identity["subjectStructure"]}
    assert names["O"] == ESCAPED
    assert f",O={ESCAPED},OU=BIN{ALFA}," in identity["subject"]
    assert signature["subject"] == identity["subject"]
    assert NAME in [one.value for one in key.certificate.subject]
    told = json.loads((awkward.directory / "emulator.json").read_text("utf-8"))
    assert told["organisations"][0]["name"] == NAME


@pytest.mark.parametrize("organisations", [1, 3, 4, 200])
def test_a_world_has_as_many_organisations_as_asked(organisations: int) -> None:
    """The standard ones first; every number is another one and built as it should be."""
    seed = world_of(organisations)
    standard = STANDARD_WORLD.organisations[:organisations]
    assert len(seed.organisations) == organisations
    assert seed.organisations[:3] == standard
    people = [one.iin for each in seed.organisations for one in each.people]
    people += [one.iin for one in seed.private_persons]
    bins = [one.organisation_bin for one in seed.organisations]
    assert len({*people, *bins}) == len(people) + len(bins)
    assert all(map(is_valid, [*people, *bins]))
    assert {one[4] in "456" for one in bins} == {True}
    assert all(1 <= int(one[4:6]) <= 31 and one[6] in "3456" for one in people)


def test_only_that_name_is_another() -> None:
    renamed, *others = AWKWARD_WORLD.organisations
    standard = STANDARD_WORLD.organisations
    assert tuple(others) == standard[1:]
    assert (renamed.organisation_bin, renamed.name) == (ALFA, NAME)
    assert {one.organisation_name for one in renamed.people} == {NAME}
    assert [one.iin for one in renamed.people] == [one.iin for one in standard[0].people]

"""The world as tests handle it, and what many visitors at once do to it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest

from sigex_emulator import Emulator
from sigex_emulator.pki import oids
from sigex_emulator.pki.authority import rsa_key
from sigex_emulator.world.settings import ALL_BLOCKS
from tests.sigex_emulator.drivers import (
    ALFA,
    BETA,
    CONTRACTS,
    PORTAL,
    SystemMaker,
    VisitorMaker,
    answer,
    message,
)

SETTINGS = "/api/organizationSettings"


def test_reset_brings_back_what_was(emulator: Emulator, visitor: VisitorMaker) -> None:
    world = emulator.world
    before = world.organisations[ALFA].settings.as_json()
    documents = dict(world.documents)
    employee = visitor()
    world.grant(ALFA, "documentsAccess", CONTRACTS)
    world.add_information_system(ALFA, "Ещё одна")
    world.set_disabled(ALFA, PORTAL, disabled=True)
    world.add_registered_document(ALFA, CONTRACTS, "Новый")
    world.reset()
    assert world.organisations[ALFA].settings.as_json() == before
    assert set(world.documents) == set(documents)
    assert list(world.requests) == []
    assert message(employee.get("/api/auth")) == "Authentication required"
    assert employee.sign_in()["userId"]  # the keys are the same


def test_no_system_has_a_grant_at_the_start(emulator: Emulator) -> None:
    for organisation in emulator.world.organisations.values():
        blocks = organisation.settings.blocks
        assert set(blocks) == set(ALL_BLOCKS)
        assert all(block.tls_certificate_indices == () for block in blocks.values())
        assert all(oids.HEAD in block.authorities for block in blocks.values())


def test_settings_put_in_place_count_at_once(
    emulator: Emulator, visitor: VisitorMaker, system: SystemMaker
) -> None:
    settings = emulator.world.organisations[ALFA].settings
    block = replace(settings.blocks["documentsList"], tls_certificate_indices=(1,))
    emulator.world.put_settings(ALFA, settings.with_block("documentsList", block))
    assert answer(system(PORTAL).get("/api?organization=true"))["documentsTotal"] == 4
    assert visitor().get(f"{SETTINGS}Audit")["eventsTotal"] == 1


@pytest.mark.fact("6-10", "3.4-modified-at")
def test_an_organisation_that_is_new_here_gets_a_record_of_its_own(
    emulator: Emulator, visitor: VisitorMaker
) -> None:
    """Defaults of a new organisation are unknown 10; here: the head, nobody else."""
    model = emulator.world.organisations[ALFA].key_of("head").person
    head = replace(model, organisation_bin="990140000385", organisation_name="ТОО «Новое»")
    key = emulator.world.authority.issue_personal_certificate(head, rsa_key(), datetime.now(UTC))
    newcomer = visitor(key=key)
    whole = newcomer.get(SETTINGS)
    assert whole["businessId"] == "BIN990140000385"
    assert whole["modifiedAt"] == 0
    assert whole["tlsCertificatesList"] == []
    assert newcomer.get(f"{SETTINGS}Audit")["events"] == []


@pytest.mark.fact("6-12")
def test_many_at_once_lose_nothing(
    emulator: Emulator, visitor: VisitorMaker, tmp_path: Path
) -> None:
    """Twenty sign-ins and saves side by side: the last one wins, the audit holds each."""
    visitors = [visitor("head", one, signed_in=False) for one in (ALFA, BETA) * 10]

    def act(number: int) -> int:
        one = visitors[number]
        assert one.sign_in()["businessId"]
        wanted = one.settings()
        wanted["subscriptionContactEmail"] = f"{number}@mail.example"
        return int(one.post(SETTINGS, wanted)["modifiedAt"])

    with ThreadPoolExecutor(20) as executor:
        assert all(executor.map(act, range(20)))
    for organisation_bin in (ALFA, BETA):
        organisation = emulator.world.organisations[organisation_bin]
        events = organisation.audit.after(1)
        assert len(events) == 10
        written = {event.modified["subscriptionContactEmail"] for event in events}
        assert len(written) == 10
        assert events[-1].modified == organisation.settings.as_json()
        for earlier, later in pairwise(events):
            assert later.original == earlier.modified

"""Probing: which document it may use, and what each answer ought to be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sigex_runbook.api.client import Api
from sigex_runbook.core.access import AccessBlock
from sigex_runbook.core.errors import RunFailed, ServiceRefused
from sigex_runbook.core.order import Order
from sigex_runbook.core.plan import make_plan
from sigex_runbook.core.verdict import Answer, Probe
from sigex_runbook.run.mtls_probes import probe_document, probe_systems
from sigex_runbook.run.options import Target
from tests.builders import CONTROL, SYSTEM, block, entry, make_order, settings


class Archive:
    """The service as an employee asks it for a document; refuses when it has none."""

    def __init__(self, card: dict[str, Any] | None) -> None:
        self._card = card

    def document(self, document_id: str) -> dict[str, Any]:
        if self._card is None:
            raise ServiceRefused(document_id, reason="Access denied")
        return self._card


def read(folder: Path, card: dict[str, Any] | None, **changes: Any) -> object:
    archive: Any = Archive(card)
    return probe_document(archive, make_order(folder, **changes))


def test_a_private_document_is_given_with_its_settings(tmp_path: Path) -> None:
    card = {"title": "x", "settings": {"private": True, "signaturesLimit": 2}}
    assert read(tmp_path, card) == ("1jpAOexzXjfy8s13", card["settings"])


def test_without_a_document_in_the_order_nothing_is_asked(tmp_path: Path) -> None:
    assert read(tmp_path, None, probe_document=None) is None


@pytest.mark.parametrize(
    ("card", "told"),
    [
        ({"settings": {"private": False}}, "открыт всем"),
        ({"settings": {}}, "открыт всем"),
        ({"title": "x"}, "открыт всем"),
        ({"settings": ["private"]}, "незнакомом виде"),
        (None, "Access denied"),
    ],
)
def test_a_document_that_proves_nothing_stops_the_run(
    tmp_path: Path, card: dict[str, Any] | None, told: str
) -> None:
    """Whoever asks sees what is open to all: served would be no proof of a grant."""
    with pytest.raises(RunFailed, match=told):
        read(tmp_path, card)


# -- what each answer ought to be


@pytest.fixture
def order(tmp_path: Path) -> Order:
    """To revoke all, so that a system that is switched off may have it."""
    return make_order(tmp_path, access={name.value: "revoked" for name in AccessBlock})


def probes(order: Order, *, disabled: str = "", tried: bool = False) -> dict[bool, list[Probe]]:
    """Probes of both systems while both are ticked in every block, by whether it is the control."""
    ticked = {name.value: block(0, 1) for name in AccessBlock}
    entries = [entry(one, disabled=one == disabled) for one in (SYSTEM, CONTROL)]
    held = settings(**ticked, tlsCertificatesList=entries)
    target = Target("https://127.0.0.1:1", "https://127.0.0.1:1" if tried else None)
    made = probe_systems(
        order, make_plan(held, order), target, moment="before", settings=held, document=None
    )
    return {control: [one for one in made if one.control is control] for control in (False, True)}


def test_whoever_is_ticked_ought_to_be_served(order: Order) -> None:
    for made in probes(order).values():
        assert [one.block for one in made] == list(AccessBlock)
        assert {one.expected for one in made} == {Answer.SERVED}
        assert {one.answer for one in made} == {Answer.NOT_TRIED}


@pytest.mark.parametrize("disabled", [SYSTEM, CONTROL])
def test_whoever_is_switched_off_ought_to_be_refused(order: Order, disabled: str) -> None:
    made = probes(order, disabled=disabled)
    for one in made[disabled == CONTROL]:
        assert one.expected is Answer.REFUSED
    for one in made[disabled != CONTROL]:
        assert one.expected is Answer.SERVED


def test_what_writes_is_tried_before_what_reads(
    order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A document that writing has changed is found by who reads it next."""
    tried: list[AccessBlock] = []

    def note(_: Api, block: AccessBlock, *__: object, **___: object) -> tuple[Answer, str]:
        tried.append(block)
        return Answer.SERVED, ""

    monkeypatch.setattr("sigex_runbook.run.mtls_probes.try_grant", note)
    made = probes(order, tried=True)
    write, read = AccessBlock.DOCUMENTS_SETTINGS, AccessBlock.DOCUMENTS_ACCESS
    assert tried.index(write) < tried.index(read)
    assert [one.block for one in made[False]] == list(AccessBlock)

"""A signed plan: what it says of an order, and what a checker makes of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from securesystemslib.signer import CryptoSigner

from sigex_runbook.core.access import AccessBlock
from sigex_runbook.core.errors import RunFailed
from sigex_runbook.core.order import Order
from sigex_runbook.core.plan import make_plan
from sigex_runbook.evidence.attest.envelope import enclose, read_envelope
from sigex_runbook.evidence.attest.trust import Trust
from sigex_runbook.evidence.pack.canonical import canonical_json, plain, sha256_hex
from sigex_runbook.evidence.pack.draft import PackDraft
from sigex_runbook.evidence.pack.layout import ORDER
from sigex_runbook.evidence.pack.records import order_record
from sigex_runbook.evidence.privacy.leak import Canaries
from sigex_runbook.evidence.privacy.redaction import Redactor
from sigex_runbook.planning.record import Check, PlanRecord, check, sign
from tests.builders import OTHER_ORGANISATION, block, make_order, settings
from tests.sigex_runbook.evidence.sealed import SIGNER, window

NOW = datetime.now(UTC).replace(microsecond=0)
_NONE = Canaries()


@pytest.fixture
def order(tmp_path: Path) -> Order:
    return make_order(tmp_path)


def planned(order: Order, **blocks: Any) -> PlanRecord:
    """The plan of an order on settings with these blocks, as it is recorded."""
    before = settings(**blocks)
    redactor = Redactor(order.organisation.bin)
    return PlanRecord(
        plain(order_record(order)),
        "https://sigex.kz",
        "АХМЕТОВА ДИНАРА, ТОО",
        NOW,
        0.5,
        redactor.value(before.body),
        make_plan(before, order).changes,
    )


def checked(data: bytes, at: datetime = NOW) -> Check:
    return check(data, "a.plan.dsse.json", trust=Trust((window(),)), at=at)


def test_a_plan_comes_back_as_it_was_signed(order: Order) -> None:
    made = planned(order, documentsList=block(0))
    found = checked(sign(made, SIGNER, _NONE))
    assert found.findings == ()
    assert found.signed_by == SIGNER.public_key.keyid
    assert found.record == made
    assert found.record.plan.changes == made.changes
    assert len(made.changes) == 3


def test_its_subject_is_the_order_of_a_pack_to_the_byte(order: Order, tmp_path: Path) -> None:
    """So it can be told by a digest alone that a run was made for the order that was planned."""
    organisation = order.organisation.bin
    draft = PackDraft.create(tmp_path, "spring", organisation, "run", Redactor(organisation))
    draft.write_json(ORDER, order_record(order))
    packed = (draft.evidence / ORDER).read_bytes()
    [subject] = json.loads(planned(order).to_bytes())["subject"]
    assert subject == {"name": ORDER, "digest": {"sha256": sha256_hex(packed)}}


def hide(said: Any) -> None:
    del said["predicate"]["changes"][0]


def of_another(said: Any) -> None:
    said["predicate"]["order"]["organisation_bin"] = OTHER_ORGANISATION


def other_wish(said: Any) -> None:
    """With the subject that belongs to it."""
    ordered = said["predicate"]["order"]
    ordered["access"][AccessBlock.DOCUMENTS_LIST] = "leave"
    said["subject"][0]["digest"]["sha256"] = sha256_hex(canonical_json(ordered))


def more(said: Any) -> None:
    said["predicate"]["comment"] = "ok"


def no_settings(said: Any) -> None:
    said["predicate"]["settings"] = {"documentsAccess": 1}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (hide, "E_STATE"),
        (of_another, "E_TYPE"),
        (other_wish, "E_STATE"),
        (more, "E_TYPE"),
        (no_settings, "E_STATE"),
    ],
)
def test_what_does_not_follow_is_found_whoever_signed_it(
    order: Order, change: Callable[[Any], object], code: str
) -> None:
    said = json.loads(planned(order).to_bytes())
    change(said)
    found = checked(enclose(canonical_json(said), SIGNER))
    assert [one.code for one in found.findings] == [code]


def test_a_strangers_plan_and_one_of_the_future_are_found(order: Order) -> None:
    made = planned(order)
    stranger = CryptoSigner.generate_ed25519()
    assert [one.code for one in checked(sign(made, stranger, _NONE)).findings] == ["E_SIGNATURE"]
    early = checked(sign(made, SIGNER, _NONE), NOW - timedelta(hours=1))
    assert [one.code for one in early.findings] == ["E_TIME_FUTURE"]


def test_no_byte_can_be_changed(order: Order) -> None:
    data = sign(planned(order), SIGNER, _NONE)
    for place in range(0, len(data), 61):
        spoilt = bytearray(data)
        spoilt[place] ^= 1
        assert checked(bytes(spoilt)).findings != ()


def test_nothing_private_is_signed(order: Order) -> None:
    """A person's number that nobody replaced, and a secret of this reading."""
    unreplaced = replace(planned(order), settings=settings().body)
    with pytest.raises(RunFailed, match="Заявление не составлено"):
        sign(unreplaced, SIGNER, _NONE)
    known = Canaries().plus("password", ["АХМЕТОВА ДИНАРА"])
    with pytest.raises(RunFailed, match="Заявление не составлено"):
        sign(planned(order), SIGNER, known)


def test_the_envelope_holds_what_was_planned(order: Order) -> None:
    made = planned(order)
    payload = read_envelope(sign(made, SIGNER, _NONE)).payload
    assert payload == made.to_bytes()
    assert json.loads(payload)["predicateType"] == "urn:sigex-runbook:plan:1"

"""What workers of other machines hand in is sealed by the operator's key, or not at all."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from sigex_runbook.batch.inbox import Inbox, hand_in, place_in_store
from sigex_runbook.batch.pool import Task, Told
from sigex_runbook.batch.state import Phase
from sigex_runbook.batch.store import Store
from sigex_runbook.core.errors import NotSealed
from sigex_runbook.evidence.attest.key_elsewhere import KeyElsewhere
from sigex_runbook.evidence.attest.ledger import EntryKind, read_ledger
from sigex_runbook.evidence.pack.layout import PARTIAL
from tests.builders import make_order
from tests.sigex_runbook.evidence.sealed import CAMPAIGN, RUN, SIGNER, A, B, Place, codes

TARGET = "https://localhost:1"


class Office:
    """A worker's disk, the coordinator's, and the store between them."""

    def __init__(self, folder: Path) -> None:
        self.worker = Place(folder / "worker")
        self.ours = Place(folder / "ours")
        self.store = Store.read(str(folder / "store"))
        self.task = Task("a.yaml", make_order(folder, organisation={"bin": A}), RUN)
        self.inbox = Inbox(self.store, self.ours.campaign, self.ours.sealer, TARGET)

    @property
    def name(self) -> str:
        return place_in_store(CAMPAIGN, self.task)

    def perform(self, organisation: str = A) -> str:
        """What a worker does with an order; gives the digest."""
        sealer = replace(self.worker.sealer, signer=KeyElsewhere(SIGNER.public_key))
        draft = self.worker.seal(organisation, sealer=sealer).pack
        return hand_in(self.store, CAMPAIGN, self.task, draft)

    def ledger(self) -> list[EntryKind]:
        ledger = read_ledger(self.ours.campaign)
        return [one.entry for one in ledger.entries] if ledger else []


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


def test_the_operators_key_seals_what_a_worker_gathered(office: Office) -> None:
    assert office.inbox.take(office.task) is None
    told: list[Told] = []
    result = office.inbox.take(office.task, told.append, digest=office.perform())
    assert result is not None
    assert result.pack == office.ours.campaign / A / RUN
    assert office.ours.verify(result.pack).findings == ()
    assert told == [Phase.SEALED]
    assert office.store.take(office.name) is None
    assert read_ledger(office.worker.campaign) is None, "a worker has no ledger"


def test_a_coordinator_killed_in_between_takes_it_once(office: Office) -> None:
    digest = office.perform()
    data = office.store.take(office.name)
    assert data is not None
    half = office.ours.campaign / A / f"{RUN}{PARTIAL}" / "evidence"
    half.mkdir(parents=True)
    (half / "run.json").write_bytes(b"half")
    first = office.inbox.take(office.task, digest=digest)
    assert first is not None
    office.store.put(office.name, data)
    second = office.inbox.found(office.task)
    assert second is not None
    assert second.pack == first.pack
    assert office.ledger() == [EntryKind.RUN]
    assert office.store.take(office.name) is None


def test_another_archive_than_the_worker_handed_in_is_not_sealed(office: Office) -> None:
    office.perform()
    with pytest.raises(NotSealed, match=r"не тот.*Сохранены ли настройки, неизвестно"):
        office.inbox.take(office.task, digest="0" * 64)
    assert office.inbox.found(replace(office.task, run_id="another")) is None
    assert office.ledger() == []
    assert office.store.take(office.name) is not None


def test_evidence_of_another_organisation_is_set_aside(office: Office) -> None:
    office.perform(B)
    with pytest.raises(NotSealed, match="не прошёл собственную проверку"):
        office.inbox.take(office.task)
    assert office.ledger() == [EntryKind.ASIDE]
    assert not (office.ours.campaign / A / RUN).exists()


@pytest.mark.parametrize(
    "name", ["../outside", "evidence/../../outside", "attestation.json", "/evidence/x", "evidence/"]
)
def test_nothing_lands_beside_the_evidence(office: Office, name: str, tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(name, b"planted")
    office.store.put(office.name, packed.getvalue())
    with pytest.raises(NotSealed, match="не заверено"):
        office.inbox.take(office.task)
    files = [one for one in tmp_path.rglob("*") if one.is_file()]
    assert all(one.read_bytes() != b"planted" for one in files)
    assert office.ledger() == []


def test_what_is_no_archive_is_told_in_a_sentence(office: Office) -> None:
    office.store.put(office.name, b"no archive")
    with pytest.raises(NotSealed, match="Архив повреждён"):
        office.inbox.take(office.task)


def test_a_worker_cannot_seal(office: Office) -> None:
    sealer = replace(office.worker.sealer, signer=KeyElsewhere(SIGNER.public_key))
    draft = office.worker.seal(sealer=sealer).pack
    assert draft.name.endswith(PARTIAL)
    assert not list(draft.glob("attestation*"))
    assert codes(office.ours.verify(draft))

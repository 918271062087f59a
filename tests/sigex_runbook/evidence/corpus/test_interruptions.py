"""Killed anywhere, or without its time authority, a campaign stays whole and goes on."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from securesystemslib.signer import CryptoSigner

from sigex_runbook.core.errors import RunFailed, UsageError
from sigex_runbook.evidence.attest.findings import Status
from sigex_runbook.evidence.attest.ledger import LEDGER, EntryKind, read_ledger
from sigex_runbook.evidence.attest.seal_files import TOKEN
from sigex_runbook.evidence.attest.statement import ATTESTATION
from sigex_runbook.evidence.attest.timestamp import ATTEMPTS
from sigex_runbook.evidence.pack.draft import PackDraft
from sigex_runbook.evidence.pack.layout import PARTIAL
from sigex_runbook.evidence.privacy.leak import Leak
from sigex_runbook.evidence.sealing.campaign import close_campaign
from sigex_runbook.evidence.sealing.sealer import Sealer, SealStep
from sigex_runbook.evidence.sealing.stamping import stamp
from sigex_runbook.evidence.verify.campaign import verify_campaign
from sigex_runbook.evidence.verify.wording import pack_lines
from tests.sigex_runbook.evidence.authority import TestAuthority, served
from tests.sigex_runbook.evidence.material import PERSON
from tests.sigex_runbook.evidence.sealed import RUN, A, B, Place, bin_of, codes, published

from .forgery import second_status, trust_file

ROOT = Path(__file__).parents[4]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> TestAuthority:
    return TestAuthority.make(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("killed")
    done = subprocess.run(
        [sys.executable, "-m", "tests.sigex_runbook.evidence.corpus.killed", str(folder)],
        cwd=ROOT,
        capture_output=True,
        check=False,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr.decode()
    return folder


def entries(place: Place) -> list[tuple[EntryKind, str | None]]:
    ledger = read_ledger(place.campaign)
    assert ledger is not None
    assert ledger.findings == ()
    return [(entry.entry, entry.organisation) for entry in ledger.entries]


@pytest.mark.parametrize("step", list(SealStep))
def test_killed_after_any_step(killed: Path, step: SealStep, record_property: Any) -> None:
    key: Any = load_pem_private_key((killed / "signer.pem").read_bytes(), None)
    place = Place(killed / step / "outputs", signer=CryptoSigner(key))
    home = place.campaign / A
    final, draft = home / RUN, home / f"{RUN}{PARTIAL}"
    assert (final.exists(), draft.exists()) == (
        step is SealStep.PLACED,
        step is not SealStep.PLACED,
    )
    promised = step in (SealStep.APPENDED, SealStep.PLACED)
    ledger = read_ledger(place.campaign)
    assert [e.organisation for e in ledger.entries] if ledger else ([A] if promised else []) == []
    if promised and not final.exists():
        campaign = verify_campaign(place.campaign, place.question())
        assert any("прерван" in note for note in campaign.notes)

    other = place.seal(B, picture=False)  # the next use of the ledger
    head = place.close()

    assert final.exists() is promised
    expected = [(EntryKind.RUN, A)] if promised else []
    assert entries(place) == [*expected, (EntryKind.RUN, B), (EntryKind.CAMPAIGN, None)]
    campaign = verify_campaign(place.campaign, place.question(head=head))
    assert (campaign.findings, campaign.status) == ((), Status.INTEGRITY_ONLY)
    assert [name for name, _ in campaign.packs] == sorted(
        [f"{B}/{RUN}", *([f"{A}/{RUN}"] if promised else [])]
    )
    assert other.pack.is_dir()
    record_property("corpus: kill -9 while sealing, no gap and no half pack", 1)


def test_a_half_written_line_is_no_line(tmp_path: Path) -> None:
    place = Place(tmp_path / "outputs")
    first = place.seal(A, picture=False)
    path = place.campaign / LEDGER
    path.write_bytes(path.read_bytes() + b'{"attestation":"12')
    assert codes(place.verify(first.pack)) == {"E_LEDGER"}
    place.seal(B, picture=False)
    assert entries(place) == [(EntryKind.RUN, A), (EntryKind.RUN, B)]


def test_a_campaigns_seal_that_was_promised_is_put_into_place(tmp_path: Path) -> None:
    place = Place(tmp_path / "outputs")
    place.seal(A, picture=False)
    place.close()
    first = (place.campaign / "campaign.dsse.json").read_bytes()
    place.seal(B, picture=False)
    place.close()
    second = (place.campaign / "campaign.dsse.json").read_bytes()
    (place.campaign / "campaign.dsse.json.new").write_bytes(second)  # as if killed before
    (place.campaign / "campaign.dsse.json").write_bytes(first)
    campaign = verify_campaign(place.campaign, place.question())
    assert campaign.findings == ()
    assert any("прерван" in note for note in campaign.notes)
    (place.campaign / "campaign.dsse.json.new").unlink()
    assert "E_LEDGER" in codes(verify_campaign(place.campaign, place.question()))  # put back
    (place.campaign / "campaign.dsse.json.new").write_bytes(second)
    place.seal(bin_of(3), picture=False)
    assert (place.campaign / "campaign.dsse.json").read_bytes() == second


def test_several_at_once_make_one_chain(tmp_path: Path) -> None:
    place = Place(tmp_path / "outputs")
    threads = [
        threading.Thread(target=place.seal, args=(bin_of(n),), kwargs={"picture": False})
        for n in range(1, 9)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(o or "" for _, o in entries(place)) == sorted(bin_of(n) for n in range(1, 9))


# 17. The time authority


def test_the_authority_is_down_and_comes_back(authority: TestAuthority, tmp_path: Path) -> None:
    waited: list[float] = []
    with served(authority) as (url, statuses):
        at = replace(authority, url=url)
        place = Place(tmp_path / "outputs", at)
        sealer = replace(place.sealer, post=None, pause=waited.append)
        statuses.extend([503] * ATTEMPTS)
        sealed = place.seal(sealer=sealer)
        assert "503" in (sealed.unstamped or "")
        assert len(waited) == ATTEMPTS - 1
        statuses.extend([503] * ATTEMPTS)
        closed = close_campaign(place.campaign, sealer)
        assert closed.unstamped
        down = place.verify(sealed.pack, head=closed.head)
        assert (down.findings, down.status) == ((), Status.INTEGRITY_ONLY)
        attestation = (sealed.pack / ATTESTATION).read_bytes()

        statuses.extend([503] * 2 * ATTEMPTS)
        assert [done.stamped for done in stamp(place.campaign, sealer)] == [False, False]
        statuses.append(503)  # once, then it works
        done = list(stamp(place.campaign, sealer))
        assert [one.stamped for one in done] == [True, True]
        assert [one.why for one in stamp(sealed.pack, sealer)] == ["метка времени уже есть"]
    assert (sealed.pack / ATTESTATION).read_bytes() == attestation
    ledger = read_ledger(place.campaign)
    assert ledger is not None
    up = place.verify(sealed.pack, head=ledger.head)
    assert (up.findings, up.status) == ((), Status.VERIFIED)
    # how long the stamp was in coming says nothing of the machine's clock
    assert up.clock_skew_seconds is None
    told = "\n".join(pack_lines("пакет", up))
    assert "метка добавлена позже, чем заверено" in told
    assert "расходились" not in told
    assert second_status(place, sealed.pack, head=ledger.head) == Status.VERIFIED
    campaign = verify_campaign(place.campaign, place.question(head=ledger.head))
    assert (campaign.findings, campaign.status) == ((), Status.VERIFIED)
    assert place.verify(sealed.pack, head=closed.head).status is Status.INTEGRITY_ONLY


def test_a_stamp_that_was_killed_before_the_ledger_is_taken_up(
    authority: TestAuthority, tmp_path: Path
) -> None:
    place = Place(tmp_path / "outputs", authority)
    alone = Place(place.outputs)
    sealed = alone.seal()
    from .forgery import token_over

    token = token_over(place, (sealed.pack / ATTESTATION).read_bytes())
    (sealed.pack / TOKEN).write_bytes(token)
    between = place.verify(sealed.pack, head=sealed.head)
    assert (between.findings, between.status) == ((), Status.INTEGRITY_ONLY)
    [done] = stamp(sealed.pack, place.sealer)
    assert done.stamped
    assert (sealed.pack / TOKEN).read_bytes() == token
    ledger = read_ledger(place.campaign)
    assert ledger is not None
    assert place.verify(sealed.pack, head=ledger.head).status is Status.VERIFIED


def test_only_what_verifies_is_stamped(authority: TestAuthority, tmp_path: Path) -> None:
    place = Place(tmp_path / "outputs", authority)
    sealed = Place(place.outputs).seal()
    with pytest.raises(UsageError, match="Сервер времени не настроен"):
        list(stamp(sealed.pack, Place(place.outputs).sealer))
    (sealed.pack / "evidence/run.json").write_text("{}")
    [done] = stamp(sealed.pack, place.sealer)
    assert not done.stamped
    assert "E_DIGEST" in (done.why or "")
    assert not (sealed.pack / TOKEN).exists()


def test_a_spoiled_pack_does_not_keep_its_campaign_from_being_stamped(
    authority: TestAuthority, tmp_path: Path
) -> None:
    place = Place(tmp_path / "outputs", authority)
    alone = Place(place.outputs)
    spoiled, gone, whole = (alone.seal(o, picture=False).pack for o in (A, B, bin_of(3)))
    alone.close()
    (spoiled / "evidence/run.json").write_text("{}")
    shutil.rmtree(gone)
    told = {done.place: (done.stamped, done.why) for done in stamp(place.campaign, place.sealer)}
    assert told[whole] == told[place.campaign] == (True, None)
    assert "E_DIGEST" in str(told[spoiled])
    assert told[gone] == (False, "пакета из реестра нет на месте")
    assert not told[spoiled][0]


def test_a_wrong_clock_does_not_spoil_the_pack(authority: TestAuthority, tmp_path: Path) -> None:
    from datetime import UTC, datetime, timedelta

    ahead = authority.posting_at(datetime.now(UTC) + timedelta(days=3))
    place = Place(tmp_path / "outputs", authority, post=ahead)
    sealed = place.seal()
    assert "часы этой машины расходятся" in (sealed.unstamped or "")
    assert place.verify(sealed.pack).findings == ()


def test_an_answer_to_another_question_is_no_answer(
    authority: TestAuthority, tmp_path: Path
) -> None:
    from .forgery import token_over

    place = Place(tmp_path / "outputs", authority)
    other = token_over(place, b"something else")
    sealed = replace(place, post=lambda *_: other).seal()
    assert sealed.unstamped is not None
    assert not (sealed.pack / TOKEN).exists()


# Sealing stops where it must


def test_a_leak_stops_the_sealing(tmp_path: Path) -> None:
    place = Place(tmp_path / "outputs")
    with pytest.raises(RunFailed, match="iin"):
        place.seal(files={"note.txt": b"who: 900101300126\n"})
    assert not (place.campaign / LEDGER).exists()
    assert [p.name for p in (place.campaign / A).iterdir()] == [f"{RUN}{PARTIAL}"]


def test_a_wider_scanner_has_the_same_door(tmp_path: Path) -> None:
    class Wider:
        version = "wider/1"

        def scan(self, _: str, data: bytes, __: str) -> Any:
            if data.startswith(b"\x89PNG"):
                yield Leak("picture", "pixel 1")

    place = Place(tmp_path / "outputs")
    sealer = replace(place.sealer, scanner=Wider())
    with pytest.raises(RunFailed, match="picture"):
        place.seal(sealer=sealer)
    sealed = place.seal(B)
    assert codes(place.verify(sealed.pack, scanner=Wider())) == {"E_LEAK"}


def test_the_seams_come_in_order(tmp_path: Path) -> None:
    told: list[str] = []
    place = Place(tmp_path / "outputs")

    def report(draft: PackDraft, sealer: Sealer) -> None:
        assert not draft.exists("redaction.json")
        published(draft, sealer)
        told.append("report")

    sealer = replace(
        place.sealer,
        redact=lambda _: told.append("redact"),
        report=report,
        reached=lambda step: told.append(str(step)),
    )
    sealed = place.seal(sealer=sealer, picture=False)
    assert told == [
        *("captured", "redact", "redacted", "scanned", "report", "reported", "stated"),
        *("signed", "stamped", "verified", "appended", "placed"),
    ]
    assert (sealed.pack / "evidence/report.html").is_file()
    assert place.verify(sealed.pack).findings == ()


def test_what_the_report_adds_is_scanned_too(tmp_path: Path) -> None:
    place = Place(tmp_path / "outputs")

    def report(draft: PackDraft, _: Sealer) -> None:
        draft.write_bytes("report.html", f"<p>{PERSON}</p>".encode())

    with pytest.raises(RunFailed, match=r"iin, evidence/report\.html"):
        place.seal(sealer=replace(place.sealer, report=report))


def test_a_failed_run_is_sealed_too(tmp_path: Path) -> None:
    from sigex_runbook.core.record import Outcome

    place = Place(tmp_path / "outputs")
    sealed = place.seal(outcome=Outcome.FAILED)
    verification = place.verify(sealed.pack)
    assert verification.findings == ()
    assert verification.statement is not None
    assert verification.statement.verdict == "FAILED"
    assert trust_file(place).exists()

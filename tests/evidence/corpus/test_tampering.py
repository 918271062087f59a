"""Every way of spoiling a sealed pack is found, by two verifiers that share no code."""

from __future__ import annotations

import base64
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from securesystemslib.signer import CryptoSigner

from sigex_runbook.errors import RunFailed, UsageError
from sigex_runbook.evidence.campaign import verify_campaign
from sigex_runbook.evidence.canonical import canonical_json
from sigex_runbook.evidence.document import certify
from sigex_runbook.evidence.findings import Status
from sigex_runbook.evidence.ledger import LEDGER, EntryKind
from sigex_runbook.evidence.seal_files import TOKEN
from sigex_runbook.evidence.statement import ATTESTATION
from sigex_runbook.evidence.trust import Trust, TrustedKey, public_pem
from sigex_runbook.evidence.verification import Verification
from tests.evidence.authority import TestAuthority
from tests.evidence.material import empty_pdf
from tests.evidence.sealed import (
    CAMPAIGN,
    RUN,
    SIGNER,
    STRANGER,
    A,
    B,
    Place,
    codes,
    copy,
    moved,
    window,
)

from .flipping import flip_all
from .forgery import (
    edit_json,
    ledger_lines,
    reseal,
    reshape,
    rewrite_ledger,
    second_status,
    token_over,
    write_lines,
)

_SHARES = 16
OTHER_RUN = "20261125T130000Z-1111"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> TestAuthority:
    return TestAuthority.make(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def whole(authority: TestAuthority, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A campaign of A, twice, and B; never changed."""
    place = Place(tmp_path_factory.mktemp("whole") / "outputs", authority)
    place.seal(A, RUN, files={"report.pdf": certify(empty_pdf(), SIGNER)})
    place.seal(B, RUN)
    place.seal(A, OTHER_RUN, picture=False)
    place.close()
    return place


@pytest.fixture
def place(whole: Place, tmp_path: Path) -> Place:
    """A copy to spoil."""
    return copy(whole, tmp_path / "outputs")


def pack_of(place: Place, organisation: str = A, run: str = RUN) -> Path:
    return place.campaign / organisation / run


def judge(place: Place, pack: Path | None = None, **asked: Any) -> Verification:
    """The verdict of the product, after the second verifier agreed with it."""
    pack = pack or pack_of(place)
    asked = {"head": place.heads[-1], **asked}
    verification = place.verify(pack, **asked)
    mine = {key: asked[key] for key in ("head", "at") if key in asked}
    assert second_status(place, pack, **mine) == verification.status, verification
    return verification


def test_an_untouched_pack_is_verified(place: Place, record_property: Any) -> None:
    for pack in (pack_of(place), pack_of(place, B), pack_of(place, A, OTHER_RUN)):
        verification = judge(place, pack)
        assert (verification.findings, verification.status) == ((), Status.VERIFIED)
        assert (verification.signed_by, verification.pinned) == (SIGNER.public_key.keyid, True)
    campaign = verify_campaign(place.campaign, place.question(head=place.heads[-1]))
    assert (campaign.findings, campaign.notes, campaign.status) == ((), (), Status.VERIFIED)


# 1. Bits


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """The whole corpus is tried in shares, which several processes work on."""
    if "share" in metafunc.fixturenames:
        shares = _SHARES if metafunc.config.getoption("--full-corpus") else 1
        metafunc.parametrize("share", [(this, shares) for this in range(shares)], ids=str)


@pytest.mark.timeout(1200)
def test_one_bit_anywhere_is_found(
    place: Place, request: pytest.FixtureRequest, record_property: Any, share: tuple[int, int]
) -> None:
    every = request.config.getoption("--full-corpus")
    pack = pack_of(place)
    files = [*sorted(p for p in pack.rglob("*") if p.is_file()), place.campaign / LEDGER]
    question = place.question(head=place.heads[-1])
    trust = place.outputs.parent / "trust.json"
    assert second_status(place, pack, head=place.heads[-1]) == Status.VERIFIED
    from sigex_runbook.evidence.verification import verify_pack

    from .second_verifier import verify as second_opinion

    def look() -> None:
        verification = verify_pack(pack, question)
        assert verification.status is Status.FAILED, verification
        assert verification.findings
        assert second_opinion(pack, trust, head=question.head) == Status.FAILED

    count = flip_all(files, look, every=every, sample=100, share=share)
    record_property("corpus: bits flipped in a small pack, all found by both", count)
    assert verify_pack(pack, question).status is Status.VERIFIED


@pytest.mark.timeout(1200)
def test_one_bit_of_the_populations_seal_is_found(
    place: Place, request: pytest.FixtureRequest, record_property: Any
) -> None:
    every = request.config.getoption("--full-corpus")
    question = place.question(head=place.heads[-1])

    def look() -> None:
        campaign = verify_campaign(place.campaign, replace(question, run="none"))
        assert codes(campaign) - {"E_SUBJECT_BINDING"}, campaign

    files = [place.campaign / "campaign.dsse.json", place.campaign / "campaign.tsr"]
    count = flip_all(files, look, every=every, sample=100)
    record_property("corpus: bits flipped in a campaign's seal, all found", count)


# 2.-9. and 13.: one change each

Case = tuple[str, Callable[[Place, Path], object], set[str]]


def _swap(pack: Path) -> None:
    before, after = pack / "evidence/state/before.json", pack / "evidence/state/after.json"
    one, two = before.read_bytes(), after.read_bytes()
    before.write_bytes(two)
    after.write_bytes(one)


def _forge_key_id(place: Place, pack: Path) -> None:
    reseal(place, pack, signer=STRANGER)
    (pack / "evidence" / "key.pem").write_text(public_pem(STRANGER.public_key))

    def forge(raw: dict[str, Any]) -> None:
        raw["signatures"][0]["keyid"] = SIGNER.public_key.keyid

    edit_json(pack / ATTESTATION, forge)


def _as_a(place: Place, pack: Path) -> None:
    shutil.rmtree(pack)
    shutil.copytree(pack_of(place, B), pack)


def _other_run(pack: Path) -> None:
    shutil.rmtree(pack)
    shutil.copytree(pack.with_name(OTHER_RUN), pack)


def _linked_evidence(place: Place, pack: Path) -> None:
    (pack / "evidence").rename(place.outputs.parent / "ev")
    (pack / "evidence").symlink_to(place.outputs.parent / "ev")


def _foreign_picture(place: Place, pack: Path) -> None:
    for name in ("006-raw.png", "006-annotated.png", "006.json"):
        shutil.copy(pack_of(place, B) / "evidence/screens" / name, pack / "evidence/screens")
    edit_json(
        pack / "evidence/screens/006.json",
        lambda raw: raw["facts"].update(run_id="20261125T000000Z-0000"),
    )


def _report(data: bytes) -> Callable[[Place, Path], object]:
    """A pack with that report, sealed anew by the key's owner."""

    def spoil(place: Place, pack: Path) -> None:
        reseal(place, pack, lambda own: (own / "evidence/report.pdf").write_bytes(data))

    return spoil


def _twin(place: Place, pack: Path) -> None:
    (pack / "evidence" / "RUN.json").write_text("{}")


def _other_form(place: Place, pack: Path) -> None:
    import unicodedata

    one = next((pack / "evidence/features").iterdir())
    one.with_name(unicodedata.normalize("NFD", "раздел 4й.feature")).write_text("")
    one.with_name("раздел 4й.feature").write_text("")


def _deep(place: Place, pack: Path) -> None:
    folder = pack / "evidence"
    for _ in range(30):
        folder /= "d"
        folder.mkdir()


def _swollen(place: Place, pack: Path) -> None:
    with (pack / "evidence" / "run.json").open("r+b") as file:
        file.truncate(1 << 40)  # a file with a hole: a terabyte to whoever reads it


def _subject(name: str) -> Callable[[Place, Path], object]:
    """A statement that lists a path outside of the pack, signed by the key's owner."""

    def spoil(place: Place, pack: Path) -> None:
        reseal(
            place,
            pack,
            change=lambda s: replace(
                s, subjects=tuple(sorted((*s.subjects, replace(s.subjects[0], name=name))))
            ),
        )

    return spoil


def _padding(raw: dict[str, Any]) -> dict[str, Any]:
    text = raw["signatures"][0]["sig"]
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    last = text.rstrip("=")[-1]
    other = alphabet[alphabet.index(last) ^ 1]
    changed = text.rstrip("=")[:-1] + other + "=="
    assert base64.b64decode(changed) == base64.b64decode(text)
    raw["signatures"][0]["sig"] = changed
    return raw


def _double(place: Place, pack: Path) -> None:
    path = pack / ATTESTATION
    path.write_bytes(path.read_bytes().replace(b"{", b'{"payloadType":"x",', 1))


def _link(place: Place, pack: Path) -> None:
    path = pack / "evidence/run.json"
    path.rename(place.outputs.parent / "elsewhere")
    path.symlink_to(place.outputs.parent / "elsewhere")


CASES: list[Case] = [
    ("dotfile", lambda _, p: (p / "evidence/.x").write_text(""), {"E_EXTRA"}),
    ("empty folder", lambda _, p: (p / "evidence/new").mkdir(), {"E_EXTRA"}),
    ("Thumbs.db", lambda _, p: (p / "evidence/screens/Thumbs.db").write_text(""), {"E_EXTRA"}),
    ("beside evidence", lambda _, p: (p / "key.pem").write_text(""), {"E_EXTRA"}),
    ("removed", lambda _, p: (p / "evidence/steps.ndjson").unlink(), {"E_MISSING"}),
    (
        "renamed",
        lambda _, p: (p / "evidence/order.json").rename(p / "evidence/order2.json"),
        {"E_MISSING", "E_EXTRA"},
    ),
    ("attestation gone", lambda _, p: (p / ATTESTATION).unlink(), {"E_MISSING"}),
    ("evidence gone", lambda _, p: shutil.rmtree(p / "evidence"), {"E_MISSING"}),
    ("before and after swapped", lambda _, p: _swap(p), {"E_DIGEST"}),
    ("swapped and sealed anew", lambda o, p: reseal(o, p, _swap), {"E_STATE"}),
    ("another key", lambda o, p: reseal(o, p, signer=STRANGER), {"E_SIGNATURE"}),
    ("forged key id", _forge_key_id, {"E_SIGNATURE", "E_EXTRA"}),
    (
        "extra field",
        lambda _, p: edit_json(p / ATTESTATION, lambda raw: raw.update(note="")),
        {"E_ENVELOPE"},
    ),
    ("duplicate key", _double, {"E_JSON_DUP"}),
    (
        "other order",
        lambda _, p: reshape(p / ATTESTATION, lambda raw: dict(reversed(raw.items()))),
        {"E_NONCANONICAL"},
    ),
    (
        "blanks",
        lambda _, p: (p / ATTESTATION).write_bytes((p / ATTESTATION).read_bytes() + b"\n"),
        {"E_NONCANONICAL"},
    ),
    (
        "altered padding",
        lambda _, p: edit_json(p / ATTESTATION, _padding),
        {"E_NONCANONICAL"},
    ),
    (
        "two signatures",
        lambda _, p: edit_json(p / ATTESTATION, lambda raw: raw.update(signatures=[])),
        {"E_ENVELOPE"},
    ),
    (
        "another type",
        lambda _, p: edit_json(p / ATTESTATION, lambda raw: raw.update(payloadType="text/plain")),
        {"E_TYPE"},
    ),
    ("no JSON", lambda _, p: (p / ATTESTATION).write_bytes(b"[" * 100_000), {"E_ENVELOPE"}),
    ("pack of B shown as A", _as_a, {"E_SUBJECT_BINDING"}),
    (
        "a screenshot carried from B",
        lambda o, p: reseal(o, p, lambda pack: _foreign_picture(o, pack)),
        {"E_SUBJECT_BINDING"},
    ),
    (
        "another run shown as this one",
        lambda _, p: _other_run(p),
        {"E_SUBJECT_BINDING"},
    ),
    (
        "token of another pack",
        lambda o, p: shutil.copy(pack_of(o, B) / TOKEN, p / TOKEN),
        {"E_TIMESTAMP"},
    ),
    ("token gone", lambda _, p: (p / TOKEN).unlink(), {"E_TIMESTAMP"}),
    ("token is no token", lambda _, p: (p / TOKEN).write_bytes(b"x"), {"E_TIMESTAMP"}),
    ("link", _link, {"E_PATH"}),
    (
        "report certified by another key",
        _report(certify(empty_pdf(), STRANGER)),
        {"E_PDF_COVERAGE"},
    ),
    (
        "report certified by another kind of key",
        _report(certify(empty_pdf(), CryptoSigner.generate_ecdsa())),
        {"E_PDF_COVERAGE"},
    ),
    (
        "bytes after the report's end",
        _report(certify(empty_pdf(), SIGNER) + b" "),
        {"E_PDF_COVERAGE"},
    ),
    ("report that nobody certified", _report(empty_pdf()), {"E_PDF_COVERAGE"}),
    ("path above", _subject("evidence/../x"), {"E_PATH"}),
    ("absolute path", _subject("/etc/passwd"), {"E_PATH"}),
    ("path of another system", _subject("evidence/..\\x"), {"E_PATH"}),
    ("twin by case", _twin, {"E_PATH", "E_EXTRA"}),
    ("twin by Unicode form", _other_form, {"E_PATH", "E_EXTRA"}),
    ("endless folders", _deep, {"E_EXTRA"}),
    ("swollen file", _swollen, {"E_DIGEST"}),
    ("pipe", lambda _, p: os.mkfifo(p / "evidence/pipe"), {"E_PATH"}),
    (
        "evidence is a link",
        _linked_evidence,
        {"E_PATH", "E_MISSING"},
    ),
]


@pytest.mark.parametrize(("name", "spoil", "expected"), CASES, ids=[case[0] for case in CASES])
def test_a_spoiled_pack_is_found(
    place: Place,
    name: str,
    spoil: Callable[[Place, Path], object],
    expected: set[str],
    record_property: Any,
) -> None:
    spoil(place, pack_of(place))
    verification = judge(place)
    assert verification.status is Status.FAILED
    assert expected <= codes(verification), verification.findings
    for finding in verification.findings:
        assert str(finding).endswith(".")
    record_property("corpus: other ways of spoiling, all found by both", 1)


def test_the_sealed_anew_are_found_without_the_ledgers_help(place: Place) -> None:
    """With the head that the forger himself gives out, the evidence alone must not fit."""
    for spoil in (_swap, lambda pack: _foreign_picture(place, pack)):
        head = reseal(place, pack_of(place), spoil)
        verification = judge(place, head=head)
        assert codes(verification) <= {"E_STATE", "E_SUBJECT_BINDING"}
        assert verification.status is Status.FAILED


def test_what_was_asked_for_must_be_what_is_sealed(place: Place) -> None:
    pack = pack_of(place)
    head = place.heads[-1]
    for asked in ({"organisation": B}, {"run": OTHER_RUN}):
        assert codes(place.verify(pack, head=head, **asked)) == {"E_SUBJECT_BINDING"}
    assert place.verify(pack, head=head, organisation=A, run=RUN).status is Status.VERIFIED


@pytest.mark.parametrize(
    "change",
    [
        lambda v: v["run.json"].update(verdict={**v["run.json"]["verdict"], "kind": "PARTIAL"}),
        lambda v: v["verification.json"]["checks"].pop(),
        lambda v: v["verification.json"]["probes"][0].update(answer="served"),
        lambda v: v["state/diff.json"].pop(),
        lambda v: v["state/after.json"].update(dataArchiveQuota=1),
        lambda v: v["run.json"]["steps"].update(passed=1),
    ],
    ids=["verdict", "check", "probe", "diff", "after", "count"],
)
def test_a_verdict_must_follow_from_the_files(
    place: Place, change: Callable[[dict[str, Any]], object]
) -> None:
    def plainly(values: dict[str, Any]) -> None:
        for name in values.keys() - {"steps"}:
            values[name] = json.loads(canonical_json(values[name]))
        change(values)

    with pytest.raises(RunFailed, match="E_STATE"):
        place.seal(B, OTHER_RUN, change=plainly)


# 7. and 8. and 11.: time


def reseal_at(place: Place, moment: datetime, token: datetime | None = None) -> str:
    assert place.authority is not None
    post = place.authority.posting_at(token) if token else None
    return reseal(place, pack_of(place), sealed_at=moment.replace(microsecond=0), post=post)


@pytest.mark.parametrize(
    ("machine", "server", "found"),
    [
        (timedelta(days=30), timedelta(days=30), {"E_TIME_FUTURE"}),
        (timedelta(days=30), timedelta(0), {"E_TIME_FUTURE", "E_TIME_SKEW"}),
        (timedelta(days=-3), timedelta(0), {"E_TIME_SKEW"}),
        (timedelta(0), timedelta(days=400), {"E_TIME_FUTURE", "E_TIME_SKEW", "E_KEY_EXPIRED"}),
        (timedelta(minutes=5), timedelta(0), set()),
        (timedelta(minutes=-5), timedelta(0), set()),
    ],
)
def test_clocks(
    place: Place, machine: timedelta, server: timedelta, found: set[str], record_property: Any
) -> None:
    now = datetime.now(UTC)
    head = reseal_at(place, now + machine, now + server)
    verification = judge(place, head=head)
    assert codes(verification) - {"E_KEY_EXPIRED"} == found - {"E_KEY_EXPIRED"}
    if not found:
        assert verification.status is Status.VERIFIED
        skew = verification.clock_skew_seconds
        assert skew is not None
        assert abs(skew + machine.total_seconds()) <= 1
    record_property("corpus: other ways of spoiling, all found by both", 1)


def test_the_runs_own_clock_against_the_services(place: Place) -> None:
    def behind(pack: Path) -> None:
        def clock(raw: dict[str, Any]) -> None:
            raw["session"]["clock"]["offset_from_server_seconds"] = -259_200

        edit_json(pack / "evidence/run.json", clock)

    head = reseal(place, pack_of(place), behind)
    assert codes(judge(place, head=head)) == {"E_TIME_SKEW"}


@pytest.mark.parametrize("stamping", [True, False], ids=["same name", "no timestamping EKU"])
def test_a_foreign_authority_counts_for_nothing(
    place: Place, tmp_path: Path, stamping: bool
) -> None:
    (tmp_path / "foreign").mkdir()
    foreign = TestAuthority.make(tmp_path / "foreign", stamping=stamping)
    head = reseal(place, pack_of(place), post=foreign.posting_at(datetime.now(UTC)))
    assert codes(judge(place, head=head)) == {"E_TIMESTAMP"}
    if not stamping:  # even when it is the very one that is pinned
        place.authority = foreign
        assert codes(place.verify(pack_of(place), head=head)) == {"E_TIMESTAMP"}


def test_an_old_pack_stamped_in_time_outlives_its_certificates(tmp_path: Path) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    then = now - timedelta(days=100)
    (tmp_path / "old").mkdir()
    old = TestAuthority.make(
        tmp_path / "old", start=now - timedelta(days=400), end=now - timedelta(days=30)
    )
    place = Place(tmp_path / "outputs", old, post=lambda *_: b"")
    place.seal(change=lambda values: moved(values, now - timedelta(days=300)))
    head = reseal_at(place, then, then)
    key = TrustedKey(SIGNER.public_key, now - timedelta(days=200), now - timedelta(days=50))
    trust = Trust((key,), (old.pinned,))
    pack = pack_of(place)
    assert place.verify(pack, trust=trust, head=head).status is Status.VERIFIED
    early = then - timedelta(days=150)
    head = reseal_at(place, early, early)
    assert codes(place.verify(pack, trust=trust, head=head)) == {"E_KEY_EXPIRED"}
    head = reseal(place, pack, sealed_at=then, stamped=False)
    assert codes(place.verify(pack, trust=trust, head=head)) == {"E_KEY_EXPIRED"}


def test_at_says_for_which_moment(place: Place) -> None:
    year = datetime.now(UTC) - timedelta(days=365)
    assert codes(judge(place, at=year)) == {"E_TIME_FUTURE"}


def test_without_an_authority_or_a_head_it_is_never_green(place: Place) -> None:
    pack, head = pack_of(place), place.heads[-1]
    assert place.verify(pack).status is Status.INTEGRITY_ONLY
    unstamped = place.verify(pack, trust=Trust((window(),)), head=head)
    assert (unstamped.status, unstamped.trusted_time) == (Status.INTEGRITY_ONLY, None)
    assert codes(place.verify(pack, trust=Trust(), head=head)) == {"E_SIGNATURE", "E_TIMESTAMP"} - {
        "E_TIMESTAMP"
    }


# 9. and 10.: the ledger


def _lines(change: Callable[[list[bytes]], list[bytes]]) -> Callable[[Place], object]:
    return lambda place: write_lines(place.campaign, change(ledger_lines(place.campaign)))


@pytest.mark.parametrize(
    ("spoil", "without_head", "with_head"),
    [
        (_lines(lambda lines: [lines[0], *lines[2:]]), {"E_LEDGER"}, {"E_LEDGER"}),
        (
            _lines(lambda lines: [lines[0], lines[1].replace(RUN.encode(), b"x"), *lines[2:]]),
            {"E_LEDGER"},
            {"E_LEDGER"},
        ),
        (_lines(lambda lines: [lines[1], lines[0], *lines[2:]]), {"E_LEDGER"}, {"E_LEDGER"}),
        (_lines(lambda lines: [*lines, lines[-1][:-9]]), {"E_LEDGER"}, {"E_LEDGER"}),
        (_lines(lambda lines: lines[:-1]), set(), {"E_LEDGER_TRUNCATED"}),
        (_lines(lambda lines: lines[:1]), set(), {"E_LEDGER_TRUNCATED"}),
        (_lines(lambda _: []), set(), {"E_LEDGER_TRUNCATED"}),
        (lambda place: (place.campaign / LEDGER).unlink(), set(), {"E_LEDGER_TRUNCATED"}),
        (
            lambda place: rewrite_ledger(place.campaign, lambda entries: entries[:-1]),
            set(),
            {"E_LEDGER_TRUNCATED"},
        ),
        (
            lambda place: rewrite_ledger(place.campaign, lambda e: [e[0], *e]),
            {"E_LEDGER"},
            {"E_LEDGER", "E_LEDGER_TRUNCATED"},
        ),
        (
            lambda place: reseal(place, pack_of(place, B), _swap),
            set(),
            {"E_LEDGER_TRUNCATED"},
        ),
    ],
    ids=[
        *("deleted", "edited", "reordered", "torn", "tail", "all but one", "emptied", "gone"),
        *("rewritten shorter", "run twice", "rewritten by the owner"),
    ],
)
def test_the_ledger(
    place: Place,
    spoil: Callable[[Place], object],
    without_head: set[str],
    with_head: set[str],
    record_property: Any,
) -> None:
    spoil(place)
    blind = judge(place, head=None)
    assert codes(blind) == without_head
    assert blind.status is (Status.FAILED if without_head else Status.INTEGRITY_ONLY)
    seeing = judge(place)
    assert seeing.status is Status.FAILED
    assert with_head <= codes(seeing)
    record_property("corpus: other ways of spoiling, all found by both", 1)


def test_a_pack_newer_than_the_pinned_head_is_not_green(place: Place) -> None:
    assert judge(place, head=place.heads[0]).status is Status.VERIFIED
    newer = judge(place, pack_of(place, B), head=place.heads[0])
    assert (newer.findings, newer.status) == ((), Status.INTEGRITY_ONLY)


def test_a_second_stamp_is_refused(place: Place) -> None:
    def twice(entries: list[Any]) -> list[Any]:
        first = entries[0]
        stamp = replace(first, entry=EntryKind.STAMP, organisation=None, run=None)
        return [*entries, stamp]

    head = rewrite_ledger(place.campaign, twice)
    assert codes(judge(place, head=head)) == {"E_LEDGER"}


def test_a_folder_that_is_no_pack_is_not_judged(place: Place, tmp_path: Path) -> None:
    import zipfile

    bomb = tmp_path / "bomb.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("evidence/run.json", b"0" * 50_000_000)
    for nothing in (bomb, tmp_path / "none", place.campaign / A):
        with pytest.raises(UsageError, match="не пакет"):
            place.verify(nothing)


def test_a_token_is_bound_to_the_very_bytes(place: Place) -> None:
    """A valid token over the same bytes, which the ledger does not know, proves no time."""
    pack = pack_of(place)
    (pack / TOKEN).write_bytes(token_over(place, (pack / ATTESTATION).read_bytes()))
    assert codes(judge(place)) == {"E_TIMESTAMP"}
    assert CAMPAIGN in str(place.campaign)

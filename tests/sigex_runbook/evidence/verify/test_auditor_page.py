"""docs/auditor.md: its commands, run as they are printed, tell a whole pack from a spoiled one."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_pem_x509_certificates
from securesystemslib.signer import CryptoSigner

from tests.programs import program
from tests.sigex_runbook.evidence.authority import TestAuthority
from tests.sigex_runbook.evidence.sealed import RUN, A, B, Place, bin_of

PAGE = Path(__file__).resolve().parents[4] / "docs" / "auditor.md"
COMMANDS = re.findall(r"^```bash\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.M)
SIGNATURE, FILES, TIME, LEDGER = range(4)


@pytest.fixture(
    scope="module",
    params=[CryptoSigner.generate_ed25519, CryptoSigner.generate_ecdsa],
    ids=["Ed25519", "P-256"],
)
def sealed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Place:
    folder = tmp_path_factory.mktemp("auditor")
    place = Place(folder / "outputs", TestAuthority.make(folder), request.param())
    place.seal(A)
    place.seal(B)
    place.close()
    (folder / "trust.json").write_text(place.trust.to_text(), encoding="utf-8")
    return place


@pytest.fixture
def given(sealed: Place, tmp_path: Path) -> dict[str, str]:
    """What the page's first lines name, in a copy that may be spoiled."""
    outputs = tmp_path / "outputs"
    shutil.copytree(sealed.outputs, outputs)
    campaign = outputs / sealed.campaign.name
    work = tmp_path / "work"
    work.mkdir()
    return {
        "PACK": str(campaign / A / RUN),
        "LEDGER": str(campaign / "ledger.jsonl"),
        "TRUST": str(sealed.outputs.parent / "trust.json"),
        "HEAD": sealed.heads[-1],
        "WORK": str(work),
        "PATH": str(Path(program("openssl")).parent) + ":/usr/bin:/bin",
        "LANG": "C.UTF-8",
    }


def follow(given: dict[str, str]) -> tuple[int | None, str]:
    """Run the page's commands in their order: the first that fails, and all that was said."""
    said = ""
    for number, command in enumerate(COMMANDS):
        done = subprocess.run(
            [program("bash"), "-e", "-o", "pipefail", "-c", command],
            env=given,
            capture_output=True,
            text=True,
            check=False,
        )
        said += done.stdout + done.stderr
        if done.returncode != 0:
            return number, said
    return None, said


def test_a_whole_pack_passes_and_each_promised_word_is_said(given: dict[str, str]) -> None:
    assert len(COMMANDS) == 4
    failed, said = follow(given)
    assert failed is None, said
    for promised in (
        "Signature Verified Successfully",
        "не сходятся: нет",
        "Verification: OK",
        "Time stamp:",
        "пакет в строке 1; голова в строке 3",
    ):
        assert promised in said


def test_what_finder_left_is_told_apart(given: dict[str, str]) -> None:
    (Path(given["PACK"]) / "evidence" / ".ipynb_checkpoints").mkdir()
    copy = "evidence/.ipynb_checkpoints/report-checkpoint.html"
    for name in (".DS_Store", "evidence/.DS_Store", "evidence/._run.json", copy):
        (Path(given["PACK"]) / name).write_bytes(b"Bud1")
    failed, said = follow(given)
    assert failed is None, said
    left = [".DS_Store", "evidence/.DS_Store", "evidence/._run.json", copy]
    assert f"сделала система: {left}" in said


def test_a_pinned_server_without_its_root_is_enough(given: dict[str, str], tmp_path: Path) -> None:
    """As `sigex-runbook verify` has it: a pin may be of any rank."""
    trust = json.loads(Path(given["TRUST"]).read_text("utf-8"))
    answer = Path(given["PACK"]) / "attestation.tsr"
    [server] = [
        one
        for one in load_pem_x509_certificates(trust["authorities"][0]["certificates"].encode())
        if one.issuer != one.subject
    ]
    assert server.public_bytes(Encoding.DER) in answer.read_bytes()
    trust["authorities"][0]["certificates"] = server.public_bytes(Encoding.PEM).decode()
    leaf = tmp_path / "leaf.json"
    leaf.write_text(json.dumps(trust), "utf-8")
    failed, said = follow({**given, "TRUST": str(leaf)})
    assert failed is None, said


def _append(name: str) -> Callable[[Path], object]:
    def spoil(pack: Path) -> None:
        with (pack / name).open("ab") as file:
            file.write(b" ")

    return spoil


def _foreign(name: str) -> Callable[[Path], object]:
    return lambda pack: shutil.copy(pack.parents[1] / B / RUN / name, pack / name)


def _flip(name: str, place: int) -> Callable[[Path], object]:
    def spoil(pack: Path) -> None:
        data = bytearray((pack / name).read_bytes())
        data[place] ^= 1
        (pack / name).write_bytes(data)

    return spoil


@pytest.mark.parametrize(
    ("spoil", "noticed"),
    [
        (_append("evidence/run.json"), FILES),
        (_flip("evidence/state/after.json", 7), FILES),
        (lambda pack: (pack / "evidence" / "order.json").unlink(), FILES),
        (lambda pack: (pack / "evidence" / ".more").write_text("x"), FILES),
        (lambda pack: (pack / "more").write_text("x"), FILES),
        (_foreign("attestation.tsr"), TIME),
        (lambda pack: (pack / "attestation.tsr").unlink(), TIME),
        (_flip("attestation.dsse.json", -20), SIGNATURE),
    ],
)
def test_a_spoiled_pack_is_noticed(
    given: dict[str, str], spoil: Callable[[Path], object], noticed: int
) -> None:
    spoil(Path(given["PACK"]))
    assert follow(given)[0] == noticed


def test_another_hand_is_noticed(given: dict[str, str], tmp_path: Path) -> None:
    authority = TestAuthority.make(tmp_path)
    other = Place(tmp_path / "other", authority, CryptoSigner.generate_ed25519())
    other.seal(A)
    failed, said = follow({**given, "PACK": str(other.campaign / A / RUN)})
    assert failed == SIGNATURE, said


def test_a_cut_or_changed_ledger_is_noticed(given: dict[str, str]) -> None:
    ledger = Path(given["LEDGER"])
    lines = ledger.read_bytes().splitlines(keepends=True)
    for changed in (lines[:-1], lines[1:], [lines[1], lines[0], lines[2]]):
        ledger.write_bytes(b"".join(changed))
        assert follow(given)[0] == LEDGER
    ledger.write_bytes(b"".join(lines))
    assert follow(given)[0] is None
    assert follow({**given, "HEAD": "0" * 64})[0] == LEDGER


def test_a_pack_of_another_campaign_has_no_place_in_the_ledger(
    given: dict[str, str], sealed: Place, tmp_path: Path
) -> None:
    other = Place(tmp_path / "other", sealed.authority, sealed.signer)
    other.seal(bin_of(7))
    failed, said = follow({**given, "PACK": str(other.campaign / bin_of(7) / RUN)})
    assert failed == LEDGER
    assert "этого пакета в реестре нет" in said

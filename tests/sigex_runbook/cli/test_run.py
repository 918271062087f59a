"""`sigex-runbook run` as an operator meets it: what a finished run leaves behind."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import pytest
from rocrate.rocrate import ROCrate
from trestle.core.duplicates_validator import DuplicatesValidator
from trestle.oscal.assessment_results import AssessmentResults

from sigex_runbook.cli.main import main
from sigex_runbook.evidence.attest.envelope import read_envelope
from sigex_runbook.evidence.attest.keyring import Keyring, key_folder
from sigex_runbook.evidence.attest.ledger import read_ledger
from sigex_runbook.evidence.attest.statement import ATTESTATION
from sigex_runbook.evidence.privacy.leak import Canaries, DecodingScanner
from sigex_runbook.evidence.verify.campaign import verify_campaign
from sigex_runbook.evidence.verify.files import Redrawn
from sigex_runbook.evidence.verify.verification import Question, verify_pack
from sigex_runbook.evidence.verify.wording import campaign_json, campaign_lines
from tests.commands import answers, run, run_here, sealed_well, write
from tests.service import EVERYTHING, ORGANISATION, Service
from tests.sigex_runbook.evidence.corpus.flipping import flip_all


@pytest.fixture(scope="module")
def finished(
    emulator: Any, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Service, list[dict[str, Any]], list[subprocess.CompletedProcess[str]]]:
    """The same order in two commands: a program with a kernel, and then one of this process that
    has nothing to do."""
    emulator.world.reset()
    service = Service(emulator)
    folder = tmp_path_factory.mktemp("finished")
    order = write(folder, service.order_text())
    outputs = folder / "outputs"
    asked: list[str | Path] = [order, *service.arguments(), "--outputs", outputs, "--json"]
    done = [command(*asked) for command in (run, run_here)]
    assert service.granted() == EVERYTHING
    return service, [told for one in done for told in answers(one)], done


def pack_of(finished: tuple[Any, list[dict[str, Any]], Any], number: int = 0) -> Path:
    return Path(finished[1][number]["pack"])


def test_two_orders_make_two_packs_and_one_line_each(finished: Any) -> None:
    _, results, done = finished
    assert [(one.returncode, one.stderr) for one in done] == [(0, "")] * 2
    assert [r["verdict"] for r in results] == ["PASSED", "PASSED"]
    assert [r["nothing_to_do"] for r in results] == [False, True]
    assert results[0]["pack"] != results[1]["pack"]


def test_pictures_and_report_of_a_run_can_be_made_again_elsewhere(finished: Any) -> None:
    """Those of every pack of a campaign, and the verifier says how many."""
    campaign = pack_of(finished).parents[1]
    trust = Keyring(key_folder()).trust()
    verified = verify_campaign(campaign, Question(trust, pictures=True))
    assert {pack: (one.findings, one.redrawn) for pack, one in verified.packs} == {
        f"{ORGANISATION}/{pack_of(finished, number).name}": ((), Redrawn(13, report=True))
        for number in (0, 1)
    }
    told = list(campaign_lines("single", verified))
    assert "  Снимков нарисовано заново и совпало: 26, в пакетах: 2" in told
    assert "  Вердикты последних запусков: PASSED 1" in told
    assert campaign_json("", verified)["pictures_redrawn"] == 26
    assert "  Отчётов сделано заново и совпало: 2" in told
    assert campaign_json("", verified)["reports_redrawn"] == 2


def test_the_list_of_runs_names_both_and_claims_nothing_verified(finished: Any) -> None:
    outputs = pack_of(finished).parents[2]
    text = (outputs / "index.html").read_text("utf-8")
    for number in (0, 1):
        pack = pack_of(finished, number)
        assert f"{pack.relative_to(outputs).as_posix()}/evidence/report.html" in text
    assert "Дан доступ: во всех четырёх блоках" in text
    assert "VERIFIED" not in text
    assert str(outputs) not in text


def test_the_pack_is_laid_out_as_promised_and_whole(finished: Any) -> None:
    pack = pack_of(finished)
    evidence = pack / "evidence"
    assert pack.parts[-3:-1] == ("single", "200240002381")
    named = {
        *("run.json", "order.json", "steps.ndjson", "junit.xml", "verification.json"),
        *("runbook.ipynb", "report.html", "report.pdf", "report.json", "redaction.json"),
        *(f"state/{name}.json" for name in ("before", "expected", "after", "diff", "audit")),
        *(f"screens/{n:03d}-{kind}.png" for n in range(1, 14) for kind in ("raw", "annotated")),
        *(f"screens/{n:03d}.json" for n in range(1, 14)),
    }
    there = {
        path.relative_to(evidence).as_posix() for path in evidence.rglob("*") if path.is_file()
    }
    others = {name for name in there - named if not name.startswith(("api/", "features/"))}
    assert (named - there, others) == (set(), set())
    assert sealed_well(pack, redrawn=False)
    callouts = [
        json.loads((evidence / f"screens/{n:03d}.json").read_text("utf-8"))["facts"]["callout"]
        for n in range(1, 14)
    ]
    assert callouts == list(range(1, 14))


def test_a_runs_pack_is_sealed_and_one_bit_of_it_is_found(
    finished: Any, record_property: Any
) -> None:
    """A real pack, on a sample of its places; `evidence/corpus/everywhere.py` tries them all."""
    _, results, _ = finished
    pack = pack_of(finished)
    trust = Keyring(key_folder()).trust()
    head = read_ledger(pack.parent.parent)
    assert head is not None
    question = Question(trust, organisation=pack.parent.name, run=pack.name, head=head.head)
    verification = verify_pack(pack, question)
    assert (verification.findings, verification.pinned) == ((), True)

    def look() -> None:
        assert verify_pack(pack, question).findings

    files = sorted(path for path in pack.rglob("*") if path.is_file())
    count = flip_all(files, look, every=False, sample=2)
    record_property("corpus: bits flipped in a real pack, all found", count)
    campaign = verify_campaign(pack.parent.parent, Question(trust, head=head.head))
    assert campaign.findings == ()
    assert campaign.statement is not None
    [member] = campaign.statement.population
    assert member.run_id == Path(results[1]["pack"]).name  # the last of the two


def test_the_state_files_tell_the_change(finished: Any) -> None:
    state = pack_of(finished) / "evidence" / "state"
    before, expected, after = (
        json.loads((state / f"{name}.json").read_text("utf-8"))
        for name in ("before", "expected", "after")
    )
    for block in EVERYTHING:
        assert before[block]["tlsCertificatesIndices"] == []
        assert after[block]["tlsCertificatesIndices"] == [0]
    assert {**after, "modifiedAt": 0} == {**expected, "modifiedAt": 0}


def test_report_and_notebook_are_small_and_load_nothing(finished: Any) -> None:
    evidence = pack_of(finished) / "evidence"
    report = (evidence / "report.html").read_text("utf-8")
    assert len(re.findall(r'<img[^>]+src="data:image/png;base64,', report)) == 13
    assert re.findall(r"""(?:src|href|action)\s*=\s*["'](?!data:|#)[^"']*""", report) == []
    assert not re.search(r"<script|@import|url\(\s*['\"]?http", report)
    total = sum((evidence / name).stat().st_size for name in ("report.html", "runbook.ipynb"))
    assert total < 5_000_000


def test_other_tools_read_what_is_exported_of_a_real_pack(finished: Any, tmp_path: Path) -> None:
    pack = pack_of(finished)
    there = {path.relative_to(pack).as_posix() for path in pack.rglob("*") if path.is_file()}
    asked = ["export", str(pack), "--trust", str(key_folder() / "trust.json")]
    crate, results = tmp_path / "crate", tmp_path / "results.json"
    assert main([*asked, "--format", "ro-crate", "--out", str(crate)]) == 0
    assert main([*asked, "--format", "oscal", "--out", str(results)]) == 0

    opened: Any = ROCrate(str(crate))  # type: ignore[no-untyped-call]
    files = {entity["name"]: entity for entity in opened.get_by_type("File")}
    assert files.keys() == there
    for name, entity in files.items():
        assert entity["sha256"] == hashlib.sha256((pack / name).read_bytes()).hexdigest()
        assert Path(entity.source).read_bytes() == (pack / name).read_bytes()
    action = opened.dereference("#run")
    assert action["actionStatus"] == "http://schema.org/CompletedActionStatus"
    assert {one["name"] for one in (*action["object"], *action["result"])} == {
        *(f"evidence/state/{name}.json" for name in ("before", "after", "diff", "audit")),
        *("evidence/order.json", "evidence/report.html"),
    }

    read: Any = AssessmentResults.oscal_read(results)
    assert DuplicatesValidator().model_is_valid(read, quiet=True)
    (result,) = read.results
    assert {unquote(r.rlinks[0].href) for r in read.back_matter.resources} == there
    assert {f.target.target_id for f in result.findings} == EVERYTHING.keys()
    assert {str(f.target.status.state.value) for f in result.findings} == {"satisfied"}
    assert [bool(one.relevant_evidence) for one in result.observations] == [True] * 3


def test_the_runs_own_secrets_were_looked_for_and_are_counted_only(finished: Any) -> None:
    record = json.loads((pack_of(finished) / "evidence" / "redaction.json").read_text("utf-8"))
    counted = record["scanner"]["secrets_of_the_run"]
    assert all(one.keys() == {"kind", "count"} and one["count"] > 0 for one in counted)
    assert {one["kind"] for one in counted} == {"cookie", "iin", "key", "nonce", "password"}


def test_no_secret_and_no_persons_number_is_in_a_pack(finished: Any) -> None:
    """A canary scan over every byte, with a control that proves that it would find something.

    Three letters are met by chance in packed bytes: there the leak scan looks, which opens them.
    """
    service, _, done = finished
    scanner = DecodingScanner(
        Canaries().plus("password", service.passwords()).plus("iin", service.people_numbers()),
        pages=True,
    )
    assert [
        (path.name, leak)
        for path in pack_of(finished).rglob("*.*")
        if path.is_file()
        for leak in scanner.scan(path.name, path.read_bytes(), pack_of(finished).parent.name)
    ] == []
    canaries = [*service.people_numbers(), *service.passwords()]
    needles = [
        form
        for canary in canaries
        for form in (canary, base64.b64encode(canary.encode()).decode().rstrip("="), quote(canary))
    ] + ["eyJ", "jwt=", "PRIVATE KEY"]
    haystack = (
        b"".join(
            path.read_bytes()
            for path in sorted(pack_of(finished).rglob("*.*"))
            if path.suffix not in (".png", ".tsr", ".pdf") and path.name != ATTESTATION
        )
        + read_envelope((pack_of(finished) / ATTESTATION).read_bytes()).payload
        + "".join(one.stdout + one.stderr for one in done).encode()
    )
    text = re.sub(rb"data:image/png;base64,[^\"]+|\"image/png\": \"[^\"]+", b"", haystack)
    assert [n for n in needles if n.encode() in text] == []
    control = text + service.people_numbers()[0].encode()
    assert [n for n in needles if n.encode() in control] != []


def test_no_path_of_this_machine_is_in_the_notebook_or_report(
    finished: Any, tmp_path: Path
) -> None:
    evidence = pack_of(finished) / "evidence"
    for name in ("runbook.ipynb", "report.html"):
        text = (evidence / name).read_text("utf-8")
        assert str(evidence.parent.parent) not in text
        assert str(Path(sys.executable).parent) not in text


def test_the_second_run_says_that_nothing_was_to_be_done(finished: Any) -> None:
    steps = (pack_of(finished, 1) / "evidence" / "steps.ndjson").read_text("utf-8").splitlines()
    notes = [json.loads(line)["note"] for line in steps]
    assert sum(1 for note in notes if note and "Галочка уже стоит" in note) == 4
    assert sum(1 for note in notes if note and "сохранять нечего" in note) == 1

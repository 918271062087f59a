"""`sigex-runbook run` as an operator meets it: a process, its words, its exit code, its pack."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import psutil
import pytest
from rocrate.rocrate import ROCrate
from trestle.core.duplicates_validator import DuplicatesValidator
from trestle.oscal.assessment_results import AssessmentResults

from sigex_runbook.cli.main import main
from sigex_runbook.evidence.campaign import verify_campaign
from sigex_runbook.evidence.envelope import read_envelope
from sigex_runbook.evidence.findings import Status
from sigex_runbook.evidence.keyring import Keyring, key_folder
from sigex_runbook.evidence.leak import Canaries, DecodingScanner
from sigex_runbook.evidence.ledger import read_ledger
from sigex_runbook.evidence.statement import ATTESTATION
from sigex_runbook.evidence.verification import Question, verify_pack
from sigex_runbook.evidence.wording import campaign_json, campaign_lines
from tests.evidence.corpus.flipping import flip_all
from tests.evidence.corpus.second_verifier import verify as second_opinion
from tests.run.service import EVERYTHING, NOTHING, ORGANISATION, OTHER_ORGANISATION, Service

PROGRAM = [sys.executable, "-m", "sigex_runbook.cli.main"]
BROWSERS = ("chrom", "headless")


def run(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*PROGRAM, "run", *map(str, arguments)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=150,
        env=os.environ | environment,
        check=False,
    )


def write(folder: Path, text: str, name: str = "order.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def sealed_well(pack: Path) -> bool:
    """Whether two verifiers who trust this session's key find nothing wrong."""
    keyring = Keyring(key_folder())
    verification = verify_pack(pack, Question(keyring.trust()))
    assert verification.findings == ()
    assert second_opinion(pack, keyring.trust_file) == Status.INTEGRITY_ONLY
    return verification.status is Status.INTEGRITY_ONLY  # no time authority, no pinned head


def answers(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def finished(
    emulator: Any, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Service, list[dict[str, Any]], subprocess.CompletedProcess[str]]:
    """The same order twice in one command: the second has nothing to do."""
    emulator.world.reset()
    service = Service(emulator)
    folder = tmp_path_factory.mktemp("finished")
    order = write(folder, service.order_text())
    done = run(order, order, *service.arguments(), "--outputs", folder / "outputs", "--json")
    assert service.granted() == EVERYTHING
    return service, answers(done), done


def pack_of(finished: tuple[Any, list[dict[str, Any]], Any], number: int = 0) -> Path:
    return Path(finished[1][number]["pack"])


def test_two_orders_make_two_packs_and_one_line_each(finished: Any) -> None:
    _, results, done = finished
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    assert [r["verdict"] for r in results] == ["PASSED", "PASSED"]
    assert [r["nothing_to_do"] for r in results] == [False, True]
    assert results[0]["pack"] != results[1]["pack"]


def test_the_pictures_of_a_run_can_be_drawn_again_elsewhere(finished: Any) -> None:
    """Those of every pack of a campaign, and the verifier says how many."""
    campaign = pack_of(finished).parents[1]
    trust = Keyring(key_folder()).trust()
    verified = verify_campaign(campaign, Question(trust, pictures=True))
    assert {pack: (one.findings, one.redrawn) for pack, one in verified.packs} == {
        f"{ORGANISATION}/{pack_of(finished, number).name}": ((), 13) for number in (0, 1)
    }
    told = list(campaign_lines("single", verified))
    assert "  Снимков нарисовано заново и совпало: 26, в пакетах: 2" in told
    assert "  Вердикты последних запусков: PASSED 1" in told
    assert campaign_json("", verified)["pictures_redrawn"] == 26


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
        *("runbook.ipynb", "report.html", "report.pdf", "redaction.json"),
        *(f"state/{name}.json" for name in ("before", "expected", "after", "diff")),
        *(f"screens/{n:03d}-{kind}.png" for n in range(1, 14) for kind in ("raw", "annotated")),
        *(f"screens/{n:03d}.json" for n in range(1, 14)),
    }
    there = {
        path.relative_to(evidence).as_posix() for path in evidence.rglob("*") if path.is_file()
    }
    others = {name for name in there - named if not name.startswith(("api/", "features/"))}
    assert (named - there, others) == (set(), set())
    assert sealed_well(pack)
    callouts = [
        json.loads((evidence / f"screens/{n:03d}.json").read_text("utf-8"))["facts"]["callout"]
        for n in range(1, 14)
    ]
    assert callouts == list(range(1, 14))


def test_a_runs_pack_is_sealed_and_one_bit_of_it_is_found(
    finished: Any, record_property: Any
) -> None:
    """A real pack, on a sample of its places; `tests.evidence.corpus.everywhere` tries them all."""
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
        *(f"evidence/state/{name}.json" for name in ("before", "after", "diff")),
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
        + (done.stdout + done.stderr).encode()
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


@pytest.mark.parametrize(
    ("replace", "told"),
    [
        ({'"200240002381"': '"200240002382"'}, "контрольной цифры"),
        ({'"200240002381"': "200240002381"}, "кавычки"),
        ({"access:": "acess:"}, "«acess»"),
        ({"employee-settings.password": "head.password"}, "Пароль не подходит"),
        ({"200240002381/1.key": "200240002381/2.key"}, "2.key не от сертификата"),
        ({"probe_document:": "probe_document: 1\nprobe_document:"}, "дважды"),
    ],
)
def test_a_bad_order_is_refused_before_anything_is_touched(
    service: Service, tmp_path: Path, replace: dict[str, str], told: str
) -> None:
    good = write(tmp_path, service.order_text(), "good.yaml")
    bad = write(tmp_path, service.order_text(**replace), "bad.yaml")
    done = run(good, bad, *service.arguments(), "--outputs", tmp_path / "outputs")
    assert done.returncode == 2
    assert told in done.stderr
    assert done.stderr.count("\n") == 1, done.stderr
    assert not (tmp_path / "outputs").exists()
    assert service.granted() == NOTHING
    assert list(service.emulator.world.requests) == []


def test_a_deadline_that_no_run_can_have_is_refused(tmp_path: Path) -> None:
    done = run("--deadline", "inf", "--outputs", tmp_path / "outputs", "--json")
    assert done.returncode == 2
    assert "больше нуля" in done.stderr
    assert done.stderr.count("\n") == 1, done.stderr
    [result] = answers(done)
    assert (result["order"], result["verdict"], result["pack"]) == ("образец", "FAILED", None)
    assert result["message"] in done.stderr
    assert not (tmp_path / "outputs").exists()


def test_every_order_is_told_of_when_one_is_refused(service: Service, tmp_path: Path) -> None:
    good = write(tmp_path, service.order_text(), "good.yaml")
    bad = write(tmp_path, service.order_text(**{"access:": "acess:"}), "bad.yaml")
    done = run(good, bad, *service.arguments(), "--outputs", tmp_path / "outputs", "--json")
    assert done.returncode == 2
    first, second = answers(done)
    assert (first["order"], first["organisation_bin"]) == (str(good), ORGANISATION)
    assert "другой заказ" in first["message"]
    assert (second["order"], second["organisation_bin"]) == (str(bad), None)
    assert "«acess»" in second["message"]
    assert not (tmp_path / "outputs").exists()


def test_a_missing_browser_is_said_before_anything_is_touched(
    service: Service, tmp_path: Path
) -> None:
    order = write(tmp_path, service.order_text())
    done = run(
        order,
        *service.arguments(),
        "--outputs",
        tmp_path / "outputs",
        SIGEX_RUNBOOK_BROWSER=str(tmp_path / "none"),
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "SIGEX_RUNBOOK_BROWSER" in done.stderr
    assert not (tmp_path / "outputs").exists()


def test_one_failed_order_does_not_keep_the_next_from_running(
    service: Service, tmp_path: Path
) -> None:
    wrong = write(
        tmp_path,
        service.order_text(**{"keys/200240002381/": f"keys/{OTHER_ORGANISATION}/"}),
        "wrong.yaml",
    )
    right = write(tmp_path, service.order_text(), "right.yaml")
    done = run(wrong, right, *service.arguments(), "--outputs", tmp_path / "outputs", "--json")
    assert done.returncode == 1
    first, second = answers(done)
    assert (first["verdict"], first["section"]) == ("FAILED", 1)
    assert second["verdict"] == "PASSED", second["message"]
    report = (Path(first["pack"]) / "evidence" / "report.html").read_text("utf-8")
    assert first["message"] in report
    assert "Traceback" not in report + done.stdout + done.stderr


def test_a_service_that_is_down_leaves_a_pack_that_says_so(
    service: Service, tmp_path: Path
) -> None:
    order = write(tmp_path, service.order_text())
    closed = ("--target", "https://localhost:9", "--ca", str(service.emulator.directory / "ca.pem"))
    done = run(order, *closed, "--outputs", tmp_path / "outputs", "--json")
    assert done.returncode == 1
    [result] = answers(done)
    assert "не отвечает" in result["message"]
    steps = (Path(result["pack"]) / "evidence" / "steps.ndjson").read_text("utf-8").splitlines()
    assert {json.loads(line)["outcome"] for line in steps} == {"not_run"}


def test_a_run_past_its_deadline_ends_with_what_it_had(service: Service, tmp_path: Path) -> None:
    order = write(tmp_path, service.order_text())
    asked = ("--deadline", "0.5", "--language", "kk", "--json")
    done = run(order, *service.arguments(), "--outputs", tmp_path / "o", *asked)
    [result] = answers(done)
    assert (done.returncode, result["verdict"]) == (1, "FAILED")
    assert "не уложился в 0.5 с" in result["message"]
    evidence = Path(result["pack"]) / "evidence"
    assert '<html lang="kk">' in (evidence / "report.html").read_text("utf-8")
    assert (evidence / "report.pdf").is_file()
    assert sealed_well(Path(result["pack"]))


def descendants(process: subprocess.Popen[str]) -> list[psutil.Process]:
    return list(psutil.Process(process.pid).children(recursive=True))


def kernel_of(family: list[psutil.Process]) -> psutil.Process:
    return next(p for p in family if "ipykernel_launcher" in " ".join(p.cmdline()))


@pytest.fixture(autouse=True)
def _signals_are_heard() -> Iterator[None]:
    """Tests started in the background or by nohup ignore signals, and a child would inherit it."""
    interrupt = signal.signal(signal.SIGINT, signal.default_int_handler)
    hang_up = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGINT, interrupt)
    signal.signal(signal.SIGHUP, hang_up)


def start_and_interrupt(
    service: Service, tmp_path: Path, blow: Callable[[subprocess.Popen[str]], None]
) -> tuple[subprocess.Popen[str], str, str, list[psutil.Process]]:
    """Start a run, strike when the employee signs in, wait; also every process it ever had."""
    struck = threading.Event()
    real = service.emulator.world.remember_sign_in

    def notice(*args: Any, **kwargs: Any) -> Any:
        struck.set()
        return real(*args, **kwargs)

    service.emulator.world.remember_sign_in = notice  # type: ignore[method-assign]
    try:
        process = subprocess.Popen(
            [
                *PROGRAM,
                "run",
                str(write(tmp_path, service.order_text())),
                *service.arguments(),
                *("--outputs", str(tmp_path / "outputs"), "--json"),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        assert struck.wait(100), "nobody signed in"
        family = descendants(process)
        blow(process)
        out, err = process.communicate(timeout=100)
    finally:
        service.emulator.world.remember_sign_in = real  # type: ignore[method-assign]
    return process, out, err, family


def test_a_killed_kernel_leaves_a_pack_and_no_process(service: Service, tmp_path: Path) -> None:
    process, out, _, family = start_and_interrupt(
        service, tmp_path, lambda parent: kernel_of(descendants(parent)).kill()
    )
    assert process.returncode == 1
    [result] = [json.loads(line) for line in out.splitlines()]
    assert "остановился посреди работы" in result["message"]
    pack = Path(result["pack"])
    assert sealed_well(pack)
    steps = (pack / "evidence" / "steps.ndjson").read_text("utf-8").splitlines()
    assert len(steps) == 35
    _, alive = psutil.wait_procs(family, timeout=20)
    assert [p.name() for p in alive] == []


def test_an_interrupted_run_leaves_a_pack_and_no_process(service: Service, tmp_path: Path) -> None:
    """Ctrl+C pressed twice, as people do."""

    def twice(parent: subprocess.Popen[str]) -> None:
        parent.send_signal(signal.SIGINT)
        parent.send_signal(signal.SIGINT)

    process, out, err, family = start_and_interrupt(service, tmp_path, twice)
    assert process.returncode == 130
    assert err.startswith("Прервано")
    assert "Traceback" not in err
    [pack] = (tmp_path / "outputs" / "single" / "200240002381").iterdir()
    [result] = [json.loads(line) for line in out.splitlines()]
    assert (result["pack"], result["saved"]) == (str(pack), "no")
    assert sealed_well(pack)
    verdict = json.loads((pack / "evidence" / "run.json").read_text("utf-8"))["verdict"]
    assert (verdict["kind"], "прерван" in verdict["reasons"][0]) == ("FAILED", True)
    assert "Запуск прерван" in (pack / "evidence" / "report.html").read_text("utf-8")
    _, alive = psutil.wait_procs(family, timeout=20)
    assert [p.name() for p in alive] == []


def test_an_interrupted_kernel_leaves_a_sentence_and_no_traceback(
    service: Service, tmp_path: Path
) -> None:
    process, out, err, _ = start_and_interrupt(
        service,
        tmp_path,
        lambda parent: kernel_of(descendants(parent)).send_signal(signal.SIGINT),
    )
    assert (process.returncode, err) == (1, "")
    [result] = [json.loads(line) for line in out.splitlines()]
    assert "прерван" in result["message"]
    evidence = Path(result["pack"]) / "evidence"
    for name in ("runbook.ipynb", "report.html"):
        text = re.sub(r"[0-9A-Za-z+/=]{200,}", "", (evidence / name).read_text("utf-8"))
        assert "прерван" in text
        for leak in ("KeyboardInterrupt", "Traceback", str(Path(sys.prefix).parent)):
            assert leak not in text


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_a_program_told_to_end_seals_its_pack_and_cleans_up(tmp_path: Path, name: str) -> None:
    number = getattr(signal, name)
    order = ("--outputs", str(tmp_path / "outputs"))
    temporary = tmp_path / f"a path {'longer ' * 12}than a socket's may be"
    temporary.mkdir()
    process = subprocess.Popen(
        [*PROGRAM, "run", *order],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env=os.environ | {"TMPDIR": str(temporary)},
    )
    assert process.stdout is not None
    assert "выполняется" in process.stdout.readline()
    process.send_signal(number)
    out, err = process.communicate(timeout=100)
    assert (process.returncode, err[:8]) == (128 + number, "Прервано"), out + err
    [pack] = (tmp_path / "outputs" / "single" / "200240002381").iterdir()
    assert str(pack) in out
    assert sealed_well(pack)
    assert "прерван" in (pack / "evidence" / "report.html").read_text("utf-8")
    assert [path for path in temporary.iterdir() if path.name.startswith("sigex-")] == []

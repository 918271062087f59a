"""What is made of the record for people, and what is said of its redaction, must fit the record.

Every lie is sealed anew by the key's owner, with its ledger. Where a lie is about a file that the
report lists, the report is made anew too, by the same program; where it is about the report, not.
"""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from sigex_runbook.core.record import Outcome
from sigex_runbook.evidence.attest.findings import Status
from sigex_runbook.evidence.pack.canonical import sha256_hex
from sigex_runbook.evidence.pack.draft import PackDraft
from sigex_runbook.evidence.pack.layout import EVIDENCE
from sigex_runbook.evidence.sealing.signed_pdf import certify
from sigex_runbook.evidence.verify.files import Redrawn
from sigex_runbook.evidence.verify.verification import Verification
from tests.sigex_runbook.evidence.authority import TestAuthority
from tests.sigex_runbook.evidence.material import empty_pdf, page_png
from tests.sigex_runbook.evidence.sealed import RUN, SIGNER, A, B, Place, codes, copy

from .forgery import edit_json, listing_sha256, reseal
from .judging import OTHER_RUN
from .measure import seal_another

Edit = Callable[[Path], object]

ALIAS = "ИИН-0123456789"
NOTEBOOK, PAGE, PDF, ORIGIN = "runbook.ipynb", "report.html", "report.pdf", "report.json"


def notebook_of(evidence: Path, run: str = RUN, organisation: str = A, kind: str = "PASSED") -> Any:
    """An executed notebook as a run leaves it, as far as it can be held to the pack."""
    shown: list[dict[str, Any]] = [
        {"text/plain": f"Заказ\nБИН организации | {organisation}\nНомер запуска | {run}"},
        *(
            {"image/png": base64.b64encode(path.read_bytes()).decode(), "text/plain": "Снимок."}
            for path in sorted(evidence.glob("screens/*-annotated.png"))
        ),
        {"text/plain": f"Выполнено ({kind})"},
    ]
    outputs = [{"output_type": "display_data", "data": one, "metadata": {}} for one in shown]
    return {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"sigex_runbook": {"run_id": run, "organisation_bin": organisation}},
        "cells": [{"cell_type": "code", "source": "run", "metadata": {}, "outputs": outputs}],
    }


def with_documents(draft: PackDraft) -> None:
    """A notebook, a PDF, and a person's number that was taken out of a call."""
    notebook = notebook_of(draft.evidence, draft.run_id, draft.home.organisation_bin)
    draft.write_bytes(NOTEBOOK, json.dumps(notebook).encode())
    draft.write_bytes(PDF, certify(empty_pdf(), SIGNER))
    draft.count_removed("api/002.json", {"iin": 1})


def told(values: dict[str, Any]) -> None:
    values["run.json"]["without_notebook"] = None
    values["api/002.json"]["fields"]["by"] = ALIAS


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """One pack of a success with all documents, and another run of the same; never changed."""
    place = Place(tmp_path_factory.mktemp("sealed") / "outputs")
    for run in (RUN, OTHER_RUN):
        place.seal(run=run, change=told, finish=with_documents)
    return place


def judged(place: Place, edit: Edit, *, reported: bool = True, **asked: Any) -> Verification:
    """Lie, seal anew, and verify with the new head."""
    pack = place.campaign / A / RUN
    head = reseal(place, pack, lambda pack: edit(pack / EVIDENCE), stamped=False, reported=reported)
    return place.verify(pack, head=head, **asked)


def test_what_verification_is_timed_on_is_what_runs_make(
    sealed: Place, authority: TestAuthority, tmp_path: Path
) -> None:
    place = Place(tmp_path / "outputs", authority)
    seal_another(sealed.campaign / A / RUN, place, B)
    found = place.verify(place.campaign / B / RUN, organisation=B)
    assert (found.findings, found.trusted_time is not None) == ((), True)


# Ways of lying


def at(name: str, change: Callable[[Any], object]) -> Edit:
    return lambda evidence: edit_json(evidence / name, change)


def words(name: str, old: str, new: str) -> Edit:
    def edit(evidence: Path) -> None:
        path = evidence / name
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new), "utf-8", newline="")

    return edit


def without(*names: str) -> Edit:
    def edit(evidence: Path) -> None:
        for name in names:
            (evidence / name).unlink()
        scanned_is_there(evidence)

    return edit


def added(name: str, data: bytes = b"{}") -> Edit:
    def edit(evidence: Path) -> None:
        (evidence / name).parent.mkdir(exist_ok=True)
        (evidence / name).write_bytes(data)
        scanned_is_there(evidence)

    return edit


def scanned_is_there(evidence: Path) -> None:
    there = {p.relative_to(evidence).as_posix() for p in evidence.rglob("*") if p.is_file()}
    edit_json(
        evidence / "redaction.json",
        lambda record: record.update(scanned=sorted(there - {"redaction.json"})),
    )


def of_another_run(name: str) -> Edit:
    """That file as the other run left it."""

    def edit(evidence: Path) -> None:
        other = evidence.parents[1] / OTHER_RUN / EVIDENCE / name
        (evidence / name).write_bytes(other.read_bytes())

    return edit


def notebook(change: Callable[[Any], object]) -> Edit:
    def edit(evidence: Path) -> None:
        value = json.loads((evidence / NOTEBOOK).read_bytes())
        change(value)
        (evidence / NOTEBOOK).write_bytes(json.dumps(value).encode())

    return edit


def another_notebook(**changes: str) -> Edit:
    """A notebook whose words say so; its pictures are the pack's."""

    def edit(evidence: Path) -> None:
        value = notebook_of(evidence, **changes)
        (evidence / NOTEBOOK).write_bytes(json.dumps(value).encode())

    return edit


def outputs(value: Any) -> list[Any]:
    found: list[Any] = value["cells"][0]["outputs"]
    return found


def another_picture(value: Any) -> None:
    data = next(one["data"] for one in outputs(value) if "image/png" in one["data"])
    data["image/png"] = base64.b64encode(page_png()).decode()


def without_pictures(value: Any) -> None:
    value["cells"][0]["outputs"] = [one for one in outputs(value) if "image/png" not in one["data"]]


def redaction(change: Callable[[Any], object]) -> Edit:
    return at("redaction.json", change)


@dataclass(frozen=True)
class Lie:
    """A change under evidence/, and what is found of it: where, and with which code."""

    name: str
    edit: Edit
    file: str
    what: str
    code: str = "E_STATE"
    also: frozenset[str] = frozenset()
    reported: bool = True


LIES = [
    # the report
    Lie("the report of another run", of_another_run(PAGE), PAGE, RUN, reported=False),
    Lie(
        "another verdict in the report",
        words(PAGE, "(PASSED)", "(FAILED)"),
        PAGE,
        "(PASSED)",
        reported=False,
    ),
    Lie(
        "another organisation in the report",
        words(PAGE, A, B),
        PAGE,
        A,
        reported=False,
    ),
    Lie(
        "a call changed after the report",
        at("api/003.json", lambda r: r["fields"].update(message="нет доступа")),
        PAGE,
        "SHA-256 списка файлов",
        reported=False,
    ),
    Lie("the report dropped", without(PAGE), PAGE, "здесь нет", "E_MISSING"),
    Lie("its origin dropped", without(ORIGIN), ORIGIN, "здесь нет", "E_MISSING"),
    Lie(
        "report, PDF and origin dropped",
        without(PAGE, PDF, ORIGIN),
        PAGE,
        "здесь нет",
        "E_MISSING",
    ),
    Lie(
        "an origin of another format",
        at(ORIGIN, lambda r: r.update(format="sigex-report/9")),
        ORIGIN,
        "sigex-report/1",
        "E_TYPE",
        reported=False,
    ),
    # its PDF
    Lie("the PDF dropped", without(PDF), ORIGIN, "по записи report.pdf есть"),
    Lie(
        "a PDF that is said to be lacking",
        at(ORIGIN, lambda r: r.update(without_pdf="Браузера нет.")),
        ORIGIN,
        "сказано, что report.pdf нет",
    ),
    Lie(
        "the PDF dropped for no reason",
        lambda evidence: [
            without(PDF)(evidence),
            at(ORIGIN, lambda r: r.update(without_pdf=""))(evidence),
        ],
        ORIGIN,
        "по записи report.pdf есть",
    ),
    # the notebook
    Lie("the notebook dropped", without(NOTEBOOK), "run.json", "по записи runbook.ipynb есть"),
    Lie(
        "a notebook that is said to be lacking",
        at("run.json", lambda r: r.update(without_notebook="Ещё открыт.")),
        "run.json",
        "сказано, что runbook.ipynb нет",
    ),
    Lie(
        "the notebook of another run",
        of_another_run(NOTEBOOK),
        NOTEBOOK,
        "другого запуска",
        "E_SUBJECT_BINDING",
        frozenset({"E_STATE"}),
    ),
    Lie(
        "the notebook of another run, relabelled",
        lambda evidence: [
            of_another_run(NOTEBOOK)(evidence),
            notebook(lambda nb: nb["metadata"]["sigex_runbook"].update(run_id=RUN))(evidence),
        ],
        NOTEBOOK,
        "не показан заказ",
        also=frozenset({"E_SUBJECT_BINDING"}),
    ),
    Lie(
        "the notebook of another organisation",
        another_notebook(organisation=B),
        NOTEBOOK,
        "другого запуска",
        "E_SUBJECT_BINDING",
        frozenset({"E_STATE"}),
    ),
    Lie(
        "a notebook of no run",
        notebook(lambda nb: nb["metadata"].clear()),
        NOTEBOOK,
        "не сказано, какого",
        "E_SUBJECT_BINDING",
    ),
    Lie(
        "a picture of elsewhere in the notebook",
        notebook(another_picture),
        NOTEBOOK,
        "не из этого пакета",
        "E_SUBJECT_BINDING",
        frozenset({"E_STATE"}),
    ),
    Lie(
        "a notebook without pictures",
        notebook(without_pictures),
        NOTEBOOK,
        "не все снимки",
    ),
    Lie("another verdict in the notebook", another_notebook(kind="PARTIAL"), NOTEBOOK, "вердикт"),
    Lie(
        "no verdict in the notebook",
        notebook(lambda nb: outputs(nb).pop()),
        NOTEBOOK,
        "вердикт",
    ),
    Lie("no notebook at all", added(NOTEBOOK, b"<p>"), "", "устроены не так", "E_TYPE"),
    Lie("a bottomless notebook", added(NOTEBOOK, b"[" * 99_999), "", "устроены не так", "E_TYPE"),
    # the record of the redaction
    Lie(
        "a file that was not there to be scanned",
        redaction(lambda r: r["scanned"].append("trace.zip")),
        "redaction.json",
        "trace.zip назван просмотренным",
    ),
    Lie(
        "a rule of nobody's",
        redaction(lambda r: r["rules"]["looked_for"].append("everything")),
        "redaction.json",
        "everything",
        "E_TYPE",
    ),
    Lie(
        "a removal by a rule of nobody's",
        redaction(lambda r: r["removed"][0].update(rule="everything")),
        "redaction.json",
        "не посчитать",
    ),
    Lie(
        "a rule that is not named",
        redaction(lambda r: r["rules"]["removed"].remove("iin")),
        "redaction.json",
        "не посчитать",
    ),
    Lie(
        "a count of nothing",
        redaction(lambda r: r["removed"][0].update(count=0)),
        "redaction.json",
        "не посчитать",
    ),
    Lie(
        "a file cleaned that is not there",
        redaction(lambda r: r["removed"].append({"file": "x", "rule": "iin", "count": 1})),
        "redaction.json",
        "а его нет",
    ),
    Lie(
        "a file cleaned that bears no trace of it",
        redaction(
            lambda r: r["removed"].append({"file": "api/001.json", "rule": "iin", "count": 1})
        ),
        "redaction.json",
        "следов этого в нём нет",
    ),
    Lie(
        "counted twice",
        redaction(lambda r: r["removed"].append(r["removed"][0])),
        "redaction.json",
        "посчитано дважды",
    ),
    Lie(
        "a removal not told",
        redaction(lambda r: r["removed"].clear()),
        "redaction.json",
        "в api/002.json убрано больше",
    ),
    Lie(
        "a secret removed and not told",
        at("api/003.json", lambda r: r["fields"].update(token="[убрано]")),
        "redaction.json",
        "в api/003.json убрано больше",
    ),
    # files that no run leaves
    *(
        Lie(f"a stranger: {name}", added(name), name, "запуск не оставляет", "E_EXTRA")
        for name in (
            "notes.txt",
            ".hidden",
            "report.html.bak",
            "state/later.json",
            "features/README.md",
            "screens/thumbs.png",
            "more/run.json",
        )
    ),
]


@pytest.mark.parametrize("lie", LIES, ids=lambda lie: lie.name)
def test_what_does_not_fit_the_record_is_found(
    sealed: Place, tmp_path: Path, lie: Lie, record_property: Any
) -> None:
    found = judged(copy(sealed, tmp_path / "outputs"), lie.edit, reported=lie.reported)
    place = f"{EVIDENCE}/{lie.file}".rstrip("/")
    said = [(one.code, one.place, one.what) for one in found.findings]
    assert any((c, p) == (lie.code, place) and lie.what in what for c, p, what in said), said
    assert codes(found) <= {lie.code, *lie.also}, said
    record_property("corpus: documents that do not fit their pack, all found", 1)


def test_the_truth_sealed_anew_is_found_true(sealed: Place, tmp_path: Path) -> None:
    found = judged(copy(sealed, tmp_path / "outputs"), lambda _: None)
    assert (found.findings, found.status) == ((), Status.INTEGRITY_ONLY)


def named_one_by_one(evidence: Path) -> None:
    """The report of an earlier version, which named every file."""
    page = evidence / PAGE
    text, digest = page.read_text("utf-8"), listing_sha256(evidence)
    assert digest in text
    every = [sha256_hex(path.read_bytes()) for path in evidence.rglob("*") if path.is_file()]
    page.write_text(text.replace(digest, " ".join(every)), "utf-8", newline="")


def test_a_report_of_an_earlier_version_is_held_to_every_file(
    sealed: Place, tmp_path: Path
) -> None:
    place = copy(sealed, tmp_path / "outputs")
    assert judged(place, named_one_by_one, reported=False).findings == ()
    lie = at("api/003.json", lambda r: r["fields"].update(message="нет доступа"))
    found = judged(place, lie, reported=False).findings
    told = [one.what for one in found if one.place == f"{EVIDENCE}/{PAGE}"]
    assert told == ["SHA-256 файла api/003.json в отчёте не тот"]


# The report, made again


@pytest.fixture(scope="module")
def failed(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """One pack of a failure without pictures that would have to be drawn again."""
    place = Place(tmp_path_factory.mktemp("failed") / "outputs")
    place.seal(outcome=Outcome.FAILED, picture=False)
    return place


REPORT_LIES = {
    "another who signed in": (words(PAGE, "ИВАНОВ ИВАН", "ПЕТРОВ ПЁТР"), "ПЕТРОВ"),
    "a sentence more": (words(PAGE, "</main>", "<p>Нарушений нет.</p></main>"), "Нарушений нет."),
    "a sentence less": (words(PAGE, "Чего этот отчёт не доказывает", "Приложение"), "Приложение"),
    "a warning that is not seen": (words(PAGE, ".bad {", ".bad { display: none;"), "display: none"),
    "one blank more": (words(PAGE, "</html>", "</html> "), "разметка"),
    "another key": (words(PAGE, SIGNER.public_key.keyid, "0" * 64), "000"),
    "another language": (at(ORIGIN, lambda r: r.update(language="kk")), "Отчёт о"),
    "another authority": (
        at(ORIGIN, lambda r: r.update(authority="http://time.example")),
        "сервер времени не настроен",
    ),
    "another ledger": (at(ORIGIN, lambda r: r.update(ledger_head="f" * 64)), "fff"),
    "another reason for no PDF": (at(ORIGIN, lambda r: r.update(without_pdf="Зря.")), "Зря."),
    "facts of which no report can be made": (
        lambda evidence: [
            at("run.json", lambda r: r.update(parameters=None))(evidence),
        ],
        "не сделать",
    ),
}


@pytest.mark.parametrize("lie", REPORT_LIES)
def test_a_report_that_the_files_do_not_give_is_found(
    failed: Place, tmp_path: Path, lie: str, record_property: Any
) -> None:
    edit, what = REPORT_LIES[lie]
    place = copy(failed, tmp_path / "outputs")
    found = judged(place, edit, reported=False, pictures=True)
    assert codes(found) == {"E_STATE"}
    [*_, finding] = found.findings
    assert finding.place == f"{EVIDENCE}/{PAGE}"
    assert what in finding.what
    assert found.redrawn == Redrawn(0, report=False)
    record_property("corpus: reports rewritten by the key's owner, all found", 1)


def about_the_report(found: Verification) -> list[str]:
    return [note for note in found.notes if PAGE in note]


def test_the_report_of_a_failure_comes_out_the_same(failed: Place, tmp_path: Path) -> None:
    found = judged(copy(failed, tmp_path / "outputs"), lambda _: None, pictures=True)
    assert (found.findings, about_the_report(found)) == ((), [])
    assert found.redrawn == Redrawn(0, report=True)


def picture_again(change: Callable[[Image.Image], None]) -> Edit:
    """The report's first picture, changed and compressed otherwise."""

    def edit(evidence: Path) -> None:
        page = evidence / PAGE
        before, _, rest = page.read_text("utf-8").partition(";base64,")
        encoded, _, after = rest.partition('"')
        picture = Image.open(io.BytesIO(base64.b64decode(encoded))).convert("RGB")
        change(picture)
        out = io.BytesIO()
        picture.save(out, "PNG", compress_level=9)
        again = base64.b64encode(out.getvalue()).decode()
        assert again != encoded
        page.write_text(f'{before};base64,{again}"{after}', "utf-8", newline="")

    return edit


@pytest.mark.parametrize(
    ("change", "expected"),
    [(lambda _: None, set()), (lambda one: one.putpixel((9, 9), (1, 2, 3)), {"E_STATE"})],
    ids=["compressed otherwise", "one pixel"],
)
def test_pictures_of_a_report_are_compared_by_their_pixels(
    tmp_path: Path, change: Callable[[Image.Image], None], expected: set[str]
) -> None:
    place = Place(tmp_path / "outputs")
    place.seal(outcome=Outcome.FAILED)
    found = judged(place, picture_again(change), reported=False, pictures=True)
    assert codes(found) == expected


def test_a_report_by_another_program_is_no_fault_and_is_told(failed: Place, tmp_path: Path) -> None:
    """Templates change with the program's version; which version, run.json says."""

    def by_another(evidence: Path) -> None:
        at(ORIGIN, lambda record: record.update(program="0" * 64))(evidence)
        words(PAGE, "Чего этот отчёт не доказывает", "Пределы доказанного")(evidence)

    found = judged(copy(failed, tmp_path / "outputs"), by_another, reported=False, pictures=True)
    assert found.findings == ()
    [note] = about_the_report(found)
    assert "другая версия программы (0.1.0)" in note
    assert found.redrawn == Redrawn(0, report=False)


@pytest.mark.parametrize(
    "change",
    [
        lambda record: record.update(language="de"),
        lambda record: record.update(ledger_lines="7"),
        lambda record: record.update(authority=7),
        lambda record: record.update(author="я"),
        lambda record: record.pop("program"),
    ],
    ids=["language", "number", "text", "more", "less"],
)
def test_an_origin_of_another_shape_is_a_finding_not_a_traceback(
    failed: Place, tmp_path: Path, change: Callable[[Any], object]
) -> None:
    place = copy(failed, tmp_path / "outputs")
    found = judged(place, at(ORIGIN, change), reported=False, pictures=True)
    assert codes(found) == {"E_TYPE"}


def test_without_being_asked_the_verifier_makes_no_report(failed: Place, tmp_path: Path) -> None:
    edit, _ = REPORT_LIES["another who signed in"]
    found = judged(copy(failed, tmp_path / "outputs"), edit, reported=False)
    assert (found.findings, found.redrawn) == ((), None)

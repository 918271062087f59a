"""What a cell shows: Russian words, escaped, with headings that a screen reader can follow."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from html.parser import HTMLParser

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from sigex_runbook.core.access import AccessBlock, AccessSettings, Difference
from sigex_runbook.core.environment import Environment
from sigex_runbook.core.guide import load_guide
from sigex_runbook.core.plan import Plan
from sigex_runbook.core.record import Candidate, Drift, DriftKind, Outcome
from sigex_runbook.core.verdict import (
    Answer,
    Channel,
    Check,
    CheckResult,
    Probe,
    Verdict,
    VerdictKind,
)
from sigex_runbook.evidence.report.cells.order import OrderView, PlanView
from sigex_runbook.evidence.report.cells.output import Output, SentenceView, View, working
from sigex_runbook.evidence.report.cells.steps import GuideView, SectionView
from sigex_runbook.evidence.report.cells.verdict import (
    EvidenceView,
    VerdictView,
    VerificationView,
)
from tests.service import Service
from tests.sigex_runbook.evidence.material import facts, failure, page_png, step

GUIDE = load_guide()
EMULATOR = Environment("https://localhost:8443")
HOSTILE = "<script>alert('x')</script>"


@cache
def certificate(_name: str) -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    built = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([]))
        .issuer_name(x509.Name([]))
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2036, 1, 1, tzinfo=UTC))
        .sign(key, hashes.SHA256())
    )
    return built.public_bytes(serialization.Encoding.PEM).decode()


def settings(*granted: AccessBlock) -> AccessSettings:
    names = ("Портал <закупок>", "Бухгалтерия")
    return AccessSettings(
        {
            "tlsCertificatesList": [{"description": n, "body": certificate(n)} for n in names],
            **{
                block.value: {"tlsCertificatesIndices": [0] if block in granted else []}
                for block in AccessBlock
            },
        }
    )


class Tags(HTMLParser):
    """Collects start tags with their attributes and the text of table cells by row."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.rows: list[list[str]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_data(self, data: str) -> None:
        if self.rows and self.rows[-1]:
            self.rows[-1][-1] += data


def html(output: Output) -> str:
    return output.data["text/html"]


def rows(output: Output) -> list[list[str]]:
    return Tags(html(output)).rows[1:]


STEPS = [
    step(1, note="уже открыто"),
    step(2, Outcome.FAILED, message=HOSTILE),
    step(3, Outcome.NOT_RUN, text=HOSTILE),
]
CHECKS = [
    Check(Channel.API, CheckResult.AGREES, "целиком"),
    Check(Channel.SCREEN, CheckResult.DISAGREES, HOSTILE),
]
PROBES = [
    Probe("after", "Б", True, AccessBlock.DOCUMENTS_LIST, Answer.REFUSED, Answer.REFUSED),
    Probe("before", "А", False, AccessBlock.DOCUMENTS_LIST, Answer.REFUSED, Answer.REFUSED),
    Probe("after", "А", False, AccessBlock.DOCUMENTS_LIST, Answer.SERVED, Answer.REFUSED, HOSTILE),
    Probe("after", "А", False, AccessBlock.DOCUMENTS_ACCESS, Answer.SERVED, Answer.NOT_TRIED),
]
VIEWS: Sequence[View] = [
    SectionView(GUIDE.section(4), STEPS, [(facts(title=HOSTILE), page_png())]),
    PlanView(Plan(settings(), settings(AccessBlock.DOCUMENTS_LIST), 0, None), GUIDE),
    VerificationView(CHECKS, PROBES, [Difference("a.b", HOSTILE, [1])], GUIDE),
    VerdictView(Verdict(VerdictKind.FAILED, (HOSTILE,), 4, 6), EMULATOR),
    GuideView([record.step for record in STEPS], STEPS),
]


@pytest.mark.parametrize("view", VIEWS)
def test_html_is_escaped_and_has_a_text_beside_it(view: View) -> None:
    for output in view.outputs():
        assert output.data["text/plain"]
        text = output.data.get("text/html", "")
        assert "<script" not in text
        assert "<закупок>" not in text


@pytest.mark.parametrize("view", VIEWS)
def test_tables_can_be_followed_by_ear(view: View) -> None:
    for output in view.outputs():
        text = output.data.get("text/html", "")
        if "<table" in text:
            tags = Tags(text).tags
            assert [tag for tag, _ in tags].count("caption") == 1
            scopes = {attrs.get("scope") for tag, attrs in tags if tag == "th"}
            assert scopes == {"col", "row"}
            assert len({len(row) for row in Tags(text).rows}) == 1


def test_a_section_shows_its_steps_in_words() -> None:
    table = VIEWS[0].outputs()[0]
    assert [row[3] for row in rows(table)] == ["выполнен", "не выполнен", "не выполнялся"]
    assert [row[4] for row in rows(table)] == ["42", "42", "—"]
    assert rows(table)[0][5] == "уже открыто"
    assert rows(table)[1][5] == HOSTILE


def test_a_section_shows_its_pictures_with_an_alt_text() -> None:
    picture = VIEWS[0].outputs()[1]
    assert base64.b64decode(picture.data["image/png"]) == page_png()
    alt = picture.metadata["image/png"]["alt"]
    assert "выноска 6" in alt
    assert "галочка информационной системы" in alt


def test_a_failure_shows_its_picture_and_tells_what_is_outlined() -> None:
    near = Candidate("button", HOSTILE, 0.8, None)
    drift = Drift(DriftKind.RENAMED, "заголовок", "Контроль", ("button",), (near,))
    about = failure(callout=5, message="заголовок не найден.", drift=drift)
    shown = SectionView(GUIDE.section(4), STEPS, [], (about, page_png())).outputs()[-1]
    assert base64.b64decode(shown.data["image/png"]) == page_png()
    alt = shown.metadata["image/png"]["alt"]
    assert alt.startswith("Экран в минуту сбоя. Раздел 4. заголовок не найден. Похожие")
    assert f"1 — «{HOSTILE}» (за краем снимка)" in alt


def test_the_guides_actions_stand_with_scenario_and_result() -> None:
    planned = [step(1).step, replace(step(2).step, callout=6), replace(step(3).step, callout=None)]
    (table,) = GuideView(planned, [step(1, Outcome.FAILED)]).outputs()
    assert rows(table) == [
        ["(5)", GUIDE.callout(5).wording.ru, "Предоставить доступ", "не выполнен"],
        ["(6)", GUIDE.callout(6).wording.ru, "Предоставить доступ", "не выполнялся"],
    ]


def test_a_section_without_steps_says_so() -> None:
    assert "ни один шаг" in html(SectionView(GUIDE.section(4), [], []).outputs()[0])


def test_the_plan_says_now_ordered_and_change() -> None:
    sentence, table = VIEWS[1].outputs()
    assert "1 из 4" in html(sentence)
    by_block = {row[0]: row[1:] for row in rows(table)}
    listing = by_block["Блок контроля доступа к перечислению документов организации"]
    assert listing == ["нет доступа", "есть доступ", "доступ будет дан"]
    others = [row for name, row in by_block.items() if "перечислению" not in name]
    assert others == [["нет доступа", "нет доступа", "ничего"]] * 3


def test_the_plan_names_a_revocation() -> None:
    plan = Plan(settings(AccessBlock.DOCUMENTS_LIST), settings(), 0, None)
    assert "доступ будет отозван" in html(PlanView(plan, GUIDE).outputs()[1])


def test_a_plan_with_nothing_to_do_says_so() -> None:
    before = settings(AccessBlock.DOCUMENTS_LIST)
    assert "Изменений не требуется" in html(
        PlanView(Plan(before, before, 0, None), GUIDE).outputs()[0]
    )


def test_the_verification_shows_all_channels_also_one_that_is_missing() -> None:
    table = VIEWS[2].outputs()[0]
    assert [row[1] for row in rows(table)] == ["расходится", "сходится", "не проверено"]


def test_the_tries_show_before_and_after_with_the_control_last() -> None:
    table = VIEWS[2].outputs()[1]
    assert [(row[0], row[2], row[3]) for row in rows(table)] == [
        ("А", "—", "не пробовала"),
        ("А", "отказано", f"отказано, а ожидалось: обслужена ({HOSTILE})"),
        ("Б (контрольная)", "—", "отказано"),
    ]


def test_the_verification_says_when_there_is_nothing_to_show() -> None:
    _, tries, moved = VerificationView([]).outputs()
    assert "не было" in html(tries)
    assert "ничего не изменилось" in html(moved)


@pytest.mark.parametrize(
    ("kind", "word"),
    [
        (VerdictKind.PASSED, "Выполнено (PASSED) — на эмуляторе"),
        (VerdictKind.PARTIAL, "Выполнено, но проверено не всё (PARTIAL) — на эмуляторе"),
        (VerdictKind.FAILED, "Не выполнено (FAILED) — на эмуляторе"),
    ],
)
def test_the_verdict_is_one_word_with_its_place_and_reasons(kind: VerdictKind, word: str) -> None:
    [output] = VerdictView(Verdict(kind, ("причина",), 4, 6), EMULATOR).outputs()
    assert word in html(output)
    assert "раздел 4, выноска 6" in html(output)
    assert "причина" in html(output)
    assert "не сохранены" in html(output)


def test_a_run_with_nothing_to_do_is_not_summed_up_as_not_saved() -> None:
    verdict = Verdict(VerdictKind.PARTIAL, ("ключа нет",))
    [output] = VerdictView(verdict, EMULATOR, nothing_to_do=True).outputs()
    assert "Менять было нечего" in html(output)
    assert "не сохранены" not in html(output)


@pytest.mark.parametrize(
    ("address", "where"),
    [("https://localhost:8443", "на эмуляторе"), ("https://sigex.kz", "на https://sigex.kz")],
)
def test_the_order_says_where_it_is_carried_out(service: Service, address: str, where: str) -> None:
    shown = rows(OrderView(service.order(), Environment(address), "run").outputs()[0])
    assert ["Где", where] in shown
    assert ["Адрес сервиса", address] in shown


def test_jupyter_is_given_every_output_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[tuple[object, dict[str, object]]] = []
    monkeypatch.setattr("IPython.display.display", lambda data, **rest: shown.append((data, rest)))
    VIEWS[0]._ipython_display_()
    outputs = VIEWS[0].outputs()
    assert shown == [(o.data, {"raw": True, "metadata": o.metadata}) for o in outputs]


@pytest.mark.parametrize("view", VIEWS)
def test_every_cell_of_a_table_says_that_it_stands_left(view: View) -> None:
    """JupyterLab's own rule is to the right, and it takes no style sheet of somebody else's."""
    for output in view.outputs():
        for tag, attributes in Tags(output.data.get("text/html", "")).tags:
            if tag in ("td", "th", "caption"):
                assert "text-align: left" in (attributes["style"] or "")


def test_a_picture_has_its_words_in_html_too() -> None:
    """JupyterLab knows no others."""
    output = VIEWS[0].outputs()[1]
    [(tag, attributes)] = Tags(html(output)).tags
    assert (tag, attributes["alt"]) == ("img", output.metadata["image/png"]["alt"])
    assert attributes["src"] == f"data:image/png;base64,{output.data['image/png']}"


def test_the_verdict_leads_to_the_evidence() -> None:
    evidence = EvidenceView("../spring/1/a b", "outputs/spring/1/a b")
    verdict = Verdict(VerdictKind.PASSED, ())
    shown = VerdictView(verdict, Environment("https://sigex.kz"), evidence=evidence).outputs()[-1]
    links = [attributes["href"] for tag, attributes in Tags(html(shown)).tags if tag == "a"]
    assert links == [f"../spring/1/a%20b/evidence/report.{kind}" for kind in ("html", "pdf")]
    [plain] = EvidenceView("x", "x", printed=False).outputs()
    assert "report.pdf" not in html(plain)


class Screen:
    """What a notebook shows, line by line; a line may be replaced by its name."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.lines: dict[str, str] = {}
        monkeypatch.setattr("IPython.get_ipython", lambda: self)
        monkeypatch.setattr("IPython.display.display", self.display)

    def display(self, data: dict[str, str], **named: object) -> None:
        self.lines[str(named.get("display_id", len(self.lines)))] = data["text/plain"]


def test_a_result_takes_the_place_of_what_the_cell_was_busy_with(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    screen = Screen(monkeypatch)
    with working("Готовлю."):
        assert list(screen.lines.values()) == ["Готовлю."]
        with working("Заверяю."):
            pass
        SentenceView("Заверено.").show()
    VIEWS[1].show()
    shown = [output.data["text/plain"] for output in VIEWS[1].outputs()]
    assert list(screen.lines.values()) == [shown[0], "Заверено.", shown[1]]


def test_a_cell_that_shows_nothing_says_at_what_it_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen(monkeypatch)
    with pytest.raises(KeyboardInterrupt), working("Читаю."):
        raise KeyboardInterrupt
    SentenceView("Другое.").show()
    assert list(screen.lines.values()) == ["Остановлено: Читаю.", "Другое."]

"""The report of made-up runs: what it says of files that a run left, whole or not, in each
language, and that nothing in it runs or loads."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from sigex_runbook.core.access import AccessBlock
from sigex_runbook.core.errors import EnvironmentMissing
from sigex_runbook.core.guide import Published, load_guide
from sigex_runbook.core.messages import say as recorded
from sigex_runbook.core.order import Wish
from sigex_runbook.core.organisation import Bin
from sigex_runbook.core.record import Box, Candidate, Drift, DriftKind, Outcome
from sigex_runbook.core.verdict import Answer, Channel, CheckResult, VerdictKind
from sigex_runbook.evidence.attest.trust import Trust
from sigex_runbook.evidence.pack.captures import store_failure
from sigex_runbook.evidence.pack.draft import PackDraft
from sigex_runbook.evidence.pictures.failure import legend
from sigex_runbook.evidence.report import Binding, Dossier, render_report
from sigex_runbook.evidence.report import page as page_module
from sigex_runbook.evidence.report.words import LANGUAGES, words
from sigex_runbook.evidence.sealing.report_files import Publication, approved
from sigex_runbook.evidence.sealing.sealer import Sealer
from sigex_runbook.evidence.sealing.sealing import seal_pack
from sigex_runbook.evidence.verify.verification import Question, verify_pack
from tests.builders import Pair
from tests.sigex_runbook.evidence.material import PERSON, failure, page_png
from tests.sigex_runbook.evidence.sealed import RUN, SIGNER, A, evidence, fill, window
from tests.sigex_runbook.evidence.verify.test_attachments import APPROVER, COLLEAGUE, approval

BINDING = Binding("5eed" * 16, 7, "0ddba11" * 9)
CYRILLIC = re.compile(r"[А-Яа-яЁёӘәҒғҚқҢңӨөҰұҮүҺһІі]")

Change = Callable[[dict[str, Any]], object]


class Page(HTMLParser):
    """What a reader's browser would find: tags, all text, and the text that is not quoted."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.own = ""
        self._quoted = 0
        self._spans: list[bool] = []
        self.feed(html.split("</style>")[1])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag == "span":
            self._spans.append("lang" in dict(attrs))
            self._quoted += self._spans[-1]

    def handle_endtag(self, tag: str) -> None:
        if tag == "span":
            self._quoted -= self._spans.pop()

    def handle_data(self, data: str) -> None:
        self.text += data
        if not self._quoted:
            self.own += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag]


def draft_of(folder: Path, change: Change | None = None) -> PackDraft:
    """A run's folder as `complete` leaves it, with one picture."""
    values = evidence(whole=False)
    values["run.json"] |= {
        "target": "https://sigex.kz",
        "saved": "yes",
        "mtls_target": "https://sigex.kz:10443",
        "operator": "operator",
        "parameters": {"visible": False, "deadline_seconds": 300},
        "program": {"version": "1.0", "revision": None},
        "finished_at": "2026-11-23T23:02:00+00:00",
    }
    values["run.json"]["session"]["clock"]["local"] = "2026-11-24T04:02:00+05:00"
    values["order.json"] |= {"probe_document": None, "sign_in": "pkcs12"}
    if change is not None:
        change(values)
    draft = PackDraft.create(folder, "test", Bin(A), RUN)
    fill(draft, values)
    return draft


def report(
    folder: Path, change: Change | None = None, *, language: str = "ru", **bound: Any
) -> str:
    draft = draft_of(folder, change)
    return render_report(Dossier.read(draft.folder), replace(BINDING, **bound), language=language)


HOSTILE = [
    "<script>x()</script>",
    '<a href="https://example.org">x</a>',
    '<p onclick="x()">x</p>',
    '<iframe src="https://example.org"></iframe>',
    '<link rel="stylesheet" href="https://example.org/x.css">',
    "<style>@import 'https://example.org/x.css'</style>",
    '<p style="background:url(https://example.org/x.png)">x</p>',
    '<svg><image xlink:href="https://example.org/x.png"/></svg>',
    "{{ 7 * 7 }}{% raw %}",
    '"><img src="https://example.org/x.png">',
]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_nothing_that_was_recorded_runs_or_loads(tmp_path: Path, hostile: str) -> None:
    def spoil(values: dict[str, Any]) -> None:
        values["run.json"]["operator"] = hostile
        values["run.json"]["session"]["identity"] = hostile
        values["run.json"]["verdict"]["reasons"] = [hostile]
        values["order.json"]["information_system"]["description"] = hostile
        values["steps"] = [replace(one, message=hostile, note=hostile) for one in values["steps"]]
        for one in (*values["verification.json"]["probes"], *values["verification.json"]["checks"]):
            one["detail"] = hostile

    html = report(tmp_path, spoil)
    page = Page(html)
    names = {tag for tag, _ in page.tags}
    assert names.isdisjoint(
        {"script", "iframe", "link", "form", "image", "object", "embed", "base"}
    )
    for tag, attrs in page.tags:
        assert not any(name.startswith("on") or name == "style" for name in attrs), tag
        for name in ("href", "src", "action"):
            assert (attrs.get(name) or "#").startswith(("#", "data:image/png;base64,"))
    assert page.text.count(hostile) >= len(Outcome)
    style = html.split("</style>")[0]
    assert "@import" not in style
    assert "url(" not in style


def test_html_that_a_part_forgot_to_escape_is_shown_as_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from markupsafe import Markup

    from sigex_runbook.evidence.report.markup import panel

    careless = [panel(Markup(hostile)) for hostile in HOSTILE[:8]]  # noqa: S704 - that is the test
    monkeypatch.setattr(page_module, "_PARTS", (lambda _: careless,))
    page = Page(report(tmp_path))
    assert [hostile for hostile in HOSTILE[:8] if hostile not in page.text] == []


def test_every_language_has_every_text_with_the_same_places() -> None:
    def places(text: str) -> list[str]:
        return sorted(re.findall(r"\{(\w+)\}", text))

    source = words("ru").texts
    for language in LANGUAGES:
        texts = words(language).texts
        assert texts.keys() == source.keys()
        assert {k: places(texts[k]) for k in texts} == {k: places(source[k]) for k in source}
        assert all(texts.values())
    named = [
        *(f"outcome.{one}" for one in Outcome),
        *(f"answer.{one}" for one in Answer),
        *(f"channel.{one}" for one in Channel),
        *(f"result.{one}" for one in CheckResult),
        *(f"wish.{one}" for one in Wish),
        *(f"{group}.{one}" for one in VerdictKind for group in ("word", "verdict")),
        *(f"action.{c.action}" for s in load_guide().sections for c in s.callouts),
    ]
    assert set(named) <= source.keys()
    with pytest.raises(KeyError):
        words("de")


def test_the_english_report_speaks_english_and_marks_what_it_quotes(tmp_path: Path) -> None:
    def latin(values: dict[str, Any]) -> None:
        for name in ("information_system", "control_system"):
            values["order.json"][name]["description"] = name
        for one in values["verification.json"]["probes"]:
            one["system"] = "control" if one["control"] else "system"

    html = report(tmp_path, latin, language="en")
    page = Page(html)
    assert '<html lang="en">' in html
    plain = page.own.replace("“Настройки организации”", "")  # as the screen shows it
    own = [line for line in plain.splitlines() if CYRILLIC.search(line)]
    known = (
        "Контроль доступа",
        "ИИН-…",
        "features/раздел",
    )  # titles, aliases and files as they are
    assert [line for line in own if not any(one in line for one in known)] == []
    assert {"lang": "ru"} in page.all("span")
    assert "сотрудник раскрывает блок" in page.text
    assert "Click the icon (1)" in page.own


def test_the_kazakh_report_has_kazakh_headings(tmp_path: Path) -> None:
    html = report(tmp_path, language="kk")
    headings = re.findall(r"<h2[^>]*>(.*?)</h2>", html)
    assert len(headings) == 9
    assert not set(headings) & {
        text for name, text in words("ru").texts.items() if name.endswith(".heading")
    }
    assert "БСН" in html
    assert "<td>0,4 с</td>" in re.sub(r"<td[^>]*>", "<td>", html)
    assert '\nq { quotes: "«" "»" ' in html  # a browser knows no marks for Kazakh


def test_a_picture_says_in_words_what_is_marked(tmp_path: Path) -> None:
    [image] = Page(report(tmp_path)).all("img")
    assert image["alt"] == (
        "Снимок 6. Раздел 4, выноска 6. Рамкой обведено и цифрой 6 помечено: галочка "
        "информационной системы. Страница «Контроль доступа»."
    )


FIRST_PAGE = ("<h1>", '<div class="opening">')


def first_page(html: str) -> str:
    begin, end = (html.index(mark) for mark in FIRST_PAGE)
    return html[begin:end]


@pytest.mark.parametrize(
    ("target", "language", "said"),
    [
        ("https://localhost:8443", "ru", "Выполнено (PASSED) на эмуляторе"),
        ("https://sigex.kz", "ru", "Выполнено (PASSED) на https://sigex.kz"),
        ("https://localhost:8443", "en", "Done (PASSED) on the emulator"),
        ("https://sigex.kz", "en", "Done (PASSED) on https://sigex.kz"),
        ("https://localhost:8443", "kk", "Орындалды (PASSED) — эмуляторда"),
    ],
)
def test_where_it_was_stands_beside_the_verdict(
    tmp_path: Path, target: str, language: str, said: str
) -> None:
    def move(values: dict[str, Any]) -> None:
        values["run.json"]["target"] = target

    assert f"<strong>{said}</strong>" in report(tmp_path, move, language=language)


def test_the_first_page_says_the_three_limits_that_weigh_most_and_the_appendix_the_rest(
    tmp_path: Path,
) -> None:
    t = words("ru")
    foremost = [t(f"limits.{name}") for name in ("approval", "screen", "operator")]
    others = [t(f"limits.{name}") for name in ("clock", "ledger", "key", "later", "redaction")]
    html = report(tmp_path)
    text, first = Page(html).text, first_page(html)
    assert all(one in first for one in foremost)
    assert not any(one in first for one in others)
    assert {text.count(one) for one in (*foremost, *others)} == {1}


def test_the_guide_is_named_with_the_text_that_the_project_holds(tmp_path: Path) -> None:
    guide = load_guide()
    first = first_page(report(tmp_path))
    assert guide.title.ru in first
    assert f"от {guide.held}, SHA-256 файла guide.yaml: <code>{guide.sha256}</code>" in first
    assert "Где и какого числа опубликована сама инструкция, проекту неизвестно" in first


@pytest.mark.parametrize(
    ("address", "dated", "said"),
    [
        (
            "https://example.kz/guide",
            date(2026, 5, 7),
            "https://example.kz/guide; дата: 2026-05-07.",
        ),
        (None, date(2026, 5, 7), "—; дата: 2026-05-07."),
        ("https://example.kz/guide", None, "https://example.kz/guide; дата: —."),
    ],
)
def test_where_the_guide_is_published_is_told_once_its_owner_has_said_so(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    address: str | None,
    dated: date | None,
    said: str,
) -> None:
    published = replace(load_guide(), published=Published(address=address, dated=dated))
    monkeypatch.setattr(page_module, "load_guide", lambda: published)
    first = first_page(report(tmp_path))
    assert f"Опубликована: {said}" in first
    assert "проекту неизвестно" not in first


def test_before_and_after_are_told_by_form_and_word_and_what_moved_by_an_arrow(
    tmp_path: Path,
) -> None:
    def some(values: dict[str, Any]) -> None:
        before, after = values["state/before.json"], values["state/after.json"]
        after["documentsList"] = before["documentsList"]

    rows = [
        re.findall(r'<td[^>]*class="(yes|no|unknown)"[^>]*>(.*?)</td>', row)
        for row in re.findall(r"<tr.*?</tr>", first_page(report(tmp_path, some)))
    ]
    shown = [
        [(look, re.findall(r'class="tile (\w+)"', cell), cell.split()[-1]) for look, cell in row]
        for row in rows
        if row
    ]
    granted = [("no", ["no"], "нет"), ("yes", ["arrow", "yes"], "есть")]
    left = [("no", ["no"], "нет"), ("no", ["no"], "нет")]
    assert shown == [granted, left, granted, granted]


def test_a_reason_that_a_channel_gives_is_not_told_again(tmp_path: Path) -> None:
    def disagree(values: dict[str, Any]) -> None:
        detail = values["verification.json"]["checks"][0]["detail"]
        values["run.json"]["verdict"] |= {"kind": "FAILED", "reasons": [detail, "нет связи"]}

    html = report(tmp_path, disagree)
    [detail, other] = Dossier.read(next(tmp_path.glob("test/*/*"))).reasons
    box = html.split('class="verdict')[1].split("</div>")[0]
    assert detail not in box
    assert other in box
    assert Page(html).text.count(detail) == 1


@pytest.mark.parametrize(
    ("words_", "expected"),
    [
        (r"нет C:\Users\oper\secret\key.p12 тут", "нет …/key.p12 тут"),
        ("нет '/home/oper/key.p12'", "нет '…/key.p12'"),
        ("адрес https://host/a/b/c не отвечает", "адрес https://host/a/b/c не отвечает"),
        ("GET /api/organizationSettings: 500", "GET /api/organizationSettings: 500"),
        ("и/или, 1/2", "и/или, 1/2"),
    ],
)
def test_folders_are_shortened_and_addresses_are_not(
    tmp_path: Path, words_: str, expected: str
) -> None:
    def say(values: dict[str, Any]) -> None:
        values["run.json"]["verdict"]["reasons"] = [words_]

    assert expected in Page(report(tmp_path, say)).text


def without(*names: str) -> Change:
    def change(values: dict[str, Any]) -> None:
        for name in names:
            del values[name]

    return change


def test_a_run_that_stopped_early_says_what_is_missing(tmp_path: Path) -> None:
    gone = ("state/before.json", "state/expected.json", "state/after.json", "state/diff.json")

    def stop(values: dict[str, Any]) -> None:
        values["run.json"]["saved"] = "no"
        without(*gone, "verification.json")(values)

    html = report(tmp_path, stop)
    text = Page(html).text
    assert text.count("не прочитано") == len(AccessBlock) * 2  # before and after
    assert "Настройки организации не сохранялись" in text
    assert "проверка не выполнялась" in text
    assert "Информационные системы к сервису не обращались." in text
    assert text.count("Снимка нет.") == 12


@pytest.mark.parametrize(
    ("saved", "after", "idle", "said"),
    [
        ("yes", "new", False, "сохранены и изменились"),
        ("yes", "old", False, "они не изменились"),
        ("yes", None, False, "Сервис ответил, что настройки организации сохранены"),
        ("unknown", None, False, "Сохранены ли настройки организации, неизвестно"),
        ("unknown", "new", False, "сохранены и изменились"),
        ("no", "new", False, "за его время они изменились"),
        ("no", "old", True, "кнопка сохранения не нажималась"),
        ("no", None, False, "Настройки организации не сохранялись"),
        ("refused", None, False, "хотя запуск дошёл до шага сохранения"),
    ],
)
def test_whether_settings_were_saved_is_said_by_answer_and_by_reading(
    tmp_path: Path, saved: str, after: str | None, idle: bool, said: str
) -> None:
    def save(values: dict[str, Any]) -> None:
        values["run.json"]["saved"] = saved.replace("refused", "no")
        if saved == "refused":
            last = values["steps"][-1]
            values["steps"][-1] = replace(last, step=replace(last.step, callout=13))
        values["run.json"]["session"]["nothing_to_do"] = idle
        if after is None:
            del values["state/after.json"]
        elif after == "old":
            values["state/after.json"] = values["state/before.json"]

    assert said in Page(report(tmp_path, save)).text


@pytest.mark.parametrize(
    ("second", "said"),
    [
        (1, "Сервис ответил, что настройки организации сохранены"),
        (5, "После сохранения прочитаны только галочки, а не состояние настроек целиком"),
    ],
    ids=["within the saving step", "after it"],
)
def test_only_a_reading_after_the_saving_step_tells_what_was_saved(
    tmp_path: Path, second: int, said: str
) -> None:
    def save(values: dict[str, Any]) -> None:
        del values["state/after.json"]
        last = values["steps"][-1]
        values["steps"][-1] = replace(
            last,
            step=replace(last.step, callout=13),
            started_at="2026-11-23T23:01:00.000+00:00",
            duration_ms=4000,
        )
        values["api/001.json"] = {
            "actor": "employee",
            "date": None,
            "fields": values["state/before.json"],
            "method": "GET",
            "sent_at": f"2026-11-23T23:01:0{second}.000+00:00",
            "status": 200,
            "url": "https://sigex.kz/api/organizationSettings",
        }

    text = Page(report(tmp_path, save)).text
    assert said in text
    # no other sentence may say that the whole state was read, or that nothing at all was
    assert "состояние после сохранения прочитано" not in text
    assert ("прочитанные после сохранения галочки лежат в файлах api" in text) is (second == 5)
    assert ("Состояние «до», «после» или оба не прочитаны" in text) is (second == 1)


def test_who_signed_in_is_not_denied_where_it_was_not_recorded(tmp_path: Path) -> None:
    """Also a person of another organisation was somebody, and the reason above says so."""

    def stop(values: dict[str, Any]) -> None:
        values["run.json"]["session"]["identity"] = None

    text = Page(report(tmp_path, stop)).text
    assert "не установлено; запуск остановлен раньше" in text
    assert "никто" not in text


def test_a_run_whose_check_alone_disagrees_was_not_stopped(tmp_path: Path) -> None:
    def disagree(values: dict[str, Any]) -> None:
        values["run.json"]["verdict"] |= {"kind": "FAILED", "reasons": ["настройки другие"]}

    def stop(values: dict[str, Any]) -> None:
        disagree(values)
        values["run.json"]["failure"] = {"message": "нет связи", "section": None, "callout": None}

    text = Page(report(tmp_path / "whole", disagree)).text
    assert "Шаги инструкции выполнены все, запуск не остановлен; не сошлась проверка." in text
    assert "остановлен вне шагов" not in text
    assert "Запуск остановлен вне шагов инструкции." in Page(report(tmp_path / "s", stop)).text


@pytest.mark.parametrize(("language", "promise"), [("en", "translation"), ("kk", "аудармамызбен")])
def test_a_translation_of_the_reasons_is_promised_only_where_it_follows(
    tmp_path: Path, language: str, promise: str
) -> None:
    def say(*reasons: str) -> str:
        def change(values: dict[str, Any]) -> None:
            values["run.json"]["verdict"]["reasons"] = list(reasons)

        html = report(tmp_path / str(len(reasons)), change, language=language)
        return html.split('class="verdict')[1].split("<ul")[0]

    read = recorded("screen.agrees")
    assert promise in say(read)
    assert promise not in say(read, "ответ не разобрать")


@pytest.mark.parametrize(
    ("by", "start", "approvers", "said"),
    [
        (APPROVER, 1, (APPROVER,), "Проверено: подпись сходится с заказом"),
        (APPROVER, 1, (), "Не проверено"),
        (COLLEAGUE, 1, (APPROVER,), "Проверка не пройдена: сертификата согласовавшего нет"),
        (APPROVER, -1, (APPROVER,), "Проверка не пройдена: согласовано не раньше"),
        (None, 1, (APPROVER,), "подпись в нём не читается"),
    ],
    ids=["checked", "unchecked", "stranger", "late", "broken"],
)
def test_an_approval_is_told_with_who_when_and_whether_it_was_checked(
    tmp_path: Path, by: Pair | None, start: int, approvers: tuple[Pair, ...], said: str
) -> None:
    def later(values: dict[str, Any]) -> None:
        at = (datetime.now(UTC) + timedelta(hours=start)).isoformat(timespec="milliseconds")
        values["steps"] = [replace(step, started_at=at) for step in values["steps"]]

    draft = draft_of(tmp_path, later)
    signed = approval(draft.read_bytes("order.json"), by, inside=False) if by else b"broken"
    draft.write_bytes("approval.p7s", signed)
    dossier = Dossier.read(draft.folder)
    found = approved(dossier, tuple(one.certificate for one in approvers))
    text = Page(render_report(dossier, replace(BINDING, approval=found))).text
    assert said in text
    assert "нет согласования другим лицом" not in text
    assert ("Что изменение кто-либо согласовал." in text) is not said.startswith("Проверено")
    if by is not None:
        name = "ПЕТРОВ ПЁТР" if by is APPROVER else "СИДОРОВ СИДОР"
        assert f"Заказ подписал: {name}; время по подписи: {datetime.now(UTC):%Y-%m-%d}" in text


def test_the_screen_of_a_failure_stands_at_its_callout(tmp_path: Path) -> None:
    def fail(values: dict[str, Any]) -> None:
        values["steps"][0] = replace(values["steps"][0], outcome=Outcome.FAILED, message="Нет.")

    draft = draft_of(tmp_path, fail)
    draft.write_bytes("screens/failure-raw.png", page_png())
    html = render_report(Dossier.read(draft.folder), BINDING)
    fifth = html.split('id="callout-5"')[1].split('id="callout-6"')[0]
    assert 'alt="Экран в минуту сбоя, раздел 4."' in fifth
    assert html.count("Экран в минуту сбоя, раздел") == 1
    assert "Снимка нет." not in fifth
    assert "Снимка с выноской нет, есть снимок в минуту сбоя." in fifth


@pytest.mark.parametrize("kind", DriftKind)
@pytest.mark.parametrize("ratio", [0.9, 0.0])
def test_the_legend_of_a_failure_is_that_of_its_picture_in_every_language(
    tmp_path: Path, kind: DriftKind, ratio: float
) -> None:
    near = Candidate("button", "Доступ", ratio, Box(10, 10, 50, 20))
    drift = Drift(kind, "заголовок", "Документы", ("button",), (near, replace(near, box=None)))

    def fail(values: dict[str, Any]) -> None:
        values["steps"][0] = replace(values["steps"][0], outcome=Outcome.FAILED, message="Нет.")

    draft = draft_of(tmp_path, fail)
    store_failure(draft, page_png(), failure(run_id=RUN, drift=drift))
    dossier = Dossier.read(draft.folder)
    assert legend(drift) in Page(render_report(dossier, BINDING)).text
    english = Page(render_report(dossier, BINDING, language="en")).text
    assert "1 — “Доступ”; 2 — “Доступ” (beyond the picture's edge)" in english
    for language in ("en", "kk"):
        assert "синих квадратах" not in render_report(dossier, BINDING, language=language)


def test_what_stands_on_the_picture_of_a_failure_is_said_in_words(tmp_path: Path) -> None:
    def fail(values: dict[str, Any]) -> None:
        values["steps"][0] = replace(values["steps"][0], outcome=Outcome.FAILED, message="Нет.")

    draft = draft_of(tmp_path, fail)
    near = Candidate("button", "Контроль доступа к документам", 0.9, Box(10, 10, 50, 20))
    drift = Drift(DriftKind.RENAMED, "заголовок блока", "Документы", ("button",), (near,))
    told = failure(run_id=RUN, drift=drift)
    store_failure(draft, page_png(), told)
    page = Page(render_report(Dossier.read(draft.folder), BINDING))
    [alt] = [one["alt"] for one in page.all("img") if "сбоя" in (one["alt"] or "")]
    assert alt is not None
    for words_ in (told.message.rstrip("."), "1 — «Контроль доступа к документам»"):
        assert words_ in alt
    assert "1 — «Контроль доступа к документам»" in page.text
    assert told.url in page.text


@pytest.mark.parametrize("name", ["api/001.json", "screens/006.json", "state/after.json"])
def test_half_a_file_of_a_killed_process_does_not_stop_the_report(
    tmp_path: Path, name: str
) -> None:
    draft = draft_of(tmp_path)
    path = draft.evidence / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b'{"facts":{"box')
    assert "Чего этот отчёт не доказывает" in render_report(Dossier.read(draft.folder), BINDING)


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("https://sigex.kz", "действующий сервис sigex.kz"),
        ("https://test.sigex.kz:443", "действующий сервис sigex.kz"),
        ("https://notsigex.kz", "другой адрес"),
        ("https://sigex.kz.example.org", "другой адрес"),
        ("https://localhost:8443", "эмулятор сервиса на машине оператора"),
    ],
)
def test_the_environment_is_told_by_the_address(tmp_path: Path, target: str, said: str) -> None:
    def move(values: dict[str, Any]) -> None:
        values["run.json"]["target"] = target

    text = Page(report(tmp_path, move)).text
    assert said in text
    assert ("sigex.kz он не говорит ничего" in text) is ("эмулятор" in said)


def test_times_are_given_in_utc_and_by_the_machines_clock(tmp_path: Path) -> None:
    text = Page(report(tmp_path)).text
    assert "2026-11-23 23:02:00 UTC" in text
    assert "2026-11-24 04:02:00 (UTC+05:00)" in text
    assert "0,4 с" in text
    assert "0.4 s" in Page(report(tmp_path / "en", language="en")).text


def test_the_integrity_block_says_what_binds_and_how_to_check(tmp_path: Path) -> None:
    html = report(tmp_path, authority="http://time.example")
    text = Page(html).text
    assert BINDING.keyid in text
    assert BINDING.ledger_head in text
    assert f"sigex-runbook verify test/{A}/{RUN} --trust trust.json" in text
    assert "http://time.example" in text
    assert "http://time.example" not in Page(report(tmp_path / "none")).text


def test_a_report_without_pdf_or_made_afterwards_says_so(tmp_path: Path) -> None:
    why = "Браузер не запустился."
    assert why in Page(report(tmp_path / "a", without_pdf=why)).text
    assert "сам не заверен" in Page(report(tmp_path / "b", afterwards=True)).text
    assert "сам не заверен" not in Page(report(tmp_path / "c")).text


def failed(values: dict[str, Any]) -> None:
    short = evidence(outcome=Outcome.FAILED, whole=False)
    values["steps"] = short["steps"]
    for name in ("verdict", "steps", "finished_at"):
        values["run.json"][name] = short["run.json"][name]


def no_printer(html: str) -> bytes:
    raise EnvironmentMissing("Браузер не запустился (места нет).")


def test_without_a_browser_for_it_the_run_is_sealed_and_says_so(tmp_path: Path) -> None:
    draft, told = draft_of(tmp_path, failed), list[str]()
    publication = Publication(no_printer, "kk", told.append)
    sealed = seal_pack(draft, Sealer(SIGNER, report=publication), verdict="FAILED")
    html = (sealed.pack / "evidence" / "report.html").read_text("utf-8")
    assert '<html lang="kk">' in html
    assert "Браузер не запустился (места нет)." in html
    assert SIGNER.public_key.keyid in html
    assert told == ["Отчёт без PDF: Браузер не запустился (места нет)."]
    verification = verify_pack(sealed.pack, Question(Trust((window(),))))
    assert verification.findings == ()
    assert verification.statement is not None
    names = {subject.name for subject in verification.statement.subjects}
    assert "evidence/report.html" in names
    assert "evidence/report.pdf" not in names


def test_people_stay_aliases(tmp_path: Path) -> None:
    assert PERSON not in report(tmp_path)


POINTED = {
    "controls.save_button": ("кнопка сохранения", "сақтау түймесі", "the save button"),
    "controls.sign_button": ("кнопка подписания", "қол қою түймесі", "the button that signs"),
    "blocks.documentsAccess.header": (
        "заголовок блока",
        "блогының тақырыбы",
        "header of the block",
    ),
    "blocks.documentsList.list": ("список систем", "жүйелер тізімі", "the list of systems"),
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_the_operator_pointed_at_is_told(tmp_path: Path, language: str) -> None:
    def pointed(values: dict[str, Any]) -> None:
        values["run.json"]["locators"] = {
            "sha256": "c0ffee" * 10 + "0000",
            "pointed": list(POINTED),
            "answers": 3,
        }

    t = words(language)
    page = Page(report(tmp_path, pointed, language=language))
    for keys, called in POINTED.items():
        assert f"({keys})" in page.own
        assert called[LANGUAGES.index(language)] in page.own
    told = [t("locators.told"), t("locators.row"), t("locators.answers", count=3)]
    for said in (*told, t("limits.locators"), "c0ffee" * 10 + "0000"):
        assert said in page.own
    assert language == "ru" or t("locators.told") != words("ru")("locators.told")


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_an_operators_locators_there_is_no_word_of_them(
    tmp_path: Path, language: str
) -> None:
    t, own = words(language), Page(report(tmp_path, language=language)).own
    assert not any(t(said) in own for said in ("locators.told", "locators.row", "limits.locators"))


def test_the_same_files_give_the_same_report(tmp_path: Path) -> None:
    dossier = Dossier.read(draft_of(tmp_path).folder)
    assert render_report(dossier, BINDING) == render_report(dossier, BINDING)


def test_slow_libraries_are_loaded_only_when_needed() -> None:
    program = (
        "import sys, sigex_runbook.evidence.sealing.report_files, sigex_runbook.cli.report\n"
        "sys.exit(sum(n in sys.modules for n in ('nbconvert', 'nbformat', 'playwright')))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0

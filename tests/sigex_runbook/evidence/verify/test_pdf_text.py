"""The words of a printed report are those of its page: in each language, over many sheets."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from markupsafe import Markup

from sigex_runbook.evidence.report.markup import paragraph, table
from sigex_runbook.evidence.report.words import LANGUAGES, words
from sigex_runbook.evidence.verify.pdf_text import difference
from sigex_runbook.site.pdf_printer import Printer
from tests.sigex_runbook.evidence.material import empty_pdf
from tests.sigex_runbook.evidence.report.test_report import report
from tests.sigex_runbook.evidence.sealed import RUN, A

ROWS = [(str(n), f"строка {n}, «файл» — не-разрывный e\u0301fficient") for n in range(150)]
LONG = " ".join(f"слово{number}" for number in range(2500))
"""More than a sheet holds."""


@pytest.fixture(scope="module")
def printer() -> Iterator[Printer]:
    with Printer() as opened:
        yield opened


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A report with a table over several sheets, one row of which is longer than a sheet."""
    html = report(tmp_path_factory.mktemp("page"))
    rows = [*ROWS[:100], ("длинная", LONG), *ROWS[100:]]
    more = table("Таблица", ("Номер", "Что"), rows) + paragraph("Конец.")
    return html.replace("</main>", f"{more}</main>")


def found(html: str, pdf: bytes, language: str = "ru", running: str = f"{A} · {RUN}") -> str | None:
    page = words(language)("page")
    return difference(html, pdf, language=language, running=running, page=page)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_print_says_what_its_page_says(tmp_path: Path, printer: Printer, language: str) -> None:
    html = report(tmp_path, language=language)
    assert found(html, printer.print(html), language) is None


def test_headings_that_each_sheet_repeats_are_no_more_words(printer: Printer, page: str) -> None:
    assert found(page, printer.print(page)) is None


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("строка 120,", "строка 121,", "строка121"),
        ("строка 120,", "", "строка120"),
        ("Конец.", "Конец. Нарушений не найдено.", "лишнее: «Нарушенийненайдено.»"),
        ("Конец.", "", "нет слов «Конец.»"),
        (f">{A}<", ">123456789025<", "123456789025"),
        (str(Markup("слово2000 слово2001")), "слово2001 слово2000", "слово2001слово2000"),
    ],
    ids=["another", "less", "more", "end", "bin", "order"],
)
def test_a_print_of_other_words_is_told(
    printer: Printer, page: str, old: str, new: str, what: str
) -> None:
    assert old in page
    said = found(page, printer.print(page.replace(old, new)))
    assert said is not None
    assert what in said


def test_a_print_of_another_run_is_told_by_the_head_of_its_sheets(
    printer: Printer, page: str
) -> None:
    assert found(page, printer.print(page), running=f"{A} · another") is not None


@pytest.mark.parametrize("pdf", [empty_pdf(), b"%PDF-1.7\n", b""], ids=["empty", "broken", "none"])
def test_what_cannot_be_read_is_told(page: str, pdf: bytes) -> None:
    assert found(page, pdf) is not None

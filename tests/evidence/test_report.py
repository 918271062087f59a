"""The report is one file for readers: prose and pictures, no code, nothing that runs or loads."""

from __future__ import annotations

import base64
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode

from sigex_runbook.evidence.display import SectionView
from sigex_runbook.evidence.report import render_report
from sigex_runbook.guide import load_guide

from .material import facts, page_png, step

MAKE: Any = nbformat.v4  # nbformat carries no types


class Page(HTMLParser):
    """What a reader's browser would find."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag]


def code(*outputs: NotebookNode, source: str = "secret_call()") -> Any:
    return MAKE.new_code_cell(source, outputs=list(outputs), execution_count=7)


def shown(data: dict[str, Any], metadata: dict[str, Any] | None = None) -> Any:
    return MAKE.new_output("display_data", data=data, metadata=metadata or {})


def report(*cells: NotebookNode, **options: Any) -> str:
    return render_report(MAKE.new_notebook(cells=list(cells)), **options)


def test_prose_and_outputs_are_shown_and_code_is_not() -> None:
    view = SectionView(load_guide().section(4), [step()], [(facts(), page_png())])
    html = report(
        MAKE.new_markdown_cell("# Журнал\n\n## 4. Блок\n\nПроза **важна**."),
        code(*(shown(output.data, output.metadata) for output in view.outputs())),
        code(MAKE.new_output("stream", name="stdout", text="\x1b[31mсказано\x1b[0m\n")),
    )
    page = Page(html)
    assert "secret_call" not in html
    assert "[7]" not in page.text
    assert "<strong>важна</strong>" in html
    assert "сотрудник раскрывает блок" in page.text
    assert "сказано" in page.text
    assert "\x1b" not in html
    assert page.all("html") == [{"lang": "ru"}]


def test_pictures_are_embedded_with_their_alt_text() -> None:
    encoded = base64.b64encode(page_png()).decode()
    page = Page(
        report(
            code(shown({"image/png": encoded + "\n"}, {"image/png": {"alt": 'вы"носка 1'}})),
            code(shown({"image/png": [encoded], "text/plain": "подпись"})),
        )
    )
    first, second = page.all("img")
    assert first == {"src": f"data:image/png;base64,{encoded}", "alt": 'вы"носка 1'}
    assert second["alt"] == "подпись"


HOSTILE_HTML = [
    "<script>x()</script>",
    '<a href="https://example.org">x</a>',
    '<p onclick="x()">x</p>',
    '<iframe src="https://example.org"></iframe>',
    '<link rel="stylesheet" href="https://example.org/x.css">',
    "<style>@import 'https://example.org/x.css'</style>",
    '<p style="background:url(https://example.org/x.png)">x</p>',
    '<svg><image xlink:href="https://example.org/x.png"/></svg>',
    '<form action="https://example.org"></form>',
]


@pytest.mark.parametrize("hostile", HOSTILE_HTML)
def test_nothing_runs_or_loads(hostile: str) -> None:
    html = report(
        MAKE.new_markdown_cell(f"# Т\n\n{hostile}\n\nслово {hostile}"),
        MAKE.new_markdown_cell("[guide](https://example.org/guide) <https://example.org/auto>"),
        MAKE.new_markdown_cell("![picture](https://example.org/x.png)"),
        MAKE.new_markdown_cell("[x](javascript:alert(1))"),
        code(shown({"text/html": f"<p>ok</p>{hostile}", "text/plain": "запасной текст"})),
    )
    page = Page(html)
    names = {tag for tag, _ in page.tags}
    assert names.isdisjoint({"script", "iframe", "link", "form", "svg", "object", "embed", "base"})
    for tag, attrs in page.tags:
        assert not any(name.startswith("on") for name in attrs), tag
        for name in ("href", "src", "action", "style"):
            value = attrs.get(name) or ""
            assert "example.org" not in value
            assert "javascript" not in value
    assert "запасной текст" in page.text
    assert "@import" not in html.split("</style>")[0]
    assert "url(" not in html.split("</style>")[0]


def test_an_address_stays_legible() -> None:
    page = Page(report(MAKE.new_markdown_cell("См. [инструкцию](https://example.org/a?b=1&c=2).")))
    assert "инструкцию (https://example.org/a?b=1&c=2)." in page.text


def test_links_inside_the_report_stay() -> None:
    assert {"href": "#itog"} in Page(report(MAKE.new_markdown_cell("[итог](#itog)"))).all("a")


def error(words: str) -> Any:
    return MAKE.new_output(
        "error", ename="GuideBroken", evalue=words, traceback=["\x1b[0;31mTraceback", "line 1"]
    )


def test_an_error_is_one_sentence_without_traceback_or_folders() -> None:
    page = Page(
        report(
            MAKE.new_markdown_cell(
                '<span>An Exception was encountered at \'<a href="#papermill-error-cell">In [7]'
                "</a>'.</span>",
                metadata={"tags": ["papermill-error-cell-tag"]},
            ),
            MAKE.new_markdown_cell('<span id="papermill-error-cell">Using papermill</span>'),
            code(error("Выноска 6: галочка не встала, см. /srv/outputs/a/b.png.\nПовторите.")),
            MAKE.new_markdown_cell("## Итог"),
            code(),
        )
    )
    assert "Выполнение остановлено" in page.text
    assert "Выноска 6: галочка не встала, см. …/b.png. Повторите." in page.text
    assert "Traceback" not in page.text
    assert "papermill" not in page.text
    assert "Exception" not in page.text
    assert page.text.count("Не выполнялось: запуск остановлен раньше.") == 1


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (r"нет C:\Users\oper\secret\key.p12 тут", "нет …/key.p12 тут"),
        ("нет '/home/oper/key.p12'", "нет '…/key.p12'"),
        ("адрес https://host/a/b/c не отвечает", "адрес https://host/a/b/c не отвечает"),
        ("и/или, 1/2", "и/или, 1/2"),
        ("<b>x</b>", "<b>x</b>"),
    ],
)
def test_folders_are_shortened_and_addresses_are_not(words: str, expected: str) -> None:
    assert expected in Page(report(code(error(words)))).text


def test_an_error_without_words_still_has_a_name() -> None:
    assert "GuideBroken" in Page(report(code(error("")))).text


def test_what_libraries_say_on_stderr_is_left_out() -> None:
    html = report(code(MAKE.new_output("stream", name="stderr", text="/srv/x.py: Warning")))
    assert "Warning" not in html


def test_a_cell_that_shows_nothing_leaves_nothing() -> None:
    assert "<pre>" not in report(code(), code(MAKE.new_output("stream", name="stdout", text="\n")))


def test_the_title_is_the_first_heading_or_what_was_asked_for() -> None:
    cell = MAKE.new_markdown_cell("# Журнал & `запуск`")
    assert "<title>Журнал &amp; запуск</title>" in report(cell)
    assert "<title>Другой</title>" in report(cell, title="Другой")
    assert "<title>Отчёт" in report()


def test_a_notebook_file_is_read_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "runbook.ipynb"
    notebook = MAKE.new_notebook(cells=[MAKE.new_markdown_cell("# Из файла"), code()])
    nbformat.write(notebook, path)  # type: ignore[no-untyped-call]
    before = path.read_bytes()
    assert "Из файла" in render_report(path)
    assert path.read_bytes() == before
    node = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    render_report(node)
    assert len(node.cells) == 2


def test_the_same_notebook_gives_the_same_report() -> None:
    cells = [MAKE.new_markdown_cell("# Т"), code(shown({"text/html": "<p>x</p>"}))]
    assert report(*cells) == report(*cells)


def test_slow_libraries_are_loaded_only_when_needed() -> None:
    program = (
        "import sys, sigex_runbook.evidence.report, sigex_runbook.evidence.display\n"
        "sys.exit(sum(name in sys.modules for name in ('nbconvert', 'nbformat', 'IPython')))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0

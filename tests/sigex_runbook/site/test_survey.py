"""A real page described: what is to be seen, what may be pressed, whose box is whose."""

from __future__ import annotations

import html
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, sync_playwright

from sigex_runbook.site.browser_launch import launch
from sigex_runbook.site.reading.lists import Known, SystemList, read_list
from sigex_runbook.site.reading.locators import Locators, meanings
from sigex_runbook.site.reading.view import Seen
from sigex_runbook.site.screenshot import Gone
from sigex_runbook.site.session import visit
from sigex_runbook.site.survey import Survey

AWKWARD = (
    "1С/Документооборот",
    "/",
    "ТОО «Ромашка», \"Учёт\" и 'Склад'",
    "`код` >> следующий",
    "жирный</b> <i>",
    "C:\\ИС\\п",
    "[архив] (старая) {1} a|b ^$ .*+?",
    "📄 Документы 👩‍💻",
    "R&D #1 ~ - a=b; /i /x",
    "Дефис‑и – тире — «кавычки»",
    "Қазақша ИС №1",
)
ROWS = {
    "label around": "<label><input type=checkbox {c}> {t}</label>",
    "label beside": "<div><input type=checkbox id=x{n} {c}>"
    "<label for=x{n}><b>{t}</b></label></div>",
    "row of a table": "<table><tr><td><input type=checkbox {c}></td><td>{n}</td><td>{t}</td></tr>"
    "</table>",
    "span beside": "<p><input type=checkbox {c}><span>{t}</span> <small>с 2021 года</small></p>",
    "text after": "<input type=checkbox {c}> {t}<br>",
    "switch": "<div role=switch aria-checked={a} tabindex=0>{t}</div>",
    "labelled by": "<span id=y{n}>{t}</span>"
    "<span role=checkbox aria-checked={a} aria-labelledby=y{n}>\uf046</span>",
    "icon of a square": "<p><i class='fa fa-{i}square{o}'></i> <span>{t}</span></p>",
    "drawn by its label": "<style>.h{{position:absolute;opacity:0}}</style>"
    "<div style='position:relative'><input class=h type=checkbox id=z{n} {c}>"
    "<label for=z{n}>\uf096 {t}</label></div>",
    "clipped": "<style>.k{{position:absolute;width:1px;height:1px;clip-path:inset(50%)}}</style>"
    "<label><input class=k type=checkbox {c}><span>{t}</span></label>",
}  # fmt: skip


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with sync_playwright() as playwright, launch(playwright) as browser, visit(browser) as opened:
        yield opened.page


def named(page: Page, name: str) -> Seen:
    (found,) = [one for one in Survey(page).look().shown if one.name == name and one.pressable]
    return found


def systems(page: Page, *descriptions: str) -> SystemList:
    view = Survey(page).look()
    known = Known(tuple((one, True) for one in descriptions))
    told = read_list(view.boxes(), view, known, Locators(meanings()))
    assert isinstance(told, SystemList), told
    return told


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS.keys())
def test_a_box_is_known_in_every_markup(page: Page, row: str) -> None:
    texts = ("Кадровый портал", "Учёт договоров", "Учёт договоров 2")
    rows = "".join(
        row.format(
            n=n,
            t=text,
            c="checked" if n == 1 else "",
            a="true" if n == 1 else "false",
            i="check-" if n == 1 else "",
            o="" if n == 1 else "-o",
        )
        for n, text in enumerate(texts)
    )
    page.set_content(f"<main><p>ИС организации</p>{rows}</main>")
    told = systems(page, *texts)
    assert told.ticked == {1}
    for index, box in told.boxes.items():
        pressed = Survey(page).element(box.surface or box.number)
        pressed.click()
        if "role=" not in row and "fa-" not in row:  # those need the page's own script
            assert systems(page, *texts).boxes[index].checked is (index != 1)


@pytest.mark.parametrize("description", AWKWARD)
def test_a_description_is_found_as_it_stands_and_nothing_like_it(
    page: Page, description: str
) -> None:
    texts = [f"{description} 2", f"а {description}", description, "аб"]
    boxes = "".join(
        f"<label><input type=checkbox id=b{n}>{html.escape(text)}</label>"
        for n, text in enumerate(texts)
    )
    page.set_content(f"<main>{boxes}</main>")
    box = systems(page, description).boxes[0]
    assert Survey(page).element(box.number).get_attribute("id") == "b2"


@pytest.mark.parametrize(
    "hidden",
    ["display:none", "visibility:hidden", "opacity:0", "position:absolute;left:-9999px",
     "height:0;overflow:hidden", "max-height:0;overflow:hidden"],
)  # fmt: skip
def test_what_nobody_sees_is_not_shown(page: Page, hidden: str) -> None:
    page.set_content(
        f"<main><div style='{hidden}'><button>Скрытая</button><input type=checkbox id=c>"
        "<label for=c>ИС</label></div>"
        "<details><summary>Ещё</summary><button>Внутри</button></details>"
    )
    view = Survey(page).look()
    assert {one.name for one in view.shown if one.pressable} == {"Ещё"}
    assert view.boxes() == ()
    assert len(view.boxes(hidden=True)) == 1


@pytest.mark.parametrize(
    "button",
    ["<div class=go>Пуск</div>", "<a>Пуск</a>", "<span style='cursor:pointer'>Пуск</span>",
     "<li role=menuitem>Пуск</li>", "<div class=card-header data-toggle=collapse>Пуск</div>",
     "<h5 tabindex=0>Пуск</h5>", "<input type=submit value=Пуск>", "<summary>Пуск</summary>"],
)  # fmt: skip
def test_what_may_be_pressed_need_not_be_a_button(page: Page, button: str) -> None:
    page.set_content(
        f"<main>{button}</main><script>document.querySelector('.go')"
        "?.addEventListener('click', () => 1)</script>"
    )
    assert named(page, "Пуск").pressable


@pytest.mark.parametrize(
    "icon",
    ["<button title='Войти'><i class='fa fa-x'></i></button>",
     "<button data-original-title='Войти'><i>\uf007</i></button>",
     "<a href=/in><svg><title>Войти</title></svg></a>",
     "<a href=/in><img alt='Войти' src='data:,'></a>",
     "<button aria-label='Войти'>\U000f0004</button>",
     "<span aria-label='Войти'><button><i></i></button></span>"],
)  # fmt: skip
def test_an_icon_bears_the_name_that_it_is_given(page: Page, icon: str) -> None:
    page.set_content(f"<header>{icon}</header>")
    named(page, "Войти")


def test_half_a_letter_is_read_as_no_letter(page: Page) -> None:
    """A long text is cut, perhaps in the middle of a pair; and a page may hold such a half."""
    page.set_content(f"<button>{'а' * 299}📄</button><a href=#>\\ud83d \\</a>")
    page.evaluate("document.querySelector('a').title = 'x\\ud83d'")

    cut, halved = Survey(page).look().shown

    assert cut.names["text"] == "а" * 299 + "\ufffd"
    assert halved.names == {"text": "\\ud83d \\", "title": "x\ufffd"}


def test_an_element_keeps_its_number_until_it_is_drawn_anew(page: Page) -> None:
    page.set_content("<main><button>Раз</button></main>")
    one = named(page, "Раз")
    assert named(page, "Раз").number == one.number
    page.evaluate("document.querySelector('main').innerHTML = '<button>Раз</button>'")
    assert named(page, "Раз").number != one.number
    with pytest.raises(Gone):
        Survey(page).element(999_999)


def test_no_two_documents_share_a_number(page: Page) -> None:
    """What was to be seen before a press is no longer so on the page that the press led to."""
    page.goto("data:text/html,<button>Раз</button>")
    one = Survey(page).look().numbers
    page.goto("data:text/html,<button>Раз</button><p>x")
    assert not one & Survey(page).look().numbers


def test_a_look_changes_nothing_that_the_page_sees(page: Page) -> None:
    page.set_content("<main><button title=Раз>Два</button><input type=checkbox></main>")
    before = page.content()
    Survey(page).look()
    assert page.content() == before
    assert page.evaluate("Object.keys(window).filter((k) => /survey|listens/.test(k))") == []


def test_a_page_that_is_being_left_shows_nothing_and_raises_nothing(page: Page) -> None:
    other = page.context.new_page()
    other.close()
    assert Survey(other).look().elements == ()


STIRRED = """<h1 id=h>Раздел</h1><table>
<tr><td><input type=checkbox></td><td>7</td><td>Архив</td></tr>
<tr><td><input type=checkbox></td><td>8</td><td>Склад</td></tr></table>
<div id=s></div><details><summary>Ещё</summary><p>Скрыто</p></details>
<div style="height:3000px"></div><script>
document.getElementById("s").attachShadow({mode: "open"}).innerHTML = "<button>В тени</button>"
</script>"""


def test_a_page_on_which_nothing_has_happened_is_as_it_was(page: Page) -> None:
    page.set_content(STIRRED)
    survey = Survey(page)
    first = survey.look()
    assert survey.look() is first
    survey.changed()
    again = survey.look()
    assert again is not first
    assert again == first  # the boxes' names among it: they stand beside them, alone


@pytest.mark.parametrize(
    "happening",
    [
        "document.querySelector('input').checked = true",
        "document.querySelector('input').disabled = true",
        "document.getElementById('h').firstChild.data = 'Другое'",
        "document.getElementById('h').style.display = 'none'",
        "document.getElementById('s').shadowRoot.querySelector('button').remove()",
        "document.querySelector('details').open = true",
        "scrollTo(0, 500)",
        "document.body.append(Object.assign(document.createElement('a'), {href: '#', text: 'x'}))",
    ],
)
def test_whatever_happens_is_seen_by_the_next_look(page: Page, happening: str) -> None:
    page.set_content(STIRRED)
    survey = Survey(page)
    before = survey.look()
    page.evaluate(happening)
    after = survey.look()
    assert after is not before
    assert survey.look() is after
    if not happening.startswith("scrollTo"):
        assert after != before

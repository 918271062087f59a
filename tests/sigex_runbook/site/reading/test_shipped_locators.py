"""The file of meanings that ships: whoever edits it is told the file, the line and the key."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest

from sigex_runbook.core.errors import EnvironmentMissing
from sigex_runbook.site.reading import locators
from sigex_runbook.site.reading.locators import meanings

GOOD = files("sigex_runbook.site").joinpath("locators.yaml").read_text("utf-8")


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy that is read in the place of the program's own."""
    monkeypatch.setattr(locators, "files", lambda _: tmp_path)
    meanings.cache_clear()
    yield tmp_path / "locators.yaml"
    meanings.cache_clear()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_byte_order_mark_does_no_harm(shipped: Path, encoding: str) -> None:
    shipped.write_text(GOOD, encoding=encoding)
    assert meanings().controls["menu_icon"].called == "Меню"


@pytest.mark.parametrize(
    ("was", "written", "words"),
    [
        ("\n  1: ", "\n\t1: ", "табуляция"),
        ("\n  menu_icon:", "\n  menu_iconn:", "«menu_iconn», допустимы sign_in_icon"),
        ("\n  menu_icon:", "\n  menu_iconn:", "похоже на «menu_icon»"),
        ("\n    words: ", "\n    wrods: ", "«controls.sign_in_icon.wrods»; похоже на «words»"),
        ("words: (?i)войти|", "words: (?i)(войти|", "«controls.sign_in_icon.words»: «(?i)(войти"),
        ("words: (?i)войти|", "words: (?i)(войти|", "скобка ( не закрыта"),
        ("documents: документ", "documents: '[д'", "«features.documents»: «[д»"),
        ("parts: ", "parts: '*' #", "повторять нечего"),
        ("at: header", "at: haeder", "найдено «haeder», допустимы header, content"),
        ("\n  13: save_button", "", "в callouts нет 13"),
        ("documentsList: [documents, listing]", "documentsList: [lists]", "в features нет lists"),
        ("callouts:", "callouts", "строка"),
    ],
)
def test_what_is_wrong_with_it_is_told(shipped: Path, was: str, written: str, words: str) -> None:
    assert was in GOOD
    shipped.write_text(GOOD.replace(was, written, 1), encoding="utf-8")
    with pytest.raises(EnvironmentMissing) as refused:
        meanings()
    said = str(refused.value)
    assert f"«{shipped}»" in said
    assert words in said
    assert "строка" in said or "нет" in words


@pytest.mark.parametrize("data", [None, b"", GOOD.encode("cp1251", "replace")])
def test_a_file_that_is_none_is_told(shipped: Path, data: bytes | None) -> None:
    if data is not None:
        shipped.write_bytes(data)
    with pytest.raises(EnvironmentMissing, match=r"locators\.yaml»"):
        meanings()

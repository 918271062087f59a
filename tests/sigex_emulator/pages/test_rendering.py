"""What pages are made of: templates, texts, and files that are served as they are."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import pytest

from sigex_emulator.pages.rendering import render, static_file


def test_texts_of_a_page_are_escaped() -> None:
    assert "[[" not in render("start", "ru", "plain", home="/")
    with pytest.raises(KeyError):
        render("not-found", "ru", "plain")


@pytest.mark.parametrize("name", ["../rendering.py", "no-such.css", "", "..", "site.css/"])
def test_only_static_files_are_served(name: str) -> None:
    assert static_file(name) is None


def test_pages_name_no_foreign_address() -> None:
    for file in Path(str(resources.files("sigex_emulator.pages"))).rglob("*.*"):
        if file.suffix in {".html", ".css", ".js", ".svg"}:
            found = file.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
            assert "http://" not in found, file
            assert "https://" not in found, file

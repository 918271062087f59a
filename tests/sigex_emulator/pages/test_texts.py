"""Every text of the pages in every language, and none in another one's place."""

from __future__ import annotations

import json
import re
from importlib import resources
from typing import Any

import pytest

from sigex_emulator.skins import SKINS
from sigex_emulator.world.settings import ALL_BLOCKS

_PAGES = resources.files("sigex_emulator.pages")
_LANGUAGES = ("ru", "kk", "en")
_CYRILLIC = re.compile("[А-яЁёӘәҒғҚқҢңӨөҰұҮүҺһІі]")
_KAZAKH_ONLY = re.compile("[ӘәҒғҚқҢңӨөҰұҮүҺһІі]")
_RUSSIAN_ONLY = re.compile("[ёЁщЩъЪ]")
_PLACES = re.compile(r"\{\w+\}")
_SAME_IN_RUSSIAN_AND_KAZAKH = {"auth.ncalayer.title", "site.title", "header.menu"}
"""A name, a name with «эмулятор», and a loan word of one skin («Профиль»)."""


def _load(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(_PAGES.joinpath(*name.split("/")).read_text("utf-8"))
    return loaded


def _texts() -> list[tuple[str, dict[str, dict[str, str]]]]:
    common = {language: _load(f"texts/{language}.json") for language in _LANGUAGES}
    found = [("common", common)]
    for skin in SKINS:
        if _PAGES.joinpath("skins", skin, "texts.json").is_file():
            found.append((skin, _load(f"skins/{skin}/texts.json")))
    return found


TEXTS = _texts()


@pytest.mark.parametrize("texts", [t for _, t in TEXTS], ids=[name for name, _ in TEXTS])
class TestTexts:
    def test_none_is_missing(self, texts: dict[str, dict[str, str]]) -> None:
        everything = {key for language in _LANGUAGES for key in texts[language]}
        common = dict(TEXTS)["common"]
        for language in _LANGUAGES:
            missing = everything - texts[language].keys()
            # A skin may keep the common wording in one language.
            if texts is not common:
                missing -= common[language].keys()
            assert missing == set(), language

    def test_none_is_left_in_another_language(self, texts: dict[str, dict[str, str]]) -> None:
        for key, english in texts["en"].items():
            assert not _CYRILLIC.search(english), key
        for key, russian in texts["ru"].items():
            assert not _KAZAKH_ONLY.search(russian), key
        for key, kazakh in texts["kk"].items():
            assert not _RUSSIAN_ONLY.search(kazakh), key
            if key not in _SAME_IN_RUSSIAN_AND_KAZAKH:
                assert kazakh != texts["ru"].get(key), key
                assert kazakh != texts["en"].get(key), key

    def test_values_stand_in_the_same_texts(self, texts: dict[str, dict[str, str]]) -> None:
        for key, russian in texts["ru"].items():
            places = sorted(_PLACES.findall(russian))
            for language in ("kk", "en"):
                if key in texts[language]:
                    assert sorted(_PLACES.findall(texts[language][key])) == places, (language, key)


def test_every_block_has_a_title() -> None:
    russian = dict(TEXTS)["common"]["ru"]
    assert all(russian[f"block.{name}"] for name in ALL_BLOCKS)


def test_wordings_that_a_source_gives_are_kept() -> None:
    """Sigex-facts 2.3: the guide's and the template's words, and numbers of persons."""
    known = {
        ("ru", "menu.organisation-settings"): "Настройки организации",
        ("en", "menu.organisation-settings"): "Organization Settings",
        ("en", "settings.access"): "Access control",
        ("en", "settings.authorities"): "Authorities",
        ("en", "settings.employees"): "Employees",
        ("en", "settings.information-systems"): "Information systems",
        ("kk", "settings.iin"): "ЖСН",
        ("kk", "settings.bin"): "БСН {bin}",
    }
    common = dict(TEXTS)["common"]
    assert {place: common[place[0]][place[1]] for place in known} == known
    for skin, texts in TEXTS[1:]:
        changed = {(language, key) for language in _LANGUAGES for key in texts[language]}
        assert changed.isdisjoint(known), skin

"""`sigex-runbook probe` as an operator meets it."""

from __future__ import annotations

from pathlib import Path

import pytest

from sigex_runbook.cli.main import main


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--point",), "--visible"),
        (("--target", "https://localhost:1"), "нужен заказ"),
        (("--ca", "ca.pem"), "--target"),
        (("--locators", "нет.yaml"), "не найден"),
        (("--deadline", "0"), "--deadline"),
    ],
)
def test_what_cannot_be_begun_is_refused(
    words: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["probe", *words, "--outputs", str(tmp_path)]) == 2
    assert said in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_says_what_no_file_may_is_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "locators.yaml"
    file.write_text("controls: {menu: {css: a}}\n", encoding="utf-8")
    assert main(["probe", "--locators", str(file), "--outputs", str(tmp_path / "outputs")]) == 2
    assert "controls" in capsys.readouterr().err


def test_without_words_the_emulator_is_looked_at(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["probe", "--outputs", str(tmp_path)]) == 0
    told = capsys.readouterr().out
    assert "Узнано выносок: 13 из 13" in told
    [folder] = tmp_path.iterdir()
    assert str(folder / "locators.yaml") in told

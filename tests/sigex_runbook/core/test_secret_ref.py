"""Where a secret is, and what is said when it is not there."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from sigex_runbook.core.errors import UsageError
from sigex_runbook.core.secret_ref import SecretRef

SECRET = "Пароль-7!"
VARIABLE = "SIGEX_TEST_SECRET"


@pytest.mark.parametrize(
    ("written", "text"),
    [
        (" с пробелами \r\n".encode(), " с пробелами "),
        (f"{SECRET}\r\n".encode("utf-8-sig"), SECRET),
        (b"", ""),
    ],
)
def test_a_file_is_read_without_the_line_end_and_an_editors_mark(
    tmp_path: Path, written: bytes, text: str
) -> None:
    path = tmp_path / "secret"
    path.write_bytes(written)
    assert SecretRef(file=path).read() == text


def test_a_variable_is_read_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, f" {SECRET}\n")
    assert SecretRef(env=VARIABLE).read() == f" {SECRET}\n"


def test_what_leads_nowhere_is_told_without_its_name(tmp_path: Path) -> None:
    """People put the secret itself there."""
    other = tmp_path / SECRET
    other.write_bytes(SECRET.encode("cp1251"))
    for reference, told in (
        (SecretRef(env=SECRET), "Ключ не найден: переменная окружения, названная в env, не задана"),
        (SecretRef(file=Path(SECRET)), "файл, названный в file, не читается (такого файла нет)"),
        (SecretRef(file=Path(f"{SECRET}\0")), "не читается"),
        (SecretRef(file=tmp_path), "это папка"),
        (SecretRef(file=other), "текст не в UTF-8"),
    ):
        with pytest.raises(UsageError) as refused:
            reference.read("Ключ")
        assert told in str(refused.value)
        assert SECRET not in str(refused.value)


def test_the_command_line_names_a_variable_or_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert SecretRef.from_text(f"env:{VARIABLE}") == SecretRef(env=VARIABLE)
    assert SecretRef.from_text(f"env: {VARIABLE} ") == SecretRef(env=VARIABLE)
    assert SecretRef.from_text("file:C:/a:b") == SecretRef(file=Path("C:/a:b"))
    for text in (None, "", SECRET, "env", "env:", "file:", f"text:{SECRET}", f":{SECRET}"):
        assert SecretRef.from_text(text) is None
    monkeypatch.chdir(tmp_path)
    for text, whole in (
        ("file:pin", f"file:{tmp_path / 'pin'}"),
        (f"env:{VARIABLE}", f"env:{VARIABLE}"),
    ):
        reference = SecretRef.from_text(text)
        assert reference is not None
        assert reference.from_anywhere == whole


@pytest.mark.parametrize("both", [{}, {"env": VARIABLE, "file": "secret"}, {"text": SECRET}])
def test_there_is_exactly_one_place(both: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        SecretRef.model_validate(both)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("SIGEX_TEST_PASSWORD", "SIGEX_TEST_PASSWORD не задана. Задайте её: export"),
        ("sigex_test_password", "sigex_test_password не задана"),
        ("$SIGEX_TEST_PASSWORD", "без знаков $"),
        ("${SIGEX_TEST_PASSWORD}", "без знаков $"),
        ("%SIGEX_TEST_PASSWORD%", "без знаков $"),
        ("$env:SIGEX_TEST_PASSWORD", "без знаков $"),
        ("QAZAQ2026", "названная в env, не задана"),
    ],
)
def test_an_unset_variable_is_named_when_it_looks_like_one(name: str, told: str) -> None:
    with pytest.raises(UsageError) as refused:
        SecretRef(env=name).read()
    assert told in str(refused.value)
    assert "$env:" in str(refused.value)
    assert "QAZAQ" not in str(refused.value)


def test_a_secret_that_powershell_wrote_is_read(tmp_path: Path) -> None:
    (path := tmp_path / "secret").write_text(f"{SECRET}\r\n", encoding="utf-16")
    assert SecretRef(file=path).read() == SECRET

"""The operator's file of overrides: read, checked whole, and told with its bytes.

Its shape is `locators.schema.json`, which ships and is made of the model by `schema_text`. What a
shape cannot say (a selector that no browser takes, an expression that is none) is checked as far as
that goes without a page.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NoReturn

from pydantic import Field
from soupsieve import SelectorSyntaxError
from soupsieve import compile as compile_css

from sigex_runbook.core.error_causes import why
from sigex_runbook.core.errors import UsageError
from sigex_runbook.core.given.strict_yaml import Lines, NotYaml, read_yaml_lines
from sigex_runbook.core.validation import Keys, dotted, kind, nearest, quoted

from .locators import Overrides, expression, fault_of

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

FORMAT = "sigex-locators/1"
LARGEST = 64 << 10

_EXAMPLE = f"Нужно так: format: {FORMAT}, затем controls, blocks или answers (пример в README)."
Fault = tuple[Keys, str]
"""The keys that lead to what is wrong, and what that is."""


class _File(Overrides):
    """Указания оператора: где на странице элементы, которые программа не нашла или спутала."""

    format: Literal["sigex-locators/1"] = Field(description="версия файла")


@dataclass(frozen=True, slots=True)
class LocatorsFile:
    """A file that was accepted: its bytes as they were read, and what they say."""

    content: bytes
    overrides: Overrides

    @property
    def sha256(self) -> str:
        """Names these bytes."""
        return hashlib.sha256(self.content).hexdigest()

    def record(self) -> dict[str, Any]:
        """What run.json says of it."""
        pointed = [".".join(keys) for keys in self.overrides.pointers]
        answers = len(self.overrides.answers)
        return {"sha256": self.sha256, "pointed": pointed, "answers": answers}


def load_locators(path: Path) -> LocatorsFile | None:
    """Read the file; None when it points at nothing, as a probe's does that recognised all.

    Raises UsageError with the file, the line, the key, and what to do.
    """
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except FileNotFoundError:
        raise UsageError(
            f"Файл указаний {path} не найден. Проверьте путь в --locators или в ключе locators "
            "заказа."
        ) from None
    except (OSError, ValueError) as error:
        told = "это папка" if path.is_dir() else why(error)
        raise UsageError(
            f"Файл указаний {path} не читается ({told}). Укажите файл YAML и проверьте права."
        ) from error
    found = parse_locators(content, path=path)
    return found if found.overrides.pointers or found.overrides.answers else None


def parse_locators(content: bytes, *, path: Path) -> LocatorsFile:
    """Check the bytes; `path` names them in messages. Raises UsageError."""
    if len(content) > LARGEST:
        _refuse(path, f"больше {LARGEST >> 10} КиБ", "Оставьте в нём только то, что отличается.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        _refuse(path, "текст не в UTF-8", "Сохраните файл в UTF-8.")
    try:
        raw, lines = read_yaml_lines(text)
    except NotYaml as error:
        _refuse(path, f"не YAML: {error}", "Исправьте файл.")
    if not isinstance(raw, dict):
        _refuse(path, "пуст или не таблица ключей", _EXAMPLE)
    faults = [_told(error) for error in _misshapen(raw)]
    if not faults:
        overrides = _File.model_validate(raw)
        faults = list(_unusable(overrides))
    if faults:
        keys, what = min(faults, key=lambda fault: lines.of(fault[0]))
        _refuse(path, what, "Исправьте файл.", keys, lines)
    return LocatorsFile(content, overrides)


def schema_text() -> str:
    """The text of `locators.schema.json`, made of the model."""
    version = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    shape = {**version, **_without_null(_File.model_json_schema()), "title": FORMAT}
    return json.dumps(shape, ensure_ascii=False, indent=1) + "\n"


@cache
def schema() -> dict[str, Any]:
    """The shape that ships."""
    text = files(__package__).joinpath("locators.schema.json").read_text(encoding="utf-8")
    shape: dict[str, Any] = json.loads(text)
    return shape


_UNKNOWN_KEY = ("additionalProperties", "enum")
"""What speaks of a key that is none; what else is wrong follows from it, more often than not."""


def _misshapen(raw: Any) -> Iterable[ValidationError]:
    # It would load a whole grammar of IRIs, for seconds, to check what this shape does not have.
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
    from jsonschema import Draft202012Validator

    faults = [
        fault
        for fault in Draft202012Validator(schema()).iter_errors(raw)
        if fault.validator != "type" or "propertyNames" not in fault.absolute_schema_path
    ]  # a key that is a number is an unknown key already
    return sorted(faults, key=lambda fault: fault.validator not in _UNKNOWN_KEY)


def _without_null(shape: Any) -> Any:
    """What may be left out is left out: nothing in the file is empty on purpose."""
    if isinstance(shape, list):
        return [_without_null(one) for one in shape]
    if not isinstance(shape, dict):
        return shape
    kept = {name: _without_null(one) for name, one in shape.items() if name != "default"}
    match kept.get("anyOf"):
        case [one, {"type": "null"}]:
            del kept["anyOf"]
            return {**one, **kept}
    return kept


def _refuse(
    path: Path, what: str, advice: str, keys: Keys = (), lines: Lines | None = None
) -> NoReturn:
    where = f", строка {lines.of(keys)}" if lines is not None else ""
    key = f", ключ «{dotted(keys)}»" if keys else ""
    raise UsageError(f"Файл указаний {path}{where}{key}: {what}. {advice}")


def _told(error: ValidationError) -> Fault:
    """A fault of the shape in an operator's words."""
    keys: Keys = tuple(error.absolute_path)
    found: Any = error.instance
    wanted: Any = error.validator_value
    shape: Any = error.schema
    match error.validator:
        case "additionalProperties":
            allowed = list(shape["properties"])
            unknown = next(str(key) for key in found if key not in allowed)
            return (*keys, unknown), f"неизвестный ключ; {_nearest(unknown, allowed)}"
        case "enum":  # nothing but names of keys are listed
            return (*keys, str(found)), f"неизвестный ключ; {_nearest(str(found), wanted)}"
        case "const":
            return keys, f"найдено {quoted(found)}, а нужно {wanted}"
        case "required":
            missing = next(name for name in wanted if name not in found)
            shown = f"{missing}: {FORMAT}" if missing == "format" else missing
            return keys, f"нет обязательного ключа {shown}"
        case "type":
            return keys, f"{kind(found)}, а нужна {_NEEDED[wanted]}"
        case "minProperties":
            allowed = list(shape["properties"])
            return keys, f"указание пусто; нужен хотя бы один ключ: {', '.join(allowed)}"
        case "minLength":
            return keys, "строка пуста"
        case "maxLength":
            return keys, f"строка длиннее {wanted} знаков"
    raise AssertionError(error.validator)


_NEEDED = {
    "string": "строка (возьмите значение в кавычки)",
    "object": "таблица ключей",
    "array": "запись списком (строки с «- » в начале)",
}


def _nearest(found: str, allowed: list[str]) -> str:
    """Which keys there are, and which one may have been meant."""
    return f"допустимы {', '.join(allowed)}{nearest(found, allowed)}"


# -- what no shape says


def _unusable(overrides: Overrides) -> Iterator[Fault]:
    for keys, one in overrides.pointers.items():
        if one.css is not None and (fault := _css_fault(one.css)):
            yield (*keys, "css"), f"селектор {quoted(one.css)} не подходит: {fault}"
        if one.name is not None and (fault := _words_fault(one.name)):
            yield (*keys, "name"), fault
    for number, answer in enumerate(overrides.answers):
        for key, words in (("question", answer.question), ("answer", answer.answer)):
            fault = _words_fault(words) if key == "question" else _blank(words)
            if fault:
                yield ("answers", number, key), fault


_NOT_OF_BROWSERS = (
    (re.compile(r":(-soup-)?contains(-own)?\s*\("), "в браузере нет :contains(), подпись — в name"),
    (re.compile(r"\[[^\]\"']*!="), "в браузере нет «!=», пишите :not([…])"),
)
"""What the library takes and a browser does not."""


def _css_fault(css: str) -> str | None:
    for written, told in _NOT_OF_BROWSERS:
        if written.search(css):
            return told
    try:
        compile_css(css)
    except SelectorSyntaxError as error:
        place = f", знак {error.col}" if error.col else ""
        return f"это не селектор CSS{place}"
    except NotImplementedError:
        return "часть элемента (::…) нажать нельзя"
    except RecursionError:
        return "он слишком сложен"
    return None


def _words_fault(words: str) -> str | None:
    """What is wrong with a name or an /expression/."""
    inner = expression(words)
    if inner is None:
        return _blank(words)
    fault = fault_of(inner)
    return f"{quoted(words)} — {fault}" if fault else None


def _blank(words: str) -> str | None:
    """What says nothing would fit anything or nothing."""
    return None if any(map(str.isalnum, words)) else "ни буквы, ни цифры: сравнивать не с чем"

"""What is wrong with a file that a person wrote, in that person's words.

The library that checks shapes speaks English and likes to quote what it found.
"""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError


def first_fault(error: ValidationError) -> dict[str, Any]:
    """The fault to speak of first, without the value that was found.

    A misspelt key is also a missing one: the misspelling is what the reader can see.
    """
    faults = [dict(fault) for fault in error.errors(include_input=False, include_url=False)]
    return next((f for f in faults if f["type"] == "extra_forbidden"), faults[0])


def explain(error: ValidationError, whole: str) -> str:
    """The first fault of a validation as one sentence that names the key and never its value.

    `whole` is what the reader calls the file when no key is to blame.
    """
    fault = first_fault(error)
    where = ".".join(str(part) for part in fault["loc"]) or whole
    match fault["type"]:
        case "extra_forbidden":
            return f"неизвестный ключ «{where}». Уберите его или исправьте опечатку."
        case "missing":
            return f"нет обязательного ключа «{where}». Добавьте его."
        case "json_invalid":
            return "запись не разбирается как JSON. Исправьте."
        case "enum" | "literal_error" | "union_tag_invalid":
            expected = fault["ctx"].get("expected") or fault["ctx"].get("expected_tags")
            where = where.removesuffix(".[key]")
            return f"«{where}»: допустимы {str(expected).replace(' or ', ', ')}. Исправьте."
        case "value_error":
            told = str(fault["ctx"]["error"])
            return f"«{where}»: {told}" + ("" if told.endswith(".") else ".")
        case kind:
            return f"«{where}»: {_SHAPES.get(kind, 'значение не подходит')}. Исправьте."


_SHAPES = {
    "string_type": "нужна строка (возьмите значение в кавычки)",
    "string_too_short": "строка пуста",
    "string_pattern_mismatch": "нужны 16 латинских букв и цифр",
    "list_type": "нужен список",
    "tuple_type": "нужен список",
    "dict_type": "нужна таблица ключей",
    "model_type": "нужна таблица ключей",
    "model_attributes_type": "нужна таблица ключей",
    "path_type": "нужен путь к файлу",
    "is_instance_of": "нужна строка в кавычках",
    "dataclass_type": "нужна строка в кавычках",
}
"""What a value must look like, by pydantic's kinds of errors."""

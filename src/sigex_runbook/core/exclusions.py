"""Who is left out of a campaign on purpose, and why: a file that the operator writes.

An exclusion is sealed in the campaign's population, so it is checked before anything is touched.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
)

from .errors import UsageError
from .given.strict_yaml import NotYaml, read_yaml
from .given.text import NotText, read_text
from .order import WrittenBin
from .validation import explain

FORMAT = "sigex-campaign-exclusions/1"
LONGEST_REASON = 300

_EXAMPLE = (
    f"Нужно так: format: {FORMAT}, затем excluded: и в нём строки вида "
    '- {bin: "000740000728", reason: "почему исключена"}.'
)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


def _said(value: object) -> object:
    """A reason is a sentence for people: it has letters, on one line."""
    if not isinstance(value, str):
        raise ValueError("причина — это текст; возьмите его в кавычки")
    text = value.strip()
    if not re.search(r"[^\W\d_]", text):
        raise ValueError("причины нет: напишите словами, почему организация исключена")
    if not text.isprintable():
        raise ValueError("в причине есть перенос строки или невидимые знаки; уберите их")
    if len(text) > LONGEST_REASON:
        raise ValueError(f"причина длиннее {LONGEST_REASON} знаков; сократите её")
    return text


class Exclusion(_Strict):
    """One organisation that is not run, with the reason that an auditor will read."""

    bin: WrittenBin
    reason: Annotated[str, BeforeValidator(_said), StringConstraints(min_length=1)]


class _File(_Strict):
    format: Literal["sigex-campaign-exclusions/1"]
    excluded: Annotated[tuple[Exclusion, ...], Field(min_length=1)]


_KEYS = {*_File.model_fields, *Exclusion.model_fields}


def load_exclusions(path: Path) -> tuple[Exclusion, ...]:
    """Read the file. Raises UsageError with what is wrong, where, and what to do."""
    try:
        text = read_text(path)
    except FileNotFoundError:
        raise UsageError(
            f"Файл исключений «{path}» не найден. Проверьте путь в --exclude."
        ) from None
    except NotText as error:
        raise UsageError(
            f"Файл исключений «{path}» не читается ({error}). Сохраните его в UTF-8 и "
            "проверьте права."
        ) from error
    return parse_exclusions(text, path=path)


def parse_exclusions(text: str, *, path: Path) -> tuple[Exclusion, ...]:
    """Check the text; `path` names it in messages. Raises UsageError."""
    try:
        raw, lines = read_yaml(text)
    except NotYaml as error:
        raise UsageError(f"Файл исключений «{path}» — не YAML: {error}.") from None
    if not isinstance(raw, dict) or raw.get("format") != FORMAT:
        raise UsageError(f"«{path}» — не файл исключений этой версии. {_EXAMPLE}")
    if not raw.get("excluded"):
        raise UsageError(
            f"В файле исключений «{path}» никого нет. {_EXAMPLE} Или уберите --exclude."
        )
    try:
        found = _File.model_validate(raw).excluded
    except ValidationError as error:
        told = explain(error, "файл", raw, lines, _KEYS)
        raise UsageError(f"Файл исключений «{path}»: {told}") from error
    seen: set[str] = set()
    for one in found:
        if one.bin.text in seen:
            raise UsageError(
                f"Файл исключений «{path}»: организация {one.bin} названа дважды. Оставьте одну "
                "строку с одной причиной."
            )
        seen.add(one.bin.text)
    return found


def check_consistent(
    exclusions: Sequence[Exclusion],
    ordered: Mapping[str, str],
    *,
    ran: Collection[str],
    earlier: Mapping[str, str],
) -> None:
    """Nobody is both excluded and run.

    `ordered` gives the order of each BIN, `ran` are those who have a run in this campaign already,
    `earlier` the reasons of those whom it excluded before. Raises UsageError.
    """
    for one in exclusions:
        if one.bin.text in ordered:
            raise UsageError(
                f"Организация {one.bin} и исключена, и заказана ({ordered[one.bin.text]}). Уберите "
                "её заказ или её строку из файла исключений; ничего не начато."
            )
        if one.bin.text in ran:
            raise UsageError(
                f"Организация {one.bin} уже запускалась в этой кампании: её пакет учтён, исключить "
                "её нельзя. Уберите её строку или начните другую кампанию: --campaign."
            )
    for number, order in ordered.items():
        if number in earlier:
            raise UsageError(
                f"Организация {number} ({order}) исключена из этой кампании, причина: "
                f"«{earlier[number]}». Уберите её заказ или выполните его в другой кампании: "
                "--campaign."
            )

"""Sample orders: the one that ships, and one for each organisation of an emulator's world."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from sigex_runbook.core.error_causes import why
from sigex_runbook.core.errors import UsageError

PLACE = "${EMULATOR}"
"""Stands in an order for the emulator's folder."""

_SAMPLE = {
    "bin": "200240002381",
    "system": "Учёт договоров",
    "control": "Кадровый портал",
    "document": "1jpAOexzXjfy8s13",
}
"""What the sample that ships says of its organisation, the first of the emulator's world."""


def sample_order(emulator: Path | None = None) -> str:
    """The text of the sample order.

    With an emulator's folder its paths are filled in, otherwise they start with `${EMULATOR}`.
    Raises UsageError when that folder is no emulator's.
    """
    if emulator is None:
        return _text()
    _described(emulator)
    return _filled_in(_text(), emulator)


def sample_orders(emulator: Path, *, fill_in: bool = True) -> dict[str, str]:
    """The text of an order for each organisation of an emulator, by its BIN; `fill_in` as above.

    Raises UsageError when that folder is no emulator's.
    """
    try:
        orders = {one["bin"]: _order_of(one) for one in _described(emulator)["organisations"]}
    except (KeyError, TypeError, IndexError, StopIteration) as error:
        raise UsageError(
            f"Файл {emulator / 'emulator.json'} устроен не так, как знает эта версия. Запустите "
            "эмулятор этой же версии с той же папкой."
        ) from error
    return {key: _filled_in(text, emulator) if fill_in else text for key, text in orders.items()}


def _text() -> str:
    return files(__package__).joinpath("sample_order.yaml").read_text(encoding="utf-8")


def _described(emulator: Path) -> Mapping[str, Any]:
    try:
        described: Mapping[str, Any] = json.loads(
            (emulator / "emulator.json").read_text(encoding="utf-8")
        )
    except (OSError, ValueError) as error:
        raise UsageError(
            f"В папке {emulator} нет emulator.json ({why(error)}). Укажите папку, данную команде "
            "«sigex-emulator --dir»."
        ) from error
    return described


def _order_of(organisation: Mapping[str, Any]) -> str:
    """The sample with another organisation in place of its own."""
    system, control = organisation["information_systems"][:2]
    employee = next(one for one in organisation["people"] if one["role"] == "settings_employee")
    document = next(
        one["id"]
        for one in organisation["documents"]
        if one["private"] and employee["iin"] in one["signed_by"]
    )
    own = {
        _SAMPLE["bin"]: organisation["bin"],
        _SAMPLE["system"]: system["description"],
        _SAMPLE["control"]: control["description"],
        _SAMPLE["document"]: document,
    }
    return re.sub("|".join(own), lambda met: str(own[met[0]]), _text())


def _filled_in(text: str, emulator: Path) -> str:
    folder = emulator.resolve().as_posix().replace("'", "''")
    # Quoted: a folder's name may hold what YAML takes for a comment or a key.
    return re.sub(r"\$\{EMULATOR\}(/\S+)", lambda path: f"'{folder}{path[1]}'", text)

"""Switches by name and value, as a command line or a control route gives them."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import timedelta
from typing import Any, Literal, get_args, get_origin, get_type_hints

from sigex_emulator.errors import BadSwitch

from .switches import Switches


def with_switch(switches: Switches, name: str, value: Any) -> Switches:
    """Return switches with one of them set; numbers may come as text. Raises BadSwitch."""
    kinds = get_type_hints(Switches)
    if name not in kinds:
        raise BadSwitch(f"Переключателя «{name}» нет; есть: {', '.join(kinds)}.")
    kind = kinds[name]
    if get_origin(kind) is Literal:
        if value not in get_args(kind):
            known = ", ".join(map(str, get_args(kind)))
            raise BadSwitch(f"Переключатель {name} бывает: {known}; «{value}» не подходит.")
        return replace(switches, **{name: value})
    try:
        number = None if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        number = None
    if number is None or not 0 <= number < 2**53:
        raise BadSwitch(f"Переключатель {name} — число не меньше нуля; «{value}» не подходит.")
    set_to: Any = timedelta(seconds=number) if kind is timedelta else int(number)
    return replace(switches, **{name: set_to})


def shown_switches(switches: Switches) -> dict[str, Any]:
    """Return every switch as JSON has it: lifetimes in seconds."""
    return {
        one.name: value.total_seconds() if isinstance(value, timedelta) else value
        for one in fields(switches)
        for value in [getattr(switches, one.name)]
    }

"""The notebook's parameters, as a person or papermill gave them: what cannot be meant is refused
before anything is touched."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping, Sequence
from inspect import Parameter

from sigex_runbook.core.errors import UsageError
from sigex_runbook.evidence.pack.naming import check_name

LANGUAGES = ("ru", "kk", "en")

_INJECTED = "# Parameters\n"
"""How the cell begins that papermill adds."""

_KINDS: Mapping[str, tuple[tuple[type, ...], str]] = {
    "str": ((str,), "текст в кавычках"),
    "bool": ((bool,), "True или False"),
    "float": ((int, float), "число секунд"),
}
_OPTIONS = {"deadline": "deadline_seconds", "mtls-target": "mtls_target"}


def check_values(given: Mapping[str, object], known: Mapping[str, Parameter]) -> None:
    """Each is of the kind that the notebook says, and fits the others. Raises UsageError."""
    for name, value in given.items():
        kinds, wanted = _KINDS[known[name].annotation]
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            told = f"Параметр {name}: нужно {wanted}, а дано {value!r}."
            if kinds == (str,):
                told += f" papermill делает из -p числа и True сам: передайте -r {name} {value}."
            raise UsageError(f"{told} Ничего не начато.")
    check_name("кампании", str(given["campaign"]))
    if given["language"] not in LANGUAGES:
        raise UsageError(
            f"Параметр language: нужен язык отчёта {', '.join(LANGUAGES)}, а дано "
            f"«{given['language']}». Ничего не начато."
        )
    spare = [name for name in ("mtls_target", "ca") if given[name]]
    if spare and not given["target"]:
        raise UsageError(
            f"{' и '.join(spare)} — только вместе с target: без него работает встроенный эмулятор. "
            "Добавьте target или уберите лишнее."
        )


def check_names(cells: Sequence[str], known: Iterable[str]) -> None:
    """papermill puts parameters that the notebook does not know into a cell of its own and goes on,
    and so does Python with a misspelt name in the parameters cell; we stop.

    `cells` are the texts that the kernel has executed. Raises UsageError.
    """
    names = set(known)
    given = {name for found in _parameter_cells(cells, names) for name in found}
    if unknown := sorted(given - names):
        raise UsageError(
            f"Блокнот не знает параметров {', '.join(unknown)}. Исправьте их имена: они "
            "перечислены в ячейке «Параметры»."
        )


def in_the_notebooks_words(told: str) -> str:
    """A sentence that names options of the command line, with the parameters in their place."""
    return re.sub(r"--([a-z-]+)", lambda option: _OPTIONS.get(option[1], option[1]), told)


def _parameter_cells(cells: Sequence[str], known: set[str]) -> Iterable[list[str]]:
    """What the latest two assign: the notebook's own, which a person may have edited and executed
    again, and papermill's."""
    found: dict[bool, list[str]] = {}
    for cell in cells:
        try:
            body = ast.parse(cell).body
        except SyntaxError:
            continue
        targets = [_target(statement) for statement in body]
        injected = cell.startswith(_INJECTED)
        own = any(isinstance(one, ast.AnnAssign) for one in body) and not known.isdisjoint(targets)
        if None not in targets and (injected or own):
            found[injected] = [target for target in targets if target is not None]
    return found.values()


def _target(statement: ast.stmt) -> str | None:
    match statement:
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            return name
        case _:
            return None

"""YAML that a person wrote: every key once, and nothing of it is quoted when it does not parse."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import yaml


class NotYaml(ValueError):
    """What is wrong with a file's form and where, without quoting it."""


class _BadKey(yaml.MarkedYAMLError):
    """A key or a value to complain of, in our own words."""


class _UniqueKeys(yaml.SafeLoader):
    """A loader that refuses a key given twice, where YAML would silently keep the last, and tells
    the place of a value that is not of the kind that it looks like, or is said to be."""

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep=deep)
        except (ValueError, LookupError, AttributeError):
            what = f"такого значения не бывает; {_QUOTE}"
            raise _BadKey(problem=what, problem_mark=node.start_mark) from None

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key_node, _ in node.value:
            mark = key_node.start_mark
            if not isinstance(key_node, yaml.ScalarNode):
                raise _BadKey(problem="ключ должен быть простым словом", problem_mark=mark)
            if key_node.value in seen:
                raise _BadKey(problem=f"ключ «{key_node.value}» указан дважды", problem_mark=mark)
            seen.add(key_node.value)
        return super().construct_mapping(node, deep=deep)


class _WrittenOut(_UniqueKeys):
    """A loader that refuses aliases too: with them a short text may mean an endless one."""

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        events: Any = self
        if events.check_event(yaml.AliasEvent):
            mark = events.peek_event().start_mark
            raise _BadKey(problem="вместо ссылки *имя напишите само значение", problem_mark=mark)
        return super().compose_node(parent, index)


@dataclass(frozen=True, slots=True)
class Lines:
    """On which lines of a text its keys stand."""

    _root: yaml.Node | None

    def of(self, path: Iterable[str | int]) -> int:
        """The line of a key or an item, counted from 1; of what holds it when it is not there."""
        node, line = self._root, 1
        for part in path:
            found: tuple[yaml.Node, yaml.Node] | None = None
            if isinstance(node, yaml.MappingNode):
                found = next((pair for pair in node.value if pair[0].value == str(part)), None)
            elif isinstance(node, yaml.SequenceNode) and isinstance(part, int):
                found = (node.value[part], node.value[part])
            if found is None:
                break
            line, node = found[0].start_mark.line + 1, found[1]
        return line


def read_yaml(text: str) -> tuple[Any, Lines]:
    """The value, and on which lines its keys stand. Raises NotYaml, never with YAML's own words:
    they quote the line, and it may hold a misplaced password."""
    return _read(text, _UniqueKeys)


def read_yaml_lines(text: str) -> tuple[Any, Lines]:
    """The same of a text without aliases. Raises NotYaml."""
    return _read(text, _WrittenOut)


_ODD_INDENT = re.compile(r"(?m)^ *([\u00a0\u2000-\u200b\u202f\u3000])")
"""Spaces that a web page or a word processor puts in: for YAML they are letters of a key."""


def _read(text: str, kind: type[_UniqueKeys]) -> tuple[Any, Lines]:
    if odd := _ODD_INDENT.search(text):
        raise NotYaml(
            f"{_place(text, odd.start(1))}: отступ сделан не обычным пробелом "
            f"(U+{ord(odd[1]):04X}); замените его пробелами"
        )
    try:
        loader = kind(text)
        root = loader.get_single_node()
        return None if root is None else loader.construct_document(root), Lines(root)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise NotYaml(_told(error, text)) from None


def _place(text: str, position: int) -> str:
    line = text.count("\n", 0, position) + 1
    return f"строка {line}, знак {position - text.rfind(chr(10), 0, position)}"


def _told(error: Exception, text: str) -> str:
    if isinstance(error, yaml.reader.ReaderError):
        return (
            f"{_place(text, error.position)}: здесь невидимый знак U+{error.character:04X}; "
            "удалите его"
        )
    mark = getattr(error, "problem_mark", None)
    if mark is None:
        return "запись не разбирается"
    problem = f"{getattr(error, 'context', '')} {getattr(error, 'problem', '')}"
    if "unexpected end of stream" in problem and (opened := getattr(error, "context_mark", None)):
        mark = opened
    return f"строка {mark.line + 1}, знак {mark.column + 1}: {_what(error, problem, mark)}"


def _what(error: Exception, problem: str, mark: yaml.Mark) -> str:
    """The reason and the remedy."""
    if isinstance(error, _BadKey):
        return str(error.problem)
    text, at = mark.buffer or "", mark.pointer
    before = text[text.rfind("\n", 0, at) + 1 : at]
    if text[at : at + 1] == "\t" or "\t" in before[: len(before) - len(before.lstrip())]:
        return "здесь табуляция, а отступ делают пробелами; замените её"
    if "mapping values" in problem:
        if re.search(r":\s", before):
            return _COLON
        above = text[:at].count("\n")
        if above and re.match(r"\s*[\w.-]+:\S", text.split("\n")[above - 1]):
            return f"в строке {above} после двоеточия нет пробела; поставьте его"
        return _INDENT
    return next((ru for en, ru in _PROBLEMS if re.search(en, problem)), "запись не разбирается")


_QUOTE = "возьмите значение в кавычки '…'"
_COLON = (
    f"двоеточие внутри значения; {_QUOTE} (прямые, не “…”), а новый ключ начните с новой строки"
)
_INDENT = (
    "отступ не как у соседних ключей, или выше после двоеточия нет пробела; выровняйте отступы"
)
_BRACKETS = "скобка { или [ не закрыта, или нет запятой; исправьте скобки и запятые"
_PROBLEMS = (
    (
        "escape (character|sequence)",
        "обратная черта \\ в двойных кавычках — особый знак; возьмите путь в одинарные кавычки "
        "'C:\\…' или пишите его через /",
    ),
    ("quoted scalar.*end of stream", "открывающая кавычка без закрывающей; закройте её"),
    (r"flow (mapping|sequence|node)|'[]}]'", _BRACKETS),
    (
        "<block end>, but found '(<scalar>|<anchor>|<alias>)'",
        f"после закрывающей кавычки есть ещё что-то; {_QUOTE} целиком",
    ),
    (
        "<block end>|<document start>",
        f"отступ не как у соседних ключей; {_INDENT.rpartition('; ')[2]}",
    ),
    ("could not find expected ':'", "нет двоеточия с пробелом после ключа; допишите"),
    (
        "cannot start any token|undefined alias|an anchor|an alias|block scalar",
        f"с такого знака значение начинать нельзя; {_QUOTE}",
    ),
    ("constructor for the tag|a tag", f"«!» в начале значения — особый знак; {_QUOTE}"),
    ("another document", "здесь --- начинает второй документ; оставьте один"),
)
"""What the library complains of, and what it comes from as a rule."""

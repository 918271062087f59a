"""YAML that a person wrote: every key once, and nothing of it is quoted when it does not parse."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import yaml


class NotYaml(ValueError):
    """What is wrong with a file's form and where, without quoting it."""


class _BadKey(yaml.MarkedYAMLError):
    """A key of ours to complain of, in our own words."""


class _UniqueKeys(yaml.SafeLoader):
    """A loader that refuses a key given twice, where YAML would silently keep the last."""

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
                found = next((pair for pair in node.value if pair[0].value == part), None)
            elif isinstance(node, yaml.SequenceNode) and isinstance(part, int):
                found = (node.value[part], node.value[part])
            if found is None:
                break
            line, node = found[0].start_mark.line + 1, found[1]
        return line


def read_yaml(text: str) -> Any:
    """The value. Raises NotYaml, never with YAML's own words: they quote the line, and it may hold
    a misplaced password."""
    return _read(text, _UniqueKeys)[0]


def read_yaml_lines(text: str) -> tuple[Any, Lines]:
    """The value of a text without aliases, and on which lines its keys stand. Raises NotYaml."""
    return _read(text, _WrittenOut)


def _read(text: str, kind: type[_UniqueKeys]) -> tuple[Any, Lines]:
    try:
        loader = kind(text)
        root = loader.get_single_node()
        return None if root is None else loader.construct_document(root), Lines(root)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise NotYaml(_syntax(error)) from None


def _syntax(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    where = f", строка {mark.line + 1}, знак {mark.column + 1}" if mark is not None else ""
    return f"{_what(error, mark)}{where}"


def _what(error: Exception, mark: yaml.Mark | None) -> str:
    if isinstance(error, _BadKey):
        return str(error.problem)
    if mark is not None and (mark.buffer or "")[mark.pointer : mark.pointer + 1] == "\t":
        return "здесь табуляция, а отступ делают пробелами"
    return "запись не разбирается"

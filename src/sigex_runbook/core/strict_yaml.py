"""YAML that a person wrote: every key once, and nothing of it is quoted when it does not parse."""

from __future__ import annotations

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


def read_yaml(text: str) -> Any:
    """The value. Raises NotYaml, never with YAML's own words: they quote the line, and it may hold
    a misplaced password."""
    try:
        return yaml.load(text, Loader=_UniqueKeys)  # noqa: S506 - a SafeLoader, see above
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise NotYaml(_syntax(error)) from None


def _syntax(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    where = f", строка {mark.line + 1}, знак {mark.column + 1}" if mark is not None else ""
    what = error.problem if isinstance(error, _BadKey) else "запись не разбирается"
    return f"{what}{where}"

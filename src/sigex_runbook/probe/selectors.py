"""CSS selectors for one element, the stablest first. Pure: whoever asks tries them on the page."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

_LONGEST = 80
_MARKS = ("data-testid", "data-test", "data-cy", "data-qa", "name")
_SAYING = ("aria-label", "title", "href", "role", "type")
_LANDMARKS = {"header", "nav", "main", "aside", "footer", "form", "section"}
_GENERATED = re.compile(
    r"\d{3}|^[:_]|__|^(react|ember|ext|yui|radix|headlessui|mui|v)-|[0-9a-f]{8}", re.IGNORECASE
)
"""A name that a library made up: it is another one tomorrow."""
_HASHED = re.compile(
    r"^(css|sc|jsx|svelte|emotion)-|(?<![A-Za-z0-9])(?=[A-Za-z0-9]*\d)(?=[A-Za-z0-9]*[A-Za-z])"
    r"[A-Za-z0-9]{5,}(?![A-Za-z0-9])|[:\[\]/.@!]"
)
_PASSING = re.compile(
    r"(^|[-_])(active|collapsed|collapsing|shown?|opened|open|expanded|current|selected|hover"
    r"|focus(ed)?|focus-visible|disabled|changed|dirty|modified|enter|leave|to)$"
)
"""Classes that say how an element stands just now."""


@dataclass(frozen=True, slots=True)
class Node:
    """An element as a selector may name it; `position` counts those of its tag, from 1."""

    tag: str
    id: str = ""
    classes: tuple[str, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)
    position: int = 1


@dataclass(frozen=True, slots=True)
class Selector:
    """A CSS selector and how long it may be expected to hold."""

    css: str
    firmness: str


FIRM, FAIR, FRAIL = "прочно", "обычно", "непрочно: по порядку на странице"


def selectors(chain: Sequence[Node]) -> Iterator[Selector]:
    """Selectors for the first node of the chain; the others lie around it, the nearest first."""
    target, around = chain[0], chain[1:]
    own = list(_own(target))
    for css, firm in own:
        yield Selector(css, FIRM if firm else FAIR)
    for outer in around:
        for place, firm in _own(outer):
            for css, _ in own:
                yield Selector(f"{place} {css}", FIRM if firm else FAIR)
        if outer.tag in _LANDMARKS:
            for css, _ in own:
                yield Selector(f"{outer.tag} {css}", FAIR)
    for outer in around:
        for place, _ in _own(outer):
            for css, _ in own:
                yield Selector(f"{place}:nth-of-type({outer.position}) {css}", FRAIL)
    steps: list[str] = []
    for node in chain:
        near = next((css for css, _ in _own(node)), None)
        if near is not None and steps:
            yield Selector(f"{near} > {' > '.join(reversed(steps))}", FRAIL)
        steps.append("body" if node.tag == "body" else f"{node.tag}:nth-of-type({node.position})")
    yield Selector(" > ".join(reversed(steps)), FRAIL)


def _own(node: Node) -> Iterator[tuple[str, bool]]:
    """Simple selectors for one node, and whether each is firm."""
    if node.id and not _GENERATED.search(node.id):
        plain = re.fullmatch(r"[A-Za-z][\w-]*", node.id, re.ASCII)
        yield (f"#{node.id}" if plain else f"[id={_quoted(node.id)}]"), True
    for name in (*_MARKS, *_SAYING):
        value = node.attributes.get(name, "")
        if value and _fit(name, value):
            tag = "" if name.startswith("data-") else node.tag
            yield f"{tag}[{name}={_quoted(value)}]", name in _MARKS
    classes = [one for one in node.classes if stable_class(one)]
    if classes:
        yield node.tag + "".join(f".{one}" for one in classes), False
        for one in classes:
            yield f"{node.tag}.{one}", False


def stable_class(name: str) -> bool:
    """Whether a class says what an element is, and will tomorrow."""
    return not (
        _PASSING.search(name)
        or _HASHED.search(name)
        or _GENERATED.search(name)
        or not re.fullmatch(r"-?[A-Za-z_][\w-]*", name, re.ASCII)
    )


def _fit(name: str, value: str) -> bool:
    if len(value) > _LONGEST or re.search(r"\d{5}", value) or "\n" in value:
        return False
    if name == "href":
        return value not in {"#", "/"} and not value.startswith("javascript:") and "?" not in value
    if name == "name":
        return not _GENERATED.search(value)
    return True


def _quoted(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'

"""Everything that bytes hold: the bytes, what they encode, what that holds, and so on."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from .containers import contents, is_picture, unpacked
from .encodings import Text, decoded, take_apart
from .layer import Layer, TooMuch

_DEEPEST = 8
_MOST_BYTES = 512 << 20


@dataclass(frozen=True, slots=True)
class Opened:
    """One layer: how it was reached, its bytes, and the same taken apart when it may be text."""

    how: str
    data: bytes
    text: Text | None
    picture: bool


def open_layers(
    data: bytes, *, pages: bool = False, known: Callable[[bytes], bool] = lambda _: False
) -> Iterator[Opened]:
    """The bytes themselves, then everything within, each once, breadth first.

    With `pages`, the words on a PDF's pages as well as its bytes. Pictures within that are `known`
    are left out. Raises TooMuch when something does not open within reason: what cannot be looked
    into cannot be vouched for.
    """
    waiting = deque([(0, Layer("", data))])
    seen = {data}
    left = _MOST_BYTES
    while waiting:
        depth, layer = waiting.popleft()
        left -= len(layer.data)
        if left < 0:
            raise TooMuch(layer.how, "внутри неправдоподобно много данных")
        picture = is_picture(layer.data)
        text = None
        if layer.text and not picture:
            written = unpacked(layer.data)
            text = take_apart(layer.data, written, prose=layer.prose and written is None)
        yield Opened(layer.how, layer.data, text, picture)
        for inner in (*contents(layer.data, pages=pages), *(decoded(text) if text else ())):
            if inner.data in seen or (is_picture(inner.data) and known(inner.data)):
                continue
            if depth == _DEEPEST:
                raise TooMuch(layer.how, "слишком много вложенных кодировок")
            seen.add(inner.data)
            how = f"{layer.how} → {inner.how}" if layer.how else inner.how
            waiting.append((depth + 1, replace(inner, how=how)))

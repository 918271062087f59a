"""Arbitrary settings objects, orders and facts, wider than any service has been seen to answer."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from sigex_runbook.core.access import AccessBlock, AccessSettings
from sigex_runbook.core.order import Wish
from tests.builders import CONTROL, SYSTEM, known_pair

PACKAGES = ("packagesAccess", "packagesList", "packagesSettings")
SETS = ("authorities", "iins", "tlsCertificatesIndices")
KEYS = (SYSTEM, CONTROL, "Третья", "Четвёртая")
"""Names of key pairs; a pair may stand under any description."""

DESCRIPTIONS = (SYSTEM, CONTROL, "Учёт", "Учёт  договоров", "учёт договоров", "Учёт договоров 2")
"""Near to one another, two alike on the screen."""

STATES: tuple[dict[str, Any], ...] = ({}, {"disabled": False}, {"disabled": True})

names = st.sampled_from(("somethingNew", "x", "message", "дополнение", "(нет)", "iins", ""))
leaves = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 2),
    st.floats(allow_nan=False, allow_infinity=False, width=16),
    st.sampled_from(("", "(нет)", "IIN900101300126", "1", "true")),
)
nested = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=6,
)
jsons: st.SearchStrategy[Any] = st.sampled_from(
    (None, True, 1, 1.0, 0, False, "", "(нет)", [], {}, [1], [True], ["1", None], [[], {}],
     {"iins": ["a", 1]}, {"tlsCertificatesIndices": [1, 0, 1]}, {"x": {"": None}}, [{"x": 1}, "x"],
     {"tlsCertificatesIndices": 0, "authorities": {}}, [2, 1, 2], ["b", "a", "b"])
)  # fmt: skip
"""Values that have been confused before, drawn in one choice: generating is what costs time."""


@st.composite
def entries(draw: st.DrawFn, *, apart: bool = False) -> list[dict[str, Any]]:
    """A list of information systems; `apart` gives each a description and a key of its own, and
    the ordered one and its control are there."""
    size = draw(st.integers(1, 4))
    if apart:
        pairs = draw(st.permutations(KEYS[: max(2, size)]))
        described = list(pairs)
    else:
        pairs = draw(st.lists(st.sampled_from(KEYS), min_size=size, max_size=size))
        described = draw(st.lists(st.sampled_from(DESCRIPTIONS), min_size=size, max_size=size))
    return [
        {
            **draw(st.dictionaries(names, jsons, max_size=1)),
            "description": description,
            "body": known_pair(pair).pem,
            **({} if apart and pair == SYSTEM else draw(st.sampled_from(STATES))),
            "settings": draw(jsons),
        }
        for description, pair in zip(described, pairs, strict=True)
    ]


@st.composite
def bodies(draw: st.DrawFn, *, apart: bool = False) -> dict[str, Any]:
    """A settings object with seven blocks, unknown keys anywhere, repetitions in every list."""
    listed = draw(entries(apart=apart))
    indices = st.lists(st.integers(0, len(listed) - 1), max_size=5)
    block = st.builds(
        lambda more, authorities, places, iins: {
            **more,
            "authorities": authorities,
            "tlsCertificatesIndices": places,
            "iins": iins,
        },
        st.dictionaries(names, jsons, max_size=1),
        st.lists(leaves, max_size=3),
        indices,
        st.lists(st.sampled_from(("IIN900101300126", "IIN850212400123")), max_size=2) | jsons,
    )
    fields: dict[str, Any] = {
        **draw(st.dictionaries(names, nested | block, max_size=2)),
        "tlsCertificatesList": listed,
        **{name.value: draw(block) for name in AccessBlock},
        **{name: draw(block | jsons) for name in PACKAGES},
        "webhooks": {"urls": draw(st.lists(st.sampled_from(("a", "b")), max_size=3))},
        "modifiedAt": draw(st.integers(0, 3)),
    }
    order = draw(st.permutations(sorted(fields)))
    return {name: fields[name] for name in order}


settings_objects = bodies().map(AccessSettings)

wishes = st.fixed_dictionaries({block: st.sampled_from(Wish) for block in AccessBlock})

"""A table says of orders what their files say, however it is saved."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigex_runbook.batch.orders import read_batch
from sigex_runbook.batch.table import write_table
from sigex_runbook.core.access import AccessBlock
from sigex_runbook.core.order import Order, Wish, missing_files
from tests.builders import ORGANISATION, OTHER_ORGANISATION, order_tree

texts = st.text(
    st.characters(codec="utf-8", exclude_categories=("C", "Z"), include_characters=' ;,\t"\n'),
    min_size=1,
    max_size=8,
).map(lambda text: f"ИС{text}Ё")
"""Descriptions with whatever parts cells and rows; their ends are letters."""

changes = st.fixed_dictionaries(
    {
        "organisation": st.fixed_dictionaries(
            {"bin": st.just(ORGANISATION)}, optional={"name": texts}
        ),
        "access": st.fixed_dictionaries({one.value: st.sampled_from(Wish) for one in AccessBlock}),
        "sign_in": st.sampled_from(
            (
                {"method": "person"},
                {"method": "pkcs12", "key_file": "employee.p12", "password": {"env": "KEY"}},
            )
        ),
    },
    optional={"control_system": st.none(), "probe_document": st.none()},
)


Saved = tuple[Path, dict[str, Any]]
"""A folder with all files that an order needs, and that order."""


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Saved:
    folder = tmp_path_factory.mktemp("tables")
    return folder, order_tree(folder)


@given(changes, texts, st.sampled_from(("utf-8", "utf-8-sig", "utf-16")))
def test_orders_survive_a_table(
    saved: Saved, changed: dict[str, Any], description: str, encoding: str
) -> None:
    folder, tree = saved
    system = {**tree["information_system"], "description": description}
    merged = {**deepcopy(tree), **changed, "information_system": system}
    one = {key: value for key, value in merged.items() if value is not None}
    other = {**deepcopy(one), "organisation": {"bin": OTHER_ORGANISATION}}
    path = folder / "orders.csv"
    path.write_bytes(write_table([one, other]).decode("utf-8-sig").encode(encoding))
    read = [order for _, order in read_batch(path).orders]
    assert [*missing_files(one, folder), *missing_files(other, folder)] == []
    assert read == [Order.model_validate(one), Order.model_validate(other)]

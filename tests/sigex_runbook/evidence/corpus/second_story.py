"""What lies in a pack, as a second reader takes it, with the standard library alone."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

BLOCKS = ("documentsAccess", "documentsList", "documentsSettings", "organizationSettings")
PACKAGES = ("packagesAccess", "packagesList", "packagesSettings")
LISTS = ("authorities", "tlsCertificatesIndices", "iins")
STATES = ("state/before.json", "state/expected.json", "state/after.json")
SECTION_OF = {
    callout: section
    for section, callouts in enumerate(
        ((1,), (2, 3), (4,), (5, 6), (7, 8), (9, 10), (11, 12), (13,)), 1
    )
    for callout in callouts
}
"""The guide's: in which of its sections each callout is."""


def spelled_out(state: Any) -> Any:
    """Settings with every list written out: one that is null or not there is an empty one."""
    return state | {
        "tlsCertificatesList": state.get("tlsCertificatesList") or [],
        "webhooks": _lists(state.get("webhooks"), "urls"),
        **{block: _lists(state.get(block), *LISTS) for block in (*BLOCKS, *PACKAGES)},
    }


def _lists(holder: Any, *names: str) -> Any:
    held = holder or {}
    return held | {name: held.get(name) or [] for name in names}


@dataclass(frozen=True)
class Story:
    """A pack's evidence: its files by name under evidence/, and what its statement says."""

    files: dict[str, bytes]
    said: dict[str, Any]

    def json(self, name: str) -> Any:
        value = json.loads(self.files[name])
        return spelled_out(value) if name in STATES else value

    def numbered(self, folder: str) -> dict[int, Any]:
        """The records of a folder by the number in their names."""
        found = {}
        for name in sorted(self.files):
            if match := re.fullmatch(rf"{folder}/(\d+)\.json", name):
                found[int(match[1])] = self.json(name)
        return found

    @cached_property
    def run(self) -> Any:
        return self.json("run.json")

    @cached_property
    def order(self) -> Any:
        return self.json("order.json")

    @cached_property
    def steps(self) -> list[Any]:
        return [json.loads(line) for line in self.files.get("steps.ndjson", b"").splitlines()]

    @cached_property
    def calls(self) -> dict[int, Any]:
        return self.numbered("api")

    @cached_property
    def screens(self) -> dict[int, Any]:
        return self.numbered("screens")

    @property
    def well(self) -> bool:
        """Whether it claims to have done what was ordered."""
        return self.said["verdict"] in ("PASSED", "PARTIAL")

    def step_of(self, facts: Any) -> int | None:
        """The place of the step that a picture was taken in, None if there is no such step."""
        sought = (facts["section"], facts["callout"], facts["step"])
        for place, record in enumerate(self.steps):
            step = record["step"]
            if (step["section"], step["callout"], step["text"]) == sought:
                return place
        return None


Rule = Callable[[Story], Iterator[str]]
"""A sentence for each thing that does not fit."""


def under(url: str, root: str) -> bool:
    """Whether an address is that one or below it."""
    return url.startswith(root) and url[len(root) :][:1] in ("", "/", "?", "#")

"""The facts beside a picture, read back from their JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sigex_runbook.core.record import Box, Candidate, CaptureFacts, Drift, DriftKind, FailureFacts


def capture_facts(raw: Mapping[str, Any]) -> CaptureFacts:
    """The facts of one picture as NNN.json holds them. Raises KeyError, TypeError or
    ValueError."""
    rest = {key: value for key, value in raw.items() if key not in ("box", "masks")}
    return CaptureFacts(box=Box(**raw["box"]), masks=_boxes(raw["masks"]), **rest)


def failure_facts(raw: Mapping[str, Any]) -> FailureFacts:
    """The facts of a failure's picture as failure.json holds them. Raises as `capture_facts`."""
    rest = {key: value for key, value in raw.items() if key not in ("drift", "masks")}
    drift = _drift(raw["drift"]) if raw["drift"] is not None else None
    return FailureFacts(masks=_boxes(raw["masks"]), drift=drift, **rest)


def _drift(raw: Mapping[str, Any]) -> Drift:
    candidates = tuple(
        Candidate(**{**one, "box": Box(**one["box"]) if one["box"] else None})
        for one in raw["candidates"]
    )
    return Drift(
        **{
            **raw,
            "kind": DriftKind(raw["kind"]),
            "roles": tuple(raw["roles"]),
            "candidates": candidates,
        }
    )


def _boxes(raw: list[dict[str, float]]) -> tuple[Box, ...]:
    return tuple(Box(**box) for box in raw)

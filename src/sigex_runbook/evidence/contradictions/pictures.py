"""The pictures of a success: one for each callout, each under its number and at its step."""

from __future__ import annotations

from collections.abc import Iterator

from sigex_runbook.evidence.layout import FAILURE, SCREENS

from .record import Fault, Record, callouts, gaps


def numbered(record: Record) -> Iterator[Fault]:
    """No number is left out, and every picture lies under the number of its description."""
    yield from gaps(SCREENS, [capture.name for capture in record.captures])
    for capture in record.captures:
        stem = f"{SCREENS}/{capture.facts['number']:03d}"
        pictures = [one["path"] for one in (capture.raw, capture.annotated) if one is not None]
        if capture.name != f"{stem}.json" or any(
            not path.startswith(f"{stem}-") for path in pictures
        ):
            yield capture.name, "это снимок под другим номером"


def placed(record: Record) -> Iterator[Fault]:
    """Every picture shows a step of the run, in the order of the steps."""
    places = {
        (one.step.section, one.step.callout, one.step.text): one.step.position
        for one in record.steps
    }
    latest = 0
    for capture in record.captures:
        facts = capture.facts
        place = places.get((facts["section"], facts["callout"], facts["step"]))
        if place is None:
            yield capture.name, "такого шага с такой выноской в запуске нет"
        elif place < latest:
            yield capture.name, "снимки идут не в порядке шагов"
        latest = max(latest, place or 0)


def complete(record: Record) -> Iterator[Fault]:
    """Every callout is shown, and no screen of a failure."""
    shown = {one.facts["callout"] for one in record.captures if one.annotated is not None}
    lacking = sorted(set(callouts()) - shown)
    if lacking:
        numbers = ", ".join(f"({number})" for number in lacking)
        yield "run.json", f"сбоя не записано, а выносок {numbers} на снимках нет"
    for name in record.files:
        if name.startswith(FAILURE):
            yield name, "снимок сбоя, а сбоя не записано"

"""Whether the files of one pack tell one story, read a second time.

Written from `docs/auditor.md`, the guide and packs of real runs alone, with the standard library.
It imports nothing of the product.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from . import second_times
from .second_story import Rule, Story

BLOCKS = ("documentsAccess", "documentsList", "documentsSettings", "organizationSettings")
SECTIONS = {1: (1,), 2: (2, 3), 3: (4,), 4: (5, 6), 5: (7, 8), 6: (9, 10), 7: (11, 12), 8: (13,)}
"""The guide's: which callouts each of its sections has."""

SECTION_OF = {callout: section for section, callouts in SECTIONS.items() for callout in callouts}
SETTINGS = "/api/organizationSettings"


def disagreements(files: dict[str, bytes], said: dict[str, Any]) -> list[str]:
    """What does not fit, a sentence each; nothing for a pack that tells one story."""
    story = Story(files, said)
    found: list[str] = []
    for rule in (*ALWAYS, *second_times.RULES, *(WELL if story.well else ())):
        try:
            found += rule(story)
        except (LookupError, TypeError, AttributeError, ValueError) as error:
            found.append(f"{rule.__name__}: not to be read, {error!r}")
    return found


# -- every run


def one_system(story: Story) -> Iterator[str]:
    if story.run["information_system"] != story.order["information_system"]:
        yield "run.json names another information system than the order"


def where_calls_went(story: Story) -> Iterator[str]:
    homes = {
        "employee": story.run["target"],
        "information system": story.run["mtls_target"],
        "control system": story.run["mtls_target"],
    }
    for number, call in story.calls.items():
        home = homes.get(call["actor"])
        if home is None or not _at(call["url"], f"{home.rstrip('/')}/api"):
            yield f"call {number} went elsewhere"


def _at(url: str, root: str) -> bool:
    return url.startswith(root) and url[len(root) :][:1] in ("", "/", "?", "#")


def junit(story: Story) -> Iterator[str]:
    """The same steps, ends and durations as steps.ndjson, with right sums."""
    data = story.files.get("junit.xml")
    if data is None:
        return
    if b"<!" in data:
        yield "junit.xml declares something"
        return
    try:
        root = ET.fromstring(data)  # noqa: S314 - it declares nothing
    except ET.ParseError:
        yield "junit.xml is no XML"
        return
    cases = [_case(case) for case in root.iter("testcase")]
    if cases != [_expected_case(step) for step in story.steps]:
        yield "junit.xml tells other steps"
    for suite in (root, *root.iter("testsuite")):
        inside = [_case(case) for case in suite.iter("testcase")]
        ends = Counter(end for _, _, end, _ in inside)
        sums = [suite.get(name) for name in ("tests", "failures", "errors", "skipped")]
        if sums != [str(n) for n in (len(inside), ends["failed"], 0, ends["not_run"])]:
            yield "a sum in junit.xml is wrong"
        if abs(float(suite.get("time", "nan")) * 1000 - sum(ms for *_, ms in inside)) > 1:
            yield "a time in junit.xml is wrong"


def _case(case: ET.Element) -> tuple[str, str, str, int]:
    end = "passed"
    for tag, name in (("failure", "failed"), ("error", "error"), ("skipped", "not_run")):
        if case.find(tag) is not None:
            end = name
    milliseconds = round(float(case.get("time", "nan")) * 1000)
    return _plain(case.get("classname", "")), _plain(case.get("name", "")), end, milliseconds


def _expected_case(record: Any) -> tuple[str, str, str, int]:
    step = record["step"]
    return (
        _plain(f"section-{step['section']}.{step['scenario']}"),
        _plain(f"{step['position']:03d} {step['keyword']} {step['text']}"),
        record["outcome"],
        record["duration_ms"] or 0,
    )


def _plain(text: str) -> str:
    return " ".join(text.split())


# -- a run that did what was ordered


def who_signed_in(story: Story) -> Iterator[str]:
    identity = story.run["session"]["identity"]
    organisation = story.said["organisation_bin"]
    if not identity or not re.search(rf"(?<!\d){organisation}(?!\d)", identity):
        yield "nobody of the ordered organisation signed in"
    for number, screen in story.screens.items():
        if screen["facts"]["identity"] not in (None, identity):
            yield f"somebody else is signed in on picture {number}"
    for number, call in story.calls.items():
        if call["fields"].get("businessId", f"BIN{organisation}") != f"BIN{organisation}":
            yield f"call {number} was answered about another organisation"


def walk(story: Story) -> Iterator[str]:
    """One step a callout, numbered without a gap, worded as in the features."""
    steps = [record["step"] for record in story.steps]
    if [step["position"] for step in steps] != list(range(1, len(steps) + 1)):
        yield "steps are not numbered one after another"
    if sorted(step["callout"] for step in steps if step["callout"] is not None) != list(
        range(1, 14)
    ):
        yield "not one step a callout"
    lines = {
        _plain(line)
        for name, data in story.files.items()
        if name.startswith("features/")
        for line in data.decode().splitlines()
    }
    for step in steps:
        if _plain(f"{step['keyword']} {step['text']}") not in lines:
            yield f"step {step['position']} is not in the features"
    if "junit.xml" not in story.files:
        yield "no junit.xml"


def acts(story: Story) -> Iterator[str]:
    """What a step says that it did with access is what moved between the two states."""
    before, expected = (story.json(f"state/{name}.json") for name in ("before", "expected"))
    ticks = [
        tuple(set(state[block]["tlsCertificatesIndices"]) for state in (before, expected))
        for block in BLOCKS
    ]
    right = {8: "grant" if before != expected else "keep"}
    for section, (held, wanted) in zip((4, 5, 6, 7), ticks, strict=True):
        right[section] = "grant" if wanted - held else "revoke" if held - wanted else "keep"
    for step in (record["step"] for record in story.steps):
        if step.get("act") not in (None, right.get(step["section"])):
            yield f"step {step['position']} did something else"


def pictures(story: Story) -> Iterator[str]:
    if any(name.startswith("screens/failure") for name in story.files):
        yield "a picture of a failure"
    if list(story.screens) != list(range(1, len(story.screens) + 1)):
        yield "pictures are not numbered one after another"
    target = story.run["target"]
    places, annotated = [], set()
    for number, screen in story.screens.items():
        facts = screen["facts"]
        if facts["number"] != number:
            yield f"picture {number} is numbered {facts['number']}"
        kinds = ["raw"] if screen["annotated"] is None else ["raw", "annotated"]
        for kind in kinds:
            if screen[kind]["path"] != f"screens/{number:03d}-{kind}.png":
                yield f"picture {number} lies elsewhere"
        if screen["annotated"] is not None:
            annotated.add(facts["callout"])
        if facts["environment"].rstrip("/") != target.rstrip("/") or not _at(
            facts["url"], target.rstrip("/")
        ):
            yield f"picture {number} is of a page elsewhere"
        place = story.step_of(facts)
        if place is None:
            yield f"picture {number} belongs to no step"
        else:
            places.append(place)
    if places != sorted(places):
        yield "pictures are not in the order of steps"
    if missing := set(range(1, 14)) - annotated:
        yield f"no marked picture of {sorted(missing)}"


def states(story: Story) -> Iterator[str]:
    """What the employee read first and last is what the states say."""
    if list(story.calls) != list(range(1, len(story.calls) + 1)):
        yield "calls are not numbered one after another"
    readings = [
        call["fields"]
        for call in story.calls.values()
        if call["actor"] == "employee"
        and call["method"] == "GET"
        and urlsplit(call["url"]).path == SETTINGS
    ]
    if not readings:
        yield "the settings were never read"
        return
    for name, read in (("before", readings[0]), ("after", readings[-1])):
        state = story.json(f"state/{name}.json")
        for block in BLOCKS:
            if read[block]["tlsCertificatesIndices"] != (state[block]["tlsCertificatesIndices"]):
                yield f"{name}.json is not what was read of {block}"
        if read.get("modifiedAt", state.get("modifiedAt")) != state.get("modifiedAt"):
            yield f"{name}.json was modified at another time than was read"


def probes(story: Story) -> Iterator[str]:
    """One probe a call of an information system, with the answer that the call had."""
    told: dict[tuple[str, str], list[str]] = defaultdict(list)
    for probe in story.json("verification.json")["probes"]:
        actor = "control system" if probe["control"] else "information system"
        system = story.order[actor.replace(" ", "_")]
        if system is None or probe["system"] != system["description"]:
            yield "a probe of a system that was not ordered"
        if probe["answer"] != "not_tried":
            told[actor, probe["block"]].append(probe["answer"])
    made: dict[tuple[str, str], list[str]] = defaultdict(list)
    for call in story.calls.values():
        if call["actor"] != "employee":
            block = block_of(call)
            made[call["actor"], block].append(answer(call, block))
    if told != made:
        yield "probes are not what the information systems' calls were answered"


def block_of(call: Any) -> str:
    """Which grant a call of an information system tries."""
    address = urlsplit(call["url"])
    if address.path == SETTINGS:
        return "organizationSettings"
    if address.path.rstrip("/") == "/api":
        return "documentsList"
    return "documentsSettings" if address.path.endswith("/settings") else "documentsAccess"


def answer(call: Any, block: str) -> str:
    empty = block == "documentsList" and call["fields"].get("documentsTotal") == 0
    return "refused" if "message" in call["fields"] or empty else "served"


def outcome(story: Story) -> Iterator[str]:
    before, after, expected = (
        story.json(f"state/{name}.json") for name in ("before", "after", "expected")
    )
    if bool(story.run["session"].get("nothing_to_do")) != (before == expected):
        yield "whether there was nothing to do does not follow from the states"
    if story.run["saved"] == "no" and _settings(before) != _settings(after):
        yield "not saved, but changed"
    channels = Counter(check["channel"] for check in story.json("verification.json")["checks"])
    if any(count > 1 for count in channels.values()):
        yield "a check twice"


def _settings(state: Any) -> Any:
    return {name: value for name, value in state.items() if name != "modifiedAt"}


ALWAYS: tuple[Rule, ...] = (one_system, where_calls_went, junit)
WELL: tuple[Rule, ...] = (who_signed_in, walk, acts, pictures, states, probes, outcome)

"""Whether the files of one pack tell one story, read a second time.

Written from `docs/auditor.md`, the guide and packs of real runs alone, with the standard library.
It imports nothing of the product.
"""

from __future__ import annotations

import hashlib
import re
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterator
from typing import Any

from . import second_calls, second_pictures, second_times
from .second_story import BLOCKS, SECTION_OF, Rule, Story, under


def disagreements(files: dict[str, bytes], said: dict[str, Any]) -> list[str]:
    """What does not fit, a sentence each; nothing for a pack that tells one story."""
    story = Story(files, said)
    found: list[str] = []
    well = (*WELL, *second_pictures.RULES, *second_calls.RULES, *second_times.WELL)
    for rule in (
        *ALWAYS,
        *second_calls.ALWAYS,
        *second_times.ALWAYS,
        *(well if story.well else ()),
    ):
        try:
            found += rule(story)
        except (LookupError, TypeError, AttributeError, ValueError, ArithmeticError) as error:
            found.append(
                f"{rule.__module__.rpartition('.')[2]}.{rule.__name__}: not to be read, {error!r}"
            )
    return found


# -- every run


def one_system(story: Story) -> Iterator[str]:
    if story.run["information_system"] != story.order["information_system"]:
        yield "run.json names another information system than the order"


def ended(story: Story) -> Iterator[str]:
    """Steps pass one after another until one fails; what is left has not run."""
    ends = [record["outcome"] for record in story.steps]
    if ends != sorted(ends, key=("passed", "failed", "not_run").index) or ends.count("failed") > 1:
        yield "steps went on after the failure"
    for record in story.steps:
        facts = [record["started_at"], record["duration_ms"], record["message"]]
        if record["outcome"] == "not_run" and facts != [None, None, None]:
            yield f"step {record['step']['position']} was not run, but something is told of it"


def where_calls_went(story: Story) -> Iterator[str]:
    homes = {
        "employee": story.run["target"],
        "information system": story.run["mtls_target"],
        "control system": story.run["mtls_target"],
    }
    for number, call in story.calls.items():
        home = homes.get(call["actor"])
        if home is None or not under(call["url"], f"{home.rstrip('/')}/api"):
            yield f"call {number} went elsewhere"


_POINTED = (
    *("sign_in_icon", "sign_button", "menu_icon"),
    *("organisation_settings_item", "access_control_link", "save_button"),
)


def locators(story: Story) -> Iterator[str]:
    """The operator's file is there exactly when run.json tells of it, and as it tells."""
    told, content = story.run.get("locators"), story.files.get("inputs/locators.yaml")
    if (told is None) != (content is None):
        yield "locators are told of without a file, or lie there untold"
    if told is None or content is None:
        return
    if hashlib.sha256(content).hexdigest() != told["sha256"]:
        yield "the file of locators is another"
    text = content.decode("utf-8-sig")
    if not re.search(r"(?m)^format: sigex-locators/1\s*$", text):
        yield "the file of locators is none"
    keys = re.sub(r"\"[^\"]*\"|'[^']*'|#.*", "", text)

    def count(key: str) -> int:
        return len(re.findall(rf"(?<![\w]){key}\s*:", keys))

    there = {f"controls.{name}" for name in _POINTED if count(name)}
    if {one for one in told["pointed"] if one.startswith("controls.")} != there:
        yield "other controls are pointed at"
    blocks = [one for one in told["pointed"] if one.startswith("blocks.")]
    if {one.split(".")[1] for one in blocks} != {name for name in BLOCKS if count(name)}:
        yield "other blocks are pointed at"
    if len(blocks) != count("header") + count("list") or len(set(blocks)) != len(blocks):
        yield "other parts of blocks are pointed at"
    if told["answers"] != count("question"):
        yield "other questions are answered"


_JUNIT = {
    "testsuites": ("testsuite",),
    "testsuite": ("testcase",),
    "testcase": ("failure", "skipped", "system-out"),
}


def steps_counted(story: Story) -> Iterator[str]:
    ends = Counter(record["outcome"] for record in story.steps)
    if story.run["steps"] != {end: ends[end] for end in ("passed", "failed", "not_run")}:
        yield "run.json counts other steps"


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
    if any(
        child.tag not in _JUNIT.get(parent.tag, ()) for parent in root.iter() for child in parent
    ):
        yield "junit.xml tells more"
    for suite in root.iter("testsuite"):
        places = {c.get("classname", "").partition(".")[::2] for c in suite.iter("testcase")}
        named = suite.get("name", "")
        if any(
            f" {section.removeprefix('section-')}. {scenario}" not in f" {named}"
            for section, scenario in places
        ):
            yield "a suite in junit.xml is of another section"
    for suite in (root, *root.iter("testsuite")):
        inside = [_case(case) for case in suite.iter("testcase")]
        ends = Counter(case[2] for case in inside)
        sums = [suite.get(name) for name in ("tests", "failures", "errors", "skipped")]
        if sums != [str(n) for n in (len(inside), ends["failed"], 0, ends["not_run"])]:
            yield "a sum in junit.xml is wrong"
        if abs(float(suite.get("time", "nan")) * 1000 - sum(case[3] for case in inside)) > 1:
            yield "a time in junit.xml is wrong"


Case = tuple[str, str, str, int, str, str]
"""Section with scenario, step, end, milliseconds, message, note."""


def _case(case: ET.Element) -> Case:
    end, message = "passed", ""
    for tag, name in (("failure", "failed"), ("error", "error"), ("skipped", "not_run")):
        if (inside := case.find(tag)) is not None:
            end, message = name, inside.text or ""
    return (
        _plain(case.get("classname", "")),
        _plain(case.get("name", "")),
        end,
        round(float(case.get("time", "nan")) * 1000),
        _plain(message),
        _plain(case.findtext("system-out", "")),
    )


def _expected_case(record: Any) -> Case:
    step = record["step"]
    return (
        _plain(f"section-{step['section']}.{step['scenario']}"),
        _plain(f"{step['position']:03d} {step['keyword']} {step['text']}"),
        record["outcome"],
        record["duration_ms"] or 0,
        _plain(record["message"] or "без пояснения" * (record["outcome"] == "failed")),
        _plain(record["note"] or ""),
    )


def _plain(text: str) -> str:
    """The text without what XML cannot hold, and with blanks alike."""
    return " ".join(re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffd-\uffff]", "", text).split())


# -- a run that did what was ordered


def who_signed_in(story: Story) -> Iterator[str]:
    identity = story.run["session"]["identity"]
    organisation = story.said["organisation_bin"]
    if not identity or not re.search(rf"(?<!\d){organisation}(?!\d)", identity):
        yield "nobody of the ordered organisation signed in"
    for number, call in story.calls.items():
        if call["fields"].get("businessId", f"BIN{organisation}") != f"BIN{organisation}":
            yield f"call {number} was answered about another organisation"


def walk(story: Story) -> Iterator[str]:
    """One step a callout, in the guide's order and sections, numbered without a gap, all passed."""
    steps = [record["step"] for record in story.steps]
    if [step["position"] for step in steps] != list(range(1, len(steps) + 1)):
        yield "steps are not numbered one after another"
    if [step["callout"] for step in steps if step["callout"] is not None] != list(SECTION_OF):
        yield "not one step a callout"
    for step in steps:
        callout = step["callout"]
        if callout is not None and (
            step["section"] != SECTION_OF[callout] or f"({callout})" not in step["text"]
        ):
            yield f"callout ({callout}) is in another place than the guide's"
    sections = [step["section"] for step in steps]
    if sections != sorted(sections):
        yield "sections are not in the guide's order"
    for record in story.steps:
        ran = record["started_at"] is not None and record["duration_ms"] is not None
        if record["outcome"] != "passed" or not ran or record["message"] is not None:
            yield f"step {record['step']['position']} has not passed"
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


def scenarios(story: Story) -> Iterator[str]:
    """The steps of a scenario are those that the feature of its section gives it, word for word."""
    written = [
        scenario
        for name, data in story.files.items()
        if name.startswith("features/")
        for scenario in _scenarios(data.decode())
    ]
    walked: dict[tuple[int, str], list[Any]] = {}
    for record in story.steps:
        step = record["step"]
        walked.setdefault((step["section"], step["scenario"]), []).append(step)
    for (section, scenario), steps in walked.items():
        told = [_plain(f"{step['keyword']} {step['text']}") for step in steps]
        callouts = {f"@callout-{step['callout']}" for step in steps if step["callout"]}
        if not any(
            f"@section-{section}" in tags
            and title in (f"Сценарий: {scenario}", f"Scenario: {scenario}")
            and lines == told
            and ("@guide" in tags) <= (callouts == _callouts(tags))
            and tags & {"@guide", "@revoking", "@unchanged"}
            for tags, title, lines in written
        ):
            yield f"«{scenario}» is not in the features of section {section} as it was walked"


def _callouts(tags: set[str]) -> set[str]:
    return {tag for tag in tags if tag.startswith("@callout-")}


def _scenarios(text: str) -> Iterator[tuple[set[str], str, list[str]]]:
    """Tags with those of the feature, the line of the title, and the lines of the steps."""
    above: set[str] | None = None
    tags: set[str] = set()
    title, lines = "", list[str]()
    for raw in text.splitlines():
        line = _plain(raw)
        if not line or line.startswith("#"):
            continue
        if line.startswith("@"):
            if title and above is not None:
                yield tags, title, lines
                title, tags = "", set()
            tags = tags | set(line.split())
        elif above is None:
            above, tags = tags, set()
        elif not title:
            if tags:
                title, tags, lines = line, above | tags, []
        else:
            lines = [*lines, line]
    if title and above is not None:
        yield tags, title, lines


def outcome(story: Story) -> Iterator[str]:
    """The verdict's reasons are what the checks found, once a channel; nothing failed."""
    checks = story.json("verification.json")["checks"]
    verdict = story.run["verdict"]
    if sorted(check["channel"] for check in checks) != ["api", "mtls", "screen"]:
        yield "not one check a channel"
    unsure = [check["detail"] for check in checks if check["result"] == "not_checked"]
    if any(check["result"] not in ("agrees", "not_checked") for check in checks):
        yield "a check does not agree"
    if story.said["verdict"] != ("PARTIAL" if unsure else "PASSED"):
        yield "another verdict follows from the checks"
    if verdict["reasons"] != (unsure or [check["detail"] for check in checks]):
        yield "the verdict gives other reasons than the checks"
    if (verdict["section"], verdict["callout"]) != (None, None):
        yield "the verdict names a place of failure"
    if story.run["failure"] is not None or story.run["session"].get("failure") is not None:
        yield "a failure is told"


def counted(story: Story) -> Iterator[str]:
    """The numbers in the check of the probes are those of the probes."""
    proof = story.json("verification.json")
    answers = Counter(probe["answer"] for probe in proof["probes"])
    for check in proof["checks"]:
        if check["channel"] == "mtls" and check["result"] == "agrees":
            numbers = [int(n) for n in re.findall(r"\d+", check["detail"])]
            if numbers != [len(proof["probes"]), answers["served"], answers["refused"]]:
                yield "the check of the probes counts others"
            if not any(probe["control"] for probe in proof["probes"]):
                yield "no control system was tried"
            if any(probe["answer"] != probe["expected"] for probe in proof["probes"]):
                yield "a probe was answered otherwise than expected"


ALWAYS: tuple[Rule, ...] = (
    one_system,
    where_calls_went,
    locators,
    steps_counted,
    ended,
    junit,
    second_pictures.failure,
)
WELL: tuple[Rule, ...] = (who_signed_in, walk, acts, scenarios, outcome, counted)

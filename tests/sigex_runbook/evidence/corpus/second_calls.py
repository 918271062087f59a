"""Whether states and probes are what the service answered, read a second time; see
`second_reading.py`."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import load_pem_x509_certificate

from .second_story import BLOCKS, Rule, Story, spelled_out

SETTINGS = "/api/organizationSettings"
SIGNS = ("POST", "/api/auth")
Tried = dict[tuple[str, str], list[Any]]
"""By who tried which grant, in order."""


def numbering(story: Story) -> Iterator[str]:
    if list(story.calls) != list(range(1, len(story.calls) + 1)):
        yield "calls are not numbered one after another"


def employee_reads(story: Story) -> Iterator[str]:
    """The employee's own calls change nothing: he does that on the page."""
    for number, call in story.calls.items():
        asked = call["method"], urlsplit(call["url"]).path
        if call["actor"] == "employee" and call["method"] != "GET" and asked != SIGNS:
            yield f"call {number} of the employee does not read"
        if isinstance(call["status"], bool) or not isinstance(call["status"], int):
            yield f"call {number} was answered with no number"


def states(story: Story) -> Iterator[str]:
    """The employee was shown the state before, then the state after, and no other."""
    shown = [
        call
        for call in story.calls.values()
        if call["actor"] == "employee"
        and call["method"] == "GET"
        and urlsplit(call["url"]).path == SETTINGS
        and call["status"] == 200
        and "message" not in call["fields"]  # not answered, it shows nothing
    ]
    if not shown:
        yield "the settings were never read"
        return
    before, after = story.json("state/before.json"), story.json("state/after.json")
    if not (_shows(shown[0], before) and _of_one_moment(shown[0], before)):
        yield "before.json is not what was read first"
    if not (_shows(shown[-1], after) and _of_one_moment(shown[-1], after)):
        yield "after.json is not what was read last"
    changed = False
    for call in shown:
        changed = changed or not _shows(call, before)
        if changed and not _shows(call, after):
            yield "a reading between is neither before nor after"


def _shows(call: Any, state: Any) -> bool:
    """Whether an answer is a reading of that state, as far as its allow-listed fields tell."""
    fields = call["fields"]
    return (
        call["status"] == 200
        and "message" not in fields
        and all(_ticks(fields, block) == _ticks(state, block) for block in BLOCKS)
        and fields.get("businessId", state["businessId"]) == state["businessId"]
    )


def _ticks(settings: Any, block: str) -> list[int]:
    """How often one stands there, and where, says nothing."""
    return sorted(set(settings[block]["tlsCertificatesIndices"]))


def _of_one_moment(call: Any, state: Any) -> bool:
    """The state is this very answer; other answers may be of another moment."""
    told = state.get("modifiedAt")
    return bool(call["fields"].get("modifiedAt", told) == told)


def probes(story: Story) -> Iterator[str]:
    """One probe a call of an information system, with the answer that the call had."""
    told: Tried = defaultdict(list)
    known = story.order.get("probe_document") is not None
    for probe in story.json("verification.json")["probes"]:
        actor = "control system" if probe["control"] else "information system"
        system = story.order[actor.replace(" ", "_")]
        if system is None or probe["system"] != system["description"]:
            yield "a probe of a system that was not ordered"
        if probe["answer"] != "not_tried":
            told[actor, probe["block"]].append(probe)
    made: Tried = defaultdict(list)
    for call in story.calls.values():
        if call["actor"] != "employee":
            block = _block_of(call)
            if known or block != "documentsList" or call["fields"].get("documentsTotal") != 0:
                made[call["actor"], block].append(call)  # an empty list tells nothing by itself
    for one in told.keys() | made.keys():
        if len(told[one]) != len(made[one]):
            yield f"probes are not the calls of {one}"
            continue
        for probe, call in zip(told[one], made[one], strict=True):
            if probe["answer"] not in _answers(call, one[1]):
                yield f"a probe of {one} is not what was answered"
            said = call["fields"].get("message", "" if probe["answer"] == "served" else None)
            if said is not None and probe["detail"] != said:
                yield f"a probe of {one} tells other words than were answered"
            state = story.json(f"state/{probe['moment']}.json")
            settings = one[1] == "organizationSettings" and probe["answer"] == "served"
            if settings and not _shows(call, state):
                yield "an information system was shown other settings"


def _block_of(call: Any) -> str:
    """Which grant a call of an information system tries."""
    address = urlsplit(call["url"])
    if address.path == SETTINGS:
        return "organizationSettings"
    if address.path.rstrip("/") == "/api":
        return "documentsList"
    return "documentsSettings" if address.path.endswith("/settings") else "documentsAccess"


def _answers(call: Any, block: str) -> tuple[str, ...]:
    """What a probe may say of an answer. A list refuses by being empty, whatever it counts."""
    if "message" in call["fields"]:
        return ("refused",)
    if call["status"] != 200:
        return ("unclear",)
    if block == "documentsList":
        return ("refused",) if call["fields"].get("documentsTotal") == 0 else ("served", "refused")
    return ("served",)


def what_was_asked(story: Story) -> Iterator[str]:
    """A probe asks for the ordered document or for the organisation's documents."""
    document = story.order.get("probe_document")
    for number, call in story.calls.items():
        if call["actor"] == "employee":
            continue
        address, block = urlsplit(call["url"]), _block_of(call)
        if call["method"] != ("POST" if block == "documentsSettings" else "GET"):
            yield f"call {number} asks otherwise"
        path = {
            "documentsAccess": f"/api/{document}",
            "documentsSettings": f"/api/{document}/settings",
            "documentsList": "/api",
            "organizationSettings": SETTINGS,
        }[block]
        if address.path != path:
            yield f"call {number} asks for something else"
        if block == "documentsList" and parse_qs(address.query).get("organization") != ["true"]:
            yield f"call {number} does not ask for the organisation's documents"
        if call["fields"].get("documentId", document) != document:
            yield f"call {number} was answered about another document"


def journal(story: Story) -> Iterator[str]:
    """What the service noted meanwhile: one change by the employee, from before to after, or none
    when there was nothing to do; by so much the journal grew. Not read, it proves nothing."""
    told = story.json("state/audit.json")
    asked = [
        call["fields"]
        for call in story.calls.values()
        if call["actor"] == "employee" and urlsplit(call["url"]).path == f"{SETTINGS}Audit"
    ]
    if told["unread"] is not None:
        if told["unread"] not in ("refused", "silent", "unknown", "incomplete") or told["events"]:
            yield "the journal was not read, and yet it was"
        if told["unread"] == "refused" and asked[-1]["message"] != told["reason"]:
            yield "the journal was refused in other words"
        return
    if asked[-1]["eventsTotal"] - asked[0]["eventsTotal"] != len(told["events"]):
        yield "the journal grew by another number"
    if len(told["events"]) != (story.run["saved"] == "yes"):
        yield "the journal does not tell of this run alone"
    for event in told["events"]:
        if event["by_employee"] is not True:
            yield "the journal tells of somebody else"
        for name, state in (("original", "before"), ("modified", "after")):
            noted, shown = spelled_out(event[name]), story.json(f"state/{state}.json")
            common = noted.keys() & shown.keys()
            one, other = ({k: v[k] for k in common} for v in (noted, shown))
            if dict(_differences("", one, other)):
                yield f"the journal's {name} is not {state}.json"


def moments(story: Story) -> Iterator[str]:
    """Each system tries each grant once before and once after, and what is expected follows from
    the settings then."""
    tried: dict[tuple[str, bool], list[str]] = defaultdict(list)
    for probe in story.json("verification.json")["probes"]:
        tried[probe["moment"], probe["control"]].append(probe["block"])
        state = story.json(f"state/{probe['moment']}.json")
        places = [
            place
            for place, system in enumerate(state["tlsCertificatesList"])
            if system["description"] == probe["system"] and not system["disabled"]
        ]
        ticked = set(places) & set(state[probe["block"]]["tlsCertificatesIndices"])
        if probe["expected"] != ("served" if ticked else "refused"):
            yield "a probe expects what the settings do not give"
    if any(sorted(blocks) != sorted(BLOCKS) for blocks in tried.values()):
        yield "not each grant was tried once before and once after"


def systems(story: Story) -> Iterator[str]:
    """The ordered systems are in the settings, not disabled, each with the ordered key."""
    for state in (story.json("state/before.json"), story.json("state/after.json")):
        for name in ("information_system", "control_system"):
            ordered = story.order.get(name)
            if ordered is None:
                continue
            entries = [
                entry
                for entry in state["tlsCertificatesList"]
                if entry["description"] == ordered["description"]
            ]
            if len(entries) != 1 or entries[0]["disabled"]:
                if name == "information_system" or entries:
                    yield f"the {name} cannot act for the organisation"
                continue
            key = load_pem_x509_certificate(entries[0]["body"].encode()).public_key()
            data = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
            if hashlib.sha256(data).hexdigest() != ordered["key_sha256"]:
                yield f"the {name} has another key"


def saving(story: Story) -> Iterator[str]:
    """What was saved is newer, what was not is untouched."""
    before, after = story.json("state/before.json"), story.json("state/after.json")
    saved, nothing = story.run["saved"], story.run["session"].get("nothing_to_do")
    if bool(nothing) != (before == story.json("state/expected.json")):
        yield "whether there was nothing to do does not follow from the states"
    if saved not in ("yes", "no", "unknown"):
        yield "whether it was saved is told in another word"
    if saved == "no" and before != after:
        yield "not saved, but changed"
    if nothing and saved != "no":
        yield "saved, though there was nothing to do"
    if saved == "yes" and not before["modifiedAt"] < after["modifiedAt"]:
        yield "saved, but not modified since"


def difference(story: Story) -> Iterator[str]:
    """diff.json is what differs between before and after."""
    told = {one["path"]: (one["before"], one["after"]) for one in story.json("state/diff.json")}
    before, after = story.json("state/before.json"), story.json("state/after.json")
    if told != dict(_differences("", before, after)):
        yield "diff.json is not the difference of before and after"


def _differences(path: str, one: Any, other: Any) -> Iterator[tuple[str, tuple[Any, Any]]]:
    if isinstance(one, dict) and isinstance(other, dict):
        for name in sorted(one.keys() | other.keys()):
            if name != "modifiedAt":
                yield from _differences(f"{path}.{name}", one.get(name), other.get(name))
    elif path.endswith(".tlsCertificatesIndices"):
        if set(one) != set(other):
            yield path.removeprefix("."), (sorted(set(one)), sorted(set(other)))
    elif one != other:
        yield path.removeprefix("."), (one, other)


ALWAYS: tuple[Rule, ...] = (employee_reads,)
RULES: tuple[Rule, ...] = (
    numbering,
    states,
    journal,
    probes,
    what_was_asked,
    moments,
    systems,
    saving,
    difference,
)

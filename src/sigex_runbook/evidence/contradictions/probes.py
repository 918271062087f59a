"""The probes of verification.json: each has its recorded call, and says what the call says."""

from __future__ import annotations

from collections.abc import Iterator

from sigex_runbook.access import AccessBlock
from sigex_runbook.evidence.layout import VERIFICATION
from sigex_runbook.evidence.reckoning import probe_of
from sigex_runbook.verdict import Answer, Probe

from .record import CONTROL, SETTINGS_PATH, SYSTEM, Call, Fault, Record


def recorded(record: Record) -> Iterator[Fault]:
    """The probes are those of the ordered systems, and say what the recorded calls say."""
    told = (record.values.get(VERIFICATION) or {"probes": []})["probes"]
    probes = [probe_of(raw) for raw in told]
    for control, actor, ordered in (
        (False, SYSTEM, "information_system"),
        (True, CONTROL, "control_system"),
    ):
        mine = [probe for probe in probes if probe.control is control]
        name = (record.order[ordered] or {}).get("description")
        if any(probe.system != name for probe in mine):
            yield VERIFICATION, "проба не той информационной системы, что в заказе"
        made = [call for call in record.calls if call.actor == actor]
        for block in AccessBlock:
            asked = [probe for probe in mine if probe.block is block]
            answers = [call for call in made if _tried(call) is block]
            if len(answers) != len(asked):  # what was not tried may have left a call or none
                asked = [probe for probe in asked if probe.answer is not Answer.NOT_TRIED]
            if not _fit(asked, answers):
                yield VERIFICATION, f"пробы {block} ({ordered}) не те, что вызовы в api/"


def _tried(call: Call) -> AccessBlock:
    """The grant that an information system's call tries."""
    if call.path == SETTINGS_PATH:
        return AccessBlock.ORGANISATION_SETTINGS
    if call.method == "POST":
        return AccessBlock.DOCUMENTS_SETTINGS
    return AccessBlock.DOCUMENTS_LIST if call.path == "/api" else AccessBlock.DOCUMENTS_ACCESS


def _fit(probes: list[Probe], answers: list[Call]) -> bool:
    return len(probes) == len(answers) and all(map(_fits, probes, answers))


def _fits(probe: Probe, call: Call) -> bool:
    if probe.answer is Answer.SERVED:
        return not call.refused
    if probe.answer is Answer.REFUSED:
        # a list is refused by an empty one, without a message
        return call.refused or probe.block is AccessBlock.DOCUMENTS_LIST
    return True

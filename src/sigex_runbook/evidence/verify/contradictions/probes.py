"""The probes of verification.json: each has its recorded call, and says what the call says."""

from __future__ import annotations

from collections.abc import Iterator

from sigex_runbook.core.access import AccessBlock
from sigex_runbook.core.verdict import Answer, Probe
from sigex_runbook.evidence.pack.layout import VERIFICATION
from sigex_runbook.evidence.pack.read import CONTROL, HTTP_OK, SETTINGS_PATH, SYSTEM, Call, Record

from .faults import Fault


def recorded(record: Record) -> Iterator[Fault]:
    """The probes are those of the ordered systems, and say what the recorded calls say."""
    order = record.order
    for control, actor, system in (
        (False, SYSTEM, order.information_system),
        (True, CONTROL, order.control_system),
    ):
        mine = [probe for probe in record.probes if probe.control is control]
        name = system and system.description
        ordered = actor.replace(" ", "_")
        if any(probe.system != name for probe in mine):
            yield VERIFICATION, "проба не той информационной системы, что в заказе"
        made = [call for call in record.calls if call.actor == actor]
        for block in AccessBlock:
            asked = [probe for probe in mine if probe.block is block]
            answers = [call for call in made if _tried(call) is block]
            if len(answers) != len(asked):  # what was not tried may have left a call or none
                asked = [probe for probe in asked if probe.answer is not Answer.NOT_TRIED]
            if len(asked) != len(answers):
                yield VERIFICATION, f"пробы {block} ({ordered}) не те, что вызовы в api/"
                continue
            for probe, call in zip(asked, answers, strict=True):
                if not _fits(probe, call):
                    yield VERIFICATION, f"пробы {block} ({ordered}) не те, что вызовы в api/"
                elif not _shown(probe, call, record):
                    yield call.name, "информационной системе показаны другие настройки"


def asked(record: Record) -> Iterator[Fault]:
    """The information systems asked for what tries a grant: the ordered document, and the
    organisation's list."""
    document = record.order.probe_document
    paths = {
        AccessBlock.DOCUMENTS_ACCESS: ("GET", f"/api/{document}"),
        AccessBlock.DOCUMENTS_LIST: ("GET", "/api"),
        AccessBlock.DOCUMENTS_SETTINGS: ("POST", f"/api/{document}/settings"),
        AccessBlock.ORGANISATION_SETTINGS: ("GET", SETTINGS_PATH),
    }
    for call in record.calls:
        if call.actor not in (SYSTEM, CONTROL):
            continue
        block = _tried(call)
        if (call.method, call.path) != paths[block]:
            yield call.name, "информационная система спросила не то, что пробует доступ"
        if block is AccessBlock.DOCUMENTS_LIST and call.asked.get("organization") != ["true"]:
            yield call.name, "список спрошен не об организации"
        if call.fields.get("documentId", document) != document:
            yield call.name, "сервис ответил о другом документе"


def _tried(call: Call) -> AccessBlock:
    """The grant that an information system's call tries."""
    if call.path == SETTINGS_PATH:
        return AccessBlock.ORGANISATION_SETTINGS
    if call.method == "POST":
        return AccessBlock.DOCUMENTS_SETTINGS
    return AccessBlock.DOCUMENTS_LIST if call.path == "/api" else AccessBlock.DOCUMENTS_ACCESS


def _fits(probe: Probe, call: Call) -> bool:
    """Whether a call was answered as its probe says, in these words."""
    message = call.fields.get("message")
    if probe.answer is Answer.SERVED:
        empty = call.fields.get("documentsTotal") == 0
        return message is None and call.status == HTTP_OK and not empty and not probe.detail
    if probe.answer is Answer.REFUSED and call.refused:
        return bool(probe.detail == message)
    # a list is refused by an empty one, without a message
    return probe.answer is not Answer.REFUSED or probe.block is AccessBlock.DOCUMENTS_LIST


def _shown(probe: Probe, call: Call, record: Record) -> bool:
    """Whether a system that was served the settings saw those that were in force."""
    settings = record.settings(probe.moment)
    served = probe.answer is Answer.SERVED and probe.block is AccessBlock.ORGANISATION_SETTINGS
    return settings is None or not served or call.shows(settings)

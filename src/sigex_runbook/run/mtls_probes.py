"""Probing: the information systems themselves try what the settings give them, over mTLS."""

from __future__ import annotations

from sigex_runbook.api.client import Api
from sigex_runbook.api.exchange import Recorder
from sigex_runbook.api.grants import try_grant
from sigex_runbook.api.line import tls_context
from sigex_runbook.api.refusals import AUTHENTICATION_REQUIRED, unknown_shape
from sigex_runbook.core.access import AccessBlock, AccessSettings, Json
from sigex_runbook.core.deadline import Deadline
from sigex_runbook.core.errors import RunFailed, ServiceRefused
from sigex_runbook.core.messages import say
from sigex_runbook.core.order import Order, OrderedSystem
from sigex_runbook.core.plan import Plan
from sigex_runbook.core.verdict import Answer, Probe, expected_answer

from .options import Target

_ORDER_OF_TRIES = sorted(AccessBlock, key=lambda block: block is not AccessBlock.DOCUMENTS_SETTINGS)
"""What writes comes first: whether the document is still what it was is seen by who then reads."""


def probe_document(api: Api, order: Order) -> tuple[str, Json] | None:
    """The order's document with its settings, read as the employee; None when none is ordered.

    Raises RunFailed when the employee cannot see it, or when it is open to everybody.
    """
    document_id = order.probe_document
    if document_id is None:
        return None
    try:
        card = api.document(document_id)
    except ServiceRefused as refused:
        if refused.reason == AUTHENTICATION_REQUIRED:
            raise
        raise RunFailed(
            f"Документ {document_id} (probe_document) не открывается: «{refused.reason}». "
            "Укажите закрытый документ, который видит вошедший сотрудник, или уберите этот "
            "ключ."
        ) from refused
    settings = card.get("settings") or {}
    if not isinstance(settings, dict):
        raise unknown_shape(f"Документ {document_id} (probe_document) пришёл")
    if not settings.get("private"):
        raise RunFailed(
            f"Документ {document_id} (probe_document) открыт всем: на нём доступ не проверить. "
            "Укажите закрытый документ или уберите этот ключ."
        )
    return document_id, settings


def probe_systems(
    order: Order,
    plan: Plan,
    target: Target,
    *,
    moment: str,
    settings: AccessSettings,
    document: tuple[str, Json] | None,
    record: Recorder | None = None,
    deadline: Deadline | None = None,
) -> list[Probe]:
    """Let the ordered information system, and the control one, try all four grants.

    `settings` are those that should be in force at this `moment` (`before` or `after`): what each
    answer ought to be follows from them.
    """
    systems = [(order.information_system, plan.index)]
    if order.control_system is not None:
        assert plan.control_index is not None  # noqa: S101 - make_plan found both
        systems.append((order.control_system, plan.control_index))
    found = []
    for system, index in systems:
        for block, (answer, detail) in _try(
            order, system, target, settings, document, record, deadline
        ).items():
            expected = expected_answer(settings, block, index)
            control = system is order.control_system
            found.append(
                Probe(moment, system.description, control, block, expected, answer, detail)
            )
    return found


def _try(
    order: Order,
    system: OrderedSystem,
    target: Target,
    settings: AccessSettings,
    document: tuple[str, Json] | None,
    record: Recorder | None,
    deadline: Deadline | None,
) -> dict[AccessBlock, tuple[Answer, str]]:
    if target.mtls_address is None or system.key is None:
        reason = (
            say("mtls.no_key", system=system.description)
            if system.key is None
            else say("mtls.no_address")
        )
        return dict.fromkeys(AccessBlock, (Answer.NOT_TRIED, reason))
    with Api(
        target.mtls_address,
        actor="control system" if system is order.control_system else "information system",
        context=tls_context(target.ca, system.certificate, system.key),
        record=record,
        deadline=deadline,
    ) as api:
        found = {
            block: try_grant(
                api,
                block,
                document,
                organisation=order.organisation.bin.subject_id,
                settings=settings,
            )
            for block in _ORDER_OF_TRIES
        }
        return {block: found[block] for block in AccessBlock}

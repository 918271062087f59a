"""An information system uses its grants, to see what the service does."""

from __future__ import annotations

from sigex_runbook.core.access import AccessBlock, AccessSettings, Json, common_differences
from sigex_runbook.core.errors import ServiceRefused, ServiceUnavailable
from sigex_runbook.core.messages import say
from sigex_runbook.core.verdict import Answer

from .client import Api
from .refusals import ACCESS_DENIED

REFUSALS = frozenset({ACCESS_DENIED, "TLS certificate used for authentication was disabled"})
"""Messages that refuse a caller what he asks for (sigex-facts 3.6, 5)."""


def try_grant(
    system: Api,
    block: AccessBlock,
    document: tuple[str, Json] | None,
    *,
    organisation: str,
    settings: AccessSettings,
) -> tuple[Answer, str]:
    """Let an information system use one grant, as sigex-facts 5 shows how to see each.

    `organisation` is the service's name of the ordered one, `settings` are those that should be in
    force. `document` is a private document of it with its present settings: written back
    unchanged, so that nothing moves but the document's own audit. Returns what the service did and
    a few words when that is not plain. Whether the service refuses a listing with a message or with
    an empty list is unknown (sigex-facts 6, 13): an empty list of an organisation that has a
    document counts as refused, and tells nothing when no document is known. An answer about another
    organisation, another document or other settings is never «served»: it is somebody else's, or
    employees are shown something else than information systems.
    """
    if document is None and block in {AccessBlock.DOCUMENTS_ACCESS, AccessBlock.DOCUMENTS_SETTINGS}:
        return Answer.NOT_TRIED, say("mtls.no_document")
    try:
        match block, document:
            case AccessBlock.DOCUMENTS_ACCESS, (document_id, known):
                shown = system.document(document_id).get("settings")
                if not isinstance(shown, dict):
                    return Answer.UNCLEAR, "в ответе нет карточки документа"
                if shown != known:
                    return Answer.UNCLEAR, "показан документ не с теми настройками, что сотруднику"
            case AccessBlock.DOCUMENTS_SETTINGS, (document_id, known):
                answer = system.write_document_settings(document_id, known)
                if answer.get("documentId") != document_id:
                    return Answer.UNCLEAR, "сервис не назвал документ, настройки которого записал"
            case AccessBlock.DOCUMENTS_LIST, _:
                listed = system.organisation_documents()
                if not listed.ids:
                    if document is None:
                        return Answer.NOT_TRIED, say("mtls.empty_listing")
                    return Answer.REFUSED, say("mtls.listing_refused")
                if document is not None and listed.whole and document[0] not in listed.ids:
                    return Answer.UNCLEAR, f"в списке нет документа {document[0]} организации"
            case _:
                found = system.settings()
                if found.business_id is not None and found.business_id != organisation:
                    return Answer.UNCLEAR, f"сервис ответил от имени {found.business_id}"
                if moved := common_differences(settings, found):
                    return Answer.UNCLEAR, f"ей показаны другие настройки: {moved[0].path}"
    except ServiceRefused as refused:
        if refused.reason in REFUSALS:
            return Answer.REFUSED, refused.reason
        return Answer.UNCLEAR, refused.reason
    except ServiceUnavailable as error:
        return Answer.UNCLEAR, str(error)
    return Answer.SERVED, ""

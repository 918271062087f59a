"""Who may do what (sigex-facts 3.5, K(S2) unless marked). Pure: values in, a yes or no out."""

from __future__ import annotations

from .callers import Caller, PersonCaller
from .document_settings import opens_to_organisation, opens_to_person
from .documents import Document
from .settings import AccessBlock, OrganisationSettings


def holds(caller: Caller, block: str, settings: OrganisationSettings) -> bool:
    """Tell whether the caller has the right of one access block in his own organisation.

    The head needs no case of his own: his authority is in every block. No right implies another
    (I).
    """
    listed = settings.blocks[block]
    if isinstance(caller, PersonCaller):
        return listed_person(listed, caller.identity.user_id, caller.identity.ext_key_usages)
    indices = settings.indices_of(caller.public_key)
    return not indices.isdisjoint(listed.tls_certificate_indices)


def listed_person(block: AccessBlock, user_id: str, authorities: frozenset[str]) -> bool:
    """Tell whether a block lists a person by IIN or by one of his certificate's roles."""
    return user_id in block.iins or not authorities.isdisjoint(block.authorities)


def may_view(
    document: Document, caller: Caller | None, settings: OrganisationSettings | None
) -> bool:
    """Tell whether the caller may see a document; `settings` are of the caller's organisation.

    Public documents need nothing, and a signer sees his own (I). So does a person named in
    `documentAccess`; an organisation named there needs its right besides (3.5, K).
    """
    if not document.private or document.open_to_all:
        return True
    if caller is None:
        return False
    if isinstance(caller, PersonCaller):
        user_id, business_id = caller.identity.user_id, caller.identity.business_id
        if opens_to_person(document.settings, user_id, business_id) or _signed_by(document, caller):
            return True
    if caller.organisation_bin is None or settings is None:
        return False
    organisation = f"BIN{caller.organisation_bin}"
    concerned = organisation in document.business_ids or opens_to_organisation(
        document.settings, organisation
    )
    return concerned and holds(caller, "documentsAccess", settings)


def may_change(document: Document, caller: Caller, settings: OrganisationSettings | None) -> bool:
    """Tell whether the caller may change a document's settings.

    A signer may change those of his own document (I, from "signed by another employee");
    `documentAccess` never gives this right (I).
    """
    if isinstance(caller, PersonCaller) and _signed_by(document, caller):
        return True
    if caller.organisation_bin is None or settings is None:
        return False
    return f"BIN{caller.organisation_bin}" in document.business_ids and holds(
        caller, "documentsSettings", settings
    )


def _signed_by(document: Document, caller: PersonCaller) -> bool:
    """Tell whether the person signed the document, in the capacity he is now signed in with."""
    identity = caller.identity
    return any(
        one.user_id == identity.user_id and one.business_id == identity.business_id
        for one in document.signatures
    )

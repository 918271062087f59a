"""Every call of the imitated API in one table: address, handler, and what it takes and answers.

The router (`application.py`) and the OpenAPI description (`description.py`) both read this table,
so a call cannot be answered without being described, nor described without being answered.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from aiohttp import web

from . import (
    documents,
    egov_qr,
    organisation,
    reference,
    registration,
    shapes,
    sign_in,
)
from .shapes import Shape
from .visit import Port

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a query."""

    name: str
    shape: Shape
    note: str = ""


@dataclass(frozen=True, slots=True)
class Route:
    """One call: sigex-facts 3.2, unless its summary says otherwise."""

    method: Literal["GET", "POST", "PUT"]
    path: str
    handler: Handler
    summary: str
    answer: Shape
    """What a success answers; any call may answer an error instead."""

    body: Shape | None = None
    parameters: tuple[Parameter, ...] = ()
    ports: frozenset[Port] = frozenset({"people", "systems"})
    signed_in: bool = True
    raw_body: bool = False
    """The body is bytes, not JSON."""


_PEOPLE: frozenset[Port] = frozenset({"people"})
_SYSTEMS: frozenset[Port] = frozenset({"systems"})
_TLS_INSTEAD = "Refused: the caller is known by his TLS certificate (sigex-facts 5, K)"
_AFTER_EVENT = (Parameter("lastEventId", shapes.COUNT, "only later events"),)
_PHONE_KEY = (Parameter("key", shapes.TEXT, "what the phone was given"),)
_LISTING = (
    Parameter("from", shapes.MOMENT),
    Parameter("until", shapes.MOMENT, "of the next page: the last storedAt of this one"),
    Parameter("organization", shapes.FLAG, "of the whole organisation"),
    Parameter("dataArchived", shapes.FLAG, "only documents whose data are archived"),
    Parameter("searchQuery", shapes.TEXT),
    Parameter("includeSignatures", shapes.FLAG),
)

ROUTES: tuple[Route, ...] = (
    Route(
        "POST", "/api/auth", sign_in.post_auth, "Prepare a sign-in, sign in, or sign out",
        shapes.either(shapes.PREPARED, shapes.named("Identity"), shapes.NOTHING),
        body=shapes.POSTED_AUTH, ports=_PEOPLE, signed_in=False,
    ),
    Route(
        "GET", "/api/auth", sign_in.get_auth, "Who is signed in", shapes.named("Identity"),
        ports=_PEOPLE,
    ),
    Route(
        "GET", "/api/authLog", sign_in.get_auth_log, "One's own sign-ins", shapes.AUTH_LOG,
        ports=_PEOPLE,
    ),
    Route(
        "POST", "/api/auth", sign_in.refuse_auth, _TLS_INSTEAD, shapes.named("Error"),
        body=shapes.POSTED_AUTH, ports=_SYSTEMS,
    ),
    Route(
        "GET", "/api/auth", sign_in.refuse_auth, _TLS_INSTEAD, shapes.named("Error"),
        ports=_SYSTEMS,
    ),
    Route(
        "GET", "/api/authLog", sign_in.refuse_auth, _TLS_INSTEAD, shapes.named("Error"),
        ports=_SYSTEMS,
    ),
    Route(
        "GET", "/api/organizationSettings", organisation.get_settings,
        "The whole settings object", shapes.named("OrganisationSettings"),
    ),
    Route(
        "POST", "/api/organizationSettings", organisation.post_settings,
        "Replace the whole settings object", shapes.SAVED_SETTINGS,
        body=shapes.named("PostedOrganisationSettings"),
    ),
    Route(
        "GET", "/api/organizationSettingsAudit", organisation.get_settings_audit,
        "Changes of the settings object", shapes.SETTINGS_AUDIT, parameters=_AFTER_EVENT,
    ),
    Route(
        "GET", "/api/organizationPermissions", organisation.get_permissions,
        "Which of the four rights the caller has", shapes.PERMISSIONS,
    ),
    Route(
        "GET", "/api/organizationSubscription", organisation.get_subscription,
        "The organisation's plan", shapes.SUBSCRIPTION,
    ),
    Route(
        "GET", "/api/strings", reference.get_strings, "Texts of messages and constants",
        shapes.STRINGS, signed_in=False,
    ),
    Route(
        "GET", "/api/version", reference.get_version, "The service's version", shapes.VERSION,
        signed_in=False,
    ),
    Route(
        "POST", "/api/egovQr", egov_qr.post_egov_qr, "Begin a signing by QR code", shapes.QR,
        body=shapes.POSTED_QR, signed_in=False,
    ),
    Route(
        "POST", "/api/egovQr/{qr_id}", egov_qr.post_data,
        "Send what shall be signed (dataURL); held until a phone fetches it, 4.3",
        shapes.QR_DATA_FETCHED, body=shapes.ANYTHING, signed_in=False,
    ),
    Route(
        "GET", "/api/egovQr/{qr_id}", egov_qr.get_signatures,
        "Fetch what the phone sent (signURL); held until it is there, 4.3",
        shapes.ANYTHING, signed_in=False,
    ),
    Route(
        "GET", "/api/egovQr/egov/{qr_id}", egov_qr.get_phone,
        "What the code leads a phone to (I); once", shapes.QR_PHONE,
        ports=_PEOPLE, signed_in=False,
    ),
    Route(
        "GET", "/api/egovQr/egov/{qr_id}/data", egov_qr.get_phone_data,
        "What the phone shall sign (I); held until it is there", shapes.ANYTHING,
        ports=_PEOPLE, signed_in=False, parameters=_PHONE_KEY,
    ),
    Route(
        "PUT", "/api/egovQr/egov/{qr_id}/data", egov_qr.put_phone_data,
        "What the phone made of it (I)", shapes.NOTHING,
        body=shapes.ANYTHING, ports=_PEOPLE, signed_in=False, parameters=_PHONE_KEY,
    ),
    Route(
        "GET", "/api", documents.list_documents, "Documents, newest first", shapes.DOCUMENTS,
        parameters=_LISTING,
    ),
    Route(
        "GET", "/api/", documents.list_documents, "The same, as older documentation wrote it",
        shapes.DOCUMENTS, parameters=_LISTING,
    ),
    Route(
        "POST", "/api", registration.post_registration,
        "Begin to register a document; unsigned only by an information system",
        shapes.REGISTRATION, body=shapes.POSTED_REGISTRATION, signed_in=False,
    ),
    Route(
        "POST", "/api/{document_id}/data", registration.post_data,
        "Complete a registration with the document's bytes", shapes.COMPLETED_REGISTRATION,
        raw_body=True, signed_in=False,
    ),
    Route(
        "GET", "/api/{document_id}", documents.get_document, "One document",
        shapes.named("Document"), signed_in=False,
        parameters=(Parameter("lastSignId", shapes.COUNT, "only later signatures"),),
    ),
    Route(
        "GET", "/api/{document_id}/data", documents.get_data, "A document's stored bytes",
        shapes.DATA,
    ),
    Route(
        "POST", "/api/{document_id}/settings", documents.post_settings,
        "Replace a document's settings", shapes.CHANGED_DOCUMENT,
        body=shapes.named("PostedDocumentSettings"),
    ),
    Route(
        "GET", "/api/{document_id}/settingsAudit", documents.get_settings_audit,
        "Changes of a document's settings", shapes.DOCUMENT_AUDIT, parameters=_AFTER_EVENT,
    ),
)  # fmt: skip


def routes_of(port: Port) -> Iterable[Route]:
    """Return the calls that a port answers, in the order in which they are looked for."""
    return (route for route in ROUTES if port in route.ports)

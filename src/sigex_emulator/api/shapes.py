"""Shapes of what the API takes and answers, as JSON Schema (sigex-facts 3.2-3.6, K(S2)).

Plain data beside the routes: `description.py` serves it, nothing validates with it at run time, so
that a test which compares answers with these shapes checks one against the other. Shapes of answers
refuse unknown fields; shapes of requests do not, as the service does not (unknown 11).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sigex_emulator.messages import Message
from sigex_emulator.world.document_settings import AUTHORITIES, UNIQUE
from sigex_emulator.world.settings import ALL_BLOCKS, GUIDE_BLOCKS
from sigex_emulator.world.switches import EmptyLists

Shape = Mapping[str, Any]


def answered(fields: Mapping[str, Shape], optional: Mapping[str, Shape] | None = None) -> Shape:
    """Return an object with exactly these fields and, it may be, the optional ones."""
    return {
        "type": "object",
        "properties": {**fields, **(optional or {})},
        "required": list(fields),
        "additionalProperties": False,
    }


def posted(fields: Mapping[str, Shape], optional: Mapping[str, Shape] | None = None) -> Shape:
    """Return an object with these fields; others are let through."""
    shape: dict[str, Any] = {"type": "object", "properties": {**fields, **(optional or {})}}
    if fields:
        shape["required"] = list(fields)
    return shape


def listed(items: Shape) -> Shape:
    """Return an array of one kind of thing."""
    return {"type": "array", "items": items}


def mapped(values: Shape) -> Shape:
    """Return an object whose keys are not known beforehand."""
    return {"type": "object", "additionalProperties": values}


def named(name: str) -> Shape:
    """Return a reference to a shape of `NAMED`."""
    return {"$ref": f"#/components/schemas/{name}"}


def some(fields: Mapping[str, Shape]) -> Shape:
    """Return an object with at least one of these fields, and no others."""
    return {**answered({}, fields), "minProperties": 1}


def either(*shapes: Shape) -> Shape:
    """Return a shape that any of these fits."""
    return {"anyOf": list(shapes)}


TEXT: Shape = {"type": "string"}
FLAG: Shape = {"type": "boolean"}
OBJECT: Shape = {"type": "object"}
COUNT: Shape = {"type": "integer", "minimum": 0, "format": "int64"}
MOMENT: Shape = {**COUNT, "description": "milliseconds since the Unix epoch"}
BASE64: Shape = {"type": "string", "contentEncoding": "base64", "pattern": "^[A-Za-z0-9+/]*={0,2}$"}
OID: Shape = {"type": "string", "pattern": r"^[0-2](\.(0|[1-9][0-9]*))+$"}
USER_ID: Shape = {"type": "string", "pattern": "^IIN[0-9]{12}$"}
BUSINESS_ID: Shape = {"type": "string", "pattern": "^BIN[0-9]{12}$"}
DOCUMENT_ID: Shape = {"type": "string", "pattern": "^[A-Za-z0-9]{16}$"}
QR_ID: Shape = {"type": "string", "pattern": "^[A-Za-z0-9]{16}$"}
ANYTHING: Shape = {"description": "what the other side sent, untouched"}
ADDRESS: Shape = {"type": "string", "format": "uri"}

_NAMES: Shape = answered({"ru": TEXT, "kk": TEXT})
_TWO_LANGUAGES: Shape = posted({}, {"kk": TEXT, "ru": TEXT})
_THREE_LANGUAGES: Shape = posted({}, {"ru": TEXT, "kk": TEXT, "en": TEXT})

_APPEARANCE = {
    "ddcHowToVerifyStrings": _TWO_LANGUAGES,
    "qrOrganisationName": _THREE_LANGUAGES,
    "qrLogo": {**BASE64, "description": "PNG of 102×102 pixels at most"},
    "ddcLogo": {**BASE64, "description": "PNG of exactly 200×100 pixels"},
    "ddcLogoString": _TWO_LANGUAGES,
    "ddcLogoDisable": FLAG,
}
_BLOCK = {
    "authorities": listed(OID),
    "tlsCertificatesIndices": listed(COUNT),
    "iins": listed(USER_ID),
}
_CERTIFICATE = {"description": TEXT, "body": {**TEXT, "description": "a certificate in PEM"}}
_DOCUMENT_SETTINGS = {
    "private": FLAG,
    "signaturesLimit": COUNT,
    "switchToPrivateAfterLimitReached": FLAG,
    "unique": listed({"enum": list(UNIQUE)}),
    "strictSignersRequirements": FLAG,
    "sequentialSignersRequirements": FLAG,
    "signersRequirements": listed(
        some(
            {
                "iin": USER_ID,
                "bin": BUSINESS_ID,
                "authorities": listed(OID),
                "ca": {"enum": list(AUTHORITIES)},
            }
        )
    ),
    "publicDuringPreregistration": FLAG,
    "publicWhileLessThanSignatures": COUNT,
    "documentAccess": listed(some({"iin": USER_ID, "bin": BUSINESS_ID})),
    "forceArchive": FLAG,
    "tempStorageAfterRegistration": COUNT,
}
_SETTABLE = {
    "webhooks": posted({}, {"urls": listed({"type": "string", "format": "uri"})}),
    "dataArchiveEnabled": FLAG,
    "dataArchiveContactEmail": TEXT,
    "subscriptionContactEmail": TEXT,
}

_STRUCTURE = listed(listed(answered({"oid": OID, "name": TEXT, "valueInB64": FLAG, "value": TEXT})))
_SUBJECT = {"subject": {**TEXT, "description": "RFC 4514"}, "subjectStructure": _STRUCTURE}
_OTHER_NAMES = {
    "subjectAltName": TEXT,
    "subjectAltNameStructure": listed(answered({"type": TEXT, "value": TEXT})),
}
_USES = {"policyIds": listed(OID), "extKeyUsages": listed(OID)}
_SIGNED_WITH = {
    **_SUBJECT,
    **_USES,
    "keyUsages": listed(TEXT),
    "signAlgorithm": OID,
    "certSignAlgorithm": OID,
    "serialNumber": TEXT,
    "from": MOMENT,
    "until": MOMENT,
    "issuer": TEXT,
    "issuerStructure": _STRUCTURE,
}
_STATUS = answered(
    {**_SIGNED_WITH, "producedAt": MOMENT, "thisUpdate": MOMENT, "certStatus": {"const": "good"}}
)

NAMED: Mapping[str, Shape] = {
    "Error": answered(
        {
            "message": {"type": "string", "enum": [one.value for one in Message]},
            "requestID": {"type": "integer", "format": "int64"},
        }
    ),
    "Identity": answered(
        {
            "userId": USER_ID,
            **_SUBJECT,
            **_USES,
            "signAlgorithm": OID,
            "certificateValidFrom": MOMENT,
            "certificateValidUntil": MOMENT,
        },
        {
            "businessId": BUSINESS_ID,
            "email": TEXT,
            **_OTHER_NAMES,
            "keyStorage": OID,
        },
    ),
    "AccessBlock": answered(_BLOCK),
    "PostedAccessBlock": posted({}, _BLOCK),
    "TlsCertificate": answered({**_CERTIFICATE, "disabled": FLAG, "settings": OBJECT}),
    "PostedTlsCertificate": posted(
        _CERTIFICATE, {"disabled": FLAG, "settings": posted({}, _APPEARANCE)}
    ),
    "OrganisationSettings": answered(
        {
            "businessId": BUSINESS_ID,
            "tlsCertificatesList": listed(named("TlsCertificate")),
            **dict.fromkeys(ALL_BLOCKS, named("AccessBlock")),
            **_SETTABLE,
            "dataArchiveQuota": COUNT,
            "dataArchiveUsage": COUNT,
            "modifiedAt": {**MOMENT, "description": "0: never saved"},
        },
        {"dataArchiveQuotaExpires": MOMENT},
    ),
    "PostedOrganisationSettings": posted(
        {},
        {
            "tlsCertificatesList": listed(named("PostedTlsCertificate")),
            **dict.fromkeys(ALL_BLOCKS, named("PostedAccessBlock")),
            **_SETTABLE,
        },
    ),
    "AuditEvent": answered(
        {
            "eventId": COUNT,
            "original": OBJECT,
            "modified": OBJECT,
            "modifiedBy": TEXT,
            "modifiedByDigest": TEXT,
            "modifiedAt": MOMENT,
        }
    ),
    "DocumentSettings": answered(_DOCUMENT_SETTINGS),
    "PostedDocumentSettings": posted({}, _DOCUMENT_SETTINGS),
    "Registrator": answered({"businessId": BUSINESS_ID, "certificate": BASE64}),
    "Signature": answered(
        {
            "userId": USER_ID,
            **_SIGNED_WITH,
            "storedAt": MOMENT,
            "signId": COUNT,
            "signType": {"const": "cms"},
            "ocsp": _STATUS,
        },
        {"businessId": BUSINESS_ID, **_OTHER_NAMES, "keyStorage": OID},
    ),
    "ListedDocument": answered(
        {
            "documentId": DOCUMENT_ID,
            "storedAt": MOMENT,
            "title": TEXT,
            "description": TEXT,
            "dataArchived": FLAG,
            "signedDataSize": COUNT,
            "signaturesTotal": COUNT,
        },
        {"registrator": named("Registrator"), "signatures": listed(named("Signature"))},
    ),
    "Document": answered(
        {
            "title": TEXT,
            "description": TEXT,
            "signedDataSize": COUNT,
            "settings": named("DocumentSettings"),
            "signaturesTotal": COUNT,
            "signatures": listed(named("Signature")),
            "dataArchived": FLAG,
            "tempStorage": FLAG,
            "canBeArchived": FLAG,
            "emailNotifications": OBJECT,
            "signatureEmailNotifications": listed(OBJECT),
        },
        {"registrator": named("Registrator")},
    ),
}
"""Shapes that have a name in the description."""

PREPARED: Shape = answered({"nonce": BASE64})
NOTHING: Shape = answered({})
POSTED_AUTH: Shape = either(
    {"type": "object", "maxProperties": 0},
    posted({"nonce": TEXT, "signature": TEXT}, {"external": FLAG}),
    posted({"logout": {"const": True}}),
)
AUTH_LOG: Shape = answered(
    {
        "userId": USER_ID,
        "eventsTotal": COUNT,
        "events": listed(
            answered({"authAt": MOMENT, "serialNumber": TEXT, "issuer": TEXT, "ip": TEXT})
        ),
    },
    {"businessId": BUSINESS_ID},
)
SAVED_SETTINGS: Shape = answered({"businessId": BUSINESS_ID, "modifiedAt": MOMENT})
SETTINGS_AUDIT: Shape = answered(
    {"businessId": BUSINESS_ID, "eventsTotal": COUNT, "events": listed(named("AuditEvent"))}
)
PERMISSIONS: Shape = answered(dict.fromkeys(GUIDE_BLOCKS, FLAG))
SUBSCRIPTION: Shape = answered(
    {
        "name": TEXT,
        "expires": MOMENT,
        "features": listed(answered({"name": TEXT, "enabled": FLAG})),
    },
    {"contactEmail": TEXT},
)
DOCUMENTS: Shape = answered({"documentsTotal": COUNT, "documents": listed(named("ListedDocument"))})
_QR_SIGN_URLS = {"signURL": ADDRESS, "signURLmTLS": ADDRESS, "signURLAuto": ADDRESS}
POSTED_QR: Shape = posted({"description": TEXT}, {"whenDone": posted({}, {"backUrl": TEXT})})
QR: Shape = answered(
    {
        "expireAt": MOMENT,
        "qrCode": {**BASE64, "description": "a picture in PNG"},
        "eGovMobileLaunchLink": ADDRESS,
        "eGovBusinessLaunchLink": ADDRESS,
        "dataURL": ADDRESS,
        "dataURLmTLS": ADDRESS,
        "dataURLAuto": ADDRESS,
        **_QR_SIGN_URLS,
    }
)
QR_DATA_FETCHED: Shape = answered({"expireAt": MOMENT, **_QR_SIGN_URLS})
QR_PHONE: Shape = answered(
    {
        "description": TEXT,
        "expiry_date": {"type": "string", "format": "date-time"},
        "document": answered({"uri": ADDRESS, "auth_type": {"const": "None"}, "auth_token": TEXT}),
    },
    {"whenDone": answered({"backUrl": TEXT})},
)
DATA: Shape = answered({"documentId": DOCUMENT_ID, "document": BASE64, "signedDataSize": COUNT})
CHANGED_DOCUMENT: Shape = answered({"documentId": DOCUMENT_ID})
DOCUMENT_AUDIT: Shape = answered(
    {"documentId": DOCUMENT_ID, "eventsTotal": COUNT, "events": listed(named("AuditEvent"))}
)
POSTED_REGISTRATION: Shape = posted(
    {},
    {
        "title": TEXT,
        "description": TEXT,
        "signType": {"enum": ["cms", "xml"]},
        "signature": TEXT,
        "emailNotifications": OBJECT,
        "settings": named("PostedDocumentSettings"),
    },
)
REGISTRATION: Shape = answered({"documentId": DOCUMENT_ID, "signId": COUNT}, {"data": BASE64})
COMPLETED_REGISTRATION: Shape = answered(
    {
        "documentId": DOCUMENT_ID,
        "signedDataSize": COUNT,
        "digests": mapped(BASE64),
        "dataArchived": FLAG,
        "tempStorage": FLAG,
    },
    {
        "automaticallyCreatedUserSettings": OBJECT,
        "automaticallyCreatedOrgSettings": named("OrganisationSettings"),
    },
)
STRINGS: Shape = answered(
    {
        "errorMessages": mapped(answered({"ru": TEXT, "kk": TEXT, "description": TEXT})),
        "consts": mapped(mapped(_NAMES)),
    }
)
VERSION: Shape = answered(
    {
        "version": TEXT,
        "buildTimeStamp": {**TEXT, "pattern": "^[0-9]+$", "description": "seconds"},
        "licenseOwner": BUSINESS_ID,
        "licenseUntil": {**TEXT, "format": "date"},
    }
)


def with_empty_lists(shape: Any, reading: EmptyLists) -> Any:
    """Return a shape of an answer as a switch lets it be: lists may be `null` or left out."""
    if isinstance(shape, list):
        return [with_empty_lists(one, reading) for one in shape]
    if not isinstance(shape, Mapping):
        return shape
    changed = {key: with_empty_lists(one, reading) for key, one in shape.items()}
    if reading == "null" and shape.get("type") == "array":
        changed["type"] = ["array", "null"]
    if reading == "absent" and shape.get("type") == "object" and "required" in shape:
        fields = shape["properties"]
        changed["required"] = [
            name for name in shape["required"] if fields[name].get("type") != "array"
        ]
    return changed

"""Access settings of an organisation: blocks, grants, and what differs between two states.

Pure values. The shape is the service's own settings object (sigex-facts 3.4, known); nothing here
interprets fields that this procedure does not touch, they are carried along untouched.
"""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any

from .given.certificates import certificates_in, own_certificate, public_key_of

Json = dict[str, Any]

UNREADABLE = ""
"""Stands for the fingerprint of a certificate that nobody can read."""

ABSENT = "(нет)"
"""Stands in a difference for a field that is not there; null is a value of its own."""

_NOWHERE = object()
"""A field that is not there while two objects are compared: a text could be in one of them."""

_TICKS = "tlsCertificatesIndices"
_SETS = ("authorities", _TICKS, "iins")
_SYSTEMS = "tlsCertificatesList"
_WEBHOOKS, _URLS = "webhooks", "urls"

ANSWER_ONLY = frozenset({"modifiedAt", "dataArchiveUsage"})
"""Fields that move by themselves when anything is stored; never compared (sigex-facts 3.4)."""


class AccessBlock(StrEnum):
    """The four panels of the guide by their field in the settings object (sigex-facts 2.3)."""

    DOCUMENTS_ACCESS = "documentsAccess"
    DOCUMENTS_LIST = "documentsList"
    DOCUMENTS_SETTINGS = "documentsSettings"
    ORGANISATION_SETTINGS = "organizationSettings"


_HOLDERS = (*AccessBlock, "packagesAccess", "packagesList", "packagesSettings", _WEBHOOKS)
"""Fields that hold lists."""


@lru_cache(maxsize=256)
def key_fingerprint(given: str | bytes, public_key: bytes | None = None) -> str:
    """SHA-256 of a certificate's public key (SubjectPublicKeyInfo, DER) as hex.

    The service compares public keys only (sigex-facts 5, known), so do we. Of several certificates
    it is the one with this `public_key`, or else the one that issued no other. Raises
    NotCertificate when there is none, or no telling which.
    """
    data = given.encode() if isinstance(given, str) else given
    own = own_certificate(certificates_in(data), public_key)
    return hashlib.sha256(public_key_of(own)).hexdigest()


@dataclass(frozen=True, slots=True)
class InformationSystem:
    """An ИС: the description that the screen shows and the fingerprint of its public key."""

    description: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Difference:
    """One leaf that differs between two settings objects; `ABSENT` where one has none."""

    path: str
    before: Any
    after: Any

    @property
    def ticked(self) -> AccessBlock | None:
        """The access block whose ticks differ, None for any other field."""
        block, _, field = self.path.partition(".")
        return AccessBlock(block) if field == _TICKS and block in set(AccessBlock) else None


class AccessSettings:
    """One organisation's settings object as the service gave it.

    A list that is null or not there is an empty one, and so is everything in a block that is null
    or not there (sigex-facts 8, inferred: its encoder may write them so). Raises ValueError when a
    field that the procedure needs is of another shape, and when there is no block at all.
    """

    def __init__(self, body: Mapping[str, Any]) -> None:
        self._body: Json = copy.deepcopy(dict(body))
        certificates = _listed(self._body.get(_SYSTEMS))
        if not isinstance(certificates, list):
            raise ValueError(f"{_SYSTEMS} — не список")
        if all(self._body.get(block.value) is None for block in AccessBlock):
            raise ValueError("нет ни одного блока доступа")
        self.systems: tuple[InformationSystem, ...] = tuple(map(_system, certificates))
        for block in AccessBlock:
            indices = self._ticks(block)
            if not isinstance(indices, list) or not all(type(i) is int for i in indices):
                raise ValueError(f"{block}.{_TICKS} — не список номеров")
            if any(not 0 <= i < len(self.systems) for i in indices):
                raise ValueError(f"{block}.{_TICKS} указывает мимо списка")

    def _ticks(self, block: AccessBlock) -> Any:
        value = self._body.get(block.value)
        if value is not None and not isinstance(value, dict):
            raise ValueError(f"{block} — не блок доступа")
        return _listed((value or {}).get(_TICKS))

    @property
    def business_id(self) -> str | None:
        """Whose settings these are, as the service says it (`BIN` and the digits)."""
        value = self._body.get("businessId")
        return str(value) if value is not None else None

    @property
    def body(self) -> Json:
        """A copy of the whole object."""
        return copy.deepcopy(self._body)

    def indices_of(self, fingerprint: str) -> tuple[int, ...]:
        """Places of the information systems that hold this public key."""
        return tuple(i for i, s in enumerate(self.systems) if s.fingerprint == fingerprint)

    def disabled(self, index: int) -> bool:
        """Whether the information system at this place is switched off."""
        return bool(self._body[_SYSTEMS][index].get("disabled", False))

    def granted(self, block: AccessBlock, index: int) -> bool:
        """Whether the information system at this place is ticked in the block."""
        return index in self._ticks(block)

    def granted_in(self, block: AccessBlock) -> frozenset[int]:
        """The places of all information systems that are ticked in the block."""
        return frozenset(self._ticks(block))

    def authorities_in(self, block: AccessBlock) -> frozenset[str]:
        """The OIDs of the authorities that the block names."""
        return frozenset(map(str, (self._body.get(block.value) or {}).get("authorities") or ()))

    def people_in(self, block: AccessBlock) -> frozenset[str]:
        """The numbers of the people that the block names: compared, never recorded."""
        people = map(str, (self._body.get(block.value) or {}).get("iins") or ())
        return frozenset(one.removeprefix("IIN") for one in people)

    def with_grant(self, block: AccessBlock, index: int, granted: bool) -> AccessSettings:
        """The same settings with one tick set or taken away; the rest as it was.

        A tick that is set comes last in the block's list: the list is a set for the service
        (one match is enough, sigex-facts 3.4), and so it is compared.
        """
        if self.granted(block, index) == granted:
            return self
        body, indices = self.body, self._ticks(block)
        ticks = [*indices, index] if granted else [i for i in indices if i != index]
        body[block.value] = {**(body.get(block.value) or {}), _TICKS: ticks}
        return AccessSettings(body)


def differences(before: AccessSettings, after: AccessSettings) -> tuple[Difference, ...]:
    """Every leaf in which two states differ, in path order; empty when they say the same.

    Here alone is decided what says the same: `ANSWER_ONLY` fields are left out, and in an access
    block neither the order of authorities, ticks and people counts nor how often one stands there.
    A list, a block or webhooks that are null or not there say the same as empty ones.
    All else counts as JSON has it, also the order of the information systems.
    """
    return tuple(_walk("", _comparable(before._body), _comparable(after._body)))


def common_differences(one: AccessSettings, other: AccessSettings) -> tuple[Difference, ...]:
    """`differences` between what the service tells in two places: its journal, or an information
    system, may be told fewer fields than an employee, so a field that only one has is left out. A
    list that one does not have is an empty one here too."""
    bodies = (one._body, other._body)
    common = (bodies[0].keys() & bodies[1].keys()) | {_SYSTEMS, *_HOLDERS}
    first, second = (AccessSettings({k: b[k] for k in common & b.keys()}) for b in bodies)
    return differences(first, second)


def same_settings(one: AccessSettings, other: AccessSettings) -> bool:
    """Whether two states say the same: there are no `differences`."""
    return not differences(one, other)


def shown_by(answer: Mapping[str, Any], settings: AccessSettings) -> bool:
    """Whether a recorded answer says the same as these settings, as far as a record keeps them: the
    ticks of all four blocks at least."""
    body = settings._body
    kept = {
        name: {key: (body.get(name) or {}).get(key) for key in value}
        if name in set(AccessBlock) and isinstance(value, dict)
        else body.get(name)
        for name, value in answer.items()
    }
    blocks = [answer.get(block) for block in AccessBlock]
    whole = all(isinstance(value, dict) and _TICKS in value for value in blocks)
    return whole and not any(_walk("", _comparable(kept), _comparable(answer)))


def _comparable(body: Mapping[str, Any]) -> Json:
    """The object as it is compared: without answer-only fields, sets in sorted order, every list
    that we know there."""
    known = dict.fromkeys((_SYSTEMS, *_HOLDERS))
    return {
        name: _one_form(name, value)
        for name, value in {**known, **body}.items()
        if name not in ANSWER_ONLY
    }


def _one_form(name: str, value: Any) -> Any:
    if name == _SYSTEMS:
        return _listed(value)
    held = {} if value is None and name in _HOLDERS else value
    if not isinstance(held, dict):
        return value
    if name == _WEBHOOKS:
        return {**held, _URLS: _listed(held.get(_URLS))}
    if name in _HOLDERS or _TICKS in held:
        return {**held, **{key: _as_set(_listed(held.get(key))) for key in _SETS}}
    return value


def _listed(value: Any) -> Any:
    """A list that the service has or leaves out when it is empty."""
    return [] if value is None else value


def _walk(path: str, before: Any, after: Any) -> Iterator[Difference]:
    if isinstance(before, dict) and isinstance(after, dict):
        for key in sorted(before.keys() | after.keys()):
            yield from _walk(
                f"{path}.{key}" if path else key,
                before.get(key, _NOWHERE),
                after.get(key, _NOWHERE),
            )
    elif not _same(before, after):
        yield Difference(path, *(ABSENT if v is _NOWHERE else v for v in (before, after)))


def _as_set(values: Any) -> Any:
    """Each value once, in an order of their JSON: a service may answer with more than texts."""
    if not isinstance(values, list):
        return values
    distinct = {json.dumps(value, sort_keys=True): value for value in values}
    if all(type(value) is int for value in values):
        return sorted(distinct.values())
    return [distinct[text] for text in sorted(distinct)]


def _same(before: Any, after: Any) -> bool:
    """Equal as JSON: Python alone would take true for 1."""
    if isinstance(before, list) and isinstance(after, list):
        return len(before) == len(after) and all(map(_same, before, after))
    if isinstance(before, dict) and isinstance(after, dict):
        return before.keys() == after.keys() and all(_same(before[k], after[k]) for k in before)
    return type(before) is type(after) and bool(before == after)


def _system(entry: Any) -> InformationSystem:
    if not isinstance(entry, dict) or not {"description", "body"} <= entry.keys():
        raise ValueError("в tlsCertificatesList есть не сертификат")
    return InformationSystem(str(entry["description"]), _fingerprint(str(entry["body"])))


def _fingerprint(body: str) -> str:
    """A certificate that cannot be read is somebody else's: its key is not the ordered one."""
    try:
        return key_fingerprint(body)
    except ValueError:
        return UNREADABLE

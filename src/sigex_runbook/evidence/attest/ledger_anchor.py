"""What a campaign's ledger says of one attestation, and how far a head known elsewhere vouches."""

from __future__ import annotations

from dataclasses import dataclass

from sigex_runbook.evidence.pack.canonical import sha256_hex

from .findings import Code, Finding, Note, Telling
from .ledger import LEDGER, Ledger
from .statement import PackStatement


@dataclass(frozen=True, slots=True)
class Anchor:
    """A pack's line in the ledger, the line of its stamp, and the token's digest there."""

    place: int | None = None
    stamp_place: int | None = None
    tsr: str | None = None
    late: bool = False

    def holds(self, token: bytes | None) -> bool:
        """Whether the ledger vouches for these very bytes: a token alone may be altered."""
        return token is not None and self.tsr is not None and sha256_hex(token) == self.tsr


def find_anchor(
    ledger: Ledger | None, statement: PackStatement | None, digest: str, *, head: str | None
) -> Telling[Anchor]:
    """Where the ledger names the attestation with that digest; `head` is what it must reach."""
    if ledger is None:
        if head is not None:
            yield Finding(Code.LEDGER_TRUNCATED, LEDGER, "реестра рядом с пакетом нет")
        else:
            yield Note("Реестра кампании рядом нет: ряд запусков не проверен.")
        return Anchor()
    yield from ledger.findings
    owner = (statement.organisation_bin, statement.run_id) if statement else ("", "")
    places = ledger.runs(*owner, digest)
    if not places:
        yield Note(
            "В реестре нет записи об этом пакете: конец реестра отрезан или пакет не отсюда."
        )
        return Anchor()
    entry = ledger.entries[places[0]]
    if len(places) > 1:
        yield Finding(Code.LEDGER, LEDGER, "запусков с этим именем или заверением несколько")
    if (entry.organisation, entry.run, entry.attestation) != (*owner, digest):
        yield Finding(Code.LEDGER, LEDGER, "запись реестра говорит о другом заверении")
    stamps = ledger.stamps(digest)
    if len(stamps) + (entry.tsr is not None) > 1 or any(s < places[0] for s in stamps):
        yield Finding(Code.LEDGER, LEDGER, "метка времени записана дважды или раньше запуска")
    late = bool(stamps)
    tsr = ledger.entries[stamps[0]].tsr if late else entry.tsr
    return Anchor(places[0], stamps[0] if late else places[0], tsr, late)


def pinned(anchor: Anchor, ledger: Ledger | None, *, head: str | None) -> Telling[bool]:
    """Whether the head known elsewhere covers this pack's line and its stamp's."""
    if head is None:
        yield Note("Голова реестра не указана (--head): переписанный целиком реестр не заметен.")
        return False
    if ledger is None:
        return False
    place = ledger.place_of(head)
    if place is None:
        what = "строки с указанной головой нет: реестр укорочен"
        yield Finding(Code.LEDGER_TRUNCATED, LEDGER, what)
        return False
    if anchor.place is None:
        return False
    if max(anchor.place, anchor.stamp_place or 0) > place:
        yield Note("Запись о пакете новее указанной головы реестра: возьмите новую.")
        return False
    return True

"""Who vouches for a pack's attestation, and when: the key's signature and the authority's clock."""

from __future__ import annotations

from datetime import datetime, timedelta

from sigex_runbook.evidence.pack.canonical import sha256_hex

from .envelope import Envelope
from .findings import Code, Fault, Finding, Note, Telling
from .ledger_anchor import Anchor
from .seal_files import TOKEN
from .statement import ATTESTATION, PackStatement
from .timestamp import TOLERANCE
from .token import check_token, covers
from .trust import Authority, Trust


def signer(
    envelope: Envelope,
    trust: Trust,
    *,
    trusted: datetime | None,
    at: datetime,
    place: str = ATTESTATION,
) -> Telling[str | None]:
    """The trusted key that signed. It must be valid when time can be trusted, otherwise now."""
    key = trust.key(envelope.keyid)
    if key is None:
        yield Finding(Code.SIGNATURE, place, "подписано ключом, которого нет в trust.json")
        return None
    if not envelope.signed_by(key.key):
        yield Finding(Code.SIGNATURE, place, "подпись не сходится")
        return None
    if not key.valid_at(trusted or at):
        when = "в миг метки времени" if trusted else "сейчас, а доверенного времени нет"
        yield Finding(Code.KEY_EXPIRED, place, f"ключ подписи не действует {when}")
    return key.keyid


def token_time(
    token: bytes | None, data: bytes, anchor: Anchor, authorities: tuple[Authority, ...]
) -> Telling[datetime | None]:
    """The token's time, when one of the trusted authorities vouches for it."""
    if token is None:
        if anchor.tsr is not None:
            yield Finding(Code.TIMESTAMP, TOKEN, "в реестре метка времени есть, а файла нет")
        else:
            yield Note(
                "Метки времени нет: когда это заверено, известно только со слов машины. "
                "Добавить: sigex-runbook stamp."
            )
        return None
    if anchor.tsr is not None and sha256_hex(token) != anchor.tsr:
        yield Finding(Code.TIMESTAMP, TOKEN, "метка времени не та, что записана в реестре")
        return None
    if anchor.place is not None and anchor.tsr is None:
        yield Note(
            "Метка времени ещё не записана в реестр: завершите командой sigex-runbook stamp."
        )
    try:
        covers(token, data)
        if authorities:
            return check_token(token, data, authorities)
    except Fault as fault:
        yield fault.at(TOKEN)
    else:
        yield Note("В trust.json нет сервера времени: метке верить не на чем.")
    return None


def clocks(
    moment: datetime | None,
    statement: PackStatement | None,
    *,
    at: datetime,
    late: bool,
    ahead: timedelta,
) -> Telling[int | None]:
    """How many seconds the authority's clock is ahead of the machine's that sealed. Neither may be
    ahead of the verifier's, `at`; a stamp that came `late` may well be after the sealing, and then
    the time between them says nothing of the clocks: None. The machine's may have
    been `ahead`, if the service's was right."""
    latest = at + TOLERANCE
    if moment is not None and moment > latest:
        yield Finding(Code.TIME_FUTURE, TOKEN, "метка времени из будущего")
    if statement is None:
        return None
    if statement.sealed_at - latest > max(ahead, timedelta(0)):
        yield Finding(Code.TIME_FUTURE, ATTESTATION, "заверено в будущем")
    if moment is None:
        return None
    apart = moment - statement.sealed_at
    skew = min(apart, apart + ahead, key=abs)
    seconds = round(apart.total_seconds())
    if skew < -TOLERANCE or (skew > TOLERANCE and not late):
        what = f"часы машины и сервера времени расходятся на {seconds} с"
        yield Finding(Code.TIME_SKEW, ATTESTATION, what)
    return None if late else seconds

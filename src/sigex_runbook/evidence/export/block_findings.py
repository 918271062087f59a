"""Whether one access block is as it was ordered, by the settings read afterwards and the probes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sigex_runbook.core.access import AccessBlock, differences
from sigex_runbook.core.verdict import Answer, Channel, CheckResult
from sigex_runbook.evidence.report.dossier import Dossier


class BlockState(StrEnum):
    """`UNSEEN`: not all that would show it was seen; nothing that was seen contradicts."""

    AS_ORDERED = "as_ordered"
    OTHERWISE = "otherwise"
    UNSEEN = "unseen"


@dataclass(frozen=True, slots=True)
class BlockFinding:
    """One block's state, with one sentence for the reader."""

    state: BlockState
    detail: str


def block_finding(dossier: Dossier, block: AccessBlock) -> BlockFinding:
    """What the record shows of that block: as ordered only when all three channels show it."""
    probes = [probe for probe in dossier.probes if probe.block is block]
    if any(p.answer is not Answer.NOT_TRIED and not p.as_expected for p in probes):
        return BlockFinding(
            BlockState.OTHERWISE, "Сервис ответил информационной системе не по настройкам."
        )
    if dossier.expected is None or dossier.after is None:
        return BlockFinding(
            BlockState.UNSEEN, "Не проверено: настройки после изменения не прочитаны."
        )
    moved = differences(dossier.expected, dossier.after)
    if any(one.path.split(".")[0] == block for one in moved):
        return BlockFinding(BlockState.OTHERWISE, "Настройки блока не равны ожидаемым.")
    results = {check.channel: check.result for check in dossier.checks}
    if results.get(Channel.SCREEN) is not CheckResult.AGREES:
        return BlockFinding(
            BlockState.UNSEEN, "Не подтверждено: экран не показал заказанного или не проверен."
        )
    made = {(p.moment, p.control) for p in probes if p.answer is not Answer.NOT_TRIED}
    if not made.issuperset((m, control) for m in ("before", "after") for control in (False, True)):
        return BlockFinding(
            BlockState.UNSEEN,
            "Не проверено: настройки равны ожидаемым, но проб по mTLS не хватает.",
        )
    return BlockFinding(
        BlockState.AS_ORDERED,
        "Настройки блока равны ожидаемым, и все пробы по mTLS ответили по настройкам.",
    )

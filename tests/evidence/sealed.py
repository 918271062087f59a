"""Small sealed packs and campaigns, made the way that runs make them."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from securesystemslib.signer import CryptoSigner

from sigex_runbook.access import AccessBlock, AccessSettings, differences
from sigex_runbook.evidence.closing import close_campaign
from sigex_runbook.evidence.keyring import SealingKey
from sigex_runbook.evidence.pack import PackDraft
from sigex_runbook.evidence.screens import store_capture
from sigex_runbook.evidence.sealing import Sealed, Sealer, seal_pack
from sigex_runbook.evidence.trust import Trust, TrustedKey
from sigex_runbook.evidence.verification import Question, Verification, verify_pack
from sigex_runbook.order import Wish
from sigex_runbook.organisation import Bin, check_digit
from sigex_runbook.record import Outcome
from sigex_runbook.verdict import (
    Answer,
    Channel,
    Check,
    CheckResult,
    Probe,
    judge_probes,
    reach_verdict,
)
from tests.builders import CONTROL, SYSTEM, known_pair, settings_body
from tests.evidence.met import MET  # by this name only: one module, whoever imports it

from .authority import TestAuthority
from .material import facts, page_png, step

CAMPAIGN = "2026-весна"
RUN = "20261125T120000Z-7f3a"
SIGNER = CryptoSigner.generate_ed25519()
STRANGER = CryptoSigner.generate_ed25519()


def bin_of(number: int) -> str:
    """The BIN of a made-up legal entity."""
    while True:
        eleven = f"99064{number:06d}"
        digit = check_digit(eleven)
        if digit is not None:
            return f"{eleven}{digit}"
        number += 500_000


A, B = bin_of(1), bin_of(2)


def window(signer: SealingKey = SIGNER, *, days: int = 30) -> TrustedKey:
    now = datetime.now(UTC).replace(microsecond=0)
    return TrustedKey(signer.public_key, now - timedelta(days=days), now + timedelta(days=days))


def states(organisation: str) -> tuple[AccessSettings, AccessSettings]:
    """Before, and what it becomes when everything is granted."""
    body = settings_body(businessId=f"BIN{organisation}")
    for value in body.values():
        if isinstance(value, dict) and "iins" in value:
            value["iins"] = []  # a pack holds no person's number
    before = AccessSettings(body)
    after = before
    for name in AccessBlock:
        after = after.with_grant(name, 0, granted=True)
    return before, after


def evidence(
    organisation: str = A, run: str = RUN, *, outcome: Outcome = Outcome.PASSED
) -> dict[str, Any]:
    """The JSON of a run's evidence by file name, as `complete` writes it."""
    before, after = states(organisation)
    probes = [
        Probe(
            moment,
            name,
            name == CONTROL,
            one,
            Answer.SERVED if moment == "after" and name == SYSTEM else Answer.REFUSED,
            Answer.SERVED if moment == "after" and name == SYSTEM else Answer.REFUSED,
        )
        for moment in ("before", "after")
        for name in (SYSTEM, CONTROL)
        for one in AccessBlock
    ]
    checks = [
        Check(Channel.SCREEN, CheckResult.AGREES, "галочки стоят"),
        Check(Channel.API, CheckResult.AGREES, "настройки равны"),
        judge_probes(probes),
    ]
    steps = [step(1), step(2, outcome, message=None if outcome is Outcome.PASSED else "Нет.")]
    return {
        "run.json": {
            "format": "sigex-run/1",
            "run_id": run,
            "organisation_bin": organisation,
            "session": {
                "identity": f"ИВАНОВ ИВАН, ТОО (БИН {organisation})",
                "clock": {"offset_from_server_seconds": 0.4},
            },
            "failure": None,
            "verdict": asdict(reach_verdict(steps, checks)),
            "steps": {o: sum(1 for s in steps if s.outcome is o) for o in Outcome},
        },
        "order.json": {
            "format": "sigex-access-order/1",
            "organisation_bin": organisation,
            "information_system": _system(SYSTEM),
            "control_system": _system(CONTROL),
            "access": dict.fromkeys(AccessBlock, Wish.GRANTED),
        },
        "state/before.json": before.body,
        "state/expected.json": after.body,
        "state/after.json": after.body,
        "state/diff.json": [asdict(d) for d in differences(before, after)],
        "verification.json": {
            "checks": [asdict(check) for check in checks],
            "probes": [asdict(probe) for probe in probes],
        },
        "steps": steps,
    }


def _system(name: str) -> dict[str, str]:
    return {"description": name, "key_sha256": known_pair(name).fingerprint}


def fill(draft: PackDraft, values: dict[str, Any], *, picture: bool = True) -> None:
    """Write that evidence into a draft."""
    for name, value in values.items():
        if name == "steps":
            for record in value:
                draft.append_step(record)
        else:
            draft.write_json(name, value)
    draft.write_text("features/раздел 4.feature", "# language: ru\n")
    if picture:
        png = page_png(320, 240)
        store_capture(
            draft,
            png,
            replace(
                facts(run_id=draft.run_id, viewport_width=320, viewport_height=240),
                box=replace(facts().box, x=60, y=60, width=80, height=30),
            ),
        )


@dataclass
class Place:
    """An outputs folder with one campaign, its sealer, and what a verifier of it believes."""

    outputs: Path
    authority: TestAuthority | None = None
    signer: SealingKey = SIGNER
    post: Callable[[str, bytes], bytes] | None = None
    heads: list[str] = field(default_factory=list)

    @property
    def campaign(self) -> Path:
        return self.outputs / CAMPAIGN

    @property
    def trust(self) -> Trust:
        return Trust(
            (window(self.signer),), (self.authority.pinned,) if self.authority is not None else ()
        )

    @property
    def sealer(self) -> Sealer:
        post = self.post or (self.authority.post if self.authority else None)
        return Sealer(self.signer, self.trust, post=post, pause=lambda _: None)

    def draft(
        self, organisation: str = A, run: str = RUN, *, campaign: str = CAMPAIGN
    ) -> PackDraft:
        return PackDraft.create(self.outputs, campaign, Bin(organisation), run)

    def seal(
        self,
        organisation: str = A,
        run: str = RUN,
        *,
        change: Callable[[dict[str, Any]], object] | None = None,
        files: dict[str, bytes] | None = None,
        sealer: Sealer | None = None,
        picture: bool = True,
        outcome: Outcome = Outcome.PASSED,
        finish: Callable[[PackDraft], object] = lambda _: None,
    ) -> Sealed:
        """One sealed pack; `change` meddles with the evidence before it is written, `finish` with
        the draft before it is sealed."""
        values = evidence(organisation, run, outcome=outcome)
        if change is not None:
            change(values)
        draft = self.draft(organisation, run)
        fill(draft, values, picture=picture)
        for name, data in (files or {}).items():
            draft.write_bytes(name, data)
        finish(draft)
        verdict = values["run.json"]["verdict"]["kind"]
        sealed = seal_pack(draft, sealer or self.sealer, verdict=verdict)
        self.heads.append(sealed.head)
        return sealed

    def close(self, *others: Any) -> str:
        """Seal the population; gives the ledger's head."""
        self.heads.append(close_campaign(self.campaign, self.sealer, others).head)
        return self.heads[-1]

    def question(self, **changes: Any) -> Question:
        return Question(**{"trust": self.trust, **changes})

    def verify(self, pack: Path, **changes: Any) -> Verification:
        return verify_pack(pack, self.question(**changes))


def codes(verification: Any) -> set[str]:
    """The codes of all findings."""
    found = {str(finding.code) for finding in verification.findings}
    MET.add(frozenset(found))
    return found


def copy(place: Place, to: Path) -> Place:
    """The same outputs elsewhere, to be spoiled."""
    shutil.copytree(place.outputs, to, symlinks=True)
    return replace(place, outputs=to)

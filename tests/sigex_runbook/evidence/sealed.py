"""Small sealed packs and campaigns, made the way that runs make them."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import cache
from pathlib import Path
from typing import Any

from PIL import Image
from securesystemslib.signer import CryptoSigner

from sigex_runbook.core.access import AccessBlock, AccessSettings, differences
from sigex_runbook.core.audit import Audit, AuditEvent
from sigex_runbook.core.guide import load_guide
from sigex_runbook.core.order import Wish
from sigex_runbook.core.organisation import Bin, check_digit
from sigex_runbook.core.plan import Plan
from sigex_runbook.core.record import CaptureFacts, Outcome, PlannedStep, StepRecord
from sigex_runbook.core.verdict import (
    Answer,
    Channel,
    Check,
    CheckResult,
    Probe,
    judge_probes,
    judge_settings,
    reach_verdict,
)
from sigex_runbook.evidence.attest.keyring import SealingKey
from sigex_runbook.evidence.attest.trust import Trust, TrustedKey
from sigex_runbook.evidence.pack.canonical import sha256_hex
from sigex_runbook.evidence.pack.captures import store_capture
from sigex_runbook.evidence.pack.draft import PackDraft
from sigex_runbook.evidence.pack.junit import junit_xml
from sigex_runbook.evidence.pack.layout import REPORT_HTML, REPORT_ORIGIN, REPORT_PDF
from sigex_runbook.evidence.pack.records import audit_record
from sigex_runbook.evidence.report import Dossier, render_report
from sigex_runbook.evidence.sealing.campaign import close_campaign
from sigex_runbook.evidence.sealing.report_files import origin_of, without_pdf
from sigex_runbook.evidence.sealing.sealer import Sealer
from sigex_runbook.evidence.sealing.sealing import Sealed, seal_pack
from sigex_runbook.evidence.verify.verification import Question, Verification, verify_pack
from tests.builders import CONTROL, SYSTEM, known_pair, settings_body
from tests.sigex_runbook.evidence.met import (
    MET,  # by this name only: one module, whoever imports it
)

from .authority import TestAuthority
from .material import facts, page_png, png, step

CAMPAIGN = "2026-весна"
RUN = "20261125T120000Z-7f3a"
TARGET, MTLS_TARGET = "https://127.0.0.1:8443", "https://127.0.0.1:8444"
STARTED = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
CALLOUTS = range(1, 14)
"""The guide's."""

DOCUMENT = "1jpAOexzXjfy8s13"
DENIED = "Access denied"

DOT = png(Image.new("RGB", (1, 1)))
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
    return before, AccessSettings(after.body | {"modifiedAt": _milliseconds(STARTED)})


def _milliseconds(moment: datetime) -> int:
    """As the service tells time."""
    return int(moment.timestamp() * 1000)


def evidence(
    organisation: str = A,
    run: str = RUN,
    *,
    outcome: Outcome = Outcome.PASSED,
    whole: bool = True,
) -> dict[str, Any]:
    """The JSON of a run's evidence by file name, as `complete` writes it. One that is not whole
    has two steps and no calls, too little for a success."""
    before, after = states(organisation)
    expected = AccessSettings(after.body | {"modifiedAt": before.body["modifiedAt"]})
    audit = Audit((AuditEvent(2, True, before, after),))
    probes = [
        Probe(
            moment,
            name,
            name == CONTROL,
            one,
            Answer.SERVED if moment == "after" and name == SYSTEM else Answer.REFUSED,
            Answer.SERVED if moment == "after" and name == SYSTEM else Answer.REFUSED,
            "" if moment == "after" and name == SYSTEM else DENIED,
        )
        for moment in ("before", "after")
        for name in (SYSTEM, CONTROL)
        for one in AccessBlock
    ]
    checks = [
        Check(Channel.SCREEN, CheckResult.AGREES, "галочки стоят"),
        judge_settings(Plan(before, expected, 0, 1), after, audit),
        judge_probes(probes),
    ]
    steps = walk(outcome) if whole else [step(1), _ended(2, outcome)]
    return {
        "run.json": {
            "format": "sigex-run/1",
            "run_id": run,
            "organisation_bin": organisation,
            "information_system": _system(SYSTEM),
            "target": TARGET,
            "mtls_target": MTLS_TARGET,
            "operator": "operator",
            "parameters": {"visible": False, "deadline_seconds": 300},
            "program": {"version": "0.1.0", "revision": None},
            "without_notebook": "Блокнот ещё открыт.",
            "finished_at": STARTED.isoformat(),
            "saved": "yes",
            "session": {
                "identity": identity_of(organisation),
                "clock": {
                    "local": STARTED.isoformat(),
                    "offset_from_server_seconds": 0.4,
                    "zone": "UTC",
                },
                "nothing_to_do": False,
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
            "probe_document": DOCUMENT,
            "sign_in": "pkcs12",
        },
        "state/before.json": before.body,
        "state/expected.json": expected.body,
        "state/after.json": after.body,
        "state/diff.json": [asdict(d) for d in differences(before, after)],
        "state/audit.json": audit_record(audit),
        "verification.json": {
            "checks": [asdict(check) for check in checks],
            "probes": [asdict(probe) for probe in probes],
        },
        **(recorded_calls(organisation, before, after) if whole else {}),
        "steps": steps,
    }


def walk(outcome: Outcome = Outcome.PASSED) -> list[StepRecord]:
    """A step for each of the guide's callouts; the last one ends as told."""
    *passed, last = CALLOUTS
    walked = [*(_ended(number, Outcome.PASSED) for number in passed), _ended(last, outcome)]
    return [
        replace(
            one,
            step=replace(
                one.step,
                section=load_guide().section_of(number).number,
                callout=number,
                text=f"сотрудник выполняет действие ({number})",
            ),
        )
        for number, one in zip(CALLOUTS, walked, strict=True)
    ]


def _ended(position: int, outcome: Outcome) -> StepRecord:
    message = "Нет." if outcome is Outcome.FAILED else None
    one = step(position, outcome, message=message)
    return one if one.started_at is None else replace(one, started_at=STARTED.isoformat())


def moved(values: dict[str, Any], moment: datetime) -> None:
    """As if that run had been made at that moment."""
    at = moment.isoformat(timespec="milliseconds")
    values["steps"] = [replace(s, started_at=s.started_at and at) for s in values["steps"]]
    values["run.json"]["finished_at"] = at
    if "clock" in values["run.json"]["session"]:
        values["run.json"]["session"]["clock"]["local"] = at
    saved = {"modifiedAt": _milliseconds(moment)}
    values["state/after.json"] = values["state/after.json"] | saved
    for name in values:
        if name.startswith("api/"):
            fields = values[name]["fields"]
            if fields.get("modifiedAt") == _milliseconds(STARTED):
                values[name]["fields"] = fields | saved
            values[name] |= {
                "sent_at": at,
                "date": format_datetime(moment, usegmt=True),
                "url": values[name]["url"].replace(_until(STARTED), _until(moment)),
            }


def recorded_calls(
    organisation: str, before: AccessSettings, after: AccessSettings
) -> dict[str, Any]:
    """What the API was asked by the employee and both information systems, as files."""
    made: list[tuple[str, str, str, dict[str, Any]]] = []
    for state in (before, after):
        fields: dict[str, Any] = {
            one: {"tlsCertificatesIndices": state.body[one]["tlsCertificatesIndices"]}
            for one in AccessBlock
        }
        fields |= {"businessId": f"BIN{organisation}", "modifiedAt": state.body["modifiedAt"]}
        made.append(("employee", "GET", f"{TARGET}/api/organizationSettings", fields))
        for actor in ("information system", "control system"):
            served = state is after and actor == "information system"
            made += [
                (actor, method, f"{MTLS_TARGET}{path}", answer if served else {"message": DENIED})
                for method, path, answer in (
                    ("GET", f"/api/{DOCUMENT}", {}),
                    ("GET", f"/api?from=0&{_until(STARTED)}&organization=true", {}),
                    ("POST", f"/api/{DOCUMENT}/settings", {"documentId": DOCUMENT}),
                    ("GET", "/api/organizationSettings", fields),
                )
            ]
    journal = f"{TARGET}/api/organizationSettingsAudit?lastEventId="
    made += [("employee", "GET", f"{journal}{n - 1}", {"eventsTotal": n}) for n in (1, 2)]
    return {
        f"api/{number:03d}.json": {
            "actor": actor,
            "method": method,
            "url": url,
            "status": 200,
            "date": format_datetime(STARTED, usegmt=True),
            "sent_at": STARTED.isoformat(),
            "fields": fields,
        }
        for number, (actor, method, url, fields) in enumerate(made, 1)
    }


def _until(moment: datetime) -> str:
    """The listing's question for all documents up to a day later."""
    return f"until={_milliseconds(moment + timedelta(days=1))}"


def identity_of(organisation: object) -> str:
    """Who signed in, as a page shows it."""
    return f"ИВАНОВ ИВАН, ТОО (БИН {organisation})"


def _system(name: str) -> dict[str, str]:
    return {"description": name, "key_sha256": known_pair(name).fingerprint}


def fill(draft: PackDraft, values: dict[str, Any], *, picture: bool = True) -> None:
    """Write that evidence into a draft, with the pictures of its callouts."""
    steps: list[StepRecord] = values["steps"]
    for name, value in values.items():
        if name == "steps":
            for record in value:
                draft.append_step(record)
        else:
            draft.write_json(name, value)
    for section in sorted({one.step.section for one in steps}):
        mine = [one.step for one in steps if one.step.section == section]
        draft.write_text(f"features/раздел {section}.feature", _feature(section, mine))
    draft.write_text("junit.xml", junit_xml(steps))
    if not picture:
        return
    small = facts(run_id=draft.run_id, viewport_width=320, viewport_height=240)
    small = replace(small, box=replace(small.box, x=60, y=60, width=80, height=30))
    if len(steps) < len(CALLOUTS):
        store_capture(draft, page_png(320, 240), small)
        return
    for number, one in enumerate(steps, 1):
        assert one.step.callout is not None
        seen = replace(
            small,
            number=number,
            section=one.step.section,
            callout=one.step.callout,
            step=one.step.text,
            environment=TARGET,
            identity=identity_of(draft.home.organisation_bin) if one.step.section > 1 else None,
            taken_at_utc=one.started_at or STARTED.isoformat(),
            taken_at_local=one.started_at or STARTED.isoformat(),
        )
        if number == 1:
            store_capture(draft, page_png(320, 240), seen)
        else:
            _cheap(draft, seen)


def _feature(section: int, steps: list[PlannedStep]) -> str:
    tags = " ".join(f"@callout-{callout}" for callout in sorted({s.callout or 0 for s in steps}))
    return "\n".join(
        [
            *("# language: ru", f"@section-{section}", f"Функция: Раздел {section}", ""),
            *(f"  @guide {tags}", f"  Сценарий: {steps[0].scenario}"),
            *(f"    {one.keyword} {one.text}" for one in steps),
            "",
        ]
    )


@cache
def _plain_picture(kind: str, number: int) -> bytes:
    return png(Image.new("L", (320, 240), 2 * number + (kind == "raw")))


def _cheap(draft: PackDraft, seen: CaptureFacts) -> None:
    """A picture that nobody looks at, stored without being drawn."""
    stem = f"screens/{seen.number:03d}"
    record: dict[str, Any] = {"format": "sigex-capture/1", "facts": seen}
    for kind in ("raw", "annotated"):
        picture = _plain_picture(kind, seen.number)
        draft.write_bytes(f"{stem}-{kind}.png", picture)
        record[kind] = {"path": f"{stem}-{kind}.png", "sha256": sha256_hex(picture)}
    record["annotated"]["parent"] = record["raw"]["sha256"]
    draft.write_json(f"{stem}.json", record)


def published(draft: PackDraft, sealer: Sealer) -> None:
    """The report as runs make it, beside a PDF that lies there already or without one."""
    dossier = Dossier.read(draft.folder)
    origin = origin_of(draft, sealer, dossier, "ru")
    if not draft.exists(REPORT_PDF):
        origin = without_pdf(draft, origin, "Браузера нет.")
    html = render_report(dossier, origin.binding(sealer.own_key().keyid), origin.language)
    draft.write_bytes(REPORT_HTML, html.encode())
    draft.write_json(REPORT_ORIGIN, origin.plain())


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
        return Sealer(self.signer, published, self.trust, post=post, pause=lambda _: None)

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
        if not picture and outcome is Outcome.PASSED:
            outcome = Outcome.NOT_RUN  # a run without pictures has not passed
        values = evidence(organisation, run, outcome=outcome, whole=outcome is Outcome.PASSED)
        if change is not None:
            change(values)
        draft = self.draft(organisation, run)
        verdict = values["run.json"]["verdict"]["kind"]
        fill(draft, values, picture=picture)
        for name, data in (files or {}).items():
            draft.write_bytes(name, data)
        finish(draft)
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

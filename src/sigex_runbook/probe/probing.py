"""One probe from the outside: browser, sign-in, two walks, a folder with what was found."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser as RunningBrowser
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import sync_playwright

from sigex_runbook.core.deadline import Deadline
from sigex_runbook.core.errors import RunFailed
from sigex_runbook.core.order import Order
from sigex_runbook.run.options import Options
from sigex_runbook.run.sign_in import SignIn, sign_in_of
from sigex_runbook.signing import NCALayer
from sigex_runbook.signing.bridge import attach
from sigex_runbook.site.browser import find_browser
from sigex_runbook.site.browser_launch import launch
from sigex_runbook.site.finder import Finder
from sigex_runbook.site.reading.locators import NONE, Locators, Overrides, meanings
from sigex_runbook.site.server_pin import server_pin
from sigex_runbook.site.session import Visit, visit
from sigex_runbook.site.site import Site
from sigex_runbook.site.ticks import Ticks

from .camera import Camera
from .cleaning import Cleaning
from .findings import Finding, Probed, Proposal, with_pointers
from .ground import Ground
from .guard import ReadingOnly
from .locator_file import locator_file
from .page import render
from .pointing import Pointing
from .unknowns import Unknowns
from .visitor import Visitor
from .walk import Walk, found_again

INDEX, LOCATORS, FACTS = "index.html", "locators.yaml", "probe.json"
FORMAT = "sigex-probe/1"


def probe(
    order: Order,
    options: Options,
    *,
    overrides: Overrides = NONE,
    ask: Callable[[str], object] | None = None,
) -> Probed:
    """Look at the service's pages as the order's employee and change nothing.

    With `ask` a person is asked to press what is not recognised. Raises UsageError and
    ServiceUnavailable when there is nothing to look at.
    """
    target = options.target
    pins = [server_pin(target.address, target.ca.read_bytes())] if target.ca is not None else []
    browser = find_browser(visible=options.visible)
    with (
        sync_playwright() as playwright,
        launch(
            playwright,
            browser=browser,
            address=target.address,
            pins=pins,
            visible=options.visible,
        ) as running,
    ):
        return probe_in(running, order, options, overrides=overrides, ask=ask)


def probe_in(
    browser: RunningBrowser,
    order: Order,
    options: Options,
    *,
    overrides: Overrides = NONE,
    ask: Callable[[str], object] | None = None,
) -> Probed:
    """The same in a browser that is running."""
    began = datetime.now(UTC)
    cleaning = Cleaning(order.organisation.bin)
    sign_in = sign_in_of(order, visible=options.visible)
    visitor = Visitor(options.target, Deadline(options.deadline_seconds))
    run_id = f"probe-{began:%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}"
    with visit(browser) as opened:
        visitor.stands_at(opened.page)
        if sign_in.signer is not None:
            attach(opened.context, NCALayer(sign_in.signer))
        ground = _ground(order, options, sign_in, visitor, opened, overrides, cleaning, run_id)
        guard = ReadingOnly(opened.page, options.target.address)
        unknowns = Unknowns(cleaning)
        try:
            walk = Walk(ground, overrides, unknowns.learn, ask=ask)
            walk.perform()
            with suppress(PlaywrightError, RunFailed):
                unknowns.look_at_cookies(opened.context.cookies(options.target.address))
                unknowns.ask(visitor.ask)
            proposals = _tried_again(ground, overrides, walk)
            unchanged = visitor.unchanged()
        finally:
            visitor.close()
    by_place = {one.place.key: one for one in proposals}
    return Probed(
        run_id=run_id,
        target=options.target.address,
        began=began.isoformat(timespec="seconds"),
        findings=tuple(
            replace(one, proposal=by_place.get(one.proposal.place.key)) if one.proposal else one
            for _, one in sorted(walk.findings.items())
        ),
        proposals=proposals,
        learnt=unknowns.learnt(),
        notes=tuple(dict.fromkeys(map(cleaning.text, [*visitor.notes, *_stopped(walk)]))),
        refused=tuple(dict.fromkeys(guard.refused)),
        unchanged=unchanged,
    )


def _ground(
    order: Order,
    options: Options,
    sign_in: SignIn,
    visitor: Visitor,
    opened: Visit,
    overrides: Overrides,
    cleaning: Cleaning,
    run_id: str,
) -> Ground:
    address, page, deadline = options.target.address, opened.page, visitor.deadline
    site = Site(
        page,
        address,
        keep="",
        deadline=deadline,
        observer=visitor,
        backstage=visitor,
        overrides=overrides,
    )
    finder = Finder(page, deadline, Locators(meanings(), overrides))
    return Ground(
        site=site,
        finder=finder,
        ticks=Ticks(finder, visitor.settings_before),
        visitor=visitor,
        sign_in=sign_in,
        wanted=order.information_system.description,
        pointing=Pointing(page, finder, cleaning.private),
        camera=Camera(finder, run_id, address, cleaning.text),
        cleaning=cleaning,
        address=address,
    )


def _tried_again(ground: Ground, overrides: Overrides, walk: Walk) -> tuple[Proposal, ...]:
    """The proposals, each tried on a page that was loaded anew."""
    waiting = [one for one in walk.proposals if one.again is None and one.place.on_the_way]
    if not waiting or not ground.visitor.signed_in():
        return tuple(walk.proposals)
    ground.use(with_pointers(overrides, walk.proposals))
    found = found_again(ground, waiting)
    return tuple(
        replace(one, again=one.place.key in found) if one in waiting else one
        for one in walk.proposals
    )


def _stopped(walk: Walk) -> list[str]:
    return [walk.stopped] if walk.stopped else []


def write(probed: Probed, told: Overrides, outputs: Path) -> Path:
    """Write the folder of a probe, for this user alone; the answer is its path. Raises OSError."""
    folder = outputs / probed.run_id
    outputs.mkdir(parents=True, exist_ok=True)
    folder.mkdir(mode=0o700)
    proposed = locator_file(told, probed)
    for name, text in (
        (LOCATORS, proposed),
        (FACTS, json.dumps(as_json(probed), ensure_ascii=False, indent=2) + "\n"),
        (INDEX, render(probed, proposed, begun_with=told != NONE)),
    ):
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def as_json(probed: Probed) -> dict[str, Any]:
    """Everything that was found, without the pictures."""
    return {
        "format": FORMAT,
        "run_id": probed.run_id,
        "target": probed.target,
        "began": probed.began,
        "recognised": probed.recognised,
        "settings_unchanged": probed.unchanged,
        "refused_requests": list(probed.refused),
        "callouts": [_callout(one) for one in probed.findings],
        "pointers": [_pointer(one) for one in probed.proposals],
        "unknowns": [
            {
                "sigex_facts": f"6.{one.number}",
                "question": one.question,
                "seen": bool(one.seen),
                "facts": one.seen,
            }
            for one in probed.learnt
        ],
        "notes": list(probed.notes),
    }


def _callout(one: Finding) -> dict[str, Any]:
    told = asdict(replace(one, picture=None, proposal=None))
    del told["picture"], told["proposal"]
    return {**told, "pointer": one.proposal.place.key if one.proposal else None}


def _pointer(one: Proposal) -> dict[str, Any]:
    return {
        "place": one.place.key,
        "pointer": one.pointer.model_dump(exclude_none=True),
        "what": one.what,
        "firmness": one.firmness,
        "proof": one.proof,
        "by_person": one.by_person,
        "again_after_reload": one.again,
        "used": one.used,
    }

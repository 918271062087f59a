"""One probe from the outside: browser, sign-in, two walks, what was found."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime

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
from sigex_runbook.site.pages.screen import Screen
from sigex_runbook.site.reading.locators import NONE, Overrides
from sigex_runbook.site.server_pin import server_pin
from sigex_runbook.site.session import Visit, visit
from sigex_runbook.site.site import Site

from .camera import Camera
from .cleaning import Cleaning
from .findings import Probed, Proposal, with_pointers
from .ground import Ground
from .pointing import Pointing
from .unknowns import Unknowns
from .visitor import ReadingOnly, Visitor
from .walk import Walk, found_again


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
    deadline = Deadline(options.deadline_seconds)
    run_id = f"probe-{began:%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}"
    with visit(browser) as opened:
        visitor = Visitor(options.target, deadline, opened.page)
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
    address, page = options.target.address, opened.page
    screen = Screen(
        page,
        address,
        keep="",
        deadline=visitor.deadline,
        observer=visitor,
        backstage=visitor,
        overrides=overrides,
    )
    return Ground(
        site=Site(screen),
        finder=screen.finder,
        ticks=screen.ticks,
        visitor=visitor,
        sign_in=sign_in,
        wanted=order.information_system.description,
        pointing=Pointing(page, screen.finder, cleaning.private),
        camera=Camera(screen.finder, run_id, address, cleaning.text),
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

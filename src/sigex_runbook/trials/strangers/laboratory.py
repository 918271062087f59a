"""The runbook on a stranger's site: an order performed once, in a world of its own."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

from sigex_emulator import Emulator
from sigex_emulator.pki.authority import SystemKey, ec_key, self_signed_system_key
from sigex_emulator.world.organisations import Organisation
from sigex_emulator.world.settings import ALL_BLOCKS
from sigex_runbook.core.access import AccessBlock
from sigex_runbook.core.order import Order
from sigex_runbook.core.verdict import Verdict
from sigex_runbook.trials.attempts import order_of, perform, reported_at

from .booth import Booth
from .grammar import Style
from .trials import Finding, Trial, Witnessed, judge

_TICKS = "tlsCertificatesIndices"

Performer = Callable[[Emulator, Order], Verdict]
"""Whoever performs an order on the emulator's site: the runbook, or what a test puts there."""


class Laboratory:
    """An emulator whose site and world are another one for each run."""

    def __init__(self, *, walk_in: bool = False) -> None:
        self._closing = ExitStack()
        folder = Path(self._closing.enter_context(TemporaryDirectory(prefix="sigex-strangers-")))
        self.booth = Booth()
        self.emulator = self._closing.enter_context(
            Emulator(folder / "emulator", walk_in=walk_in, pages=self.booth.add)
        )
        self.order = order_of(self.emulator)
        self._spare: list[SystemKey] = []
        self._kept: dict[str, Any] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.close()

    @property
    def organisation(self) -> Organisation:
        """The organisation whose settings are changed, as the world holds it now."""
        return self.emulator.world.organisations[str(self.order.organisation.bin)]

    def prepare(self, style: Style) -> Order:
        """Bring the style's world about, put its site up and return the order to try there."""
        world, arrangement = self.emulator.world, style.arrangement
        world.reset()
        ordered, control = self.organisation.system_keys[:2]
        own = {arrangement.ordered: ordered, arrangement.control: control}
        spare = iter(self._spares(len(arrangement.systems)))
        organisation = self.organisation
        organisation.settings = replace(organisation.settings, tls_certificates=())
        for place, description in enumerate(arrangement.systems):
            key = own.get(place) or next(spare)
            world.add_information_system(organisation.organisation_bin, description, key)
        organisation.set_disabled(arrangement.systems[arrangement.disabled], disabled=True)
        for block, places in arrangement.granted.items():
            for place in places:
                organisation.grant(block, arrangement.systems[place])
        self._kept = _others(organisation.settings.as_json())
        self.booth.put_up(style, organisation)
        return self._order(style)

    def witnessed(self, style: Style) -> Witnessed:
        """What was pressed and saved since the site was put up."""
        organisation = self.organisation
        expected = style.arrangement.expected
        saves = [event.modified for event in organisation.audit.after(1)]  # the first is the seed's
        now = organisation.settings.as_json()
        return Witnessed(
            wrong=tuple(
                f"{tick.block}: {tick.kind} {tick.key} {'on' if tick.on else 'off'}"
                for tick in self.booth.ticks
                if not tick.ordered(style)
            ),
            foreign_saves=sum(
                _ticks(saved) != expected or _others(saved) != self._kept for saved in saves
            ),
            done=_ticks(now) == expected and _others(now) == self._kept,
            untouched=not saves,
        )

    def attempt(self, style: Style, performer: Performer = perform) -> Trial:
        """Let somebody perform the order on this site, and judge it."""
        order = self.prepare(style)
        started = time.monotonic()
        broke = ""
        try:
            verdict = performer(self.emulator, order)
        except Exception as error:  # noqa: BLE001 - what must not happen is a finding as well
            broke = f"{type(error).__name__}: {error}"
        seconds = round(time.monotonic() - started, 1)
        seen = self.witnessed(style)
        if broke:
            wrong = seen.wrong or seen.foreign_saves
            finding = Finding.WRONG_TICK if wrong else Finding.BROKE
            return Trial(style, finding, "", broke, seen.wrong, seconds)
        message = "; ".join(verdict.reasons)
        finding = judge(verdict, seen)
        return Trial(style, finding, reported_at(verdict), message, seen.wrong, seconds)

    def _spares(self, count: int) -> list[SystemKey]:
        now = self.emulator.world.clock.now()
        while len(self._spare) < count:
            self._spare.append(self_signed_system_key("", ec_key(), now))
        return self._spare

    def _order(self, style: Style) -> Order:
        systems, arrangement = style.arrangement.systems, style.arrangement
        named = self.order.information_system.model_copy(
            update={"description": systems[arrangement.ordered]}
        )
        access = {block: arrangement.wishes[block.value] for block in AccessBlock}
        return self.order.model_copy(update={"information_system": named, "access": access})


_laboratory: list[Laboratory] = []


def try_style(style: Style) -> Trial:
    """Perform the guide once on this site, in this process's own laboratory."""
    if not _laboratory:
        _laboratory.append(Laboratory())
    return _laboratory[0].attempt(style)


def _ticks(settings: Mapping[str, Any]) -> dict[str, frozenset[int]]:
    return {block: frozenset(settings[block][_TICKS]) for block in ALL_BLOCKS}


def _others(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings without the ticks of information systems."""
    return {
        name: {key: one for key, one in value.items() if key != _TICKS}
        if name in ALL_BLOCKS
        else value
        for name, value in settings.items()
    }

"""The runbook under a mutant: the whole guide for the sample order, in a world of its own."""

from __future__ import annotations

import time
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from sigex_emulator import Emulator
from sigex_emulator.skins import SKINS
from sigex_emulator.world.switches import Switches
from sigex_runbook.core.access import AccessBlock
from sigex_runbook.core.order import Order, Wish
from sigex_runbook.run.employee import Bridge
from sigex_runbook.run.sign_in import sign_in_of
from sigex_runbook.signing import Pkcs12Signer
from sigex_runbook.trials.attempts import order_of, perform, reported_at

from .computer import faulty_bridge
from .trials import Kind, Mutant, Trial, judge_fault, judge_look

_FOREIGN_BIN = "000740000728"


class _Laboratory:
    """A worker's emulator, kept for all of its trials."""

    def __init__(self) -> None:
        self._closing = ExitStack()
        folder = Path(self._closing.enter_context(TemporaryDirectory(prefix="sigex-mutants-")))
        self.outputs = folder / "outputs"
        self.emulator = self._closing.enter_context(Emulator(directory=folder / "emulator"))

    def prepare(self, mutant: Mutant) -> Order:
        """Bring the world into its first state, put the mutant there, return the order to try."""
        fault, world = mutant.fault, self.emulator.world
        order = order_of(self.emulator)
        skins = [skin for skin in SKINS if mutant == Mutant(Kind.SKIN, skin)]
        world.switches = Switches(skin=skins[0]) if skins else Switches()
        world.reset()
        if fault is None:
            return order
        if fault.injected_by == "service":
            world.faults.set(str(order.organisation.bin), fault.name)
        return one_block(order) if fault.order == "one block" else order

    def bridge(self, mutant: Mutant, order: Order) -> Bridge | None:
        """What goes wrong on the employee's computer; None when nothing does."""
        if mutant.fault is None or mutant.fault.injected_by == "service":
            return None
        signer = sign_in_of(order).signer
        assert signer is not None  # noqa: S101 - the sample order names a key file
        key = self.emulator.directory / "keys" / _FOREIGN_BIN / "employee-settings.p12"
        password = key.with_suffix(".password").read_text(encoding="utf-8").strip()
        return faulty_bridge(mutant.name, signer, Pkcs12Signer.load(key, password))

    def settings(self, organisation_bin: str) -> dict[str, object]:
        """The settings that the world holds."""
        settings = self.emulator.world.settings_of(organisation_bin)
        assert settings is not None  # noqa: S101 - the sample's own organisation
        return {k: v for k, v in settings.as_json().items() if k != "modifiedAt"}


_laboratory: list[_Laboratory] = []


def try_mutant(mutant: Mutant) -> Trial:
    """Perform the guide once under this mutant and judge what was said."""
    if not _laboratory:
        _laboratory.append(_Laboratory())
    lab = _laboratory[0]
    order = lab.prepare(mutant)
    organisation_bin = str(order.organisation.bin)
    before = lab.settings(organisation_bin)
    started = time.monotonic()
    verdict = perform(lab.emulator, order, lab.bridge(mutant, order))
    seconds = round(time.monotonic() - started, 1)
    after = lab.settings(organisation_bin)
    finding = (
        judge_fault(mutant.fault, verdict, untouched=after == before)
        if mutant.fault is not None
        else judge_look(
            mutant, verdict, untouched=after == before, right=_as_ordered(order, before) == after
        )
    )
    return Trial(mutant, reported_at(verdict), "; ".join(verdict.reasons), finding, seconds)


def one_block(order: Order) -> Order:
    """The same order for the documents alone: four grants would hide that two were exchanged."""
    access = dict.fromkeys(AccessBlock, Wish.LEAVE) | {AccessBlock.DOCUMENTS_ACCESS: Wish.GRANTED}
    return order.model_copy(update={"access": access})


def _as_ordered(order: Order, before: dict[str, object]) -> dict[str, object]:
    """The settings as they must be after the sample order: its system is the first of the list."""
    expected = dict(before)
    for block, wish in order.access.items():
        held = before[block.value]
        assert isinstance(held, dict)  # noqa: S101 - the shape of every block
        if wish is Wish.GRANTED:
            expected[block.value] = {**held, "tlsCertificatesIndices": [0]}
    return expected

"""Mutants: the emulator misbehaves or looks different; the runbook must notice or not be misled.

Each trial performs the whole guide for the sample order in a world of its own. What the runbook
says is then compared with the truth, read straight from the emulator's world and its catalogue.
"""

from __future__ import annotations

import io
import multiprocessing
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import ExitStack, redirect_stdout
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import BrowserContext

from .access import AccessBlock
from .emulator import Emulator
from .emulator.faults import CATALOGUE, Fault
from .emulator.faults.catalogue import Noticed
from .emulator.skins import SKINS
from .emulator.switches import Switches
from .errors import RunbookError, UsageError
from .evidence.pack import PackDraft
from .options import Options, Target, signer_of
from .order import Order, Wish, parse_order
from .runbook import Runbook
from .sample import sample_order
from .signing import NCALayer, Pkcs12Signer, SigningCancelled
from .signing.bridge import attach, attach_silent
from .stage import Bridge
from .verdict import Verdict, VerdictKind

_DEADLINE_SECONDS = 120.0
_FOREIGN_BIN = "000740000728"


class Kind(StrEnum):
    """What is tried."""

    FAULT = "fault"
    SKIN = "skin"
    CLEAN = "clean"


class Finding(StrEnum):
    """What a trial showed."""

    CAUGHT = "пойман"
    HELD = "выдержан"
    """Nothing was wrong, or nothing that matters, and the run passed."""
    NOT_FOUND = "не найдено"
    """Another look of the site: the run stopped, named what it could not find, ticked nothing."""
    SURVIVED = "выжил"
    """The truth was changed and the run passed."""
    MISPLACED = "не там"
    """Noticed, but with the wrong section or callout."""
    FALSE_ALARM = "ложная тревога"
    WRONG_TICK = "неверная галочка"


GOOD = frozenset({Finding.CAUGHT, Finding.HELD, Finding.NOT_FOUND})


@dataclass(frozen=True, slots=True)
class Mutant:
    """One trial: a fault or a skin by its name, or a clean run by its number."""

    kind: Kind
    name: str


@dataclass(frozen=True, slots=True)
class Trial:
    """How a mutant fared. `expected` and `reported` name section and callout in the guide's way."""

    mutant: Mutant
    expected: str
    reported: str
    message: str
    finding: Finding
    seconds: float

    @property
    def good(self) -> bool:
        """Whether this is what a trustworthy runbook does."""
        return self.finding in GOOD


def all_mutants(*, skins: Iterable[str] = (), clean: int = 0) -> list[Mutant]:
    """Every fault of the catalogue, these skins, and so many clean runs."""
    return [
        *(Mutant(Kind.FAULT, name) for name in CATALOGUE),
        *(Mutant(Kind.SKIN, name) for name in skins),
        *(Mutant(Kind.CLEAN, str(number)) for number in range(1, clean + 1)),
    ]


def named_mutants(names: Iterable[str], known: Iterable[Mutant]) -> list[Mutant]:
    """Those of the known ones that were asked for. Raises UsageError for another name."""
    by_name = {mutant.name: mutant for mutant in known}
    wanted = list(names)
    for name in wanted:
        if name not in by_name:
            raise UsageError(
                f"Мутанта «{name}» нет. Список печатает команда «sigex-runbook mutants --list»."
            )
    return [by_name[name] for name in wanted]


def try_mutants(mutants: list[Mutant], *, workers: int) -> Iterator[Trial]:
    """Try them in worker processes with an emulator each; trials come as they end."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        for done in as_completed([pool.submit(try_mutant, mutant) for mutant in mutants]):
            yield done.result()


# -- in a worker ---------------------------------------------------------------------------------


class _Laboratory:
    """A worker's emulator, kept for all of its trials."""

    def __init__(self) -> None:
        self._closing = ExitStack()
        folder = Path(self._closing.enter_context(TemporaryDirectory(prefix="sigex-mutants-")))
        self.outputs = folder / "outputs"
        self.emulator = self._closing.enter_context(Emulator(directory=folder / "emulator"))

    def order(self, *, one_block: bool) -> Order:
        text = sample_order(self.emulator.directory)
        order = parse_order(text, path=Path("order.yaml"))
        if not one_block:
            return order
        access = dict.fromkeys(AccessBlock, Wish.LEAVE) | {
            AccessBlock.DOCUMENTS_ACCESS: Wish.GRANTED
        }
        return order.model_copy(update={"access": access})

    def settings(self, organisation_bin: str) -> dict[str, object]:
        settings = self.emulator.world.settings_of(organisation_bin)
        assert settings is not None  # noqa: S101 - the sample's own organisation
        return {k: v for k, v in settings.as_json().items() if k != "modifiedAt"}


_laboratory: list[_Laboratory] = []


def try_mutant(mutant: Mutant) -> Trial:
    """Perform the guide once under this mutant and judge what was said."""
    if not _laboratory:
        _laboratory.append(_Laboratory())
    lab = _laboratory[0]
    fault = CATALOGUE[mutant.name] if mutant.kind is Kind.FAULT else None
    order = lab.order(one_block=fault is not None and fault.order == "one block")
    organisation_bin = str(order.organisation.bin)
    world = lab.emulator.world
    world.switches = (
        replace(Switches(), skin=next(name for name in SKINS if name == mutant.name))
        if mutant.kind is Kind.SKIN
        else Switches()
    )
    world.reset()
    before = lab.settings(organisation_bin)
    if fault is not None and fault.injected_by == "service":
        world.faults.set(organisation_bin, mutant.name)
    started = time.monotonic()
    verdict = _perform(lab, order, _bridge(mutant.name, order, lab))
    seconds = time.monotonic() - started
    after = lab.settings(organisation_bin)
    finding = (
        judge_fault(fault, verdict, untouched=after == before)
        if fault is not None
        else judge_look(
            mutant, verdict, untouched=after == before, right=_as_ordered(order, before) == after
        )
    )
    return Trial(
        mutant,
        _expected(fault),
        _reported(verdict),
        "; ".join(verdict.reasons),
        finding,
        round(seconds, 1),
    )


def _perform(lab: _Laboratory, order: Order, bridge: Bridge | None) -> Verdict:
    emulator = lab.emulator
    target = Target(emulator.address, emulator.mtls_address, emulator.directory / "ca.pem")
    with ExitStack() as stack:
        folder = stack.enter_context(TemporaryDirectory(dir=emulator.directory))
        # Outside of a notebook a failed section's view would be printed, pictures and all.
        stack.enter_context(redirect_stdout(io.StringIO()))
        draft = PackDraft.create(Path(folder), "mutants", order.organisation.bin, "run")
        options = Options(target, deadline_seconds=_DEADLINE_SECONDS)
        runbook = Runbook(order, options, draft, bridge=bridge)
        try:
            runbook.section(1)
            runbook.plan()
            for number in range(2, 9):
                runbook.section(number)
            runbook.verify()
        except RunbookError:
            pass  # the verdict tells it
        return runbook.verdict().verdict


def _as_ordered(order: Order, before: dict[str, object]) -> dict[str, object]:
    """The settings as they must be after the sample order: its system is the first of the list."""
    expected = dict(before)
    for block, wish in order.access.items():
        held = before[block.value]
        assert isinstance(held, dict)  # noqa: S101 - the shape of every block
        if wish is Wish.GRANTED:
            expected[block.value] = {**held, "tlsCertificatesIndices": [0]}
    return expected


# -- judging, pure -------------------------------------------------------------------------------


def judge_fault(fault: Fault, verdict: Verdict, *, untouched: bool) -> Finding:
    """Compare where a fault was noticed with where it must be noticed at the latest.

    Earlier is right too, as long as the settings are `untouched`.
    """
    passed = verdict.kind is VerdictKind.PASSED
    if fault.expected.noticed is Noticed.HARMLESS:
        return Finding.HELD if passed else Finding.FALSE_ALARM
    if passed:
        return Finding.SURVIVED
    if fault.expected.noticed is Noticed.VERIFICATION:
        # The last section reads the whole object back as well: in it, or after all sections.
        in_place = verdict.section in {None, 8}
    else:
        in_place = verdict.section == fault.expected.section and (
            fault.expected.callout in {None, verdict.callout}
        )
    earlier = (
        untouched
        and verdict.section is not None
        and verdict.section < (fault.expected.section or 9)
    )
    return Finding.CAUGHT if in_place or earlier else Finding.MISPLACED


def judge_look(mutant: Mutant, verdict: Verdict, *, untouched: bool, right: bool) -> Finding:
    """Compare a verdict with the truth when nothing was wrong: `right` is as ordered."""
    if verdict.kind is VerdictKind.PASSED:
        return Finding.HELD if right else Finding.WRONG_TICK
    if mutant.kind is Kind.CLEAN:
        return Finding.FALSE_ALARM
    return Finding.NOT_FOUND if untouched and verdict.section else Finding.WRONG_TICK


def _expected(fault: Fault | None) -> str:
    if fault is None or fault.expected.noticed is Noticed.HARMLESS:
        return "выполнено"
    if fault.expected.noticed is Noticed.VERIFICATION:
        return "проверка"
    return _place(fault.expected.section, fault.expected.callout)


def _reported(verdict: Verdict) -> str:
    if verdict.kind is VerdictKind.PASSED:
        return "выполнено"
    return _place(verdict.section, verdict.callout) if verdict.section else "проверка"


def _place(section: int | None, callout: int | None) -> str:
    return f"раздел {section}" + (f", выноска ({callout})" if callout is not None else "")


# -- what goes wrong on the employee's own computer ----------------------------------------------


class _Cancels:
    def sign(self, data: bytes, *, attach: bool) -> bytes:  # noqa: ARG002 - a signer's shape
        raise SigningCancelled


class _Breaks:
    """Signs, and spoils one byte of the signature's value."""

    def __init__(self, order: Order) -> None:
        self._signer = signer_of(order)

    def sign(self, data: bytes, *, attach: bool) -> bytes:
        assert self._signer is not None  # noqa: S101 - the sample order names a key file
        signed = bytearray(self._signer.sign(data, attach=attach))
        signed[-20] ^= 1
        return bytes(signed)


def _bridge(name: str, order: Order, lab: _Laboratory) -> Bridge | None:
    def absent(context: BrowserContext) -> None:
        """Nothing answers."""

    match name:
        case "ncalayer-absent":
            return absent
        case "ncalayer-silent":
            return attach_silent
        case "ncalayer-cancelled":
            return lambda context: attach(context, NCALayer(_Cancels()))
        case "ncalayer-broken-signature":
            return lambda context: attach(context, NCALayer(_Breaks(order)))
        case "ncalayer-wrong-key":
            key = lab.emulator.directory / "keys" / _FOREIGN_BIN / "employee-settings.p12"
            password = key.with_suffix(".password").read_text(encoding="utf-8").strip()
            signer = Pkcs12Signer.load(key, password)
            return lambda context: attach(context, NCALayer(signer))
        case _:
            return None

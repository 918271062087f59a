"""A run whose notebook leads it: this process makes its pack and seals it at the end.

Apart from `notebook`, since a kernel that works for a parent process needs none of it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from sigex_runbook.core.errors import NotSealed, RunbookError, RunFailed
from sigex_runbook.core.order import Order
from sigex_runbook.core.project import find_project
from sigex_runbook.core.verdict import VERDICT_WORDS, Failure, VerdictKind
from sigex_runbook.evidence.index.index import write_index
from sigex_runbook.evidence.index.outputs import Outputs
from sigex_runbook.evidence.pack.layout import EVIDENCE, REPORT_PDF
from sigex_runbook.evidence.pack.room import check_room
from sigex_runbook.evidence.report.cells.output import SentenceView, working
from sigex_runbook.evidence.report.cells.verdict import EvidenceView, VerdictView
from sigex_runbook.evidence.sealing.report_files import Publication
from sigex_runbook.evidence.sealing.wiring import make_sealer
from sigex_runbook.run.campaign import Campaign, close, left_out
from sigex_runbook.run.completion import complete
from sigex_runbook.run.gathering import Gathering
from sigex_runbook.run.options import Options, with_locators_of
from sigex_runbook.run.result import Result
from sigex_runbook.run.run import check_ready
from sigex_runbook.run.runbook import Ended, Runbook
from sigex_runbook.site.pdf_printer import Printer

from .transcript import Transcript

_opened: list[Runbook] = []
"""The run of this kernel's notebook, if there was one."""


@dataclass(frozen=True, slots=True)
class Ending:
    """What becomes of a run: where its pack goes, how its report speaks, whether the notebook fails
    when not everything could be checked. `given` are the parameters as its pack may show them."""

    outputs: str
    campaign: str
    language: str
    partial_fails: bool
    given: Mapping[str, object]


def open_here(order: Order, options: Options, ending: Ending, closing: ExitStack) -> Runbook:
    """Begin a run that ends with a sealed pack.

    Without `outputs` it goes to the checkout's own folder, else to one in the current folder.
    `closing` is closed at the end. An earlier run of the same notebook ends here, with what it had.
    Raises UsageError for what cannot be used, RunFailed for a campaign that is not as it was
    sealed.
    """
    while _opened:
        _end_earlier(_opened.pop())
    options = with_locators_of(order, options)
    sign_in = check_ready(order, options)
    sealer = make_sealer()
    sealer.check_ready()
    root = Path(ending.outputs).resolve() if ending.outputs else _beside_the_notebook()
    check_room(root)
    campaign = Campaign(ending.campaign, outputs=root, options=options, sealer=sealer)
    campaign.exclude(None, [("заказ", order)])
    gathering = Gathering.begin(order, options, sign_in, outputs=root, campaign=ending.campaign)
    transcript = Transcript.begin(find_project().notebook, ending.given)

    def at_end(failure: Failure | None, verdict: VerdictView) -> Ended:
        notebook = transcript.end(verdict) if transcript else None
        with (
            working("Составляю отчёт и заверяю пакет доказательств, это до минуты."),
            closing,
            Printer() as printer,
        ):
            sealing = replace(sealer, report=Publication(printer.print, ending.language))
            try:
                done = complete(gathering, sealing, notebook=notebook, failure=failure)
            except NotSealed as error:
                with suppress(RunFailed):  # of the same disk; whether it was saved matters more
                    close(campaign.folder, sealer, [left_out(order, error, root)])
                raise
            close(campaign.folder, sealer, [])
            with suppress(OSError):  # a list can be made again
                write_index(Outputs(root))
        return ended(done, partial_fails=ending.partial_fails)

    runbook = Runbook(
        order,
        options,
        gathering.draft,
        tell=gathering.confidences.tell,
        at_end=at_end,
        redactor=gathering.redactor,
    )
    _opened.append(runbook)
    return runbook.open()


def _end_earlier(runbook: Runbook) -> None:
    try:
        runbook.close()
    except RunbookError as error:  # of that run, and no reason against another
        SentenceView(str(error)).show()


def ended(done: Result, *, partial_fails: bool) -> Ended:
    """What the notebook's last cell makes of a result: links to its pack, and whether it fails."""
    root, verdict = find_project().root, done.verdict
    place = done.pack.relative_to(root) if done.pack.is_relative_to(root) else done.pack
    printed = (done.pack / EVIDENCE / REPORT_PDF).exists()
    evidence = EvidenceView(_from_here(done.pack), str(place), printed=printed)
    fails = verdict.kind is VerdictKind.FAILED or (
        verdict.kind is VerdictKind.PARTIAL and partial_fails
    )
    told = f"{VERDICT_WORDS[verdict.kind]} ({verdict.kind}). {' '.join(verdict.reasons)}"
    return Ended(verdict, evidence, told if fails else None)


def _from_here(pack: Path) -> str:
    """The way to a pack from the notebook: a kernel's folder is its notebook's."""
    try:
        return Path(os.path.relpath(pack)).as_posix()
    except ValueError:  # on another drive of Windows
        return pack.as_posix()


def _beside_the_notebook() -> Path:
    """In a checkout the packs belong one floor higher than the notebook."""
    here, root = Path.cwd(), find_project().root
    return (root if here.is_relative_to(root) else here) / "outputs"

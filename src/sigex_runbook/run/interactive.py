"""A run whose notebook a person opened: this process makes its pack and seals it at the end.

Apart from `notebook`, since a kernel that works for a parent process needs none of it.
"""

from __future__ import annotations

import sys
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path

from sigex_runbook.core.errors import NotSealed, RunbookError, RunFailed
from sigex_runbook.core.order import Order
from sigex_runbook.core.project import find_project
from sigex_runbook.core.verdict import Failure
from sigex_runbook.evidence.pack.room import check_room
from sigex_runbook.evidence.sealing.report_files import Publication
from sigex_runbook.evidence.sealing.wiring import make_sealer
from sigex_runbook.site.pdf_printer import Printer

from .campaign import close, left_out
from .completion import complete
from .gathering import Gathering
from .options import Options, with_locators_of
from .run import check_ready
from .runbook import Runbook

CAMPAIGN = "notebook"

_opened: list[Runbook] = []
"""The run of this kernel's notebook, if there was one."""


def open_by_hand(order: Order, options: Options, outputs: str, closing: ExitStack) -> Runbook:
    """Begin a run that ends with a sealed pack in `outputs`.

    Empty, `outputs` is the checkout's own folder, else one in the current folder.
    The pack holds no notebook: the one being executed is still open. `closing` is closed at the
    end. An earlier run of the same notebook ends here, with what it had.
    Raises UsageError for what cannot be used.
    """
    while _opened:
        try:
            _opened.pop().close()
        except RunbookError as error:  # of that run, and no reason against another
            sys.stdout.write(f"{error}\n")
    options = with_locators_of(order, options)
    sign_in = check_ready(order, options)
    sealer = make_sealer()
    root = Path(outputs).resolve() if outputs else _beside_the_notebook()
    check_room(root)
    gathering = Gathering.begin(order, options, sign_in, outputs=root, campaign=CAMPAIGN)

    def at_end(failure: Failure | None) -> None:
        with closing, Printer() as printer:
            sealing = replace(sealer, report=Publication(printer.print))
            try:
                done = complete(gathering, sealing, failure=failure)
                sys.stdout.write(f"Доказательства: {_named(done.pack)}\n")
            except NotSealed as error:
                with suppress(RunFailed):  # of the same disk; whether it was saved matters more
                    close(root / CAMPAIGN, sealer, [left_out(order, error, root)])
                raise
            close(root / CAMPAIGN, sealer, [])

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


def _beside_the_notebook() -> Path:
    """A kernel's folder is its notebook's: in a checkout the packs belong one floor higher."""
    here, root = Path.cwd(), find_project().root
    return (root if here.is_relative_to(root) else here) / "outputs"


def _named(pack: Path) -> Path:
    """A pack by its place in the project, where it is there."""
    root = find_project().root
    return pack.relative_to(root) if pack.is_relative_to(root) else pack

"""A run whose notebook a person opened: this process makes its pack and seals it at the end.

Apart from `notebook`, since a kernel that works for a parent process needs none of it.
"""

from __future__ import annotations

import sys
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from sigex_runbook.core.order import Order
from sigex_runbook.core.project import find_project
from sigex_runbook.core.verdict import Failure
from sigex_runbook.evidence.sealing.campaign import close_campaign
from sigex_runbook.evidence.sealing.report_files import Publication
from sigex_runbook.evidence.sealing.wiring import make_sealer
from sigex_runbook.site.pdf_printer import Printer

from .completion import complete
from .gathering import Gathering
from .options import Options, with_locators_of
from .run import check_ready
from .runbook import Runbook

CAMPAIGN = "notebook"


def open_by_hand(order: Order, options: Options, outputs: str, closing: ExitStack) -> Runbook:
    """Begin a run that ends with a sealed pack in `outputs`.

    Empty, `outputs` is the checkout's own folder, else one in the current folder.
    The pack holds no notebook: the one being executed is still open. `closing` is closed at the
    end. Raises UsageError for what cannot be used.
    """
    options = with_locators_of(order, options)
    sign_in = check_ready(order, options)
    sealer = make_sealer()
    root = Path(outputs).resolve() if outputs else _beside_the_notebook()
    gathering = Gathering.begin(order, options, sign_in, outputs=root, campaign=CAMPAIGN)
    draft = gathering.draft

    def at_end(failure: Failure | None) -> None:
        with closing:
            with Printer() as printer:
                sealing = replace(sealer, report=Publication(printer.print))
                done = complete(gathering, sealing, failure=failure)
                sys.stdout.write(f"Доказательства: {_named(done.pack)}\n")
            close_campaign(draft.folder.parent.parent, sealer)

    return Runbook(
        order,
        options,
        draft,
        tell=gathering.confidences.tell,
        at_end=at_end,
        redactor=gathering.redactor,
    ).open()


def _beside_the_notebook() -> Path:
    """A kernel's folder is its notebook's: in a checkout the packs belong one floor higher."""
    here, root = Path.cwd(), find_project().root
    return (root if here.is_relative_to(root) else here) / "outputs"


def _named(pack: Path) -> Path:
    """A pack by its place in the project, where it is there."""
    root = find_project().root
    return pack.relative_to(root) if pack.is_relative_to(root) else pack

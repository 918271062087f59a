"""The notebook's way in: its parameters, as papermill or a person fills them, made into a run."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from .evidence.campaign import close_campaign
from .evidence.pack import PackDraft
from .evidence.redaction import Redactor
from .evidence.sealing import make_sealer
from .options import Options, make_target
from .order import Order, load_order, parse_order
from .publication import Publication
from .run import ALIAS_KEY, complete, embedded_emulator, new_run_id
from .runbook import Runbook
from .sample import sample_order
from .site.printing import Printer
from .verdict import Failure

BY_HAND = "notebook"
"""The campaign of runs that a person starts by opening the notebook."""


def open_run(
    *,
    order: str = "",
    target: str = "",
    mtls_target: str = "",
    ca: str = "",
    draft: str = "",
    outputs: str = "../outputs",
    visible: bool = False,
    deadline_seconds: float = 300.0,
) -> Runbook:
    """Begin a run from the notebook's parameters.

    An empty `order` means the sample order, an empty `target` an emulator that lives as long as
    the run. `draft` is given when a parent process finishes the pack; without it this process
    does, at the run's end, into `outputs`, and the pack holds no notebook: the one being executed
    is still open.
    """
    with ExitStack() as opening:
        places: Mapping[str, str] = {}
        if target:
            chosen = make_target(target, mtls_target or None, Path(ca) if ca else None)
        else:
            chosen, places = opening.enter_context(embedded_emulator())
        asked = (
            load_order(Path(order).resolve(), places)
            if order
            else parse_order(sample_order(), path=Path("образец").resolve(), places=places)
        )
        options = Options(chosen, visible=visible, deadline_seconds=deadline_seconds)
        sealer = None if draft else make_sealer()
        pack = _draft(draft, outputs, asked)
        key = (pack.folder / ALIAS_KEY).read_bytes() if draft else None
        redactor = Redactor(asked.organisation.bin, key)
        closing = opening.pop_all()

    def at_end(failure: Failure | None) -> None:
        with closing:
            if sealer is not None:
                with Printer() as printer:
                    sealing = replace(sealer, report=Publication(printer))
                    complete(
                        pack, asked, options, sealing, redactor, notebook=None, failure=failure
                    )
                close_campaign(pack.folder.parent.parent, sealer)

    return Runbook(asked, options, pack, at_end=at_end, redactor=redactor)


def _draft(folder: str, outputs: str, order: Order) -> PackDraft:
    if folder:
        return PackDraft.open(Path(folder).resolve())
    return PackDraft.create(Path(outputs).resolve(), BY_HAND, order.organisation.bin, new_run_id())

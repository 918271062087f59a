"""The notebook's way in: its parameters, as papermill or a person fills them, made into a run."""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from .errors import UsageError
from .evidence.campaign import close_campaign
from .evidence.pack import PackDraft
from .evidence.redaction import Redactor
from .evidence.sealing import make_sealer
from .options import Options, make_target
from .order import Order, load_order, parse_order
from .publication import Publication
from .run import ALIAS_KEY, check_ready, complete, embedded_emulator, new_run_id
from .runbook import Runbook
from .sample import sample_order
from .scenarios import project_root
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
    outputs: str = "",
    visible: bool = False,
    deadline_seconds: float = 300.0,
) -> Runbook:
    """Begin a run from the notebook's parameters.

    An empty `order` means the sample order, an empty `target` an emulator that lives as long as
    the run. `draft` is given when a parent process finishes the pack; without it this process
    does, at the run's end, into `outputs` (the project's own when empty), and the pack holds no
    notebook: the one being executed is still open. Raises UsageError for what cannot be used.
    """
    _refuse_unknown()
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
        if not draft:
            check_ready(asked, options)
        pack = _draft(draft, outputs, asked)
        key = (pack.folder / ALIAS_KEY).read_bytes() if draft else None
        redactor = Redactor(asked.organisation.bin, key)
        closing = opening.pop_all()

    def at_end(failure: Failure | None) -> None:
        with closing:
            if sealer is not None:
                with Printer() as printer:
                    sealing = replace(sealer, report=Publication(printer))
                    done = complete(
                        pack, asked, options, sealing, redactor, notebook=None, failure=failure
                    )
                    sys.stdout.write(f"Доказательства: {_named(done.pack)}\n")
                close_campaign(pack.folder.parent.parent, sealer)

    return Runbook(asked, options, pack, at_end=at_end, redactor=redactor)


def _draft(folder: str, outputs: str, order: Order) -> PackDraft:
    if folder:
        return PackDraft.open(Path(folder).resolve())
    root = Path(outputs).resolve() if outputs else project_root() / "outputs"
    return PackDraft.create(root, BY_HAND, order.organisation.bin, new_run_id())


def _named(pack: Path) -> Path:
    """A pack by its place in the project, where it is there."""
    root = project_root()
    return pack.relative_to(root) if pack.is_relative_to(root) else pack


def _refuse_unknown() -> None:
    """papermill puts parameters that the notebook does not know into its cell and goes on; we stop.

    Its cell begins with a comment of its own, and the kernel keeps the text of every cell.
    """
    from IPython import get_ipython

    shell = get_ipython()
    cells = shell.user_ns.get("In", []) if shell is not None else []
    for cell in cells:
        if cell.startswith("# Parameters\n"):
            names = {
                target.id
                for statement in ast.parse(cell).body
                if isinstance(statement, ast.Assign)
                for target in statement.targets
                if isinstance(target, ast.Name)
            }
            unknown = sorted(names - set(inspect.signature(open_run).parameters))
            if unknown:
                raise UsageError(
                    f"Блокнот не знает параметров {', '.join(unknown)}. Исправьте их имена: они "
                    "перечислены в ячейке «Параметры»."
                )

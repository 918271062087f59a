"""The notebook's way in: its parameters, as papermill or a person fills them, made into a run."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from .core.errors import UsageError
from .core.order import parse_order
from .evidence.pack.draft import PackDraft
from .evidence.pack.layout import ALIAS_KEY, CONFIDANT
from .evidence.privacy.redaction import Redactor
from .run.embedded import embedded_emulator, order_for
from .run.options import Options, make_target
from .run.runbook import Runbook
from .run.sample import sample_order
from .run.secrets.channel import confide


def open_run(
    *,
    order: str = "",
    target: str = "",
    mtls_target: str = "",
    ca: str = "",
    locators: str = "",
    draft: str = "",
    outputs: str = "",
    visible: bool = False,
    deadline_seconds: float = 300.0,
) -> Runbook:
    """Begin a run from the notebook's parameters.

    An empty `order` means the sample order, an empty `target` an emulator that lives as long as
    the run. `draft` is given when a parent process finishes the pack; without it this process
    does, at the run's end, into `outputs`. `locators` is a file of overrides; empty means the one
    that the order names, if it names one. Raises UsageError for what cannot be used.
    """
    _refuse_unknown()
    with ExitStack() as opening:
        places: Mapping[str, str] = {}
        if target:
            chosen = make_target(target, mtls_target or None, Path(ca) if ca else None)
        else:
            chosen, places = opening.enter_context(embedded_emulator())
        asked = (
            order_for(Path(order).resolve(), places)
            if order
            else parse_order(sample_order(), path=Path("образец").resolve(), places=places)
        )
        options = Options(chosen, visible=visible, deadline_seconds=deadline_seconds)
        if locators:
            from .site.reading.locators_file import load_locators

            options = replace(options, locators=load_locators(Path(locators).resolve()))
        if draft:
            pack = PackDraft.open(Path(draft).resolve())
            key = (pack.folder / ALIAS_KEY).read_bytes()
            tell = confide((pack.folder / CONFIDANT).read_bytes())
            closing = opening.pop_all()
            return Runbook(
                asked,
                options,
                pack,
                tell=tell,
                at_end=lambda _: closing.close(),
                redactor=Redactor(
                    asked.organisation.bin, key, met=lambda number: tell("iin", number)
                ),
            ).open()
        from .run.interactive import open_by_hand

        return open_by_hand(asked, options, outputs, opening.pop_all())


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

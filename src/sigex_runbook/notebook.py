"""The notebook's way in: its parameters, as papermill or a person fills them, made into a run."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from .core.errors import RunbookError, RunFailed, UsageError
from .evidence.report.cells.output import working
from .run.in_notebook.parameters import check_names, check_values, in_the_notebooks_words

# The rest takes seconds to load, and a cell says before what it is busy with.
if TYPE_CHECKING:
    from .core.order import Order
    from .run.options import Options
    from .run.runbook import Runbook

_FILES = ("order", "ca", "locators")


def open_run(
    *,
    order: str = "",
    target: str = "",
    mtls_target: str = "",
    ca: str = "",
    locators: str = "",
    draft: str = "",
    outputs: str = "",
    campaign: str = "notebook",
    language: str = "ru",
    visible: bool = False,
    partial_fails: bool = False,
    deadline_seconds: float = 300.0,
) -> Runbook:
    """Begin a run from the notebook's parameters.

    An empty `order` means the sample order, an empty `target` an emulator that lives as long as
    the run. `draft` is given when a parent process finishes the pack; without it this process
    does, at the run's end, into `outputs`, as a run of the `campaign`, with a report in the
    `language`; its last cell then fails when the verdict is FAILED, and with `partial_fails` also
    when it is PARTIAL. `locators` is a file of overrides; empty means the one that the order names,
    if it names one. Raises UsageError for what cannot be used.
    """
    given = dict(locals())
    with _one_sentence(), ExitStack() as opening:
        known = inspect.signature(open_run).parameters
        check_names(_executed(), known)
        check_values(given, known)
        with working("Начинаю запуск: заказ, сервис, браузер, сценарии."):
            from .core.order import parse_order
            from .run.embedded import embedded_emulator, order_for
            from .run.options import Options, Target, make_target
            from .run.sample import sample_order

            options = Options(Target(""), visible=visible, deadline_seconds=deadline_seconds)
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
            options = replace(options, target=chosen)
            if locators:
                from .site.reading.locators_file import load_locators

                options = replace(options, locators=load_locators(Path(locators).resolve()))
            at_the_end = ExitStack()
            if draft:
                run = _for_a_parent(asked, options, Path(draft).resolve(), at_the_end)
            else:
                from .run.in_notebook.opening import Ending, open_here

                shown = {k: v for k, v in given.items() if v != known[k].default and k != "outputs"}
                shown |= {name: Path(given[name]).name for name in _FILES if name in shown}
                ending = Ending(outputs, campaign, language, partial_fails, shown)
                run = open_here(asked, options, ending, at_the_end)
            at_the_end.enter_context(opening.pop_all())
            return run


def _for_a_parent(order: Order, options: Options, draft: Path, closing: ExitStack) -> Runbook:
    from .evidence.pack.draft import PackDraft
    from .evidence.pack.layout import ALIAS_KEY, CONFIDANT
    from .evidence.privacy.redaction import Redactor
    from .run.runbook import Runbook
    from .run.secrets.channel import confide

    pack = PackDraft.open(draft)
    key = (pack.folder / ALIAS_KEY).read_bytes()
    tell = confide((pack.folder / CONFIDANT).read_bytes())
    return Runbook(
        order,
        options,
        pack,
        tell=tell,
        at_end=lambda *_: closing.close(),
        redactor=Redactor(order.organisation.bin, key, met=lambda number: tell("iin", number)),
    ).open()


@contextmanager
def _one_sentence() -> Iterator[None]:
    """What goes wrong before a run watches over itself, told as the run would tell it."""
    try:
        yield
    except UsageError as error:
        error.args = (in_the_notebooks_words(str(error)), *error.args[1:])
        raise
    except RunbookError:
        raise
    except KeyboardInterrupt as stop:
        raise RunFailed(
            "Запуск прерван, пока готовился: ничего не изменено. Выполните блокнот с начала."
        ) from stop
    except Exception as error:
        raise RunFailed(
            f"Неожиданная ошибка {type(error).__name__}, пока запуск готовился: ничего не "
            "изменено. Проверьте машину командой «sigex-runbook doctor» и выполните блокнот с "
            "начала."
        ) from error


def _executed() -> list[str]:
    """The texts of the cells that this kernel has executed."""
    from IPython import get_ipython

    shell = get_ipython()
    return list(shell.user_ns.get("In", [])) if shell is not None else []

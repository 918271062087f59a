"""The notebook executed by papermill in a kernel of its own, and what of it may be kept."""

from __future__ import annotations

import json
import logging
import math
import sys
import threading
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from sigex_runbook.core import errors
from sigex_runbook.core.error_causes import why
from sigex_runbook.core.errors import RunbookError, RunFailed
from sigex_runbook.evidence.pack.layout import NOTEBOOK_OWNER
from sigex_runbook.evidence.privacy.redaction import Redactor
from sigex_runbook.evidence.sealing.report_files import prepare

from .own_kernel import KERNEL, own_kernel
from .secrets.private import private_folder

_GRACE_SECONDS = 15
"""The kernel ends a run that is late by itself; one that does not is killed."""

_START_SECONDS = 60

_ENGINE = "sigex-runbook-seen"
"""Not the name by which others know the one that executes in their process."""
_MARKER_TAG = "papermill-error-cell-tag"
_OURS = frozenset(
    name
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, RunbookError)
)


class Execution:
    """One execution of a notebook.

    `notebook` is as far as it came, also when `perform` raises. `stopped` is the sentence of what
    stopped it.
    """

    def __init__(self, source: Path, *, inline: bool = False) -> None:
        """`inline` executes the cells in this process; whoever does so keeps what it needs warm."""
        self._source = source
        self._inline = inline
        self._managers: list[Any] = []
        self.stopped: str | None = None

    @property
    def notebook(self) -> Any:
        """The notebook with its outputs so far."""
        return self._managers[0].nb if self._managers else _read(self._source)

    def perform(
        self, parameters: Mapping[str, object], *, folder: Path, deadline_seconds: float
    ) -> None:
        """Run every cell in a kernel whose folder is `folder`.

        What the kernel and its browser put into the system's temporary folder goes with them.

        Raises RunFailed when the notebook does not know a parameter; what goes wrong later is in
        `stopped`. An interrupt rises when the kernel is gone.
        """
        # Heavy, and only a parent needs it; a kernel imports this package too and should start
        # quickly. jsonschema would load a whole grammar of IRIs, for a second, to check what no
        # notebook has.
        sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
        import papermill
        from nbclient.exceptions import CellTimeoutError, DeadKernelError
        from papermill.engines import papermill_engines
        from papermill.exceptions import PapermillExecutionError

        for library in ("papermill", "asyncio"):  # failures are told by the result
            logging.getLogger(library).setLevel(logging.CRITICAL)
        notebook = _read(self._source)
        _refuse_unknown(notebook, parameters)
        if not self._inline:
            threading.Thread(target=prepare, daemon=True).start()  # while the kernel starts
        papermill_engines.register(_ENGINE, _seen(_engine(inline=self._inline)))
        try:
            with (
                warnings.catch_warnings(),
                private_folder() as private,
            ):
                warnings.simplefilter("ignore")  # of libraries, about each other
                papermill.execute_notebook(
                    notebook,
                    None,
                    parameters=parameters,
                    engine_name=_ENGINE,
                    managers=self._managers,
                    kernel_manager_class=own_kernel(Path(private)),
                    kernel_name=KERNEL,
                    start_timeout=math.ceil(min(deadline_seconds, _START_SECONDS)),
                    progress_bar=False,
                    request_save_on_cell_execute=False,
                    autosave_cell_every=0,
                    cwd=folder,
                    execution_timeout=math.ceil(deadline_seconds) + _GRACE_SECONDS,
                    shutdown_kernel="immediate",
                    extra_arguments=["--IPKernelApp.log_level=ERROR"],
                )
        except PapermillExecutionError as error:
            self.stopped = _sentence(error.ename, error.evalue)
        except CellTimeoutError:
            self.stopped = (
                f"Запуск не уложился в {deadline_seconds:g} с и остановлен. Запустите снова с "
                "большим --deadline."
            )
        except DeadKernelError:
            self.stopped = (
                "Процесс, выполнявший блокнот, остановился посреди работы. Запустите снова: "
                "повтор сначала прочтёт настройки."
            )
        except Exception as error:  # noqa: BLE001 - of libraries, which raise what they like
            self.stopped = (
                f"Процесс для блокнота (ядро Jupyter) не запустился или не ответил ({why(error)}). "
                "Проверьте машину командой «sigex-runbook doctor» и запустите снова."
            )


def kept(
    notebook: Any, redactor: Redactor, owner: Mapping[str, str], *, stopped: str | None
) -> bytes:
    """Make an executed notebook fit for a pack, in place, and give its text.

    Without this machine's paths and what libraries said; `owner` names the run, `stopped` stands
    where it was stopped.
    """
    notebook.metadata.pop("papermill", None)
    notebook.metadata[NOTEBOOK_OWNER] = dict(owner)
    notebook.cells = [c for c in notebook.cells if _MARKER_TAG not in c.metadata.get("tags", [])]
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for cell in code:
        cell.outputs = [o for o in cell.outputs if o.get("name") != "stderr"]
    failed = [o for c in code for o in c.outputs if o.output_type == "error"]
    for output in failed:
        output.evalue = _sentence(output.ename, output.evalue)
        output.traceback = [f"{output.ename}: {output.evalue}"]
    if stopped is not None and not failed:
        _running(code).outputs.append(_stop(stopped))
    for cell in notebook.cells:
        cell.source = redactor.text(cell.source)
        for output in cell.get("outputs", []):
            _clean(output, redactor)
    return (json.dumps(notebook, ensure_ascii=False, indent=1) + "\n").encode("utf-8")


def _engine(*, inline: bool) -> type[Any]:
    if inline:
        from .inline.engine import InlineEngine

        return InlineEngine
    from papermill.engines import NBClientEngine

    return cast(type[Any], NBClientEngine)


def _seen(engine: type[Any]) -> type[Any]:
    class Seen(engine):  # type: ignore[misc]
        """An engine that lets its notebook be seen when it is interrupted.

        papermill gets back what it still looks at, the errors: the rest it would write down for
        nobody, every picture twice.
        """

        @classmethod
        def execute_notebook(cls, nb: Any, *where: Any, **options: Any) -> Any:
            done = super().execute_notebook(nb, *where, **options)
            return type(done)(done, cells=[_with_errors_alone(cell) for cell in done.cells])

        @classmethod
        def execute_managed_notebook(
            cls, nb_man: Any, kernel_name: str, *, managers: list[Any], **options: Any
        ) -> Any:
            managers.append(nb_man)
            return super().execute_managed_notebook(nb_man, kernel_name, **options)

    return Seen


def _with_errors_alone(cell: Any) -> Any:
    errors = [o for o in cell.get("outputs", ()) if o.output_type == "error"]
    return type(cell)(cell, outputs=errors) if cell.cell_type == "code" else cell


def _read(notebook: Path) -> Any:
    import nbformat

    return nbformat.read(notebook, as_version=4)  # type: ignore[no-untyped-call]


def _refuse_unknown(notebook: Any, parameters: Mapping[str, object]) -> None:
    """papermill only warns of a parameter that the notebook does not know; we stop."""
    cell = next(c for c in notebook.cells if "parameters" in c.metadata.get("tags", []))
    known = {line.split("=")[0].split(":")[0].strip() for line in cell.source.splitlines()}
    unknown = sorted(set(parameters) - known)
    if unknown:
        raise RunFailed(
            f"Блокнот notebooks/runbook.ipynb не знает параметров {', '.join(unknown)}. "
            "Верните его в исходный вид."
        )


def _sentence(kind: str, words: str) -> str:
    """An error of the kernel for the operator: ours as it is, others by their kind alone."""
    if kind in _OURS:
        return words
    if kind == "KeyboardInterrupt":
        return "Выполнение блокнота прервано."
    return (
        f"Неожиданная ошибка {kind} при выполнении блокнота. Проверьте машину командой "
        "«sigex-runbook doctor» и запустите снова."
    )


def _running(code: list[Any]) -> Any:
    """The code cell that was being executed: the first that papermill did not see end."""
    states = [cell.metadata.get("papermill", {}).get("status") for cell in code]
    return next(
        (cell for cell, state in zip(code, states, strict=True) if state == "running"), code[0]
    )


def _stop(sentence: str) -> Any:
    from nbformat.v4 import new_output

    return new_output(  # type: ignore[no-untyped-call]
        "error", ename=RunFailed.__name__, evalue=sentence, traceback=[sentence]
    )


def _clean(output: Any, redactor: Redactor) -> None:
    """Redact what can be read in one output; the base64 of a picture is left as it is, and alone:
    its second copy in HTML is for JupyterLab."""
    if "image/png" in output.get("data", {}):
        output["data"].pop("text/html", None)
    for field in ("text", "evalue", "traceback"):
        if field in output:
            output[field] = redactor.value(output[field])
    for kind, data in output.get("data", {}).items():
        if not kind.startswith("image/"):
            output["data"][kind] = redactor.value(data)

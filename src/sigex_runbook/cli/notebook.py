"""`sigex-runbook notebook`: the runbook's notebook in JupyterLab, as a copy among the results."""

from __future__ import annotations

import argparse
from pathlib import Path

from .project import add_project
from .service import Allowance, add_mtls_target, add_service, outputs_of

NAME = "notebook"
HELP = "открыть копию блокнота в JupyterLab, чтобы выполнить его вручную"
EXAMPLES = (
    "notebook",
    "notebook order.yaml --target https://sigex.kz --mtls-target https://sigex.kz:10443",
    "notebook order.yaml --jupyter=--no-browser",
)
EXIT_CODES = {0: "JupyterLab остановлен; чем кончился запуск, сказано в блокноте и в пакете"}

_QUIET = "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"
"""An operator's machine asks nobody for news."""

_ALLOWANCE = Allowance(alone=300, with_person=900)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the notebook's parameters are filled with, and what JupyterLab is told."""
    parser.add_argument(
        "order", nargs="?", type=Path, metavar="ЗАКАЗ", help="файл заказа; без него — образец"
    )
    add_service(parser, _ALLOWANCE)
    add_mtls_target(parser)
    add_project(parser)
    parser.add_argument("--campaign", metavar="ИМЯ", help="имя кампании (notebook)")
    parser.add_argument(
        "--language",
        choices=("ru", "kk", "en"),
        help="язык отчёта: русский, казахский, английский (ru)",
    )
    parser.add_argument(
        "--jupyter",
        action="append",
        default=[],
        metavar="ПАРАМЕТР",
        help="передать JupyterLab, например --jupyter=--no-browser",
    )


def run(args: argparse.Namespace) -> int:
    """Make the copy and serve it until JupyterLab is stopped."""
    from sigex_runbook.core.project import settled
    from sigex_runbook.run.in_notebook.copying import copy_notebook

    names = ("order", "target", "mtls_target", "ca", "locators", "campaign", "language", "visible")
    given = {name: value for name in names if (value := getattr(args, name))}
    if args.visible or args.deadline is not None:
        given["deadline_seconds"] = _ALLOWANCE.of(args)
    outputs = outputs_of(args)
    with settled(args.project) as project:
        copy = copy_notebook(project.notebook, outputs, given)
        print(f"Блокнот: {copy}", flush=True)
        from jupyterlab.labapp import main

        # JupyterLab leaves a checkpoint beside whatever is opened, and a sealed pack may hold no
        # file more than was sealed.
        aside = f"--FileCheckpoints.checkpoint_dir={copy.parent / '.ipynb_checkpoints'}"
        main([str(copy), f"--ServerApp.root_dir={outputs}", aside, _QUIET, *args.jupyter])
    return 0

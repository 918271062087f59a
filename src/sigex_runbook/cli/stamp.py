"""`sigex-runbook stamp`: add missing time-stamps to sealed packs."""

from __future__ import annotations

import argparse
from pathlib import Path

from sigex_runbook.core.terminal_safe import visible

NAME = "stamp"
HELP = "добавить метку времени пакетам, у которых её нет"
EXAMPLES = ("stamp outputs/весна",)
EXIT_CODES = {0: "метки времени есть у всех", 1: "у кого-то её всё ещё нет"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which packs, which authority."""
    parser.add_argument(
        "places", nargs="+", type=Path, metavar="ПАКЕТ", help="папки запусков или кампаний"
    )
    parser.add_argument(
        "--trust", type=Path, metavar="ФАЙЛ", help="trust.json с сервером времени (свой)"
    )


def run(args: argparse.Namespace) -> int:
    """Say what became of each; 0 when none is without a time-stamp any more, else 1."""
    from sigex_runbook.evidence.attest.ledger import read_ledger
    from sigex_runbook.evidence.sealing.stamping import stamp
    from sigex_runbook.evidence.sealing.wiring import make_sealer

    sealer = make_sealer(trust_file=args.trust)
    failed = False
    heads = {}
    for place in args.places:
        for done in stamp(place, sealer):
            failed = failed or not done.stamped
            told = f"{done.place}: {done.why or 'метка времени добавлена'}"
            print(visible(told), flush=True)
            heads[done.campaign] = read_ledger(done.campaign)
    for folder, ledger in heads.items():
        if ledger is not None:
            print(visible(f"Голова реестра {folder.name}: {ledger.head}"))
    return 1 if failed else 0

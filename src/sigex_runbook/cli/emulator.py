"""`sigex-runbook emulator`: a local SIGEX alone, for any client."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from sigex_runbook.errors import UsageError

if TYPE_CHECKING:
    from sigex_runbook.emulator import Emulator

NAME = "emulator"
HELP = "запустить эмулятор SIGEX отдельно"

_LAST_PORT = 65535


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """A folder for what clients need, and two ports."""
    parser.add_argument(
        "--dir",
        type=Path,
        required=True,
        metavar="ПАПКА",
        help="куда записать emulator.json, сертификат УЦ и учебные ключи",
    )
    parser.add_argument(
        "--port", type=_port, default=0, metavar="ПОРТ", help="порт страниц (свободный)"
    )
    parser.add_argument(
        "--mtls-port",
        type=_port,
        default=0,
        metavar="ПОРТ",
        help="порт информационных систем (свободный)",
    )
    parser.add_argument(
        "--skin",
        default="plain",
        metavar="ВИД",
        help="как нарисованы страницы (plain); «--skin list» перечислит виды",
    )


def run(args: argparse.Namespace) -> int:
    """Serve until interrupted."""
    from sigex_runbook.emulator import Emulator, EmulatorError, run_forever
    from sigex_runbook.emulator.skins import SKINS

    if args.skin == "list":
        print("\n".join(f"{skin.name:<10} {skin.description}" for skin in SKINS.values()))
        return 0
    if args.skin not in SKINS:
        raise UsageError(f"Нет вида «{args.skin}». Есть: {', '.join(SKINS)}.")
    try:
        run_forever(
            Emulator(directory=args.dir, port=args.port, mtls_port=args.mtls_port, skin=args.skin),
            _introduce,
        )
    except EmulatorError as error:
        raise UsageError(str(error)) from error
    print("Эмулятор остановлен.")
    return 0


def _introduce(emulator: Emulator) -> None:
    folder = emulator.directory
    print(f"Эмулятор SIGEX работает. Остановить: Ctrl+C.\n  страницы: {emulator.address}")
    print(f"  информационные системы (mTLS): {emulator.mtls_address}")
    print(f"  кто есть и где ключи: {folder / 'emulator.json'}")
    print(
        "  заказ для него: sigex-runbook sample-order --emulator "
        f'"{folder}" > order.yaml\n'
        f"  выполнить: sigex-runbook run order.yaml --target {emulator.address} "
        f'--mtls-target {emulator.mtls_address} --ca "{folder / "ca.pem"}"',
        flush=True,
    )


def _port(text: str) -> int:
    """A port number, 0 for any free one."""
    if not text.isdigit() or int(text) > _LAST_PORT:
        raise argparse.ArgumentTypeError(f"«{text}» — не номер порта (0–{_LAST_PORT})")
    return int(text)

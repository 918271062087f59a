"""`sigex-runbook emulator`: a local SIGEX alone, for any client and for looking around by hand."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sigex_runbook.errors import UsageError

if TYPE_CHECKING:
    from sigex_runbook.emulator import Emulator

NAME = "emulator"
HELP = "запустить эмулятор SIGEX отдельно"

_LAST_PORT = 65535
_ROLES = {
    "head": "первый руководитель",
    "settings_employee": "сотрудник с правом на настройки",
    "employee": "сотрудник без права на настройки",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """A folder for what clients need, two ports, and how it shall behave."""
    parser.add_argument(
        "--dir",
        type=Path,
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
        "--state", type=Path, metavar="ФАЙЛ", help="хранить мир в файле от запуска к запуску"
    )
    parser.add_argument(
        "--skin", metavar="ВИД", help="как нарисованы страницы; «--skin list» перечислит виды"
    )
    parser.add_argument(
        "--switch",
        action="append",
        default=[],
        metavar="ИМЯ=ЗНАЧЕНИЕ",
        help="другое прочтение неизвестного о сервисе, можно несколько раз",
    )
    parser.add_argument(
        "--fault",
        action="append",
        default=[],
        metavar="БИН:СБОЙ",
        help="включить сбой для организации, можно несколько раз",
    )
    parser.add_argument("--list-faults", action="store_true", help="показать все сбои и выйти")
    parser.add_argument(
        "--control", action="store_true", help="открыть управление по HTTP для программ"
    )
    parser.add_argument(
        "--walk-in",
        action="store_true",
        help="показать на странице входа панель «войти как …» (без NCALayer)",
    )


def run(args: argparse.Namespace) -> int:
    """Serve until interrupted."""
    from sigex_runbook.emulator import Emulator, EmulatorError, run_forever
    from sigex_runbook.emulator.skins import SKINS

    if args.skin == "list":
        print("\n".join(f"{skin.name:<10} {skin.description}" for skin in SKINS.values()))
        return 0
    if args.skin is not None and args.skin not in SKINS:
        raise UsageError(f"Нет вида «{args.skin}». Есть: {', '.join(SKINS)}.")
    if args.list_faults:
        _list_faults()
        return 0
    if args.dir is None:
        raise UsageError("не хватает: --dir. Справка: sigex-runbook emulator --help")
    try:
        emulator = Emulator(
            directory=args.dir,
            port=args.port,
            mtls_port=args.mtls_port,
            control=args.control,
            walk_in=args.walk_in,
            state=args.state,
        )
        _arrange(emulator, args)
        run_forever(emulator, lambda started: _introduce(started, walk_in=args.walk_in))
    except EmulatorError as error:
        raise UsageError(str(error)) from error
    print("Эмулятор остановлен.")
    return 0


def _arrange(emulator: Emulator, args: argparse.Namespace) -> None:
    """Set switches and faults; raises EmulatorError for a word that it does not know."""
    from sigex_runbook.emulator.errors import UnknownOrganisation
    from sigex_runbook.emulator.switch_values import with_switch

    world = emulator.world
    named = [f"skin={args.skin}"] if args.skin else []
    for word in [*named, *args.switch]:
        name, equals, value = word.partition("=")
        if not equals:
            raise UsageError(f"--switch «{word}» не подходит: нужен вид ИМЯ=ЗНАЧЕНИЕ.")
        world.switches = with_switch(world.switches, name, value)
    for word in args.fault:
        organisation_bin, colon, name = word.partition(":")
        if not colon:
            raise UsageError(f"--fault «{word}» не подходит: нужен вид БИН:СБОЙ.")
        if organisation_bin not in world.organisations:
            raise UnknownOrganisation(organisation_bin)
        world.faults.set(organisation_bin, name)


def _list_faults() -> None:
    from sigex_runbook.emulator.faults import CATALOGUE

    for fault in CATALOGUE.values():
        expected = fault.expected
        where = expected.noticed.value
        if expected.section is not None:
            where = f"раздел {expected.section}"
            where += f", выноска ({expected.callout})" if expected.callout else ""
        elif where == "harmless":
            where = "безвреден"
        by = " [вносит тест, не эмулятор]" if fault.injected_by == "client" else ""
        print(f"{fault.name:30} {fault.ru} — {where}{by}")


def _introduce(emulator: Emulator, *, walk_in: bool) -> None:
    folder = emulator.directory
    found: dict[str, Any] = json.loads((folder / "emulator.json").read_text(encoding="utf-8"))
    print(f"Эмулятор SIGEX работает. Остановить: Ctrl+C.\n  страницы: {emulator.address}")
    print(f"  информационные системы (mTLS): {emulator.mtls_address}")
    print(f"  кто есть и где ключи: {folder / 'emulator.json'}")
    if "control" in found:
        print(f"  управление: {found['control']['address']} (токен в emulator.json)")
    for one, names in emulator.world.faults.all().items():
        print(f"  сбои у {one}: {', '.join(names)}")
    for organisation in found["organisations"]:
        print(f"\n{organisation['name']}, БИН {organisation['bin']}")
        for person in organisation["people"]:
            role = _ROLES.get(person["role"], person["role"])
            print(f"  {person['name']:22} {role:34} {person['key_file']}")
        for system in organisation["information_systems"]:
            print(f"  ИС «{system['description']}»: {system['certificate_file']}")
    print("\nПосмотреть обычным браузером")
    print(
        f"  откройте {emulator.address}; на предупреждение о сертификате ответьте «Дополнительно → "
        f"Перейти» или добавьте {folder / 'ca.pem'} в доверенные центры браузера (учебный УЦ, "
        "потом удалите)"
    )
    if walk_in:
        print("  войдите с панели «Только в эмуляторе: войти как …» на странице входа")
    else:
        print("  без NCALayer не войти: запустите с --walk-in, на странице входа появится панель")
    print(
        "\nЗаказ для него: sigex-runbook sample-order --emulator "
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

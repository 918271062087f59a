"""`sigex-emulator`: a local SIGEX alone, for any client and for looking around by hand."""

from __future__ import annotations

import argparse
import io
import json
import os
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

from sigex_emulator.tls.listening import is_free
from sigex_emulator.world.directory import last_ports
from sigex_emulator.world.seeds import STANDARD_WORLD, world_of
from sigex_emulator.world.switches import LIKELIEST, Switches, with_switch
from sigex_emulator.world.world import World

from .errors import BadWord, EmulatorError, UnknownOrganisation
from .faults import CATALOGUE, FaultBook
from .foreground import run_forever
from .server import Emulator
from .skins import SKINS

PROGRAM = "sigex-emulator"
EXAMPLES = (
    "--dir emulator --walk-in",
    "--dir emulator --organisations 25 --state emulator/world.json",
    "--dir emulator --fault 200240002381:save-not-stored",
    "--list-faults",
)
_EXIT_CODES = """код выхода:
  0   остановлен (Ctrl+C) или напечатано, что просили
  2   не принято: ничего не начато"""

_USAGE = 2
_LAST_PORT = 65535
_MOST_ORGANISATIONS = 1000
_SHOWN_ORGANISATIONS = len(STANDARD_WORLD.organisations)
_ROLES = {
    "head": "первый руководитель",
    "settings_employee": "сотрудник с правом на настройки",
    "employee": "сотрудник без права на настройки",
}


def main(
    argv: Sequence[str] | None = None, *, when_ready: Callable[[Emulator], None] | None = None
) -> int:
    """Serve until interrupted, then 0; 2 when the words given cannot be followed.

    `when_ready` is called with the emulator once it has introduced itself.
    """
    for stream in (sys.stdout, sys.stderr):  # consoles and pipes on Windows speak otherwise
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")
    parser = build_parser()
    if "_ARGCOMPLETE" in os.environ:  # the shell asks what may come next, and runs nothing
        import argcomplete

        argcomplete.autocomplete(parser)
    try:
        return _run(parser.parse_args(argv), when_ready)
    except SystemExit as stop:  # --help
        return stop.code if isinstance(stop.code, int) else 0
    except EmulatorError as error:
        # What it quotes must not steer the terminal.
        said = "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in str(error))
        print(f"Ошибка: {said}", file=sys.stderr)
        return _USAGE


def build_parser() -> argparse.ArgumentParser:
    """A folder for what clients need, two ports, and how it shall behave."""
    parser = _Parser(
        prog=PROGRAM,
        description="Эмулятор SIGEX: страницы, API и mTLS на этом компьютере.",
        epilog="\n".join(
            ["примеры:", *(f"  {PROGRAM} {one}" for one in EXAMPLES), "", _EXIT_CODES]
        ),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        add_help=False,
        allow_abbrev=False,
    )
    parser._optionals.title = "параметры"
    parser.add_argument("-h", "--help", action="help", help="показать эту справку")
    parser.add_argument(
        "--dir",
        type=Path,
        metavar="ПАПКА",
        help="куда записать emulator.json, сертификат УЦ и учебные ключи",
    )
    parser.add_argument(
        "--port",
        type=_port,
        metavar="ПОРТ",
        help="порт страниц (какой был у этой папки, иначе свободный; 0 — любой свободный)",
    )
    parser.add_argument(
        "--mtls-port",
        type=_port,
        metavar="ПОРТ",
        help="порт информационных систем (так же)",
    )
    parser.add_argument(
        "--organisations",
        type=_organisations,
        metavar="N",
        help=f"сколько организаций в мире (сколько в --state, иначе {_SHOWN_ORGANISATIONS})",
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
    return parser


def _run(args: argparse.Namespace, when_ready: Callable[[Emulator], None] | None) -> int:
    if args.skin == "list":
        print("\n".join(f"{skin.name:<10} {skin.description}" for skin in SKINS.values()))
        return 0
    if args.skin is not None and args.skin not in SKINS:
        raise BadWord(f"Нет вида «{args.skin}». Есть: {', '.join(SKINS)}.")
    if args.list_faults:
        _list_faults()
        return 0
    if args.dir is None:
        raise BadWord(f"не хватает: --dir. Справка: {PROGRAM} --help")
    switches, faults = _switches(args), _faults(args)  # a wrong word waits for no key to be made
    before = last_ports(args.dir)
    emulator = Emulator(
        directory=args.dir,
        port=_port_again(args.port, before[0]),
        mtls_port=_port_again(args.mtls_port, before[1]),
        world=_world(args),
        control=args.control,
        walk_in=args.walk_in,
    )
    for organisation_bin in faults.all():
        if organisation_bin not in emulator.world.organisations:
            raise UnknownOrganisation(organisation_bin)
    emulator.world.switches, emulator.world.faults = switches, faults

    def introduce(started: Emulator) -> None:
        _introduce(started, walk_in=args.walk_in)
        if when_ready is not None:
            when_ready(started)

    run_forever(emulator, introduce)
    print("Эмулятор остановлен.")
    return 0


def _world(args: argparse.Namespace) -> World:
    if args.state is None:
        return World(world_of(args.organisations or _SHOWN_ORGANISATIONS))
    from sigex_emulator.world.state import open_world  # needs pydantic

    return open_world(args.state, args.organisations)


def _port_again(given: int | None, before: int) -> int:
    """The port that was asked for, or else the folder's own of the last time while it is free."""
    if given is not None:
        return given
    if before and not is_free(before):
        print(f"Порт {before}, на котором эта папка работала раньше, занят: беру другой.")
        return 0
    return before


def _switches(args: argparse.Namespace) -> Switches:
    switches = LIKELIEST
    named = [f"skin={args.skin}"] if args.skin else []
    for word in [*named, *args.switch]:
        name, equals, value = word.partition("=")
        if not equals:
            raise BadWord(f"--switch «{word}» не подходит: нужен вид ИМЯ=ЗНАЧЕНИЕ.")
        switches = with_switch(switches, name, value)
    return switches


def _faults(args: argparse.Namespace) -> FaultBook:
    faults = FaultBook()
    for word in args.fault:
        organisation_bin, colon, name = word.partition(":")
        if not colon:
            raise BadWord(f"--fault «{word}» не подходит: нужен вид БИН:СБОЙ.")
        faults.set(organisation_bin, name)
    return faults


def _list_faults() -> None:
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
    for organisation in found["organisations"][:_SHOWN_ORGANISATIONS]:
        print(f"\n{organisation['name']}, БИН {organisation['bin']}")
        for person in organisation["people"]:
            role = _ROLES.get(person["role"], person["role"])
            print(f"  {person['name']:22} {role:34} {person['key_file']}")
        for system in organisation["information_systems"]:
            print(f"  ИС «{system['description']}»: {system['certificate_file']}")
    if more := len(found["organisations"][_SHOWN_ORGANISATIONS:]):
        print(f"\nИ ещё организаций: {more}, все названы в emulator.json.")
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
        f'--mtls-target {emulator.mtls_address} --ca "{folder / "ca.pem"}"\n'
        f'  для каждой организации: sigex-runbook sample-order --all orders --emulator "{folder}"',
        flush=True,
    )


def _port(text: str) -> int:
    """A port number, 0 for any free one."""
    if not text.isdigit() or int(text) > _LAST_PORT:
        raise argparse.ArgumentTypeError(f"«{text}» — не номер порта (0–{_LAST_PORT})")
    return int(text)


def _organisations(text: str) -> int:
    """How many organisations a world shall have."""
    if not text.isdecimal() or not 0 < int(text) <= _MOST_ORGANISATIONS:
        raise argparse.ArgumentTypeError(f"«{text}» — не число от 1 до {_MOST_ORGANISATIONS}")
    return int(text)


# --- argparse in Russian ---------------------------------------------------------------------

_COMPLAINTS = (
    (r"unrecognized arguments: (.*)", r"неизвестные параметры: \1"),
    (r"argument (.*?): expected one argument", r"\1: нужно значение"),
    (r"argument (.*?): ignored explicit argument (.*)", r"\1: значение \2 здесь лишнее"),
    (r"argument (.*?): (.*)", r"\1: \2"),
)


class _Parser(argparse.ArgumentParser):
    """A parser that leaves the exit to `main` and says in Russian what is wrong."""

    def error(self, message: str) -> NoReturn:
        for english, russian in _COMPLAINTS:
            if re.fullmatch(english, message, re.DOTALL):
                message = re.sub(english, russian, message, flags=re.DOTALL)
                break
        raise BadWord(f"{message}. Справка: {PROGRAM} --help")

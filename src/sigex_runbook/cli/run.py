"""`sigex-runbook run`: carry out orders, one after another."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from sigex_runbook.core.error_causes import why
from sigex_runbook.core.errors import RunbookError, UsageError

from .exclusions import check_arguments, excluded_from, tell_excluded
from .outcome import tell, tell_unbegun
from .project import add_project

if TYPE_CHECKING:
    from sigex_runbook.core.order import Order
    from sigex_runbook.evidence.attest.statement import Member
    from sigex_runbook.evidence.sealing.sealing import Sealer
    from sigex_runbook.run.options import Options, Target
    from sigex_runbook.run.signals import Interruptions
    from sigex_runbook.site.pdf_printer import Printer

NAME = "run"
HELP = "выполнить инструкцию по заказам и сохранить доказательства"

_SAMPLE = "образец"
_DEADLINE_SECONDS = 300.0
_PERSON_DEADLINE_SECONDS = 900.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Orders, where the service is, how long a run may last, where packs go."""
    parser.add_argument(
        "orders",
        nargs="*",
        type=Path,
        metavar="ЗАКАЗ",
        help="файлы заказов; без них выполняется образец (sigex-runbook sample-order)",
    )
    parser.add_argument(
        "--target",
        metavar="АДРЕС",
        help="адрес сервиса, например https://sigex.kz; без него — встроенный эмулятор",
    )
    parser.add_argument(
        "--mtls-target",
        metavar="АДРЕС",
        help="адрес для информационных систем, например https://sigex.kz:10443",
    )
    parser.add_argument(
        "--ca", type=Path, metavar="ФАЙЛ", help="сертификат УЦ (PEM), которому доверять"
    )
    parser.add_argument(
        "--visible", action="store_true", help="показать окно браузера, чтобы вошёл человек"
    )
    parser.add_argument(
        "--deadline",
        type=float,
        metavar="СЕКУНД",
        help="сколько может длиться один запуск (300, с --visible 900)",
    )
    parser.add_argument(
        "--outputs", type=Path, metavar="ПАПКА", help="куда складывать (outputs в текущей папке)"
    )
    add_project(parser)
    parser.add_argument("--campaign", default="single", metavar="ИМЯ", help="имя кампании (single)")
    parser.add_argument(
        "--exclude",
        type=Path,
        metavar="ФАЙЛ",
        help="кого в этой кампании не запускать и почему (YAML, см. README)",
    )
    parser.add_argument(
        "--signing-key",
        metavar="КЛЮЧ",
        help="чем заверять: файл PEM, env:ПЕРЕМЕННАЯ, hsm:НОМЕР?label=ТОКЕН (свой ключ)",
    )
    parser.add_argument(
        "--signing-pin", metavar="ССЫЛКА", help="ПИН-код токена: env:ПЕРЕМЕННАЯ или file:ПУТЬ"
    )
    parser.add_argument(
        "--trust", type=Path, metavar="ФАЙЛ", help="trust.json с сервером времени (свой)"
    )
    parser.add_argument(
        "--language",
        choices=("ru", "kk", "en"),
        default="ru",
        help="язык отчёта: русский, казахский, английский (ru)",
    )
    parser.add_argument(
        "--json", action="store_true", help="напечатать результат каждого заказа как JSON"
    )


def run(args: argparse.Namespace) -> int:
    """Check everything first, then carry out order after order."""
    from sigex_runbook.run.signals import Interruptions

    interruptions = Interruptions()
    with interruptions.listening(), ExitStack() as closing:
        names = [str(path) for path in args.orders] or [_SAMPLE]
        try:
            sealer, options, places, printer = _prepare(args, closing)
        except RunbookError as error:
            _refuse([(name, None, error) for name in names], as_json=args.json)
            raise
        read = [(name, *_read(name, args, places, options)) for name in names]
        _refuse(read, as_json=args.json)
        orders = [(name, order) for name, order, _ in read if order is not None]
        try:
            excluded = excluded_from(_outputs(args) / args.campaign, args.exclude, orders, sealer)
        except RunbookError as error:
            _refuse([(name, order, error) for name, order in orders], as_json=args.json)
            raise
        printer.start()
        return _carry_out(orders, excluded, options, sealer, args, interruptions)


def _prepare(
    args: argparse.Namespace, closing: ExitStack
) -> tuple[Sealer, Options, Mapping[str, str], Printer]:
    """What all orders share. Raises UsageError."""
    from sigex_runbook.core.project import settled
    from sigex_runbook.evidence.pack.naming import check_name
    from sigex_runbook.evidence.sealing.report_files import Publication
    from sigex_runbook.evidence.sealing.sealing import make_sealer
    from sigex_runbook.machine.outputs import check_writable
    from sigex_runbook.run.options import Options, Target
    from sigex_runbook.run.scenarios import guide_run
    from sigex_runbook.site.browser import find_browser
    from sigex_runbook.site.pdf_printer import Printer

    check_arguments(args)
    deadline = args.deadline
    if deadline is None:
        deadline = _PERSON_DEADLINE_SECONDS if args.visible else _DEADLINE_SECONDS
    check_name("кампании", args.campaign)
    closing.enter_context(settled(args.project))
    guide_run()
    find_browser(visible=args.visible)
    check_writable(_outputs(args))
    options = Options(Target(""), visible=args.visible, deadline_seconds=deadline)
    sealer = make_sealer(args.signing_key, args.signing_pin, args.trust)
    target, places = closing.enter_context(_service(args))
    printer = closing.enter_context(Printer())
    sealer = replace(sealer, report=Publication(printer.print, args.language))
    return sealer, replace(options, target=target), places, printer


def _read(
    name: str, args: argparse.Namespace, places: Mapping[str, str], options: Options
) -> tuple[Order | None, RunbookError | None]:
    """One order, or why it cannot be begun."""
    from sigex_runbook.core.order import load_order, parse_order
    from sigex_runbook.run.run import check_ready
    from sigex_runbook.run.sample import sample_order

    order = None
    try:
        order = (
            load_order(Path(name), places)
            if args.orders
            else parse_order(sample_order(), path=Path(name), places=places)
        )
        check_ready(order, options)
    except RunbookError as error:
        return order, error
    return order, None


def _refuse(
    read: Sequence[tuple[str, Order | None, RunbookError | None]], *, as_json: bool
) -> None:
    """Raise the first refusal, if there is one; with JSON, tell of every order before."""
    first = next((error for _, _, error in read if error is not None), None)
    if first is None:
        return
    if as_json:
        spared = UsageError("Не начато: другой заказ этой команды не принят.")
        for name, order, error in read:
            tell_unbegun(name, order, error or spared, as_json=True)
    raise first


@contextmanager
def _service(args: argparse.Namespace) -> Iterator[tuple[Target, Mapping[str, str]]]:
    from sigex_runbook.run.options import make_target
    from sigex_runbook.run.run import embedded_emulator

    if args.target is None:
        if args.mtls_target or args.ca:
            raise UsageError(
                "--mtls-target и --ca имеют смысл только вместе с --target: без него работает "
                "встроенный эмулятор."
            )
        with embedded_emulator() as (target, places):
            yield target, places
    else:
        yield make_target(args.target, args.mtls_target, args.ca), {}


def _outputs(args: argparse.Namespace) -> Path:
    return (args.outputs or Path("outputs")).resolve()


def _carry_out(
    orders: list[tuple[str, Order]],
    excluded: list[Member],
    options: Options,
    sealer: Sealer,
    args: argparse.Namespace,
    interruptions: Interruptions,
) -> int:
    from sigex_runbook.run.run import RunInterrupted
    from sigex_runbook.run.run import run as run_order
    from sigex_runbook.run.signals import Interrupted

    outputs = args.outputs or _outputs(args)
    codes = []
    with (
        _listed(outputs, as_json=args.json) as write_list,
        _campaign(_outputs(args) / args.campaign, sealer, excluded, as_json=args.json) as left_out,
    ):
        for place, (name, order) in enumerate(orders):
            try:
                interruptions.check()
                if not args.json:
                    print(f"{name}: БИН {order.organisation.bin} — выполняется…", flush=True)
                result = run_order(
                    order,
                    options,
                    outputs=outputs,
                    campaign=args.campaign,
                    sealer=sealer,
                    interruptions=interruptions,
                )
            except RunbookError as error:
                codes.append(error.exit_code)
                left_out.append(_left_out(order, error, outputs))
                tell_unbegun(name, order, error, as_json=args.json)
            except Interrupted as stop:
                if isinstance(stop, RunInterrupted):
                    write_list()
                    tell(name, stop.result, as_json=args.json)
                earlier = UsageError("Программу остановили раньше.")
                for unbegun, one in orders[place + isinstance(stop, RunInterrupted) :]:
                    left_out.append(_left_out(one, earlier, outputs))
                    tell_unbegun(unbegun, one, earlier, as_json=args.json)
                raise
            else:
                codes.append(result.exit_code)
                write_list()
                tell(name, result, as_json=args.json)
    return _worst(codes)


@contextmanager
def _campaign(
    folder: Path, sealer: Sealer, excluded: list[Member], *, as_json: bool
) -> Iterator[list[Member]]:
    """The campaign's population is sealed at the end, also when a person stops the program."""
    from sigex_runbook.evidence.sealing.campaign import close_campaign

    left_out = [*excluded]
    try:
        yield left_out
    finally:
        if folder.is_dir() or left_out:
            closed = close_campaign(folder, sealer, left_out)
            tell_excluded(closed.population, as_json=as_json)
            if not as_json:
                print(f"Голова реестра кампании: {closed.head}")
                if closed.unstamped and sealer.trust.authorities:
                    print(f"Без метки времени: {closed.unstamped}. Позже: sigex-runbook stamp.")


@contextmanager
def _listed(folder: Path, *, as_json: bool) -> Iterator[Callable[[], None]]:
    """The list of all runs, index.html, is written anew after each of them and at the end."""
    from sigex_runbook.evidence.index.index import write_index
    from sigex_runbook.evidence.index.outputs import Outputs

    outputs: Outputs | None = None

    def write() -> None:
        nonlocal outputs
        if not folder.is_dir():
            return
        outputs = outputs or Outputs(folder)
        try:
            write_index(outputs)
        except OSError as error:
            if not as_json:
                print(f"Список запусков не обновлён ({why(error)}): sigex-runbook index.")

    try:
        yield write
    finally:
        write()


def _left_out(order: Order, error: RunbookError, outputs: Path) -> Member:
    """An organisation without a pack and why: no folder of this machine goes into what is sealed,
    a file keeps its name."""
    from sigex_runbook.evidence.attest.statement import Member, State
    from sigex_runbook.evidence.privacy.redaction import Redactor

    organisation = order.organisation.bin
    reason = Redactor(organisation).text(str(error))
    places = {outputs, outputs.resolve(), Path.cwd(), Path.home(), *_folders(order)}
    for place in sorted(map(str, places), key=len, reverse=True):
        reason = reason.replace(f"{place}{os.sep}", "")
    return Member(organisation.text, State.FAILED, reason=reason)


def _folders(order: Order) -> set[Path]:
    """Where the files lie that the order names."""
    from sigex_runbook.core.order import Pkcs12SignIn

    systems = [one for one in (order.information_system, order.control_system) if one is not None]
    files = [file for one in systems for file in (one.certificate, one.key)]
    if isinstance(order.sign_in, Pkcs12SignIn):
        files += [order.sign_in.key_file, order.sign_in.password.file]
    return {file.parent for file in files if file is not None}


def _worst(codes: list[int]) -> int:
    """One exit code for several orders: any failure outranks usage, usage outranks partial."""
    return next((code for code in (1, 2, 3) if code in codes), 0)

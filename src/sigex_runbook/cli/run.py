"""`sigex-runbook run`: carry out orders, one after another."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from sigex_runbook.core.error_causes import why
from sigex_runbook.core.errors import EnvironmentMissing, RunbookError, UsageError

from .project import add_project
from .service import (
    SAMPLE,
    Allowance,
    add_mtls_target,
    add_packs,
    add_service,
    outputs_of,
    read_locators,
    read_order,
    service,
)
from .words.outcome import tell, tell_left_out
from .words.progress import Silence, progress
from .words.total import tell_total

if TYPE_CHECKING:
    from sigex_runbook.core.order import Order
    from sigex_runbook.evidence.sealing.sealer import Sealer
    from sigex_runbook.run.campaign import Campaign, Named
    from sigex_runbook.run.options import Options
    from sigex_runbook.run.signals import Interruptions
    from sigex_runbook.site.pdf_printer import Printer

NAME = "run"
HELP = "выполнить инструкцию по заказам и сохранить доказательства"
EXAMPLES = (
    "run",
    "run order.yaml --target https://sigex.kz --mtls-target https://sigex.kz:10443 --visible",
    "run alfa.yaml beta.yaml --campaign весна --exclude исключения.yaml",
)
EXIT_CODES = {
    0: "выполнено: сошлись экран, настройки и проверка по mTLS",
    1: "не выполнено: что найдено, сказано и лежит в пакете",
    3: "выполнено, но проверено не всё",
}

_ALLOWANCE = Allowance(alone=300, with_person=900)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Orders, where the service is, how long a run may last, where packs go."""
    parser.add_argument(
        "orders",
        nargs="*",
        type=Path,
        metavar="ЗАКАЗ",
        help="файлы заказов; без них выполняется образец (sigex-runbook sample-order)",
    )
    add_service(parser, _ALLOWANCE)
    add_mtls_target(parser)
    add_project(parser)
    parser.add_argument("--campaign", default="single", metavar="ИМЯ", help="имя кампании (single)")
    parser.add_argument(
        "--exclude",
        type=Path,
        metavar="ФАЙЛ",
        help="кого в этой кампании не запускать и почему (YAML, см. README)",
    )
    add_packs(parser)


def run(args: argparse.Namespace) -> int:
    """Check everything first, then carry out order after order."""
    from sigex_runbook.run.progress import Phase, Stage
    from sigex_runbook.run.signals import Interruptions

    shown = progress(args.json)
    shown.at(Stage(Phase.CHECKS))
    interruptions = Interruptions(shown.stop)
    with interruptions.listening(), ExitStack() as leaving:
        leaving.callback(shown.end)
        from sigex_runbook.core.order import check_once

        names = [str(path) for path in args.orders] or [SAMPLE]
        try:
            sealer, options, places, printer = _prepare(args, leaving, shown)
        except OSError as error:
            missing = EnvironmentMissing(
                f"Запуск не подготовить: {why(error)}. Проверьте место на диске и права на папки; "
                "ничего не начато."
            )
            _refuse([(name, None, missing) for name in names], shown, as_json=args.json)
            raise missing from error
        except RunbookError as error:
            _refuse([(name, None, error) for name in names], shown, as_json=args.json)
            raise
        read = [(name, *read_ready(name, args, places, options)) for name in names]
        _refuse(read, shown, as_json=args.json)
        orders = [(name, order) for name, order, _ in read if order is not None]
        try:
            check_once(orders)
            campaign = _campaign(args, options, sealer, interruptions)
            campaign.exclude(args.exclude, orders)
        except RunbookError as error:
            _refuse([(name, order, error) for name, order in orders], shown, as_json=args.json)
            raise
        printer.start()
        return _carry_out(campaign, orders, shown, as_json=args.json)


def _prepare(
    args: argparse.Namespace, leaving: ExitStack, shown: Silence
) -> tuple[Sealer, Options, Mapping[str, str], Printer]:
    """What all orders share. Raises UsageError."""
    from sigex_runbook.core.project import settled
    from sigex_runbook.evidence.pack.naming import check_name
    from sigex_runbook.evidence.pack.room import check_room
    from sigex_runbook.evidence.sealing.report_files import Publication
    from sigex_runbook.evidence.sealing.wiring import make_sealer
    from sigex_runbook.run.options import Options, Target
    from sigex_runbook.run.progress import Phase, Stage
    from sigex_runbook.run.scenarios.features import guide_run
    from sigex_runbook.site.browser import find_browser
    from sigex_runbook.site.pdf_printer import Printer

    _check_exclude(args)
    check_name("кампании", args.campaign)
    leaving.enter_context(settled(args.project))
    guide_run()
    find_browser(visible=args.visible)
    check_room(outputs_of(args))
    options = Options(
        Target(""),
        visible=args.visible,
        deadline_seconds=_ALLOWANCE.of(args),
        locators=read_locators(args),
        watch=shown.at,
    )
    sealer = make_sealer(args.signing_key, args.signing_pin, args.trust)
    if args.target is None:
        shown.at(Stage(Phase.EMULATOR))
    target, places = leaving.enter_context(service(args, args.mtls_target))
    printer = leaving.enter_context(Printer())
    sealer = replace(sealer, report=Publication(printer.print, args.language))
    return sealer, replace(options, target=target), places, printer


def _check_exclude(args: argparse.Namespace) -> None:
    """An exclusion needs a campaign with somebody to run. Raises UsageError."""
    if args.exclude is None:
        return
    from sigex_runbook.run.campaign import ALONE

    if not args.orders:
        raise UsageError(
            "С --exclude нужен хотя бы один заказ: кампания, из которой исключены все, ничего не "
            "выполняет. Добавьте заказы или уберите --exclude."
        )
    if args.campaign == ALONE:
        raise UsageError(
            "С --exclude назовите кампанию: --campaign ИМЯ. Исключение действует во всей кампании, "
            f"а в «{ALONE}» складываются отдельные запуски."
        )


def read_ready(
    name: str, args: argparse.Namespace, places: Mapping[str, str], options: Options
) -> tuple[Order | None, RunbookError | None]:
    """One order, or why it cannot be begun."""
    from sigex_runbook.run.run import check_ready

    order = None
    try:
        order = read_order(Path(name) if args.orders else None, places)
        check_ready(order, options)
    except RunbookError as error:
        return order, error
    return order, None


def _refuse(
    read: Sequence[tuple[str, Order | None, RunbookError | None]],
    shown: Silence,
    *,
    as_json: str | None,
) -> None:
    """Raise what was refused, if anything was; with JSON, tell of every order before."""
    refused = [(name, error) for name, _, error in read if error is not None]
    if not refused:
        return
    shown.end()
    if as_json:
        spared = UsageError("Не начато: другой заказ этой команды не принят.")
        for name, order, error in read:
            tell_left_out(name, order, error or spared, None, as_json=as_json)
    raise whole_refusal(refused, of=len(read))


def whole_refusal(refused: Sequence[tuple[str, RunbookError]], *, of: int) -> RunbookError:
    """One refusal for all: each order that cannot be begun, in a line of its own."""
    errors = {id(error): error for _, error in refused}
    told = [str(error) if name in str(error) else f"«{name}»: {error}" for name, error in refused]
    if len(errors) == 1:
        return refused[0][1] if of == 1 or len(refused) > 1 else UsageError(told[0])
    lines = "".join(f"\n  {one}" for one in told)
    return UsageError(f"Не приняты заказы: {len(refused)} из {of}. Ничего не начато.{lines}")


def _campaign(
    args: argparse.Namespace, options: Options, sealer: Sealer, interruptions: Interruptions
) -> Campaign:
    from sigex_runbook.run.campaign import Campaign

    return Campaign(
        args.campaign,
        outputs=outputs_of(args),
        options=options,
        sealer=sealer,
        interruptions=interruptions,
    )


def _carry_out(
    campaign: Campaign, orders: Sequence[Named], shown: Silence, *, as_json: str | None
) -> int:
    """Tell of each event as it comes, and at the end of all, also when a signal stops it. The exit
    code is that of the worst order."""
    from sigex_runbook.run.campaign import Begun, Finished, LeftOut, worst

    ended: list[Finished | LeftOut] = []
    with closing(campaign.carry_out(orders)) as events, ExitStack() as leaving:
        if len(orders) > 1:
            leaving.callback(tell_total, orders, ended, as_json=as_json)
        for event in events:
            shown.end()
            tell(event, as_json=as_json)
            match event:
                case Begun(name):
                    shown.begin(name, len(ended) + 1, len(orders))
                case Finished() | LeftOut():
                    ended.append(event)
    return worst(one.exit_code for one in ended)

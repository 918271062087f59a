"""`sigex-runbook batch`: a whole campaign of orders, by several workers, gone on with after a
stop."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from sigex_runbook.cli.project import add_project
from sigex_runbook.cli.run import whole_refusal
from sigex_runbook.cli.service import (
    Allowance,
    add_mtls_target,
    add_packs,
    add_service,
    outputs_of,
    read_locators,
    service,
)
from sigex_runbook.cli.words.course import Course, shown
from sigex_runbook.cli.words.outcome import EVENTS, print_json, tell
from sigex_runbook.cli.words.total import ending_words, tell_total
from sigex_runbook.core.errors import RunbookError, UsageError

from .asked import check_dashboard, choice_of, courtesy_of, workers_of
from .planning import check_shown, plan

if TYPE_CHECKING:
    from sigex_runbook.batch.choice import Choice
    from sigex_runbook.batch.coordinator import Event
    from sigex_runbook.batch.courtesy import Pace
    from sigex_runbook.batch.inbox import Inbox
    from sigex_runbook.batch.orders import Members
    from sigex_runbook.batch.state import BatchState
    from sigex_runbook.batch.worker import Equipment
    from sigex_runbook.run.campaign import Named
    from sigex_runbook.run.options import Target
    from sigex_runbook.run.signals import Interruptions

NAME = "batch"
HELP = "выполнить заказы многих организаций: таблица или папка, несколько исполнителей, продолжение"
EXAMPLES = (
    "batch orders.csv --campaign весна",
    "batch orders --campaign весна --target https://sigex.kz --plan",
    "batch orders --campaign весна --target https://sigex.kz --mtls-target "
    "https://sigex.kz:10443 --rate 2 --yes",
    "batch orders.csv --campaign весна --resume --only failed",
)
EXIT_CODES = {
    0: "все выполнены; с --plan: менять нечего",
    1: "хотя бы один не выполнен; с --plan: у кого-то настройки не прочитаны",
    3: "выполнены, но хотя бы у одного проверено не всё; с --plan: есть что изменить",
}

_ALLOWANCE = Allowance(alone=300, with_person=900)
_MOST_WORKERS = 4


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The orders, where the service is, how much at once and how fast, which of them."""
    parser.add_argument(
        "source",
        type=Path,
        metavar="ЗАКАЗЫ",
        help="таблица (CSV, XLSX; sigex-runbook sample-order --csv) или папка с заказами YAML",
    )
    add_service(parser, _ALLOWANCE)
    add_mtls_target(parser)
    add_project(parser)
    parser.add_argument("--campaign", required=True, metavar="ИМЯ", help="имя кампании")
    parser.add_argument(
        "--resume", action="store_true", help="продолжить начатую кампанию с тем же входом"
    )
    parser.add_argument("--only", metavar="КОГО", help="failed или БИН через запятую: только этих")
    parser.add_argument("--again", action="store_true", help="и тех, кто уже выполнен")
    parser.add_argument("--limit", type=int, metavar="N", help="начать не больше стольких")
    parser.add_argument(
        "--stop-after", type=int, metavar="N", help="не начинать новых после стольких неудач"
    )
    parser.add_argument(
        "--workers",
        type=int,
        default=max(1, min(os.cpu_count() or 1, _MOST_WORKERS)),
        metavar="N",
        help="исполнителей на этой машине (%(default)s)",
    )
    parser.add_argument(
        "--scheduler",
        metavar="АДРЕС",
        help="планировщик Dask, чьи исполнители на других машинах, например tls://узел:8786",
    )
    parser.add_argument(
        "--store",
        metavar="АДРЕС",
        help="куда исполнители других машин сдают собранное: общая папка или адрес, например "
        "s3://корзина/папка",
    )
    parser.add_argument(
        "--concurrency",
        type=int,
        metavar="N",
        help="заказов одновременно (1, на эмуляторе — сколько исполнителей)",
    )
    parser.add_argument("--rate", type=float, metavar="N", help="заказов в минуту, не больше")
    parser.add_argument(
        "--pause", type=float, default=0.0, metavar="СЕКУНД", help="пауза после каждого заказа (0)"
    )
    parser.add_argument(
        "--hours", metavar="ЧАСЫ", help="когда работать, например «22:00-06:00 Asia/Almaty»"
    )
    parser.add_argument(
        "--plan", action="store_true", help="прочесть настройки, показать план всех и закончить"
    )
    parser.add_argument(
        "--dashboard", action="store_true", help="панель Dask на этой машине (нужен bokeh)"
    )
    parser.add_argument(
        "--yes", action="store_true", help="план просмотрен: выполнять на действующем сервисе"
    )
    add_packs(parser)


def run(args: argparse.Namespace) -> int:
    """Read and check the whole input, then perform what is chosen."""
    from sigex_runbook.batch.courtesy import Pace
    from sigex_runbook.batch.state import batch_state, input_digest
    from sigex_runbook.run.signals import Interruptions

    if args.visible:
        raise UsageError(
            "--visible не для партии: у окна должен сидеть человек. Уберите --visible или "
            "выполните заказ командой run."
        )
    if bool(args.scheduler) != bool(args.store):
        raise UsageError(
            "--scheduler и --store — только вместе: исполнители других машин сдают собранное в "
            "хранилище. Добавьте недостающее или уберите лишнее."
        )
    if args.plan and args.scheduler:
        raise UsageError(
            "План читается с этой машины: повторите без --scheduler и --store. Ничего не начато."
        )
    check_dashboard(args)
    interruptions = Interruptions()
    with interruptions.listening(), ExitStack() as leaving:
        target, places = leaving.enter_context(service(args, args.mtls_target))
        courtesy = courtesy_of(args, target)
        equipment = _equipment(args, target, leaving)
        inbox = _inbox(args, equipment)
        given = _read(args, equipment, places)
        choice = choice_of(args)
        choice.check(given.orders, resume=args.resume or args.plan)
        digest = input_digest(given.orders, given.exclusions, target=_where(args, target))
        if not args.resume:
            _check_ready(given.orders, equipment)
        if args.plan:
            return plan(args, given, digest, equipment, Pace(courtesy), interruptions)
        check_shown(args, given, digest, equipment)
        state = leaving.enter_context(
            batch_state(
                equipment.outputs,
                equipment.campaign,
                digest,
                given.orders,
                given.exclusions,
                resume=args.resume,
            )
        )
        if args.resume:  # a key is opened in a twentieth of a second: not those of who is done
            left = choice.of(given.orders, state)
            _check_ready(left, equipment)
            if not args.json:
                print(f"Продолжаю «{args.campaign}»: осталось {len(left)} из {len(given.orders)}.")
        pace = Pace(courtesy)
        return _perform(args, given, choice, state, equipment, pace, interruptions, inbox)


def _where(args: argparse.Namespace, target: Target) -> str:
    """The embedded emulator is at another port every time, and the same place all the same."""
    return target.address if args.target else ""


def _equipment(args: argparse.Namespace, target: Target, leaving: ExitStack) -> Equipment:
    """What all workers need, tried out here. Raises UsageError, EnvironmentMissing."""
    from sigex_runbook.batch.worker import Equipment
    from sigex_runbook.core.project import settled
    from sigex_runbook.evidence.pack.naming import check_name
    from sigex_runbook.evidence.pack.room import check_room
    from sigex_runbook.evidence.sealing.wiring import make_sealer
    from sigex_runbook.run.scenarios.features import guide_run
    from sigex_runbook.site.browser import find_browser

    check_name("кампании", args.campaign)
    if args.workers < 1:
        raise UsageError("--workers должен быть не меньше 1.")
    leaving.enter_context(settled(args.project))
    guide_run()
    find_browser()
    outputs = outputs_of(args)
    check_room(outputs)
    make_sealer(args.signing_key, args.signing_pin, args.trust).check_ready()
    return Equipment(
        target,
        outputs,
        args.campaign,
        _ALLOWANCE.of(args),
        read_locators(args),
        args.language,
        args.signing_key,
        args.signing_pin,
        args.trust.resolve() if args.trust else None,
        args.project.resolve() if args.project else None,
    )


def _inbox(args: argparse.Namespace, equipment: Equipment) -> Inbox | None:
    """Where workers of other machines hand in; None without such. Raises UsageError."""
    if args.scheduler is None:
        return None
    from sigex_runbook.batch.fleet import check_scheduler
    from sigex_runbook.batch.inbox import Inbox
    from sigex_runbook.batch.store import Store
    from sigex_runbook.evidence.sealing.wiring import make_sealer

    check_scheduler(args.scheduler)
    sealer = make_sealer(args.signing_key, args.signing_pin, args.trust)
    folder = equipment.outputs / equipment.campaign
    return Inbox(Store.read(args.store), folder, sealer, equipment.target.address)


def _read(args: argparse.Namespace, equipment: Equipment, places: Mapping[str, str]) -> Members:
    """The whole input. Raises UsageError."""
    from sigex_runbook.batch.orders import read_batch
    from sigex_runbook.evidence.sealing.wiring import make_sealer
    from sigex_runbook.run.campaign import check_exclusions

    given = read_batch(args.source, places)
    sealer = make_sealer(args.signing_key, args.signing_pin, args.trust)
    folder = equipment.outputs / equipment.campaign
    check_exclusions(given.exclusions, given.orders, folder, sealer)
    return given


def _check_ready(orders: Sequence[Named], equipment: Equipment) -> None:
    """Each of these orders can be begun. Raises UsageError."""
    from sigex_runbook.run.options import Options
    from sigex_runbook.run.run import check_ready

    options = Options(
        equipment.target,
        deadline_seconds=equipment.deadline_seconds,
        locators=equipment.locators,
    )
    refused: list[tuple[str, RunbookError]] = []
    for name, order in orders:
        try:
            check_ready(order, options)
        except RunbookError as error:
            refused.append((name, error))
    if refused:
        raise whole_refusal(refused, of=len(orders))


def _perform(
    args: argparse.Namespace,
    given: Members,
    choice: Choice,
    state: BatchState,
    equipment: Equipment,
    pace: Pace,
    interruptions: Interruptions,
    inbox: Inbox | None,
) -> int:
    """Tell of each event as it comes; seal the population, also when a signal stops it. The exit
    code is that of the worst order."""
    from sigex_runbook.batch.coordinator import Batch
    from sigex_runbook.batch.fleet import fleet_at
    from sigex_runbook.batch.placed import placed
    from sigex_runbook.batch.population import members
    from sigex_runbook.evidence.sealing.wiring import make_sealer
    from sigex_runbook.run.campaign import Finished, LeftOut, close, worst

    folder, ended = equipment.outputs / equipment.campaign, list[Finished | LeftOut]()
    target = equipment.target.address
    sealer = make_sealer(args.signing_key, args.signing_pin, args.trust)
    if inbox is None:
        workers = workers_of(args, equipment)
    else:
        workers = fleet_at(args.scheduler, equipment.for_others(sealer, inbox.store), inbox)
    course = Course(len(choice.of(given.orders, state)), ending_words)
    try:
        with workers as fleet, shown(course, as_json=args.json) as say:
            batch = Batch(
                state,
                fleet,
                pace,
                outputs=equipment.outputs,
                target=target,
                found=inbox.found if inbox else partial(placed, folder, target=target),
                interruptions=interruptions,
            )
            with closing(batch.carry_out(given.orders, choice)) as events:
                for event in events:
                    say(event)
                    _tell_program(event, as_json=args.json)
                    if isinstance(event, Finished | LeftOut):
                        ended.append(event)
    finally:
        tell_total(given.orders, ended, as_json=args.json, brief=True)
        try:
            tell(close(folder, sealer, members(state.standings)), as_json=args.json)
        finally:
            _show_outputs(args, given, state, equipment)
    return worst(one.exit_code for one in ended)


def _show_outputs(
    args: argparse.Namespace, given: Members, state: BatchState, equipment: Equipment
) -> None:
    """Write the campaign's page and summary, then the list of all runs, which leads there."""
    from datetime import UTC, datetime

    from sigex_runbook.batch.overview.accounts import accounts
    from sigex_runbook.batch.overview.page import write_overview
    from sigex_runbook.core.error_causes import why
    from sigex_runbook.evidence.index.index import write_index
    from sigex_runbook.evidence.index.outputs import Outputs
    from sigex_runbook.run.campaign import NotListed

    folder = equipment.outputs / equipment.campaign
    try:
        known = accounts(
            state,
            given.orders,
            given.exclusions,
            campaign=folder,
            target=equipment.target.address,
            made_at=datetime.now(UTC),
        )
        page = write_overview(folder, known)
        write_index(Outputs(equipment.outputs))
    except OSError as error:
        tell(NotListed(why(error)), as_json=args.json)
    else:
        if not args.json:
            print(f"Обзор кампании: {page}")


def _tell_program(event: Event, *, as_json: str | None) -> None:
    """A JSON object for each order that has ended, and for each stage where those are asked for."""
    from sigex_runbook.batch.coordinator import Reached
    from sigex_runbook.run.campaign import Finished, LeftOut
    from sigex_runbook.run.progress import Stage

    match event:
        case Reached(name, Stage() as stage) if as_json == EVENTS:
            print_json(event="stage", order=name, phase=stage.phase, section=stage.section)
        case Finished() | LeftOut() if as_json:
            tell(event, as_json=as_json)
        case _:
            pass

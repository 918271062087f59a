"""One run from the outside: the notebook executed by papermill, the pack completed, the result.

The notebook's kernel gathers evidence in a draft; this process adds what only it can know and moves
the pack into place (see `completion`).
"""

from __future__ import annotations

import secrets
import signal
from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path

from sigex_runbook.api.line import tls_context
from sigex_runbook.core.error_causes import why
from sigex_runbook.core.errors import RunFailed
from sigex_runbook.core.network.proxies import proxy_for
from sigex_runbook.core.order import Order
from sigex_runbook.core.project import find_project, settled
from sigex_runbook.core.verdict import Failure
from sigex_runbook.evidence.pack.disk import PRIVATE_FILE, PRIVATE_FOLDER, write_whole
from sigex_runbook.evidence.pack.layout import ALIAS_KEY, CONFIDANT, PARTIAL
from sigex_runbook.evidence.pack.room import check_room
from sigex_runbook.evidence.sealing.sealer import Sealer
from sigex_runbook.site.browser import find_browser
from sigex_runbook.site.reading.locators import meanings

from .completion import complete
from .gathering import Gathering
from .kernel import Execution
from .options import Options, with_locators_of
from .progress import Phase, Stage
from .result import Result, RunInterrupted
from .secrets.channel import listening
from .secrets.of_order import refuse_secrets_in
from .secrets.private import clear_left, held_for_us
from .sign_in import SignIn, lent, sign_in_of
from .signals import Interruptions

_WORK = "work"
_ALIAS_KEY_BYTES = 32


def check_ready(order: Order, options: Options) -> SignIn:
    """Refuse, before anything is touched, what would fail anyway: keys, proxies, locators, guide,
    browser.

    Gives the way of signing in, its key file opened. Raises UsageError, EnvironmentMissing.
    """
    sign_in = sign_in_of(order, visible=options.visible)
    for address in filter(None, (options.target.address, options.target.mtls_address)):
        proxy_for(address)
    for system in (order.information_system, order.control_system):
        if system is not None and system.key is not None:
            tls_context(options.target.ca, system.certificate, system.key)
    locators = with_locators_of(order, options).locators
    if locators is not None:
        refuse_secrets_in(locators.content, order, sign_in.secrets)
    meanings()
    find_project()
    find_browser(visible=options.visible)
    return sign_in


def run(
    order: Order,
    options: Options,
    *,
    outputs: Path,
    campaign: str,
    sealer: Sealer,
    interruptions: Interruptions | None = None,
    inline: bool = False,
    run_id: str | None = None,
) -> Result:
    """Execute the notebook for one order and seal its pack, however the run ended; `inline` in this
    process, where `warmth.kept` is, and else in a kernel of its own.

    Raises UsageError when the order cannot be begun, NotSealed when the pack could not be sealed,
    RunInterrupted when a signal stopped it; what else goes wrong is in the result.
    """
    options = with_locators_of(order, options)
    sign_in = check_ready(order, options)
    sealer.check_ready()
    check_room(outputs)
    key = secrets.token_bytes(_ALIAS_KEY_BYTES)
    gathering = Gathering.begin(
        order,
        options,
        sign_in,
        outputs=outputs,
        campaign=campaign,
        alias_key=key,
        run_id=run_id,
    )
    folder = gathering.draft.folder
    execution = Execution(find_project().notebook, inline=inline)
    broken: str | None = None
    stop: KeyboardInterrupt | None = None
    options.watch(Stage(Phase.KERNEL))
    clear_left(folder.parent.glob(f"*{PARTIAL}/{_WORK}"))
    try:
        (folder / _WORK).mkdir(PRIVATE_FOLDER)
        with (
            held_for_us(folder / _WORK),
            listening(gathering.confidences) as way,
            settled(),
            (interruptions or Interruptions()).allowed(),
            lent(order, sign_in) if inline else nullcontext(),
        ):
            parameters = _hand_over(folder, order, options, key)
            write_whole(folder / CONFIDANT, way, mode=PRIVATE_FILE)
            execution.perform(parameters, folder=folder, deadline_seconds=options.deadline_seconds)
    except KeyboardInterrupt as interrupt:
        stop = interrupt
    except RunFailed as error:
        broken = str(error)
    except OSError as error:
        broken = f"Блокнот не начат: {why(error)}. Проверьте место на диске и права и повторите."
    options.watch(Stage(Phase.SEALING))
    stopped = "Запуск прерван: программу остановили." if stop else broken or execution.stopped
    failure = Failure(stopped) if stopped else None
    result = complete(gathering, sealer, notebook=execution.notebook, failure=failure)
    if stop is not None:
        raise RunInterrupted(getattr(stop, "number", signal.SIGINT), result) from stop
    return result


def _hand_over(folder: Path, order: Order, options: Options, key: bytes) -> Mapping[str, object]:
    """Put what the kernel needs beside the evidence, and give the notebook's parameters."""
    work = folder / _WORK
    given = {work / "order.json": order.model_dump_json().encode("utf-8"), folder / ALIAS_KEY: key}
    if options.target.ca is not None:
        given[work / "ca.pem"] = options.target.ca.read_bytes()
    if options.locators is not None:
        given[work / "locators.yaml"] = options.locators.content
    for path, data in given.items():
        write_whole(path, data, mode=PRIVATE_FILE)
    return {
        "order": f"{_WORK}/order.json",
        "target": options.target.address,
        "mtls_target": options.target.mtls_address or "",
        "ca": f"{_WORK}/ca.pem" if options.target.ca else "",
        **({"locators": f"{_WORK}/locators.yaml"} if options.locators else {}),
        "draft": ".",
        "visible": options.visible,
        "deadline_seconds": options.deadline_seconds,
    }

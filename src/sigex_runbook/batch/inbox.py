"""From a worker of another machine to the campaign: what it gathered travels as one archive
through the store, and is sealed here, where the operator's key is. One campaign has one inbox."""

from __future__ import annotations

import io
import shutil
import zipfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from sigex_runbook.core.error_causes import why
from sigex_runbook.core.errors import NotSealed, RunbookError, RunFailed
from sigex_runbook.core.verdict import SAVED_WORDS, Saved
from sigex_runbook.evidence.attest.findings import MISSHAPEN
from sigex_runbook.evidence.attest.ledger import ledger_end
from sigex_runbook.evidence.pack.draft import PackDraft
from sigex_runbook.evidence.pack.files import walk
from sigex_runbook.evidence.pack.layout import EVIDENCE, PARTIAL, RUN
from sigex_runbook.evidence.sealing.report_files import certify_report
from sigex_runbook.evidence.sealing.sealer import Sealer, SealStep
from sigex_runbook.evidence.sealing.sealing import Unsound, seal_ready, set_aside
from sigex_runbook.run.result import Result

from .placed import placed
from .pool import Task, Told
from .state import Phase
from .store import Store

_LARGEST = 1 << 30
"""Bytes of one pack, unpacked; more are no evidence of one run."""


def place_in_store(campaign: str, task: Task) -> str:
    """What the archive of a run is called in the store."""
    return f"{campaign}/{task.order.organisation.bin}/{task.run_id}.zip"


def hand_in(store: Store, campaign: str, task: Task, draft: Path) -> str:
    """Put a draft's evidence into the store; gives the archive's digest. Raises RunFailed."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:  # pictures and PDF are dense already
        for name, _ in walk(draft):
            archive.write(draft / name, name)
    return store.put(place_in_store(campaign, task), packed.getvalue())


@dataclass(frozen=True, slots=True)
class Inbox:
    """Takes what was handed in to a campaign. Its ledger has no other writer meanwhile."""

    store: Store
    campaign: Path
    sealer: Sealer
    target: str

    def before(self) -> tuple[int, str]:
        """How many lines the ledger has now, and its head: the report tells it."""
        return ledger_end(self.campaign)

    def take(
        self,
        task: Task,
        tell: Callable[[Told], object] = lambda _: None,
        *,
        digest: str | None = None,
    ) -> Result | None:
        """Seal what was handed in of a run, and give its result, also when that was done before;
        None when nothing was. `digest` is what its worker said of the archive.

        Raises NotSealed when it is not what a worker hands in; the archive stays in the store.
        """
        name, unstamped = place_in_store(self.campaign.name, task), None
        try:
            if placed(self.campaign, task, self.target) is None:
                data = self.store.take(name)
                if data is None:
                    return None
                if digest not in (None, sha256(data).hexdigest()):
                    raise RunFailed("Архив не тот, который сдал исполнитель.")
                unstamped = self._seal(task, data, tell)
            result = placed(self.campaign, task, self.target)
            if result is None:
                raise RunFailed("Пакет не на своём месте.")
        except (RunbookError, OSError, zipfile.BadZipFile, *MISSHAPEN) as error:
            if isinstance(error, RunbookError):
                told = str(error)
            else:
                told = f"{why(error) if isinstance(error, OSError) else 'Архив повреждён'}."
            raise NotSealed(
                f"Собранное исполнителем не заверено. {told} Оно осталось в хранилище: {name}. "
                f"{SAVED_WORDS[Saved.UNKNOWN]}",
                saved=Saved.UNKNOWN,
            ) from error
        with suppress(RunFailed):  # it is sealed, and what stays there harms nobody
            self.store.drop(name)
        return replace(result, unstamped=unstamped)

    def found(self, task: Task) -> Result | None:
        """The result of a run whose worker is gone; None too for what cannot be sealed."""
        with suppress(NotSealed):
            return self.take(task)
        return None

    def _seal(self, task: Task, data: bytes, tell: Callable[[Told], object]) -> str | None:
        def reached(step: SealStep) -> None:
            if step is SealStep.APPENDED:
                tell(Phase.SEALED)

        number = task.order.organisation.bin
        # Of a coordinator that was killed while it unpacked; what the ledger promises has moved.
        shutil.rmtree(self.campaign / number.text / f"{task.run_id}{PARTIAL}", ignore_errors=True)
        draft = PackDraft.create(self.campaign.parent, self.campaign.name, number, task.run_id)
        try:
            unpack(data, draft)
            certify_report(draft, self.sealer)
            verdict = str(draft.read_json(RUN)["verdict"]["kind"])
            sealer = replace(self.sealer, reached=reached)
            return seal_ready(draft, sealer, verdict=verdict).unstamped
        except Unsound:
            set_aside(draft, self.sealer)
            raise


def unpack(data: bytes, draft: PackDraft) -> None:
    """Fill a draft with what a worker handed in, and with nothing beside its evidence. Raises
    RunFailed, BadZipFile."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = archive.infolist()
        if sum(one.file_size for one in entries) > _LARGEST:
            raise RunFailed("Собранного исполнителем больше, чем бывает в одном пакете.")
        for one in entries:
            folder, _, name = one.filename.partition("/")
            if folder != EVIDENCE:
                raise RunFailed("В собранном исполнителем есть файлы не из папки evidence.")
            draft.write_bytes(name, archive.read(one))

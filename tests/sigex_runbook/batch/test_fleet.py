"""Who may be spoken to as a cluster, and what of an order goes over the wire."""

from __future__ import annotations

import pickle
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from subprocess import PIPE
from types import SimpleNamespace

import psutil
import pytest
from distributed.protocol.pickle import dumps

from sigex_runbook.batch.fleet import SETTINGS, SameProgram, check_scheduler, fleet_at
from sigex_runbook.batch.inbox import Inbox
from sigex_runbook.batch.pool import Task, WorkerDied
from sigex_runbook.batch.store import Store
from sigex_runbook.batch.worker import Equipment, with_own_files
from sigex_runbook.core.errors import NotSealed, RunFailed, UsageError
from sigex_runbook.core.verdict import Saved
from sigex_runbook.evidence.attest.keyring import Keyring, key_folder
from sigex_runbook.evidence.sealing.wiring import make_sealer
from sigex_runbook.run.options import Target
from tests.builders import make_order, make_pair

PASSWORD, SECRET = "open-sesame-7731", b"planted-key-bytes-9942"


@pytest.mark.parametrize(
    "address", ["tls://10.0.0.1:8786", "tls://cluster:8786", "tcp://127.0.0.1:8786"]
)
def test_a_scheduler_is_spoken_to_by_tls_or_on_ones_own_machine(address: str) -> None:
    check_scheduler(address)


@pytest.mark.parametrize("address", ["tcp://10.0.0.1:8786", "ws://127.0.0.1:80", "cluster:8786"])
def test_another_way_is_refused(address: str) -> None:
    with pytest.raises(UsageError, match="не подходит"):
        check_scheduler(address)


def test_a_scheduler_that_is_not_there_is_told_before_anything_begins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sigex_runbook.batch.fleet.JOINING_SECONDS", 0.1)
    target = Target("https://localhost:1")
    store, sealer = Store("memory://store"), make_sealer()
    own = Equipment(target, tmp_path, "spring", 300.0)
    inbox = Inbox(store, tmp_path / "spring", sealer, target.address)
    with (
        pytest.raises(UsageError, match=r"не отвечает.*--resume: ни один заказ не начат"),
        fleet_at("tcp://127.0.0.1:9", own.for_others(sealer, store), inbox),
    ):
        pass


@pytest.fixture
def cluster() -> Iterator[tuple[str, psutil.Popen, psutil.Popen]]:
    """The address of a scheduler, its process and that of its one worker."""
    dask = [sys.executable, "-m", "dask"]
    scheduling = [*dask, "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard"]
    with ExitStack() as leaving:
        scheduler = leaving.enter_context(psutil.Popen(scheduling, stderr=PIPE, text=True))
        leaving.callback(scheduler.kill)
        told = next(line for line in scheduler.stderr if "Scheduler at:" in line)
        address = told.split()[-1]
        working = [*dask, "worker", address, "--nthreads", "1", "--no-nanny", "--no-dashboard"]
        worker = leaving.enter_context(psutil.Popen(working))
        leaving.callback(worker.kill)
        yield address, scheduler, worker


def test_a_scheduler_that_dies_while_an_order_is_under_way_keeps_nobody_waiting(
    tmp_path: Path,
    cluster: tuple[str, psutil.Popen, psutil.Popen],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(SETTINGS, "distributed.comm.timeouts.connect", "2s")
    address, scheduler, worker = cluster
    store, sealer = Store("memory://store"), make_sealer()
    own = Equipment(Target("https://localhost:1"), tmp_path, "spring", 300.0)
    inbox = Inbox(store, tmp_path / "spring", sealer, own.target.address)
    task = Task("a", make_order(tmp_path), "run")
    with fleet_at(address, own.for_others(sealer, store), inbox) as fleet:
        worker.suspend()  # so it is under way
        answer = fleet.submit(task, lambda _: None)
        scheduler.kill()
        with pytest.raises(WorkerDied):
            answer.result(60)
        with pytest.raises(RunFailed, match=r"не отвечает.*--resume"):
            fleet.submit(task, lambda _: None)


def test_an_order_whose_certificate_is_another_one_here_is_not_begun(tmp_path: Path) -> None:
    order = make_order(tmp_path)
    assert with_own_files(order) == order
    order.information_system.certificate.write_text(make_pair("another").pem, encoding="ascii")
    with pytest.raises(UsageError, match="нет сертификата из заказа или он другой"):
        with_own_files(order)
    order.information_system.certificate.unlink()
    with pytest.raises(UsageError, match="нет сертификата из заказа или он другой"):
        with_own_files(order)


def worker(threads: int = 1) -> SimpleNamespace:
    return SimpleNamespace(name="w1", state=SimpleNamespace(nthreads=threads))


def test_a_worker_with_the_same_program_joins_and_another_does_not() -> None:
    plugin = SameProgram()
    plugin.setup(worker())
    with pytest.raises(UsageError, match="--nthreads 1"):
        plugin.setup(worker(threads=2))
    plugin.about["sigex-runbook"] = "0.0.9 (0123456789ab)"
    with pytest.raises(UsageError, match=r"w1 другая версия: sigex-runbook .*нужна 0\.0\.9"):
        plugin.setup(worker())


def test_neither_keys_nor_passwords_are_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EMPLOYEE_PASSWORD", PASSWORD)
    key = tmp_path / "employee.p12"
    key.write_bytes(SECRET)
    order = make_order(
        tmp_path,
        sign_in={
            "method": "pkcs12",
            "key_file": str(key),
            "password": {"env": "EMPLOYEE_PASSWORD"},
        },
    )
    sealer = make_sealer()
    own = Equipment(
        Target("https://localhost:1"),
        tmp_path / "results of the operator",
        "spring",
        300.0,
        signing_key="file:/home/operator/seal.pem",
        signing_pin="env:SEAL_PIN",
    )
    sent = dumps((own.for_others(sealer, Store("memory://store")), Task("a", order, "run")))
    assert b"EMPLOYEE_PASSWORD" in sent, "the reference is"
    private = Keyring(key_folder()).key.read_bytes()
    body = b"".join(line for line in private.splitlines() if b"-----" not in line)
    for secret in (PASSWORD.encode(), SECRET, body, b"PRIVATE KEY", b"seal.pem", b"SEAL_PIN"):
        assert secret not in sent
    assert b"results of the operator" not in sent
    equipment, task = pickle.loads(sent)  # noqa: S301 - our own
    assert task.order == order
    assert equipment.away.sealer().own_key() == sealer.own_key()


def test_why_there_is_no_pack_comes_whole_from_another_process() -> None:
    error = pickle.loads(pickle.dumps(NotSealed("Нет.", saved=Saved.YES)))  # noqa: S301 - our own
    assert (str(error), error.saved) == ("Нет.", Saved.YES)

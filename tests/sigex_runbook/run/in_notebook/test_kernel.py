"""A real kernel without a browser for people: what a cell says, an interrupt, a run begun again."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager, start_new_kernel

from sigex_runbook.core.project import find_project
from tests.commands import sealed_well, write
from tests.service import NOTHING, ORGANISATION, Service

_SECONDS = 120


@dataclass
class Kernel:
    manager: KernelManager
    client: BlockingKernelClient
    shown: list[tuple[str, str]] = field(default_factory=list)

    def cell(self, code: str, when: str = "", then: Callable[[], object] = lambda: None) -> Any:
        """Execute a cell; when it says those words, do that. The reply."""
        self.shown.clear()

        def hear(message: dict[str, Any]) -> None:
            data = message["content"].get("data")
            if data is not None:
                self.shown.append((message["msg_type"], data["text/plain"]))
                if when and data["text/plain"].startswith(when):
                    then()

        reply = self.client.execute_interactive(code, output_hook=hear, timeout=_SECONDS)
        return reply["content"]


@pytest.fixture
def kernel(tmp_path: Path) -> Iterator[Kernel]:
    manager, client = start_new_kernel(kernel_name="python3", cwd=str(tmp_path))
    try:
        yield Kernel(manager, client)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def source(starting: str) -> str:
    cells = json.loads(find_project().notebook.read_text(encoding="utf-8"))["cells"]
    return next(s for c in cells if (s := "".join(c["source"])).startswith(starting))


def test_an_interrupt_ends_the_run_with_a_sentence_and_a_sealed_pack(
    service: Service, kernel: Kernel, tmp_path: Path
) -> None:
    write(tmp_path, service.order_text())
    target, ca = service.target, service.target.ca
    begin = source("from sigex_runbook.notebook")
    kernel.cell(source("order: str"))
    kernel.cell('# Parameters\ncampagin = "spring"')
    refused = kernel.cell(begin)
    assert "не знает параметров campagin" in refused["evalue"]
    kernel.cell(
        f'# Parameters\norder = "order.yaml"\ntarget = "{target.address}"\nca = "{ca}"\n'
        f'mtls_target = "{target.mtls_address}"\noutputs = "out"\ncampaign = "spring"'
    )
    assert kernel.cell(begin)["status"] == "ok"
    assert [kind for kind, _ in kernel.shown[:2]] == ["display_data", "update_display_data"]
    assert kernel.shown[0][1].startswith("Начинаю запуск")
    assert kernel.shown[1][1].startswith("Заказ\n")

    service.emulator.world.faults.set(ORGANISATION, "sign-in-hangs")
    try:
        stopped = kernel.cell(
            "run.section(1)", "Выполняю раздел 1", kernel.manager.interrupt_kernel
        )
    finally:
        service.emulator.world.faults.clear()
    assert stopped["status"] == "error"
    assert "Запуск прерван." in stopped["evalue"]
    assert stopped["traceback"] == [stopped["evalue"]]
    assert any(text.startswith("Доказательства: ") for _, text in kernel.shown)

    [pack] = (tmp_path / "out" / "spring" / ORGANISATION).iterdir()
    assert sealed_well(pack, redrawn=False)
    assert (tmp_path / "out" / "index.html").exists()
    told = json.loads((pack / "evidence" / "run.json").read_text(encoding="utf-8"))
    assert (told["verdict"]["kind"], told["without_notebook"]) == ("FAILED", None)
    kept = json.loads((pack / "evidence" / "runbook.ipynb").read_text(encoding="utf-8"))
    code = {"".join(c["source"]): c for c in kept["cells"] if c["cell_type"] == "code"}
    assert "Запуск прерван." in code["run.section(1)"]["outputs"][-1]["evalue"]
    injected = next(text for text in code if text.startswith("# Parameters"))
    assert "order = 'order.yaml'" in injected
    assert str(ca) not in injected, "only the names of files"
    assert service.granted() == NOTHING

    again = kernel.cell("run.section(1)")
    assert again["evalue"] == stopped["evalue"]
    later = kernel.cell("run.plan()")
    assert "выполните блокнот с начала" in later["evalue"]

"""Plain papermill, as docs/notebook.md has it: a loop over orders, exits that tell, whole packs."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sigex_runbook.core.project import find_project
from tests.commands import sealed_well, write
from tests.programs import program
from tests.service import EVERYTHING, ORGANISATION, OTHER_ORGANISATION, Service

PAGE = find_project().root / "docs" / "notebook.md"
SERVICE = "SERVICE=(-p target https://sigex.kz -p mtls_target https://sigex.kz:10443)"


def text_of(notebook: Path) -> str:
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return json.dumps([c.get("outputs") for c in cells], ensure_ascii=False)


def record(pack: Path) -> Any:
    return json.loads((pack / "evidence" / "run.json").read_text(encoding="utf-8"))


def page_loop(tmp_path: Path, service: Service) -> str:
    """A folder as the page supposes it, with three orders; the page's loop for this service."""
    bin_folder = tmp_path / ".venv" / "bin"
    bin_folder.mkdir(parents=True)
    for name in ("notebooks", "outputs", "orders"):
        (tmp_path / name).mkdir()
    (bin_folder / "papermill").symlink_to(Path(sys.executable).with_name("papermill"))
    (tmp_path / "notebooks" / "runbook.ipynb").write_bytes(find_project().notebook.read_bytes())
    whole = service.order_text()
    keyless = re.sub(r"^  key: .*/1\.key.*\n", "", whole, flags=re.MULTILINE)
    other = whole.replace(f'bin: "{ORGANISATION}"', f'bin: "{OTHER_ORGANISATION}"')
    for name, order in {"a": whole, "b": keyless, "c": other}.items():
        write(tmp_path / "orders", order, f"{name}.yaml")
    [loop] = re.findall(r"^```bash\n(.*?)^```", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    assert SERVICE in loop
    target, mtls, ca = service.arguments()[1::2]
    return str(loop).replace(
        SERVICE, f"SERVICE=(-p target {target} -p mtls_target {mtls} -p ca {ca})"
    )


@pytest.mark.timeout(600)
def test_the_pages_loop_tells_three_orders_apart(service: Service, tmp_path: Path) -> None:
    """One done, one that could not be checked over mTLS, one of an organisation that is not the
    employee's; paths count from where the loop was typed."""
    done = subprocess.run(
        [program("bash"), "-c", page_loop(tmp_path, service)],
        cwd=tmp_path,
        env=os.environ | {"PYTHONWARNINGS": "ignore"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.stdout.splitlines() == [
        "a: выполнен",
        "b: выполнен, но проверено не всё",
        "c: не выполнен",
    ], done.stderr[-3000:]
    assert service.granted() == EVERYTHING
    assert OTHER_ORGANISATION in done.stderr.strip().splitlines()[-1], "papermill ends in our words"

    outputs = tmp_path / "outputs"
    found = {
        record(pack)["verdict"]["kind"]: pack
        for organisation in (ORGANISATION, OTHER_ORGANISATION)
        for pack in (outputs / "spring" / organisation).iterdir()
    }
    assert set(found) == {"PASSED", "PARTIAL", "FAILED"}
    for kind, pack in found.items():
        assert sealed_well(pack)
        assert record(pack)["without_notebook"] is None
        shown = text_of(pack / "evidence" / "runbook.ipynb")
        assert (f"({kind})" in shown) or kind == "FAILED"
        report = (pack / "evidence" / "report.json").read_text(encoding="utf-8")
        assert json.loads(report)["language"] == "kk"


def test_the_programs_own_engine_needs_no_kernel(service: Service, tmp_path: Path) -> None:
    """With the kernel of a name that there is none of: the cells run in papermill's process."""
    write(tmp_path, service.order_text())
    target, mtls, ca = service.arguments()[1::2]
    given = {"order": "order.yaml", "target": target, "mtls_target": mtls, "ca": ca}
    done = subprocess.run(
        [
            str(Path(sys.executable).with_name("papermill")),
            *("--engine", "sigex-runbook", "--kernel", "absent", "--no-progress-bar"),
            *(str(find_project().notebook), "done.ipynb"),
            *(part for name, value in given.items() for part in ("-p", name, value)),
            *("-p", "outputs", "outputs"),
        ],
        cwd=tmp_path,
        env=os.environ | {"PYTHONWARNINGS": "ignore"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert service.granted() == EVERYTHING
    [pack] = tmp_path.glob(f"outputs/notebook/{ORGANISATION}/*")
    assert sealed_well(pack, redrawn=False)
    assert (record(pack)["verdict"]["kind"], record(pack)["without_notebook"]) == ("PASSED", None)
    for notebook in (pack / "evidence" / "runbook.ipynb", tmp_path / "done.ipynb"):
        assert "(PASSED)" in text_of(notebook)

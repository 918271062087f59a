"""What `doctor` says of the way out of this machine, and of runs that left no sealed pack."""

from __future__ import annotations

from pathlib import Path

import pytest

from sigex_runbook.core.organisation import Bin
from sigex_runbook.evidence.attest.seal_files import SET_ASIDE
from sigex_runbook.evidence.attest.statement import ATTESTATION
from sigex_runbook.evidence.pack.draft import PackDraft
from sigex_runbook.machine.checkup import drafts_left, proxy_used
from tests.proxy import set_proxies
from tests.service import ORGANISATION


def test_the_proxy_in_use_is_shown_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    set_proxies(
        monkeypatch, https_proxy="http://ivan:geheim@proxy.test:3128", NO_PROXY="inner.test"
    )
    found = proxy_used()
    assert found.ok is None
    assert "https — http://ivan:***@proxy.test:3128" in found.found
    assert "inner.test" in found.found
    assert "geheim" not in found.found


def test_no_proxy_is_said_too(monkeypatch: pytest.MonkeyPatch) -> None:
    set_proxies(monkeypatch)
    assert proxy_used().found == "не используется"


def test_a_proxy_that_cannot_be_used_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    set_proxies(monkeypatch, HTTPS_PROXY="socks5://ivan:geheim@proxy.test:1080")
    found = proxy_used()
    assert found.ok is False
    assert "SOCKS" in found.found
    assert "geheim" not in found.found


def test_what_runs_left_unsealed_is_told_and_is_no_fault(tmp_path: Path) -> None:
    left = [PackDraft.create(tmp_path, "spring", Bin(ORGANISATION), run) for run in ("a", "b", "c")]
    (left[1].folder / SET_ASIDE).touch()
    (left[2].folder / ATTESTATION).touch()
    (tmp_path / "spring" / ORGANISATION / "sealed").mkdir()
    found = list(drafts_left(tmp_path))
    assert {one.ok for one in found} == {None}
    for one, name, words in zip(
        found, "abc", ("идёт или оборван", "отложен", "прерван при заверении"), strict=True
    ):
        place = Path("spring") / ORGANISATION / f"{name}.partial"
        assert one.found.startswith(f"{place} ({words}): доказательством не служит")
    assert list(drafts_left(tmp_path / "none")) == []

"""Where workers hand in: a file is there whole or not at all, and no secret is in its address."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from moto.server import ThreadedMotoServer

from sigex_runbook.batch.store import Store
from sigex_runbook.core.errors import RunFailed, UsageError


@pytest.fixture(params=["folder", "memory", "s3"])
def address(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    if request.param != "s3":
        yield str(tmp_path / "store") if request.param == "folder" else "memory://store"
        return
    server = ThreadedMotoServer("127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    yield "s3://campaigns/spring"
    server.stop()


def test_what_was_handed_in_is_taken_once(address: str) -> None:
    store = Store.read(address)
    assert store.take("spring/one.zip") is None
    assert store.put("spring/one.zip", b"evidence") == sha256(b"evidence").hexdigest()
    assert Store(address).take("spring/one.zip") == b"evidence"
    store.drop("spring/one.zip")
    assert store.take("spring/one.zip") is None


def test_a_folder_is_the_same_one_from_every_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert Store.read("store").address == str(tmp_path / "store")


def test_a_password_in_the_address_is_refused_and_not_repeated() -> None:
    with pytest.raises(UsageError, match="имя или пароль") as told:
        Store.read("sftp://user:open-sesame@host/store")
    assert "sesame" not in str(told.value)


@pytest.mark.parametrize("address", ["nowhere://store", "/dev/null/store"])
def test_a_store_that_is_none_is_told_before_anything_begins(address: str) -> None:
    with pytest.raises(UsageError, match=r"не отвечает как нужно.*Ничего не начато"):
        Store.read(address)


def test_half_a_file_is_never_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder's files get their names when they are whole."""
    store = Store.read(str(tmp_path))

    def full(*_: object) -> None:
        raise OSError(28, "full")

    monkeypatch.setattr("shutil.move", full)
    with pytest.raises(RunFailed, match="на диске нет места"):
        store.put("spring/one.zip", b"evidence")
    monkeypatch.undo()
    assert store.take("spring/one.zip") is None

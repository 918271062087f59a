"""The vendor's own client meets our NCALayer in a real browser.

Nobody here wrote this client: what it takes for a signature, a cancel or a failure is what pages of
the service take for one.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from sigex_emulator import World
from sigex_runbook.signing import NCALayer, Pkcs12Signer, Signer, SigningCancelled
from sigex_runbook.signing.bridge import attach
from sigex_runbook.site.browser_launch import launch
from tests.sigex_emulator.drivers import ALFA, openssl

from .vendor import client_source

NONCE = bytes(range(255, -1, -1))
NONCE_64 = base64.b64encode(NONCE).decode()

TALK = """
async ([call, data]) => {
  const client = new NCALayerClient();
  const seen = { version: await client.connect(), kaztoken: client.isKmd };
  try {
    const params = NCALayerClient;
    const calls = {
      detached: () => client.basicsSignCMS(params.basicsStoragePKCS12, data,
        params.basicsCMSParamsDetachedNoTSP, params.basicsSignerSignAny),
      attached: () => client.basicsSignCMS(params.basicsStorageAll, data,
        params.basicsCMSParamsAttached, params.basicsSignerSignAny),
      bytes: () => client.basicsSignCMS(params.basicsStoragePKCS12,
        Uint8Array.from(atob(data), (one) => one.charCodeAt(0)).buffer,
        params.basicsCMSParamsDetachedNoTSP, params.basicsSignerSignAny),
      several: () => client.basicsSignCMS(params.basicsStoragePKCS12, [data, data],
        params.basicsCMSParamsDetachedNoTSP, params.basicsSignerSignAny),
      hash: () => client.basicsSignCMS(params.basicsStoragePKCS12, data,
        params.basicsCMSParamsDetachedHash, params.basicsSignerSignAny),
      old: () => client.createCAdESFromBase64('PKCS12', data, 'SIGNATURE', false),
      tokens: () => client.getActiveTokens(),
    };
    seen.result = await calls[call]();
  } catch (error) {
    seen.error = { name: error.name, message: error.message, cancelled: error.canceledByUser };
  }
  return seen;
}
"""


class Unwilling:
    """A person who closes NCALayer's window."""

    def sign(self, data: bytes, *, attach: bool) -> bytes:  # noqa: ARG002
        raise SigningCancelled


@pytest.fixture(scope="module")
def world() -> World:
    return World()


@pytest.fixture(scope="module")
def signer(world: World, tmp_path_factory: pytest.TempPathFactory) -> Pkcs12Signer:
    """The head's key as the emulator issues it."""
    path = tmp_path_factory.mktemp("key") / "head.p12"
    key = world.organisations[ALFA].key_of("head")
    path.write_bytes(key.pkcs12("password"))
    return Pkcs12Signer.load(path, "password")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright, launch(playwright) as running:
        yield running


@pytest.fixture(scope="module")
def source() -> str:
    return client_source()


def talk(browser: Browser, source: str, signer: Signer, call: str) -> dict[str, Any]:
    with browser.new_context() as context:
        attach(context, NCALayer(signer))
        page: Page = context.new_page()
        page.add_script_tag(content=source)
        seen: dict[str, Any] = page.evaluate(TALK, [call, NONCE_64])
    assert seen["version"] == "1.2"
    assert seen["kaztoken"] is False  # our answer to its probe reads as a plain NCALayer
    return seen


def verified(world: World, folder: Path, signature: str, *options: str | Path) -> bytes:
    """What `openssl cms -verify` finds signed under the emulator's root."""
    armoured, root = folder / "signature.pem", folder / "ca.pem"
    armoured.write_text(signature)
    root.write_text(world.authority.certificate_pem)
    return openssl(
        "cms", "-verify", "-binary", "-purpose", "any", "-inform", "PEM", "-in", armoured,
        "-CAfile", root, *options,
    )  # fmt: skip


@pytest.mark.fact("4.2-greeting", "4.2-probe", "4.2-sign-request", "4.2-success", "4.2-armour")
@pytest.mark.parametrize("call", ["detached", "bytes"])
def test_it_connects_and_signs(
    browser: Browser, source: str, world: World, signer: Pkcs12Signer, tmp_path: Path, call: str
) -> None:
    seen = talk(browser, source, signer, call)
    assert "error" not in seen
    content = tmp_path / "nonce"
    content.write_bytes(NONCE)
    assert verified(world, tmp_path, seen["result"], "-content", content) == NONCE


@pytest.mark.fact("4.2-encapsulate")
def test_data_travel_in_an_attached_signature(
    browser: Browser, source: str, world: World, signer: Pkcs12Signer, tmp_path: Path
) -> None:
    seen = talk(browser, source, signer, "attached")
    assert verified(world, tmp_path, seen["result"]) == NONCE


@pytest.mark.fact("4.2-success")
def test_several_documents_get_a_signature_each(
    browser: Browser, source: str, world: World, signer: Pkcs12Signer, tmp_path: Path
) -> None:
    content = tmp_path / "nonce"
    content.write_bytes(NONCE)
    signatures = talk(browser, source, signer, "several")["result"]
    assert len(signatures) == 2
    for one in signatures:
        assert verified(world, tmp_path, one, "-content", content) == NONCE


@pytest.mark.fact("4.2-cancel")
def test_a_closed_window_is_a_cancel_of_the_user(browser: Browser, source: str) -> None:
    seen = talk(browser, source, Unwilling(), "detached")
    assert "result" not in seen
    assert seen["error"]["name"] == "NCALayerError"
    assert seen["error"]["cancelled"] is True


@pytest.mark.fact("4.2-old-cancel")
def test_the_old_modules_cancel_is_known_by_its_message(browser: Browser, source: str) -> None:
    """This client sets no flag there: the code and the message are all that tells."""
    seen = talk(browser, source, Unwilling(), "old")
    assert "result" not in seen
    assert seen["error"]["name"] == "NCALayerError"
    assert seen["error"]["message"] == "500: action.canceled"


@pytest.mark.fact("4.2-failure")
def test_a_refusal_is_a_failure_with_its_reason(
    browser: Browser, source: str, signer: Pkcs12Signer
) -> None:
    seen = talk(browser, source, signer, "hash")
    assert "result" not in seen
    assert seen["error"]["name"] == "NCALayerError"
    assert not seen["error"]["cancelled"]
    assert "Подпись готового хеша не поддерживается" in seen["error"]["message"]


@pytest.mark.fact("4.2-old-module")
def test_the_old_module_signs_and_lists_storages(
    browser: Browser, source: str, world: World, signer: Pkcs12Signer, tmp_path: Path
) -> None:
    assert talk(browser, source, signer, "tokens")["result"] == ["PKCS12"]
    content = tmp_path / "nonce"
    content.write_bytes(NONCE)
    signature = talk(browser, source, signer, "old")["result"]
    assert verified(world, tmp_path, signature, "-content", content) == NONCE


def test_another_archive_is_refused_and_thrown_away(tmp_path: Path) -> None:
    archive = tmp_path / "ncalayer-js-client-1.5.6.tgz"
    archive.write_bytes(b"something else")
    with pytest.raises(pytest.fail.Exception, match="is not the pinned one"):
        client_source(tmp_path)
    assert not archive.exists()


def test_a_download_that_fails_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9")
    monkeypatch.setenv("npm_config_fetch_retries", "0")
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "npm"))
    with pytest.raises(pytest.fail.Exception, match=r"could not be downloaded.*Check the network"):
        client_source(tmp_path)

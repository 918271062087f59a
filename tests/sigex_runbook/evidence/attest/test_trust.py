"""`trust.json`: how certificates get into it, and what is said when they do not."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from sigex_runbook.cli import main as cli
from sigex_runbook.evidence.attest.trust import Authority, Trust, read_certificates
from tests.builders import make_pair

ROOT = make_pair("Root")
SERVER = make_pair("Server", issuer=ROOT)
BOTH = SERVER.pem + ROOT.pem


@pytest.mark.parametrize(
    "saved",
    [
        BOTH.encode(),
        BOTH.encode("utf-16"),
        BOTH.replace("\n", "\r").encode(),
        "".join(f"  {line}\r\n" for line in BOTH.splitlines()).encode("utf-8-sig"),
        "Сертификаты\n".encode("cp1251") + BOTH.encode(),
    ],
    ids=["PEM", "UTF-16", "CR", "indented", "notes"],
)
def test_certificates_are_read_however_they_were_saved(saved: bytes) -> None:
    assert read_certificates(saved) == (SERVER.certificate, ROOT.certificate)
    assert read_certificates(ROOT.certificate.public_bytes(Encoding.DER)) == (ROOT.certificate,)


def test_what_is_written_is_read_again() -> None:
    trust = Trust((), (Authority("http://tsa.example", read_certificates(BOTH.encode())),))
    assert Trust.parse(trust.to_text()) == trust
    with pytest.raises(ValueError, match="сертификат в нём не читается: он испорчен"):
        Trust.parse(trust.to_text().replace("MII", "M!I", 1))


def test_a_file_that_is_no_certificate_is_told_for_what_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    key = tmp_path / "tsa.pem"
    key.write_text(SERVER.key_pem, "ascii")
    words = ["key", "authority", "--url", "http://tsa.example", "--certificate", str(key)]
    assert cli.main(words) == 2
    said = capsys.readouterr().err
    assert f"«{key}» не читается как сертификаты: это закрытый ключ в PEM" in said

"""`sigex-runbook reperform`: read the settings again, compare them with a pack, sign the answer."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sigex_runbook.core.error_causes import why
from sigex_runbook.core.errors import RunFailed, UsageError
from sigex_runbook.core.terminal_safe import visible

if TYPE_CHECKING:
    from sigex_runbook.core.organisation import Bin
    from sigex_runbook.evidence.attest.trust import Trust
    from sigex_runbook.reperform.answer import Reading, Reperformance, Sealed
    from sigex_runbook.run.options import Target

NAME = "reperform"
_NO_SECOND_OPINION = (
    "К сведению: этим же ключом заверен пакет, второго независимого мнения здесь нет."
)
HELP = "прочесть настройки заново, ничего не меняя, сравнить с пакетом и подписать ответ"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which pack, whom to believe, who reads where, who signs the answer."""
    parser.add_argument("pack", type=Path, metavar="ПАКЕТ", help="папка запуска")
    parser.add_argument(
        "--trust", type=Path, required=True, metavar="ФАЙЛ", help="trust.json: чьим подписям верить"
    )
    parser.add_argument(
        "--head", metavar="HEX", help="голова реестра, полученная не вместе с пакетом"
    )
    parser.add_argument(
        "--check",
        type=Path,
        metavar="ФАЙЛ",
        help="не читать заново, а проверить прежний ответ по этому пакету",
    )
    who = parser.add_mutually_exclusive_group()
    who.add_argument(
        "--employee", type=Path, metavar="КЛЮЧ", help="войти сотрудником: его файл .p12"
    )
    who.add_argument(
        "--system", type=Path, metavar="ФАЙЛ", help="прочесть как ИС: её сертификат (PEM)"
    )
    parser.add_argument(
        "--password", metavar="ССЫЛКА", help="пароль к .p12: env:ПЕРЕМЕННАЯ или file:ПУТЬ"
    )
    parser.add_argument("--system-key", type=Path, metavar="ФАЙЛ", help="ключ ИС (PEM)")
    parser.add_argument("--target", metavar="АДРЕС", help="адрес сервиса (как записан в пакете)")
    parser.add_argument(
        "--mtls-target", metavar="АДРЕС", help="адрес для информационных систем (как в пакете)"
    )
    parser.add_argument(
        "--ca", type=Path, metavar="ФАЙЛ", help="сертификат УЦ (PEM), которому доверять"
    )
    parser.add_argument(
        "--key",
        metavar="КЛЮЧ",
        help="чем подписать ответ: файл PEM, env:ПЕРЕМЕННАЯ, hsm:НОМЕР?label=ТОКЕН (свой ключ)",
    )
    parser.add_argument(
        "--pin", metavar="ССЫЛКА", help="ПИН-код токена: env:ПЕРЕМЕННАЯ или file:ПУТЬ"
    )
    parser.add_argument(
        "--out", type=Path, metavar="ФАЙЛ", help="куда записать ответ (в папку reperformance рядом)"
    )


@dataclass(frozen=True, slots=True)
class _Pack:
    """A pack that was verified: what its statement and its files say."""

    sealed: Sealed
    run: dict[str, Any]

    @property
    def organisation(self) -> Bin:
        from sigex_runbook.core.organisation import Bin

        return Bin(self.sealed.organisation_bin)


def run(args: argparse.Namespace) -> int:
    """0 when the settings are still what the pack says, 1 when they differ or the checked answer
    is not genuine, 2 when nothing could be compared."""
    from sigex_runbook.evidence.attest.trust import Trust

    trust = Trust.load(args.trust)
    pack = _verified(args.pack, trust, args.head)
    if args.check is not None:
        return _check(args.check, pack, trust)
    out = _place(args, pack)
    signer = _signer(args.key, args.pin)
    from sigex_runbook.evidence.pack.disk import write_whole
    from sigex_runbook.reperform.answer import compare, sign

    try:
        made = compare(
            pack.sealed.after,
            _read(args, pack),
            organisation=pack.organisation,
            run_id=pack.sealed.run_id,
            attestation=pack.sealed.attestation,
        )
        data = sign(made, signer)
    except RunFailed as error:
        raise UsageError(f"Сравнить не удалось, ничего не изменено. {error}") from error
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        write_whole(out, data)
    except OSError as error:
        raise UsageError(
            f"Ответ в {out} не записать ({why(error)}). Укажите другое место: --out."
        ) from error
    for line in _lines(made, pack):
        print(visible(line))
    if signer.public_key.keyid == pack.sealed.signed_by:
        print(_NO_SECOND_OPINION)
    print(f"Ответ подписан: {out}")
    return 0 if made.same else 1


def _verified(folder: Path, trust: Trust, head: str | None) -> _Pack:
    from sigex_runbook.evidence.attest.findings import Status
    from sigex_runbook.evidence.pack.layout import EVIDENCE
    from sigex_runbook.evidence.verify.verification import Question, verify_pack
    from sigex_runbook.reperform.answer import Sealed

    found = verify_pack(folder, Question(trust, head=head.lower() if head else None))
    if found.status is Status.FAILED or found.statement is None or found.attestation is None:
        first = found.findings[0] if found.findings else ""
        raise UsageError(f"Пакет не проходит проверку, сравнивать не с чем: {first}")
    print(visible(f"Пакет {folder.name}: {found.status}"))
    after = folder / EVIDENCE / "state" / "after.json"
    if not after.is_file():
        raise UsageError(
            f"В пакете {folder.name} нет настроек после изменения: запуск до них не дошёл. "
            "Возьмите пакет завершённого запуска."
        )
    statement = found.statement
    sealed = Sealed(
        statement.organisation_bin,
        statement.run_id,
        found.attestation,
        statement.sealed_at,
        found.signed_by,
        json.loads(after.read_bytes()),
    )
    return _Pack(sealed, json.loads((folder / EVIDENCE / "run.json").read_bytes()))


def _place(args: argparse.Namespace, pack: _Pack) -> Path:
    """Where the answer goes: never into a sealed pack, and never over another answer."""
    from sigex_runbook.evidence.attest.ledger import LEDGER
    from sigex_runbook.evidence.attest.statement import ATTESTATION
    from sigex_runbook.evidence.verify.verification import campaign_of
    from sigex_runbook.reperform.answer import SUFFIX

    folder: Path = args.pack.absolute()
    campaign = campaign_of(folder)
    beside = (campaign if (campaign / LEDGER).exists() else folder.parent) / "reperformance"
    now = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    name = f"{pack.organisation}-{pack.sealed.run_id}-{now}{SUFFIX}"
    out: Path = args.out or beside / name
    if any((parent / ATTESTATION).exists() for parent in out.resolve().parents):
        raise UsageError(
            f"{out} лежит внутри заверенного пакета: лишний файл сделает его недействительным. "
            "Укажите другое место: --out."
        )
    if out.exists():
        raise UsageError(f"{out} уже есть и не переписывается. Укажите другое место: --out.")
    return out


def _signer(key: str | None, pin: str | None) -> Any:
    from sigex_runbook.evidence.attest.keyring import Keyring, key_folder, signer_from

    return signer_from(key, pin) if key else Keyring(key_folder()).signer()


def _read(args: argparse.Namespace, pack: _Pack) -> Reading:
    from sigex_runbook.reperform.reading import read_as_employee, read_as_system
    from sigex_runbook.signing import Pkcs12Signer

    target = _target(args, pack)
    if args.employee is not None:
        signer = Pkcs12Signer.load(args.employee, _password(args.password))
        return read_as_employee(target, signer, pack.organisation)
    if args.system is not None and args.system_key is not None:
        return read_as_system(target, args.system, args.system_key, pack.organisation)
    raise UsageError(
        "Укажите, кем читать: --employee КЛЮЧ.p12 --password ССЫЛКА или --system ФАЙЛ.pem "
        "--system-key ФАЙЛ.key."
    )


def _target(args: argparse.Namespace, pack: _Pack) -> Target:
    from sigex_runbook.run.options import make_target

    address = args.target or pack.run.get("target")
    if not isinstance(address, str):
        raise UsageError("В пакете не записан адрес сервиса. Укажите его: --target.")
    return make_target(address, args.mtls_target or pack.run.get("mtls_target"), args.ca)


def _password(reference: str | None) -> str:
    from sigex_runbook.core.secret_ref import SecretRef

    named = SecretRef.from_text(reference)
    if named is None:
        raise UsageError("Укажите, где пароль к ключу: --password env:ПЕРЕМЕННАЯ или file:ПУТЬ.")
    return named.read("Пароль к ключу из --password")


def _check(path: Path, pack: _Pack, trust: Trust) -> int:
    from sigex_runbook.reperform.answer import check

    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"Ответ {path} не читается ({why(error)}). Проверьте путь.") from error
    found = check(data, path.name, pack.sealed, trust=trust, at=datetime.now(UTC))
    for finding in found.findings:
        print(f"  {finding}")
    if found.made is None or found.findings:
        return 1
    print(f"Ответ подлинный, подписан ключом {found.signed_by}.")
    if found.own_key:
        print(_NO_SECOND_OPINION)
    for line in _lines(found.made, pack):
        print(visible(line))
    return 0 if found.made.same else 1


def _lines(made: Reperformance, pack: _Pack) -> Iterator[str]:
    """What was found, for people."""
    from sigex_runbook.reperform.answer import Reader, sentences

    reading = made.reading
    who = "сотрудник" if reading.reader is Reader.EMPLOYEE else "информационная система"
    yield f"Прочитано {reading.read_at:%Y-%m-%d %H:%M:%S} UTC с {reading.target} ({who})."
    if made.same:
        yield f"Настройки организации {made.organisation_bin} те же, что в пакете."
    else:
        yield f"Настройки организации {made.organisation_bin} не те, что в пакете:"
        yield from (f"  {sentence}" for sentence in sentences(made, pack.sealed.after))
    recorded = pack.run.get("target" if reading.reader is Reader.EMPLOYEE else "mtls_target")
    if reading.target != recorded:
        yield f"К сведению: в пакете записан другой адрес сервиса, {recorded or 'никакого'}."
    if made.same and reading.body.get("modifiedAt") != pack.sealed.after.get("modifiedAt"):
        yield "К сведению: после запуска настройки сохраняли ещё раз, содержание осталось прежним."
    yield "К сведению: люди сличены только по числу, их номеров в пакете нет."

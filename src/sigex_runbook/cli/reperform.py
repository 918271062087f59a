"""`sigex-runbook reperform`: read the settings again, compare them with a pack, sign the answer."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sigex_runbook.core.error_causes import why
from sigex_runbook.core.errors import RunFailed, UsageError
from sigex_runbook.core.terminal_safe import visible

if TYPE_CHECKING:
    from sigex_runbook.evidence.attest.trust import Trust
    from sigex_runbook.reperform.answer import Reading
    from sigex_runbook.reperform.pack import VerifiedPack
    from sigex_runbook.run.options import Target

NAME = "reperform"
_NO_SECOND_OPINION = (
    "К сведению: этим же ключом заверен пакет, второго независимого мнения здесь нет."
)
HELP = "прочесть настройки заново, ничего не меняя, сравнить с пакетом и подписать ответ"
EXAMPLES = (
    "reperform outputs/single/БИН/ЗАПУСК --trust trust.json --employee me.p12 "
    "--password env:MY_PASSWORD",
    "reperform outputs/single/БИН/ЗАПУСК --trust trust.json --check ОТВЕТ.json",
)
EXIT_CODES = {
    0: "настройки те же, что в пакете",
    1: "настройки другие, или проверенный ответ не подлинный",
    2: "сравнить не удалось, ничего не изменено",
}


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


def run(args: argparse.Namespace) -> int:
    """0 when the settings are still what the pack says, 1 when they differ or the checked answer
    is not genuine, 2 when nothing could be compared."""
    from sigex_runbook.evidence.attest.trust import Trust
    from sigex_runbook.reperform.pack import answer_place, lines, verified

    trust = Trust.load(args.trust)
    pack = verified(args.pack, trust, args.head)
    print(visible(f"Пакет {args.pack.name}: {pack.status}"))
    sealed = pack.sealed
    if args.check is not None:
        return _check(args.check, pack, trust)
    out = answer_place(pack, args.out)
    from sigex_runbook.evidence.attest.keyring import signer_of
    from sigex_runbook.evidence.pack.disk import write_whole
    from sigex_runbook.reperform.answer import compare, sign

    signer = signer_of(args.key, args.pin)
    try:
        made = compare(
            sealed.after,
            _read(args, pack),
            organisation=pack.organisation,
            run_id=sealed.run_id,
            attestation=sealed.attestation,
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
    for line in lines(made, pack):
        print(visible(line))
    if signer.public_key.keyid == sealed.signed_by:
        print(_NO_SECOND_OPINION)
    print(f"Ответ подписан: {out}")
    return 0 if made.same else 1


def _read(args: argparse.Namespace, pack: VerifiedPack) -> Reading:
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


def _target(args: argparse.Namespace, pack: VerifiedPack) -> Target:
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


def _check(path: Path, pack: VerifiedPack, trust: Trust) -> int:
    from sigex_runbook.reperform.answer import check
    from sigex_runbook.reperform.pack import lines

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
    for line in lines(found.made, pack):
        print(visible(line))
    return 0 if found.made.same else 1

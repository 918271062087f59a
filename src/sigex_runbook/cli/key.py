"""`sigex-runbook key`: the signing key, and the trust.json to give to those who verify."""

from __future__ import annotations

import argparse
from pathlib import Path

from sigex_runbook.core.error_causes import why
from sigex_runbook.core.errors import UsageError

NAME = "key"
HELP = "ключ подписи: показать, сделать, сменить, взять с токена; сервер времени"
EXAMPLES = (
    "key",
    "key rotate --days 365",
    "key token --key hsm:2?label=TOKEN --pin env:MY_PIN",
    "key authority --url https://tsa.example --certificate tsa.pem",
)
EXIT_CODES = {0: "сделано и показано"}

_ACTIONS = ("show", "make", "rotate", "token", "authority")
_DAYS = 730


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to do with the key."""
    parser.add_argument(
        "action",
        nargs="?",
        choices=_ACTIONS,
        default="show",
        metavar="ДЕЙСТВИЕ",
        help="show — показать, make — сделать, rotate — сменить, token — подписывать ключом на "
        "токене PKCS#11, authority — сервер времени",
    )
    parser.add_argument(
        "--days", type=int, default=_DAYS, metavar="N", help=f"срок нового ключа в днях ({_DAYS})"
    )
    parser.add_argument(
        "--key",
        metavar="КЛЮЧ",
        help="token: hsm:НОМЕР?label=ТОКЕН; путь к библиотеке токена — в PYKCS11LIB",
    )
    parser.add_argument(
        "--pin", metavar="ССЫЛКА", help="token: ПИН-код: env:ПЕРЕМЕННАЯ или file:ПУТЬ"
    )
    parser.add_argument("--url", metavar="АДРЕС", help="authority: адрес сервера времени")
    parser.add_argument(
        "--certificate", type=Path, metavar="ФАЙЛ", help="authority: его сертификаты (PEM или DER)"
    )


def run(args: argparse.Namespace) -> int:
    """Do it and show what holds now."""
    from sigex_runbook.evidence.attest.keyring import Keyring, key_folder

    if args.days < 1:
        raise UsageError("--days должен быть не меньше 1.")
    keyring = Keyring(key_folder())
    match args.action:
        case "make":
            keyring.make(days=args.days)
        case "rotate":
            was = "остался на токене" if keyring.on_token.exists() else "уничтожен"
            keyring.rotate(days=args.days)
            print(f"Прежний ключ {was}; подписанное им проверяется по trust.json, как раньше.")
        case "token":
            if not args.key or not args.pin:
                raise UsageError(
                    "Для ключа на токене укажите --key hsm:НОМЕР?label=ТОКЕН и --pin env:ИМЯ или "
                    "file:ПУТЬ."
                )
            keyring.take(args.key, args.pin, days=args.days)
            print("Подписывает ключ на токене; подписанное раньше проверяется, как раньше.")
        case "authority":
            _authority(args)
    if keyring.is_empty():
        print(f"Ключа в {keyring.folder} ещё нет: его сделает первый запуск или key make.")
    else:
        current = keyring.signer_key().keyid
        now = "действует, на токене" if keyring.on_token.exists() else "действует"
        for key in keyring.trust().keys:
            mark = now if key.keyid == current else "прежний"
            until = f"{key.valid_from:%Y-%m-%d} – {key.valid_until:%Y-%m-%d}"
            print(f"Ключ {key.keyid} ({mark}): {until}")
    for authority in keyring.trust().authorities:
        pinned = ", ".join(
            f"{one.subject.rfc4514_string()} (до {one.not_valid_after_utc:%Y-%m-%d})"
            for one in authority.certificates
        )
        print(f"Сервер времени: {authority.url}; закреплены: {pinned}")
    print(f"Передайте проверяющим: {keyring.trust_file}")
    return 0


def _authority(args: argparse.Namespace) -> None:
    from sigex_runbook.core.given.certificates import NotCertificate
    from sigex_runbook.evidence.attest.keyring import Keyring, key_folder
    from sigex_runbook.evidence.attest.trust import Authority, read_certificates

    if not args.url or not args.certificate:
        raise UsageError("Для сервера времени укажите --url АДРЕС и --certificate ФАЙЛ.")
    if not args.url.startswith(("http://", "https://")):
        raise UsageError("--url должен начинаться с http:// или https://.")
    try:
        certificates = read_certificates(args.certificate.read_bytes())
    except (OSError, NotCertificate) as error:
        told = why(error) if isinstance(error, OSError) else error
        raise UsageError(
            f"Файл «{args.certificate}» не читается как сертификаты: {told}. Укажите в "
            "--certificate сертификаты сервера времени (PEM или DER)."
        ) from error
    keyring = Keyring(key_folder())
    keyring.trust().with_authority(Authority(args.url, certificates)).save(keyring.trust_file)

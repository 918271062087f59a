"""Signers: who makes the CMS that signs a sign-in nonce."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Protocol

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7, pkcs12
from cryptography.x509.oid import NameOID

from sigex_runbook.core.error_causes import why
from sigex_runbook.core.errors import UsageError
from sigex_runbook.core.given.private_keys import PrivateKey, name_of

from .key_file import refusal, unusable


class SigningCancelled(Exception):
    """The person closed the signing window."""


class Signer(Protocol):
    """Anything that signs bytes."""

    def sign(self, data: bytes, *, attach: bool) -> bytes:
        """A CMS SignedData in DER, the data attached or not.

        Raises SigningCancelled when the person does not want to sign.
        """
        ...


class Pkcs12Signer:
    """Signs with an RSA or EC key from a PKCS#12 file; GOST keys need NCALayer itself."""

    def __init__(
        self,
        key: PrivateKey,
        certificate: x509.Certificate,
        chain: list[x509.Certificate],
    ) -> None:
        self._key = key
        self._certificate = certificate
        self._chain = chain

    @classmethod
    def load(cls, path: Path, password: str) -> Pkcs12Signer:
        """Open a key file.

        Raises UsageError when the password is wrong, the file is no PKCS#12, holds no key with
        certificate, or a key of a kind that only NCALayer can use.
        """
        try:
            data = path.read_bytes()
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # a file in BER, as Java writes it, is as good
                loaded = pkcs12.load_pkcs12(data, password.encode("utf-8"))
        except OSError as error:
            raise UsageError(
                f"Файл ключа «{path}» не читается ({why(error)}). Проверьте права и "
                "sign_in.key_file."
            ) from error
        except (ValueError, UnsupportedAlgorithm) as error:
            raise UsageError(refusal(path, data, password)) from error
        if loaded.key is None or loaded.cert is None:
            raise UsageError(
                f"В файле «{path}» нет ключа с сертификатом. Проверьте sign_in.key_file в заказе."
            )
        if not isinstance(loaded.key, PrivateKey):
            raise UsageError(unusable(path, name_of(loaded.key)))
        chain = [extra.certificate for extra in loaded.additional_certs]
        return cls(loaded.key, loaded.cert.certificate, chain)

    @property
    def user_id(self) -> str | None:
        """The certificate's person as the service names him: `IIN` and the number, as the subject's
        SERIALNUMBER holds it (sigex-facts 3.1, 4.4); None in a certificate that has none."""
        found = self._certificate.subject.get_attributes_for_oid(NameOID.SERIAL_NUMBER)
        value = str(found[0].value) if found else ""
        return value if value.startswith("IIN") else None

    def sign(self, data: bytes, *, attach: bool) -> bytes:
        """CMS SignedData (RFC 5652) over `data`, SHA-256, signer's certificate inside."""
        builder = (
            pkcs7.PKCS7SignatureBuilder()
            .set_data(data)
            .add_signer(self._certificate, self._key, hashes.SHA256())
        )
        for certificate in self._chain:
            builder = builder.add_certificate(certificate)
        options = [pkcs7.PKCS7Options.Binary, pkcs7.PKCS7Options.NoCapabilities]
        if not attach:
            options.append(pkcs7.PKCS7Options.DetachedSignature)
        return builder.sign(Encoding.DER, options)

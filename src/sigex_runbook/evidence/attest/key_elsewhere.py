"""A signing key that another machine holds: here is its public half alone."""

from __future__ import annotations

from typing import NoReturn

from securesystemslib.signer import Key, SecretsHandler, Signer, SSlibKey

from sigex_runbook.core.errors import RunFailed


class KeyElsewhere(Signer):
    """Says whose seal a pack will bear, and signs nothing."""

    def __init__(self, key: SSlibKey) -> None:
        self._key = key

    @property
    def public_key(self) -> SSlibKey:
        """The public half of the key that will seal."""
        return self._key

    @classmethod
    def from_priv_key_uri(
        cls,
        priv_key_uri: str,
        public_key: Key,
        secrets_handler: SecretsHandler | None = None,
    ) -> NoReturn:
        """Not asked for."""
        raise NotImplementedError

    def sign(self, payload: bytes) -> NoReturn:  # noqa: ARG002 - securesystemslib's
        """Raises RunFailed: the key is not here."""
        raise RunFailed(
            "Ключа подписи на этой машине нет: заверяет тот, кто ведёт кампанию. Соберите пакет "
            "и передайте ему."
        )

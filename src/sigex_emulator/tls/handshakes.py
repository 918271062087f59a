"""Which client certificates the mTLS port refuses in the handshake, before the API could answer."""

from __future__ import annotations

from cryptography import x509

from sigex_emulator.messages import ApiError
from sigex_emulator.world.world import World

_FAULT = "mtls-handshake-refused"


def refuses_handshake(world: World, certificate_der: bytes | None) -> bool:
    """Tell whether a client certificate, or none at all, shall be refused by TLS itself.

    A switch refuses those whose key nobody lists (unknown 14), a fault those who are listed.
    """
    unlisted = world.switches.unlisted_system_key == "handshake"
    if not world.faults and not unlisted:
        return False
    try:
        caller = certificate_der and world.find_system(
            x509.load_der_x509_certificate(certificate_der)
        )
    except ApiError:  # listed, and refused for another reason: the API says which
        return False
    except ValueError:
        caller = None
    if not caller:
        return unlisted
    return _FAULT in world.faults.active(caller.organisation_bin)

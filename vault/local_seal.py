"""Things of this machine, sealed so that only the identity can read or change them: pin, device, outbox, snapshot.

AES-256-GCM under a key that HKDF derives from the identity for this purpose alone, with vault id, purpose and name as
AAD: a row moved to another name, another vault or another purpose does not open. The nonce is random; a key seals far
fewer than 2^32 things.
"""

from __future__ import annotations

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from vault import encoding
from vault.errors import IntegrityFailure
from vault.identity import Identity
from vault.memory import wipe


def seal(identity: Identity, purpose: str, vault: bytes, name: str, plain: bytes) -> bytes:
    """`plain` as nonce ‖ ciphertext ‖ tag."""
    key = identity.local_key(purpose)
    nonce = os.urandom(12)
    try:
        return nonce + AESGCM(key).encrypt(nonce, plain, _aad(purpose, vault, name))
    finally:
        wipe(key)


def unseal(identity: Identity, purpose: str, vault: bytes, name: str, sealed: bytes, what: str) -> bytes:
    """Undo `seal`; IntegrityFailure names `what` where one bit differs."""
    key = identity.local_key(purpose)
    try:
        return AESGCM(key).decrypt(sealed[:12], sealed[12:], _aad(purpose, vault, name))
    except (InvalidTag, ValueError):
        raise IntegrityFailure(
            f"{what} is damaged", "its bytes are not those this identity wrote",
            "run `breakglass log verify` to see what is whole, and keep this replica as evidence",
        ) from None
    finally:
        wipe(key)


def _aad(purpose: str, vault: bytes, name: str) -> bytes:
    return encoding.encode(["breakglass/v1/local", purpose, vault, name])

"""Keys: what is sealed, under which key, and the fingerprints that reveal nothing without one.

Each report has its own random key and salt, wrapped by the key-encryption key. Contact, text, raw
payload and media are sealed under the report's key, so deleting the wrapped key erases the person
everywhere, backups included. AES-256-GCM (NIST SP 800-38D) with random 96-bit nonces.
"""

from __future__ import annotations

import hmac
import os
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import count

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from mapper.config import Settings

NONCE_BYTES = 12
RECEIPT_DIGITS = 16


class SealBroken(Exception):
    """Sealed bytes do not open: wrong key-encryption key, or they were altered."""


@dataclass(frozen=True)
class ReportSecret:
    """A report's own key (seals) and salt (commits)."""

    key: bytes
    salt: bytes


class Keyring:
    """Everything derived from the key-encryption key."""

    def __init__(self, key_encryption_key: bytes) -> None:
        if len(key_encryption_key) != 32:
            raise ValueError("the key-encryption key has 32 bytes")
        self._wrap = AESGCM(_derive(key_encryption_key, "wrap report keys"))
        self._fingerprint = _derive(key_encryption_key, "fingerprints")
        self._receipt = _derive(key_encryption_key, "receipts")
        self.signing = Ed25519PrivateKey.from_private_bytes(_derive(key_encryption_key, "sign ledger heads"))

    @classmethod
    def of(cls, settings: Settings) -> Keyring:
        """Return the keyring of settings that went through `config.ensure_secrets`."""
        return cls(bytes.fromhex(settings.key_encryption_key.get_secret_value()))

    def new_secret(self, report_id: uuid.UUID) -> tuple[ReportSecret, bytes]:
        """Return a fresh secret for a report and its wrapped form, which is what is stored."""
        secret = ReportSecret(os.urandom(32), os.urandom(32))
        return secret, _seal(self._wrap, secret.key + secret.salt, report_id.bytes)

    def seal_many(
        self, report_ids: Sequence[bytes], plains: Iterable[bytes]
    ) -> tuple[list[bytes], list[bytes], list[bytes], list[str]]:
        """Return of each report a fresh salt, the wrapped secret, the sealed content and its plain SHA-256.

        `report_ids` are the 16 bytes of each id. Each content is let go before the next is asked for.
        """
        salts, wrapped, sealed, hashes = [], [], [], []
        size = 64 + 2 * NONCE_BYTES
        random, wrap = os.urandom(size * len(report_ids)), self._wrap.encrypt
        for start, name, plain in zip(count(0, size), report_ids, plains, strict=False):
            part = random[start : start + size]
            outer, inner = part[64 : 64 + NONCE_BYTES], part[64 + NONCE_BYTES :]
            salts.append(part[32:64])
            wrapped.append(outer + wrap(outer, part[:64], name))
            sealed.append(inner + AESGCM(part[:32]).encrypt(inner, plain, name))
            hashes.append(sha256(plain).hexdigest())
        return salts, wrapped, sealed, hashes

    def unwrap(self, report_id: uuid.UUID, wrapped: bytes) -> ReportSecret:
        """Return the secret behind its wrapped form; raises SealBroken."""
        both = _open(self._wrap, wrapped, report_id.bytes)
        return ReportSecret(both[:32], both[32:])

    def fingerprint(self, crisis_id: int, what: str, text: str) -> str:
        """Return 128 bits, in hexadecimal, that equal texts of one kind in one crisis share."""
        message = f"{crisis_id}\0{what}\0{text}".encode()
        return hmac.digest(self._fingerprint, message, "sha256").hex()[:32]

    def fingerprints(self, crisis_id: int, what: str, texts: Sequence[str]) -> list[str | None]:
        """Return the fingerprint of each text, None for empty ones; a text that repeats is hashed once."""
        known: dict[str, str | None] = dict.fromkeys(texts)
        for text in known:
            known[text] = self.fingerprint(crisis_id, what, text) if text else None
        return [known[text] for text in texts]

    def receipt(self, report_id: uuid.UUID) -> str:
        """Return the report's receipt code, 16 digits; the same report always has the same one."""
        number = int.from_bytes(hmac.digest(self._receipt, report_id.bytes, "sha256"), "big")
        return f"{number % 10**RECEIPT_DIGITS:0{RECEIPT_DIGITS}d}"

    def receipt_hash(self, receipt: str) -> str:
        """Return what is stored of a receipt code: enough to find the report, not to tell the code."""
        return hmac.digest(self._receipt, b"hash\0" + receipt.encode(), "sha256").hex()


def seal(secret: ReportSecret, plain: bytes, report_id: uuid.UUID) -> bytes:
    """Seal bytes under a report's key, bound to its id."""
    return _seal(AESGCM(secret.key), plain, report_id.bytes)


def unseal(secret: ReportSecret, sealed: bytes, report_id: uuid.UUID) -> bytes:
    """Open what `seal` made; raises SealBroken."""
    return _open(AESGCM(secret.key), sealed, report_id.bytes)


def commit(secret: ReportSecret, canonical: bytes) -> str:
    """Return the salted commitment to canonical bytes: it binds, and without the salt it tells nothing."""
    return hmac.digest(secret.salt, canonical, "sha256").hex()


def _derive(key: bytes, purpose: str) -> bytes:
    return hmac.digest(key, b"damage-mapper v1\0" + purpose.encode(), "sha256")


def _seal(cipher: AESGCM, plain: bytes, bound_to: bytes) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return nonce + cipher.encrypt(nonce, plain, bound_to)


def _open(cipher: AESGCM, sealed: bytes, bound_to: bytes) -> bytes:
    try:
        return cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound_to)
    except (InvalidTag, ValueError) as error:
        raise SealBroken("sealed data does not open: was MAPPER_KEY_ENCRYPTION_KEY changed?") from error

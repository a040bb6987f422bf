"""Passwords: hashed with argon2id in the form that Flask-Security reads."""

from __future__ import annotations

import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

_hasher = PasswordHasher()


def hash_password(password: str) -> str:
    """Return the argon2id hash of a password; slow on purpose, about a twentieth of a second."""
    return _hasher.hash(_normal(password))


def is_password(hashed: str | None, password: str) -> bool:
    """Whether a password is the one that was hashed."""
    try:
        return hashed is not None and _hasher.verify(hashed, _normal(password))
    except (VerifyMismatchError, InvalidHashError):
        return False


def _normal(password: str) -> str:
    return unicodedata.normalize("NFKD", password)  # as Flask-Security does: keyboards differ

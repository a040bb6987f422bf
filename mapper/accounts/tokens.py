"""Tokens: 256 random bits that a program sends, of which only the SHA-256 is kept."""

from __future__ import annotations

import hashlib
import secrets


def new_token() -> str:
    """Return a token to hand out once."""
    return secrets.token_urlsafe(32)


def hash_of_token(token: str) -> str:
    """Return what is kept of a token. It is random and long, so it needs no slow hash."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()

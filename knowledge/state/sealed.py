"""Secrets at rest: sealed with a key from the environment, so that the database alone gives nobody a token."""

from __future__ import annotations

import base64
import hashlib
import os

from cryptography.fernet import Fernet, InvalidToken

from knowledge.errors import Unavailable

KEY = "RAPPORT_SECRET_KEY"
MARK = "sealed:"
LEAST = 16


def seal(secret: str) -> str:
    """Fails: Unavailable (`no_key`) where the environment holds no key."""
    return MARK + _box().encrypt(secret.encode()).decode()


def opened(kept: str) -> str:
    """The secret; one that was kept before there was a key is as it is. Fails: Unavailable where it was sealed with another key."""
    if not kept.startswith(MARK):
        return kept
    try:
        return _box().decrypt(kept.removeprefix(MARK).encode()).decode()
    except InvalidToken as err:
        raise Unavailable(
            f"{KEY} is not the key that the tokens were sealed with.", "Set the former one, or install again.", code="no_key"
        ) from err


def _box() -> Fernet:
    given = os.environ.get(KEY, "")
    if len(given) < LEAST:
        raise Unavailable(
            f"{KEY} is not set ({LEAST} characters or more).",
            "Set it before anybody installs: `openssl rand -base64 32`.",
            code="no_key",
        )
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(given.encode()).digest()))

"""E-mail addresses: one plain address, with nothing in it that a mail header could read as more."""

from __future__ import annotations

import re

from knowledge.errors import BadQuestion

ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)+")  # fmt: skip
LONGEST = 254


def checked(given: str) -> str:
    """The address as it is written. Fails: BadQuestion (`bad_address`)."""
    found = given.strip()
    if len(found) > LONGEST or not ADDRESS.fullmatch(found) or given != given.strip("\r\n"):
        raise BadQuestion("That is no e-mail address.", "Give one such as maria@firm.example.", code="bad_address")
    return found

"""Functions that the expressions of mappings have beside SQL's own: `own_words(text)`, `salesforce_id(id)`, `amount(text)`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from knowledge.prose import plain, written

if TYPE_CHECKING:
    import duckdb

NAMES = frozenset({"own_words", "salesforce_id", "amount", "number"})
"""What they are called; `number(text, sign)` is made with the staging tables."""
SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
AMOUNT = """CREATE MACRO amount(given) AS TRY_CAST(CASE WHEN contains(given, '.') THEN replace(given, ',', '')
    ELSE replace(given, ',', '.') END AS DECIMAL(18, 6))"""
SALESFORCE_ID = re.compile(r"[a-zA-Z0-9]{15}(?:[a-zA-Z0-5]{3})?")


def own_words(text: str) -> str | None:
    """What the writer of a message wrote: HTML as plain text, no quotes, no signature; null where that is nothing."""
    return written(plain(text)) or None


def salesforce_id(text: str) -> str:
    """The 18-character form of a Salesforce id: its last three say which of the first fifteen are capitals, and mend those where a
    program has made all of them small or large. Anything else as it is."""
    given = text.strip()
    if not SALESFORCE_ID.fullmatch(given):
        return given
    first, last = given[:15], given[15:].upper()
    if last and first in (first.lower(), first.upper()):
        wanted = [bool(SIGNS.index(last[i // 5]) >> i % 5 & 1) for i in range(15)]
        if any(up and not c.isalpha() for c, up in zip(first, wanted, strict=True)):
            return given
        first = "".join(c.upper() if up else c.lower() for c, up in zip(first, wanted, strict=True))
    elif last:
        return first + last
    groups = (first[i : i + 5] for i in (0, 5, 10))
    return first + "".join(SIGNS[sum(c.isupper() << i for i, c in enumerate(group))] for group in groups)


def of_salesforce(text: str) -> bool:
    """Whether a text can only be an id of Salesforce: 18 characters of which the last three fit, or 15 with its kind of record in
    front, a zero, and letters of both sizes."""
    if not SALESFORCE_ID.fullmatch(text):
        return False
    if len(text) == 18:
        return salesforce_id(text[:15]) == text
    return text[0] == "0" and text[1:3] != "00" and any(c.islower() for c in text) and any(c.isupper() for c in text)


def register(session: duckdb.DuckDBPyConnection) -> None:
    """Makes them known to a session."""
    for function in (own_words, salesforce_id):
        session.create_function(function.__name__, function, ["VARCHAR"], "VARCHAR")
    session.execute(AMOUNT)

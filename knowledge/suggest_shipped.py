"""Whether a mapping is shipped for such files already."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from knowledge.lookups import matched
from knowledge.mapping import Mapping, Part, list_mappings

LEAST, SHARE = 5, 0.6
"""Columns that must be known to a shipped mapping, and the share of those that it reads, for a file to be of its kind."""


def made_for(file: str, columns: Sequence[str]) -> str:
    """What to say where a shipped mapping reads a file with these columns; "" where none does."""
    fits = [(found, name, part) for name, part in _parts() if (found := _known(part, columns))]
    if not fits:
        return ""
    found, name, part = max(fits, key=lambda f: f[0])
    renamed = "" if part.fits(file) else f" (the file called {part.named})"
    return f"the shipped mapping `{name}` reads such files, with {found} of the columns: rapport import --mapping {name} {file}{renamed}"


@cache
def _parts() -> tuple[tuple[str, Part], ...]:
    """Of each shipped mapping the parts that feed tables."""
    return tuple((m.name, part) for m in list_mappings() if isinstance(m, Mapping) for part in m.parts if part.tables)


def _known(part: Part, columns: Sequence[str]) -> int:
    """How many of the columns the part accepts by name; 0 where the file is hardly of its kind."""
    named = {name: rule.model_copy(update={"like": None}) for name, rule in part.accept.items() if rule.names}
    found = matched(named, columns)
    if any(rule.required and name not in found for name, rule in part.accept.items()):
        return 0
    many = len(set(found.values()))
    return many if many >= max(LEAST, SHARE * len(named)) else 0

"""What is wrong with a file that a company writes (settings, mappings, metrics, taxonomies, templates), in one way of saying it."""

from __future__ import annotations

from pydantic import ValidationError


def first_wrong(err: ValidationError, whole: str = "file") -> str:
    """The first entry that is wrong and why: "`metrics.it.unit`: Input should be …"; `whole` names the file where none is."""
    first = err.errors()[0]
    return f"`{'.'.join(map(str, first['loc'])) or whole}`: {first['msg']}."

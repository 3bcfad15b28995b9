"""All base relations by name, from the files that define them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from knowledge.metrics import (
    bases,
    bases_contact,
    bases_cost,
    bases_loyalty,
    bases_model,
    bases_plans,
    bases_service,
    bases_voice,
    bases_year,
)
from knowledge.metrics.bases import Context

if TYPE_CHECKING:
    import ibis.expr.types as ir

FILES = (bases, bases_contact, bases_cost, bases_loyalty, bases_model, bases_plans, bases_service, bases_voice, bases_year)
BASES: dict[str, Callable[[Context], ir.Table]] = {name: base for file in FILES for name, base in file.BASES.items()}


def base_of(name: str) -> Callable[[Context], ir.Table]:
    """The base relation of a name; `first_kept(60)` is the one of 60 days, `things(order)` the entity's own rows."""
    if name.startswith("things("):
        from knowledge.entities.catalogue import entity

        return entity(name.removeprefix("things(").rstrip(")")).rows
    if name.startswith("first_kept("):
        return bases_loyalty.first_kept(int(name.removeprefix("first_kept(").rstrip(")")))
    return BASES[name]

"""What well-known systems call their fields: technical names as data, each with the system and where its names are documented."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml

TABLE = re.compile(r"^(VB|LI|KN|MA|BS|VT)[A-Z0-9]{1,3}[-_~.](?=[A-Z])")
"""A table of SAP before its field."""
SURE = 0.96
FOLDER = Path(__file__).parent / "systems"


def system_of(target: str, name: str) -> tuple[str, int]:
    """The system that calls this column of ours so, and how many names of its own come before that one; "" where none is known to."""
    return _known().get((target, _bare(name)), ("", 0))


def in_context(names: Sequence[str]) -> dict[tuple[str, str], float]:
    """By column and target: names too common to be known alone, where other columns of the file show the system; below 0 what a
    name is not there."""
    found: dict[tuple[str, str], float] = {}
    for raw in _raw():
        beside = raw.get("beside") or []
        for one in [beside] if isinstance(beside, dict) else beside:
            if any(n.casefold().startswith(_listed(one["columns"])) for n in names):
                for sure, fields in ((SURE, one["fields"]), (-1.0, one.get("never") or {})):
                    found |= {(n, t): sure for t, many in fields.items() for n in names if _bare(n) in map(_bare, many)}
    return found


def values_of(target: str, name: str) -> dict[str, str]:
    """What the system that calls a column of ours so holds in it, in small letters, and what that is to us."""
    told = _values().get((system_of(target, name)[0], target), {})
    return {value.casefold(): ours for value, ours in told.items()}


@cache
def _raw() -> tuple[dict[str, Any], ...]:
    return tuple(yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.yaml")))


@cache
def _values() -> dict[tuple[str, str], dict[str, str]]:
    return {(r["system"], target): told for r in _raw() for target, told in (r.get("values") or {}).items()}


@cache
def _known() -> dict[tuple[str, str], tuple[str, int]]:
    found: dict[tuple[str, str], tuple[str, int]] = {}
    for raw in _raw():
        for target, names in raw["fields"].items():
            for place, name in enumerate(names):
                found.setdefault((target, _bare(name)), (raw["system"], place))
    return found


def _listed(given: str | list[str]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)


def _bare(name: str) -> str:
    """`VBAK-VBELN`, `vbak_vbeln` and `VBELN` are the same; so are `lineItems.sku` and `Line Items: SKU`."""
    return "".join(c for c in TABLE.sub("", name).casefold() if c.isalnum())

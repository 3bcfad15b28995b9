"""What well-known systems call their fields: technical names as data, each with the system and where its names are documented."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import yaml

TABLE = re.compile(r"^(VB|LI|KN|MA|BS|VT)[A-Z0-9]{1,3}[-_~.](?=[A-Z])")
"""A table of SAP before its field."""
SURE = 0.96
FOLDER = Path(__file__).parent / "systems"


def system_of(target: str, name: str) -> str:
    """The system that calls this column of ours so; "" where none is known to."""
    return _known().get((target, _bare(name)), "")


def in_context(names: Sequence[str]) -> dict[tuple[str, str], float]:
    """By column and target: names too common to be known alone, where other columns of the file show the system."""
    found: dict[tuple[str, str], float] = {}
    for path in sorted(FOLDER.glob("*.yaml")):
        beside = yaml.safe_load(path.read_text(encoding="utf-8")).get("beside") or []
        for one in [beside] if isinstance(beside, dict) else beside:
            if any(n.casefold().startswith(_listed(one["columns"])) for n in names):
                found |= {(n, t): SURE for t, many in one["fields"].items() for n in names if _bare(n) in map(_bare, many)}
    return found


@cache
def _known() -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], str] = {}
    for path in sorted(FOLDER.glob("*.yaml")):
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
        for target, names in raw["fields"].items():
            for name in names:
                found.setdefault((target, _bare(name)), raw["system"])
    return found


def _listed(given: str | list[str]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)


def _bare(name: str) -> str:
    """`VBAK-VBELN`, `vbak_vbeln` and `VBELN` are the same; so are `lineItems.sku` and `Line Items: SKU`."""
    return "".join(c for c in TABLE.sub("", name).casefold() if c.isalnum())

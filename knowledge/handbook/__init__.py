"""The handbook of the field that ships with the product: one entry a concept, in files beside this one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import yaml


@dataclass(frozen=True)
class Entry:
    """A concept: what it `means`, why it `matters`, when it `serves` and when not, how to `improve`, how it `differs` from others
    (name: sentences), which metrics of the register measure it, and who says so; `asked` holds questions that people put without its
    name, by which it is found. Its texts hold numbers in words only."""

    name: str
    means: str
    matters: str
    serves: str
    improve: str
    source: str
    also: tuple[str, ...] = ()
    differs: Mapping[str, str] = field(default_factory=dict, hash=False)
    metrics: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return (self.name, *self.also)

    @property
    def text(self) -> str:
        return " ".join((*self.names, self.means, self.matters, self.serves, self.improve))


@cache
def entries() -> tuple[Entry, ...]:
    """All entries, in the order of their files."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    listed = [e for f in sorted(Path(__file__).parent.glob("*.yaml")) for e in yaml.load(f.read_text("utf-8"), loader)]
    return tuple(
        Entry(
            e["name"], e["is"], e["why"], e["when"], e["improve"], e["source"],
            also=tuple(e.get("also", ())), differs=e.get("differs", {}), metrics=tuple(e.get("metrics", ())),
            asked=tuple(e.get("asked", ())),
        )
        for e in listed
    )  # fmt: skip

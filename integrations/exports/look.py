"""How a company's papers look: its name on them, its colour for headings, table heads and drawings."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from assistant.brief.charts import DARK, LIGHT


@dataclass(frozen=True)
class Look:
    """`colour` as #rrggbb."""

    company: str = ""
    colour: str = DARK

    @property
    def tint(self) -> str:
        """A ground for table heads that black text is read on."""
        return lighter(self.colour, 0.86)

    def drawn(self, spec: Mapping[str, Any]) -> dict[str, Any]:
        """The drawing in the company's colour and a lighter one."""
        said = json.dumps(spec, default=str)
        made: dict[str, Any] = json.loads(said.replace(LIGHT, lighter(self.colour, 0.55)).replace(DARK, self.colour))
        return made


def lighter(colour: str, share: float) -> str:
    """The colour mixed with so much white."""
    parts = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return "#" + "".join(f"{round(p + (255 - p) * share):02x}" for p in parts)

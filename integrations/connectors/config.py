"""`[[imports]]` and `[[watch]]` of rapport.toml."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from knowledge.errors import BadInput

VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


class ScheduledImport(BaseModel):
    """Files, folders or databases that are imported again and again. `${NAME}` in `from` is taken from the environment."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    name: str = Field(min_length=1, max_length=80)
    mapping: str
    sources: tuple[str, ...] = Field(alias="from", min_length=1)
    incremental: str = ""
    every: Literal["hour", "day", "week", "month"] = "day"
    day: Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] = "monday"
    at: str = Field(default="05:00", pattern=r"^([01]\d|2[0-3]):[0-5]\d$")

    def paths(self, folder: Path) -> list[Path | str]:
        """What is imported; relative paths begin at the workspace. Fails: BadInput where a variable is not set."""
        return [one if "://" in one else folder / one for one in map(_filled, self.sources)]


class WatchedFolder(BaseModel):
    """A folder whose files are imported once nobody has written to them for `settle_seconds`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    folder: str = Field(min_length=1)
    mapping: str
    settle_seconds: float = Field(default=10, ge=0)

    def path(self, folder: Path) -> Path:
        """Relative ones begin at the workspace."""
        return folder / self.folder


def _filled(text: str) -> str:
    missing = next((n for n in VARIABLE.findall(text) if n not in os.environ), None)
    if missing is not None:
        raise BadInput(f"The environment has no `{missing}`, which rapport.toml refers to.", "Set it.", code="not_set")
    return VARIABLE.sub(lambda m: os.environ[m[1]], text)

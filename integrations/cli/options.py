"""Options that many commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Folder = Annotated[
    Path | None,
    typer.Option("--workspace", help="The workspace folder (default ./workspace or RAPPORT_WORKSPACE).", show_default=False),
]
Json = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]
As = Annotated[
    str | None, typer.Option("--as", help="Read as this person or role (rep, manager, quality, admin).", show_default=False)
]

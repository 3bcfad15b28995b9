"""brief: the account brief of one customer."""

from __future__ import annotations

import json as codec
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from integrations.cli import show
from integrations.cli.options import As, Folder, Json
from integrations.settings import workspace_folder

FORMATS = ("md", "json")


def add_to(app: typer.Typer) -> None:
    app.command()(brief)


def brief(
    customer: Annotated[str, typer.Argument(help="The customer's id or name.")],
    format_: Annotated[str | None, typer.Option("--format", help=" | ".join(FORMATS))] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Write it here; the ending names the form.")] = None,
    as_: As = None,
    workspace: Folder = None,
    json: Json = False,
) -> None:
    """The account brief: who they are, what to know, what they say and why, what to do next; details below."""
    from assistant.brief import make, markdown, to_json
    from integrations.wiring import Workspace

    wanted = _form(format_, out, json)
    home = Workspace(workspace_folder(workspace))
    made = make(customer, home.reader(home.scope(as_)))
    text = codec.dumps(to_json(made), ensure_ascii=False, indent=1) + "\n" if wanted == "json" else markdown(made)
    if out is not None:
        out.write_text(text, encoding="utf-8")
        show.err.print(f"Written: {out}")
    elif format_ is None and wanted == "md" and show.out.is_terminal:
        show.text(text)
    else:
        sys.stdout.write(text)


def _form(given: str | None, out: Path | None, json: bool) -> Any:
    """The form asked for by --format, --json, or the ending of --out."""
    form = given or ("json" if json else out.suffix.lstrip(".").lower() if out is not None and out.suffix else "md")
    if form not in FORMATS:
        raise typer.BadParameter(f"--format takes {', '.join(FORMATS)}, not `{form}`")
    return form

"""brief: the account brief of one customer."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from integrations.cli import show
from integrations.cli.options import As, Folder, Json
from integrations.settings import workspace_folder
from knowledge.errors import BadQuestion

FORMS = ("md", "html", "docx", "pdf", "json")
BINARY = ("docx", "pdf")


def add_to(app: typer.Typer) -> None:
    app.command()(brief)


def brief(
    customer: Annotated[
        str, typer.Argument(help='The customer\'s id or name; or "healthcare customers", "my accounts", a theme.')
    ],
    form: Annotated[str | None, typer.Option("--format", help="md, html, docx, pdf or json.")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Write it here; the ending names the form.")] = None,
    since: Annotated[str | None, typer.Option("--since", help="Say what changed since this day (2026-09-30).")] = None,
    as_: As = None,
    workspace: Folder = None,
    json: Json = False,
) -> None:
    """The account brief: who they are, what to know, what changed, what to do next; details below.

    A person (--as NAME) is told what changed since the last brief; a role only with --since."""
    from integrations.wiring import Workspace

    wanted = _form(form, out, json)
    day = _day(since)
    home = Workspace(workspace_folder(workspace))
    briefs = home.briefs()
    made = briefs.make(customer, home.scope(as_), since=day, drawings=wanted != "md")
    file = briefs.render(made, wanted)
    if out is None and wanted in BINARY:
        out = Path(file.name)
    if out is not None:
        _write(out, file.content)
    elif form is None and wanted == "md" and show.out.is_terminal:
        show.text(file.content.decode())
    else:
        sys.stdout.write(file.content.decode())


def _write(out: Path, content: bytes) -> None:
    try:
        out.write_bytes(content)
    except OSError as err:
        raise BadQuestion(f"{out} cannot be written.", "Give another --out.") from err
    show.err.print(f"Written: {out}")


def _day(given: str | None) -> date | None:
    try:
        return date.fromisoformat(given) if given else None
    except ValueError as err:
        raise typer.BadParameter(f"--since takes a day such as 2026-09-30, not `{given}`") from err


def _form(given: str | None, out: Path | None, json: bool) -> str:
    """The form asked for by --format, --json, or the ending of --out."""
    form = given or ("json" if json else out.suffix.lstrip(".").lower() if out is not None and out.suffix else "md")
    if form not in FORMS:
        raise typer.BadParameter(f"--format takes {', '.join(FORMS)}, not `{form}`")
    return form

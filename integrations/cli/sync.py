"""sync: what rapport.toml says is to come in by itself; fit for cron."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from integrations.cli import show
from integrations.cli.options import Folder, Json
from integrations.settings import workspace_folder


def add_to(app: typer.Typer) -> None:
    app.command()(sync)


def sync(
    names: Annotated[
        list[str] | None, typer.Argument(help="Only these scheduled imports, due or not.", show_default=False)
    ] = None,
    status: Annotated[bool, typer.Option("--status", help="Show the last report of each, and do nothing.")] = False,
    workspace: Folder = None,
    json: Json = False,
) -> None:
    """Imports what is due ([[imports]]) or was dropped ([[watch]] of rapport.toml), and builds. Exit code 1 where one failed."""
    from integrations.connectors import sync as work
    from integrations.wiring import Workspace

    home = Workspace(workspace_folder(workspace))
    state = home.state()
    if status:
        reports = [{"name": name, **report} for name, report in work.last(state).items()]
    else:
        with show.progress(json) as say:
            reports = work.sync(home.folder, home.settings, state, datetime.now(UTC), names=tuple(names or ()), progress=say)
    if json:
        show.document(reports)
    elif reports:
        show.table(["what", "when", "how it went"], [[r["name"], r.get("at", ""), _said(r)] for r in reports])
    else:
        show.out.print("Nothing was due.")
    if any(r["state"] == "failed" for r in reports):
        raise typer.Exit(1)


def _said(report: dict[str, Any]) -> str:
    if report["state"] == "failed":
        return f"failed: {report['message']} {report['hint']}".strip()
    if "rows_in" not in report:
        return f"snapshot {report['snapshot']}"
    moved = " + ".join(f"{report[k]:,} {k}" for k in ("loaded", "updated", "unchanged", "quarantined"))
    return " ".join([f"{report['rows_in']:,} rows in = {moved}.", *report["notes"]])

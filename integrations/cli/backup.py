"""backup, restore: the whole workspace in one file, and back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from integrations.cli import show
from integrations.cli.options import Folder, Json
from integrations.settings import workspace_folder


def add_to(app: typer.Typer) -> None:
    app.command()(backup)
    app.command()(restore)


def backup(
    file: Annotated[Path, typer.Argument(help="The file to write, such as rapport-2026-11-29.tar.gz.")],
    workspace: Folder = None,
    json: Json = False,
) -> None:
    """Writes everything into one file: tables, snapshots, quarantine, settings and state; also while it serves."""
    from integrations.backup import back_up

    home = workspace_folder(workspace)
    told = back_up(home, file)
    _tell(told, f"{file}: {told['files']:,} files, {told['bytes'] / 1e6:,.0f} MB.", json)
    if not told["state"]:
        show.out.print(
            "The state is in a database of its own (`state_url`): back that up with its own tools."
        ) if not json else None


def restore(
    file: Annotated[Path, typer.Argument(help="A file of `rapport backup`.")], workspace: Folder = None, json: Json = False
) -> None:
    """Makes a workspace out of a backup, checked file by file; the folder must not be there yet."""
    from integrations.backup import restore as put_back

    home = workspace_folder(workspace)
    told = put_back(file, home)
    _tell(told, f"{home}: {told['files']:,} files of {told['made']}. `rapport doctor` looks it over.", json)


def _tell(told: dict[str, Any], said: str, json: bool) -> None:
    show.document(told) if json else show.out.print(said, markup=False)

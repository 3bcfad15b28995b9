"""erase: a person leaves the workspace, with a proof."""

from __future__ import annotations

from typing import Annotated

import typer

from integrations.cli import show
from integrations.cli.options import Folder, Json
from integrations.settings import load, workspace_folder


def add_to(app: typer.Typer) -> None:
    app.command()(erase)


def erase(
    contact: Annotated[str | None, typer.Option("--contact", help="A person at a customer: id, name or address.")] = None,
    customer: Annotated[str | None, typer.Option("--customer", help="A customer who is a person: id or name.")] = None,
    colleague: Annotated[str | None, typer.Option("--colleague", help="An agent or account owner, by name.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    workspace: Folder = None,
    json: Json = False,
) -> None:
    """Erases a person everywhere in the workspace: names, addresses and ids go, rows and figures stay; former snapshots go too.

    Prints the proof. Not reached: backups, the systems the data came from, and what was sent by Slack or mail."""
    from integrations import erasure

    given = [(k, w) for k, w in (("contact", contact), ("customer", customer), ("colleague", colleague)) if w is not None]
    if len(given) != 1:
        raise typer.BadParameter("give one of --contact, --customer and --colleague")
    kind, who = given[0]
    if not (yes or json):
        typer.confirm(f"Erase the {kind} {who} for good, and every former snapshot?", abort=True)
    home = workspace_folder(workspace)
    proof = erasure.erase(home, load(home), kind, who, "command line")  # type: ignore[arg-type]
    if json:
        show.document(proof.as_dict())
    else:
        show.out.print(
            f"Erased: {sum(proof.cells.values())} cells in {', '.join(proof.cells) or 'no table'}, {sum(proof.state.values())} rows of "
            f"state, {proof.quarantined} of the quarantine. Rows of every table are as many as before. Snapshot {proof.snapshot}.",
            markup=False,
            soft_wrap=True,
        )
        if not proof.left:
            show.out.print("Every file was searched: the person stands in none.")
    if proof.left:
        show.err.print(
            f"rapport: still_there: The person still stands in {', '.join(proof.left)}.", markup=False, soft_wrap=True
        )
        raise typer.Exit(1)

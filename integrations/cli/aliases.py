"""aliases: customers that are the same company in several systems, proposed and confirmed."""

from __future__ import annotations

from typing import Annotated

import typer

from integrations.cli import show
from integrations.cli.options import Folder, Json
from integrations.settings import workspace_folder

aliases_app = typer.Typer(help="The same customer in several systems.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    app.add_typer(aliases_app, name="aliases")


@aliases_app.command("propose")
def propose(
    sure: Annotated[bool, typer.Option("--sure", help="Only pairs that are as good as certain.")] = False,
    limit: Annotated[int, typer.Option("--limit", min=1)] = 50,
    workspace: Folder = None,
    json: Json = False,
) -> None:
    """Pairs of customers that may be the same company, with reasons; nothing is changed."""
    from knowledge.aliases import open_proposals

    found = open_proposals(workspace_folder(workspace))
    chosen = found[found["sure"]] if sure else found
    rows = chosen.head(limit).to_dict("records")
    if json:
        show.document(rows)
        return
    show.table(
        ["keep", "other", "score", "sure", "why"],
        [[r["a"], r["b"], f"{r['score']:.2f}", "yes" if r["sure"] else "", r["why"]] for r in rows],
    )
    if len(chosen) > len(rows):
        show.out.print(f"{len(chosen) - len(rows):,} more; --limit shows them.")
    if rows:
        show.out.print("Say that a pair is one customer with: rapport aliases confirm KEEP OTHER", markup=False)


@aliases_app.command("confirm")
def confirm(
    keep: Annotated[str, typer.Argument(help="The id of the customer that stays the main one.")],
    other: Annotated[str, typer.Argument(help="The id under which another system knows the same customer.")],
    workspace: Folder = None,
    json: Json = False,
) -> None:
    """Says that two customers are one; both stay in the tables."""
    from knowledge.aliases import confirm as run

    row = run(workspace_folder(workspace), keep, other)
    if json:
        show.document(row)
    else:
        show.out.print(f"{row['external_id']} ({row['system']}) is {row['customer_id']}.", markup=False)
        show.out.print("[dim]It shows after the next `rapport build`.[/dim]")


@aliases_app.command("list")
def list_(workspace: Folder = None, json: Json = False) -> None:
    """The confirmed ones."""
    from knowledge.aliases import listed

    rows = listed(workspace_folder(workspace)).to_dict("records")
    if json:
        show.document(rows)
    else:
        show.table(
            ["system", "its id", "is customer", "confirmed"],
            [[r["system"], r["external_id"], r["customer_id"], "yes" if r["confirmed"] else "no"] for r in rows],
        )

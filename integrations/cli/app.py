"""The commands, gathered. Each room adds its own; nothing heavy is imported before a command runs."""

from __future__ import annotations

from typing import Annotated

import typer

from integrations.cli import aliases, ask, backup, brief, data, digest, erase, evaluate, people, serve, sync, train, voice

app = typer.Typer(
    name="rapport",
    help="Answers questions about customers with numbers, reasons and account briefs that can be checked.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(f"rapport {version('rapport-crm')}")
        raise typer.Exit


@app.callback()
def every(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Says which version this is.")
    ] = False,
) -> None:
    """Answers questions about customers with numbers, reasons and account briefs that can be checked."""


@app.command("help", hidden=True)
def shown(context: typer.Context) -> None:
    """Says what commands there are."""
    typer.echo(context.parent.get_help() if context.parent else "")


data.add_to(app)
sync.add_to(app)
ask.add_to(app)
brief.add_to(app)
digest.add_to(app)
voice.add_to(app)
train.add_to(app)
evaluate.add_to(app)
people.add_to(app)
aliases.add_to(app)
backup.add_to(app)
erase.add_to(app)
serve.add_to(app)

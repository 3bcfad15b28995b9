"""train: the classifier fitted to the company's own labels and to people's corrections."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from integrations.cli import show
from integrations.cli.options import Folder, Json


def add_to(app: typer.Typer) -> None:
    app.command()(train)


def train(
    labels: Annotated[
        Path | None, typer.Option("--labels", help="A CSV file of labelled texts (corrections are always used).")
    ] = None,
    text: Annotated[str, typer.Option("--text", help="Its text column.")] = "text",
    label: Annotated[str, typer.Option("--label", help="Its label column.")] = "label",
    workspace: Folder = None,
    json: Json = False,
) -> None:
    """Learn the company's labels; shows held-out scores, what 20 more labels would buy, and which comments to label next."""
    from integrations.learning import learn
    from integrations.settings import workspace_folder
    from integrations.wiring import Workspace

    with show.progress(json) as say:
        made = learn(Workspace(workspace_folder(workspace)), labels, text, label, say)
    if json:
        show.document(made)
        return
    show.out.print(
        f"{made['examples']:,} labels, {made['accuracy']:.1%} right on {made['scored']:,} of them while held out (before learning: {made['before']:.1%}); answering only when sure it answers "
        f"{made['coverage']:.0%}" + (f" and is right in {made['selective_accuracy']:.1%}" if made["selective_accuracy"] is not None else "")
        + f". Twenty more labels would bring about {100 * made['gain']:.1f} points."
    )  # fmt: skip
    show.table(
        ["label", "examples", "precision", "recall", "F1"],
        [[r["label"], r["examples"], *(f"{r[c]:.2f}" for c in ("precision", "recall", "f1"))] for r in made["per_label"]],
    )
    if made["next"]:
        show.table(
            ["label next", "says", "likely", "or"], [[r["id"], r["text"], r["likely"], r["runner_up"]] for r in made["next"]]
        )
    show.out.print("It is used from the next build on: rapport build")

"""eval: how good it is, on data with known answers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from integrations.cli import show
from integrations.cli.options import Folder, Json

evaluate_app = typer.Typer(help="Scores on data with known answers.", no_args_is_help=True)
Text = Annotated[str, typer.Option("--text", help="The text column.")]
Label = Annotated[str, typer.Option("--label", help="The label column.")]
Data = Annotated[Path, typer.Option("--data", help="A CSV file.")]


def add_to(app: typer.Typer) -> None:
    app.add_typer(evaluate_app, name="eval")


@evaluate_app.command()
def classify(
    train: Annotated[Path, typer.Option("--train")],
    test: Annotated[Path, typer.Option("--test")],
    text: Text,
    label: Label,
    shots: Annotated[int | None, typer.Option("--shots", min=1, help="Examples a label (default: all).")] = None,
    draws: Annotated[int, typer.Option("--draws", min=1, help="Random draws of the examples.")] = 1,
    json: Json = False,
) -> None:
    """Accuracy and macro-F1 on a test file, and coverage when it may abstain."""
    from nlp.evaluate import eval_classify

    _report(eval_classify(train, test, text, label, shots=shots, draws=draws), json)


@evaluate_app.command()
def crossval(
    data: Data, text: Text, label: Label, folds: Annotated[int, typer.Option("--folds", min=2)] = 5, json: Json = False
) -> None:
    """The same by stratified folds."""
    from nlp.evaluate import eval_crossval

    _report(eval_crossval(data, text, label, folds), json)


@evaluate_app.command()
def cluster(
    data: Data,
    text: Text,
    label: Annotated[str | None, typer.Option("--label", help="Known labels, used only to score.")] = None,
    shuffles: Annotated[int, typer.Option("--shuffles", min=0)] = 0,
    json: Json = False,
) -> None:
    """Number of themes, unassigned share, agreement with labels and between shuffled runs."""
    from nlp.evaluate import eval_cluster

    _report(eval_cluster(data, text, label, shuffles=shuffles), json)


@evaluate_app.command()
def sentiment(
    data: Data,
    text: Text,
    label: Label,
    train: Annotated[Path | None, typer.Option("--train", help="Fit to this file first (default: as shipped).")] = None,
    json: Json = False,
) -> None:
    """Three-way accuracy and macro-F1."""
    from nlp.evaluate import eval_sentiment

    _report(eval_sentiment(data, text, label, train=train), json)


@evaluate_app.command()
def aspects(
    data: Data,
    text: Text,
    label: Annotated[str, typer.Option("--label", help="The column of labels, separated by |.")],
    sentiment: Annotated[
        str | None, typer.Option("--sentiment", help="The column of polarities: one a label, or one for all.")
    ] = None,
    train: Annotated[
        Path | None, typer.Option("--train", help="Fit to this file first (default: labels by their words).")
    ] = None,
    json: Json = False,
) -> None:
    """Micro-F1 of several labels a text, and the polarity of each."""
    from nlp.evaluate_aspects import eval_aspects

    _report(eval_aspects(data, text, label, sentiment, train=train), json)


@evaluate_app.command()
def voice(
    data: Annotated[Path, typer.Option("--data", help="JSON lines: comments with their order's record and the truth.")],
    json: Json = False,
) -> None:
    """Verdicts on claims: told, unfair, reversed; claims found, mood, causes and dangers."""
    from nlp.evaluate_voice import eval_voice

    _report(eval_voice(data), json)


@evaluate_app.command()
def ask(
    questions: Annotated[Path, typer.Option("--questions", help="A YAML list of {id, question, expect, conversation?, as?}.")],
    only: Annotated[str | None, typer.Option("--only", help="Only the questions of this `workspace` in the file.")] = None,
    failures: Annotated[Path | None, typer.Option("--failures", help="Write what went wrong here, as text.")] = None,
    workspace: Folder = None,
    json: Json = False,
) -> None:
    """Question accuracy, false figures and wrong refusals; threads and answers of the run are not kept."""
    from assistant.conversation import InMemory
    from assistant.evaluate import ask_all, failed, load, scores
    from integrations.settings import workspace_folder
    from integrations.wiring import Workspace
    from knowledge.errors import BadInput

    items = load(questions, only)
    kinds = sorted({i.workspace for i in items if i.workspace})
    if len(kinds) > 1:
        raise BadInput(f"{questions} asks about {', '.join(kinds)}.", f"Choose one with --only {kinds[0]}.")
    home = Workspace(workspace_folder(workspace))
    engine = home.engine(memory=InMemory())
    outcomes = ask_all(items, engine, home.scope)
    if failures is not None:
        failures.write_text(failed(outcomes), encoding="utf-8")
    _report(scores(outcomes), json)


def _report(scores: dict[str, Any], json: bool) -> None:
    if json:
        show.document(scores)
    else:
        show.table(["score", "value"], [[k, f"{v:.4f}" if isinstance(v, float) else v] for k, v in scores.items()])

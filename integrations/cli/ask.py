"""ask, query, metrics: questions in, checked answers out."""

from __future__ import annotations

import json as codec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from integrations.cli import show
from integrations.cli.options import As, Folder, Json
from integrations.settings import workspace_folder
from knowledge.errors import BadInput, BadQuestion, RapportError, UnknownName

if TYPE_CHECKING:
    from assistant.questions import Answer


def add_to(app: typer.Typer) -> None:
    app.command()(ask)
    app.command()(query)
    app.command()(metrics)


def ask(
    question: Annotated[str, typer.Argument(help="The question, in quotes.")] = "",
    batch: Annotated[
        Path | None, typer.Option("--batch", help='JSONL of {"id","question","conversation"?}; one Answer a line.')
    ] = None,
    conversation: Annotated[str | None, typer.Option("--conversation", help="Continue this thread.")] = None,
    as_: As = None,
    workspace: Folder = None,
    json: Json = False,
) -> None:
    """Answers a question, asks which reading is meant, or says why not and what it can answer."""
    from assistant.questions import Turn
    from assistant.serialise import to_json
    from integrations.wiring import Workspace

    if bool(question.strip()) == bool(batch):
        raise typer.BadParameter("give either a question or --batch FILE")
    home = Workspace(workspace_folder(workspace))
    scope = home.scope(as_)
    engine = home.engine()
    if batch is None:
        answer = engine.reply(Turn(question, scope, conversation))
        show.document(to_json(answer)) if json else _print(answer)
        return
    for item in _batch(batch):
        answer = engine.reply(Turn(item["question"], scope, item.get("conversation")))
        if json:
            show.line({**to_json(answer), "id": item["id"]})
        else:
            show.out.print(f"[bold]{item['question']}[/bold]")
            _print(answer)


def query(
    metric: Annotated[str, typer.Argument(help="A metric of `rapport metrics`, with a variant where wanted: fill_rate.unit.")],
    by: Annotated[list[str] | None, typer.Option("--by", help="Group by this dimension (several allowed).")] = None,
    where: Annotated[list[str] | None, typer.Option("--where", help="DIM=VALUE, DIM=A|B or DIM!=VALUE.")] = None,
    period: Annotated[
        str | None, typer.Option("--period", help='"2011", "Q3 2011", "last 90 days", "2011-06-01..2011-08-31".')
    ] = None,
    grain: Annotated[str | None, typer.Option("--grain", help="day, week, month, quarter or year.")] = None,
    order: Annotated[str | None, typer.Option("--order", help="desc or asc by value.")] = None,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="Only the first groups.")] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Print the SQL instead of running it.")] = False,
    as_: As = None,
    workspace: Folder = None,
    json: Json = False,
) -> None:
    """An explicit metric query."""
    from assistant.answer import answer_query, refusal
    from assistant.serialise import to_json
    from assistant.understand.periods import parse_period
    from integrations.wiring import Workspace
    from knowledge.metrics import definitions
    from knowledge.metrics.own import in_force
    from knowledge.query import explain as explain_sql
    from knowledge.records import MetricQuery

    if order not in (None, "asc", "desc"):
        raise typer.BadParameter("--order takes desc or asc")
    if grain not in (None, "day", "week", "month", "quarter", "year"):
        raise typer.BadParameter("--grain takes day, week, month, quarter or year")
    home = Workspace(workspace_folder(workspace))
    reader = home.reader(home.scope(as_))
    span = parse_period(period, reader.snapshot.as_of.date(), home.settings.fiscal_year_start) if period else None
    if period and span is None:
        raise BadQuestion(f"`{period}` is no period.", 'Say "2011", "Q3 2011", "last 90 days" or 2011-06-01..2011-08-31.')
    asked = MetricQuery(metric, tuple(by or ()), tuple(_filter(w) for w in where or ()), span, grain, order, limit)  # type: ignore[arg-type]
    if explain:
        show.out.print(explain_sql(asked, reader), markup=False)
        return
    with in_force(definitions.of_snapshot(reader.snapshot)):
        try:
            answer = answer_query(asked, reader)
        except RapportError as err:
            if json and err.exit_code == 1:
                show.document(to_json(refusal(err, reader, asked)))
            raise
    show.document(to_json(answer)) if json else _print(answer)


def metrics(
    name: Annotated[str | None, typer.Argument(help="One metric.", show_default=False)] = None,
    page: Annotated[
        Literal["metrics", "topics"] | None, typer.Option("--page", help="Print docs/metrics.md or docs/topics.md.")
    ] = None,
    workspace: Folder = None,
    json: Json = False,
) -> None:
    """The catalogue: every metric with its definition, formula, source, synonyms and dimensions; a workspace's own ones too.

    Those of `metrics.yaml` are as it is now; questions use them from the next build on."""
    from knowledge.metrics import definitions
    from knowledge.query import catalogue

    if page is not None:
        from knowledge.catalogue import metrics_page, topics_page

        typer.echo(metrics_page() if page == "metrics" else topics_page(), nl=False)
        return
    rows = catalogue(definitions.read(definitions.document(workspace_folder(workspace)), definitions.FILE))
    if name is None:
        if json:
            show.document(rows)
        else:
            show.table(
                ["metric", "label", "unit", "definition"], [[r["name"], r["label"], r["unit"], r["definition"]] for r in rows]
            )
        return
    found = next((r for r in rows if r["name"] == name.split(".")[0]), None)
    if found is None:
        raise UnknownName(f"There is no metric `{name}`.", "`rapport metrics` lists them.")
    if json:
        show.document(found)
    else:
        show.facts(
            {k.replace("_", " "): ", ".join(map(str, v)) if isinstance(v, list | tuple) else v for k, v in found.items()}
        )


def _filter(text: str) -> Any:
    from knowledge.records import Filter

    negated = "!=" in text
    dimension, sign, values = text.partition("!=" if negated else "=")
    if not sign or not dimension.strip() or not values.strip():
        raise typer.BadParameter(f"--where takes DIM=VALUE, not `{text}`")
    return Filter(dimension.strip(), tuple(v.strip() for v in values.split("|")), negated)


def _batch(path: Path) -> list[dict[str, str]]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as err:
        raise BadInput(f"{path} cannot be read as UTF-8 text.", "Give a JSONL file.") from err
    items = []
    for number, raw in enumerate(lines, 1):
        if not raw.strip():
            continue
        try:
            item = codec.loads(raw)
            items.append({**item, "id": str(item["id"]), "question": str(item["question"])})
        except (ValueError, KeyError, TypeError) as err:
            raise BadInput(f'{path}, line {number} is not {{"id", "question"}}.', "One JSON object a line.") from err
    return items


def _print(answer: Answer) -> None:
    show.text(answer.text)
    if answer.table:
        show.table(answer.table["columns"], answer.table["rows"])
    for quote in (q for q in answer.quotes if q.text not in answer.text):
        show.out.print(f"  “{quote.text}” [dim]{quote.feedback_id}[/dim]")
    for choice in answer.choices:
        asked = f"  [dim]{choice.question}[/dim]" if choice.question != choice.label else ""
        show.out.print(f"  [bold]{choice.label}[/bold]{asked}")
    for question in answer.nearest:
        show.out.print(f"  → {question}")

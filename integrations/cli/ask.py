"""ask, query, metrics: questions in, checked answers out."""

from __future__ import annotations

import json as codec
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from integrations.cli import show
from integrations.cli.options import As, Folder, Json
from integrations.settings import workspace_folder
from knowledge.errors import BadInput, BadQuestion, Internal, RapportError, UnknownName

if TYPE_CHECKING:
    from assistant.engine import Engine
    from assistant.questions import Answer
    from knowledge.access import Scope


def add_to(app: typer.Typer) -> None:
    app.command()(ask)
    app.command()(query)
    app.command()(metrics)


def ask(
    words: Annotated[list[str] | None, typer.Argument(help="The question, with or without quotes.", metavar="QUESTION")] = None,
    batch: Annotated[
        Path | None, typer.Option("--batch", help='JSONL of {"id","question","conversation"?}; one Answer a line.')
    ] = None,
    conversation: Annotated[str | None, typer.Option("--conversation", help="Continue this thread.")] = None,
    as_: As = None,
    workspace: Folder = None,
    json: Json = False,
) -> None:
    """Answers a question, asks which reading is meant, or says why not and what it can answer.

    In a batch every line has its answer: one that cannot be read or answered is an `error` answer, and the others go on."""
    from assistant.questions import Turn
    from assistant.serialise import to_json
    from integrations.wiring import Workspace

    question = " ".join(words or ())
    if bool(question.strip()) == bool(batch):
        raise typer.BadParameter("give either a question or --batch FILE")
    home = Workspace(workspace_folder(workspace))
    scope = home.scope(as_)
    engine = home.engine()
    if batch is None:
        answer = engine.reply(Turn(question, scope, conversation))
        show.document(to_json(answer)) if json else _print(answer)
        if answer.status == "error":
            raise typer.Exit(Internal.exit_code)
        return
    for item in _batch(batch):
        answer = _of_batch(item, engine, scope)
        if json:
            show.line({**to_json(answer), "id": item.id})
        else:
            show.out.print(item.question, style="bold", markup=False)
            _print(answer)


def query(
    metric: Annotated[
        str, typer.Argument(help="A metric of `rapport metrics` (fill_rate.unit), or count(order), mean(order.days_late) …")
    ] = "",
    by: Annotated[list[str] | None, typer.Option("--by", help="Group by this dimension (several allowed).")] = None,
    where: Annotated[
        list[str] | None,
        typer.Option("--where", help="DIM=VALUE, DIM=A|B, DIM!=VALUE, or a condition: days_late>3, has(customer, return)."),
    ] = None,
    period: Annotated[
        str | None, typer.Option("--period", help='"2011", "Q3 2011", "last 90 days", "2011-06-01..2011-08-31".')
    ] = None,
    grain: Annotated[str | None, typer.Option("--grain", help="day, week, month, quarter or year.")] = None,
    order: Annotated[str | None, typer.Option("--order", help="desc or asc by value.")] = None,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="Only the first groups.")] = None,
    plan: Annotated[
        Path | None, typer.Option("--plan", help="Run a plan: a JSON file of what “show how” prints, or a whole Answer.")
    ] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Print the SQL instead of running it.")] = False,
    as_: As = None,
    workspace: Folder = None,
    json: Json = False,
) -> None:
    """An explicit metric query, or a plan from a file."""
    from assistant.answer import answer_query, refusal
    from assistant.serialise import to_json
    from assistant.understand.periods import parse_period
    from integrations.wiring import Workspace
    from knowledge.members import resolved
    from knowledge.metrics import definitions
    from knowledge.metrics.own import in_force
    from knowledge.query import explain as explain_sql
    from knowledge.records import MetricQuery

    if order not in (None, "asc", "desc"):
        raise typer.BadParameter("--order takes desc or asc")
    if grain not in (None, "day", "week", "month", "quarter", "year"):
        raise typer.BadParameter("--grain takes day, week, month, quarter or year")
    if bool(metric) == bool(plan):
        raise typer.BadParameter("give either a metric or --plan FILE")
    home = Workspace(workspace_folder(workspace))
    reader = home.reader(home.scope(as_))
    if plan is not None:
        answer = _replayed(plan, home, reader)
        show.document(to_json(answer)) if json else _print(answer)
        return
    span = parse_period(period, reader.snapshot.as_of.date(), home.settings.fiscal_year_start) if period else None
    if period and span is None:
        raise BadQuestion(f"`{period}` is no period.", 'Say "2011", "Q3 2011", "last 90 days" or 2011-06-01..2011-08-31.')
    fiscal = home.settings.fiscal_year_start
    today = reader.snapshot.as_of.date()
    with in_force(definitions.of_snapshot(reader.snapshot)):
        filters, only = _conditions(where or (), metric, lambda text: parse_period(text, today, fiscal))
    asked = MetricQuery(metric, tuple(by or ()), filters, span, grain, order, limit, only=only)  # type: ignore[arg-type]
    if explain:
        show.out.print(explain_sql(resolved(asked, reader), reader), markup=False)
        return
    with in_force(definitions.of_snapshot(reader.snapshot)):
        try:
            answer = answer_query(resolved(asked, reader), reader)
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


def _conditions(texts: Sequence[str], metric: str, periods: Callable[[str], Any]) -> tuple[tuple[Any, ...], Any]:
    """The filters on dimensions, and all other conditions as one predicate."""
    from assistant.reader.links import home_of
    from knowledge.entities import conditions
    from knowledge.entities.predicates import both
    from knowledge.metrics import find

    known = find(metric)
    plain, only = [], None
    for text in texts:
        name = re.match(r"\s*([a-z_]+)\s*!?=(?!=)", text)
        if name and name[1] in known.dimensions:
            plain.append(_filter(text))
        else:
            only = both(only, conditions.parse(text, periods, home_of(metric)))
    return tuple(plain), only


def _replayed(file: Path, home: Any, reader: Any) -> Answer:
    """The answer of a plan in a file. Fails: BadInput, and as the plan itself."""
    from assistant.answer import run
    from assistant.guard import check
    from assistant.locales import localised, of
    from assistant.plan_files import plan_of
    from assistant.questions import Question
    from knowledge.metrics import definitions
    from knowledge.metrics.own import in_force

    try:
        raw = codec.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, ValueError) as err:
        raise BadInput(f"{file} cannot be read as JSON.", "Give a plan, or an Answer.", code="bad_plan") from err
    if not isinstance(raw, dict):
        raise BadInput(f"{file} holds no plan.", "Give a plan, or an Answer.", code="bad_plan")
    with in_force(definitions.of_snapshot(reader.snapshot)):
        made = run(plan_of(raw), Question(""), reader, home.engine().vocabulary(reader))
        return localised(check(made), of(reader))


def _filter(text: str) -> Any:
    from knowledge.records import Filter

    negated = "!=" in text
    dimension, sign, values = text.partition("!=" if negated else "=")
    if not sign or not dimension.strip() or not values.strip():
        raise typer.BadParameter(f"--where takes DIM=VALUE, not `{text}`")
    return Filter(dimension.strip(), tuple(v.strip() for v in values.split("|")), negated)


@dataclass(frozen=True)
class Item:
    """One line of a batch; `problem` says what is wrong with one that is no question."""

    id: str
    question: str = ""
    conversation: str | None = None
    problem: str = ""


def _of_batch(item: Item, engine: Engine, scope: Scope) -> Answer:
    from assistant.questions import Answer, Turn
    from assistant.refuse import fault

    if item.problem:
        return Answer(item.id, "error", item.problem, plan={"refused": {"code": BadInput.code, "message": item.problem}})
    try:
        return engine.reply(Turn(item.question, scope, item.conversation))
    except RapportError as err:
        return fault(err)


def _batch(path: Path) -> list[Item]:
    """The lines of a batch. Fails: BadInput for a file that is no text."""
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")  # a line separator inside a string ends no line
    except (OSError, UnicodeDecodeError) as err:
        raise BadInput(f"{path} cannot be read as UTF-8 text.", "Give a JSONL file.") from err
    return [_item(raw, number) for number, raw in enumerate(lines, 1) if raw.strip()]


def _item(raw: str, number: int) -> Item:
    try:
        told = codec.loads(raw)
        thread = told.get("conversation")
        return Item(str(told["id"]), str(told["question"]), None if thread is None else str(thread))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return Item(f"line {number}", problem=f'Line {number} is not {{"id", "question"}}, so it is not answered.')


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

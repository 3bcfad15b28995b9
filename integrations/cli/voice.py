"""themes, theme, analyze: what customers say and why."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from integrations.cli import review, show
from integrations.cli.options import As, Folder, Json
from integrations.settings import workspace_folder


def add_to(app: typer.Typer) -> None:
    app.command()(themes)
    review.add_to(app)
    app.command()(analyze)


def themes(as_: As = None, workspace: Folder = None, json: Json = False) -> None:
    """The themes of the comments, most said first."""
    from integrations.review import theme_list
    from integrations.wiring import Workspace

    home = Workspace(workspace_folder(workspace))
    found = theme_list(home.reader(home.scope(as_)))
    if json:
        show.document(found)
        return
    show.table(
        ["theme", "id", "comments", "customers", "share", "sentiment", "main reason"],
        [
            [
                t["name"],
                t["theme_id"],
                t["comments"],
                t["customers"],
                f"{t['share']:.1%}",
                f"{t['sentiment']:+.2f}",
                t["reason"],
            ]
            for t in found
        ],
    )


def analyze(
    file: Annotated[Path, typer.Argument(help="Any file of comments: CSV, TSV, XLSX, JSON, JSONL, Parquet, also .gz.")],
    text: Annotated[str, typer.Option("--text", help="The column that holds the comments.")],
    rating: Annotated[str | None, typer.Option("--rating", help="A column of ratings, for drivers.")] = None,
    date: Annotated[str | None, typer.Option("--date", help="A column of dates, for what is new, rising and fading.")] = None,
    segment: Annotated[
        list[str] | None,
        typer.Option("--segment", help="A column of groups (region, product …), for who says it more; repeat it."),
    ] = None,
    out: Annotated[Path, typer.Option("--out", help="Where the report and the tables go.")] = Path("out"),
    copies: Annotated[
        Literal["once", "each"], typer.Option("--copies", help="Near duplicates count once, or each of them.")
    ] = "once",
    json: Json = False,
) -> None:
    """Themes, reasons, moods, drivers, trends, segments and safety of a file of comments, as a report and as tables; needs no workspace."""
    from nlp.report import analyze_file

    with show.progress(json) as say:
        made = analyze_file(
            file, text=text, rating=rating, date=date, segments=segment or (), out=out, copies=copies, progress=say
        )
    if json:
        show.document(made.as_dict())
    else:
        show.text(made.summary())
        show.out.print(f"Report: {made.report}, {made.tables['page'].name}, {made.tables['workbook'].name}")

"""import, mapping, quarantine, build, doctor, demo: data in, snapshots out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from integrations.cli import show
from integrations.cli.options import Folder, Json
from integrations.settings import load as load_settings
from integrations.settings import workspace_folder

if TYPE_CHECKING:
    from knowledge.ingest import ImportReport

mapping_app = typer.Typer(help="How files become tables.", no_args_is_help=True)
quarantine_app = typer.Typer(help="Rows that were not loaded, with their reasons.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    app.command("import")(import_)
    app.command()(build)
    app.command()(demo)
    app.command()(doctor)
    app.add_typer(mapping_app, name="mapping")
    app.add_typer(quarantine_app, name="quarantine")


def import_(
    paths: Annotated[
        list[str],
        typer.Argument(
            help="Files, folders or zips of files, or databases (sqlite:///file.db, postgresql://user:password@host/name)."
        ),
    ],
    mapping: Annotated[
        str, typer.Option("--mapping", help="A shipped mapping's name or a YAML file; see `rapport mapping list`.")
    ],
    incremental: Annotated[
        str,
        typer.Option(
            "--incremental",
            help="Of databases: a column that never falls; only rows not below what was seen are read. `auto`: Fivetran's, Airbyte's or dlt's own.",
        ),
    ] = "",
    all_rows: Annotated[bool, typer.Option("--all-rows", help="Read every row again, also what was seen before.")] = False,
    scope: Annotated[
        str,
        typer.Option(
            "--scope", help="A name that goes before every id: of one shop or system among several that use the same numbers."
        ),
    ] = "",
    replace: Annotated[
        bool, typer.Option("--replace", help="A row whose key is that of another record takes its place.")
    ] = False,
    workspace: Folder = None,
    json: Json = False,
) -> None:
    """Maps and loads files; prints where every row went."""
    from integrations.meaning import when_asked
    from knowledge.ingest import import_files
    from knowledge.mapping import load_mapping

    folder = workspace_folder(workspace)
    settings = load_settings(folder)
    with show.progress(json) as say:
        report = import_files(
            folder,
            load_mapping(mapping),
            paths,
            zone=settings.zone,
            incremental=incremental,
            all_rows=all_rows,
            scope=scope,
            replacing=replace,
            meaning=when_asked(),
            progress=say,
        )
    _show_report(report, json)
    if report.nothing_loaded:
        names = ", ".join(Path(str(p)).name for p in paths)
        show.err.print(
            f"rapport: nothing_loaded: No row of {names} was loaded. {report.causes()}", markup=False, soft_wrap=True
        )
        raise typer.Exit(1)


def _show_report(report: ImportReport, json: bool, *, trial: bool = False) -> None:
    if json:
        show.document(report.as_dict())
        return
    show.table(
        ["table", "loaded", "updated", "unchanged", "quarantined"],
        [[t, f"{c.loaded:,}", f"{c.updated:,}", f"{c.unchanged:,}", f"{c.quarantined:,}"] for t, c in report.tables.items()],
    )
    for note in report.notes:
        show.out.print(f"[dim]{note}[/dim]")
    for name, count in {**report.set_aside, **report.reasons}.items():
        show.out.print(f"  quarantined · {name}: {count:,}")
    show.out.print(report.sentence())
    if not (trial or report.nothing_loaded):
        show.out.print("[dim]It shows after the next `rapport build`.[/dim]")


@mapping_app.command("list")
def mapping_list(json: Json = False) -> None:
    """The shipped mappings."""
    from knowledge.mapping import list_mappings

    found = list_mappings()
    if json:
        show.document([{"name": m.name, "title": m.title} for m in found])
    else:
        show.table(["mapping", "for"], [[m.name, m.title] for m in found])


@mapping_app.command("show")
def mapping_show(name: str) -> None:
    """A mapping's YAML."""
    from knowledge.mapping import mapping_text

    show.out.print(mapping_text(name), markup=False)


@mapping_app.command("suggest")
def mapping_suggest(
    file: Annotated[Path, typer.Argument(help="A file of any format that can be imported.")],
    out: Annotated[Path | None, typer.Option("--out", help="Write the mapping to this YAML file.", show_default=False)] = None,
    answer: Annotated[
        list[str] | None, typer.Option("--answer", help="NAME=OPTION: the answer to one of its questions (several allowed).")
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option("--column", help="COLUMN=TABLE.FIELD: what a column is, where it was misunderstood (several allowed)."),
    ] = None,
    json: Json = False,
) -> None:
    """Proposes a mapping for an unknown file: which column is what, how sure, what is missing, and what only you can tell."""
    from integrations.meaning import meaning
    from knowledge.suggest import suggest

    answers = dict(_pair(a) for a in answer or ())
    found = suggest(file, meaning(), answers, dict(_pair(c) for c in column or ()))
    if out is not None:
        out.write_text(found.yaml, encoding="utf-8")
    if json:
        show.document(found.as_dict())
        return
    for note in found.notes:
        show.out.print(note, markup=False, soft_wrap=True)
    show.table(
        ["column", "taken for", "sure", "why"],
        [[g.column, g.target or "", f"{g.confidence:.2f}" if g.target else "", g.why] for g in found.columns],
    )
    for name in found.missing:
        show.out.print(f"[yellow]not found[/yellow]: {name}")
    if found.left:
        show.out.print(f"not understood, left out · {', '.join(found.left)}", markup=False, soft_wrap=True)
    for text in found.assumed:
        show.out.print(f"assumed · {text}", markup=False, soft_wrap=True)
    for question in found.questions:
        show.out.print(f"[bold]question[/bold] · {question.name}: {question.ask}", soft_wrap=True)
        for option, gives in question.options:
            show.out.print(
                f"  {option}{' (answered)' if option == question.answer else ''}: {gives}", markup=False, soft_wrap=True
            )
    if out is None:
        show.out.print(found.yaml, markup=False, soft_wrap=True)
        return
    still = [q for q in found.questions if q.answer is None]
    if still:
        show.out.print(
            f"Written to {out}. Nothing is imported with it before its questions are answered: write them into it, or "
            f"rapport mapping suggest {file} --out {out} --answer {still[0].name}={still[0].options[0][0]}",
            markup=False,
            soft_wrap=True,
        )
    else:
        show.out.print(
            f"Written to {out}. Read it, then: rapport mapping try {file} --mapping {out}, and rapport import {file} --mapping {out}",
            markup=False,
            soft_wrap=True,
        )


@mapping_app.command("try")
def mapping_try(
    files: Annotated[list[str], typer.Argument(help="Files, folders or databases, as for `rapport import`.")],
    mapping: Annotated[str, typer.Option("--mapping", help="A shipped mapping's name or a YAML file.")],
    workspace: Folder = None,
    json: Json = False,
) -> None:
    """Loads into a throw-away snapshot and shows counts, sums, three rows of each table and what was not understood."""
    from integrations.meaning import when_asked
    from knowledge.mapping import load_mapping
    from knowledge.trial import trial

    with show.progress(json) as say:
        zone = load_settings(workspace_folder(workspace)).zone
        found = trial(load_mapping(mapping), files, zone=zone, meaning=when_asked(), progress=say)
    if json:
        show.document(found.as_dict())
    else:
        _show_report(found.report, json, trial=True)
        for name, value in found.sums.items():
            show.out.print(f"  {name}: {value}", markup=False)
        for name, rows in found.rows.items():
            shown = [c for c in rows[0] if any(r[c] is not None for r in rows)]
            show.table(shown, [[r[c] for c in shown] for r in rows], title=f"{name}, the first rows")
        for said in found.left:
            show.out.print(f"not understood, left out · {said}", markup=False, soft_wrap=True)
        show.out.print("Nothing was kept. Where this is right: rapport import, with the same mapping.")
    if found.report.nothing_loaded:
        raise typer.Exit(1)


def _pair(text: str) -> tuple[str, str]:
    name, sign, option = text.partition("=")
    if not sign or not name.strip() or not option.strip():
        raise typer.BadParameter(f"give NAME=VALUE, not `{text}`")
    return name.strip(), option.strip()


@quarantine_app.command("list")
def quarantine_list(workspace: Folder = None, json: Json = False) -> None:
    """What is in quarantine: counts by source and reason."""
    from knowledge import quarantine

    counts = quarantine.summary(workspace_folder(workspace))
    if json:
        show.document(counts)
    else:
        show.table(["source", "table", "reason", "rows"], [[c["source"], c["table"], c["reason"], c["rows"]] for c in counts])


@quarantine_app.command("show")
def quarantine_show(
    reason: Annotated[str, typer.Option("--reason", help="Only rows with this reason.")] = "",
    limit: Annotated[int, typer.Option("--limit", min=1)] = 20,
    workspace: Folder = None,
    json: Json = False,
) -> None:
    """Quarantined rows with their original values."""
    from knowledge import quarantine

    rows = quarantine.rows(workspace_folder(workspace), reason=reason or None, limit=limit)
    if json:
        show.document(rows)
    else:
        show.table(["where", "reason", "values"], [[r["source_row"], r["reason"], r["values"]] for r in rows])


@quarantine_app.command("export")
def quarantine_export(
    out: Annotated[Path, typer.Argument(help="The CSV file to write; mend the values in it, and leave `quarantine_id` alone.")],
    reason: Annotated[str, typer.Option("--reason", help="Only rows with this reason.")] = "",
    source: Annotated[str, typer.Option("--source", help="Only rows of this source.")] = "",
    workspace: Folder = None,
    json: Json = False,
) -> None:
    """Writes quarantined rows with their original values to a CSV file."""
    from knowledge import mending

    count = mending.export(workspace_folder(workspace), out, reason=reason or None, source=source or None)
    if json:
        show.document({"file": str(out), "rows": count})
    else:
        show.out.print(
            f"{count:,} rows in {out}. Mend them, then: rapport quarantine retry {out}", markup=False, soft_wrap=True
        )


@quarantine_app.command("retry")
def quarantine_retry(
    file: Annotated[
        Path | None,
        typer.Argument(help="An exported file with mended values; without it, all rows as they are.", show_default=False),
    ] = None,
    workspace: Folder = None,
    json: Json = False,
) -> None:
    """Tries quarantined rows again, through the mapping that they came from; those that load leave the quarantine."""
    from knowledge import mending

    with show.progress(json) as say:
        report = mending.retry(workspace_folder(workspace), file, progress=say)
    _show_report(report, json)


def build(
    full: Annotated[bool, typer.Option("--full", help="Derive everything again, also what did not change.")] = False,
    workspace: Folder = None,
    json: Json = False,
) -> None:
    """Derives everything from the imported tables and publishes a snapshot; then makes what the page shows first."""
    from integrations.build import build as run
    from integrations.panels import after_build
    from knowledge.asof import far_sentences

    folder = workspace_folder(workspace)
    with show.progress(json) as say:
        report = run(folder, load_settings(folder), full=full, progress=say)
        after_build(folder, say)
    made = report.snapshot
    summary: dict[str, Any] = {
        "snapshot": made.id,
        "as_of": made.as_of.isoformat(),
        "rows": report.rows,
        "seconds": report.seconds,
        "set_aside": far_sentences(made.facts),
        "reused": list(report.reused),
    }
    if json:
        show.document(summary)
        return
    show.table(["table", "rows"], [[n, f"{r:,}"] for n, r in sorted(report.rows.items())])
    took = sum(report.seconds.values())
    show.out.print(f"Snapshot {made.id}, data to {made.as_of:%-d %b %Y %H:%M} ({made.as_of.tzinfo}), in {took:.1f} s.")
    for said in far_sentences(made.facts):
        show.out.print(f"[yellow]note[/yellow] {said}", soft_wrap=True)
    if report.reused:
        show.out.print(f"[dim]Unchanged and reused: {', '.join(report.reused)}.[/dim]")


def demo(
    workspace: Folder = None,
    seed: Annotated[int, typer.Option(help="Another seed makes another company.")] = 7,
    scale: Annotated[float, typer.Option(help="1 is the whole company.", min=0.01, max=10)] = 1.0,
) -> None:
    """Makes the demo company, imports it, builds, and shows an answer, a theme report and where to look next."""
    from integrations.demo.show import run

    run(workspace_folder(workspace), seed=seed, scale=scale)


def doctor(
    retry: Annotated[bool, typer.Option("--retry", help="First puts back what was given up, to be tried again.")] = False,
    workspace: Folder = None,
    json: Json = False,
) -> None:
    """Checks everything Rapport needs and says what to do."""
    from integrations.doctor import examine
    from integrations.wiring import Workspace

    if retry:
        state = Workspace(workspace_folder(workspace)).state()
        for letter in state.dead_letters():
            state.try_again(letter.id)
    findings = examine(workspace_folder(workspace))
    if json:
        show.document([f.as_dict() for f in findings])
    else:
        signs = {"ok": "[green]ok[/green]", "note": "[yellow]note[/yellow]", "wrong": "[red]wrong[/red]"}
        for f in findings:
            show.out.print(f"{signs[f.state]:<8} {f.what}{'  → ' + f.todo if f.todo else ''}")
    if any(f.state == "wrong" for f in findings):
        raise typer.Exit(1)

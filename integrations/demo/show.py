"""`rapport demo`: the made-up company through the same commands that a real one takes, then a look at what came out."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from assistant.brief import make, page
from assistant.questions import Turn
from integrations import panels
from integrations.build import build
from integrations.cli import show
from integrations.demo import generate
from integrations.demo.company import SLIPPING_NAME as STORY
from integrations.review import theme_card, theme_list, theme_text
from integrations.settings import load as load_settings
from integrations.wiring import Workspace
from knowledge.access import Scope
from knowledge.ingest import import_files
from knowledge.mapping import load_mapping
from nlp.weights import default_files

QUESTIONS = ("top 5 customers by revenue this year", "return rate by category in 2026", "what are customers complaining about?")


def run(folder: Path, *, seed: int, scale: float) -> None:
    """Makes, imports and builds the company in `folder`, then shows answers and a theme; prints where to look next.

    Fails: Unavailable (`encoder`) at once where the encoder's weights are not installed."""
    began = time.monotonic()
    default_files()  # without the encoder's weights it would end minutes later
    with show.progress(False) as say, tempfile.TemporaryDirectory() as made:
        say("making the company")
        generate(Path(made), seed=seed, scale=scale)
        folder.mkdir(parents=True, exist_ok=True)
        settings_file = folder / "rapport.toml"
        if not settings_file.exists():
            settings_file.write_text('currency = "USD"\nzone = "America/Chicago"\n', encoding="utf-8")
        settings = load_settings(folder)
        say("importing it")
        report = import_files(folder, load_mapping("canonical"), [Path(made)], zone=settings.zone, progress=say)
        built = build(folder, settings, progress=say)
        panels.after_build(folder, say)
    home = Workspace(folder)
    scope = Scope.of_role("manager")
    engine = home.engine()
    show.out.print(f"\n{report.sentence()}")
    show.out.print(f"Built snapshot {built.snapshot.id}: {', '.join(f'{s} {t:.1f} s' for s, t in built.seconds.items())}\n")
    for question in QUESTIONS:
        answer = engine.reply(Turn(question, scope, "demo"))
        show.out.print(f"[bold]> {question}[/bold]")
        show.text(answer.text)
        if answer.table:
            show.table(answer.table["columns"], answer.table["rows"])
        show.out.print()
    reader = home.reader(scope)
    themes = [t for t in theme_list(reader) if t["sentiment"] < 0 and t["reason"]]
    if themes:
        show.out.print("[bold]> rapport theme …[/bold]")
        show.text(theme_text(theme_card(reader, themes[0]["theme_id"])))
    show.out.print(f'[bold]> rapport brief "{STORY}"[/bold]')
    show.text(page(make(STORY, reader, drawings=False)))
    show.out.print(f"\nDone in {time.monotonic() - began:.0f} s. Look next:")
    for command, does in (
        (f'rapport brief "{STORY}"', "the whole brief; --format, --out and --as change its form and reader"),
        ('rapport ask "why are customers unhappy?"', "any question; follow up with --conversation NAME"),
        ("rapport themes", "what customers say, most said first"),
        ("rapport metrics", "every figure, with its definition"),
        ("rapport query revenue --by region --grain quarter", "an explicit query; --explain shows the SQL"),
        ("rapport analyze FILE.csv --text COLUMN", "your own comments, no workspace needed"),
    ):
        show.out.print(f"  .venv/bin/{command}   [dim]{does}[/dim]")

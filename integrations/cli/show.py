"""How the command line shows things: JSON to stdout for programs; tables, text and progress for people."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.markdown import Markdown
from rich.table import Table

out = Console(highlight=False, soft_wrap=not sys.stdout.isatty())
err = Console(stderr=True, highlight=False)


def document(data: Any) -> None:
    """One JSON document on stdout."""
    sys.stdout.write(json.dumps(data, ensure_ascii=False, indent=1, default=str) + "\n")


def line(data: Any) -> None:
    """One JSON document on one line, flushed, for batches."""
    sys.stdout.write(json.dumps(data, ensure_ascii=False, default=str) + "\n")
    sys.stdout.flush()


def table(columns: Sequence[str], rows: Sequence[Sequence[Any]], title: str = "") -> None:
    shown = Table(title=title or None, title_justify="left", header_style="bold")
    for name in columns:
        numeric = all(_number(row[columns.index(name)]) for row in rows) and bool(rows)
        shown.add_column(str(name), justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        shown.add_row(*("" if cell is None else str(cell) for cell in row))
    out.print(shown)


def text(markdown: str) -> None:
    out.print(Markdown(markdown), soft_wrap=False)  # lists would be cut off, not wrapped


def facts(pairs: Mapping[str, Any]) -> None:
    for name, value in pairs.items():
        out.print(f"[bold]{name}[/bold]  {value}")


@contextmanager
def progress(quiet: bool) -> Iterator[Callable[[str], None]]:
    """A line on stderr that says what is being done; plain lines where stderr is no terminal."""
    if quiet:
        yield lambda _: None
    elif err.is_terminal:
        with err.status("starting …") as status:
            yield lambda step: status.update(f"{step} …")
    else:
        yield lambda step: err.print(f"· {step}")


def _number(cell: Any) -> bool:
    if cell is None or isinstance(cell, int | float):
        return True
    return str(cell).strip("~%+-−").replace(",", "").replace(".", "").replace(" ", "").replace("\u202f", "").isdigit()

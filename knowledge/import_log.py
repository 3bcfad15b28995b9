"""The log of imports: what came in, what the sources said of themselves, and up to where tables of databases were seen.

A line is written when an import is whole, so a mark never runs ahead of the rows."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from knowledge import databases
from knowledge.databases import Mark
from knowledge.deletions import conventions
from knowledge.sources import Source

LOG = "imports.jsonl"
AUTO = "auto"


def entries(workspace: Path) -> list[dict[str, Any]]:
    """The lines, oldest first; one that was damaged is left out (`rapport doctor` tells)."""
    return _read(workspace)[0]


def damaged(workspace: Path) -> int:
    """How many lines cannot be read."""
    return _read(workspace)[1]


def _read(workspace: Path) -> tuple[list[dict[str, Any]], int]:
    path = workspace / LOG
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines() if path.is_file() else []
    found = []
    for line in lines:
        with suppress(ValueError):
            one = json.loads(line)
            if isinstance(one, dict):
                found.append(one)
    return found, len(lines) - len(found)


def append(workspace: Path, line: Mapping[str, Any]) -> None:
    path = workspace / LOG
    before = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
    temporary = path.with_suffix(".new")
    with temporary.open("w", encoding="utf-8") as out:
        out.write(before + json.dumps(line, ensure_ascii=False) + "\n")
        out.flush()
        os.fsync(out.fileno())
    os.replace(temporary, path)


def marks(workspace: Path) -> dict[str, Any]:
    """Up to where each table was seen, by `mark_of`."""
    return {key: value for line in entries(workspace) for key, value in line.get("marks", {}).items()}


def mark_of(mapping: str, source: Source) -> str:
    """The name of a source's mark: the same table under another mapping, or by another column, is seen anew."""
    assert source.url is not None
    assert source.seen is not None
    return " | ".join((mapping, databases.shown(source.url), source.table, source.seen.column))


def follow(workspace: Path, mapping: str, sources: Sequence[Source], column: str, *, all_rows: bool) -> list[Source]:
    """The sources, those of databases that have a column to go by from where they were seen last (`all_rows`: from the start).

    `column` is for tables whose mapping names none; `auto` takes a loading tool's own."""
    before = marks(workspace) if any(s.url for s in sources) else {}
    return [_from(before, mapping, s, column, all_rows) if s.url else s for s in sources]


def _from(before: Mapping[str, Any], mapping: str, source: Source, column: str, all_rows: bool) -> Source:
    assert source.url is not None
    chosen = source.part.file.incremental if source.part else None
    if chosen is None and column and (source.part is None or source.part.file.query is None):
        wanted = conventions()["incremental"] if column == AUTO else [column]
        there = databases.columns_of(source.url, source.name)
        chosen = next((c for c in wanted if c in there), None)
    if chosen is None:
        return source
    begun = replace(source, table=source.name, seen=Mark(chosen))
    value = None if all_rows else before.get(mark_of(mapping, begun))
    if value is None:
        return begun
    return replace(begun, name=f"{source.name} from {value}", seen=Mark(chosen, value))

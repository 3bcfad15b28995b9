"""What an import reads: files, folders and databases, each with the part of the mapping that is meant for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from knowledge import databases, footers, readers
from knowledge.conventions import Conventions
from knowledge.errors import BadInput
from knowledge.mapping import Canonical, Mapping, Part, uses
from knowledge.schema import TABLES

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa


@dataclass(frozen=True)
class Rows:
    """What a source holds: its rows, numbers and reasons of rows that are no records (totals, notes), what is to be said of
    it, and up to where a database's rows were seen now."""

    table: pa.Table
    aside: Sequence[tuple[int, str]] = ()
    notes: tuple[str, ...] = ()
    mark: databases.Mark | None = None


@dataclass(frozen=True)
class Source:
    """One file, or one table or query of a database (`url`). `name` is what reports and `source_row` call it; `part` is
    None where the file's own columns decide (canonical). `rows` are rows at hand (out of the quarantine), with `kept`, with
    how their file was `written` and, where they were not mended, `since`: `_row` and the time `put_at` at which each was put
    there. `seen` says which rows of a database were seen before."""

    name: str
    part: Part | None
    path: Path | None = None
    url: str | None = None
    table: str = ""
    rows: pa.Table | None = None
    kept: pa.Table | None = None
    since: pa.Table | None = None
    written: Conventions | None = None
    seen: databases.Mark | None = None

    @property
    def counted(self) -> bool:
        """Lookups are read, and not counted as rows of the import."""
        return self.part is None or bool(self.part.tables)

    def read(self, session: duckdb.DuckDBPyConnection) -> Rows:
        """The rows as text columns with a row number. Fails: BadInput naming file, place and remedy."""
        if self.rows is not None:
            return Rows(self.rows)
        if self.path is not None:
            sheet = readers.look(session, self.path, self.part.file.layout() if self.part else None)
            used = [n for n in sheet.twice if self.part is None or uses(self.part, n)]
            if used:
                raise BadInput(
                    f"{self.name}: column `{used[0]}` is there twice, with other values.",
                    f"Rename one of them, or name the second as `{used[0]} (2)` in a mapping of your own.",
                    code="twice",
                )
            return Rows(sheet.table, footers.aside(sheet.table), sheet.notes)
        assert self.url is not None
        query = self.part.file.query if self.part else None
        table, mark = databases.read(self.url, self.table or self.name, query, self.seen)
        return Rows(table, mark=mark)


def gather(given: Sequence[Path | str], mapping: Mapping | Canonical) -> list[Source]:
    """The sources of an import: lookups first, in the mapping's order, then the others in the order given. Fails: BadInput where nothing is there to import."""
    found: list[Source] = []
    for one in given:
        if isinstance(one, str) and databases.is_url(one):
            found += _of_database(one, mapping)
        elif Path(one).is_dir():
            deep = isinstance(mapping, Mapping) and mapping.deep
            inside = sorted(
                p for p in (Path(one).rglob("*") if deep else Path(one).iterdir()) if p.is_file() and _readable(p, mapping)
            )
            found += [Source(p.relative_to(one).as_posix(), _part(p.name, mapping), p) for p in inside]
        else:
            path = Path(one)
            readers.there(path)
            part = _part(path.name, mapping)
            if part is None and isinstance(mapping, Mapping):
                known = ", ".join(p.named for p in mapping.files)
                raise BadInput(f"The mapping {mapping.name} has no part for {path.name}.", f"It reads {known}.", code="no_part")
            found.append(Source(path.name, part, path))
    if not any(s.counted for s in found):
        where = ", ".join(databases.shown(str(g)) for g in given)
        wanted = (
            f"{mapping.name} reads {', '.join(p.named for p in mapping.parts)}" if isinstance(mapping, Mapping) else "Formats"
        )
        raise BadInput(f"There is no file to import in {where}.", f"{wanted}: {', '.join(readers.SUFFIXES)}.", code="no_file")
    places = {id(part): place for place, part in enumerate(mapping.files)} if isinstance(mapping, Mapping) else {}
    last = len(places)
    return sorted(found, key=lambda s: places.get(id(s.part), last) if s.part is not None and s.part.lookup else last)


def meant(name: str, mapping: Mapping | Canonical) -> bool:
    """Whether a file of this name is read by the mapping; a zip may hold files that are."""
    if name.lower().endswith(".zip"):
        return True
    return name.split(".", maxsplit=1)[0] in TABLES if isinstance(mapping, Canonical) else _part(name, mapping) is not None


def _part(name: str, mapping: Mapping | Canonical) -> Part | None:
    return None if isinstance(mapping, Canonical) else next((p for p in mapping.parts if p.fits(name)), None)


def _readable(path: Path, mapping: Mapping | Canonical) -> bool:
    suffix = Path(path.name.removesuffix(".gz")).suffix.lower()
    if suffix not in readers.SUFFIXES:
        return False
    if isinstance(mapping, Canonical):
        return path.name.split(".")[0] in TABLES
    return _part(path.name, mapping) is not None and (bool(mapping.files) or suffix != ".md")  # a README is no data


def _of_database(url: str, mapping: Mapping | Canonical) -> list[Source]:
    tables = databases.tables(url)
    if isinstance(mapping, Canonical):
        return [Source(t, None, url=url) for t in tables if t.split(".")[-1] in TABLES]
    found = []
    for part in mapping.parts:
        if part.file.query is not None:
            found.append(Source(part.lookup or part.tables[0].table, part, url=url))
            continue
        wanted = [t for t in tables if (t == part.file.table if part.file.table else part.patterns != ["*"] and part.fits(t))]
        if not wanted and part.tables:
            named = f"the table `{part.file.table or part.named}`" if part.file.table or part.named != "*" else "no table"
            raise BadInput(
                f"The mapping {mapping.name} names {named}, which {databases.shown(url)} does not have.",
                f"Name one in `file: {{table: …}}` or `file: {{query: …}}`; it has: {', '.join(tables[:20]) or 'none'}.",
                code="no_table",
            )
        found += [Source(t, part, url=url) for t in wanted]
    return found

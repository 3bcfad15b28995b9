"""Mappings: how a source's files become canonical tables, as YAML that a company can write itself.

Expressions are SQL over the file's columns (all text; DuckDB's functions), run in a session of their own. The order is:
`accept` renames, `derive` adds or replaces columns, `set_aside` names rows that are no data, `tables` take the rest.

A source of several kinds of files has `files`: parts that each say which files they are for (`match`) and what to do with
them. A part with `lookup: name` is at hand in the expressions of the other parts as a table of that name; there, `this` is the row at hand."""

from __future__ import annotations

import fnmatch
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from knowledge.declared import first_wrong
from knowledge.errors import BadInput, UnknownName
from knowledge.readers import Layout
from knowledge.schema import TABLES

SHIPPED = Path(__file__).parent / "mappings"
CANONICAL = "canonical"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Value(_Strict):
    """One target column: a source `column` (with `map` of values or date `format`), SQL, or a constant `value`."""

    column: str | None = None
    sql: str | None = None
    value: str | int | float | bool | None = None
    map: dict[str, str] | None = None
    otherwise: str | None = None
    format: str | list[str] | None = None

    @model_validator(mode="after")
    def _one_source(self) -> Value:
        if sum(x is not None for x in (self.column, self.sql, self.value)) != 1:
            raise ValueError("give exactly one of `column`, `sql`, `value`")
        return self


class Accept(_Strict):
    """Header names (case-blind, best first) under which a column may come; a missing optional one is null."""

    names: list[str]
    required: bool = False


class Rule(_Strict):
    """Rows for which `when` (SQL) holds are set aside under `name`; the first rule that fits decides."""

    name: str
    when: str


class TableSpec(_Strict):
    """One canonical table fed by the file. `per` groups rows (plain columns then take the group's first value)."""

    table: str
    where: str | None = None
    per: list[str] = Field(default_factory=list)
    columns: dict[str, Value]

    @model_validator(mode="before")
    @classmethod
    def _plain_columns(cls, raw: Any) -> Any:
        if isinstance(raw, dict) and isinstance(raw.get("columns"), dict):
            columns = {k: {"column": v} if isinstance(v, str) else v for k, v in raw["columns"].items()}
            return {**raw, "columns": columns}
        return raw

    @model_validator(mode="after")
    def _known(self) -> TableSpec:
        if self.table not in TABLES:
            raise ValueError(f"there is no table `{self.table}`; tables: {', '.join(TABLES)}")
        unknown = sorted(set(self.columns) - set(TABLES[self.table].names))
        if unknown:
            raise ValueError(f"`{self.table}` has no column `{unknown[0]}`; columns: {', '.join(TABLES[self.table].names)}")
        missing = [k for k in TABLES[self.table].key if k not in self.columns and TABLES[self.table].column(k).required]
        if missing:
            raise ValueError(f"`{self.table}` needs its key `{missing[0]}`")
        return self


class FileLayout(_Strict):
    """How the file is written; `header` where it has none; `blanks` where columns are parted by runs of blanks; `keep`
    names JSON fields that stay JSON text. Of a database, `table` or `query` says what is read; with `incremental`, a column
    that never falls, only rows that are not below what was seen of it before."""

    encoding: str = "utf-8"
    delimiter: str | None = None
    header: list[str] = Field(default_factory=list)
    blanks: bool = False
    sheet: str | None = None
    keep: list[str] = Field(default_factory=list)
    table: str | None = None
    query: str | None = None
    incremental: str | None = None

    def layout(self) -> Layout:
        return Layout(self.encoding, self.delimiter, tuple(self.header), self.blanks, self.sheet, tuple(self.keep))


class Part(_Strict):
    """What is done with one kind of file. Without `tables` it only serves as a lookup, and its rows are not counted.

    `optional`: where no such file is given, the lookup is there and empty. `deleted` (SQL): rows that are deleted at the
    source; they are set aside, and what was loaded of them is removed."""

    match: str | list[str] = "*"
    optional: bool = False
    deleted: str | None = None
    lookup: str | None = Field(default=None, pattern=r"^[a-z_][a-z0-9_]*$")
    file: FileLayout = Field(default_factory=FileLayout)
    accept: dict[str, Accept] = Field(default_factory=dict)
    derive: dict[str, str] = Field(default_factory=dict)
    set_aside: list[Rule] = Field(default_factory=list)
    tables: list[TableSpec] = Field(default_factory=list)

    @model_validator(mode="after")
    def _of_use(self) -> Part:
        if not self.tables and not self.lookup:
            raise ValueError("give `tables` that it feeds, or the name under which it is a `lookup`")
        return self

    def fits(self, name: str) -> bool:
        """Whether a file (or a database's table) of this name is meant; case-blind, with or without .gz and folders before it."""
        name = name.rsplit("/", maxsplit=1)[-1]
        names = (name.casefold(), name.casefold().removesuffix(".gz"))
        return any(fnmatch.fnmatchcase(n, p.casefold()) for n in names for p in self.patterns)

    @property
    def patterns(self) -> list[str]:
        """The names that are meant, `*` for any text."""
        return [self.match] if isinstance(self.match, str) else self.match

    @property
    def named(self) -> str:
        """The same for people."""
        return ", ".join(self.patterns)


class Mapping(_Strict):
    """A whole mapping: `tables` for one kind of file, or `files` for several. `settings` are facts about the source
    (currency, service_population, unrecorded_statuses …); `deep`: a folder is read with the folders in it."""

    name: str
    deep: bool = False
    title: str = ""
    description: str = ""
    zone: str | None = None
    file: FileLayout = Field(default_factory=FileLayout)
    accept: dict[str, Accept] = Field(default_factory=dict)
    derive: dict[str, str] = Field(default_factory=dict)
    set_aside: list[Rule] = Field(default_factory=list)
    deleted: str | None = None
    tables: list[TableSpec] = Field(default_factory=list)
    files: list[Part] = Field(default_factory=list)
    settings: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one_way(self) -> Mapping:
        if bool(self.tables) == bool(self.files):
            raise ValueError("give `tables` (one kind of file) or `files` (several), and not both")
        if self.files and (self.accept or self.derive or self.set_aside or self.deleted or self.file != FileLayout()):
            raise ValueError("`file`, `accept`, `derive`, `set_aside` and `deleted` belong into the parts of `files`")
        return self

    @property
    def parts(self) -> list[Part]:
        """The parts, one that fits every file where the mapping has none."""
        whole = Part.model_construct(
            match="*",
            lookup=None,
            optional=False,
            deleted=self.deleted,
            file=self.file,
            accept=self.accept,
            derive=self.derive,
            set_aside=self.set_aside,
            tables=self.tables,
        )
        return self.files or [whole]


@dataclass(frozen=True)
class Canonical:
    """The mapping of files that are named after the tables and carry the schema's own columns."""

    name: str = CANONICAL
    title: str = "Files, or a folder of files, named after the tables, with the schema's own columns"
    zone: str | None = None

    def part(self, name: str, columns: Sequence[str]) -> Part:
        """The identity mapping of one file. Fails: BadInput where the name is no table or no column fits."""
        stem = name.split(".", maxsplit=1)[0]
        if stem not in TABLES:
            raise BadInput(f"{name} is not named after a table.", f"Tables: {', '.join(TABLES)}.", code="no_table")
        known = [c for c in columns if c in TABLES[stem].names]
        needed = [c.name for c in TABLES[stem].columns if c.required and c.name not in known]
        if needed:
            raise BadInput(
                f"{name} lacks the column `{needed[0]}`.", f"`{stem}` needs: {', '.join(needed)}.", code="missing_column"
            )
        spec = TableSpec(table=stem, columns={c: Value(column=c) for c in known})
        return Part(match=name, tables=[spec])


def load_mapping(name: str | Path) -> Mapping | Canonical:
    """A shipped mapping by name, or one from a YAML file. Fails: UnknownName; BadInput naming file, field and fix."""
    if str(name) == CANONICAL:
        return Canonical()
    path = Path(name)
    if not (path.suffix in (".yaml", ".yml") and path.is_file()):
        path = SHIPPED / f"{name}.yaml"
    if not path.is_file():
        known = ", ".join(m.name for m in list_mappings())
        raise UnknownName(f"There is no mapping `{name}`.", f"Shipped: {known}; or give a YAML file.")
    try:
        return Mapping(**(yaml.safe_load(path.read_text(encoding="utf-8")) or {}))
    except (yaml.YAMLError, UnicodeDecodeError, TypeError) as err:
        raise BadInput(
            f"{path.name} is not YAML: {' '.join(str(err).split())}.", "Mend that line.", code="bad_mapping"
        ) from err
    except ValidationError as err:
        raise BadInput(f"{path.name}: {first_wrong(err, 'mapping')}", "Mend that field.", code="bad_mapping") from err


def list_mappings() -> list[Mapping | Canonical]:
    """The shipped mappings, by name."""
    shipped: list[Mapping | Canonical] = [load_mapping(p.stem) for p in sorted(SHIPPED.glob("*.yaml"))]
    return [Canonical(), *shipped]


def mapping_text(name: str) -> str:
    """A mapping's YAML. Fails: as `load_mapping`."""
    mapping = load_mapping(name)
    path = SHIPPED / f"{name}.yaml"
    if isinstance(mapping, Canonical):
        return f"# {mapping.title}; no YAML is needed."
    return (path if path.is_file() else Path(name)).read_text(encoding="utf-8")

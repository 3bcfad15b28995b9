"""Mappings: how a source's files become canonical tables, as YAML that a company can write itself.

Expressions are SQL over the file's columns (all text; DuckDB's functions), run in a session of their own. The order is:
`accept` renames, `derive` adds or replaces columns, `set_aside` names rows that are no data, `tables` take the rest.

A source of several kinds of files has `files`: parts that each say which files they are for (`match`) and what to do with
them. A part with `lookup: name` is at hand in the expressions of the other parts as a table of that name; there, `this` is the row at hand."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

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
    """One target column: a source `column` (with `map` of values, date `format`, or the sign before `decimal` places), SQL, or
    a constant `value`. `only_new`: it fills rows that are new, and never changes what is known of a row."""

    column: str | None = None
    sql: str | None = None
    value: str | int | float | bool | None = None
    map: dict[str, str] | None = None
    otherwise: str | None = None
    format: str | list[str] | None = None
    scope: str = ""
    decimal: Literal[".", ","] | None = None
    only_new: bool = False

    @model_validator(mode="after")
    def _one_source(self) -> Value:
        if sum(x is not None for x in (self.column, self.sql, self.value)) != 1:
            raise ValueError("give exactly one of `column`, `sql`, `value`")
        return self


class Accept(_Strict):
    """Header names (case-blind, best first) under which a column may come; a missing optional one is null. `like`: a column of
    ours (`feedback.text`) whose names in other systems and languages will do too. `asks`: a question of a survey, known by what
    it asks where it has none of the names; its answers come as points or texts."""

    names: list[str] = Field(default_factory=list)
    like: str | None = None
    required: bool = False
    asks: Literal["nps", "satisfaction", "effort", "comment", "time"] | None = None


class Rule(_Strict):
    """Rows for which `when` (SQL) holds are set aside under `name`; the first rule that fits decides."""

    name: str
    when: str


class TableSpec(_Strict):
    """One canonical table fed by the file. `per` groups rows (plain columns then take the group's first value). `own` (SQL): the
    source's own id of the row, where its key is another: rows of one key and other own ids are different things."""

    table: str
    where: str | None = None
    per: list[str] = Field(default_factory=list)
    own: str | None = None
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
    names JSON fields that stay JSON text; `each` lists in JSON records of which every entry is a row (with `_list`, its list). Of a database, `table` or `query` says what is read; with `incremental`, a column
    that never falls, only rows that are not below what was seen of it before."""

    encoding: str = "utf-8"
    delimiter: str | None = None
    header: list[str] = Field(default_factory=list)
    blanks: bool = False
    sheet: str | None = None
    keep: list[str] = Field(default_factory=list)
    each: list[str] = Field(default_factory=list)
    table: str | None = None
    query: str | None = None
    incremental: str | None = None

    def layout(self) -> Layout:
        return Layout(
            self.encoding, self.delimiter, tuple(self.header), self.blanks, self.sheet, tuple(self.keep), tuple(self.each)
        )


class Part(_Strict):
    """What is done with one kind of file. Without `tables` it only serves as a lookup, and its rows are not counted.

    `optional`: where no such file is given, the lookup is there and empty. `deleted` (SQL): rows that are deleted at the
    source; they are set aside, and what was loaded of them is removed. `tell`: what is to be said of the file, each an
    aggregate (SQL) over the rows that are not set aside, null where there is nothing to say."""

    match: str | list[str] = "*"
    optional: bool = False
    deleted: str | None = None
    tell: list[str] = Field(default_factory=list)
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


class Option(_Strict):
    """One answer to a question: what it gives, and the columns that it derives."""

    gives: str = ""
    derive: dict[str, str] = Field(default_factory=dict)


class Question(_Strict):
    """What only a person can tell of a file; nothing is imported until `answer` names one of the `options`."""

    ask: str
    answer: str | None = None
    options: dict[str, Option] = Field(min_length=2)

    @model_validator(mode="after")
    def _known(self) -> Question:
        if self.answer is not None and self.answer not in self.options:
            raise ValueError(f"`{self.answer}` is no answer; say one of: {', '.join(self.options)}")
        return self


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
    tell: list[str] = Field(default_factory=list)
    tables: list[TableSpec] = Field(default_factory=list)
    files: list[Part] = Field(default_factory=list)
    settings: dict[str, Any] = Field(default_factory=dict)
    questions: dict[str, Question] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one_way(self) -> Mapping:
        if bool(self.tables) == bool(self.files):
            raise ValueError("give `tables` (one kind of file) or `files` (several), and not both")
        if self.files and (
            self.accept
            or self.derive
            or self.set_aside
            or self.deleted
            or self.tell
            or self.questions
            or self.file != FileLayout()
        ):
            raise ValueError(
                "`file`, `accept`, `derive`, `set_aside`, `deleted`, `tell` and `questions` belong to a mapping of one kind of file, or into the parts of `files`"
            )
        return self

    def answered(self) -> None:
        """Fails: BadInput (`open_question`) with every question that is still open, its answers and what each gives."""
        still = {n: q for n, q in self.questions.items() if q.answer is None}
        if still:
            said = " ".join(f"{q.ask} {'; '.join(f'`{o}`: {v.gives}' for o, v in q.options.items())}." for q in still.values())
            where = ", ".join(f"`{n}`" for n in still)
            raise BadInput(
                f"The mapping leaves a question open. {said}",
                f"Write the `answer` of {where} into the mapping, or suggest it anew with `--answer {next(iter(still))}=…`.",
                code="open_question",
            )

    @property
    def parts(self) -> list[Part]:
        """The parts, one that fits every file where the mapping has none."""
        whole = Part.model_construct(
            match="*",
            lookup=None,
            optional=False,
            deleted=self.deleted,
            tell=self.tell,
            file=self.file,
            accept=self.accept,
            derive=self.derive
            | {n: s for q in self.questions.values() if q.answer for n, s in q.options[q.answer].derive.items()},
            set_aside=self.set_aside,
            tables=self.tables,
        )
        return self.files or [whole]


def scoped(part: Part, scope: str) -> Part:
    """The part with `scope` before every id that its tables get: the ids of one shop or system among several."""
    if not scope:
        return part
    tables = [
        t.model_copy(
            update={"columns": {c: v.model_copy(update={"scope": scope}) if _is_id(c) else v for c, v in t.columns.items()}}
        )
        for t in part.tables
    ]
    return part.model_copy(update={"tables": tables})


def _is_id(column: str) -> bool:
    return column.endswith("_id") and column not in ("case_id", "external_id")


def uses(part: Part, column: str) -> bool:
    """Whether a part of a mapping reads the file's column of that name."""
    named = {n.casefold() for a in part.accept.values() for n in a.names}
    if any(a.like for a in part.accept.values()):
        return True  # which column it is only its values and names tell
    named |= {v.column.casefold() for t in part.tables for v in t.columns.values() if v.column}
    sql = [
        *part.derive.values(),
        *(v.sql or "" for t in part.tables for v in t.columns.values()),
        *(r.when for r in part.set_aside),
    ]
    quoted = re.compile(rf'"{re.escape(column)}"|(?<![\w.]){re.escape(column)}(?!\w)', re.IGNORECASE)
    return column.casefold() in named or any(quoted.search(s) for s in sql)


@dataclass(frozen=True)
class Canonical:
    """The mapping of files that are named after the tables and carry the schema's own columns."""

    name: str = CANONICAL
    title: str = "Files, or a folder of files, named after the tables, with the schema's own columns"
    zone: str | None = None

    def part(self, name: str, columns: Sequence[str], loaded: Collection[str] = ()) -> Part:
        """The identity mapping of one file. Fails: BadInput where the name is no table or a column that has to be there is not;
        of a table that is `loaded` already its key is enough, since what a file says nothing about stays."""
        stem = name.split(".", maxsplit=1)[0]
        if stem not in TABLES:
            raise BadInput(f"{name} is not named after a table.", f"Tables: {', '.join(TABLES)}.", code="no_table")
        known = [c for c in columns if c in TABLES[stem].names]
        table = TABLES[stem]
        must = [c.name for c in table.columns if c.required and (stem not in loaded or c.name in table.key)]
        needed = [f"`{c}`" for c in must if c not in known]
        if needed:
            raise BadInput(
                f"{name} lacks the column{'s' if len(needed) > 1 else ''} {', '.join(needed)}.",
                f"`{stem}` needs: {', '.join(must)}; the file has: {', '.join(c for c in columns if not c.startswith('_'))}.",
                code="missing_column",
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

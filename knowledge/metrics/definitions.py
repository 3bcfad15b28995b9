"""Reads what a company adds to the catalogue: `metrics.yaml` in its workspace, checked when it is built.

dimensions:
  handling: {formula: "CASE WHEN orders.channel = 'edi' THEN 'automatic' ELSE 'by hand' END", said: [order handling]}
metrics:
  express_share:
    label: Express share
    definition: Orders that were promised within two days, of all orders.
    formula: COUNT(orders.*) FILTER (WHERE …) / COUNT(orders.*)
    unit: share
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from sqlglot import exp

from knowledge.access import COMMERCIAL
from knowledge.declared import first_wrong
from knowledge.errors import BadInput, RapportError
from knowledge.metrics import formulas
from knowledge.metrics.formulas import TABLES_OVER
from knowledge.metrics.own import NOTHING, Own, OwnDimension, Source
from knowledge.metrics.registry import GROUPS, Component, Metric
from knowledge.records import Direction, Right
from knowledge.schema import TABLES
from knowledge.snapshot import Snapshot

if TYPE_CHECKING:
    from knowledge.entities.model import Attribute

FILE = "metrics.yaml"
FACT = "own_metrics"
SOURCE = "this company's own"
NAME = r"^[a-z][a-z0-9_]*$"
Unit = Literal["money", "count", "qty", "share", "days", "hours", "ratio", "scale"]
GROUP_OF = {"customers": "C", "orders": "O", "products": "P", "returns": "R", "interactions": "I", "feedback": "V"}


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Dimension(_Strict):
    formula: str | tuple[str, ...]
    said: tuple[str, ...] = ()

    @property
    def formulas(self) -> tuple[str, ...]:
        return (self.formula,) if isinstance(self.formula, str) else self.formula


class _Metric(_Strict):
    label: str = Field(min_length=1)
    definition: str = Field(min_length=1)
    formula: str
    unit: Unit
    said: tuple[str, ...] = ()
    better: Literal["higher", "lower", "neither"] = "neither"
    right: Right = "open"


class _Attribute(_Strict):
    formula: str
    label: str = ""
    said: tuple[str, ...] = ()
    right: Right = "open"


class _File(_Strict):
    metrics: dict[str, _Metric] = {}
    dimensions: dict[str, _Dimension] = {}
    attributes: dict[str, dict[str, _Attribute]] = {}
    words: dict[str, tuple[str, ...]] = {}
    pass_over: tuple[str, ...] = ()

    @field_validator("metrics", "dimensions")
    @classmethod
    def _names(cls, given: dict[str, Any]) -> dict[str, Any]:
        wrong = next((n for n in given if not re.match(NAME, n)), None)
        if wrong is not None:
            raise ValueError(f"`{wrong}` is no name; use small letters, digits and _")
        return given


def document(workspace: Path) -> dict[str, Any]:
    """What the workspace's `metrics.yaml` holds, checked; empty without one. Fails: BadInput naming the entry and what to mend."""
    path = workspace / FILE
    if not path.is_file():
        return {}
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (yaml.YAMLError, UnicodeDecodeError) as err:
        raise BadInput(f"{path} is not YAML: {' '.join(str(err).split())}.", "Mend that line.", code="bad_metrics") from err
    if not isinstance(raw, dict):
        raise BadInput(f"{path} must hold `metrics:` or `dimensions:`.", "See docs/own-metrics.md.", code="bad_metrics")
    read(raw, str(path))
    return raw


def of_snapshot(snapshot: Snapshot) -> Own:
    """What the company had added when the snapshot was built."""
    raw = snapshot.facts.get(FACT)
    return _known(json.dumps(raw, sort_keys=False)) if raw else NOTHING


@lru_cache(maxsize=32)
def _known(text: str) -> Own:
    return read(json.loads(text), FILE)


def read(raw: Mapping[str, Any], where: str) -> Own:
    """The metrics and dimensions that a document defines. Fails: BadInput (`bad_metrics`) with the entry's name."""
    try:
        file = _File(**raw)
    except TypeError as err:
        raise BadInput(f"{where}: names of entries must be texts.", "Mend that entry.", code="bad_metrics") from err
    except ValidationError as err:
        raise BadInput(f"{where}: {first_wrong(err)}", "Mend that entry.", code="bad_metrics") from err
    dimensions = {name: _named(f"{where}: dimension `{name}`", _dimension, name, d) for name, d in file.dimensions.items()}
    metrics: dict[str, Metric] = {}
    for name in file.metrics:
        _metric(name, file, dimensions, metrics, (), where)
    _no_clash(file, where)
    known = _attributes(file, where)
    return Own(metrics, dimensions, file.words, frozenset(file.pass_over), known)


def _attributes(file: _File, where: str) -> dict[str, dict[str, Attribute]]:
    """What the company knows of things beyond what everybody does, by entity and name."""
    from knowledge.entities.catalogue import shipped

    made: dict[str, dict[str, Attribute]] = {}
    for name, listed in file.attributes.items():
        if name not in shipped():
            raise BadInput(
                f"{where}: there is no kind of thing called `{name}`.",
                f"There are: {', '.join(shipped())}.",
                code="bad_metrics",
            )
        for attribute, given in listed.items():
            place = f"{where}: attribute `{name}.{attribute}`"
            if attribute in shipped()[name].attributes or not re.match(NAME, attribute):
                raise BadInput(
                    f"{place}: the name is taken, or no name.",
                    "Choose another, of small letters, digits and _.",
                    code="bad_metrics",
                )
            made.setdefault(name, {})[attribute] = _named(place, _attribute, attribute, given, shipped()[name].table)
    return made


def _attribute(name: str, given: _Attribute, table: str) -> Attribute:
    from knowledge.entities.model import Attribute

    node = formulas.parsed(given.formula)
    used = formulas.columns_in(node)
    if {t for t, _ in used} != {table}:
        raise BadInput(f"`{given.formula}` must be over `{table}` alone.", f"Write {table}.column.", code="bad_metrics")
    read = formulas.value(node, used)
    hidden = any(_commercial(t, c) for t, c in used)
    return Attribute(
        name, formulas.kind_of(node, used), given.label or name.replace("_", " "), read, given.said,
        needs=tuple(f"{t}.{c}" for t, c in used if c in TABLES[t].names), right="commercial" if hidden else given.right,
    )  # fmt: skip


def _named(place: str, make: Any, *given: Any) -> Any:
    """What `make` gives; its error says where in the file it was."""
    try:
        return make(*given)
    except RapportError as err:
        raise BadInput(f"{place}: {err.message}", err.hint, code="bad_metrics") from err


def _no_clash(file: _File, where: str) -> None:
    from knowledge.metrics import shipped

    taken = {*shipped(), *(d for group in GROUPS.values() for d in group), "day", "week", "month", "quarter", "year"}
    clash = next((n for n in (*file.metrics, *file.dimensions) if n in taken), None)
    if clash is None:
        clash = next((n for n in file.metrics if n in file.dimensions), None)
    if clash is not None:
        raise BadInput(f"{where}: the name `{clash}` is taken.", "Choose another; `rapport metrics` lists those there are.", code="bad_metrics")  # fmt: skip
    known = {*taken, *file.metrics, *file.dimensions}
    unknown = next((n for n in file.words if n not in known), None)
    if unknown is not None:
        raise BadInput(f"{where}: `words` names `{unknown}`, which is no metric or dimension.", "`rapport metrics` lists them.", code="bad_metrics")  # fmt: skip


def _dimension(name: str, given: _Dimension) -> OwnDimension:
    sources = []
    for text in given.formulas:
        node = formulas.parsed(text)
        used = formulas.columns_in(node)
        tables = tuple(dict.fromkeys(t for t, _ in used))
        if len(tables) != 1 or tables[0] not in (*TABLES_OVER, *GROUP_OF):
            raise BadInput(f"`{text}` must be over one table.", f"Tables: {', '.join(GROUP_OF)}.", code="bad_metrics")
        for table, column in used:
            if _commercial(table, column):
                raise BadInput(f"`{table}.{column}` is commercial and cannot cut figures.", "Use another column.", code="bad_metrics")  # fmt: skip
        sources.append(Source(tables[0], tuple(c for _, c in used), formulas.value(node, used)))
    groups = frozenset(GROUP_OF[s.table] for s in sources if s.table in GROUP_OF)
    return OwnDimension(name, given.said, tuple(sources), groups)


def _commercial(table: str, column: str) -> bool:
    hidden = COMMERCIAL.get(table, frozenset())
    return hidden is None or column in hidden


def _metric(
    name: str,
    file: _File,
    dimensions: Mapping[str, OwnDimension],
    made: dict[str, Metric],
    on_the_way: tuple[str, ...],
    where: str,
) -> Metric:
    """The metric, and before it those that its formula names."""
    if name in made:
        return made[name]
    if name in on_the_way:
        raise BadInput(f"{where}: `{name}` is defined by itself.", "Break the circle.", code="bad_metrics")

    def other(wanted: str) -> Metric:
        if wanted in file.metrics:
            return _metric(wanted, file, dimensions, made, (*on_the_way, name), where)
        from knowledge.metrics import find_shipped

        return find_shipped(wanted)

    made[name] = _named(f"{where}: metric `{name}`", _made, name, file.metrics[name], dimensions, other)
    return made[name]


def _made(name: str, given: _Metric, dimensions: Mapping[str, OwnDimension], other: Any) -> Metric:
    node = formulas.parsed(given.formula)
    reading = formulas.Reading()
    combine = formulas.combined(node, reading, other)
    parts = [other(n) for n in reading.named]
    if not reading.components:
        raise BadInput(f"`{given.formula}` counts nothing.", "Use SUM, AVG, COUNT … of a table's column.", code="bad_metrics")
    splits = [TABLES_OVER[t].split_by for t in reading.tables] + [tuple(p.dims.split()) for p in parts]
    groups = [g for g in splits[0] if all(g in s for s in splits)]
    dates = [TABLES_OVER[t].date for t in reading.tables] + [p.date for p in parts]
    timed = "snap" not in dates
    if timed and all(p.over_time for p in parts):
        groups += [] if "T" in groups else ["T"]
    else:
        groups = [g for g in groups if g != "T"]
    reach = [
        {d.name for d in dimensions.values() if any(s.table in TABLES_OVER[t].reaches for s in d.sources)}
        for t in reading.tables
    ]
    reach += [set(p.own_dimensions) | {d.name for d in dimensions.values() if d.groups & set(p.dims.split())} for p in parts]
    hidden = any(_commercial(t, c) for t, c in reading.columns)
    rights: set[Right] = {given.right, *(p.sensitivity for p in parts), "commercial" if hidden else "open"}
    first = next(iter(reading.components.values()))
    components = {**reading.components, "rows": Component(first.base, "count", None, first.where)}
    better: dict[str, Direction] = {"higher": "up", "lower": "down", "neither": "none"}
    alone = [c.kind for c in reading.components.values()]
    return Metric(
        name=name,
        label=given.label,
        synonyms=given.said,
        unit=given.unit,
        definition=given.definition,
        formula=given.formula,
        dims=" ".join(groups),
        date=next((d for d in dates if d == "snap"), dates[0]),
        direction=better[given.better],
        components=components,
        combine=combine,
        needs=tuple(f"{t}.{c}" for t, c in reading.columns if c in TABLES[t].names) + tuple(n for p in parts for n in p.needs),
        rows="rows",
        sensitivity="personal" if "personal" in rights else "commercial" if "commercial" in rights else "open",
        additive=alone in (["sum"], ["count"]) and not isinstance(node, exp.Column),
        source=SOURCE,
        own_dimensions=tuple(d for d in dimensions if all(d in r for r in reach)),
        made_of=made_of(node),
    )


def made_of(node: exp.Expr) -> tuple[str, ...]:
    """What a formula of named metrics comes to: ("sum" or "ratio" or "difference", names …); empty for any other."""
    while isinstance(node, exp.Paren):
        node = node.this
    if isinstance(node, exp.Column) and not node.table:
        return ("sum", node.name)
    left, right = (made_of(p) if isinstance(p, exp.Expr) else () for p in (node.args.get("this"), node.args.get("expression")))
    if isinstance(node, exp.Add) and left[:1] == right[:1] == ("sum",):
        return (*left, *right[1:])
    for kind, said in ((exp.Div, "ratio"), (exp.Sub, "difference")):
        if isinstance(node, kind) and left[:1] == right[:1] == ("sum",) and len(left) == len(right) == 2:
            return (said, left[1], right[1])
    return ()

"""Proposes a mapping for an unknown file, from the names of its columns and from their values. A person reads it before use."""

from __future__ import annotations

from collections.abc import Mapping as Pairs
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from knowledge.errors import BadInput
from knowledge.guesses import Guess, named, score
from knowledge.profile import EMAIL, Profile, number, profile
from knowledge.readers import ROW, Layout, read
from knowledge.schema import TABLES
from knowledge.suggest_yaml import ASSUMED, write_mapping
from knowledge.synonyms import COLUMNS
from knowledge.tables import sql_session

LOOKED_AT = 5000
LEAST = 0.45
# what a file of that table may hold beside it: (table, the column that leads there)
BESIDE: dict[str, tuple[tuple[str, str], ...]] = {
    "order_lines": (("orders", "order_id"), ("customers", "customer_id"), ("products", "product_id")),
    "orders": (("customers", "customer_id"),),
    "contacts": (("customers", "customer_id"),),
    "feedback": (("customers", "customer_id"),),
    "returns": (("customers", "customer_id"), ("products", "product_id")),
    "interactions": (("customers", "customer_id"),),
    "invoices": (("customers", "customer_id"),),
    "opportunities": (("customers", "customer_id"),),
    "inventory": (("products", "product_id"),),
}


@dataclass(frozen=True)
class Suggestion:
    """A proposed mapping: `columns` says of every column of the file what it is taken for; `missing` which required columns
    were not found; `assumed` what is put in their place; `yaml` is what `load_mapping` accepts."""

    file: str
    table: str
    tables: tuple[str, ...]
    columns: tuple[Guess, ...]
    missing: tuple[str, ...]
    assumed: tuple[str, ...]
    confidence: float
    yaml: str

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class _Plan:
    """One reading of the file: the main table, and what each table takes from which column."""

    table: str
    taken: Pairs[str, tuple[Guess, ...]]
    worth: float


def suggest(path: Path) -> Suggestion:
    """Proposes a mapping. Fails: BadInput where the file cannot be read, or looks like none of the tables."""
    table, layout = _read(path)
    seen = {n: profile(table[n].slice(0, LOOKED_AT).to_pylist()) for n in table.column_names if n != ROW}
    plans = [_plan(t, seen, path.name) for t in COLUMNS]
    best = max(plans, key=lambda p: p.worth)
    if not any(best.taken.values()):
        raise BadInput(
            f"{path.name} looks like none of the tables; its columns are {', '.join(list(seen)[:12])}.",
            "Write a mapping by hand; `rapport mapping show online-retail` is an example.",
            code="no_table",
        )
    text, missing, assumed = write_mapping(path.name, layout, best.table, best.taken, seen)
    found: dict[str, Guess] = {}
    for guesses in best.taken.values():
        for guess in guesses:
            kept = found.get(guess.column)
            targets = guess.target if kept is None else f"{kept.target}, {guess.target}"
            found[guess.column] = replace(guess if kept is None or guess.confidence > kept.confidence else kept, target=targets)
    columns = tuple(found.get(n) or Guess(n, None, 0.0, "nothing fits; left out") for n in seen)
    sure = [g.confidence for g in best.taken[best.table]]
    confidence = round(sum(sure) / max(len(sure) + 2 * len(missing), 1), 3)
    return Suggestion(path.name, best.table, tuple(best.taken), columns, missing, assumed, confidence, text)


def _read(path: Path) -> tuple[pa.Table, Layout]:
    layout = Layout()
    try:
        table = read(sql_session(), path, layout)
    except BadInput as err:
        if err.code != "encoding":
            raise
        from charset_normalizer import from_bytes

        guessed = from_bytes(path.read_bytes()[:200_000]).best()
        western = guessed is None or guessed.encoding in (
            "cp1250",
            "cp1252",
            "latin_1",
            "iso8859_1",
            "cp1257",
            "cp1258",
            "mac_roman",
        )
        layout = Layout(encoding="cp1252" if western or guessed is None else guessed.encoding)
        table = read(sql_session(), path, layout)
    names = [n for n in table.column_names if n != ROW]
    if len(names) > 1 and sum(number(n, "plain") is not None or bool(EMAIL.match(n)) for n in names) >= len(names) / 3:
        layout = replace(layout, header=tuple(f"column_{i}" for i in range(1, len(names) + 1)))  # its first line is data
        table = read(sql_session(), path, layout)
    return table, layout


def _plan(table: str, seen: Pairs[str, Profile], file: str) -> _Plan:
    taken: dict[str, tuple[Guess, ...]] = {table: _assign(table, seen, {})}
    used = {g.column for g in taken[table]}
    for other, link in BESIDE.get(table, ()):
        leads = next((g for gs in taken.values() for g in gs if g.field == link), None)
        free = {n: p for n, p in seen.items() if n not in used}
        if leads is None:
            continue
        key = Guess(leads.column, f"{other}.{link}", leads.confidence, leads.why)
        guesses = _assign(other, free, {link: key}, least=0.6)
        if other == "orders" and not {"customer_id", "ordered_at"} <= {g.field for g in guesses}:
            continue  # a file of lines alone; its orders come from another one
        taken[other] = guesses
        used |= {g.column for g in guesses}
    worth = sum(max(g.confidence for gs in taken.values() for g in gs if g.column == c) for c in used)
    needed = [(t, c) for t in taken for c in TABLES[t].columns if c.required and f"{t}.{c.name}" not in ASSUMED]
    worth -= 0.8 * sum(1 for t, c in needed if all(g.field != c.name for g in taken.get(t, ())))
    if table == "feedback" and not {"text", "rating", "nps"} & {g.field for g in taken[table]}:
        worth -= 1.6  # a comment without anything said
    worth -= 0.05 * len(taken)
    key_guess = next((g for g in taken[table] if g.field == TABLES[table].key[0]), None)
    if key_guess is not None and len(TABLES[table].key) == 1:
        worth += 0.4 if seen[key_guess.column].unique > 0.99 else -1.0
    elif key_guess is not None and table == "order_lines":
        worth += 0.4 if seen[key_guess.column].unique < 0.95 else -0.6
    else:
        worth -= 0.3
    if named(file, table):
        worth += 1.0
    return _Plan(table, taken, worth if taken[table] else -99.0)


def _assign(table: str, seen: Pairs[str, Profile], given: Pairs[str, Guess], least: float = LEAST) -> tuple[Guess, ...]:
    """The best pairs of column and target first; each column and each target once."""
    found = [
        g
        for field in COLUMNS[table]
        if field not in given
        for name, values in seen.items()
        if (g := score(table, field, name, values)).confidence >= least
    ]
    taken: dict[str, Guess] = dict(given)
    columns = {g.column for g in given.values()}
    for guess in sorted(found, key=lambda g: -g.confidence):
        if guess.field not in taken and guess.column not in columns:
            taken[guess.field] = guess
            columns.add(guess.column)
    return tuple(taken[f] for f in (*COLUMNS[table], "_total") if f in taken)

"""A person leaves the records: ids become others, names and addresses go, and every row stays, so that figures stay what they were.

Three kinds of people: a `contact` at a customer, a `customer` who is a person, and a `colleague` (agent, account owner)."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pyarrow.parquet as pq

from knowledge.errors import UnknownName
from knowledge.schema import TABLES
from knowledge.tables import Store

Kind = Literal["contact", "customer", "colleague"]
COLLEAGUE = (("interactions", "agent"), ("customers", "account_owner"), ("commitments", "owner"))
TEXTS = {
    "customers": ("name",), "interactions": ("subject", "text"), "feedback": ("text",), "commitments": ("text",), "contracts": ("notes",),
    "opportunities": ("name",), "documents": ("title", "text"),
}  # fmt: skip
NAME, ADDRESS, ROLE = "[name]", "[e-mail]", "[role]"
MASKED = {"name": NAME, "role": ROLE, "email": ADDRESS}
"""Of a contact: what was filled stays filled, since figures tell how much is known of customers."""
FULL = re.compile(r"\S+\s+\S+")
TELLING = re.compile(r"^(?=.*[^\W\d_]).{4,}$")
"""Ids that are no mere number or short code."""


@dataclass(frozen=True)
class Person:
    """Who is to go: by column what each of their ids becomes, and the `words` that tell of them with what stands there instead.

    A name of one word is looked for in texts of the same customer (`near`) only: elsewhere it may be anybody's. An id that could be
    any number is looked for in its columns only."""

    kind: Kind
    columns: Mapping[str, Mapping[str, str]]
    words: Mapping[str, str]
    near: Mapping[str, str]
    customer: str | None

    @property
    def ids(self) -> dict[str, str]:
        return {old: new for by in self.columns.values() for old, new in by.items()}

    @property
    def told(self) -> dict[str, str]:
        """Everything that must not be found any more, wherever it stands, and what stands there instead."""
        return {**{old: new for old, new in self.ids.items() if TELLING.search(old)}, **self.words}


def find(store: Store, kind: Kind, who: str) -> Person:
    """The person by id, name or address. Fails: UnknownName where nobody or more than one is meant."""
    if kind == "colleague":
        names = {v for t, c in COLLEAGUE if store.exists(t) for v in store.read(t, columns=[c])[c].to_pylist() if v}
        found = [n for n in names if n.casefold() == who.casefold()]
        if len(found) != 1:
            raise UnknownName(f"No colleague is called `{who}` in the records.", "Give the name as the records have it.")
        become = {found[0]: f"former colleague {_token()}"}
        words = {found[0]: NAME} if FULL.search(found[0]) else {}
        return Person(kind, {c: become for _, c in COLLEAGUE}, words, {}, None)
    table, key = ("contacts", "contact_id") if kind == "contact" else ("customers", "customer_id")
    rows = store.read(table).to_pylist() if store.exists(table) else []
    same = [r for r in rows if who == r[key]] or [
        r for r in rows if who.casefold() in {str(r.get(c)).casefold() for c in ("name", "email")}
    ]
    if len(same) != 1:
        ids = ", ".join(str(r[key]) for r in same[:5])
        raise UnknownName(
            f"{len(same) or 'No'} {kind}s are meant by `{who}`.", f"Give one id: {ids}." if same else "Give an id."
        )
    row = same[0]
    people = [row] if kind == "contact" else [row, *_contacts(store, row[key])]
    columns = {"contact_id": {str(p["contact_id"]): f"erased-{_token()}" for p in people if p.get("contact_id")}}
    if kind == "customer":
        become = {str(row[key]): f"erased-{_token()}"}
        columns |= dict.fromkeys(("customer_id", "parent_id", "member"), become) | {"external_id": _aliases(store, row[key])}
    called = {str(p["name"]): NAME for p in people if p.get("name")}
    addresses = {str(p["email"]): ADDRESS for p in people if p.get("email")}
    return Person(
        kind, columns, {n: m for n, m in called.items() if FULL.search(n)} | addresses, {n: m for n, m in called.items() if not FULL.search(n)},
        row["customer_id"],
    )  # fmt: skip


def erase(store: Store, person: Person) -> dict[str, int]:
    """Writes every imported table in which the person stands anew; gives the cells that were changed, by table."""
    changed = {}
    for name in TABLES:
        if store.exists(name):
            rows = store.read(name)
            made, cells = erased(name, rows, person)
            if cells:
                store.replace(name, made)
                changed[name] = cells
    return changed


def erased(name: str, rows: pa.Table, person: Person) -> tuple[pa.Table, int]:
    """The rows of a table without the person, in the same order, and how many cells are others."""
    told = {f.name: rows[f.name].to_pylist() for f in rows.schema if pa.types.is_string(f.type)}
    before = {c: list(v) for c, v in told.items()}
    mine = [v == person.customer for v in told.get("customer_id", [])] or [False] * rows.num_rows
    key = f"{person.kind}_id"
    those = [v in person.columns.get(key, {}) for v in told.get(key, [])] or [False] * rows.num_rows
    everywhere, close = _pattern(person.words), _pattern({**person.words, **person.near})
    if name == "customers":  # whoever else has that name keeps it
        everywhere = None
    for column in TEXTS.get(name, ()):
        if column in told:
            told[column] = [
                _without(v, close if own else everywhere, person) for v, own in zip(told[column], mine, strict=True)
            ]
    for column, mask in MASKED.items() if name == "contacts" else ():
        told[column] = [mask if own and v else v for v, own in zip(told[column], those, strict=True)]
    for row in [n for n, own in enumerate(those) if own]:
        if name == "customers":
            told["name"][row] = f"Erased customer {person.columns[key][before[key][row]].removeprefix('erased-')}"
    for column, values in told.items():
        become = person.columns.get(column, {})
        if become and (person.kind != "colleague" or (name, column) in COLLEAGUE):
            values[:] = [become.get(v, v) if v is not None else None for v in values]
    cells = sum(a != b for c in told for a, b in zip(told[c], before[c], strict=True))
    for column, values in told.items():
        place = rows.schema.get_field_index(column)
        rows = rows.set_column(place, rows.schema.field(place), pa.array(values, rows.schema.field(place).type))
    return rows, cells


def without(text: str, person: Person) -> str:
    """A text that stands outside of the tables, without the person."""
    found = _pattern(person.told)
    return found.sub(lambda m: _instead(m[0], person.told), text) if found else text


def forget_rows(folder: Path, person: Person) -> int:
    """Removes the rows of the quarantine, and of what it looks up, in which the person stands; gives how many."""
    found, gone = _pattern(person.told), 0
    if found is None:
        return 0
    for file in sorted(folder.rglob("*.parquet")):
        rows = pq.read_table(file)
        texts = [rows[f.name].to_pylist() for f in rows.schema if pa.types.is_string(f.type)]
        kept = [not any(v and found.search(v) for v in row) for row in zip(*texts, strict=True)] if texts else []
        if all(kept):
            continue
        gone += kept.count(False)
        if any(kept):
            temporary = file.with_suffix(".new")
            pq.write_table(rows.filter(pa.array(kept)), temporary)
            temporary.replace(file)
        else:
            file.unlink()
    return gone


def left(folder: Path, person: Person) -> list[str]:
    """The files below the folder in which the person still stands: tables are read cell by cell, others as they are."""
    words, found = _pattern(person.told), []
    raw = [form.encode() for w in person.told for form in (w, json.dumps(w)[1:-1])]
    for file in sorted(p for p in folder.rglob("*") if p.is_file()):
        if file.suffix == ".parquet":
            rows = pq.read_table(file)
            values = {f.name: rows[f.name].unique().to_pylist() for f in rows.schema if pa.types.is_string(f.type)}
            there = any(words.search(v) for told in values.values() for v in told if v) if words else False
            there |= any(set(values.get(c, ())) & set(by) for c, by in person.columns.items())
        else:
            content = file.read_bytes()
            there = any(w in content for w in raw)
        if there:
            found.append(file.relative_to(folder).as_posix())
    return found


def digest(salt: str, word: str) -> str:
    """What is kept of an id or an address, so that it is known when a source brings it again."""
    return hmac.new(salt.encode(), word.casefold().encode(), hashlib.sha256).hexdigest()


def come_again(store: Store, salt: str, digests: Mapping[str, str]) -> list[Person]:
    """People who were erased and stand in the tables again. `digests` gives the kind for each."""
    found = []
    known: tuple[tuple[Kind, str, tuple[str, ...]], ...] = (
        ("contact", "contacts", ("contact_id", "email")),
        ("customer", "customers", ("customer_id",)),
    )
    for kind, table, columns in known:
        if kind in digests.values() and store.exists(table):
            rows = store.read(table, columns=list(columns)).to_pylist()
            again = [r for r in rows if any(digests.get(digest(salt, r[c])) == kind for c in columns if r[c])]
            found += [find(store, kind, row[columns[0]]) for row in again]
    if "colleague" in digests.values():
        names = {v for t, c in COLLEAGUE if store.exists(t) for v in store.read(t, columns=[c])[c].to_pylist() if v}
        found += [find(store, "colleague", n) for n in sorted(names) if digests.get(digest(salt, n)) == "colleague"]
    return found


def _contacts(store: Store, customer: str) -> list[dict[str, Any]]:
    rows = store.read("contacts").to_pylist() if store.exists("contacts") else []
    return [r for r in rows if r["customer_id"] == customer]


def _aliases(store: Store, customer: str) -> dict[str, str]:
    rows = store.read("customer_aliases").to_pylist() if store.exists("customer_aliases") else []
    return {str(r["external_id"]): f"erased-{_token()}" for r in rows if r["customer_id"] == customer}


def _token() -> str:
    return secrets.token_hex(6)


def _pattern(words: Iterable[str]) -> re.Pattern[str] | None:
    """Any of the words, whole, in any case; blanks between the parts of a name may be any."""
    parts = [r"\s+".join(map(re.escape, w.split())) for w in sorted(words, key=len, reverse=True) if w.strip()]
    return re.compile(rf"(?<![\w@])(?:{'|'.join(parts)})(?![\w@])", re.IGNORECASE) if parts else None


def _without(text: str | None, found: re.Pattern[str] | None, person: Person) -> str | None:
    if not text or found is None:
        return text
    return found.sub(lambda m: _instead(m[0], {**person.words, **person.near}), text)


def _instead(said: str, parts: Mapping[str, str]) -> str:
    plain = " ".join(said.split()).casefold()
    return next(m for w, m in parts.items() if " ".join(w.split()).casefold() == plain)

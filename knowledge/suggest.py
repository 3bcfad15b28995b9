"""Proposes a mapping for an unknown file, from the names of its columns and from their values. A person reads it before use."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from collections.abc import Mapping as Pairs
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from knowledge import footers, suggest_keys, suggest_money, suggest_parts, survey
from knowledge.conventions import order_of_rows, order_of_weekdays
from knowledge.dates import AHEAD, BUDDHA, is_period
from knowledge.errors import BadInput
from knowledge.guesses import AS_SAID, Guess, score
from knowledge.headers import NUMBER_LIKE
from knowledge.mapping import Accept
from knowledge.nearest import Meaning, nearest
from knowledge.profile import EMAIL, Profile, of_file, profile
from knowledge.readers import ROW, Layout, look
from knowledge.staging import without
from knowledge.suggest_doubts import doubts, unsure
from knowledge.suggest_plan import Plan, numbered, paired, plan
from knowledge.suggest_shipped import made_for
from knowledge.suggest_yaml import write_mapping
from knowledge.synonyms import COLUMNS
from knowledge.systems import SURE, in_context
from knowledge.tables import sql_session

OWN_ID = 0.9
"""From this share of different values on, a column may be its rows' own id."""
LISTED, LOOKED_AT = 0.5, 200
"""How sure the fields of a list in JSON records are an order's line, and how many records are looked at for it."""
QUESTION = 4
"""Words from which on a column's name is a question."""


@dataclass(frozen=True)
class Asked:
    """A question that only a person can answer: its name, the options with what each gives, and the answer where there is one."""

    name: str
    ask: str
    options: tuple[tuple[str, str], ...]
    answer: str | None = None


@dataclass(frozen=True)
class Suggestion:
    """A proposed mapping: `columns` says of every column of the file what it is taken for; `missing` which required columns
    were not found; `assumed` what is put in their place; `left` the columns that were not understood; `yaml` is what
    `load_mapping` accepts, once its questions are answered."""

    file: str
    table: str
    tables: tuple[str, ...]
    columns: tuple[Guess, ...]
    missing: tuple[str, ...]
    assumed: tuple[str, ...]
    confidence: float
    yaml: str
    questions: tuple[Asked, ...] = ()
    notes: tuple[str, ...] = ()
    left: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def suggest(
    path: Path, meaning: Meaning | None = None, answers: Pairs[str, str] | None = None, told: Pairs[str, str] | None = None
) -> Suggestion:
    """Proposes a mapping, deciding over all rows of the file; `meaning` gives vectors of words for names that are in no list,
    `answers` are a person's to its questions, `told` what a person says columns are (`table.field`, or empty: left out).
    Fails: BadInput where the file cannot be read, or looks like none of the tables."""
    table, layout, notes = _read(path)
    counts = {n: _counts(table[n]) for n in table.column_names if n != ROW}
    seen, whole = of_file(counts)
    seen, said = _by_rows(table, seen)
    notes = (*notes, *(f"{n!r}: {why}" for n, why in {**whole.because, **said}.items()))
    notes = (*notes, *_eras(seen))
    seen = _repeated(table, seen)
    near = {
        **(nearest(list(seen), meaning) if meaning else {}),
        **paired(seen),
        **numbered(seen),
        **in_context(list(seen)),
        **_asked(table, meaning),
        **_elsewhere(list(seen), layout.each),
        **_as_told(told or {}),
    }
    _no_cross_table(path.name, seen)
    plans = [plan(t, seen, path.name, near) for t in COLUMNS]
    best = max(plans, key=lambda p: (_heeded(p, told or {}), p.worth))
    if not any(best.taken.values()):
        raise BadInput(
            f"{path.name} looks like none of the tables; its columns are {', '.join(list(seen)[:12])}.",
            "Write a mapping by hand; `rapport mapping show online-retail` is an example.",
            code="no_table",
        )
    if shipped := made_for(path.name, list(seen)):
        notes = (shipped, *notes)
    if best.lacks:
        notes = (*notes, _lines_alone(best.lacks))
    if best.lacks and (above := _rows_above(table)):
        notes = (*notes, above)
    tell = [_lines_alone(best.lacks)] if best.lacks else []
    best, own = _of_same_table(table, best)
    notes = (*notes, *own)
    lines = {g.field: g for g in best.taken.get("order_lines", ())}
    table, continued = _continued(table, best)
    if continued:
        notes = (*notes, f"rows without {continued[0]!r} continue the order above: {', '.join(continued)} are filled down")
    used = {g.column for gs in best.taken.values() for g in gs}
    keys = suggest_keys.apart(table, best.taken, [n for n in seen if n not in used])
    keys = suggest_keys.in_thousands(suggest_keys.one_form(keys, best.taken), best.taken, seen)
    table, notes = keys.table, (*notes, *keys.said)
    no_sales = suggest_parts.aside(table, best.taken, seen)
    table, notes = no_sales.table, (*notes, *no_sales.said)
    tell += _amounts_alone(best, seen, used)
    notes = (*notes, *tell[bool(best.lacks) :])
    money = suggest_money.write(table, lines, seen) if lines else None
    left = {n: ", ".join(p.distinct[:3])[:80] or "empty" for n, p in seen.items() if n not in used and not no_sales.reads(n)}
    written = write_mapping(
        path.name,
        layout,
        best.table,
        best.taken,
        seen,
        money,
        doubts(table, best, seen),
        notes,
        answers or {},
        left,
        continued,
        {**keys.derive, **no_sales.derive},
        tell,
        no_sales.rules,
    )
    found: dict[str, Guess] = {}
    for guesses in best.taken.values():
        for guess in guesses:
            kept = found.get(guess.column)
            targets = guess.target if kept is None or guess.target == kept.target else f"{kept.target}, {guess.target}"
            found[guess.column] = replace(guess if kept is None or guess.confidence > kept.confidence else kept, target=targets)
    open_ = unsure(written.questions, money, lines, seen)
    found = {n: replace(g, confidence=min(g.confidence, open_.get(n, 1.0))) for n, g in found.items()}
    columns = tuple(found.get(n) or Guess(n, None, 0.0, "nothing fits; left out") for n in seen)
    sure = [found[g.column].confidence for g in best.taken[best.table]]
    confidence = round(sum(sure) / max(len(sure) + 2 * len(written.missing), 1), 3)
    questions = tuple(
        Asked(n, q["ask"], tuple((o, v["gives"]) for o, v in q["options"].items()), q["answer"])
        for n, q in written.questions.items()
    )
    return Suggestion(
        path.name,
        best.table,
        tuple(best.taken),
        columns,
        written.missing,
        written.assumed,
        confidence,
        written.yaml,
        questions,
        notes,
        tuple(left),
    )


def columns_of(path: Path) -> list[str]:
    """The names of the file's columns. Fails: BadInput where it cannot be read."""
    return [n for n in _read(path)[0].column_names if n != ROW]


FIELDS: dict[str, tuple[str, ...]] = {t: tuple(fields) for t, fields in COLUMNS.items()}
"""What a column can be taken for, by table."""


def _as_told(told: Pairs[str, str]) -> dict[tuple[str, str], float]:
    """What a person says of columns, as nearness: each is that field, and none other. Fails: BadInput for a field that there is not."""
    known = [f"{t}.{f}" for t, fields in FIELDS.items() for f in fields]
    wrong = next((target for target in told.values() if target and target not in known), None)
    if wrong is not None:
        raise BadInput(f"There is no field `{wrong}`.", f"Fields are such as {known[0]}.", code="no_field")
    return {(column, field): AS_SAID if _same(field, target) else -1.0 for column, target in told.items() for field in known}


def _heeded(plan: Plan, told: Pairs[str, str]) -> int:
    """Of how many columns the plan takes what a person says of them."""
    used = {g.column for guesses in plan.taken.values() for g in guesses}
    return sum(1 for column, target in told.items() if target and column in used)


def _same(field: str, other: str) -> bool:
    """Whether they are one field, or the same id in two tables: the order's number is its lines' too."""
    return field == other or (field.endswith("_id") and field.split(".")[1] == other.partition(".")[2])


def _no_cross_table(file: str, seen: dict[str, Profile]) -> None:
    """Fails: BadInput where months or other periods are columns: a table of sums, of which no row is an order."""
    periods = [n for n, p in seen.items() if is_period(n) and p.numbers > 0.5]
    if len(periods) > 1 and not any(p.dates > 0.9 for p in seen.values()):
        raise BadInput(
            f"{file} is a cross table: its periods are columns ({', '.join(periods[:4])}). What stands in it are sums; there are no orders and no dates in its rows.",
            "Export the orders themselves, a row each.",
            code="cross_table",
        )


def _repeated(table: pa.Table, seen: dict[str, Profile]) -> dict[str, Profile]:
    """Marks columns of which one value stands on rows that differ, too often to be the rows' own id: a person's, an order's."""
    open_ = [n for n, p in seen.items() if p.unique < OWN_ID and p.filled > OWN_ID]
    if not open_:
        return seen
    rows = table.select(list(seen)).group_by(list(seen)).aggregate([]).num_rows
    return {
        n: replace(p, again=True) if n in open_ and pc.count_distinct(table[n]).as_py() < rows else p for n, p in seen.items()
    }


def _asked(table: pa.Table, meaning: Meaning | None) -> dict[tuple[str, str], float]:
    """What a survey's questions ask, where the file holds a question for a score."""
    wanted = {"nps": Accept(asks="nps"), "rating": Accept(asks="satisfaction"), "text": Accept(asks="comment")}
    found = survey.recognised(table, wanted, meaning)
    scores = [q for f in ("nps", "rating") for q in found.get(f, ()) if len(q.label.split()) >= QUESTION]
    if not scores:
        return {}
    return {(q.name, f"feedback.{f}"): SURE for f, qs in found.items() for q in qs[:1]}


def _rows_above(table: pa.Table) -> str:
    """What is to be said where a column is filled in rows alone in which nothing else is: groups, which stand above what they hold."""
    names = [n for n in table.column_names if n != ROW]
    empty = {n: _blank(table[n]) for n in names}
    for name in names:
        alone = pc.invert(empty[name])
        for other in (n for n in names if n != name):
            alone = pc.and_(alone, empty[other])
        filled = table[name].filter(alone)
        if len(filled) > 1 and len(filled) == pc.sum(pc.invert(empty[name])).as_py():
            some = ", ".join(str(v) for v in filled.to_pylist()[:3])
            return f"`{name}` is filled in rows of its own alone ({some} …), above the rows that they speak of: what they say (who bought, say) is in no column; export it as a column"
    return ""


def _eras(seen: dict[str, Profile]) -> tuple[str, ...]:
    """What is to be said of years that are counted otherwise."""
    return tuple(
        f"{n!r}: the years are those of the Buddhist era; {AHEAD} are taken off"
        for n, p in seen.items()
        if any(f.startswith(BUDDHA) for f in p.formats)
    )


def _lines_alone(lacks: Sequence[str]) -> str:
    said = {"customer_id": "who bought", "ordered_at": "the day"}
    return (
        f"no column was found for {' and '.join(said[f] for f in lacks)} of the orders ({', '.join(f'orders.{f}' for f in lacks)}), so these are lines alone: "
        "their orders must come from another file, or name those columns in the mapping"
    )


def _amounts_alone(best: Plan, seen: Pairs[str, Profile], used: set[str]) -> tuple[str, ...]:
    """What is to be said of orders that have amounts and no lines."""
    if best.table != "orders" or "order_lines" in best.taken:
        return ()
    worth = [
        n for n, p in seen.items() if n not in used and p.numbers > LISTED
        and max(score("order_lines", f, n, p).confidence for f in ("_order_total", "_total", "unit_price")) >= LISTED
    ]  # fmt: skip
    said = f"{', '.join(f'`{n}`' for n in worth)}: amounts of orders whose lines (article, quantity, price) are not in this file; it brings orders and no revenue"
    return (f"{said}: import their lines from another file",) if worth else ()


def _counts(column: pa.ChunkedArray) -> dict[str | None, int]:
    counted = pc.value_counts(column)
    return dict(zip(counted.field("values").to_pylist(), counted.field("counts").to_pylist(), strict=True))


def _continued(table: pa.Table, plan: Plan) -> tuple[pa.Table, tuple[str, ...]]:
    """Where an order's own columns stand on its first row alone: they are filled down, with their names, the order's first."""
    lines = {g.field: g.column for g in plan.taken.get("order_lines", ())}
    key = lines.get("order_id")
    if key is None or "product_id" not in lines:
        return table, ()
    bare = pc.and_(_blank(table[key]), pc.invert(_blank(table[lines["product_id"]])))
    if not pc.any(bare).as_py() or pc.all(_blank(table[key])).as_py():
        return table, ()
    own = [g.column for t in ("orders", "customers") for g in plan.taken.get(t, ()) if not g.field.startswith("_")]
    names = tuple(dict.fromkeys([key, *own]))
    if any(not pc.all(_blank(table[n].filter(bare))).as_py() for n in names):
        return table, ()
    for name in names:
        place = table.column_names.index(name)
        text = pc.if_else(_blank(table[name]), pa.scalar(None, pa.string()), table[name])
        table = table.set_column(place, name, pc.fill_null_forward(text))
    return table, names


def _blank(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.equal(pc.fill_null(pc.utf8_trim_whitespace(column), ""), "")


def _by_rows(table: pa.Table, seen: dict[str, Profile]) -> tuple[dict[str, Profile], dict[str, str]]:
    """Dates that neither their column nor the others decide, by the order of the rows where that shows it."""
    open_ = {n: p.dated for n, p in seen.items() if p.dated.undecided}
    if not open_:
        return seen, {}
    columns = {n: tuple(table[n].to_pylist()) for n in open_}
    words = {n: tuple(table[n].to_pylist()) for n, p in seen.items() if 1 < len(p.distinct) <= 14 and p.numbers < 0.1}
    order, why = order_of_weekdays(words, columns, open_)
    if not order:
        order, why = order_of_rows(columns, open_)
    if not order:
        return seen, {}
    ordered = {n: replace(p, dated=p.dated.ordered(order)) if n in open_ else p for n, p in seen.items()}
    return ordered, dict.fromkeys(open_, f"{order}, since {why}")


def _read(path: Path) -> tuple[pa.Table, Layout, tuple[str, ...]]:
    sheet = look(sql_session(), path)
    layout = Layout()
    names = [n for n in sheet.table.column_names if n != ROW]
    odd = sum(bool(NUMBER_LIKE.match(n) or EMAIL.match(n)) for n in names)
    if len(names) > 1 and odd >= len(names) / 3:
        layout = replace(layout, header=tuple(f"column_{i}" for i in range(1, len(names) + 1)))  # its first line is data
        sheet = look(sql_session(), path, layout)
    if "json" in path.name.casefold().removesuffix(".gz").rpartition(".")[2] and (inner := _list_of_lines(sheet.table)):
        layout = replace(layout, each=(inner,))
        sheet = look(sql_session(), path, layout)
    layout = replace(layout, encoding=sheet.encoding or layout.encoding)
    aside = footers.aside(sheet.table)
    notes = sheet.notes
    if aside:
        counted = Counter(why for _, why in aside)
        notes = (*notes, *(f"{many:,} rows are no records: {why}" for why, many in counted.items()))
    return without(sheet.table, aside), layout, notes


def _elsewhere(names: Sequence[str], each: Sequence[str]) -> dict[tuple[str, str], float]:
    """Of records with a list of lines: what is inside of the list is a line's, what is outside is the order's."""
    if not each:
        return {}
    inside = {n for n in names if n.startswith(tuple(f"{e}." for e in each))}
    lines = [
        f"order_lines.{f}" for f in COLUMNS["order_lines"] if f not in ("order_id", "_order_total", "_shipping", "_credit")
    ]
    orders = [f"{t}.{f}" for t in ("orders", "customers") for f in COLUMNS[t]]
    return {(n, t): -1.0 for n in names for t in (orders if n in inside else lines)} | {
        (n, f"order_lines.{f}"): -1.0 for n in inside for f in ("order_id", "_order_total")
    }


def _of_same_table(table: pa.Table, plan: Plan) -> tuple[Plan, tuple[str, ...]]:
    """Of a file of customers: a column that nothing takes and whose values are ids of other rows of it names the one above, into
    which a merged or subordinate customer goes."""
    fields = {g.field: g for g in plan.taken.get("customers", ())}
    if plan.table != "customers" or "customer_id" not in fields or "parent_id" in fields:
        return plan, ()
    ids = set(table[fields["customer_id"].column].to_pylist())
    used = {g.column for g in fields.values()}
    for name in (n for n in table.column_names if n not in used and n != ROW):
        said = [
            (v, i)
            for v, i in zip(table[name].to_pylist(), table[fields["customer_id"].column].to_pylist(), strict=True)
            if v and v.strip()
        ]
        if said and len(said) < table.num_rows and all(v in ids and v != i for v, i in said):
            guess = Guess(name, "customers.parent_id", 0.6, "its values are ids of other rows")
            note = (
                f"{name!r}: {len(said):,} rows name another customer of the file, taken as the company above them. Where they are accounts merged into it, they stay "
                f"customers of their own, and so count as such: {', '.join(i for _, i in said[:5])}"
            )
            return replace(plan, taken={**plan.taken, "customers": (*plan.taken["customers"], guess)}), (note,)
    return plan, ()


def _paths(entry: Pairs[str, Any], above: str) -> Iterator[str]:
    """The names of a record's fields, alone and with all that stands above them."""
    for key, value in entry.items():
        yield from (key, f"{above}.{key}")
        if isinstance(value, dict):
            yield from _paths(value, f"{above}.{key}")


def _list_of_lines(table: pa.Table) -> str:
    """The JSON list in the records whose entries have a quantity and a price: an order's lines; "" where there is none."""
    names: list[str] = [n for n in table.column_names if n != ROW]
    for name in names:
        texts = [v for v in table[name].to_pylist() if v is not None]
        if not texts or not all(t.startswith("[") for t in texts[:LOOKED_AT]):
            continue
        try:
            entries = [e for t in texts[:LOOKED_AT] for e in json.loads(t) if isinstance(e, dict)]
        except ValueError:
            continue  # `[A1] Lamp` is a text
        fields = {k for e in entries for k in _paths(e, name)}
        if all(
            any(score("order_lines", f, k, profile([None])).confidence >= LISTED for k in fields)
            for f in ("qty_ordered", "unit_price")
        ):
            return name
    return ""

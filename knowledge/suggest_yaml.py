"""Writes a suggested mapping as YAML: how each column is read (formats, signs, values), what stands in for missing ones."""

from __future__ import annotations

from collections.abc import Mapping as Pairs
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from knowledge.guesses import HASHED, Guess, plain_words
from knowledge.lookups import quoted
from knowledge.profile import Profile
from knowledge.readers import Layout
from knowledge.schema import TABLES, Column
from knowledge.staging import literal
from knowledge.suggest_money import CREDIT, SALE, Money
from knowledge.synonyms import CURRENCIES, VALUES
from knowledge.systems import values_of

# required columns that something sensible can stand in for, and how that is said
ASSUMED: dict[str, str] = {
    "customers.customer_id": "the name serves as id",
    "customers.name": "the id stands in for the name of new ones; a name that is known stays",
    "products.name": "the id stands in for the name of new ones; a name that is known stays",
    "contacts.contact_id": "made from the row's content",
    "orders.status": "delivered where there is a delivery time, else open; delivered where the file has no such time",
    "order_lines.line": "numbered in the order of the rows",
    "order_lines.product_id": "no column names what was bought: one unnamed article stands for all of it",
    "returns.return_id": "made from the row's content",
    "interactions.interaction_id": "made from the row's content",
    "interactions.channel": "`other`",
    "feedback.feedback_id": "made from the row's content",
    "feedback.channel": "`survey`",
    "inventory.location": "`main`",
    "loyalty.program": "`loyalty`",
}

UNNAMED = "unnamed"
"""The article of lines that do not say which they are of."""


@dataclass(frozen=True)
class Written:
    """The mapping's YAML; the required columns that nothing was found for; what was assumed; and what only a person can tell."""

    yaml: str
    missing: tuple[str, ...]
    assumed: tuple[str, ...]
    questions: Pairs[str, Any]


def write_mapping(
    file: str, layout: Layout, main: str, taken: Pairs[str, tuple[Guess, ...]], seen: Pairs[str, Profile],
    money: Money | None, doubts: Pairs[str, Any], notes: Sequence[str], answers: Pairs[str, str], left: Pairs[str, str],
    continued: Sequence[str] = (), keys: Pairs[str, str] | None = None, tell: Sequence[str] = (), aside: Pairs[str, str] | None = None,
) -> Written:  # fmt: skip
    """Writes what was found: `money` says how amounts are read, `doubts` are questions about dates and numbers by name, `notes`
    and `left` (columns that were not understood, with their first values) are told on top, `tell` at every import too."""
    missing: list[str] = []
    assumed: list[str] = [*money.said] if money else []
    derive: dict[str, str] = {c: f"last_value({quoted(c)} IGNORE NULLS) OVER (ORDER BY _row)" for c in continued}
    derive |= {c: sql.replace(quoted(c), f"({derive[c]})") if c in derive else sql for c, sql in (keys or {}).items()}
    derive |= dict(money.derive) if money else {}
    tables = []
    for name in [t for t in TABLES if t in taken]:
        guesses = {g.field: g for g in taken[name]}
        columns: dict[str, Any] = {f: _value(name, f, g, seen[g.column]) for f, g in guesses.items() if not f.startswith("_")}
        if name == "order_lines" and money:
            columns = {f: v for f, v in (columns | dict(money.columns)).items() if v is not None}
        for column in TABLES[name].columns:
            if column.required and column.name not in columns:
                columns |= _stand_in(name, column, guesses, seen, derive, missing, assumed, grouped=name != main)
        spec: dict[str, Any] = {"table": name}
        if money and "is_credit" in money.derive and name in ("orders", "order_lines"):
            spec["where"] = f"is_credit = '{SALE}'"
        if name != main:
            spec["per"] = [quoted(guesses[TABLES[name].key[0]].column)]
        if name == "feedback" and not {"text", "rating", "nps"} & set(columns):
            missing.append("feedback.text (or rating, or nps)")
        if name != main and len(guesses) == 1:
            assumed.append(f"{name}: made from the ids alone; leave this table out where a file of its own brings it")
        spec["columns"] = {c: columns[c] for c in TABLES[name].names if c in columns}
        if name == "feedback" and "rating" in columns and "rating_scale" not in columns:
            high = seen[guesses["rating"].column].highest
            spec["columns"]["rating_scale"] = {"value": "1-5" if high <= 5 else "0-10"}
        tables.append(spec)
        named = guesses.get("name")
        if name != main and name in ("customers", "products") and named and seen[named.column].filled < 1:
            tables.append(_nameless(name, spec, named.column))
            spec["where"] = f"nullif(trim({quoted(named.column)}), '') IS NOT NULL"
            assumed.append(f"{name}.name: where it is empty the id stands in for new ones")
        if name == "orders" and "status" in guesses:
            assumed += _unknown_status(guesses["status"].column, seen)
    if "order_lines" in taken and all(g.field != "product_id" for g in taken["order_lines"]):
        article = {"product_id": {"value": UNNAMED}, "name": {"value": "unnamed article", "only_new": True}}
        tables.append({"table": "products", "per": ["true"], "columns": article})
    if money and money.credits and "orders" in taken:
        tables.append(_returns(taken, seen, derive))
    questions: dict[str, Any] = {
        n: {**q, "answer": answers.get(n)} for n, q in {**(money.questions if money else {}), **doubts}.items()
    }
    whole: dict[str, Any] = {
        "name": "-".join(plain_words(file.split(".", maxsplit=1)[0]).split()) or "suggested",
        "title": f"Suggested for {file}",
    }
    written: dict[str, Any] = {
        k: v
        for k, v in (("encoding", layout.encoding), ("header", list(layout.header)), ("each", list(layout.each)))
        if v and v != "utf-8"
    }
    whole |= {"file": written} if written else {}
    signs = {CURRENCIES.get(p.sign, p.sign) for p in seen.values() if p.sign}
    whole |= {"settings": {"currency": signs.pop()}} if len(signs) == 1 else {}
    whole |= {"questions": questions} if questions else {}
    whole |= {"derive": derive} if derive else {}
    no_data = {**(aside or {}), **(money.aside if money else {})}
    whole |= {"set_aside": [{"name": n, "when": w} for n, w in no_data.items()]} if no_data else {}
    whole |= {"tell": [f"CASE WHEN count(*) > 0 THEN {literal(t)} END" for t in tell]} if tell else {}
    whole["tables"] = tables
    body = yaml.safe_dump(whole, sort_keys=False, allow_unicode=True, width=120)
    top = _head(file, taken, missing, assumed, questions, notes, left)
    return Written(top + body, tuple(missing), tuple(assumed), questions)


def _head(
    file: str, taken: Pairs[str, tuple[Guess, ...]], missing: list[str], assumed: list[str], questions: Pairs[str, Any],
    notes: Sequence[str], left: Pairs[str, str],
) -> str:  # fmt: skip
    lines = [f"# Suggested from {file}: read it before use."]
    lines += [f"# {n}" for n in notes]
    for name, question in questions.items():
        if question["answer"] is None:
            lines.append(f"# QUESTION `{name}`: {question['ask']} Write its `answer` below; nothing is imported before.")
            lines += [f"#   {o}: {v['gives']}" for o, v in question["options"].items()]
    lines += [f"# {g.confidence:.2f}  {g.column!r} -> {g.target}: {g.why}" for gs in taken.values() for g in gs]
    lines += [f"# NOT FOUND: {m}; rows are kept out until it is mapped" for m in missing]
    lines += [f"# not understood, left out: {n!r} ({v})" for n, v in left.items()]
    lines += [f"# assumed: {a}" for a in assumed]
    return "".join(line.replace("\n", " ") + "\n" for line in lines)


def _value(table: str, field: str, guess: Guess, seen: Profile) -> Any:
    column = TABLES[table].column(field)
    if column.kind in ("ts", "date"):
        formats = [*seen.formats, *([seen.dated.numbers] if seen.dated.numbers and not seen.formats else [])]
        return {"column": guess.column, "format": formats} if formats and not seen.dated.undecided else guess.column
    if column.kind in ("money", "qty", "number", "int"):
        how = seen.written
        return (
            {"column": guess.column, "decimal": how.notation.decimal}
            if how.notation and (how.separated or how.sign)
            else guess.column
        )
    if column.allowed:
        return _mapped(table, column, guess.column, seen)
    return guess.column


def _mapped(table: str, column: Column, name: str, seen: Profile) -> Any:
    found = _meant(f"{table}.{column.name}", name, seen)
    unknown = [v for v in seen.distinct if v.casefold() not in found]
    if all(k == v for k, v in found.items()) and not unknown:
        return name
    value: dict[str, Any] = {"column": name, "map": dict(sorted(found.items()))}
    if unknown and table == "orders":
        value["otherwise"] = "open"
    elif unknown:
        value["map"] |= {v.casefold(): "" for v in unknown}
    return value


def _meant(target: str, name: str, seen: Profile) -> dict[str, str]:
    """The values of a column that are known, in small letters, and what they are to us."""
    words = {plain_words(w): to for to, many in VALUES.get(target, {}).items() for w in many.split("|")}
    own = values_of(target, name)
    told = {v.casefold(): own.get(v.casefold()) or words.get(plain_words(v)) for v in seen.distinct}
    return {v: ours for v, ours in told.items() if ours}


def _stand_in(
    table: str, column: Column, guesses: Pairs[str, Guess], seen: Pairs[str, Profile], derive: dict[str, str],
    missing: list[str], assumed: list[str], *, grouped: bool,
) -> dict[str, Any]:  # fmt: skip
    """What fills a required column that was not found; nothing where only a person can know."""
    target = f"{table}.{column.name}"
    twin = {"customers.customer_id": "name", "customers.name": "customer_id", "products.name": "product_id"}.get(target)
    if target not in ASSUMED or (twin and twin not in guesses):
        missing.append(target)
        return {column.name: {"sql": "NULL"}} if column.name in TABLES[table].key else {}
    assumed.append(f"{target}: {ASSUMED[target]}")
    if twin and column.name == "name":
        return {column.name: {"column": guesses[twin].column, "only_new": True}}
    if twin:
        return {column.name: guesses[twin].column}
    if target == "orders.status":
        done = guesses.get("delivered_at")
        when = f"max({quoted(done.column)})" if done and grouped else quoted(done.column) if done else ""
        sql = f"CASE WHEN {when} IS NULL THEN 'open' ELSE 'delivered' END" if done else "'delivered'"
        return {column.name: {"sql": sql} if done else {"sql": sql, "only_new": True}}
    if target == "order_lines.product_id":
        return {column.name: {"value": UNNAMED}}
    if target == "order_lines.line":
        order = quoted(guesses["order_id"].column) if "order_id" in guesses else "1"
        derive["line_number"] = f"CAST(row_number() OVER (PARTITION BY {order} ORDER BY _row) AS VARCHAR)"
        return {column.name: "line_number"}
    if column.name == TABLES[table].key[0] and table in HASHED:
        content = ", ".join(quoted(c) for c in seen)
        derive["again"] = f"CAST(row_number() OVER (PARTITION BY {content} ORDER BY _row) AS VARCHAR)"
        derive[column.name] = f"{literal(HASHED[table] + '-')} || substr(sha256(concat_ws('|', {content}, again)), 1, 16)"
        return {column.name: column.name}
    return {column.name: {"value": ASSUMED[target].strip("`")}}


def _nameless(table: str, spec: Pairs[str, Any], name: str) -> dict[str, Any]:
    """The same table from rows that do not name what they are of: nothing is known of it but its id."""
    key = TABLES[table].key[0]
    identity = spec["columns"][key]
    column = identity if isinstance(identity, str) else identity["column"]
    where = f"nullif(trim({quoted(name)}), '') IS NULL"
    return {**spec, "where": where, "columns": {key: column, "name": {"column": column, "only_new": True}}}


def _unknown_status(name: str, seen: Pairs[str, Profile]) -> list[str]:
    known = _meant("orders.status", name, seen[name])
    unknown = [v for v in seen[name].distinct if v.casefold() not in known]
    return [f"orders.status: {', '.join(map(repr, unknown[:6]))} taken as open; name them in its `map`"] if unknown else []


def _returns(taken: Pairs[str, tuple[Guess, ...]], seen: Pairs[str, Profile], derive: dict[str, str]) -> dict[str, Any]:
    """Credits of a file of order lines as returns: of their order where it is sold in the same file."""
    lines, orders = ({g.field: g for g in taken[t]} for t in ("order_lines", "orders"))
    content = ", ".join(quoted(c) for c in seen)
    derive["credit_again"] = f"CAST(row_number() OVER (PARTITION BY {content} ORDER BY _row) AS VARCHAR)"
    derive["credit_id"] = f"'R-' || substr(sha256(concat_ws('|', {content}, credit_again)), 1, 16)"
    columns: dict[str, Any] = {"return_id": "credit_id"}
    if "order_id" in lines:
        order = quoted(lines["order_id"].column)
        derive["order_sold"] = f"CASE WHEN bool_or(is_credit = '{SALE}') OVER (PARTITION BY {order}) THEN {order} END"
        columns["order_id"] = "order_sold"
    columns["customer_id"] = orders["customer_id"].column
    if "product_id" in lines:
        columns["product_id"] = lines["product_id"].column
    sign = "qty_ordered" if "qty_ordered" in lines else ""
    column = lines[sign].column
    decimal = seen[column].written.notation
    columns["qty"] = {"sql": f"abs(number({quoted(column)}, '{decimal.decimal if decimal else '.'}'))"}
    worth = lines.get("_total") or lines.get("unit_price")
    assert worth is not None
    decimal = seen[worth.column].written.notation
    amount = f"abs(number({quoted(worth.column)}, '{decimal.decimal if decimal else '.'}'))"
    read = "unit_price_read" in derive
    value = (
        amount if worth.field == "_total" else f"abs(number({quoted(column)}, '.')) * {'unit_price_read' if read else amount}"
    )
    columns["value"] = {"sql": f"CAST({value} AS DECIMAL(18, 6))"}
    columns["requested_at"] = _value("orders", "ordered_at", orders["ordered_at"], seen[orders["ordered_at"].column])
    columns["disposition"] = {"value": "refund"}
    return {"table": "returns", "where": f"is_credit = '{CREDIT}'", "columns": columns}

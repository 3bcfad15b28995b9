"""Which table a file is, and which of its columns goes where: the reading of names and values that explains most of it."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from collections.abc import Mapping as Pairs
from dataclasses import dataclass, replace
from itertools import pairwise

from knowledge.guesses import PLANNED, Guess, named, plain_words, score
from knowledge.nearest import Near
from knowledge.profile import Profile, profile
from knowledge.schema import TABLES
from knowledge.suggest_yaml import ASSUMED
from knowledge.synonyms import COLUMNS
from knowledge.systems import SURE

NOTHING = profile([None])
SERVES = frozenset(("customers.customer_id", "customers.name"))
"""What serves as the orders' column too: who bought."""
LEAST, CLEARLY = 0.45, 0.05
CALLED, LIKE = 0.9, 0.8
"""How sure a column is that is called what we call it, or a system does; below that it is only like it."""
OWN_ID = frozenset("id|record id|row id|internal id|system id|object id|entry id|unique id|uuid|guid".split("|"))
"""Names of a row's own id, whatever the row is."""
OF_ROW = re.compile(
    r"^((date )?(created?|creation)( (at|on|date|time|timestamp|by))*|((record|deal|case|ticket|opportunity|lead|quote|order) )?owner( (id|name|alias))?|erdat|(angelegt|erstellt|angel) (am|von)|parent(?! (account|company|customer|organi[sz]ation|group)\b)( \w+)*)$"
)
"""What a row says of itself in any system."""
CODE = re.compile(r"^(?=[^\s]*\d)[\w./-]{1,32}$")
NUMBERED = re.compile(r"^#\s?[A-Z]{0,4}[-/]?\d+$")
RETURNED = {"return_id", "reason_code", "disposition", "received_at", "resolved_at"}
BY_NAME = 0.7
"""How sure a column is that is at least called much like ours."""
ESSENTIAL = {
    "interactions": {"subject", "kind", "direction", "channel", "first_response_at"},
    "opportunities": {"amount", "expected_close", "won", "stage"},
}
"""What makes rows that have a customer and a time touchpoints, or deals; one of it is called so."""
PAID = {"unit_price", "_total"}
# what a file of that table may hold beside it: (table, the column that leads there)
BESIDE: dict[str, tuple[tuple[str, str], ...]] = {
    "order_lines": (("orders", "order_id"), ("customers", "customer_id"), ("products", "product_id")),
    "orders": (("customers", "customer_id"),),
    "contacts": (("customers", "customer_id"),),
    "feedback": (("customers", "customer_id"), ("products", "product_id")),
    "returns": (("customers", "customer_id"), ("products", "product_id")),
    "interactions": (("customers", "customer_id"),),
    "invoices": (("customers", "customer_id"),),
    "opportunities": (("customers", "customer_id"),),
    "inventory": (("products", "product_id"),),
}


@dataclass(frozen=True)
class Plan:
    """One reading of the file: the main table, and what each table takes from which column; `lacks`: what was not found of the
    orders, which are left out for it."""

    table: str
    taken: Pairs[str, tuple[Guess, ...]]
    worth: float
    lacks: tuple[str, ...] = ()


def plan(table: str, seen: Pairs[str, Profile], file: str, near: Near) -> Plan:
    """The file read as one of that table: each column and each target once, the best pairs first."""
    beside = BESIDE.get(table, ())
    outer = {**near, **_of_the_row(list(seen))}
    own = {n: p for n, p in seen.items() if not _clearly_of(n, p, [t for t, _ in beside], table, outer)}
    taken: dict[str, tuple[Guess, ...]] = {table: _assign(table, own, {}, near)}
    taken[table] += _stand_in_key(table, taken[table], seen, near)
    used = {g.column for g in taken[table]}
    lacks: tuple[str, ...] = ()
    for place, (other, link) in enumerate(beside):
        leads = next((g for gs in taken.values() for g in gs if g.field == link), None)
        if leads is None:
            continue
        later = [t for t, _ in beside[place + 1 :] if t != "customers"]
        after = [t for t, _ in beside[place + 1 :]]
        free = {
            n: p
            for n, p in seen.items()
            if n not in used and not _fits_better(n, p, later, other, outer) and not _clearly_of(n, p, after, other, outer)
        }
        key = Guess(leads.column, f"{other}.{link}", leads.confidence, leads.why)
        guesses = _assign(other, free, {link: key}, outer, least=0.6)
        guesses += _only_day(other, guesses, free)
        if other == "orders" and not {"customer_id", "ordered_at"} <= {g.field for g in guesses}:
            lacks = tuple(f for f in ("customer_id", "ordered_at") if all(g.field != f for g in guesses))
            continue  # a file of lines alone; its orders come from another one
        taken[other] = guesses
        used |= {g.column for g in guesses}
    if "products" in taken and all(g.field != "name" for g in taken["products"]):
        taken["products"] += (called := _called_article(seen, used))
        used |= {g.column for g in called}
    hidden = {g.column for gs in taken.values() for g in gs if g.field.startswith("_")}
    worth = sum(
        (0.4 if c in hidden else 1.0) * max(g.confidence for gs in taken.values() for g in gs if g.column == c) for c in used
    )
    needed = [(t, c) for t in taken for c in TABLES[t].columns if c.required and f"{t}.{c.name}" not in ASSUMED]
    worth -= 0.8 * sum(1 for t, c in needed if all(g.field != c.name for g in taken.get(t, ())))
    if table == "feedback" and not {"text", "rating", "nps"} & {g.field for g in taken[table]}:
        worth -= 1.6  # a comment without anything said
    sure = {g.field for g in taken[table] if g.confidence >= BY_NAME}
    if table in ESSENTIAL and not ESSENTIAL[table] & sure:
        worth -= 1.6
    if table == "returns" and not named(file, table) and not RETURNED & {g.field for g in taken[table]}:
        worth -= 1.6  # quantities and amounts, and nothing that says that they came back
    fields = {g.field for g in taken[table]}
    if table == "order_lines" and "product_id" not in fields and not ("qty_ordered" in fields and PAID & fields):
        worth -= 0.8  # neither what was bought, nor how much of it for what
    worth -= 0.05 * len(taken)
    key_guess = next((g for g in taken[table] if g.field == TABLES[table].key[0]), None)
    if key_guess is not None and len(TABLES[table].key) == 1:
        worth += 0.4 if seen[key_guess.column].unique > 0.99 else -1.0
    elif key_guess is not None and table == "order_lines":
        bought = "qty_ordered" in fields and bool({"product_id", *PAID} & fields)
        worth += 0.4 if bought or seen[key_guess.column].unique < 0.95 else -0.6
    else:
        worth -= 0.3
    if named(file, table):
        worth += 1.0
    return Plan(table, taken, worth if taken[table] else -99.0, lacks)


def _stand_in_key(table: str, taken: Sequence[Guess], seen: Pairs[str, Profile], near: Near) -> tuple[Guess, ...]:
    """A key that no column is called by: of customers and articles the first column, where it is a code and another one in every
    row; of an order's line the article's name."""
    found, used = {g.field for g in taken}, {g.column for g in taken}
    if table == "order_lines":
        return _of_the_line(found, used, seen, near)
    key = TABLES[table].key[0]
    if len(TABLES[table].key) == 1 and key not in found:
        for name, values in seen.items():
            if name not in used and plain_words(name) in OWN_ID and values.unique == 1 and values.filled == 1:
                return (Guess(name, f"{table}.{key}", 0.85, f"named `{name}`; another one in every row"),)
    name_of = next((g for g in taken if g.field == "name"), None)
    if (
        table == "opportunities"
        and key not in found
        and name_of
        and seen[name_of.column].unique == seen[name_of.column].filled == 1
    ):
        return (
            replace(name_of, target=f"{table}.{key}", confidence=0.6, why="another one in every row; it serves as the number"),
        )
    first = next(iter(seen))
    if table in ("customers", "products") and key not in found and "name" in found and first not in used:
        values = seen[first]
        if values.unique == 1 and values.filled == 1 and all(map(CODE.match, values.distinct)) and values.dates < 0.5:
            return (Guess(first, f"{table}.{key}", 0.6, "the first column, another code in every row"),)
    return ()


def _of_the_line(found: set[str], used: set[str], seen: Pairs[str, Profile], near: Near) -> tuple[Guess, ...]:
    """The invoice's number for an order's, and the article's name for its number, where a line names no other."""
    made: tuple[Guess, ...] = ()
    if "product_id" not in found:
        free = {
            n: p for n, p in seen.items() if n not in used and not _fits_better(n, p, ("customers", "orders"), "products", near)
        }
        made += tuple(
            replace(g, target="order_lines.product_id", why=f"{g.why}; the article's name serves as its number")
            for g in _assign("products", free, {}, near, least=0.6)
            if g.field == "name"
        )
    if "order_id" not in found:
        free = {n: p for n, p in seen.items() if n not in used and n not in {g.column for g in made}}
        made += tuple(
            replace(g, target="order_lines.order_id", why=f"{g.why}; the invoice serves as the order")
            for g in _assign("invoices", free, {}, near, least=0.6)
            if g.field == "invoice_id"
        )
    return made


def _called_article(seen: Pairs[str, Profile], used: set[str]) -> tuple[Guess, ...]:
    """The article's name: what is called an article beside its number, and holds no codes."""
    for name, values in seen.items():
        words = values.distinct and values.numbers < 0.5 and not all(map(CODE.match, values.distinct))
        if name not in used and words and score("order_lines", "product_id", name, values).confidence >= BY_NAME:
            return (Guess(name, "products.name", 0.7, "called an article, beside its number"),)
    return ()


def _only_day(table: str, taken: Sequence[Guess], free: Pairs[str, Profile]) -> tuple[Guess, ...]:
    """The day of an order that no column is called by: the only day that nothing else takes."""
    if table != "orders" or any(g.field == "ordered_at" for g in taken):
        return ()
    used = {g.column for g in taken}
    days = [
        n for n, p in free.items() if n not in used and p.dates > 0.9 and p.filled == 1 and not PLANNED.search(plain_words(n))
    ]
    return (Guess(days[0], "orders.ordered_at", 0.6, "the only other day of every row"),) if len(days) == 1 else ()


def paired(seen: Pairs[str, Profile]) -> dict[tuple[str, str], float]:
    """By column and target: `Bill-to` is the number of the one whose name is in `Bill-to Name`."""
    bare = {plain_words(n): n for n in seen}
    return {
        (bare[words], f"{t}.customer_id"): SURE
        for n, values in seen.items()
        if (words := plain_words(n).removesuffix(" name")) in bare
        and words != plain_words(n)
        and score("customers", "name", n, values).confidence >= BY_NAME
        for t in ("orders", "customers")
    }


def numbered(seen: Pairs[str, Profile]) -> dict[tuple[str, str], float]:
    """By column and target: a `name` whose values are all numbers (`#1001`) is an order's number, and nobody's name."""
    found = [
        n
        for n, p in seen.items()
        if plain_words(n) in ("name", "title") and p.distinct and all(map(NUMBERED.match, p.distinct))
    ]
    return {(n, f"{t}.order_id"): SURE for n in found for t in ("orders", "order_lines")} | {
        (n, f"{t}.name"): -1.0 for n in found for t in ("customers", "products", "opportunities")
    }


def _fits_better(name: str, values: Profile, tables: Sequence[str], than: str, near: Near) -> bool:
    """Whether a column is clearly one of those tables' rather than one of the table's: `product-name` is an article's name, and
    no customer's."""
    return (
        bool(tables)
        and max(_best(name, values, t, near) for t in tables) > max(_best(name, values, than, near), LEAST) + CLEARLY
    )


def _clearly_of(name: str, values: Profile, tables: Sequence[str], than: str, near: Near) -> bool:
    """Whether a column is what one of those tables calls so, and only like what the table has: `Billing Country` is a customer's."""
    return any(_best(name, values, t, near, SERVES) >= CALLED for t in tables) and _best(name, values, than, near) < LIKE


def _best(name: str, values: Profile, table: str, near: Near, but: Collection[str] = ()) -> float:
    fields = [f for f in COLUMNS[table] if f"{table}.{f}" not in but]
    return max(score(table, f, name, values, near.get((name, f"{table}.{f}"), 0.0)).confidence for f in fields)


def _of_the_row(names: Sequence[str]) -> dict[tuple[str, str], float]:
    """Names that speak of the row itself, when it was made and who looks after it, are not those of the customer beside it; nor is
    a mere `name` that stands behind an article's number."""
    behind = [
        (b, a)
        for a, b in pairwise(names)
        if plain_words(b) in ("name", "title") and score("products", "product_id", a, NOTHING).confidence
    ]
    return {(b, "customers.name"): -1.0 for b, a in behind if not score("customers", "customer_id", a, NOTHING).confidence} | {
        (n, f"customers.{f}"): -1.0
        for n in names
        if OF_ROW.search(plain_words(n))
        for f in ("created_at", "account_owner", "parent_id")
    }


def _assign(
    table: str, seen: Pairs[str, Profile], given: Pairs[str, Guess], near: Near, least: float = LEAST
) -> tuple[Guess, ...]:
    """The best pairs of column and target first; each column and each target once."""
    found = [
        g
        for field in COLUMNS[table]
        if field not in given
        for name, values in seen.items()
        if (g := score(table, field, name, values, near.get((name, f"{table}.{field}"), 0.0))).confidence >= least
    ]
    taken: dict[str, Guess] = dict(given)
    columns = {g.column for g in given.values()}
    for guess in sorted(found, key=lambda g: -g.confidence):
        if guess.field not in taken and guess.column not in columns:
            taken[guess.field] = guess
            columns.add(guess.column)
    return tuple(taken[f] for f in COLUMNS[table] if f in taken)

"""Keys that collide: a row that has the key of another thing (an order number of two shops, a customer number of two systems).

Rows are of one thing where the source's own ids say so, else where what a thing keeps while it changes (who, when, which
articles, which words) is not different all at once. A row of another thing is kept out with its reason, and said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from knowledge.lookups import OWN, quoted
from knowledge.schema import TABLES, Table

if TYPE_CHECKING:
    import duckdb

OTHER_SYSTEM = 0.5
"""From this share of known customers with wholly different names on, the file is of another system; below it they are renamed."""
LEAST_RENAMED = 3

BARE = "ltrim(lower(regexp_replace({0}, '[^\\p{{L}}\\p{{N}}]', '', 'g')), '0')"
PLAIN = "lower(regexp_replace(strip_accents({0}), '[^\\p{{L}}\\p{{N}}]', '', 'g'))"
_A, _B = PLAIN.format("n.name"), PLAIN.format("o.name")
RENAMED = (
    "n.name <> n.customer_id AND o.name <> o.customer_id "  # a name that is the id stands in for one
    f"AND NOT contains({_A}, {_B}) AND NOT contains({_B}, {_A}) "
    f"AND jaro_winkler_similarity({_A}, {_B}) < 0.85"
)


@dataclass(frozen=True)
class Kept:
    """What a thing keeps while it changes: SQL that holds where rows `n` and `o` are of different things; how one is shown."""

    differ: str
    shown: str


def _both(*columns: str) -> str:
    """All of them are different; one that a row says nothing of is not."""
    return " AND ".join(f"(n.{c} IS NOT NULL AND n.{c} IS DISTINCT FROM o.{c})" for c in columns)


def _lines(where: str) -> str:
    return f"(SELECT product_id FROM (SELECT order_id, product_id FROM {where}) l WHERE l.order_id = n.order_id)"


_APART = (
    f"(EXISTS {_lines('in_order_lines')} AND EXISTS {_lines('old_order_lines')} AND NOT EXISTS (SELECT 1 FROM in_order_lines a JOIN "
    "old_order_lines b USING (order_id, product_id) WHERE a.order_id = n.order_id))"
)
KEPT: dict[str, Kept] = {
    "contacts": Kept(_both("customer_id", "name", "email"), "concat_ws(', ', {0}.name, {0}.email)"),
    "orders": Kept(
        f"(({_both('customer_id')} AND (n.ordered_at <> o.ordered_at OR {_APART})) OR "
        f"(abs(epoch(n.ordered_at) - epoch(o.ordered_at)) > 86400 AND {_APART}))",
        "concat_ws(' of ', {0}.customer_id, strftime({0}.ordered_at, '%-d %b %Y'))",
    ),
    "returns": Kept(_both("customer_id", "requested_at"), "concat_ws(' of ', {0}.customer_id, strftime({0}.requested_at, '%-d %b %Y'))"),
    "interactions": Kept(_both("customer_id", "at"), "concat_ws(' of ', {0}.customer_id, strftime({0}.at, '%-d %b %Y'))"),
    "feedback": Kept(
        _both("at") + " AND (n.text IS DISTINCT FROM o.text OR (n.text IS NULL AND n.rating IS DISTINCT FROM o.rating) OR (n.text IS NULL AND "
        "n.nps IS DISTINCT FROM o.nps))",
        "concat_ws(' of ', '“' || left({0}.text, 40) || '”', strftime({0}.at, '%-d %b %Y'))",
    ),
    "invoices": Kept(_both("customer_id", "issued_at"), "concat_ws(' of ', {0}.customer_id, strftime({0}.issued_at, '%-d %b %Y'))"),
    "contracts": Kept(_both("customer_id", "starts_at", "ends_at"), "{0}.customer_id"),
    "opportunities": Kept(_both("customer_id", "name", "created_at"), "concat_ws(' of ', {0}.name, {0}.customer_id)"),
    "commitments": Kept(_both("customer_id", "text"), "left({0}.text, 40)"),
    "customers": Kept(f"n.customer_id NOT LIKE '%@%' AND {RENAMED}", "{0}.name"),
}  # fmt: skip


def prepare(session: duckdb.DuckDBPyConnection) -> None:
    """An empty list of keys that collide. Call it once, before `keep_out`."""
    session.execute("CREATE TEMP TABLE collided (tab VARCHAR, key VARCHAR, file INT)")


def keep_out(session: duckdb.DuckDBPyConnection, table: Table, mapping: str) -> list[str]:
    """Gives the rows of another thing their reason, those that refer to one too, and says which. Needs `old_<table>`."""
    name, key = f"in_{table.name}", table.key[0]
    for column in table.columns:
        if column.references is not None:
            said = f"`{column.name}` is that of another {noun(column.references)}"
            session.execute(
                f"UPDATE {name} n SET _reason = $said FROM collided c WHERE n._reason IS NULL AND c.tab = $tab AND c.key = n.{quoted(column.name)} "
                "AND n._file IS DISTINCT FROM c.file",
                {"said": said, "tab": column.references},
            )
    kept = KEPT.get(table.name)
    if kept is None:
        return []
    own = f"nullif(split_part(source_row, '{OWN}', 2), '')"
    session.execute(
        f"CREATE OR REPLACE TEMP TABLE earlier AS SELECT * EXCLUDE (place) FROM (SELECT *, row_number() OVER (PARTITION BY {quoted(key)} ORDER BY _file, _row, _order) AS place "
        f"FROM (SELECT {', '.join(map(quoted, table.names))}, {own} AS _own, source AS _source, source_row AS _where, -1 AS _file, 0 AS _row, 0 AS _order FROM old_{table.name} "
        f"UNION ALL SELECT {', '.join(map(quoted, table.names))}, _own, $mapping, 'this import', _file, _row, _order FROM {name} WHERE _reason IS NULL)) WHERE place = 1",
        {"mapping": mapping},
    )
    differ = (
        f"CASE WHEN n._own IS NOT NULL AND o._own IS NOT NULL THEN n._own <> o._own ELSE coalesce({kept.differ}, false) END"
    )
    session.execute(
        f"CREATE OR REPLACE TEMP TABLE against AS SELECT n._file, n._row, n._order, n.{quoted(key)} AS key, o._file AS first, o._where AS place, o._source AS source, "
        f"{differ} AS other, {kept.shown.format('n')} AS mine, {kept.shown.format('o')} AS theirs FROM {name} n JOIN earlier o ON n.{quoted(key)} = o.{quoted(key)} "
        "WHERE n._reason IS NULL AND (n._file, n._row, n._order) IS DISTINCT FROM (o._file, o._row, o._order)"
    )
    found = session.execute(
        "SELECT count(*) FILTER (other), count(*), count(DISTINCT key) FILTER (other), bool_or(source <> $mapping) FROM against",
        {"mapping": mapping},
    ).fetchone()
    others, known, keys, foreign = found or (0, 0, 0, False)
    if not others:
        return []
    example = session.execute(
        "SELECT key, mine, theirs, place FROM against WHERE other ORDER BY _file, _row LIMIT 1"
    ).fetchone()
    assert example is not None
    if table.name == "customers" and (others <= OTHER_SYSTEM * known or (not foreign and others < LEAST_RENAMED)):
        return [f"customers: {keys:,} changed their name ({example[0]} from {example[2]} to {example[1]})."]
    said = f"`{key}` is that of another {noun(table.name)}"
    session.execute(
        f"UPDATE {name} n SET _reason = $said FROM against a WHERE a.other AND (n._file, n._row, n._order) = (a._file, a._row, a._order)",
        {"said": said},
    )
    session.execute(
        "INSERT INTO collided SELECT DISTINCT $tab, key, nullif(first, -1) FROM against WHERE other", {"tab": table.name}
    )
    one = noun(table.name)
    return [
        f"{table.name}: {keys:,} {'key is that' if keys == 1 else 'keys are those'} of another {one}, so those rows and what refers to them are kept out: {example[0]} is "
        f"{example[2]} ({example[3]}), here it is {example[1]}. Of another shop or system? Import it with --scope NAME. The same {one}, corrected? With --replace."
    ]


def nearly_known(session: duckdb.DuckDBPyConnection, table: str) -> list[str]:
    """Keeps out rows of which nothing is known but an id, where that id is a known one but for zeros in front, capitals or signs: a
    spreadsheet or another export took them, and the row would be counted as another thing. Needs `old_<table>`."""
    key, name = quoted(TABLES[table].key[0]), f"in_{table}"
    known = f"(SELECT {key} AS key FROM old_{table} UNION SELECT {key} FROM {name} WHERE _reason IS NULL AND name <> {key})"
    session.execute(
        f"CREATE OR REPLACE TEMP TABLE nearly AS SELECT n.{key} AS mine, min(k.key) AS theirs FROM {name} n JOIN {known} k ON {BARE.format(f'n.{key}')} = {BARE.format('k.key')} "
        f"WHERE n._reason IS NULL AND n.name = n.{key} AND n.{key} NOT IN (SELECT key FROM {known}) AND {BARE.format(f'n.{key}')} <> '' GROUP BY 1"
    )
    found = session.execute("SELECT count(*), arg_min(mine, mine), arg_min(theirs, mine) FROM nearly").fetchone()
    if not found or not found[0]:
        return []
    session.execute(
        f"UPDATE {name} n SET _reason = '`{TABLES[table].key[0]}` is a known one but for zeros in front, capitals or signs' FROM nearly WHERE n.{key} = mine AND n._reason IS NULL"
    )
    return [
        f"{table}: {found[0]:,} ids are known but for zeros in front, capitals or signs, so those rows and what refers to them are kept out: `{found[1]}` here is "
        f"`{found[2]}` among the {table}. A spreadsheet may have taken the zeros; write them alike in both files."
    ]


def noun(table: str) -> str:
    """What one row of a table is called: its key's name."""
    return {"feedback": "comment", "opportunities": "opportunity"}.get(table, TABLES[table].key[0].removesuffix("_id"))

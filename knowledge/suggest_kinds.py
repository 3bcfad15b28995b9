"""Rows that the file itself says are no sale of goods: shipping, tax and fees beside the goods, quotations beside the orders."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import yaml

from knowledge.guesses import plain_words
from knowledge.notation import NULLS, Notation, read_number
from knowledge.profile import Profile
from knowledge.synonyms import CREDITS

YES = frozenset("ja|yes|y|true|t|1|oui|si|sim|tak|ano|igen|evet|da|kylla|x".split("|"))
NO = frozenset("nej|nei|neen|nu|no|n|nein|false|f|0|non|nao|nie|ne|nem|hayir|ei|nee".split("|"))
KINDS, PART, MOSTLY = 12, 0.5, 0.9
"""So many values has a column that says what rows are; what is no goods is so small a part of the rows and of their worth, and
stands so often beside goods of the same order."""
ROW_NAMES = frozenset("line row item position zeile ligne linea riga regel rad linje is".split())
STATE = re.compile(
    r"^(?!.*\b(product|item|article|artikel|customer|kunden)\b).*\b(\w*status\w*|state|stage|phase|(order |document |doc )?(type|kind)|\w*art|etat|estado|stato|tila|stan|stav|allapot|durum|status\w*)\b|状态|ステータス|상태"
)
"""Names of what an order's state or kind is said in."""
Rule = tuple[str, str, frozenset[int], str]
"""A name, the column that says it, its rows, and what is to be said."""


@cache
def _words(kind: str) -> frozenset[str]:
    told = yaml.safe_load((Path(__file__).parent / "row_words.yaml").read_text(encoding="utf-8"))
    more = CREDITS if kind == "credits" else ""
    return frozenset(plain_words(w) for w in f"{told[kind]}|{more}".split("|") if w.strip())


def quotations(
    table: pa.Table, fields: Mapping[str, str], seen: Mapping[str, Profile], but: frozenset[str] = frozenset()
) -> Rule | None:
    """Rows whose state says that nothing is ordered yet."""
    for name, values in _sorts(table, seen, but, "quotations"):
        rows = _called(values, "quotations") if STATE.search(plain_words(name)) else frozenset()
        if rows and len(rows) < len([v for v in values if v]):
            return "a quotation, no order", name, rows, _said(table, fields, seen, rows, values, name, "quotations or drafts")
    return None


def no_goods(
    table: pa.Table, fields: Mapping[str, str], seen: Mapping[str, Profile], but: frozenset[str] = frozenset()
) -> Rule | None:
    """Rows of which a column says that they are shipping, tax or a fee: by its values, or by its name where it says yes or no."""
    for name, values in _sorts(table, seen, but, "no_goods"):
        rows = _called(values, "no_goods")
        kinds, flags = values, [plain_words(v) for v in values]
        if not rows and _of_rows(name) and set(flags) <= YES | NO | {""}:
            rows, kinds = frozenset(i for i, v in enumerate(flags) if v in YES), [name] * len(values)
        if len(_beside(table, fields, rows)) >= MOSTLY * len(rows) > 0 and _smaller(table, fields, seen, rows):
            return _rule(table, fields, seen, rows, kinds, name)
    return None


def credits_alone(
    table: pa.Table, _fields: Mapping[str, str], seen: Mapping[str, Profile], but: frozenset[str] = frozenset()
) -> Rule | None:
    """Of orders without lines: rows that give money back or pay it out are no orders."""
    for name, values in _sorts(table, seen, but, "credits"):
        rows = _called(values, "credits")
        if rows and len(rows) < len([v for v in values if v]):
            kinds = ", ".join(sorted({values[i] for i in rows})[:5])
            return (
                "a credit or a payment, no order",
                name,
                rows,
                f"{len(rows):,} rows are no orders (`{name}`: {kinds}) and are set aside",
            )
    return None


def _of_rows(name: str) -> bool:
    """Whether a name asks of a row if it is one: `Tax Line`; `Tax` or `Shipping` may ask if there is some."""
    words = plain_words(name).split()
    return bool(ROW_NAMES & set(words)) and " ".join(w for w in words if w not in ROW_NAMES) in _words("no_goods")


def charges(table: pa.Table, fields: Mapping[str, str], seen: Mapping[str, Profile]) -> Rule | None:
    """Rows whose article is called shipping, tax or a fee, each beside goods of the same order."""
    for name in dict.fromkeys(fields[f] for f in ("product_id", "_article") if f in fields):
        if not _words("no_goods") & {plain_words(v) for v in pc.unique(table[name]).to_pylist() if v}:
            continue
        values = texts(table, name)
        rows = _called(values, "no_goods")
        if rows and _beside(table, fields, rows) == rows and _smaller(table, fields, seen, rows):
            return _rule(table, fields, seen, rows, values, name)
    return None


def _rule(
    table: pa.Table, fields: Mapping[str, str], seen: Mapping[str, Profile], rows: frozenset[int], values: list[str], name: str
) -> Rule:
    kinds = ", ".join(sorted({values[i] for i in rows})[:3])
    return f"no goods: {kinds}", name, rows, _said(table, fields, seen, rows, values, name, "no goods")


def _sorts(table: pa.Table, seen: Mapping[str, Profile], but: frozenset[str], kind: str) -> Iterable[tuple[str, list[str]]]:
    """The columns of few values (`but` those that say something else) that say of some rows that they are of a kind."""
    for name, profile in seen.items():
        few = name in table.column_names and name not in but and 1 < len(profile.distinct) <= KINDS and profile.numbers < 0.5
        if few and (_of_rows(name) or _words(kind) & set(map(plain_words, profile.distinct))):
            yield name, texts(table, name)


def _called(values: list[str], kind: str) -> frozenset[int]:
    known = {v for v in set(values) if v and plain_words(v) in _words(kind)}
    return frozenset(i for i, v in enumerate(values) if v in known)


def _worth(table: pa.Table, fields: Mapping[str, str], seen: Mapping[str, Profile], rows: Iterable[int]) -> float:
    """What the rows come to, by their total or else their price times quantity."""
    columns = [fields["_total"]] if "_total" in fields else [fields[f] for f in ("unit_price", "qty_ordered") if f in fields]
    whole = dict.fromkeys(rows, 1.0) if columns else {}
    for column in columns:
        how, values = seen[column].written.notation or Notation("."), table[column].to_pylist()
        whole = {i: w * ((read_number(values[i], how) if values[i] else None) or 0.0) for i, w in whole.items()}
    return sum(whole.values())


def _beside(table: pa.Table, fields: Mapping[str, str], rows: frozenset[int]) -> frozenset[int]:
    """Those of the rows that stand beside others of their order, as freight does beside goods and a sort of goods often does not."""
    orders = texts(table, fields["order_id"])
    goods = {order for i, order in enumerate(orders) if i not in rows}
    return frozenset(i for i in rows if orders[i] in goods)


def _smaller(table: pa.Table, fields: Mapping[str, str], seen: Mapping[str, Profile], rows: frozenset[int]) -> bool:
    """Whether these are fewer than half of the rows, and worth less than half of all."""
    whole = abs(_worth(table, fields, seen, range(table.num_rows)))
    return len(rows) < PART * table.num_rows and abs(_worth(table, fields, seen, rows)) <= PART * whole


def _said(
    table: pa.Table, fields: Mapping[str, str], seen: Mapping[str, Profile], rows: frozenset[int], values: list[str], name: str,
    what: str,
) -> str:  # fmt: skip
    kinds = ", ".join(sorted({values[i] for i in rows})[:5])
    return (
        f"{len(rows):,} rows are {what} (`{name}`: {kinds}) and are set aside: {_worth(table, fields, seen, rows):,.2f} of the "
        f"{_worth(table, fields, seen, range(table.num_rows)):,.2f} in all rows"
    )


def texts(table: pa.Table, name: str) -> list[str]:
    """A column's values, "" where there is none."""
    return ["" if v is None or v.strip().lower() in NULLS else v.strip() for v in table[name].to_pylist()]

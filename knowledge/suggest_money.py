"""The amounts of a proposed mapping of order lines: which reading of price and discount holds, what credits become, in SQL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pyarrow as pa

from knowledge import money
from knowledge.guesses import Guess, plain_words
from knowledge.lookups import quoted
from knowledge.money import Amounts, Found, Reading
from knowledge.profile import Profile, number
from knowledge.staging import NULLS as NULLS_SQL
from knowledge.suggest_deposits import Deposits, deposits
from knowledge.synonyms import CREDITS

ROLES = {
    "price": "unit_price",
    "total": "_total",
    "discount": "discount",
    "order_total": "_order_total",
    "tax": "_tax",
    "shipping": "_shipping",
}
SALE, CREDIT, EXTRA, DEPOSIT = "sale", "credit", "extra", "deposit"


@dataclass(frozen=True)
class Money:
    """What the mapping needs: `columns` of order_lines, `derive`d columns, whether there are credits, what is no goods and set
    `aside` (a name and a condition), questions and words."""

    columns: Mapping[str, Any]
    derive: Mapping[str, str] = field(default_factory=dict)
    credits: int = 0
    aside: Mapping[str, str] = field(default_factory=dict)
    questions: Mapping[str, Any] = field(default_factory=dict)
    said: tuple[str, ...] = ()
    sure: bool = True


def amounts(table: pa.Table, taken: Mapping[str, Guess], seen: Mapping[str, Profile]) -> Amounts | None:
    """The numbers of the file by their roles; None where there is no quantity or nothing of worth."""
    columns = {role: taken[f].column for role, f in ROLES.items() if f in taken}
    if "qty_ordered" not in taken or not {"price", "total"} & set(columns):
        return None
    read = {role: _numbers(table, name, seen[name]) for role, name in columns.items()}
    if "price" in read and "_per" in taken:
        read["price"] = read["price"] / _numbers(table, taken["_per"].column, seen[taken["_per"].column])
    quantity = _numbers(table, taken["qty_ordered"].column, seen[taken["qty_ordered"].column])
    if {"price", "total"} <= set(read):  # what is below zero as a whole goes back, whatever the signs of its parts
        back = (np.nan_to_num(read["total"]) < 0) & (np.nan_to_num(read["price"] * quantity) > 0)
        quantity = np.where(back, -quantity, quantity)
    return Amounts(
        order=_codes(table, taken["order_id"].column if "order_id" in taken else None),
        quantity=quantity,
        product=_codes(table, taken["product_id"].column) if "product_id" in taken else None,
        percent="discount" in columns and seen[columns["discount"]].written.percent > 0.5,
        named=columns,
        **read,
    )


def reading_of(given: Amounts) -> tuple[Amounts, Found]:
    """The reading, with a total tried as the line's and as the order's where its name does not say."""
    tries = [given]
    if given.total is not None and given.price is not None and given.order_total is None:
        named = {**(given.named or {}), "order_total": (given.named or {})["total"]}
        tries.append(replace(given, total=None, order_total=given.total, named=named))
    if given.order_total is not None and given.total is not None:
        tries += [replace(given, order_total=None), *([replace(given, total=None)] if given.price is not None else [])]
    if given.order_total is not None and given.total is None and given.price is not None:
        named = {**(given.named or {}), "total": (given.named or {})["order_total"]}
        tries.append(replace(given, order_total=None, total=given.order_total, named=named))
    found = [(t, money.read(t)) for t in tries]
    sure = [f for f in found if f[1].reading.share >= money.SURE]
    paid = [f for f in sure if f[0].order_total is not None and f[1].reading.discount != "none"]
    if paid and all(f[1].reading.discount == "none" for f in sure if f[0].order_total is None):
        sure = paid  # the lines' own totals are before the discount that the orders' totals have taken off
    return max(sure or found[:1], key=lambda f: f[1].reading.share)


def write(table: pa.Table, taken: Mapping[str, Guess], seen: Mapping[str, Profile]) -> Money | None:
    """The money of a mapping; None where the plain columns say it all."""
    given = amounts(table, taken, seen)
    if given is None:
        return None
    kinds = _credit_words(taken, seen)
    extra, whole = _extras(given), given
    sums = _worth(given)[extra.rows]
    given, found = reading_of(_sales_only(given, table, taken, kinds))
    sql = _Sql(taken, seen, given, bool((sums < 0).any()))
    credit = sql.credit(kinds)
    off = _discount_lines(given)
    count = _credits(table, taken, seen, kinds) - int(off.sum())
    if off.any():
        found = _less(found, float(np.sum((np.nan_to_num(given.price) * np.nan_to_num(given.quantity))[off])))  # type: ignore[arg-type]
    if sql.extras:
        found = _less(found, float(sums[sums < 0].sum()))
    reading = found.reading
    plain = (
        reading.price == "each"
        and reading.discount in ("none", "amount")
        and not (count or off.any() or sql.extras)
        and not (given.discount is not None and (np.nan_to_num(given.discount) < 0).any())
        and "_per" not in taken
    )
    said = [_sums(reading, found)]
    said += (
        [f"{taken['unit_price'].column!r} is of as many pieces as {taken['_per'].column!r} says"]
        if "_per" in taken and given.price is not None
        else []
    )
    said += [f"{taken[f].column!r} is no revenue and is left out" for f in ("_tax", "_shipping") if f in taken]
    derive: dict[str, str] = {}
    columns: dict[str, Any] = {}
    questions: dict[str, Any] = {}
    if found.ask:
        options = {_name(r): {"gives": _gives(r), "derive": sql.derived(r, bool(off.any()))} for r in (reading, *found.others)}
        about = "unit_price" if len({r.price for r in (reading, *found.others)}) > 1 else "discount"
        ask = f"What is {sql.name(about)}?" + (f" {found.why[:1].upper()}{found.why[1:]}." if found.why else "")
        questions["amounts"] = {"ask": ask, "answer": None, "options": options}
    elif not plain:
        derive |= sql.derived(reading, bool(off.any()))
    if found.ask or not plain:
        columns["unit_price"] = "unit_price_read"
        if reading.discount != "none" or (found.ask and "discount" in taken) or off.any() or sql.extras:
            columns["discount"] = "discount_read"
        columns["qty_ordered"] = {"sql": f"abs({sql.number('qty_ordered')})"}
    if "discount" in taken and "discount" not in columns and reading.discount == "none":
        columns["discount"] = None
    aside: dict[str, str] = {}
    if len(sums):
        derive = {"goods_beside": sql.goods_beside()} | derive
        names = _kinds_of(table, taken, extra.rows)
        aside["no goods: a row without a quantity" + (f" ({names})" if names else "")] = f"is_credit = '{EXTRA}'"
        taxes, offs = sums[sums > 0], sums[sums < 0]
        said += (
            [
                f"{len(taxes):,} rows without a quantity{f' ({names})' if names else ''} are no goods (shipping, tax, fees) and are left out: {taxes.sum():,.2f}"
            ]
            if len(taxes)
            else []
        )
        said += (
            [f"{len(offs):,} rows without a quantity below zero become discounts of their orders: {offs.sum():,.2f}"]
            if len(offs)
            else []
        )
    if count or len(sums):
        is_extra = f"WHEN {sql.extra()} THEN '{EXTRA}' " if len(sums) else ""
        if paid := _deposits(table, taken, whole, sql):
            derive = {**paid.columns, "is_deposit": "false", **derive}
            is_extra += f"WHEN is_deposit THEN '{DEPOSIT}' "
            aside["a deposit, or what takes it off again"] = f"is_credit = '{DEPOSIT}'"
            questions["deposits"] = {
                "ask": f"Are {', '.join(f'`{n}`' for n in paid.numbers[:5])} deposits, which later documents take off again?",
                "answer": None,
                "options": {
                    "deposits": {
                        "gives": f"they and what takes them off are left out: revenue {reading.revenue - paid.worth:,.2f}",
                        "derive": {"is_deposit": paid.holds},
                    },
                    "returns": {
                        "gives": f"they were sold, and what takes them off is given back: revenue {reading.revenue:,.2f}",
                        "derive": {"is_deposit": "false"},
                    },
                },
            }
        kind = {"is_credit": f"CASE {is_extra}WHEN {credit} THEN '{CREDIT}' ELSE '{SALE}' END"}
        first = ("goods_beside", "is_deposit", "below_zero", "all_numbers", "all_below")
        derive = {k: v for k, v in derive.items() if k in first} | kind | derive
    if count:
        said.append(f"{count:,} rows are credits ({', '.join(kinds) or 'below zero'}): they become returns, and are no orders")
    if off.any():
        said.append(f"{int(off.sum()):,} lines below zero in orders that are bought become discounts of those orders")
    return Money(columns, derive, count, aside, questions, tuple(said), not found.ask and not found.others)


@dataclass(frozen=True)
class _Extras:
    """Rows of an order beside its goods that have an amount and no quantity: a discount, freight, tax."""

    rows: np.ndarray


def _deposits(table: pa.Table, taken: Mapping[str, Guess], given: Amounts, sql: _Sql) -> Deposits | None:
    if "order_id" not in taken:
        return None
    values = given.total if given.total is not None else np.asarray(_worth(given) * given.quantity)
    value = sql.amount() if given.total is not None else f"({sql.amount()} * {sql.number('qty_ordered')})"
    return deposits(table, taken["order_id"].column, values, value)


def _worth(given: Amounts) -> np.ndarray:
    found = given.total if given.total is not None else given.price
    assert found is not None
    return found


def _extras(given: Amounts) -> _Extras:
    goods = np.bincount(given.order, weights=(np.nan_to_num(given.quantity) > 0).astype(float))[given.order] > 0
    return _Extras(np.isnan(given.quantity) & ~np.isnan(_worth(given)) & goods)


def _kinds_of(table: pa.Table, taken: Mapping[str, Guess], rows: np.ndarray) -> str:
    """What the file itself calls such rows, where a column says what a row is."""
    if "_credit" not in taken:
        return ""
    said = table[taken["_credit"].column].to_pylist()
    return ", ".join(sorted({said[i] for i in np.flatnonzero(rows) if said[i]})[:5])


def _less(found: Found, cut: float) -> Found:
    """The same with what lines below zero take off their orders."""
    lower = [replace(r, revenue=round(r.revenue + cut, 2)) for r in (found.reading, *found.others)]
    return replace(found, reading=lower[0], others=tuple(lower[1:]))


def _sums(reading: Reading, found: Found) -> str:
    why = f"; {found.why}" if found.why else ""
    others = "".join(f"; read as {money.told(r)} it would be {r.revenue:,.2f}" for r in found.others)
    return f"revenue {reading.revenue:,.2f}: {money.told(reading)}{why}{others}"


def _gives(reading: Reading) -> str:
    return f"{money.told(reading)}: revenue {reading.revenue:,.2f}"


def _name(reading: Reading) -> str:
    return reading.price if reading.discount == "none" else f"{reading.price}-{reading.discount}"


def _numbers(table: pa.Table, column: str, seen: Profile) -> np.ndarray:
    texts = table[column].to_pylist()
    known = {t: number(t, seen.written) for t in set(texts) if t is not None}
    return np.array([np.nan if (n := known.get(t)) is None else n for t in texts], dtype=float)


def _codes(table: pa.Table, column: str | None) -> np.ndarray:
    if column is None:
        return np.arange(table.num_rows)
    return np.unique(np.array([t or "" for t in table[column].to_pylist()]), return_inverse=True)[1]


def _credit_words(taken: Mapping[str, Guess], seen: Mapping[str, Profile]) -> tuple[str, ...]:
    """The values of the column that says what a row is that take something back."""
    if "_credit" not in taken or len(seen[taken["_credit"].column].distinct) > 12:
        return ()
    words = set(CREDITS.split("|"))
    return tuple(v for v in seen[taken["_credit"].column].distinct if plain_words(v) in words or v.casefold() in words)


def _below(given: Amounts) -> np.ndarray:
    worth = given.price if given.price is not None else given.total
    assert worth is not None
    total = given.total if given.total is not None else worth
    below = (np.nan_to_num(given.quantity) < 0) | (np.nan_to_num(worth) < 0) | (np.nan_to_num(total) < 0)
    return np.asarray(below & ~_extras(given).rows)


def _is_credit(given: Amounts, table: pa.Table, taken: Mapping[str, Guess], kinds: tuple[str, ...]) -> np.ndarray:
    below = _below(given)
    if kinds:
        below |= np.isin(np.array([t or "" for t in table[taken["_credit"].column].to_pylist()]), kinds)
    return below


def _credits(table: pa.Table, taken: Mapping[str, Guess], seen: Mapping[str, Profile], kinds: tuple[str, ...]) -> int:
    given = amounts(table, taken, seen)
    return int(_is_credit(given, table, taken, kinds).sum()) if given is not None else 0


def _sales_only(given: Amounts, table: pa.Table, taken: Mapping[str, Guess], kinds: tuple[str, ...]) -> Amounts:
    """Without the rows that say in words that they are credits, which count as no sale."""
    if not kinds:
        return given
    sold = ~np.isin(np.array([t or "" for t in table[taken["_credit"].column].to_pylist()]), kinds)
    if not sold.any():
        return given
    parts = {
        n: getattr(given, n) for n in ("quantity", "price", "total", "discount", "order_total", "tax", "shipping", "product")
    }
    order = np.unique(given.order[sold], return_inverse=True)[1]
    return replace(given, order=order, **{n: v[sold] for n, v in parts.items() if v is not None})


def _discount_lines(given: Amounts) -> np.ndarray:
    """Lines with a price below zero and something bought beside them in the same order."""
    if given.price is None:
        return np.zeros(len(given.order), bool)
    price, quantity = np.nan_to_num(given.price), np.nan_to_num(given.quantity)
    bought = np.bincount(given.order, weights=((price > 0) & (quantity > 0)).astype(float))[given.order] > 0
    whole = np.bincount(given.order, weights=price * quantity)[given.order] > 0
    return np.asarray((price < 0) & (quantity > 0) & bought & whole)


@dataclass(frozen=True)
class _Sql:
    """The amounts as SQL over the file's columns."""

    taken: Mapping[str, Guess]
    seen: Mapping[str, Profile]
    given: Amounts
    extras: bool = False

    def goods_beside(self) -> str:
        order = quoted(self.taken["order_id"].column) if "order_id" in self.taken else "_row"
        return f"coalesce(bool_or({self.number('qty_ordered')} > 0) OVER (PARTITION BY {order}), false)"

    def extra(self) -> str:
        return f"{self.number('qty_ordered')} IS NULL AND {self.amount()} IS NOT NULL AND goods_beside"

    def amount(self) -> str:
        return self.number("_total" if "_total" in self.taken else "unit_price")

    def name(self, about: str) -> str:
        fields = [f for f in ((about, "unit_price", "_total")) if f in self.taken]
        return f"`{self.taken[fields[0]].column}`" if fields else f"`{about}`"

    def number(self, of: str) -> str:
        if of == "unit_price" and "_per" in self.taken:
            return f"({self._number(of)} / nullif({self._number('_per')}, 0))"
        return self._number(of)

    def _number(self, of: str) -> str:
        column = self.taken[of].column
        return f"number({quoted(column)}, '{self.seen[column].written.notation.decimal if self.seen[column].written.notation else '.'}')"  # type: ignore[union-attr]

    def credit(self, kinds: tuple[str, ...]) -> str:
        worth = self.number("unit_price" if "unit_price" in self.taken else "_total")
        parts = [
            f"{self.number('qty_ordered')} < 0",
            f"({worth} < 0 AND NOT {self._beside()})" if "unit_price" in self.taken else f"{worth} < 0",
        ]
        if "_total" in self.taken and "unit_price" in self.taken:
            parts.append(f"({self.number('_total')} < 0 AND NOT {self._beside()})")
        if kinds:
            values = ", ".join("'" + k.replace("'", "''") + "'" for k in kinds)
            parts.append(f"trim({quoted(self.taken['_credit'].column)}) IN ({values})")
        return " OR ".join(f"coalesce({p}, false)" for p in parts)

    def _beside(self) -> str:
        """Whether the row is a discount line: below zero beside what is bought in the same order, of which something is left."""
        if "order_id" not in self.taken or not _discount_lines(self.given).any():
            return "false"
        price, quantity, order = self.number("unit_price"), self.number("qty_ordered"), quoted(self.taken["order_id"].column)
        return f"({quantity} > 0 AND sum({price} * {quantity}) OVER (PARTITION BY {order}) > 0)"

    def _unless_unread(self, amount: str, read: bool) -> str:
        """The discount; the text itself where it says something that is no number, so that its row is kept out with that reason."""
        if not read:
            return amount
        text = f"trim({quoted(self.taken['discount'].column)})"
        return f"CASE WHEN lower({text}) NOT IN {NULLS_SQL} AND {self.number('discount')} IS NULL THEN {text} ELSE CAST({amount} AS VARCHAR) END"

    def derived(self, reading: Reading, lines_off: bool) -> dict[str, str]:
        quantity = f"abs({self.number('qty_ordered')})"
        order = quoted(self.taken["order_id"].column) if "order_id" in self.taken else "_row"
        if reading.price == "total":
            base = f"abs({self.number('_total')})"
        else:
            price = self.number("unit_price")
            price = f"greatest({price}, 0)" if lines_off else f"abs({price})"
            base = f"({price} * {quantity})" if reading.price == "each" else price
        out = {"unit_price_read": f"CAST({base} / nullif({quantity}, 0) AS DECIMAL(18, 6))"}
        if reading.price == "each":
            out["unit_price_read"] = price
        off = ""
        if reading.discount != "none":
            amount = f"abs(coalesce({self.number('discount')}, 0))"
            once = f"max({amount}) OVER (PARTITION BY {order})"
            share = f"{base} / nullif(sum({base}) OVER (PARTITION BY {order}), 0)"
            off = {
                "amount": amount, "each": f"{amount} * {quantity}", "share": f"{amount} * {base}", "percent": f"{amount} / 100 * {base}",
                "order": f"{once} * {share}", "order_percent": f"{once} / 100 * {base}",
            }[reading.discount]  # fmt: skip
        if lines_off:
            below = f"greatest(-({self.number('unit_price')}) * {quantity}, 0)"
            off = f"{off} + {below}" if off else below
        if self.extras:
            cut = f"sum(CASE WHEN {self.extra()} THEN least({self.amount()}, 0) END) OVER (PARTITION BY {order})"
            once = f"coalesce(-{cut}, 0) * {base} / nullif(sum({base}) OVER (PARTITION BY {order}), 0)"
            off = f"{off} + {once}" if off else once
        if off or "discount" in self.taken:
            out["discount_read"] = self._unless_unread(f"CAST({off or 0} AS DECIMAL(18, 6))", reading.discount != "none")
        return out

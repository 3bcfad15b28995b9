"""What the amounts of a file of order lines mean: a price of one piece or of the line, a discount as an amount, a share or
percent, of a piece, a line or an order. Arithmetic over all rows decides; where it does not, readings are told with their sums."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import product
from typing import Literal

import numpy as np

Price = Literal["each", "line", "total"]
Discount = Literal["none", "amount", "each", "share", "percent", "order", "order_percent"]
PRICES: dict[Price, str] = {
    "each": "the price of one piece",
    "line": "the price of the whole line",
    "total": "the line's total",
}
DISCOUNTS: dict[Discount, str] = {
    "none": "is in the price already", "amount": "an amount off the line", "each": "an amount off each piece",
    "share": "a share of the line (0.2 = 20 %)", "percent": "percent of the line", "order": "an amount off the whole order",
    "order_percent": "percent of the whole order",
}  # fmt: skip
PERCENT, AMOUNT = ("%", "pct", "percent", "prozent"), ("amount", "betrag", "montant", "importe")
"""What a discount's name says of its kind."""
SURE, CLEARLY = 0.9, 0.3
CENT = 0.011


@dataclass(frozen=True)
class Amounts:
    """The numbers of a file, one a row (NaN where there is none): `total` is the line's, `order_total` the order's; `order`
    numbers the order of each row; `named` the columns' names by role."""

    order: np.ndarray
    quantity: np.ndarray
    price: np.ndarray | None = None
    total: np.ndarray | None = None
    discount: np.ndarray | None = None
    order_total: np.ndarray | None = None
    tax: np.ndarray | None = None
    shipping: np.ndarray | None = None
    product: np.ndarray | None = None
    percent: bool = False
    named: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Reading:
    """One way to read the amounts: what the price and the discount are, the revenue that it gives, and of how many checks
    (rows or orders whose own totals can be recomputed) how many agree."""

    price: Price
    discount: Discount
    revenue: float
    agree: int = 0
    checks: int = 0

    @property
    def share(self) -> float:
        return self.agree / self.checks if self.checks else 0.0


@dataclass(frozen=True)
class Found:
    """The reading that is taken, others that fit too (each with another sum), whether only a person can tell, and why."""

    reading: Reading
    others: tuple[Reading, ...] = ()
    ask: bool = False
    why: str = ""


def read(given: Amounts) -> Found:
    """The reading of a file's amounts, decided by its own totals, else by its values, else left open."""
    readings = [_checked(given, p, d) for p, d in product(_prices(given), _discounts(given))]
    checked = [r for r in readings if r.checks]
    best = max(checked, key=lambda r: (r.share, _likely(given, r)), default=None)
    if best is not None and best.share >= SURE:
        rivals = [r for r in checked if r.share > best.share - CLEARLY / 3 and _other(r, best)]
        other = max((r for r in readings if _other(r, best)), key=lambda r: _likely(given, r), default=None)
        why = f"agrees with {_totals(given)} on {best.agree:,} of {best.checks:,}"
        if other is not None and other.checks:
            why += f" (read as {told(other)}: {other.agree:,})"
        return Found(best, tuple(rivals), bool(rivals), why)
    return _by_values(given, readings, best)


def told(reading: Reading) -> str:
    """The reading in words."""
    price = PRICES[reading.price]
    return price if reading.discount == "none" else f"{price}, the discount {DISCOUNTS[reading.discount]}"


def line_values(given: Amounts, price: Price, discount: Discount) -> np.ndarray:
    """The value of each line in a reading."""
    base = _base(given, price)
    off = np.zeros(len(base)) if given.discount is None else np.nan_to_num(given.discount)
    if discount == "amount":
        return base - np.abs(off)
    if discount == "each":
        return base - np.abs(off) * np.abs(given.quantity)  # type: ignore[no-any-return]
    if discount == "share":
        return base * (1 - np.abs(off))  # type: ignore[no-any-return]
    if discount == "percent":
        return base * (1 - np.abs(off) / 100)
    if discount in ("order", "order_percent"):
        whole = _per_order(given, np.nan_to_num(base))
        once = _of_order(given, np.abs(off))
        share = np.divide(np.nan_to_num(base), whole, out=np.zeros(len(base)), where=np.abs(whole) > 1e-9)
        return base - (once * share if discount == "order" else base * once / 100)  # type: ignore[no-any-return]
    return base


def _prices(given: Amounts) -> list[Price]:
    if given.price is None:
        return ["total"]
    return ["each", "line"]


def _discounts(given: Amounts) -> list[Discount]:
    if given.discount is None or not np.nan_to_num(given.discount).any():
        return ["none"]
    off = np.abs(given.discount[~np.isnan(given.discount)])
    found: list[Discount] = ["none"]
    if given.percent:
        return [*found, "percent", "order_percent"] if _same_in_order(given) else [*found, "percent"]
    if off.max() <= 1 and not _says(given, AMOUNT):
        found.append("share")
    if off.max() <= 100 and not _says(given, AMOUNT):
        found.append("percent")
    if _says(given, PERCENT) and len(found) > 1:
        return [*found, "order_percent"] if _same_in_order(given) else found
    return [*found, "amount", "each", *(["order"] if _same_in_order(given) or _once(given) else [])]  # type: ignore[list-item]


def _checked(given: Amounts, price: Price, discount: Discount) -> Reading:
    values = line_values(given, price, discount)
    bought = values[~np.isnan(values) & (np.nan_to_num(values) > 0)]
    agree = checks = 0
    slack = CENT + 0.005 * np.abs(np.nan_to_num(given.quantity, nan=1))
    base = _base(given, price)
    if given.total is not None and given.price is not None:
        known = ~np.isnan(given.total) & ~np.isnan(values)
        tax = np.zeros(len(values)) if given.tax is None else np.nan_to_num(given.tax)
        fits = [np.abs(values - given.total) <= slack, np.abs(values + tax - given.total) <= slack]
        if given.discount is not None and discount != "none" and given.order_total is None:
            fits.append((np.abs(base - given.total) <= slack) & (np.nan_to_num(given.discount) == 0))
        agree += max(int(np.sum(f & known)) for f in fits)
        checks += int(known.sum())
    if given.order_total is not None:
        good, of = _orders_agree(given, np.nan_to_num(values))
        agree, checks = agree + good, checks + of
    return Reading(price, discount, round(float(bought.sum()), 2), agree, checks)


def _orders_agree(given: Amounts, values: np.ndarray) -> tuple[int, int]:
    """Orders whose lines add up to the order's own total, with tax and shipping or without, the same way for all."""
    first = _firsts(given)
    said = _of_order(given, given.order_total)[first]
    sums = _per_order(given, values)[first]
    known = ~np.isnan(said)
    slack = CENT + 0.01 * np.bincount(given.order)[given.order[first]]
    extras = [np.zeros(len(first))]
    for extra in (given.tax, given.shipping):
        if extra is not None:
            once = np.nan_to_num(_of_order(given, extra))[first]
            each = _per_order(given, np.nan_to_num(extra))[first]
            extras = [e + x for e in extras for x in (0, once, each)]
    good = max(int(np.sum((np.abs(sums + e - said) <= slack) & known)) for e in extras)
    return good, int(known.sum())


def _by_values(given: Amounts, readings: list[Reading], best: Reading | None) -> Found:
    """Where no total decides: what the values themselves say, and what stays open."""
    price: Price = "total" if given.price is None else "each"
    why = ""
    if given.price is not None and (steady := _steady(given)):
        price, why = (
            steady,
            "the same article has this price at every quantity"
            if steady == "each"
            else "the same article's price grows with its quantity",
        )
    discount = _discount_by_value(given, price)
    taken = next(r for r in readings if (r.price, r.discount) == (price, discount))
    same_price = [r for r in readings if r.price == price and _other(r, taken)]
    others = [r for r in same_price if r.discount in _rivals(given, discount)]
    if best is not None:
        totals = _totals(given)
        why += f"{'; ' if why else ''}the best reading agrees with {totals} on {best.agree:,} of {best.checks:,}"
        lines_differ = given.total is not None and given.price is not None
        if not _other(best, taken) and best.share > SURE / 2 and not lines_differ:
            return Found(taken, tuple(others), bool(others) and discount != "none", why)
        if _other(best, taken) and best not in others:
            others.append(best)
        if given.total is not None and given.price is not None:
            others.append(_checked(replace(given, price=None), "total", "none"))
        others = [r for r in others if _other(r, taken)]
        return Found(taken, tuple(others), bool(others), why)
    ask = bool(others) and (discount != "none" or price == "total") and not _certain(given, discount)
    if price == "total" and ask:
        named = given.named or {}
        why = f"nothing says whether it is taken off `{named.get('total', 'the total')}` already"
    return Found(taken, tuple(others), ask, why)


def _discount_by_value(given: Amounts, price: Price) -> Discount:
    kinds = _discounts(given)
    if kinds == ["none"] or price == "total":
        return "none"
    off = np.abs(given.discount[~np.isnan(given.discount)])  # type: ignore[arg-type, index]
    if given.percent:
        return "percent"
    if "share" in kinds and (off[off > 0] < 1).all() and np.nanmedian(np.abs(_base(given, price))) > 2:
        return "share"
    over = np.abs(np.nan_to_num(given.discount)) > np.abs(_base(given, price)) + CENT  # type: ignore[arg-type]
    if over.any() and "percent" in kinds:
        return "percent"
    if _named_percent(given) and "percent" in kinds:
        return "percent"
    if "order" in kinds and _same_in_order(given):
        return "order"
    return "amount"


def _rivals(given: Amounts, discount: Discount) -> set[str]:
    off = np.abs(np.nan_to_num(given.discount)) if given.discount is not None else np.zeros(1)
    if discount == "none":
        return {"share", "percent", "amount"}
    rivals = set()
    if (off[off > 0] % 5 == 0).all() and off.max() <= 100:
        rivals |= {"percent", "amount"}
    if discount == "order":
        rivals |= {"amount"}
    if discount == "amount" and (np.nan_to_num(given.quantity)[off > 0] > 1).any():
        rivals |= {"each"}
    return rivals - {discount}


def _certain(given: Amounts, discount: Discount) -> bool:
    if discount == "none":  # a share beside what was paid says how that came about
        return "share" in _discounts(given) or any(
            w in (given.named or {}).get("total", "").lower() for w in ("net", "after", "nach")
        )
    return given.percent or discount == "share" or (discount == "percent" and _named_percent(given))


def _named_percent(given: Amounts) -> bool:
    return _says(given, (*PERCENT, "rate"))


def _says(given: Amounts, words: tuple[str, ...]) -> bool:
    """Whether the discount's name holds one of these."""
    name = (given.named or {}).get("discount", "").lower()
    return any(w in name for w in words)


def _steady(given: Amounts) -> Price | None:
    """What is the same for an article at different quantities: its price, or its price over its quantity."""
    if given.product is None or given.price is None:
        return None
    each = line = 0
    for article in np.unique(given.product):
        here = (given.product == article) & (given.quantity > 0) & ~np.isnan(given.price)
        if len(np.unique(given.quantity[here])) < 2:
            continue
        price, quantity = given.price[here], given.quantity[here]
        flat, over = (
            np.ptp(price) <= 0.02 * abs(price.mean()),
            np.ptp(price / quantity) <= 0.02 * abs((price / quantity).mean()),
        )
        each, line = each + (flat and not over), line + (over and not flat)
    if each + line == 0 or min(each, line) > 0.2 * max(each, line):
        return None
    return "each" if each > line else "line"


def _likely(given: Amounts, reading: Reading) -> tuple[bool, bool]:
    return reading.discount == _discount_by_value(given, reading.price), reading.price == "each"


def _other(one: Reading, than: Reading) -> bool:
    return abs(one.revenue - than.revenue) > 0.02 + 1e-6 * abs(than.revenue)


def _totals(given: Amounts) -> str:
    named = given.named or {}
    return " and ".join(
        f"`{named.get(r, r)}`"
        for r in ("total", "order_total")
        if getattr(given, r) is not None and not (r == "total" and given.price is None)
    )


def _base(given: Amounts, price: Price) -> np.ndarray:
    if price == "total":
        assert given.total is not None
        return given.total
    assert given.price is not None
    return given.price * given.quantity if price == "each" else given.price * np.sign(given.quantity)  # type: ignore[no-any-return]


def _firsts(given: Amounts) -> np.ndarray:
    return np.unique(given.order, return_index=True)[1]


def _per_order(given: Amounts, values: np.ndarray) -> np.ndarray:
    """Each row's order's sum."""
    return np.bincount(given.order, weights=values)[given.order]  # type: ignore[no-any-return]


def _of_order(given: Amounts, values: np.ndarray | None) -> np.ndarray:
    """Each row's order's one value (the largest where it stands on several rows)."""
    assert values is not None
    best = np.full(int(given.order.max()) + 1, -np.inf)
    np.maximum.at(best, given.order, np.where(np.isnan(values), -np.inf, values))
    best[np.isinf(best)] = np.nan
    return best[given.order]  # type: ignore[no-any-return]


def _lines_of(given: Amounts) -> np.ndarray:
    return np.bincount(given.order)[given.order]  # type: ignore[no-any-return]


def _same_in_order(given: Amounts) -> bool:
    """Whether every order of several lines carries one and the same discount on all of them."""
    assert given.discount is not None
    off = np.nan_to_num(given.discount)
    many = _lines_of(given) > 1
    some = many & (_of_order(given, off) != 0)
    return bool(some.any()) and bool((off == _of_order(given, off))[some].all())


def _once(given: Amounts) -> bool:
    """Whether at most one line of every order carries a discount, and orders have several lines."""
    off = np.nan_to_num(given.discount) != 0  # type: ignore[arg-type]
    per = _per_order(given, off.astype(float))
    return bool((_lines_of(given) > 1).any()) and bool((per <= 1).all())

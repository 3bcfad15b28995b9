"""What the models read: the canonical tables as of the snapshot, cut down to small frames by the metric layer's bases."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pandas as pd

from knowledge.access import Reader
from knowledge.errors import NoData
from knowledge.metrics import bases
from knowledge.metrics.bases import Context

if TYPE_CHECKING:
    import ibis.expr.types as ir


@dataclass(frozen=True)
class Inputs:
    """Frames of one reader's snapshot, each read once when first used; a table that was never loaded gives no rows.

    Sums are made in decimals and only then become floats, so they do not depend on row order. Days are `datetime64`
    midnights in the workspace's zone. `last` reads the snapshot before, where there is one."""

    reader: Reader
    last: Reader | None = None

    @cached_property
    def settings(self) -> dict[str, Any]:
        """The workspace's settings as the build found them."""
        return dict(self.reader.snapshot.facts.get("settings") or {})

    def earlier(self, days: int) -> Inputs:
        """The same as it was that many days ago: what came later is not seen."""
        own = self.reader
        then = replace(own.snapshot, as_of=own.snapshot.as_of - timedelta(days=days))
        return Inputs(Reader(own.workspace, then, own.scope, own.engine))

    @cached_property
    def context(self) -> Context:
        return Context(self.reader, self.reader.snapshot.as_of)

    @cached_property
    def today(self) -> date:
        """The as-of day in the workspace's zone."""
        zone = ZoneInfo(str(self.reader.snapshot.facts.get("zone", "UTC")))
        return self.context.as_of.astimezone(zone).date()

    @property
    def now(self) -> pd.Timestamp:
        return pd.Timestamp(self.today)

    def has(self, table: str, *columns: str) -> bool:
        """Whether the table holds rows and something in each of the columns."""
        return self.reader.rows(table) > 0 and all(self.reader.filled(table, c) for c in columns)

    @cached_property
    def customers(self) -> pd.DataFrame:
        names = ("customer_id", "industry", "size", "region", "is_strategic", "service_tier")
        return self._frame(lambda: bases.customers(self.context).select(*names), names)

    @cached_property
    def attributes(self) -> pd.DataFrame:
        """Everything that is recorded of customers and may stand in a rule."""
        names = (
            "customer_id",
            "name",
            "industry",
            "size",
            "region",
            "country",
            "account_owner",
            "service_tier",
            "is_strategic",
        )
        return self._frame(lambda: bases.customers(self.context).select(*names), names)

    def before(self, table: str, column: str) -> pd.Series:
        """What the last build said of each customer; empty where there was none."""
        try:
            known = (
                self.last.frame(table).set_index("customer_id")[column] if self.last is not None else pd.Series(dtype="object")
            )
        except (NoData, KeyError):
            return pd.Series(dtype="object")
        return known.dropna()

    @cached_property
    def products(self) -> pd.DataFrame:
        """Articles with `unit_cost`, `pack_size` and `lead_time_days` as floats."""
        names = ("product_id", "category", "unit_cost", "pack_size", "lead_time_days", "order_type")
        found = self._frame(lambda: self.reader.table("products").select(*names), names)
        numbers: dict[str, str] = dict.fromkeys(("unit_cost", "pack_size", "lead_time_days"), "float64")
        return found.astype(numbers)

    @cached_property
    def customer_days(self) -> pd.DataFrame:
        """`customer_id`, `day`, `orders`, `value` of each day on which a customer ordered."""

        def query() -> ir.Table:
            rows = bases.orders(self.context)
            days = rows.group_by("customer_id", "day").aggregate(orders=rows.order_id.nunique())
            if not self.has("order_lines"):
                return days.mutate(value=0.0)
            spent = bases.lines(self.context)
            value = spent.group_by("customer_id", "day").aggregate(value=spent.lv.sum().cast("float64"))
            return days.left_join(value, ["customer_id", "day"]).select("customer_id", "day", "orders", "value")

        found = self._frame(query, ("customer_id", "day", "orders", "value"), days=("day",))
        found["value"] = found["value"].astype("float64").fillna(0.0).round(6)
        return found.sort_values(["customer_id", "day"], ignore_index=True)

    @cached_property
    def product_days(self) -> pd.DataFrame:
        """`product_id`, `day`, `units`, `value` ordered."""

        def query() -> ir.Table:
            rows = bases.lines(self.context)
            sums = {"units": rows.qty_ordered.sum().cast("float64"), "value": rows.lv.sum().cast("float64")}
            return rows.group_by("product_id", "day").aggregate(**sums)

        found = self._frame(query, ("product_id", "day", "units", "value"), days=("day",))
        numbers: dict[str, str] = {"units": "float64", "value": "float64"}
        return found.astype(numbers).sort_values(["product_id", "day"], ignore_index=True)

    @cached_property
    def bought(self) -> pd.DataFrame:
        """`customer_id`, `product_id`, `first_day`, `last_day`, `value`, `category`, a row an article a customer ever ordered."""

        def query() -> ir.Table:
            rows = bases.lines(self.context)
            return rows.group_by("customer_id", "product_id").aggregate(
                first_day=rows.day.min(), last_day=rows.day.max(), value=rows.lv.sum().cast("float64")
            )

        names = ("customer_id", "product_id", "first_day", "last_day", "value")
        found = self._frame(query, names, days=("first_day", "last_day")).sort_values(
            ["customer_id", "product_id"], ignore_index=True
        )
        kinds = self.products.set_index("product_id")["category"]
        return found.assign(category=found["product_id"].map(kinds))

    def frame(self, query: Callable[[], ir.Table], columns: tuple[str, ...], days: tuple[str, ...] = ()) -> pd.DataFrame:
        """The query's rows; none where a table it needs is not there."""
        return self._frame(query, columns, days)

    def _frame(self, query: Callable[[], ir.Table], columns: tuple[str, ...], days: tuple[str, ...] = ()) -> pd.DataFrame:
        found = pd.DataFrame()
        with suppress(NoData):
            found = query().execute()[list(columns)]
        if found.empty:  # of no type, so that it joins anything
            found = pd.DataFrame({name: pd.Series(dtype="object") for name in columns})
        return found.assign(**{name: pd.to_datetime(found[name]) for name in days})

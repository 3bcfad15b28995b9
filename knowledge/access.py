"""Rights at the query: who reads (Scope) and the only door to the tables of a snapshot (Reader)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import pyarrow as pa

from knowledge.errors import NoData, NotAllowed
from knowledge.records import Right
from knowledge.schema import TABLES
from knowledge.snapshot import Snapshot
from knowledge.tables import Engine

if TYPE_CHECKING:
    import ibis
    import pandas as pd

ROLE_RIGHTS: dict[str, frozenset[Right]] = {
    "rep": frozenset({"open"}),
    "quality": frozenset({"open"}),
    "manager": frozenset({"open", "commercial", "personal"}),
    "admin": frozenset({"open", "commercial", "personal"}),
}


COMMERCIAL: dict[str, frozenset[str] | None] = {
    "products": frozenset({"unit_cost"}),
    "order_lines": frozenset({"unit_cost"}),
    "customer_model": frozenset(
        {
            "p_alive", "expected_orders_90d", "expected_order_value", "clv_revenue", "clv", "clv_low", "clv_high", "overdue_ratio",
            "churn_risk", "churn_reasons", "next_order_date", "next_order_low", "next_order_high", "profit_revenue",
            "gross_margin", "returns_effect", "cost_to_serve", "net_margin", "profit_rank", "trust_index", "trust_coverage",
            "trust_parts", "strategic_score", "strategic_missing", "share_of_wallet_proxy", "value_score", "recommended_tier",
            "tier_gap", "tier_reason", "rule_segment",
        }
    ),
    "customer_months": frozenset({"costed_revenue", "costed_lines", "gross_margin", "returns_effect", "cost_to_serve", "net_margin"}),
    "white_space": None, "next_products": None, "customer_costs": None, "cost_pools": None, "cost_activities": None,
    "model_notes": None,
}  # fmt: skip
"""Columns that need the commercial right; None: the whole table does."""

WHOLE_COMPANY = frozenset(
    {
        "product_model",
        "forecasts",
        "reorders",
        "cost_pools",
        "cost_activities",
        "model_notes",
        "theme_lifts",
        "theme_drivers",
        "theme_trends",
        "reason_trends",
    }
)
"""Tables that add up all accounts, so that a reader of some accounts cannot see them."""


RANKED = {"customer_model": frozenset({"profit_rank"})}
"""Columns that place an account among all, which a reader of some accounts cannot see."""

T = TypeVar("T")


@dataclass(frozen=True)
class Scope:
    """What one reader may see: `accounts` None means all customers; `rights` which sensitivities. There is no default. A role of
    the company's own is `like` one of ours: it may do what that one does (review themes, run the workspace)."""

    principal: str
    role: str
    accounts: frozenset[str] | None
    rights: frozenset[Right]
    like: str = ""

    @classmethod
    def of_role(cls, role: str) -> Scope:
        """Somebody of that role who may see all accounts."""
        return cls(role, role, None, ROLE_RIGHTS[role])

    @property
    def kind(self) -> str:
        """Which of our roles it acts as."""
        return self.like or self.role

    @property
    def audiences(self) -> frozenset[str]:
        """The words in a document's `audience` that mean this reader, besides those that mean everybody."""
        return frozenset({self.role, self.kind})

    def may(self, right: Right) -> bool:
        return right in self.rights


def together(scopes: Iterable[Scope], name: str) -> Scope:
    """What all of them may see: the rights and the accounts that everyone has; nothing where there is nobody."""
    listed = list(scopes)
    if not listed:
        return Scope("nobody", "nobody", frozenset(), frozenset())
    limited = [s.accounts for s in listed if s.accounts is not None]
    accounts = frozenset.intersection(*limited) if limited else None
    rights = frozenset.intersection(*(s.rights for s in listed))
    roles, kinds = {s.role for s in listed}, {s.kind for s in listed}
    role, like = (next(iter(r)) if len(r) == 1 else "everyone" for r in (roles, kinds))
    return Scope(name, role, accounts, rights, like)


def open_to_all(table: str) -> bool:
    """Whether every reader may see the table, each their own rows of it."""
    return table not in WHOLE_COMPANY and table not in COMMERCIAL


def _where_from(name: str) -> str:
    if name in TABLES:
        return f"Import `{name}`, then run `rapport build`."
    return "The last build found too little in the data to make it."


class Reader:
    """Reads one snapshot as one reader: every table leaves here already cut to the reader's accounts."""

    def __init__(
        self, workspace: Path, snapshot: Snapshot, scope: Scope, engine: Engine | Callable[[], Engine] | None = None
    ) -> None:
        """`engine` may be what gives one: it is asked when a table is first read."""
        self.workspace = workspace
        self.snapshot = snapshot
        self.scope = scope
        self._engine = engine
        self._filled: dict[tuple[str, str], bool] = {}
        self._once: dict[str, Any] = {}

    @cached_property
    def engine(self) -> Engine:
        given = self._engine
        if given is None:
            return Engine(self.workspace / "tables", str(self.snapshot.facts.get("zone", "UTC")))
        return given() if callable(given) else given

    def of_all(self) -> Reader:
        """A reader of all accounts with the same rights: for what is kept for many and cut to each. Nothing of it leaves uncut."""
        return Reader(self.workspace, self.snapshot, replace(self.scope, accounts=None), lambda: self.engine)

    def bare(self) -> Reader:
        """The same over a database of its own that keeps nothing: what it reads it reads from the tables themselves."""
        zone = str(self.snapshot.facts.get("zone", "UTC"))
        return Reader(self.workspace, self.snapshot, self.scope, Engine(self.workspace / "tables", zone, 0))

    def once(self, name: str, find: Callable[[], T]) -> T:
        """What `find` gives, found once: a snapshot does not change."""
        if name not in self._once:
            self._once[name] = find()
        found: T = self._once[name]
        return found

    def rows(self, name: str) -> int:
        """Rows of the table in the snapshot, before any scope; 0 where it was never loaded."""
        version = self.snapshot.tables.get(name)
        return version.rows if version else 0

    def table(self, name: str) -> ibis.Table:
        """The table as an ibis expression, cut to the scope: to its accounts and to the columns it has a right to.

        Fails: NoData when it is empty or was never loaded, or tells of all accounts and the reader may see some;
        NotAllowed when all of it is commercial."""
        version = self.snapshot.tables.get(name)
        if version is None or version.rows == 0:
            raise NoData(f"There is no data: this needs `{name}`.", _where_from(name), code="no_data")
        if name in WHOLE_COMPANY and self.scope.accounts is not None:
            raise NoData(
                f"`{name}` is made over all accounts, of which you see some.",
                "Ask somebody who sees all.",
                code="some_accounts",
            )
        schema = TABLES[name].arrow if name in TABLES else pa.schema([])
        table = self.engine.table(version, schema)
        return self._cut(self._permitted(name, table), name)

    def _permitted(self, name: str, table: ibis.Table) -> ibis.Table:
        if self.scope.accounts is not None:
            table = table.drop(*(c for c in table.columns if c in RANKED.get(name, ())))
        if name not in COMMERCIAL or self.scope.may("commercial"):
            return table
        hidden = COMMERCIAL[name]
        if hidden is None:
            raise NotAllowed(f"`{name}` is not open to the role {self.scope.role}.", "A manager can see it.")
        return table.drop(*(c for c in table.columns if c in hidden))

    def filled(self, name: str, column: str) -> bool:
        """Whether the table is there and the column holds at least one value (in the whole snapshot, not only the scope)."""
        key = (name, column)
        if key not in self._filled:
            version = self.snapshot.tables.get(name)
            if version is None or version.rows == 0:
                return False
            table = self.engine.table(version, TABLES[name].arrow if name in TABLES else pa.schema([]))
            there = column in table.columns
            self._filled[key] = there and bool(table.filter(table[column].notnull()).limit(1).count().execute())
        return self._filled[key]

    def frame(self, name: str) -> pd.DataFrame:
        """The table as a pandas frame, cut to the scope. Fails: NoData as `table`."""
        frame: pd.DataFrame = self.table(name).execute()
        return frame

    def _cut(self, table: ibis.Table, name: str) -> ibis.Table:
        if self.scope.accounts is None:
            return table
        import ibis

        allowed = sorted(self.scope.accounts)
        if "customer_id" in table.columns:
            table = table.filter(table.customer_id.isin(allowed))
            if name == "customers" and "parent_id" in table.columns:  # a parent that is hidden is not known
                table = table.mutate(parent_id=ibis.ifelse(table.parent_id.isin(allowed), table.parent_id, ibis.null("string")))
            return table
        if "order_id" in table.columns:  # order lines: through the order
            return table.semi_join(self.table("orders"), "order_id")
        if "feedback_id" in table.columns:  # segments, mentions: through the comment
            return table.semi_join(self.table("feedback"), "feedback_id")
        return table

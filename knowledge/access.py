"""Rights at the query: who reads (Scope) and the only door to the tables of a snapshot (Reader)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from knowledge.errors import NoData
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


@dataclass(frozen=True)
class Scope:
    """What one reader may see: `accounts` None means all customers; `rights` which sensitivities. There is no default."""

    principal: str
    role: str
    accounts: frozenset[str] | None
    rights: frozenset[Right]

    @classmethod
    def of_role(cls, role: str) -> Scope:
        """Somebody of that role who may see all accounts."""
        return cls(role, role, None, ROLE_RIGHTS[role])

    def may(self, right: Right) -> bool:
        return right in self.rights


class Reader:
    """Reads one snapshot as one reader: every table leaves here already cut to the reader's accounts."""

    def __init__(self, workspace: Path, snapshot: Snapshot, scope: Scope, engine: Engine | None = None) -> None:
        self.workspace = workspace
        self.snapshot = snapshot
        self.scope = scope
        self.engine = engine or Engine(workspace / "tables", str(snapshot.facts.get("zone", "UTC")))
        self._filled: dict[tuple[str, str], bool] = {}

    def rows(self, name: str) -> int:
        """Rows of the table in the snapshot, before any scope; 0 where it was never loaded."""
        version = self.snapshot.tables.get(name)
        return version.rows if version else 0

    def table(self, name: str) -> ibis.Table:
        """The table as an ibis expression, cut to the scope. Fails: NoData when it is empty or was never loaded."""
        version = self.snapshot.tables.get(name)
        if version is None or version.rows == 0:
            raise NoData(
                f"There is no data: this needs `{name}`.", f"Import `{name}`, then run `rapport build`.", code="no_data"
            )
        schema = TABLES[name].arrow if name in TABLES else pa.schema([])
        table = self.engine.table(version, schema)
        return self._cut(table)

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

    def _cut(self, table: ibis.Table) -> ibis.Table:
        if self.scope.accounts is None:
            return table
        allowed = sorted(self.scope.accounts)
        if "customer_id" in table.columns:
            return table.filter(table.customer_id.isin(allowed))
        if "order_id" in table.columns:  # order lines: through the order
            return table.semi_join(self.table("orders"), "order_id")
        if "feedback_id" in table.columns:  # segments, mentions: through the comment
            return table.semi_join(self.table("feedback"), "feedback_id")
        return table

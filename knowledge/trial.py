"""An import into a workspace that is thrown away: what a mapping would make of files, before anything is kept."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from knowledge import survey
from knowledge.ingest import ImportReport, import_files
from knowledge.mapping import Canonical, Mapping, uses
from knowledge.nearest import Meaning
from knowledge.readers import ROW
from knowledge.schema import TABLES
from knowledge.sources import gather
from knowledge.tables import Store, sql_session

SHOWN = 3


@dataclass(frozen=True)
class Trial:
    """What became of the rows; `sums` that a person can check against the source; the first `rows` of each table; columns that
    the mapping does not read, by file."""

    report: ImportReport
    sums: dict[str, str]
    rows: dict[str, list[dict[str, Any]]]
    left: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def trial(
    mapping: Mapping | Canonical,
    paths: Sequence[Path | str],
    *,
    zone: str = "UTC",
    meaning: Meaning | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> Trial:
    """Loads files as `import_files` does, and keeps nothing. Fails: as `import_files`."""
    with tempfile.TemporaryDirectory(prefix="rapport-try-") as folder:
        report = import_files(Path(folder), mapping, paths, zone=zone, meaning=meaning, progress=progress)
        store = Store(Path(folder) / "tables")
        there = {n: store.read(n) for n in TABLES if store.exists(n)}
        rows = {n: t.drop_columns(["source", "loaded_at"]).slice(0, SHOWN).to_pylist() for n, t in there.items() if t.num_rows}
        return Trial(report, _sums(there), rows, tuple(_left(mapping, paths, meaning)))


def _sums(there: dict[str, Any]) -> dict[str, str]:
    session = sql_session()
    for name, table in there.items():
        session.register(name, table)
    asked = {
        "order_lines": ("revenue (gross, without cancelled orders)", "SELECT sum(CAST(qty_ordered AS DECIMAL(38, 6)) * unit_price - coalesce(discount, 0)) FROM order_lines JOIN orders USING (order_id) WHERE status <> 'cancelled'"),
        "orders": ("orders from and to", "SELECT strftime(min(ordered_at), '%d %b %Y') || ' to ' || strftime(max(ordered_at), '%d %b %Y') FROM orders"),
        "returns": ("value of returns", "SELECT sum(value) FROM returns"),
        "feedback": ("comments from and to", """SELECT strftime(min("at"), '%d %b %Y') || ' to ' || strftime(max("at"), '%d %b %Y') FROM feedback"""),
        "invoices": ("amount of invoices", "SELECT sum(amount) FROM invoices"),
    }  # fmt: skip
    out = {f"{n} rows": f"{t.num_rows:,}" for n, t in there.items()}
    for table, (said, sql) in asked.items():
        if table in there and (table != "order_lines" or "orders" in there):
            row = session.execute(sql).fetchone()
            if row and row[0] is not None:
                out[said] = row[0] if isinstance(row[0], str) else f"{row[0]:,.2f}"
    if "order_lines" in there and "orders" in there:
        each = session.execute(
            "SELECT upper(trim(currency)), sum(CAST(qty_ordered AS DECIMAL(38, 6)) * unit_price - coalesce(discount, 0)) FROM order_lines JOIN orders USING (order_id) "
            "WHERE status <> 'cancelled' GROUP BY 1 ORDER BY 1"
        ).fetchall()
        if len([c for c, _ in each if c]) > 1:
            del out[asked["order_lines"][0]]
            out["revenue by currency, which is not added up"] = ", ".join(f"{c or 'none'} {v:,.2f}" for c, v in each)
    if "order_lines" in there:
        row = session.execute("SELECT sum(qty_ordered) FROM order_lines").fetchone()
        out["units"] = f"{row[0]:,.2f}" if row and row[0] is not None else "0"
    return out


def _left(mapping: Mapping | Canonical, paths: Sequence[Path | str], meaning: Meaning | None) -> list[str]:
    if isinstance(mapping, Canonical):
        return []  # the import says it itself
    said = []
    session = sql_session()
    for source in gather(paths, mapping):
        if source.path is None or source.part is None or not source.counted:
            continue
        table = source.read(session).table
        columns = [c for c in table.column_names if c != ROW]
        asked = {n: a for n, a in source.part.accept.items() if a.asks}
        read = {q.name for qs in survey.recognised(table, asked, meaning).values() for q in qs} if asked else set()
        left = [c for c in columns if c not in read and not uses(source.part, c)]
        if left:
            said.append(f"{source.name}: {', '.join(left)}")
    return said

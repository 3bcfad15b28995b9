"""What a file of `tests/data/files/outside` gives when it is first met: loaded as a person would, and counted."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from knowledge.errors import RapportError
from knowledge.ingest import import_files
from knowledge.mapping import load_mapping
from knowledge.nearest import Meaning
from knowledge.query import run
from knowledge.records import MetricQuery
from knowledge.suggest import suggest
from knowledge.tables import Store
from tests.support import of_imported

OUTSIDE = Path(__file__).parents[1] / "data" / "files" / "outside"


@dataclass(frozen=True)
class Met:
    """What came of it: `facts` of the tables, all that was `said`, and whether it was refused or asked."""

    facts: dict[str, Any]
    said: str
    refused: bool


def expected(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((OUTSIDE / name / "expected.json").read_text(encoding="utf-8"))
    return found


def met(name: str, home: Path, meaning: Meaning | None = None) -> Met:
    """Proposes a mapping for each file of the case (or takes the one that it names) and imports with it."""
    wanted = expected(name)
    files = [OUTSIDE / name / f for f in wanted["files"]]
    said: list[str] = []
    refused = False
    try:
        for mapping, chosen in _steps(wanted.get("mapping", ""), files, home, meaning, said):
            report = import_files(home / "w", load_mapping(mapping), chosen, zone=wanted["zone"], meaning=meaning)
            said += [*report.notes, *report.set_aside, *report.reasons]
            refused = refused or report.nothing_loaded
    except RapportError as err:
        said.append(str(err))
        refused = True
    return Met(facts(home / "w", wanted["zone"]), "\n".join(said), refused)


def _steps(mapping: str, files: list[Path], home: Path, meaning: Meaning | None, said: list[str]) -> Any:
    if mapping == "canonical+mbox":
        yield "canonical", [f for f in files if f.suffix == ".csv"]
        yield "mbox", [f for f in files if f.suffix == ".mbox"]
    elif mapping:
        yield mapping, files
    for number, file in enumerate([] if mapping else files):
        found = suggest(file, meaning)
        said += [*found.notes, *found.assumed, *(f"not found: {m}" for m in found.missing)]
        said += [f"{q.ask} {q.options}" for q in found.questions]
        said += [f"not understood: {', '.join(found.left)}"] if found.left else []
        made = home / f"m{number}.yaml"
        made.write_text(found.yaml, encoding="utf-8")
        yield str(made), [file]


def facts(workspace: Path, zone: str) -> dict[str, Any]:
    """The figures that a case may name, from what is loaded."""
    store = Store(workspace / "tables")
    all_of = {n: store.read(n).to_pylist() if store.exists(n) else [] for n in KINDS}
    orders = {o["order_id"]: o for o in all_of["orders"] if o["status"] != "cancelled"}
    lines = [line for line in all_of["order_lines"] if line["order_id"] in orders]
    worth = [
        (orders[x["order_id"]]["currency"], float(x["qty_ordered"] * x["unit_price"] - (x["discount"] or 0))) for x in lines
    ]
    comments = all_of["feedback"]
    nps = [float(c["nps"]) for c in comments if c["nps"] is not None]
    here = ZoneInfo(zone)
    deals = all_of["opportunities"]
    return {
        "revenue": round(sum(v for _, v in worth), 2),
        "by_currency": {c: round(sum(v for k, v in worth if k == c), 2) for c in sorted({str(k) for k, _ in worth})},
        "orders": len(orders),
        "lines": len(lines),
        "customers": len(all_of["customers"]),
        "names": sorted(c["name"] for c in all_of["customers"]),
        "returns": round(sum(float(r["value"]) for r in all_of["returns"]), 2),
        "comments": len(comments),
        "ratings": sorted(float(c["rating"]) for c in comments if c["rating"] is not None),
        "nps_mean": round(sum(nps) / len(nps), 2) if nps else None,
        "interactions": len(all_of["interactions"]),
        "days": sorted({str(o["ordered_at"].astimezone(here).date()) for o in orders.values()}),
        "shipped": sorted(str(o["shipped_at"].astimezone(here).date()) for o in orders.values() if o["shipped_at"]),
        "otd": _punctual(workspace) if any(o["promised_date"] for o in orders.values()) else [],
        "opportunities": len(deals),
        "won": sum(d["won"] is True for d in deals),
        "lost": sum(d["won"] is False for d in deals),
        "amount": round(sum(float(d["amount"] or 0) for d in deals), 2),
    }


KINDS = ("orders", "order_lines", "customers", "returns", "feedback", "interactions", "opportunities")


def _punctual(workspace: Path) -> list[int]:
    """Orders on time, of those that are measured."""
    try:
        found = run(MetricQuery("otd"), of_imported(workspace, datetime(2026, 12, 31, tzinfo=UTC))).figures[0]
    except RapportError:
        return []
    return [int(found.numerator or 0), int(found.denominator or 0)]


def verdict(name: str, met: Met) -> tuple[str, dict[str, Any]]:
    """Whether it is `right`, `refused` with the true cause, or `false`; with what differs."""
    wanted = expected(name)
    differs = {k: met.facts[k] for k, v in wanted["right"].items() if met.facts[k] != v}
    unsaid = [w for w in wanted.get("must_say", ()) if w not in met.said]
    if not differs and not unsaid:
        return "right", {}
    part = wanted.get("or_said")
    if part and not unsaid and part["words"] in met.said and all(met.facts[k] == v for k, v in part["facts"].items()):
        return "refused", differs
    asked = met.refused and any(w.casefold() in met.said.casefold() for w in wanted.get("or_refused_for", ()))
    return ("refused" if asked else "false"), {**differs, **({"unsaid": unsaid} if unsaid else {})}

"""Answers as the JSON of the contract."""

from __future__ import annotations

import math
from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from assistant.questions import Answer
from knowledge.records import Figure


def to_json(answer: Answer) -> dict[str, Any]:
    """The contract's Answer, field for field, ready for `json.dumps`."""
    return {
        "id": answer.id,
        "status": answer.status,
        "text": answer.text,
        "figures": [figure(f) for f in answer.figures],
        "table": plain(answer.table),
        "chart": plain(answer.chart),
        "quotes": [asdict(q) for q in answer.quotes],
        "citations": [asdict(c) for c in answer.citations],
        "choices": [asdict(c) for c in answer.choices],
        "nearest": list(answer.nearest),
        "followups": list(answer.followups),
        "as_of": answer.as_of.isoformat() if answer.as_of else None,
        "snapshot": answer.snapshot,
        "plan": plain(answer.plan),
        "timings_ms": plain(answer.timings_ms),
    }


def figure(f: Figure) -> dict[str, Any]:
    """One figure of the contract."""
    return {
        "metric": f.metric,
        "label": f.label,
        "value": plain(f.value),
        "unit": f.unit,
        "display": f.display,
        "filters": plain(f.filters),
        "group": plain(f.group),
        "period": {"start": str(f.period.start), "end": str(f.period.end)} if f.period else None,
        "rows": f.rows,
        "interval": list(f.interval) if f.interval else None,
        "definition": f.definition,
        "source": f.source,
        "as_of": f.as_of.isoformat() if f.as_of else None,
    }


def plain(value: Any) -> Any:
    """JSON's own types: no NaN, no numpy, dates as ISO."""
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    if hasattr(value, "item"):
        return plain(value.item())
    if isinstance(value, float) and math.isnan(value):
        return None
    return value

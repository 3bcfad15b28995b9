"""How a figure is spread: between what the middle half lies, and how many fall where."""

from __future__ import annotations

from typing import Any

from assistant import charts, compose
from assistant.questions import Answer, Plan
from assistant.shape import Name, currency, day, framed, query_json
from knowledge import display
from knowledge.access import Reader
from knowledge.distribution import Bin, Distribution, distribution
from knowledge.metrics import find


def spread(plan: Plan, reader: Reader, name: Name) -> Answer:
    """The distribution of the plan's figure in words, as a table of ranges and as a chart. Fails: as `knowledge.distribution`."""
    found = distribution(plan.queries[0], reader)
    at = dict(zip(("lowest", "tenth", "lower", "median", "upper", "ninetieth", "highest"), found.figures, strict=True))
    query, values = found.query, _values(found)
    what = compose.label(at["median"]).removesuffix(", median")
    text = (
        f"The middle half of **{found.count:,}** {values} has {what} from **{at['lower'].display}** to **{at['upper'].display}**"
        f"{compose.scope_words(query, name)}{compose.period_words(query.period)}; the median is **{at['median'].display}**. "
        f"A tenth is below {at['tenth'].display}, a tenth above {at['ninetieth'].display}; lowest {at['lowest'].display}, "
        f"highest {at['highest'].display}.\n\n_{what[:1].upper()}{what[1:]} · {compose.span(find(query.metric), query.period)} · {found.count:,} {values} · data to {day(reader)}_"
    )
    ranges = [(_range(b, at["median"].unit, currency(reader)), b) for b in found.bins]
    table = {
        "columns": [f"{what[:1].upper()}{what[1:]}", values.capitalize(), "Share"],
        "rows": [[shown, f"{b.count:,}", display.share(b.count / found.count)] for shown, b in ranges],
    }
    slots: dict[str, Any] = {**plan.slots, "counts": {"values": found.count}, "queries": [query_json(query)]}
    chart = charts.histogram([(shown, b.count) for shown, b in ranges], what, values)
    return framed(
        reader, Plan("distribution", (query,), slots=slots), "answered", text, figures=found.figures, table=table, chart=chart
    )


def _values(found: Distribution) -> str:
    """What the values are of."""
    return compose.plural(found.over) if found.over else compose.rows_called(found.base)


def _range(bin_: Bin, unit: str, of: str) -> str:
    low, high = (display.figure(v, unit, of) for v in (bin_.low, bin_.high))
    return low if low == high else f"{low} to {high}"

"""Words for figures: the answer first, in a sentence or two; then one quiet line that says what the figure is, over what, as of when."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.shape import Name, word
from knowledge.metrics import find
from knowledge.metrics.registry import Metric
from knowledge.records import Figure, MetricQuery, MetricResult, Period

NAMED = 12


def value(result: MetricResult, name: Name, earlier: Figure | None = None) -> str:
    """One figure, with the former period where there is one."""
    figure = result.figures[0] if result.figures else None
    of = scope_words(result.query, name)
    if figure is None or figure.value is None:
        return f"There is nothing to measure{of}{period_words(result.query.period)}: no rows in scope."
    counts = _counts(figure)
    text = f"**{figure.display}** {label(figure)}{of}{period_words(result.query.period)}{counts}."
    if earlier is not None and earlier.value is not None and earlier.period is not None:
        text += f" {earlier.period.label or 'Before'}: {earlier.display}."
    return text


def ranked(result: MetricResult, name: Name, dimension: str, having: Sequence[object] | None = None) -> str:
    """The first of a ranking, then how many groups there are; with a limit by value, how many keep to it."""
    figures = [f for f in result.figures if f.value is not None]
    if having:
        return _kept(figures, result, name, dimension, having)
    if not figures:
        return f"No {plural(dimension)} has anything to measure{scope_words(result.query, name)}{period_words(result.query.period)}."
    first = figures[0]
    which = _which(result.query, first)
    text = f"**{_member(first, name, dimension)}** has the {which} {label(first)}{scope_words(result.query, name)}{period_words(result.query.period)}: **{first.display}**"
    text += f"{_counts(first)}."
    others = [f"{_member(f, name, dimension)} with {f.display}" for f in figures[1:3]]
    if others:
        text += f" Then {' and '.join(others)}."
    return text


def _which(query: MetricQuery, first: Figure) -> str:
    """The word for the end of a ranking that was asked: "most orders", "highest revenue"."""
    ends = ("fewest", "most") if first.unit == "count" and label(first).endswith("s") else ("lowest", "highest")
    return ends[query.order != "asc"]


def ranked_within(result: MetricResult, name: Name) -> str:
    """The first of each group: "north: A with 5, B with 3"."""
    dimension, group = result.query.by
    told: dict[str, list[str]] = {}
    for f in result.figures:
        told.setdefault(name(group, f.group[group]), []).append(f"{name(dimension, f.group[dimension])} with {f.display}")
    which = _which(result.query, result.figures[0])
    head = f"{plural(dimension).capitalize()} with the {which} {label(result.figures[0])} in each {word(group)}{scope_words(result.query, name)}{period_words(result.query.period)}:"
    return "\n".join([head, "", *(f"- **{member}**: {', '.join(listed)}" for member, listed in told.items())])


def recommended(result: MetricResult, name: Name, dimension: str) -> str:
    """Suggestions, the strongest first."""
    told = [f"{name(dimension, f.group[dimension])} ({f.display})" for f in result.figures if f.value is not None]
    return (
        f"{find(result.query.metric).label}{scope_words(result.query, name)}: {', '.join(told[:NAMED])}."
        if told
        else value(result, name)
    )


def _member(figure: Figure, name: Name, dimension: str) -> str:
    """The member of a ranking, with what else tells its figure from another of the same: "Acme (ours)"."""
    more = [name(d, v) for d, v in figure.group.items() if d != dimension]
    return name(dimension, figure.group[dimension]) + (f" ({', '.join(more)})" if more else "")


def _kept(figures: Sequence[Figure], result: MetricResult, name: Name, dimension: str, having: Sequence[object]) -> str:
    sign = {">": "above", ">=": "of at least", "<": "below", "<=": "of at most"}[str(having[0])]
    metric = find(result.query.metric)
    limit = float(str(having[1]))
    shown = f"{limit:,.2f}".rstrip("0").rstrip(".") if metric.unit != "share" else f"{limit * 100:g} %"
    of = f"{label(result.total) if result.total else metric.label.lower()} {sign} {shown}{scope_words(result.query, name)}{period_words(result.query.period)}"
    if not figures:
        return f"No {word(dimension)} has {of}."
    names = ", ".join(f"{name(dimension, f.group[dimension])} ({f.display})" for f in figures[:3])
    many = plural(dimension) if result.groups_in_all > 1 else word(dimension)
    return f"**{result.groups_in_all:,}** {many} with {of}: {names}{' and so on' if len(figures) > 3 else ''}."


def members(result: MetricResult, name: Name, dimension: str) -> str:
    """The members of a dimension, the most used first."""
    figures = [f for f in result.figures if f.value is not None]
    if not figures:
        return value(result, name)
    told = ", ".join(name(dimension, f.group[dimension]) for f in figures[:NAMED])
    many = plural(dimension) if result.groups_in_all != 1 else word(dimension)
    rest = f" and {result.groups_in_all - NAMED:,} more" if result.groups_in_all > NAMED else ""
    return (
        f"**{result.groups_in_all:,}** {many}: {told}{rest}. Listed by {label(figures[0])}{period_words(result.query.period)}."
    )


def broken_down(result: MetricResult, name: Name, dimensions: Sequence[str]) -> str:
    """A breakdown: the total, the extremes."""
    figures = [f for f in result.figures if isinstance(f.value, int | float)]
    if not figures and any(f.value for f in result.figures):
        return _labels(result, name, dimensions)
    if not figures:
        return value(result, name)
    high, low = max(figures, key=lambda f: float(f.value or 0)), min(figures, key=lambda f: float(f.value or 0))
    total = result.total
    text = (
        f"**{total.display}** {label(total)}{scope_words(result.query, name)}{period_words(result.query.period)} over all. "
        if total and total.value is not None
        else ""
    )
    sure = [f for f in figures if f.denominator is None or f.denominator >= 30]
    if len(sure) > 1:
        high, low = max(sure, key=lambda f: float(f.value or 0)), min(sure, key=lambda f: float(f.value or 0))
    if len(figures) > 1 and high.value == low.value:
        return text + f"All of them: {high.display}."
    if len(figures) > 1:
        between = " to " if "segment_before" in dimensions else ", "
        one, other = (between.join(name(d, f.group[d]) for d in dimensions) for f in (high, low))
        text += f"Highest: {one} with {high.display}; lowest: {other} with {low.display}"
        text += " (of those with enough cases to tell)." if len(sure) > 1 and len(sure) < len(figures) else "."
    return text


def _labels(result: MetricResult, name: Name, dimensions: Sequence[str]) -> str:
    """A label of each group: "bearings make to stock, packaging make to order"."""
    told = [
        f"{', '.join(name(d, f.group[d]) for d in dimensions)}: {str(f.value).split(' (')[0]}"
        for f in result.figures
        if f.value
    ]
    rest = f" and {len(told) - NAMED:,} more" if len(told) > NAMED else ""
    metric = find(result.query.metric)
    return f"{metric.label} by {word(dimensions[0])}{scope_words(result.query, name)}: {'; '.join(told[:NAMED])}{rest}."


def over_time(result: MetricResult, name: Name, grain: str) -> str:
    """A trend: from the first to the last whole bucket, the highest and lowest."""
    figures = [f for f in result.figures if isinstance(f.value, int | float)]
    if not figures:
        return value(result, name)
    whole = figures[:-1] if any("partial" in n for n in result.notes) and len(figures) > 2 else figures
    first, last = whole[0], whole[-1]
    high = max(whole, key=lambda f: float(f.value or 0))
    low = min(whole, key=lambda f: float(f.value or 0))
    text = f"{label(first).capitalize()}{scope_words(result.query, name)} went from **{first.display}** ({first.group[grain]}) to **{last.display}** ({last.group[grain]})"
    text += (
        f". Highest in {high.group[grain]} ({high.display}), lowest in {low.group[grain]} ({low.display})."
        if len(whole) > 2
        else "."
    )
    return text


def compared(one: Figure, two: Figure, change: Figure | None, name: Name, query: MetricQuery) -> str:
    """Two periods side by side."""
    if one.value is None or two.value is None:
        which, said = (one, two) if one.value is None else (two, one)
        period = which.period.label if which.period else "that period"
        return f"There is nothing to measure{scope_words(query, name)} in {period}; the other period gives {said.display}."
    word = (
        "the same as"
        if float(one.value) == float(two.value)
        else "up from"
        if float(one.value) > float(two.value)
        else "down from"
    )
    text = f"**{one.display}** {label(one)}{scope_words(query, name)}{period_words(one.period)}, {word} {two.display}{period_words(two.period)}"
    return text + (f" ({change.display})." if change is not None and change.value is not None else ".")


def shares(parts: Sequence[Figure], result: MetricResult, name: Name, dimension: str) -> str:
    """Shares of a total."""
    if not parts:
        return value(result, name)
    first = parts[0]
    text = f"**{name(dimension, first.group[dimension])}** makes up **{first.display}** of {label(first)}{period_words(result.query.period)}"
    if len(parts) > 1:
        text += f", {name(dimension, parts[1].group[dimension])} {parts[1].display}"
    return text + "."


def quiet(results: Sequence[MetricResult], zone_day: str) -> str:
    """The quiet line: definition's name, period, rows, as-of; then what must be said with the figures."""
    first = results[0]
    metric = find(first.query.metric)
    period = first.query.period
    bits = [
        metric.label,
        span(metric, period),
    ]
    count, word_of = rows_told(first), _row_word(metric)
    bits.append(f"{count:,} {word_of.removesuffix('s') if count == 1 else word_of}")
    interval = first.figures[0].interval if len(first.figures) == 1 else None
    if interval:
        bits.append("95 % interval " + _interval(interval, metric.unit))
    bits.append(f"data to {zone_day}")
    notes = list(dict.fromkeys(n for r in results for n in r.notes))
    return "_" + " · ".join(bits) + "_" + (f"\n\n_{' '.join(notes)}_" if notes else "")


def span(metric: Metric, period: Period | None) -> str:
    """Over what time the figure is."""
    if period is not None:
        return period.label or f"{period.start} to {period.end}"
    if not metric.over_time:
        return "as of now"
    return "the weeks ahead" if "forecasts" in metric.tables else "all of the data"


def rows_told(result: MetricResult) -> int:
    """How many source rows a result rests on."""
    return result.total.rows if result.total else sum(f.rows for f in result.figures)


def label(figure: Figure) -> str:
    """The metric's name inside a sentence."""
    text = figure.label
    return text if text[:2].isupper() else text[:1].lower() + text[1:]


def scope_words(query: MetricQuery, name: Name) -> str:
    """ " for Acme Foods, in north, without web": the filters in words."""
    told: list[str] = []
    without: list[str] = []
    kind = ""
    for f in query.where:
        members = " and ".join(name(f.dimension, v) for v in f.values)
        if f.dimension == "sentiment" and query.metric == "feedback_count":
            kind = {"-1": " that complain", "1": " that praise", "0": " without a leaning"}.get(f.values[0], "")
            continue
        if f.dimension == "sentiment":
            members = {"-1": "negative comments", "1": "positive comments", "0": "neutral comments"}.get(f.values[0], members)
        (without if f.negated else told).append(members)
    return kind + (f" for {', '.join(told)}" if told else "") + (f" without {', '.join(without)}" if without else "")


def period_words(period: Period | None) -> str:
    if period is None:
        return ""
    text = period.label or f"{period.start} to {period.end}"
    if text.startswith(("last ", "this ", "year to", "quarter to", "month to", "week to", "since ", "up to ")):
        return f" ({text})"
    return f" in {text}" if " to " not in text else f" ({text})"


def plural(dimension: str) -> str:
    said = word(dimension)
    return said[:-1] + "ies" if said.endswith("y") else said + "s"


def _counts(figure: Figure) -> str:
    if figure.numerator is None or figure.denominator is None or figure.denominator < 5:
        return ""
    if figure.unit != "share" or max(figure.numerator, figure.denominator) % 1:
        return ""
    return f" ({figure.numerator:,.0f} of {figure.denominator:,.0f})"


def _interval(interval: tuple[float, float], unit: str) -> str:
    if unit == "share":
        return f"{interval[0] * 100:.1f} to {interval[1] * 100:.1f} %"
    if unit == "share_points":
        return f"{interval[0] * 100:+.1f} to {interval[1] * 100:+.1f} points"
    digits = 1 if unit == "points" else 2
    return f"{interval[0]:,.{digits}f} to {interval[1]:,.{digits}f}"


ROW_WORDS = {
    **{base: base for base in ("lines", "orders", "returns", "mentions", "customers")},
    "feedback": "comments", "interactions": "contacts", "answered": "contacts",
    **dict.fromkeys(("order_values", "due_by_order", "due_promised", "delivered"), "orders"),
}  # fmt: skip


def _row_word(metric: Metric) -> str:
    """What the counted rows are."""
    part = metric.components.get(metric.rows)
    return rows_called(part.base) if part else "rows"


def rows_called(relation: str) -> str:
    """What people call the rows of a base relation."""
    return ROW_WORDS.get(relation) or next((ROW_WORDS[part] for part in relation.split("_") if part in ROW_WORDS), "rows")

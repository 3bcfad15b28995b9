"""Words for figures: the answer first, in a sentence or two; then one quiet line that says what the figure is, over what, as of when."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from assistant.shape import Name, word
from knowledge import display
from knowledge.entities import verbalise
from knowledge.metrics import find
from knowledge.metrics.registry import Metric
from knowledge.records import Figure, MetricQuery, MetricResult, Period

NAMED = 12
GROUPS_TOLD = 40
TOLD = 3
"""How many of those that tie are named."""


def value(result: MetricResult, name: Name, earlier: Figure | None = None) -> str:
    """One figure, with the former period where there is one."""
    figure = result.figures[0] if result.figures else None
    of = scope_words(replace(result.query, only=None) if _said_with_things(result.query) else result.query, name)
    if figure is None or figure.value is None:
        return f"There is nothing to measure{of}{period_words(result.query.period)}: no rows in scope."
    counts = _counts(figure)
    text = f"**{figure.display}** {_measured(result.query, figure, name)}{of}{period_words(result.query.period)}{counts}."
    if earlier is not None and earlier.value is not None and earlier.period is not None:
        text += f" Compared with {earlier.period.label or 'the period before'}: {earlier.display}."
    return text


def _measured(query: MetricQuery, figure: Figure, name: Name) -> str:
    """What the figure is of: the metric's name, or the things that were counted, as they were described."""
    if _said_with_things(query):
        return verbalise.things(find(query.metric).thing, query.only, name)
    return label(figure)


def _said_with_things(query: MetricQuery) -> bool:
    """Whether what must hold is said of the things that are counted ("late orders")."""
    thing = find(query.metric).thing
    counted = bool(thing) and query.metric == f"count({thing})"
    return counted and query.only is not None and verbalise.subject(query.only) == thing


def ranked(
    result: MetricResult,
    name: Name,
    dimension: str,
    having: Sequence[object] | None = None,
    place: int | None = None,
    limit: int | None = None,
) -> str:
    """The first of a ranking, or the one at the place that was asked for; who ties is told. With a limit by value, how many keep
    to it."""
    figures = [f for f in result.figures if f.value is not None]
    if having:
        return _kept(figures, result, name, dimension, having)
    if not figures:
        return f"No {plural(dimension)} has anything to measure{scope_words(result.query, name)}{period_words(result.query.period)}."
    which = _which(result.query, figures[0])
    of = f"{label(figures[0])}{scope_words(result.query, name)}{period_words(result.query.period)}"

    def called(figure: Figure) -> str:
        return _member(figure, name, dimension)

    if place is not None:
        return _placed(figures, place, f"{which} {of}", called, dimension)
    first, tied = figures[0], _tied(figures, 0)
    if len(tied) > 1:
        text = f"{_listed([f'**{called(f)}**' for f in tied])} tie for the {which} {of}: **{first.display}** each."
    else:
        text = f"**{called(first)}** has the {which} {of}: **{first.display}**{_counts(first)}."
    others = [f"{called(f)} with {f.display}" for f in figures[len(tied) : min(3, limit or 3)]]
    if others:
        text += f" Then {' and '.join(others)}."
    return text


def _placed(figures: Sequence[Figure], place: int, of: str, called: Callable[[Figure], str], dimension: str) -> str:
    """The one at a place of the ranking: "second", where several tie for it all of them."""
    if place > len(figures):
        return (
            f"There are only **{len(figures):,}** {plural(dimension)} with a figure, so none has place {place:,} by the {of}."
        )
    tied = _tied(figures, place - 1)
    at = figures[place - 1]
    if len(tied) > 1:
        text = (
            f"{_listed([f'**{called(f)}**' for f in tied])} tie around place **{place:,}** by the {of}: **{at.display}** each."
        )
    else:
        text = f"**{called(at)}** has place **{place:,}** by the {of}: **{at.display}**{_counts(at)}."
    before = [f"{called(f)} with {f.display}" for f in figures[: min(place - 1, 3)] if f not in tied]
    return text + (f" Before it: {', '.join(before)}." if before else "")


def tie_at_the_cut(figures: Sequence[Figure], shown: int, name: Name, dimension: str) -> list[str]:
    """A sentence where one that is not listed has as much as the last one that is."""
    left = [f for f in _tied(figures, shown - 1) if f in figures[shown:]]
    if not left:
        return []
    names = _listed([_member(f, name, dimension) for f in left])
    return [f"{names} {'ties' if len(left) == 1 else 'tie'} with the last one shown ({left[0].display})."]


def extreme(result: MetricResult, name: Name, grain: str, slots: Mapping[str, Any]) -> str:
    """When a figure was highest or lowest: the first of the buckets, which come by value."""
    figures = [f for f in result.figures if isinstance(f.value, int | float)]
    if not figures:
        return value(result, name)
    which = ("lowest", "highest")[slots["order"] == "desc"]
    of = f"{which} {label(figures[0])}{scope_words(result.query, name)}{period_words(result.query.period)}"

    def called(figure: Figure) -> str:
        return figure.group[grain]

    if slots.get("place"):
        return _placed(figures, int(slots["place"]), of, called, grain)
    tied = _tied(figures, 0)
    if len(tied) > 1:
        text = f"{_listed([f'**{called(f)}**' for f in tied])} tie for the {of}: **{figures[0].display}** each."
    else:
        text = f"**{called(figures[0])}** has the {of}: **{figures[0].display}**{_counts(figures[0])}."
    others = [f"{called(f)} with {f.display}" for f in figures[len(tied) : 3]]
    return text + (f" Then {' and '.join(others)}." if others else "")


def _tied(figures: Sequence[Figure], at: int) -> list[Figure]:
    """All that have the same value as the one there."""
    here = figures[at].value
    same = round(float(here), 9) if isinstance(here, int | float) else here
    return [f for f in figures if (round(float(f.value), 9) if isinstance(f.value, int | float) else f.value) == same]


def _listed(names: Sequence[str]) -> str:
    """ "A, B and C"; of many the first few."""
    if len(names) > TOLD:
        return f"{', '.join(names[:TOLD])} and others"
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else "".join(names)


def _which(query: MetricQuery, first: Figure) -> str:
    """The word for the end of a ranking that was asked: "most orders", "highest revenue"."""
    ends = ("fewest", "most") if first.unit == "count" and label(first).endswith("s") else ("lowest", "highest")
    return ends[query.order != "asc"]


def ranked_within(result: MetricResult, name: Name, dimensions: Sequence[str]) -> str:
    """The first of each group: "north: A with 5, B with 3"; of very many groups the first few."""
    dimension, group = dimensions
    told: dict[str, list[str]] = {}
    for f in result.figures:
        told.setdefault(name(group, f.group[group]), []).append(f"{name(dimension, f.group[dimension])} with {f.display}")
    which = _which(result.query, result.figures[0])
    head = f"{plural(dimension).capitalize()} with the {which} {label(result.figures[0])} in each {word(group)}{scope_words(result.query, name)}{period_words(result.query.period)}:"
    lines = [f"- **{member}**: {', '.join(listed)}" for member, listed in list(told.items())[:GROUPS_TOLD]]
    return "\n".join([head, "", *lines, *(["- and others, in the table"] if len(told) > GROUPS_TOLD else [])])


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


def kept_over_time(kept: Sequence[Figure], result: MetricResult, name: Name, grain: str, having: Sequence[object]) -> str:
    """In how many buckets a figure kept to a limit, when last, and since when without a break where it still does. The figures of
    `result` are all whole buckets in the order of time, `kept` those of them that keep to it."""
    metric, figures = find(result.query.metric), [f for f in result.figures if isinstance(f.value, int | float)]
    if not figures:
        return value(result, name)
    sign = {">": "above", ">=": "at least", "<": "below", "<=": "at most"}[str(having[0])]
    limit = float(str(having[1]))
    shown = f"{limit * 100:g} %" if metric.unit == "share" else f"{limit:,.2f}".rstrip("0").rstrip(".")
    of = f"{label(figures[0]).capitalize()}{scope_words(result.query, name)}{period_words(result.query.period)}"
    many = f"{len(figures):,} whole {grain}s"
    if not kept:
        nearest = (max if str(having[0]).startswith(">") else min)(figures, key=lambda f: float(f.value or 0))
        return f"{of} was {sign} {shown} in none of {many}; nearest in {nearest.group[grain]} ({nearest.display})."
    last = kept[-1]
    told = f"{of} was {sign} {shown} in **{len(kept):,}** of {many}, last in **{last.group[grain]}** ({last.display})"
    if last is not figures[-1]:
        return f"{told}; {figures[-1].group[grain]} has {figures[-1].display}."
    run = list(figures)
    while run and run[-1] in kept:
        run.pop()
    since = figures[len(run)]
    if since is last:
        return f"{told}."
    return f"{told}, and without a break since **{since.group[grain]}** ({since.display})."


def members(result: MetricResult, name: Name, dimension: str) -> str:
    """The members of a dimension, the most used first."""
    figures = [f for f in result.figures if f.value is not None]
    if not figures:
        return value(result, name)
    told = ", ".join(name(dimension, f.group[dimension]) for f in figures[:NAMED])
    many = plural(dimension) if result.groups_in_all != 1 else word(dimension)
    rest = f" and {result.groups_in_all - NAMED:,} more" if result.groups_in_all > NAMED else ""
    return f"**{result.groups_in_all:,}** {many}{scope_words(result.query, name)}: {told}{rest}. Listed by {label(figures[0])}{period_words(result.query.period)}."


def broken_down(result: MetricResult, name: Name, dimensions: Sequence[str]) -> str:
    """A breakdown: the total, the extremes."""
    figures = [f for f in result.figures if isinstance(f.value, int | float)]
    if not figures and any(f.value for f in result.figures):
        return _labels(result, name, dimensions)
    if not figures:
        return value(result, name)
    total = result.total
    text = (
        f"**{total.display}** {label(total)}{scope_words(result.query, name)}{period_words(result.query.period)} over all. "
        if total and total.value is not None
        else _headed(result, name)
    )
    among = _sure(figures)
    high, low = ends(figures)
    if len(figures) > 1 and high[0].value == low[0].value and len(among) == len(figures):
        return text + f"All of them: {high[0].display}."
    if len(figures) > 1:
        between = " to " if "segment_before" in dimensions else ", "

        def called(end: Sequence[Figure]) -> str:
            return _listed([between.join(name(d, f.group[d]) for d in dimensions) for f in end])

        text += f"Highest: {called(high)} with {high[0].display}; lowest: {called(low)} with {low[0].display}"
        text += " (of those with enough cases to tell)." if len(among) < len(figures) else "."
    return text


def _headed(result: MetricResult, name: Name) -> str:
    """What is broken down and of what, where there is no total that would say so."""
    what = label(result.figures[0])
    return f"{what[:1].upper()}{what[1:]}{scope_words(result.query, name)}{period_words(result.query.period)}. "


def ends(figures: Sequence[Figure]) -> tuple[list[Figure], list[Figure]]:
    """All that are highest, and all that are lowest, of those with enough cases to tell."""
    among = _sure([f for f in figures if isinstance(f.value, int | float)])
    if not among:
        return [], []
    values = [float(f.value or 0) for f in among]
    return _tied(among, values.index(max(values))), _tied(among, values.index(min(values)))


def _sure(figures: Sequence[Figure]) -> Sequence[Figure]:
    sure = [f for f in figures if f.denominator is None or f.denominator >= display.SMALL]
    return sure if len(sure) > 1 else figures


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
    """A course over time: from the first to the last bucket, the highest and the lowest."""
    figures = [f for f in result.figures if isinstance(f.value, int | float)]
    if not figures:
        return value(result, name)
    first, last = figures[0], figures[-1]
    if first is last:
        return f"**{first.display}** {label(first)}{scope_words(result.query, name)} ({first.group[grain]}); no other whole {grain} to set it against."
    high, low = (pick(figures, key=lambda f: float(f.value or 0)) for pick in (max, min))

    def called(end: Figure) -> str:
        return _listed([f.group[grain] for f in _tied(figures, figures.index(end))])

    text = f"{label(first).capitalize()}{scope_words(result.query, name)} went from **{first.display}** ({first.group[grain]}) to **{last.display}** ({last.group[grain]})"
    text += (
        f". Highest in {called(high)} ({high.display}), lowest in {called(low)} ({low.display})." if len(figures) > 2 else "."
    )
    return text


def compared(one: Figure, two: Figure, change: Figure | None, name: Name, query: MetricQuery, *, fair: bool = True) -> str:
    """Two periods side by side; where they are not alike (`fair`), without a word on which is more."""
    if one.value is None or two.value is None:
        which, said = (one, two) if one.value is None else (two, one)
        period = which.period.label if which.period else "that period"
        return f"There is nothing to measure{scope_words(query, name)} in {period}; the other period gives {said.display}."
    if not fair:
        return f"**{one.display}** {label(one)}{scope_words(query, name)}{period_words(one.period)}; **{two.display}**{period_words(two.period)}."
    word = {"level": "the same as", "up": "up from", "down": "down from"}[moved(one, two)]
    text = f"**{one.display}** {label(one)}{scope_words(query, name)}{period_words(one.period)}, {word} {two.display}{period_words(two.period)}"
    return text + (f" ({change.display})." if change is not None and change.value is not None else ".")


def moved(now: Figure, then: Figure) -> str:
    """Whether the figure went up or down; a share that reads the same is level."""
    here, there = float(now.value or 0), float(then.value or 0)
    if here == there or (now.unit == "share" and now.display == then.display):
        return "level"
    return "up" if here > there else "down"


def shares(parts: Sequence[Figure], result: MetricResult, name: Name, dimension: str, scope: str = "") -> str:
    """Shares of a total, which is of `scope` alone."""
    if not parts:
        return value(result, name)
    first = parts[0]
    text = f"**{name(dimension, first.group[dimension])}** makes up **{first.display}** of {label(first)}{scope}{period_words(result.query.period)}"
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
    cut = _only(query, name)
    return kind + (f" for {', '.join(told)}" if told else "") + (f" without {', '.join(without)}" if without else "") + cut


def _only(query: MetricQuery, name: Name) -> str:
    """ " (only customers with late orders in 2026)": what must hold of what is counted."""
    if query.only is None:
        return ""
    return f" (only{verbalise.condition(query.only, name).removeprefix(' for')})"


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

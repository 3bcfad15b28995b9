"""Questions that can be answered: what one would ask next, and what stands nearest to one that cannot be answered."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import lru_cache

from assistant.documents import content_words, stems
from assistant.plan import filters
from assistant.questions import Plan, Question
from assistant.shape import word
from assistant.understand.lexicon import COMPANIES
from knowledge.access import Reader
from knowledge.errors import RapportError
from knowledge.metrics import find, metrics, shipped
from knowledge.metrics.own import Own, own
from knowledge.query import can_run
from knowledge.records import MetricQuery

FALLBACKS = ("revenue", "orders", "active_customers", "return_rate", "otd", "feedback_count", "csat", "net_sentiment")
NEAREST = 12
SPLITS = ("region", "country", "category", "ship_from", "carrier", "customer")


def followups(plan: Plan, reader: Reader) -> tuple[str, ...]:
    """What one would ask next, checked to work for this reader."""
    query = plan.queries[0]
    metric = find(query.metric)
    tries: list[tuple[str, MetricQuery]] = []
    if metric.over_time and not query.grain:
        tries.append(("by month", replace(query, grain="month", by=(), order=None, limit=None)))
    taken = {*query.by, *(f.dimension for f in query.where)}
    tries += [
        (f"by {word(d)}", replace(query, by=(d,), grain=None, order=None, limit=None))
        for d in SPLITS
        if d in metric.dimensions and d not in taken
    ]
    return tuple(text for text, q in tries if _works(q, reader))[:3]


def suggestions(reader: Reader, query: MetricQuery | None, question: Question | None = None, limit: int = 3) -> tuple[str, ...]:
    """Questions near this one that this reader can have answered (each is checked)."""
    wanted = find(query.metric) if query else None
    where = query.where if query else filters(question.entities, question.excluded) if question else ()
    period = query.period if query else question.period if question else None
    said = frozenset(content_words(question.text if question else wanted.label if wanted else ""))
    called = {e.value: e.label for e in question.entities} if question else {}

    def closeness(name: str) -> float:
        metric = metrics()[name]
        same = 0.4 * (wanted is not None and metric.dims == wanted.dims) + 0.2 * (
            wanted is not None and metric.unit == wanted.unit
        )
        return same + _nearness(said, name) + (0.1 if name in FALLBACKS else 0)

    out: list[str] = []
    names = [n for n in metrics() if wanted is None or n != wanted.name.split(".")[0]]
    for name in sorted(names, key=lambda n: (-closeness(n), n))[:NEAREST] + list(FALLBACKS):
        metric = metrics()[name]
        kept = tuple(f for f in where if f.dimension in metric.dimensions)
        for p in (period, None):
            if _works(MetricQuery(name, (), kept, p if metric.over_time else None), reader):
                label = metric.label.split(" (")[0].lower()
                members = " ".join(
                    called.get(v, v) for f in kept for v in f.values if not f.negated and f.dimension != "sentiment"
                )
                when = f"in {p.label}" if p and p.label and "," not in p.label and metric.over_time else ""
                out.append(" ".join(x for x in (label, f"for {members}" if members else "", when) if x))
                break
        if len(set(out)) >= limit:
            break
    return tuple(dict.fromkeys(out))[:limit]


def _nearness(said: frozenset[str], name: str) -> float:
    """How much of the question's telling words the metric's names and definition speak of, names twice."""
    weights = _weights(own())
    names, definition = _words(own())[name]
    return sum(weights[w] for w in said & names) + 0.5 * sum(weights[w] for w in (said & definition) - names)


@lru_cache(maxsize=COMPANIES)
def _words(added: Own) -> dict[str, tuple[frozenset[str], frozenset[str]]]:
    """The stems of each metric's names, and of its definition."""
    known = {**shipped(), **added.metrics}
    return {n: (stems(" ".join((m.label, n.replace("_", " "), *m.synonyms))), stems(m.definition)) for n, m in known.items()}


@lru_cache(maxsize=COMPANIES)
def _weights(added: Own) -> dict[str, float]:
    """Rare words tell more: one over the number of metrics that use the word."""
    used = Counter(w for names, definition in _words(added).values() for w in names | definition)
    return {w: 1 / n for w, n in used.items()}


def _works(query: MetricQuery, reader: Reader) -> bool:
    try:
        can_run(query, reader)
    except RapportError:
        return False
    return True

"""Which records words mean: metrics, dimensions, attributes and things, by their own words first, by meaning second."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import cache

from assistant.reader import conditions
from assistant.reader.nouns import lexicon, longest, stems
from assistant.understand import lexicon as words
from assistant.understand import phrases
from assistant.understand.tokens import tokenise
from knowledge.entities.catalogue import attribute, entities, said_measures
from knowledge.entities.model import NUMBERS
from knowledge.metrics import find
from knowledge.records import Grain

Nearest = Callable[[str, str], Sequence[tuple[str, float]]]
"""Records of a kind ("metric", "group") nearest in meaning to a text, best first, with likeness 0..1."""
SURE, SURE_FACT, SURE_SAID, CLEAR = 0.5, 0.7, 0.75, 0.06
"""A record that is as near as that, and so much nearer than the next of another kind, is meant."""
EMPTY = frozenset(
    "avg average mean typical typically percentage percent pct % share proportion part portion rate # w/ lot actually really the our their its of a an in per by for each every all total overall figure figures number value values level s me how what much many is are was were did do does have has had we they you i and on to been so far".split()
)


@dataclass(frozen=True)
class Linked:
    """A record, how sure it is, and whether it was found by words (else by meaning); the words that it does not account for."""

    name: str
    sure: float
    by_words: bool
    left: tuple[str, ...] = ()


COURSES = phrases.FALLING | phrases.RISING
"""Words that say which way a figure went, and nothing of which figure it is."""


AS_SAID = " as said"
"""After a kind of records: those nearest to the words themselves, whatever stands around them."""
ALIKE_IN_CONTEXT = 0.4
"""So near a record must be in context that is the nearest to the words alone as well."""
WHERE = " where "
"""Between a measure of things and the state that it says of them, in the key of a record."""
MONEY = re.compile(r"[$€£]|\b(?:dollars?|euros?|pounds?|usd|eur|gbp|bucks?)\b", re.IGNORECASE)
"""What says that a number is money."""
RATES = re.compile(r"\b(?:rate|share|percent\w*|proportion|ratio|portion|quota)\b|%", re.IGNORECASE)


def labelled(name: str, text: str) -> bool:
    """Whether a text says just the label of a metric ("orders", "returns")."""
    return "(" not in name and stems(find(name).label) == stems(" ".join(t.text for t in tokenise(text) if t.text not in EMPTY))


def a_fact(key: str) -> bool:
    """Whether a key is that of an attribute of one thing."""
    owner, _, name = key.partition(".")
    return "(" not in key and owner in entities() and name in entities()[owner].attributes


@cache
def _said_exactly() -> dict[tuple[str, ...], str]:
    return {stems(phrase): key for key, phrases in said_measures().items() if not a_fact(key) for phrase in phrases}


def said_exactly(text: str) -> str | None:
    """The measure that people call just so; None where nobody does, or a number is said."""
    said = tuple(stems(text))
    plain = tuple(w for w in said if w not in ("the", "our", "their", "a", "an"))
    known = _said_exactly()
    return known.get(said) or known.get(plain)


def metrics_in(text: str, nearest: Nearest | None = None) -> tuple[Linked, ...]:
    """The metrics that a text speaks of, in order; by meaning where no words tell, and then one."""
    tokens = [t.text for t in tokenise(text)]
    known = words.metric_phrases()
    found: list[Linked] = []
    taken: set[int] = set()
    for size in range(min(8, len(tokens)), 0, -1):
        for first in range(len(tokens) - size + 1):
            span = range(first, first + size)
            said = " ".join(tokens[i] for i in span)
            if said in known and not taken & set(span):
                found.append(Linked(known[said], 1.0, True))
                taken |= set(span)
    left = tuple(t for i, t in enumerate(tokens) if i not in taken and t not in EMPTY and t not in COURSES)
    if found and not left:
        return tuple(found)
    ranked = list(nearest(text, "metric")) if nearest else []
    if (agreed := _agreed(text, ranked, nearest)) and not found:
        return (Linked(agreed, ranked[0][1], False),)
    if exactly := said_exactly(text):
        return (Linked(exactly, 1.0, True),)
    if len(found) == 1 and ranked and family(ranked[0][0]) == family(found[0].name):
        return (Linked(found[0].name, found[0].sure, True, _beyond(found[0].name, left)),)  # meaning agrees with the words
    near = clearly(ranked)
    if near and not (len(found) == 1 and not left):
        return (Linked(near, ranked[0][1], False),)
    return tuple(Linked(f.name, f.sure, True, left) for f in found[:1]) if len(found) == 1 else tuple(found)


def _agreed(text: str, ranked: Sequence[tuple[str, float]], nearest: Nearest | None) -> str | None:
    """The measure that is nearest in its context and by its words alone."""
    said = list(nearest(text, f"metric{AS_SAID}")) if nearest else []
    if not ranked or not said or ranked[0][1] < ALIKE_IN_CONTEXT or said[0][1] < (SURE if ranked[0][1] >= SURE else SURE_SAID):
        return None
    one, two = ranked[0][0], said[0][0]
    if one.partition(WHERE)[0] == two.partition(WHERE)[0]:
        return two  # the same with or without a state: as it is said
    return (said if said[0][1] > ranked[0][1] else ranked)[0][0] if family(one) == family(two) else None


def _beyond(name: str, left: Sequence[str]) -> tuple[str, ...]:
    """The words that a metric's record does not hold either ("employee" turnover)."""
    m = find(name)
    told = set(stems(" ".join((m.label, *m.synonyms, m.definition))))
    return tuple(w for w in left if not set(stems(w)) & told)


def clearly(ranked: Sequence[tuple[str, float]]) -> str | None:
    """The first of records by likeness, where it is near and those of other families are not."""
    if not ranked or ranked[0][1] < SURE:
        return None
    others = [likeness for name, likeness in ranked if family(name) != family(ranked[0][0])]
    return ranked[0][0] if not others or ranked[0][1] - max(others) >= CLEAR else None


OF_MEASURE = re.compile(r"(\w+)\(([\w.]+)\)(?: where ([\w.]+)$)?")


def family(name: str) -> str:
    """What measures have in common that say the same of the same things: a metric's variants, the number and the share of late orders."""
    told = OF_MEASURE.match(name)
    return (told[3] or told[2]) if told else name.split(".", maxsplit=1)[0]


def things_in(text: str) -> str:
    """The entity that a text names by its noun; empty where none."""
    lex = lexicon()
    said = list(stems(text))
    for at in range(len(said)):
        size = longest(lex.nouns, said, at)
        if size:
            return lex.nouns[tuple(said[at : at + size])]
    return ""


def noun_of_several(text: str) -> bool:
    """Whether two words are together the noun of an entity ("order lines")."""
    said = tuple(stems(text))
    return len(said) > 1 and said in lexicon().nouns


def only_noun_in(text: str) -> str:
    """The entity of the one noun that words name beside others; empty where they name none or several, or by the words of a figure."""
    lex = lexicon()
    said = list(stems(text))
    found = {lex.nouns[(w,)] for w in said if (w,) in lex.nouns}
    return next(iter(found)) if len(found) == 1 else ""


def only_a_noun(text: str) -> str:
    """The entity that a text names where it says nothing else ("how many tickets")."""
    told = [t.text for t in tokenise(text) if t.text not in EMPTY]
    said = list(stems(" ".join(told)))
    size = longest(lexicon().nouns, said, 0) if said else 0
    return lexicon().nouns[tuple(said)] if size and size == len(said) else ""


def only_a_bucket(text: str) -> bool:
    """Whether a text names days, weeks, months, quarters or years and nothing else."""
    said = [t.text for t in tokenise(text) if t.text not in EMPTY]
    return len(said) == 1 and said[0] in words.GRAIN_WORDS


AGGREGATES = {
    "average": "mean", "avg": "mean", "mean": "mean", "typical": "mean", "median": "median", "total": "sum", "sum": "sum", "combined": "sum",
    "largest": "max", "biggest": "max", "longest": "max", "highest": "max", "maximum": "max", "smallest": "min", "shortest": "min", "lowest": "min", "minimum": "min",
}  # fmt: skip
WORTH = frozenset(("value", "worth", "amount", "size"))


def aggregate_in(text: str) -> str | None:
    """ "Average value of a return": an attribute of things taken together, where the words say just that; None else."""
    thing = things_in(text)
    said = [t.text for t in tokenise(text)]
    how = next((AGGREGATES[w] for w in said if w in AGGREGATES), None)
    if not thing or (how is None and not WORTH & set(said)):
        return None
    named = [p for p in attributes_in(text, thing) if attribute(p)[1].kind in NUMBERS]
    path = named[0] if named else conditions.VALUES.get(thing) if WORTH & set(said) else None
    if path is None or any(w not in AGGREGATES and w not in WORTH for w in left_of(text, path)):
        return None
    return f"{how or 'sum'}({path})"


def attributes_in(text: str, of: str = "") -> tuple[str, ...]:
    """Attributes that a text names, the longest names first; of the entity `of` where one is given."""
    lex = lexicon()
    said = list(stems(text))
    found: list[tuple[int, str]] = []
    for at in range(len(said)):
        size = longest(lex.attributes, said, at)
        named = lex.attributes.get(tuple(said[at : at + size]), ()) if size else ()
        found += [(-size, path) for path in named if not of or path.split(".")[0] == of]
    return tuple(p for _, p in sorted(found, key=lambda f: f[0]))


ASKING = frozenset(
    "when where who whom which what whose how date day did was had has have is are it they them that this one".split()
)
"""Words that ask for a fact without saying which."""


def fact_in(text: str, homes: Sequence[str], nearest: Nearest | None) -> str | None:
    """The attribute of one of the entities, the first ones first, that words ask for; None where nothing of them says it clearly, or
    where they say more than that ("tax id")."""
    for home in homes:
        for path in attributes_in(text, home):
            left = [w for w in left_of(text, path) if w not in ASKING and w not in conditions.EMPTY]
            if not left:
                return path
    ranked = [r for r in (nearest(text, f"fact{AS_SAID}") if nearest else ()) if r[0].split(".")[0] in homes]
    if not ranked or ranked[0][1] < SURE_FACT or (len(ranked) > 1 and ranked[0][1] - ranked[1][1] < CLEAR):
        return None
    return ranked[0][0]


@cache
def _doings() -> dict[str, frozenset[str]]:
    """What members of a dimension do with things, as base forms."""
    known = [a for of in entities().values() for a in of.attributes.values() if a.done_by]
    return {a.name: frozenset(form for v in a.done_by for s in stems(v) for form in (s, s.removesuffix("e"))) for a in known}


def done_by(dimensions: Collection[str], word: str) -> bool:
    """Whether a word says what members of one of the dimensions do ("tickets Nadia F. handled")."""
    return any(set(stems(word)) <= _doings().get(d, frozenset()) for d in dimensions if stems(word))


def left_of(text: str, path: str) -> tuple[str, ...]:
    """The words of a text that an attribute's names and its entity's nouns do not account for."""
    of, known = attribute(path)
    told = {w for said in (known.label, *known.words, of.name, of.plural, *of.words) for w in stems(said)}
    return tuple(w for w in stems(text) if w not in told and w not in EMPTY)


def groups_in(
    text: str, metrics: Sequence[str], nearest: Nearest | None = None
) -> tuple[tuple[str, ...], Grain | None, tuple[str, ...]]:
    """Dimensions and attributes by which figures are cut, the time bucket, and pieces that nothing tells."""
    by: list[str] = []
    grain: Grain | None = None
    unknown: list[str] = []
    for piece in re.split(r"\s*(?:,|/|&|\+|\band\b|\bby\b|\bper\b|\bthen\b|\bx\b)\s*", text.lower()):
        said = " ".join(t.text for t in tokenise(piece) if t.text not in EMPTY)
        said = said or " ".join(t.text for t in tokenise(piece) if attributes_in(t.text))  # "by lot"
        if not said:
            continue
        whole = (
            next((p for p in attributes_in(piece) if _cuts(p, metrics) and not left_of(piece, p)), None)
            if " of " in piece
            else None
        )
        named = whole or _group(said, metrics) or _near_group(said, metrics, nearest)
        if named in ("day", "week", "month", "quarter", "year"):
            grain = named  # type: ignore[assignment]
        elif named:
            by.append(named)
        else:
            unknown.append(piece.strip())
    return tuple(dict.fromkeys(by)), grain, tuple(unknown)


def _group(said: str, metrics: Sequence[str]) -> str | None:
    known = words.dimension_phrases()
    single = said.removesuffix("s")
    if said in words.GRAIN_WORDS:
        return words.GRAIN_WORDS[said]
    for form in (said, single):
        if form in known:
            named = fitting(known[form], metrics)
            own = attributes_in(said, home_of(metrics[0])) if metrics else ()
            beside = bool(metrics) and named not in find(metrics[0]).dimensions
            called = metrics[0].startswith("count(") if metrics else False  # a tier of memberships is not one of customers
            return next(
                (
                    p
                    for p in own
                    if not left_of(said, p) and _cuts(p, metrics) and (beside or (called and attribute(p)[1].name == form))
                ),
                named,
            )
    paths = attributes_in(said)
    return next((p for p in paths if _cuts(p, metrics) and not left_of(said, p)), None)


def _near_group(said: str, metrics: Sequence[str], nearest: Nearest | None) -> str | None:
    ranked = list(nearest(said, "group")) if nearest else []
    near = clearly(ranked)
    if near is None:
        return None
    said = re.sub(r"['’]s?\b", "", said)  # whose it is
    told = {w for words_of in words.DIMENSION_WORDS.get(near, ()) for w in stems(words_of)}
    left = [w for w in stems(said) if w not in told and w not in EMPTY]
    return None if left and len(left) < len(stems(said)) else fitting(near, metrics)  # "the salesperson's age" is not who sells


ALIKE = {"channel": ("channel", "feedback_channel", "contact_channel"), "ship_from": ("ship_from", "location")}


def fitting(dimension: str, metrics: Sequence[str]) -> str:
    """The dimension of that name that the metric has: the channel of comments is the feedback's."""
    dims = find(metrics[0]).dimensions if metrics else ()
    if not metrics or dimension in dims:
        return dimension
    alike = next((d for d in ALIKE.get(dimension, ()) if d in dims), None)
    return alike or through_order(dimension, metrics[0]) or dimension


def through_order(dimension: str, metric: str) -> str | None:
    """The attribute of that name of the order that a metric's rows belong to ("return rate by warehouse"); None where they belong to
    none, or it has none."""
    known = entities()["order"].attributes.get(dimension)
    reached = "order" in reachable(metric) - {home_of(metric)}
    return f"order.{dimension}" if reached and known is not None and known.kind in ("flag", "text") else None


def _cuts(path: str, metrics: Sequence[str]) -> bool:
    """Whether an attribute may group the metrics: not a number, and of something that their rows lead to."""
    owner, known = attribute(path)
    return known.kind in ("flag", "text") and (not metrics or owner.name in reachable(metrics[0]))


def named_in(text: str) -> frozenset[str]:
    """The families of the figures that a text calls by their names."""
    return frozenset(family(m.name) for m in metrics_in(text) if m.by_words)


def home_of(metric: str) -> str:
    """The entity whose things a metric counts first."""
    found = find(metric.partition(WHERE)[0])
    if found.thing:
        return found.thing
    first = next(iter(found.components.values())).base
    for name, marks in HOMES:
        if any(m in first for m in marks):
            return name
    return "customer"


HOMES = (
    ("return", ("return",)), ("comment", ("feedback", "mentions", "themed", "claims")), ("contact", ("interaction", "answered", "issues", "inbound", "cases")),
    ("order", ("order", "line", "delivered", "due", "cycle", "stage")), ("product", ("product", "inventory", "forecast", "reorder", "stock")),
)  # fmt: skip


def reachable(metric: str) -> frozenset[str]:
    """Entities that the rows of a metric belong to."""
    home = home_of(metric)
    of = entities()[home]
    return frozenset((home, *of.links.values()))

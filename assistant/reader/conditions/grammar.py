"""Reads a condition as people say it ("who had two or more late orders this year") into a predicate over the entity layer.

A small grammar over the records' own words: what is counted, what is compared, what was done or not done, when. What it cannot
account for is told, never passed over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant.reader.conditions.amounts import COMPARING, comparison, times
from assistant.reader.conditions.of_things import SCALED, VALUES, bare_number, dated, given, past, states, value_of_verb
from assistant.reader.conditions.set_phrases import set_phrase
from assistant.reader.conditions.spoken import Spoken, head_in, member_path, speaks_of
from assistant.reader.conditions.typed import ways_to_part
from assistant.reader.conditions.words import EMPTY, Around, Words, negated_in, period_in, words_of
from assistant.reader.nouns import Lexicon, lexicon, stems
from assistant.understand.numbers import number_at
from knowledge.entities.catalogue import attribute, entity
from knowledge.entities.predicates import All, Compare, Did, Either, Not, Part, Predicate, Reaches, both, leaves
from knowledge.metrics import find
from knowledge.records import Period


@dataclass(frozen=True)
class Read:
    """The predicate, the entity that it is about, and the words that nothing accounts for."""

    predicate: Predicate | None
    entity: str
    left: tuple[str, ...] = ()
    period: Period | None = None
    negated: bool = False

    @property
    def sure(self) -> bool:
        return self.predicate is not None and not self.left


def read(text: str, home: str, around: Around) -> Read:
    """The condition that a text says of things of the entity `home` (empty: what the text itself names, else customers)."""
    ways = ways_to_part(text)
    if len(ways) > 1:
        for joint, parts in ways:
            if joint == "":
                continue
            told = _filled_out([read(p, home, around) for p in parts])
            if all(r.sure for r in told) and len({r.entity for r in told}) == 1:
                made = tuple(r.predicate for r in told if r.predicate is not None)
                whole: Predicate = Either(made) if joint == "or" else All(made)
                return Read(_either_value(made) or whole, told[0].entity)
    return _clause(text, home, around)


def _either_value(parts: Sequence[Predicate]) -> Compare | None:
    """Parts that say different values of one attribute as one: "gold and platinum customers" are of either."""
    alike = [p for p in parts if isinstance(p, Compare) and p.op == "="]
    if len(alike) < len(parts) or len({p.attribute for p in alike}) > 1:
        return None
    return replace(alike[0], values=tuple(dict.fromkeys(v for p in alike for v in p.values)))


def _filled_out(told: list[Read]) -> list[Read]:
    """ "Ordered last year but not this year": what a later part leaves out is taken from the first."""
    first = told[0].predicate
    if not isinstance(first, Did):
        return told
    made = [told[0]]
    for part in told[1:]:
        if part.predicate is None and part.period is not None and not part.left:
            least, most = (0, 0) if part.negated else (first.least, first.most)
            same = replace(first, period=part.period, least=least, most=most)
            made.append(replace(part, predicate=same, entity=told[0].entity))
            continue
        made.append(part)
    return made


def _clause(text: str, home: str, around: Around) -> Read:
    lex, words = lexicon(), words_of(text)
    whole = replace(words, used=set())
    period = period_in(words, around)
    home = home or head_in(words, speaks_of(words, lex, around)) or "customer"
    for tried in (words, whole):  # "the last 90 days" may be a period, or part of a set phrase
        phrase = set_phrase(tried, lex, home, period, around)
        if phrase is not None:
            return Read(phrase, home, tried.left())
    if (named := _one_name(words, lex, home, around)) is not None:
        return Read(named, home, words.left())
    negated = negated_in(words)
    phrase = set_phrase(words, lex, home, period, around) if negated else None
    if phrase is not None:
        return Read(Not(phrase), home, words.left())
    spoken = speaks_of(words, lex, around)
    part = _best(words, home, period, around)
    if part is not None:
        return Read(Not(part) if negated else part, home, words.left())
    predicate = _done(words, spoken, home, period, negated, around) or _compared(words, spoken, home, period, negated, around)
    return Read(predicate, home, words.left(), period, negated)


def _one_name(words: Words, lex: Lexicon, home: str, around: Around) -> Predicate | None:
    """A name that things of `home` have themselves, where it is all that is said beside their noun ("loyal customers", of a segment
    that is called so)."""
    spoken = speaks_of(copied := words.copy(), lex, around)
    if len(spoken.members) != 1 or any(name != home for _, _, name in spoken.things):
        return None
    first, size, fits = spoken.members[0]
    paths = {p: m.value for m in fits if (p := member_path(m, home)) is not None and p.split(".")[0] == home}
    for at, many, _ in spoken.things:
        copied.take(at, many)
    copied.take(first, size)
    if len(paths) != 1 or copied.left():
        return None
    words.used = copied.used
    ((path, value),) = paths.items()
    return Compare(path, "=", (value,))


def _best(words: Words, home: str, period: Period | None, around: Around) -> Predicate | None:
    """ "Among the best 20 % by revenue", "our ten largest": a part of a ranking."""
    ends = {
        "top": "desc",
        "best": "desc",
        "largest": "desc",
        "biggest": "desc",
        "highest": "desc",
        "worst": "asc",
        "lowest": "asc",
        "smallest": "asc",
        "bottom": "asc",
    }
    place = next((i for i, t in enumerate(words.tokens) if t.text in ends), None)
    if place is None:
        return None
    said = [t.text for t in words.tokens]
    numbers = [
        (i, n)
        for i in range(len(said))
        if i not in words.used and (n := number_at(said, i)) is not None and said[i] not in ("a", "an")
    ]
    if not numbers:
        return None
    at, number = numbers[0]
    rest = " ".join(
        t.text for i, t in enumerate(words.tokens) if i not in words.used and not at <= i <= number.last and i != place
    )
    named = around.metric(rest)
    if named is None and not set(stems(rest)) <= EMPTY | {s for w in (home, entity(home).plural) for s in stems(w)}:
        return None  # "the top 5 lost customers" says more than their place
    metric = (
        None if named is None or entity_of(named) == home else named
    )  # "the ten biggest customers": by no number of customers
    metric = metric or ("revenue" if home in ("customer", "product") else None)
    if metric is None or home not in find(metric).dimensions:
        return None
    order = ends[words.tokens[place].text]
    words.take(0, len(words.tokens))
    share = number.value if number.share else None
    return Part(
        home, metric, "desc" if order == "desc" else "asc", None if share else int(number.value), share, period or around.period
    )


def entity_of(metric: str) -> str:
    """The things that a metric is the number of; empty for others."""
    return metric.removeprefix("count(").partition(")")[0] if metric.startswith("count(") else ""


def _reaches(done: str, home: str) -> bool:
    """Whether things of `done` belong to a thing of `home`."""
    of = entity(done)
    if home in of.links.values():
        return True
    return any(home in entity(up).links.values() for up in of.links.values())


def _done(words: Words, spoken: Spoken, home: str, period: Period | None, negated: bool, around: Around) -> Predicate | None:
    """What things of `home` did or did not: "had a late order", "bought 22423", "without returns"."""
    done = [(at, size, name) for at, size, name in spoken.things if name != home and _reaches(name, home)]
    of_product = [m for m in spoken.members if m[2][0].dimension in ("product", "category")]
    done = done or _by_state(spoken, home)
    if not done:
        return None
    at, size, what = done[0]
    for first, many, name in spoken.things:
        if name in (what, home):
            words.take(first, many)
    words.take(at, size)
    if what == "order" and of_product and home == "customer":
        what = "line"
    own = _members(words, spoken, home, what)
    where = both(states(words, spoken, what), value_of_verb(words, at, what))
    least, most = times(words)
    if negated:
        least, most = (0, 0) if (least, most) == (1, None) else (0, least - 1)
    now = any(isinstance(leaf, Compare) and attribute(leaf.attribute)[1].now for leaf in leaves(where))
    span = period or (around.period if entity(what).day and not now else None)
    return both(Did(home, what, where, span, least, most), both(own, states(words, spoken, home)))


def _members(words: Words, spoken: Spoken, home: str, what: str) -> Predicate | None:
    """Members that the home entity has in the first place ("south customers who had a late order")."""
    made: Predicate | None = None
    for first, size, fits in spoken.members:
        path, other = member_path(fits[0], home), member_path(fits[0], what)
        if path is not None and other is None and words.free(first, size):
            words.take(first, size)
            made = both(made, Compare(path, "=", (fits[0].value,)))
    return made


def _by_state(spoken: Spoken, home: str) -> list[tuple[int, int, str]]:
    """ "No complaint", "never complained": a state that only things of another kind can be in stands for them."""
    own = {first for first, _, fits in spoken.members if any(member_path(m, home) for m in fits)}
    for first, _, paths in spoken.attributes:
        owners = [p.split(".")[0] for p in paths if attribute(p)[1].kind == "flag" and first not in own]
        if owners and home not in owners:
            reaching = [o for o in owners if _reaches(o, home)]
            if len(set(reaching)) == 1:
                return [(first, 0, reaching[0])]
    return []


def _compared(
    words: Words, spoken: Spoken, home: str, period: Period | None, negated: bool, around: Around
) -> Predicate | None:
    """What is known of things of `home` themselves, or what their figures come to."""
    for first, size, name in spoken.things:
        if name == home:
            words.take(first, size)
    copied = words.copy()
    made = both(past(copied, spoken, home, around.calendar.today), given(copied, home))
    made = both(made, both(dated(copied, spoken, home, period), states(copied, spoken, home)))
    if made is None or copied.left():
        reached = _figure(words, home, period, around)
        if reached is not None:
            return Not(reached) if negated else reached
    if made is None:
        made = bare_number(copied, home)
    elif home in VALUES and copied.left():
        made = both(made, bare_number(copied, home))  # "late and above 10k"
    words.used = copied.used
    if made is None or (negated and isinstance(made, All)):
        return None  # a no beside several conditions is of one of them
    return Not(made) if negated else made


def _figure(words: Words, home: str, period: Period | None, around: Around) -> Predicate | None:
    """ "With revenue above 50,000", "whose fill rate is below 90 %": a figure of each thing, compared."""
    copied = words.copy()
    told = comparison(copied, "=")
    if told is None:
        return None
    rest = " ".join(t.text for i, t in enumerate(copied.tokens) if i not in copied.used and copied.stems[i] not in EMPTY)
    if any((s,) in COMPARING for i, s in enumerate(copied.stems) if i not in copied.used):
        return None  # "below the safety stock in at least one": of two things
    metric = around.metric(rest) if rest else None
    if metric is None or home not in find(metric).dimensions:
        return None
    if find(metric).unit == "share" and 1 < told[1] <= SCALED:
        return None  # told on some scale, not in per cent
    words.take(0, len(words.tokens))
    value = told[1] / 100 if find(metric).unit == "share" and told[1] > 1 else told[1]
    return Reaches(home, metric, told[0], value, period or (around.period if find(metric).over_time else None))

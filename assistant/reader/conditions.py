"""Reads a condition as people say it ("who had two or more late orders this year") into a predicate over the entity layer.

A small grammar over the records' own words: what is counted, what is compared, what was done or not done, when. What it cannot
account for is told, never passed over."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Literal

from assistant.questions import Entity as Member
from assistant.reader.condition_words import NEGATIONS, in_plain_words, ways_to_part
from assistant.reader.nouns import Lexicon, Phrase, lexicon, longest, stems
from assistant.understand.dates import Calendar
from assistant.understand.entities import SOFT, Vocabulary
from assistant.understand.numbers import Number, number_at
from assistant.understand.periods import find_periods
from assistant.understand.tokens import Token, tokenise
from knowledge.entities import conditions
from knowledge.entities.catalogue import attribute, entities, entity
from knowledge.entities.model import NUMBERS
from knowledge.entities.predicates import All, Compare, Did, Either, Not, Op, Part, Predicate, Reaches, both, leaves
from knowledge.errors import RapportError
from knowledge.metrics import find
from knowledge.records import Period

MORE = {
    "more than": ">", "over": ">", "above": ">", "greater than": ">", "higher than": ">", "bigger than": ">", "larger than": ">",
    "exceeding": ">", "beyond": ">", "longer than": ">", "north of": ">", "upward of": ">", "after": ">", "worth over": ">",
    "at least": ">=", "minimum": ">=", "no less than": ">=", "from": ">=", "since": ">=",
    "less than": "<", "fewer than": "<", "under": "<", "below": "<", "lower than": "<", "smaller than": "<", "before": "<",
    "shorter than": "<", "not even": "<", "at most": "<=", "no more than": "<=", "maximum": "<=", "up to": "<=",
    "exactly": "=", "equal to": "=", "just": "=", "only": "=", "precisely": "=",
}  # fmt: skip
COMPARING: dict[tuple[str, ...], Op] = {tuple(stems(words)): sign for words, sign in MORE.items()}  # type: ignore[misc]
AFTERWARDS: dict[tuple[str, ...], Op] = {
    stems("or more"): ">=", stems("or higher"): ">=", stems("or above"): ">=", stems("plus"): ">=", stems("or less"): "<=",
    stems("or fewer"): "<=", stems("or below"): "<=", stems("or lower"): "<=", stems("and up"): ">=", stems("upwards"): ">=",
    stems("or longer"): ">=", stems("or better"): ">=", stems("or worse"): "<=",
}  # fmt: skip
TIMES: dict[str, tuple[int, int | None]] = {"once": (1, 1), "twice": (2, 2), "several": (2, None), "multiple": (2, None), "repeatedly": (2, None), "many": (3, None), "often": (3, None)}  # fmt: skip
EMPTY = frozenset(
    """a an the who that which whose have be do did was were is are been did of for with in on to and their they them it its any some all
    every only our us we you i at by from customer's there those these still also ever already yet as so really actually currently
    kind one where whom when than then such sort far make come get place through via per time say being just even date day into out
    each own single my your his her see us anything something everything anyone someone""".split()
)
"""Words that carry a condition without saying anything themselves."""
OPENING = (
    frozenset(
        "who that which with without whose having had have has no never not where did does do we they having is are was were".split()
    )
    | NEGATIONS
)
"""Words after which a noun is what somebody has or does, not what is described."""
VERBAL = frozenset("ordered ordering bought returned returning contacted called rated".split())
UNITS = frozenset("day hour week month euro dollar pound eur usd gbp percent % time piece star point buck k".split())


@dataclass(frozen=True)
class Around:
    """What a condition is read with: the calendar, the names of the workspace, the question's period, and how metrics are found in
    words (None: no metric there)."""

    calendar: Calendar
    vocabulary: Vocabulary
    period: Period | None
    metric: Callable[[str], str | None]


@dataclass
class _Words:
    """The words of a condition, their base forms, and which are accounted for."""

    tokens: list[Token]
    stems: list[str]
    used: set[int] = field(default_factory=set)

    def free(self, first: int, size: int = 1) -> bool:
        return not any(i in self.used for i in range(first, first + size))

    def take(self, first: int, size: int = 1) -> None:
        self.used.update(range(first, first + size))

    def text(self, first: int, last: int) -> str:
        return " ".join(t.text for t in self.tokens[first:last])

    def left(self) -> tuple[str, ...]:
        left = (i for i in range(len(self.tokens)) if i not in self.used)
        return tuple(self.tokens[i].raw for i in left if not {self.stems[i], self.tokens[i].text} & EMPTY)


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


def head_of(text: str, around: Around) -> str:
    """The entity whose noun the condition describes ("late orders", "customers with …"); empty where it has none of its own."""
    words = _words_of(text)
    return _head(words, _spoken(words, lexicon(), around))


def _words_of(text: str) -> _Words:
    """The words of a text in the plain words of the grammar; "on-time" as the two words that an attribute is called."""
    known = lexicon().attributes
    parted = HYPHENED.sub(lambda m: f"{m[1]} {m[2]}" if stems(m[0]) in known else m[0], in_plain_words(text))
    tokens = tokenise(parted)
    return _Words(tokens, [stems(t.text)[0] if stems(t.text) else t.text for t in tokens])


def _clause(text: str, home: str, around: Around) -> Read:
    lex, words = lexicon(), _words_of(text)
    whole = replace(words, used=set())
    period = _period(words, around)
    home = home or _head(words, _spoken(words, lex, around)) or "customer"
    if (named := _one_name(words, lex, home, around)) is not None:
        return Read(named, home, words.left())
    for tried in (words, whole):  # "the last 90 days" may be a period, or part of a set phrase
        phrase = _phrase(tried, lex, home, period, around)
        if phrase is not None:
            return Read(phrase, home, tried.left())
    negated = _negated(words)
    phrase = _phrase(words, lex, home, period, around) if negated else None
    if phrase is not None:
        return Read(Not(phrase), home, words.left())
    spoken = _spoken(words, lex, around)
    part = _best(words, home, period, around)
    if part is not None:
        return Read(Not(part) if negated else part, home, words.left())
    predicate = _done(words, spoken, home, period, negated, around) or _compared(words, spoken, home, period, negated, around)
    return Read(predicate, home, words.left(), period, negated)


HYPHENED = re.compile(r"\b([a-z]+)-([a-z]+)\b", re.IGNORECASE)


def _one_name(words: _Words, lex: Lexicon, home: str, around: Around) -> Predicate | None:
    """A name that things of `home` have themselves, where it is all that is said beside their noun ("loyal customers", of a segment
    that is called so)."""
    spoken = _spoken(copied := _copied(words), lex, around)
    if len(spoken.members) != 1 or any(name != home for _, _, name in spoken.things):
        return None
    first, size, fits = spoken.members[0]
    paths = {p: m.value for m in fits if (p := _member_path(m, home)) is not None and p.split(".")[0] == home}
    for at, many, _ in spoken.things:
        copied.take(at, many)
    copied.take(first, size)
    if len(paths) != 1 or copied.left():
        return None
    words.used = copied.used
    ((path, value),) = paths.items()
    return Compare(path, "=", (value,))


def _period(words: _Words, around: Around) -> Period | None:
    text, starts = "", []
    for token in words.tokens:
        starts.append(len(text))
        text += token.text + " "
    for found in find_periods(text.rstrip(), around.calendar):
        span = [i for i, s in enumerate(starts) if found.start <= s < found.end]
        if span:
            words.take(span[0], len(span))
            return found.period
    silent = SILENCE.search(text) if any(t.text in NEGATIONS for t in words.tokens) else None
    if silent is not None:  # "no contact in over 60 days"
        span = [i for i, s in enumerate(starts) if silent.start() <= s < silent.end()]
        words.take(span[0], len(span))
        days = int(silent["n"])
        return Period(around.calendar.today - timedelta(days=days - 1), around.calendar.today, f"last {days} days")
    for i, stem in enumerate(words.stems):  # "in the period" is the question's own
        if stem == "period" and words.free(i):
            words.take(i)
    return None


SILENCE = re.compile(r"\b(?:in|for|within|during) (?:the )?(?:(?:more than|over|at least|last|past) )*(?P<n>\d+) days\b")
"""The time in which something did not come about, to this day."""


def _negated(words: _Words) -> bool:
    """Whether one no is said; two make a yes."""
    said = [
        i
        for i, t in enumerate(words.tokens)
        if t.text in NEGATIONS and words.stems[i + 1 : i + 2] not in (["more"], ["less"], ["fewer"])
    ]
    for i in said:
        words.take(i)
    return len(said) % 2 == 1


@dataclass(frozen=True)
class _Spoken:
    """What the words speak of: entities by noun or verb with their place, attributes with their place, members."""

    things: tuple[tuple[int, int, str], ...]
    attributes: tuple[tuple[int, int, tuple[str, ...]], ...]
    members: tuple[tuple[int, int, tuple[Member, ...]], ...]


def _spoken(words: _Words, lex: Lexicon, around: Around) -> _Spoken:
    things: list[tuple[int, int, str]] = []
    known: list[tuple[int, int, tuple[str, ...]]] = []
    free = [i not in words.used for i in range(len(words.tokens))]
    found = around.vocabulary.find(words.tokens, free)
    named = {i for m in found for i in range(m.first, m.last + 1)}
    for i, token in enumerate(words.tokens):  # "surveys", of a channel called survey
        if i not in named and free[i] and token.text.endswith("s"):
            fits = around.vocabulary.find([replace(token, text=words.stems[i])], [True])
            found += [replace(m, first=i, last=i) for m in fits if (words.stems[i],) not in lex.nouns]
    members = [(m.first, m.last - m.first + 1, m.entities) for m in found]
    hard = [m for m in members if any(e.dimension not in SOFT for e in m[2])]
    inside = {i for first, size, _ in hard for i in range(first, first + size)}
    numbered = any(t.text.replace(".", "").isdigit() for t in words.tokens)
    at = 0
    while at < len(words.stems):
        if at in words.used:
            at += 1
            continue
        noun, verb, attr = (longest(k, words.stems, at) for k in (lex.nouns, lex.verbs, lex.attributes))
        size = max(noun, verb, attr)
        if size == 1 and at in inside and not noun:
            at += 1
            continue
        if attr and attr >= max(noun, verb):
            known.append((at, attr, lex.attributes[tuple(words.stems[at : at + attr])]))
        measured = attr == noun == size == 1 and not verb and numbered and not words.tokens[at].text.endswith("s")
        one = (words.stems[at],)
        if measured and any(p.split(".")[0] == lex.nouns[one] and attribute(p)[1].kind in NUMBERS for p in lex.attributes[one]):
            at += 1
            continue  # "a rating below 3" is what a rating says, "3 ratings" are so many
        if (noun and noun == size) or (verb and verb == size):
            key = tuple(words.stems[at : at + size])
            things.append((at, size, lex.nouns.get(key) or lex.verbs[key]))
        at += max(1, size)
    return _Spoken(tuple(things), tuple(known), tuple(members))


def _head(words: _Words, spoken: _Spoken) -> str:
    """The noun that the condition describes ("late orders", "customers with …"); none where it begins with what was done."""
    if not spoken.things:
        return ""
    at, size, name = spoken.things[0]
    lex = lexicon()
    plain = tuple(words.stems[at : at + size]) in lex.nouns and (words.tokens[at].text not in VERBAL)
    return name if plain and not any(t.text in OPENING for t in words.tokens[:at]) else ""


def _phrase(words: _Words, lex: Lexicon, home: str, period: Period | None, around: Around) -> Predicate | None:
    """A set phrase of the entity, where one covers all that is said beside its noun and the period."""
    number: Number | None = None
    said: list[tuple[int, str]] = []
    at = 0
    names = {home, entity(home).plural, *entity(home).words}
    nouns = {s for n in names for s in stems(n)}
    while at < len(words.tokens):
        found = (
            number_at([t.text for t in words.tokens], at) if at not in words.used or words.tokens[at].text.isdigit() else None
        )
        if found is not None and words.tokens[at].text not in ("one", "a", "an"):
            number = found
            said.append((at, "{n}"))
            at = found.last + 1
            continue
        said.append((at, words.stems[at]))
        at += 1
    options = _matches(lex, [s for _, s in said], home, nouns)
    if options is None:
        return None
    means = _filled(options, number, period, around)
    if means is None:
        return None
    for i, _ in said:
        words.take(i)
    return means


def _matches(lex: Lexicon, said: Sequence[str], home: str, nouns: set[str]) -> Phrase | None:
    """The set phrase of the entity that says just this, in any order, empty words and the entity's own noun left aside."""

    def plain(words: Sequence[str]) -> tuple[str, ...]:
        return tuple(sorted(w for w in words if w not in EMPTY and w not in nouns))

    wanted = plain(said)
    fits = [p for phrases in lex.phrases.values() for p in phrases if p.entity == home and wanted and plain(p.words) == wanted]
    called = [
        c for at in range(len(said)) if (c := tuple(said[at : at + longest(lex.attributes, said, at)])) and set(c) <= EMPTY
    ]
    fits = [p for p in fits if all(f" {' '.join(c)} " in f" {' '.join(p.words)} " for c in called)]  # "on time" says something
    return max(fits, key=lambda p: len(set(p.words) & set(said)), default=None)  # "make to stock" is not "out of stock"


def _filled(phrase: Phrase, number: Number | None, period: Period | None, around: Around) -> Predicate | None:
    span = period or around.period
    if span is None and ("{start}" in phrase.means or "{end}" in phrase.means):
        today = around.calendar.today
        span = Period(today.replace(month=1, day=1), today, f"{today.year} so far")
    text = phrase.means
    if "{n}" in text:
        if number is None:
            return None
        text = text.replace("{n}", f"{number.value:g}")
    if span is not None:
        text = text.replace("{start}", f"'{span.start}'").replace("{end}", f"'{span.end}'")
        text = text.replace("{span}", f"'{span.start}..{span.end}'")
    text = text.replace(", {span}", "")

    def periods(said: str) -> Period | None:
        return span if span is not None and said == f"{span.start}..{span.end}" else None

    try:
        return conditions.parse(text, periods, phrase.entity)
    except RapportError:
        return None


def _best(words: _Words, home: str, period: Period | None, around: Around) -> Predicate | None:
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


def _done(words: _Words, spoken: _Spoken, home: str, period: Period | None, negated: bool, around: Around) -> Predicate | None:
    """What things of `home` did or did not: "had a late order", "bought 22423", "without returns"."""
    done = [(at, size, name) for at, size, name in spoken.things if name != home and _reaches(name, home)]
    of_product = [m for m in spoken.members if m[2][0].dimension in ("product", "category")]
    done = done or _spoken_by_state(spoken, home)
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
    where = both(_where(words, spoken, what), _value_of_verb(words, at, what))
    least, most = _times(words)
    if negated:
        least, most = (0, 0) if (least, most) == (1, None) else (0, least - 1)
    now = any(isinstance(leaf, Compare) and attribute(leaf.attribute)[1].now for leaf in leaves(where))
    span = period or (around.period if entity(what).day and not now else None)
    return both(Did(home, what, where, span, least, most), both(own, _where(words, spoken, home)))


def _value_of_verb(words: _Words, at: int, what: str) -> Predicate | None:
    """ "Rated us 2 or lower", "rated 1 or 2": the number that a verb gives is what the things say by an attribute called like it."""
    known = next((a for a in entity(what).attributes.values() if words.stems[at] in stems(a.given)), None)
    numbers = [i for i, t in enumerate(words.tokens) if t.text.isdigit() and i > at and words.free(i)]
    counted = any(words.stems[i + 1 : i + 2] == ["time"] for i in numbers)
    if known is None or not numbers or counted:
        return None
    path = f"{what}.{known.name}"
    if len(numbers) == 2 and numbers[1] == numbers[0] + 2 and words.tokens[numbers[0] + 1].text in ("or", "and"):
        words.take(numbers[0], 3)
        return Compare(path, "=", tuple(float(words.tokens[i].text) for i in numbers))
    told = _comparison(words, "=")
    return Compare(path, told[0], (told[1],)) if told is not None else None


def _given(words: _Words, home: str) -> Predicate | None:
    """ "Rated 1 or 2" of the comments themselves."""
    for at, stem in enumerate(words.stems):
        if any(stem in stems(a.given) for a in entity(home).attributes.values() if a.given):
            found = _value_of_verb(words, at, home)
            if found is not None:
                words.take(at)
            return found
    return None


def _members(words: _Words, spoken: _Spoken, home: str, what: str) -> Predicate | None:
    """Members that the home entity has in the first place ("south customers who had a late order")."""
    made: Predicate | None = None
    for first, size, fits in spoken.members:
        path, other = _member_path(fits[0], home), _member_path(fits[0], what)
        if path is not None and other is None and words.free(first, size):
            words.take(first, size)
            made = both(made, Compare(path, "=", (fits[0].value,)))
    return made


def _spoken_by_state(spoken: _Spoken, home: str) -> list[tuple[int, int, str]]:
    """ "No complaint", "never complained": a state that only things of another kind can be in stands for them."""
    own = {first for first, _, fits in spoken.members if any(_member_path(m, home) for m in fits)}
    for first, _, paths in spoken.attributes:
        owners = [p.split(".")[0] for p in paths if attribute(p)[1].kind == "flag" and first not in own]
        if owners and home not in owners:
            reaching = [o for o in owners if _reaches(o, home)]
            if len(set(reaching)) == 1:
                return [(first, 0, reaching[0])]
    return []


def _times(words: _Words) -> tuple[int, int | None]:
    """How many are meant: at least one, where nothing is said."""
    for i, token in enumerate(words.tokens):
        if token.text in TIMES and words.free(i):
            words.take(i)
            least, most = TIMES[token.text]
            return least, most
    told = _comparison(words, ">=")
    if told is None:
        return 1, None
    sign, number = told
    n = int(number)
    return {">": (n + 1, None), ">=": (n, None), "<": (0, n - 1), "<=": (0, n), "=": (n, n)}.get(sign, (n, None))


def _comparison(words: _Words, bare: Op) -> tuple[Op, float] | None:
    """ "More than 3", "three or more", "above 100": a sign and a number; `bare` is the sign of a number without one."""
    said = [t.text for t in words.tokens]
    for i in range(len(said)):
        if i in words.used:
            continue
        number = number_at(said, i)
        if number is None or (said[i] in ("a", "an", "one") and number.last == i and not _before(words, i)):
            continue
        before = _before(words, i)
        size = longest(AFTERWARDS, words.stems, number.last + 1, 2)
        if before:
            first, sign = before
            words.take(first, i - first)
        elif size:
            sign = AFTERWARDS[tuple(words.stems[number.last + 1 : number.last + 1 + size])]
            words.take(number.last + 1, size)
        else:
            sign = bare
        words.take(i, number.last - i + 1)
        if number.last + 1 < len(said) and words.stems[number.last + 1] in UNITS:
            words.take(number.last + 1)
        return sign, number.value
    return None


def _before(words: _Words, at: int) -> tuple[int, Op] | None:
    """The comparing words that end just before a number."""
    for size in (3, 2, 1):
        first = at - size
        if first >= 0 and tuple(words.stems[first:at]) in COMPARING:
            return first, COMPARING[tuple(words.stems[first:at])]
    return None


def _where(words: _Words, spoken: _Spoken, what: str) -> Predicate | None:
    """What is said of the things that were done: "late", "above 100", "from Norrland"."""
    made: Predicate | None = None
    for first, size, paths in spoken.attributes:
        if not words.free(first, size):
            continue
        by_number = any(number_at([t.text], 0) is not None and i not in words.used for i, t in enumerate(words.tokens))
        path = _path(
            sorted(paths, key=lambda p: (by_number and attribute(p)[1].kind not in NUMBERS, attribute(p)[1].kind == "date")),
            what,
        )
        if path is None:
            continue
        known = attribute(path)[1]
        if (
            known.kind == "flag"
            and size == 1
            and words.tokens[first].text.endswith("ing")
            and known.label.split()[0].endswith("ed")
        ):
            continue  # "express shipping" says nothing of what was shipped
        if known.kind == "flag":
            words.take(first, size)
            made = both(made, _measured_flag(words, path) or Compare(path, "=", (True,)))
        elif known.kind in NUMBERS:
            path = _as_a_share(words, path)
            told = _comparison(words, "=")
            if told is not None:
                words.take(first, size)
                made = both(made, Compare(path, told[0], (told[1],)))
    for first, size, fits in spoken.members:
        path = next((p for m in fits if words.free(first, size) and (p := _member_path(m, what)) is not None), None)
        if path is not None:
            words.take(first, size)
            value = next(m.value for m in fits if _member_path(m, what) == path)
            made = both(made, Compare(path, "=", (value,)))
    return made


def _as_a_share(words: _Words, path: str) -> str:
    """The attribute that tells as a part what this one tells in money, where per cent are said; else this one."""
    of, known = attribute(path)
    said = any(t.text.endswith("%") or t.text in ("percent", "pct") for t in words.tokens)
    return f"{of.name}.{known.name}_share" if said and f"{known.name}_share" in of.attributes else path


def _measured_flag(words: _Words, path: str) -> Compare | None:
    """ "Late by more than 5 days": the attribute in that unit that goes with the yes or no."""
    of, known = attribute(path)
    for unit in ("days", "hours"):
        told = next((i for i, s in enumerate(words.stems) if f"{s}s" == unit and words.free(i)), None)
        other = next(
            (a for a in of.attributes.values() if a.kind == unit and set(known.name.split("_")) <= set(a.name.split("_"))), None
        )
        if told is not None and other is not None:
            compared = _comparison(words, ">=")
            if compared is not None:
                for i, stem in enumerate(words.stems):  # "paid" more than 30 days "late"
                    if stem in other.name.split("_"):
                        words.take(i)
                return Compare(f"{of.name}.{other.name}", compared[0], (compared[1],))
    return None


def _path(paths: Sequence[str], of: str) -> str | None:
    """The attribute of that entity among those called so; else one of what its things belong to."""
    return next((p for p in paths if p.split(".")[0] == of), None)


def _member_path(member: Member, of: str) -> str | None:
    """The attribute of the entity, or of what it belongs to, that the member is a value of."""
    if member.dimension in ("customer", "product"):
        owner = entity(of)
        fits = member.dimension == of or member.dimension in owner.links.values()
        return f"{member.dimension}.id" if fits else None
    for name in (of, *(n for n in entity(of).links.values() if of == "line" and n == "product")):
        if member.dimension in entities()[name].attributes:
            return f"{name}.{member.dimension}"
    return None


def _compared(
    words: _Words, spoken: _Spoken, home: str, period: Period | None, negated: bool, around: Around
) -> Predicate | None:
    """What is known of things of `home` themselves, or what their figures come to."""
    for first, size, name in spoken.things:
        if name == home:
            words.take(first, size)
    copied = _copied(words)
    made = both(_past(copied, spoken, home, around.calendar.today), _given(copied, home))
    made = both(made, both(_dated(copied, spoken, home, period), _where(copied, spoken, home)))
    if made is None or copied.left():
        reached = _figure(words, home, period, around)
        if reached is not None:
            return Not(reached) if negated else reached
    if made is None:
        made = _bare_number(copied, home)
    elif home in VALUES and copied.left():
        made = both(made, _bare_number(copied, home))  # "late and above 10k"
    words.used = copied.used
    if made is None or (negated and isinstance(made, All)):
        return None  # a no beside several conditions is of one of them
    return Not(made) if negated else made


SIDES: dict[str, Literal["<", "<=", ">", ">="]] = {
    "before": "<", "until": "<=", "till": "<=", "by": "<=", "earlier": "<=", "since": ">=", "after": ">", "later": ">=", "from": ">=",
}  # fmt: skip


OPEN_START = date(1900, 1, 1)
"""Where a period begins that has no beginning."""


def _past(words: _Words, spoken: _Spoken, home: str, today: date) -> Predicate | None:
    """ "Past their promised date", "already beyond its due date": a date that is known of the thing lies before today."""
    for first, size, paths in spoken.attributes:
        path = _path(paths, home)
        if path is None or attribute(path)[1].kind != "date" or not words.free(first, size):
            continue
        at = next((i for i in range(first - 1, max(-1, first - 4), -1) if words.tokens[i].text in ("past", "beyond")), None)
        if at is None or any(words.tokens[i].text not in ("its", "their", "the", "past", "beyond") for i in range(at, first)):
            continue
        words.take(at, first - at + size)
        return Compare(path, "<", (today,))
    return None


def _dated(words: _Words, spoken: _Spoken, home: str, period: Period | None) -> Predicate | None:
    """ "Promised for next week", "due before May": a date that is known of the thing, within, before or after the period that is said."""
    if period is None:
        return None
    for first, size, paths in spoken.attributes:
        path = _path(paths, home)
        if path is None or attribute(path)[1].kind != "date" or not words.free(first, size):
            continue
        begins = min(
            (i for i in words.used if i >= first + size), default=len(words.tokens)
        )  # the period's own words are taken by now
        sides = [i for i, t in enumerate(words.tokens) if t.text in SIDES and i not in words.used]
        if any(not first + size <= i < max(begins, first + size) for i in sides):
            return None  # "after their promised date in May" is about two dates
        words.take(first, size)
        sign = next((SIDES[words.tokens[i].text] for i in sides), None)
        for i in sides:
            words.take(i)
        if period.start <= OPEN_START:
            return Compare(path, "<=", (period.end,))  # "before May" as the periods have it
        if sign is None and period.label.startswith("since "):
            return Compare(path, ">=", (period.start,))  # dates to come count too
        if sign is None:
            return All((Compare(path, ">=", (period.start,)), Compare(path, "<=", (period.end,))))
        return Compare(path, sign, (period.start if sign in ("<", ">=") else period.end,))
    return None


def _copied(words: _Words) -> _Words:
    return replace(words, used=set(words.used))


TIMED = frozenset(("day", "hour", "week", "month", "year", "minute"))
SCALED = 10
VALUES = {
    "order": "order.value",
    "line": "line.value",
    "return": "return.value",
    "invoice": "invoice.amount",
    "contract": "contract.value",
    "quote": "quote.amount",
}
"""What "above 100" is about, where nothing else is said."""


def _bare_number(words: _Words, home: str) -> Predicate | None:
    if home not in VALUES or any(t.text in ("%", "percent", "pct") or t.text.endswith("%") for t in words.tokens):
        return None  # no part of anything
    if any(base in TIMED for base in words.stems):
        return None  # "more than 60 days" are no money
    told = _comparison(words, ">=")
    return Compare(VALUES[home], told[0], (told[1],)) if told is not None else None


def _figure(words: _Words, home: str, period: Period | None, around: Around) -> Predicate | None:
    """ "With revenue above 50,000", "whose fill rate is below 90 %": a figure of each thing, compared."""
    copied = _copied(words)
    told = _comparison(copied, "=")
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

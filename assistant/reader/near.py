"""Conditions by meaning: the whole sentence of the catalogue that lies nearest to a question's words, with the number and the period
that they say."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from assistant.reader import links
from assistant.reader.nouns import lexicon, longest, stems
from assistant.understand.dates import DAYS, Calendar
from assistant.understand.numbers import number_at
from assistant.understand.periods import find_periods
from assistant.understand.tokens import tokenise
from knowledge.entities import conditions
from knowledge.entities.catalogue import attribute, entities, entity, said_conditions
from knowledge.entities.predicates import Predicate
from knowledge.errors import RapportError
from knowledge.records import Period

NEGATIONS = frozenset(
    "not no never without unless except nobody none neither nor nothing cannot can't didn't don't haven't hasn't isn't aren't wasn't weren't w/o lacking".split()
)
SHORTENED = re.compile(r"\b(have|has|had|did|do|does|is|are|was|were|could|would|should|wo|ca)nt\b")
"""Short forms typed without their apostrophe: "havent"."""
UNDONE = re.compile(
    r"un(?:answered|solved|resolved|paid|settled|kept|delivered|refunded|shipped|redeemed)|incomplete|inactive|silent|quiet"
)
GRAMMAR = frozenset(
    "in on of for by from at since over and or per with that who this last the a late overdue old ago or more less".split()
)
SIGNS = ((re.compile(r"\b(?:more|over|above|longer|older|later|greater|higher|beyond|exceed\w*)\b|>"), ">"), (re.compile(r"\b(?:less|fewer|below|under|within|shorter|lower)\b|<"), "<"))  # fmt: skip
LEAST = re.compile(r"\b(?:at least|minimum|or more|and more|from|plus)\b|\d\+")
NEAR, CLEAR, NEAR_BY_ITSELF, NEAR_AS_SAID = 0.5, 0.06, 0.65, 0.7
"""How near a sentence must be, and how much nearer than one of another meaning; how near where the words in their context, or the words
alone, are the only ones that say so."""


@dataclass(frozen=True)
class Said:
    """The number (days where it is told in longer units), its sign, the period and whether a no is said."""

    number: float | None
    period: Period | None
    sign: str
    no: bool
    unit: str = ""


BETWEEN = "|"
"""Between a meaning and the sentence that says it, in the key of a record."""


@lru_cache(maxsize=1)
def records() -> tuple[tuple[str, str], ...]:
    """Every state of a thing and every sentence of the catalogue as (key, words); the key holds entity, meaning and sentence."""
    told = [(of, means, says) for of, says, means in said_conditions()]
    known = {means for _, _, means in said_conditions()}
    for of in entities().values():
        for a in of.attributes.values():
            if a.kind == "flag" and f"{of.name}.{a.name} = true" not in known:
                told += [
                    (of.name, f"{of.name}.{a.name} = true", f"{of.plural} that are {said}") for said in (a.label, *a.words)
                ]
    return tuple((f"{of}:{means}{BETWEEN}{says}", says) for of, means, says in told)


def said_of(text: str, calendar: Calendar) -> Said:
    """What numbers, periods and negations the words hold."""
    found = find_periods(" ".join(t.text for t in tokenise(text)), calendar)
    words = [t.text for t in tokenise(text)]
    number: float | None = None
    unit = ""
    for at in range(len(words)):
        one = number_at(words, at)
        year = len(words[at]) == 4 and words[at][:2] in ("19", "20")
        unit = words[one.last + 1].rstrip("s") if one is not None and one.last + 1 < len(words) else ""
        if one is None or year or (words[at] in ("a", "an", "one", "first", "second") and unit not in DAYS):
            continue
        number = one.value * DAYS.get(unit, 1)
        break
    return Said(number, found[0].period if found else None, said_sign(text), negated(text), unit)


def said_sign(text: str) -> str:
    """Whether more or less than a number is meant; empty where neither is said."""
    low = text.lower()
    return ">=" if LEAST.search(low) else next((s for pattern, s in SIGNS if pattern.search(low)), "")


def condition(
    text: str, homes: Sequence[str], nearest: links.Nearest | None, calendar: Calendar, asked: Period | None
) -> Predicate | None:
    """The predicate of the sentence nearest to the words; None where none is near, where two mean different things, or where a
    number or a no is said that the sentence has no place for."""
    found = meant(text, homes, nearest, calendar, asked)
    return found[1] if found else None


def meant(
    text: str, homes: Sequence[str], nearest: links.Nearest | None, calendar: Calendar, asked: Period | None
) -> tuple[str, Predicate] | None:
    """The condition nearest to the words with the entity that it is about; words without a noun are also tried with that of the first
    of `homes`."""
    if nearest is None:
        return None
    noun = entity(homes[0]).plural
    around = _nearest_of(nearest(text, "condition"), text, homes, calendar, asked)
    if around is not None and around.likeness >= NEAR_BY_ITSELF:
        return around.of, around.predicate
    plain = text if noun in text else f"{noun} {text}"
    said = _nearest_of(nearest(plain, f"condition{links.AS_SAID}"), text, homes, calendar, asked)
    if said is None or (said.likeness < NEAR_AS_SAID and (around is None or around.predicate != said.predicate)):
        return None
    return said.of, said.predicate


@dataclass(frozen=True)
class _Found:
    of: str
    predicate: Predicate
    likeness: float


def _nearest_of(
    ranked: Sequence[tuple[str, float]], text: str, homes: Sequence[str], calendar: Calendar, asked: Period | None
) -> _Found | None:
    said = said_of(text, calendar)
    if said.number is not None and _numbers(text) > 1:
        return None  # a sentence has one number
    if said.no and _no_of_another(text):
        return None  # "under safety stock with nothing on order"
    if said.period is not None and _of_two_dates(text):
        return None  # "after their promised date in October"
    fits = [(*_split(key), likeness) for key, likeness in ranked]
    fits = [f for f in fits if f[0] in homes and _fits(f[1], f[2], said, text)]
    fits = [f for f in fits if f[0] == homes[0] or not f[1].startswith(("has(", "lacks(")) or links.things_in(text)]
    own = [f for f in fits if f[0] == homes[0]]
    if own and own[0][3] >= NEAR and fits[0][3] - own[0][3] < OTHERS:
        fits = own  # of what is spoken of already, where that says it nearly as well
    if not fits or fits[0][3] < NEAR:
        return None
    of, means, _, likeness = fits[0]
    spoken = things_spoken(text)
    if (
        any(thing != of and thing not in means for thing in spoken)
        or _speaks_of_more(means, spoken)
        or _means_beside(text, fits[0][2])
    ):
        return None  # a sentence says all that is done, and no more
    if likeness - next((other for o, m, _, other in fits if (o, m) != (of, means)), 0.0) < CLEAR:
        return None
    if said.period is not None and "{start}" not in means and not _in_days(means, said):
        means = f"{means[:-1]}, '{{start}}..{{end}}')"
    if any(
        p not in means and not _shared(p, text, fits[0][2])
        for p in links.attributes_in(text, of)
        if attribute(p)[1].kind == "flag"
    ):
        return None  # it speaks of a state that the sentence does not
    made = _filled(of, means, said, calendar, asked)
    return _Found(of, made, likeness) if made is not None else None


def _numbers(text: str) -> int:
    """How many numbers words hold, years and those of a time aside."""
    words = [t.text for t in tokenise(text)]
    found = [
        number_at(words, i)
        for i in range(len(words))
        if words[i][:1].isdigit() and not (len(words[i]) == 4 and words[i][:2] in ("19", "20"))
    ]
    return sum(n is not None for n in found)


def things_spoken(text: str) -> frozenset[str]:
    """The kinds of things that words name or do ("ordered", "an open ticket")."""
    known = lexicon()
    said = list(stems(text))
    found: set[str] = set()
    for at in range(len(said)):
        for names in (known.nouns, known.verbs):
            if size := longest(names, said, at):
                found.add(names[tuple(said[at : at + size])])
    return frozenset(found)


HAVING = re.compile(r"\b(?:has|lacks)\(\w+, (\w+)")


def _speaks_of_more(means: str, spoken: frozenset[str]) -> bool:
    """Whether a sentence is about things that somebody has where the words name others ("late orders" with unanswered contacts)."""
    return bool(spoken) and any(thing not in spoken for thing in HAVING.findall(means))


BY_MEANS = re.compile(r"\b(?:by|via|using) ((?:[a-z]+ ?){1,3})$")


def _means_beside(text: str, sentence: str) -> bool:
    """Whether words say by what means something was done ("paid by credit card"), of which the sentence knows nothing."""
    said = BY_MEANS.search(text.lower().strip())
    words = set(stems(said[1])) if said else set()
    return bool(words) and not words & set(stems(sentence)) and not words & GRAMMAR


def _no_of_another(text: str) -> bool:
    """Whether a state is said before the no, which is then of what follows it."""
    words = [t.text for t in tokenise(text)]
    at = next((i for i, w in enumerate(words) if w in NEGATIONS), 0)
    before = links.attributes_in(" ".join(words[:at]))
    return any(attribute(p)[1].kind != "text" for p in before) and bool(words[at + 1 :])


def _of_two_dates(text: str) -> bool:
    """Whether a date of the thing stands behind a word that sets another against it."""
    behind = AGAINST_DATE.search(text.lower())
    said = behind[1].split()[:3] if behind else []
    return any(attribute(p)[1].kind == "date" for n in range(len(said)) for p in links.attributes_in(" ".join(said[: n + 1])))


AGAINST_DATE = re.compile(
    r"\b(?:before|after|past|beyond|later than|earlier than) (?:the |their |its |our )?((?:[a-z]+ ?){1,3})"
)
MEASURES = (
    frozenset("percent % dollar euro pound usd eur gbp buck hour hr minute piece star point k lot box pallet time".split())
    | DAYS.keys()
)


OTHERS = 0.15
"""So much nearer must a sentence about other things be than one about those that are spoken of."""


def _shared(path: str, text: str, sentence: str) -> bool:
    """Whether the words by which a text names a state stand in the sentence as well."""
    _, known = attribute(path)
    called = {w for said in (known.label, *known.words) for w in stems(said)}
    return called & set(stems(text)) <= set(stems(sentence))


def _split(key: str) -> tuple[str, str, str]:
    """Entity, meaning and sentence of a record's key."""
    meaning, _, sentence = key.partition(BETWEEN)
    of, _, means = meaning.partition(":")
    return of, means, sentence


def _in_days(means: str, said: Said) -> bool:
    """Whether what is told as a time is the number of days that a sentence speaks of ("in the last 90 days")."""
    return "{n}" in means and said.number is not None and said.unit in DAYS


def _fits(means: str, sentence: str, said: Said, text: str) -> bool:
    """Whether a sentence has a place for the number, the time and the no that are said, and says no more itself."""
    if ("{n}" in means) != (said.number is not None and ("{n}" in means or said.period is None)):
        return False
    if said.no != negated(sentence):
        return False
    if said.number is not None and "{n}" in means:
        own = said_sign(sentence)
        if not _counts(said.unit, sentence) or (said.sign and own and said.sign[0] != own[0]):
            return False
    if said.period is not None and not _in_days(means, said):
        if "{start}" not in means and (not means.startswith(("has(", "lacks(")) or ">=" in means):
            return False
        if "{start}" in means and _side(text) != _side(sentence):
            return False
    return True


SIDES = (("before", re.compile(r"\b(?:before|until|till|by|prior to|or earlier|earlier than)\b")), ("after", re.compile(r"\b(?:since|after|from|or later|later than|past)\b")))  # fmt: skip


def _side(text: str) -> str:
    """Which side of a period is meant: before it, since it, or, where neither is said, within it."""
    return next((name for name, said in SIDES if said.search(text.lower())), "")


def _counts(unit: str, sentence: str) -> bool:
    """Whether what is counted by the number is what the sentence counts ("employees" are no revenue)."""
    if not unit or unit in MEASURES or unit in GRAMMAR:
        return True
    return bool(set(stems(unit)) & set(stems(sentence)))


def negated(text: str) -> bool:
    """Whether words say no once; "unanswered" is a no as well, two make a yes."""
    words = re.findall(r"[a-z']+", SHORTENED.sub(r"\1n't", text.lower()))
    return sum(w in NEGATIONS or UNDONE.fullmatch(w) is not None for w in words) % 2 == 1


def _in_its_unit(means: str, said: Said) -> float:
    """The number in the unit of the attribute that it is compared with: "two days" of one in hours are 48."""
    path = re.search(r"(\w+\.\w+) [<>]?=? ?\{n\}", means)
    kind = attribute(path[1])[1].kind if path else ""
    number = said.number or 0.0
    if kind == "hours" and said.unit in DAYS:
        return number * 24
    if kind == "days" and said.unit in ("hour", "hr", "h"):
        return number / 24
    return number / 100 if kind == "share" and number > 1 else number


def _filled(of: str, means: str, said: Said, calendar: Calendar, asked: Period | None) -> Predicate | None:
    span = said.period or asked
    text = means
    if said.number is not None and "{n}" in text:
        text = text.replace("{n}", f"{_in_its_unit(text, said):g}")
        if said.sign and ("> " in text or "< " in text):
            text = re.sub(r"[<>]=?", said.sign, text, count=1)
    if "{start}" in text or "{end}" in text:
        if span is None and "first_order" not in means:
            return None  # no time was said
        if span is None:  # new customers are those of this year
            span = Period(calendar.today.replace(month=1, day=1), calendar.today, f"{calendar.today.year} so far")
        text = text.replace("{start}", str(span.start)).replace("{end}", str(span.end))

    def periods(told: str) -> Period | None:
        return span if span is not None and told == f"{span.start}..{span.end}" else None

    try:
        return conditions.parse(text, periods, of)
    except RapportError:
        return None

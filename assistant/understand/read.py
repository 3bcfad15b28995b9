"""Reads a question into slots: every word is accounted for, or it is named as unknown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

from assistant.questions import Choice, Entity, Question
from assistant.understand import lexicon
from assistant.understand.entities import Match, Vocabulary
from assistant.understand.periods import Calendar, Found, find_periods
from assistant.understand.tokens import Token, mend, tokenise
from knowledge.metrics import find
from knowledge.records import Grain, Period

PRONOUNS = frozenset("their they them it its he she his her those these that there same".split())
BY = frozenset("by per each every across among which what".split())
EXCLUDE = frozenset("excluding except without exclude outside ignoring not but".split())
NUMBER_WORDS = {w: i for i, w in enumerate("zero one two three four five six seven eight nine ten".split())}
LONGEST_PHRASE = 6
Role = Literal["metric", "dimension", "operation", "grain", "ambiguous", "entity", "period", "limit", "filler", "id"]


@dataclass
class _Reading:
    """Work in progress: tokens, and for each what it has been taken for."""

    tokens: list[Token]
    role: list[Role | None]
    metrics: list[tuple[int, str]] = field(default_factory=list)
    dimensions: list[tuple[int, int, str]] = field(default_factory=list)
    operations: list[tuple[int, str, str]] = field(default_factory=list)
    grains: list[tuple[int, str]] = field(default_factory=list)
    ambiguous: list[str] = field(default_factory=list)
    matches: list[Match] = field(default_factory=list)
    periods: list[Found] = field(default_factory=list)
    limit: int | None = None
    order_id: str | None = None
    unknown_ids: list[str] = field(default_factory=list)

    def free(self) -> list[bool]:
        return [r is None for r in self.role]

    def take(self, first: int, last: int, role: Role) -> None:
        for i in range(first, last + 1):
            self.role[i] = role

    def text(self, first: int, last: int) -> str:
        return " ".join(t.text for t in self.tokens[first : last + 1])

    def said(self, *words: str) -> bool:
        return any(t.text in words for t in self.tokens)


def understand(question: str, vocabulary: Vocabulary, today: date, fiscal: int = 1, year: int | None = None) -> Question:
    """Slots of one question. `today` is the as-of date; `year` what a bare month means in this thread."""
    tokens = mend(tokenise(question), lexicon.known_words() | vocabulary.words)
    reading = _Reading(tokens, [None] * len(tokens))
    _take_ids(reading, vocabulary)
    _take_periods(reading, Calendar(today, fiscal, year))
    _take_limit(reading)
    _take_phrases(reading, vocabulary)
    _take_misspelt(reading, vocabulary)
    return _question(question, reading, today)


def _take_ids(r: _Reading, vocabulary: Vocabulary) -> None:
    """ "customer 14646", "order 48213": a member or an order named by its id."""
    named = {w: d for d, words in lexicon.DIMENSION_WORDS.items() for w in words if " " not in w}
    for i, token in enumerate(r.tokens):
        if i == 0 or r.role[i] is not None or not any(c.isdigit() for c in token.raw):
            continue
        before = i - 1
        if r.tokens[before].text in ("number", "no", "id", "nr") and before:
            before -= 1
        word = r.tokens[before].text
        dimension = named.get(word)
        raw = token.raw.strip("#,.")
        if word in ("order", "orders", "po", "shipment") and len(raw) >= 3 and not (len(raw) == 4 and raw[:2] in ("19", "20")):
            r.order_id = raw
            r.take(before, i, "id")
        elif dimension in ("customer", "product"):
            member = vocabulary.by_id(dimension, raw)
            if member:
                r.matches.append(Match(before, i, (Entity(dimension, member[0], member[1], token.start, token.end, 1.0),)))
                r.take(before, i, "entity")
            elif len(raw) >= 4 and not (len(raw) == 4 and raw[:2] in ("19", "20")):
                r.unknown_ids.append(f"{word} {raw}")
                r.take(before, i, "id")


def _take_periods(r: _Reading, calendar: Calendar) -> None:
    text, starts = "", []
    for token in r.tokens:
        starts.append(len(text))
        text += token.text + " "
    for found in find_periods(text.rstrip(), calendar):
        span = [i for i, s in enumerate(starts) if found.start <= s < found.end]
        if span and all(r.role[i] is None for i in span):
            r.periods.append(found)
            r.take(span[0], span[-1], "period")


def _take_limit(r: _Reading) -> None:
    ranks = {p for name, phrases in lexicon.OPERATION_PHRASES if name == "rank" for p in phrases}
    for i, token in enumerate(r.tokens):
        number = int(token.text) if token.text.isdigit() else NUMBER_WORDS.get(token.text)
        if number is None or r.role[i] is not None or not 0 < number <= 1000:
            continue
        around = {r.tokens[j].text for j in (i - 1, i + 1, i + 2) if 0 <= j < len(r.tokens)}
        dims = {w for words in lexicon.DIMENSION_WORDS.values() for w in words}
        if around & ranks or (i + 1 < len(r.tokens) and r.tokens[i + 1].text in dims and (around & {"first", "list", "show"})):
            r.limit = number
            r.take(i, i, "limit")


def _take_phrases(r: _Reading, vocabulary: Vocabulary) -> None:
    """Metrics, dimensions, names, operations and grains: longest first; where equally long, in that order."""
    metrics = lexicon.metric_phrases()
    dimensions = {w: d for d, words in lexicon.DIMENSION_WORDS.items() for w in words}
    operations = {p: name for name, phrases in reversed(lexicon.OPERATION_PHRASES) for p in phrases}
    members = vocabulary.find(r.tokens, r.free())
    for size in range(min(LONGEST_PHRASE, len(r.tokens)), 0, -1):
        for first in range(len(r.tokens) - size + 1):
            last = first + size - 1
            if any(r.role[i] is not None for i in range(first, last + 1)):
                continue
            text = r.text(first, last)
            match = next((m for m in members if (m.first, m.last) == (first, last)), None)
            if text in lexicon.AMBIGUOUS:
                r.ambiguous.append(text)
                r.take(first, last, "ambiguous")
            elif text in metrics and not (match and match.entities[0].dimension != "theme" and size > 1):
                r.metrics.append((first, metrics[text]))
                r.take(first, last, "metric")
            elif match and not (size == 1 and (text in dimensions or text in lexicon.FILLERS or text in operations)):
                r.matches.append(match)
                r.take(first, last, "entity")
            elif text in dimensions and not (text == "who" and not _ranks(r)):
                r.dimensions.append((first, last, dimensions[text]))
                r.take(first, last, "dimension")
            elif text in operations:
                r.operations.append((first, operations[text], text))
                r.take(first, last, "operation")
            elif text in lexicon.GRAIN_WORDS:
                r.grains.append((first, lexicon.GRAIN_WORDS[text]))
                r.take(first, last, "grain")
            elif size == 1 and (
                text in lexicon.FILLERS or (text in lexicon.PERIOD_WORDS and text != "weather") or text in NUMBER_WORDS
            ):
                r.take(first, last, "filler")


def _ranks(r: _Reading) -> bool:
    return any(
        t.text in ("most", "least", "biggest", "best", "largest", "top", "worst", "highest", "lowest", "smallest")
        for t in r.tokens
    )


def _take_misspelt(r: _Reading, vocabulary: Vocabulary) -> None:
    """Runs of words that nothing accounts for: perhaps a misspelt name."""
    i = 0
    while i < len(r.tokens):
        if r.role[i] is not None:
            i += 1
            continue
        last = i
        while last + 1 < len(r.tokens) and r.role[last + 1] is None:
            last += 1
        for first, end in [
            (a, b) for size in range(last - i + 1, 0, -1) for a in range(i, last - size + 2) for b in [a + size - 1]
        ]:
            match = vocabulary.fuzzy(r.tokens, first, end) if all(r.role[k] is None for k in range(first, end + 1)) else None
            if match:
                r.matches.append(match)
                r.take(first, end, "entity")
        i = last + 1


def _question(text: str, r: _Reading, today: date) -> Question:
    entities, excluded, choices = _entities(r)
    operation = _operation(r)
    by = _by(r, operation, entities)
    grain = _grain(r)
    period, compare_to = _periods(r, today)
    metrics = tuple(dict.fromkeys(m for _, m in sorted(r.metrics)))
    if operation in ("themes", "quotes") and metrics and metrics != ("feedback_count",):
        operation = None if not r.said("why") else "why"
    if operation == "rank" and not by and not metrics and not any(d for _, _, d in r.dimensions):
        operation = None
    if grain and operation in (None, "list", "growth") and not by:
        operation = "trend"
    if operation is None and by:
        operation = "breakdown"
    order = _order(r, metrics)
    if operation in ("breakdown", "list") and order and by:
        operation = "rank"
    content = [i for i, role in enumerate(r.role) if role is None]
    unknown = [*r.unknown_ids, *(r.tokens[i].raw for i in content)]
    if r.ambiguous and not metrics:
        choices = tuple(
            Choice(label, _replaced(text, r, r.ambiguous[0], said)) for label, said in lexicon.AMBIGUOUS[r.ambiguous[0]]
        )
    mood: Literal[-1, 1] | None = None
    said = {t.text for t in r.tokens}
    if said & lexicon.NEGATIVE_MOOD:
        mood = -1
    elif said & lexicon.POSITIVE_MOOD and not (said & {"unhappy"}):
        mood = 1
    claim: Literal["up", "down"] | None = "down" if said & lexicon.FALLING else "up" if said & lexicon.RISING else None
    first = r.tokens[0].text if r.tokens else ""
    return Question(
        text=text,
        operation=operation,  # type: ignore[arg-type]
        metrics=metrics,
        entities=entities,
        by=by,
        period=period,
        compare_to=compare_to,
        grain=grain,
        order=order,
        limit=r.limit,
        choices=choices,
        unknown=tuple(unknown),
        follow_up=first in lexicon.FOLLOW or (first in ("what", "how") and len(r.tokens) > 1 and r.tokens[1].text == "about"),
        excluded=excluded,
        mood=mood,
        claim=claim,
        refers=bool(said & PRONOUNS),
        bare_period=bool(r.periods) and r.periods[0].bare,
        order_id=r.order_id,
    )


def _replaced(text: str, r: _Reading, phrase: str, by: str) -> str:
    """The question with the ambiguous words replaced by one reading."""
    words = phrase.split()
    for i in range(len(r.tokens) - len(words) + 1):
        if [t.text for t in r.tokens[i : i + len(words)]] == words:
            return f"{text[: r.tokens[i].start]}{by}{text[r.tokens[i + len(words) - 1].end :]}"
    return text


def _entities(r: _Reading) -> tuple[tuple[Entity, ...], tuple[Entity, ...], tuple[Choice, ...]]:
    """One entity a match. A match with several near-tied members of the same kind becomes a choice, unless the words around it
    say which kind is meant ("region north")."""
    kept: list[Entity] = []
    excluded: list[Entity] = []
    choices: tuple[Choice, ...] = ()
    said_dimensions = {d for _, _, d in r.dimensions}
    for match in sorted(r.matches, key=lambda m: m.first):
        fits = list(match.entities)
        near = {d for a, b, d in r.dimensions if b == match.first - 1 or a == match.last + 1}
        wanted = (
            [e for e in fits if e.dimension in near]
            or [e for e in fits if e.dimension in said_dimensions and e.dimension != "customer"]
            or fits
        )
        first = wanted[0]
        kinds = {"customer", "parent"} if first.dimension in ("customer", "parent") else {first.dimension}
        same = list({e.label: e for e in reversed(wanted) if e.dimension in kinds}.values())[::-1]
        if len(same) > 1:
            start, end = r.tokens[match.first].start, r.tokens[match.last].end
            choices = tuple(Choice(e.label, f"\0{start}\0{end}\0{e.label}") for e in same[:3])
            continue
        before = r.tokens[match.first - 1].text if match.first else ""
        two_before = r.tokens[match.first - 2].text if match.first > 1 else ""
        negated = (
            before in EXCLUDE - {"but", "not"}
            or (before in ("for", "in", "the", "from") and two_before in EXCLUDE - {"but"})
            or before == "not"
        )
        (excluded if negated else kept).append(first)
        if negated:
            r.take(max(0, match.first - 2) if before not in EXCLUDE else match.first - 1, match.first - 1, "filler")
    return tuple(dict.fromkeys(kept)), tuple(dict.fromkeys(excluded)), choices


def _operation(r: _Reading) -> str | None:
    names = {name for _, name, _ in r.operations}
    phrases = {p for _, _, p in r.operations}
    if "why" in names:
        return "why"
    if (
        "define" in names
        and (r.metrics or r.ambiguous)
        and (phrases & DEFINING or r.said("calculate", "calculated", "compute", "computed", "mean", "define", "definition"))
        and not r.matches
        and not r.periods
    ):
        return "define"
    order: tuple[str, ...] = ("quotes", "compare", "growth", "share", "rank", "trend", "themes", "list")
    if "growth" in names and phrases & {"up", "down"} == {p for _, n, p in r.operations if n == "growth"}:
        order = tuple(o for o in order if o != "growth")
    if "themes" in names and not r.metrics:
        return (
            "quotes"
            if names & {"quotes"} and not phrases & {"saying", "say", "complaining about", "complain about", "unhappy"}
            else "themes"
        )
    return next((o for o in order if o in names), None)


DEFINING = frozenset("define definition calculated computed formula".split()) | {
    "definition of",
    "meaning of",
    "formula for",
    "what does",
    "how do you calculate",
    "how do we calculate",
    "how do you compute",
    "explain",
    "mean exactly",
    "how is",
}


def _by(r: _Reading, operation: str | None, entities: Sequence[Entity]) -> tuple[str, ...]:
    out = []
    named = {e.dimension for e in entities}
    for first, last, dimension in sorted(r.dimensions):
        before = r.tokens[first - 1].text if first else ""
        plural = r.tokens[last].text.endswith("s") and r.tokens[last].text not in ("status", "sales")
        beside = any(m.first == last + 1 or m.last == first - 1 for m in r.matches if m.entities[0].dimension == dimension)
        asked = before in BY or (before in ("the", "all") and first > 1 and r.tokens[first - 2].text in BY)
        wide = plural and (operation in ("rank", "list", "share", "compare", "trend") or before in BY)
        ranked = operation == "rank" and (
            plural or r.tokens[first].text == "who" or before in ("which", "what") or not r.metrics or dimension not in named
        )
        if beside and not asked:
            continue
        if (asked or wide or ranked) and not (dimension in named and not asked and operation != "compare"):
            out.append(_existing(dimension, r))
    if operation == "compare" or not out:
        pairs = [e.dimension for e in entities]
        out += [d for d in dict.fromkeys(pairs) if pairs.count(d) > 1 and d not in out]
    if operation == "share" and not out and entities:
        out.append(entities[0].dimension)
    return tuple(dict.fromkeys(out))[:2]


def _existing(dimension: str, r: _Reading) -> str:
    """Return reasons are `reason`; "channel" of comments is the feedback's."""
    if dimension == "channel" and r.metrics and "feedback_channel" in find(r.metrics[0][1]).dimensions:
        return "feedback_channel"
    return dimension


def _grain(r: _Reading) -> Grain | None:
    asked = {name for _, name, _ in r.operations}
    for at, grain in r.grains:
        before = r.tokens[at - 1].text if at else ""
        if (
            before in ("by", "per", "each", "every", "a")
            or r.tokens[at].text.endswith("ly")
            or r.tokens[at].text in ("annual", "annually")
            or asked & {"trend"}
        ):
            return grain  # type: ignore[return-value]
    return None


def _order(r: _Reading, metrics: Sequence[str]) -> Literal["desc", "asc"] | None:
    said = {p for _, name, p in r.operations if name == "rank"} | ({"which"} & set())
    if not said:
        return None
    if said & set(lexicon.GOOD_BAD):
        direction = find(metrics[0]).direction if metrics else "up"
        wants_good = bool(said & {"best"}) and not said & {"worst"}
        return "desc" if (direction != "down") == wants_good else "asc"
    return "asc" if said & lexicon.LOW_WORDS else "desc"


def _periods(r: _Reading, today: date) -> tuple[Period | None, Period | None]:
    found = sorted(r.periods, key=lambda f: f.start)
    phrases = {p for _, name, p in r.operations if name == "compare"}
    if not found:
        return None, None
    if len(found) >= 2:
        one, two = found[0].period, found[1].period
        compares = bool(phrases) or any(n in ("growth", "why") for _, n, _ in r.operations) or r.said("and", "to", "or", "than")
        return (one, two) if compares and one != two else (one, None)
    only = found[0].period
    if (
        phrases & {"compared to", "compared with", "vs", "versus", "against", "relative to", "compared"}
        and only.end < today
        and not r.said("in")
    ):
        return _current_like(only, today), only
    return only, None


def _current_like(before: Period, today: date) -> Period:
    """The period that "compared to last year" sets against it: this year so far."""
    if before.days >= 360:
        start = date(today.year, 1, 1)
    elif before.days >= 85:
        start = date(today.year, 3 * ((today.month - 1) // 3) + 1, 1)
    elif before.days >= 28:
        start = today.replace(day=1)
    else:
        start = today - (before.end - before.start)
    return Period(start, today, f"{start.day} {start:%b %Y} to {today.day} {today:%b %Y}")


def resolved(question: Question, label_for: dict[str, str]) -> Question:
    """The question with its choices' placeholders written out as full questions."""
    out = []
    for choice in question.choices:
        if choice.question.startswith("\0"):
            _, start, end, label = choice.question.split("\0")
            out.append(
                Choice(choice.label, f"{question.text[: int(start)]}{label_for.get(label, label)}{question.text[int(end) :]}")
            )
        else:
            out.append(choice)
    return replace(question, choices=tuple(out))

"""Takes the words of a question, step by step: ids, periods, limits, then the longest phrases that mean something."""

from __future__ import annotations

import re
from collections.abc import Iterator

from assistant.questions import Entity
from assistant.understand import lexicon, phrases
from assistant.understand.dates import Calendar
from assistant.understand.entities import PRONOUN, SOFT, Match, Vocabulary
from assistant.understand.measures import asked_for
from assistant.understand.numbers import number_at
from assistant.understand.periods import find_periods
from assistant.understand.reading import Reading
from knowledge.metrics import find
from knowledge.metrics.own import own

NUMBER_WORDS = {w: i for i, w in enumerate("zero one two three four five six seven eight nine ten eleven twelve".split())} | {
    "fifteen": 15,
    "twenty": 20,
    "fifty": 50,
}
LONGEST_PHRASE = 8
EMPTY_TIMES = frozenset("current today date time yesterday".split())
"""Words of time that say nothing by themselves; "first", "since" or "half" that belong to no period are not passed over."""
OVER = (
    "more than",
    "greater than",
    "at least",
    "over",
    "above",
    "exceeding",
    "exceeds",
    "exceed",
    "higher than",
    "bigger than",
)
UNDER = ("less than", "fewer than", "at most", "under", "below", "lower than", "smaller than")
YEARS = ("19", "20")
MONEY = frozenset("dollars dollar euros euro pounds pound usd eur gbp".split())
ONLY_WITH: dict[str, tuple[str, ...]] = {
    "target": ("meet", "meeting", "hit", "hitting", "reach", "reaching", "miss", "missing"),
    "turnaround": ("refund", "refunds", "return", "returns", "credit", "credits"),
}
"""Words that name a figure only where one of others is said too: a "revenue target" is no gap to one."""
PARTS_OF = frozenset("early mid late".split())
IN_TIME = frozenset("in since until till by during from of".split())


def ids(r: Reading, vocabulary: Vocabulary) -> None:
    """ "customer 14646", "order 48213": a member or an order named by its id."""
    named = lexicon.dimension_phrases()
    for i, token in enumerate(r.tokens):
        if i == 0 or r.role[i] is not None or not any(c.isdigit() for c in token.raw):
            continue
        before = i - 1
        if r.word(before) in ("number", "no", "id", "nr") and before:
            before -= 1
        word, raw = r.word(before), token.raw.strip("#,.")
        dimension = named.get(word)
        is_year = len(raw) == 4 and raw[:2] in YEARS
        if word in ("order", "orders", "po", "shipment", "invoice") and len(raw) >= 3 and not is_year and raw[0].isalnum():
            if re.fullmatch(r"[A-Za-z]*-?\d[\w-]*", raw):
                r.order_id = raw
                r.take(before, i, "id")
        elif dimension in ("customer", "product"):
            member = vocabulary.by_id(dimension, raw)
            if member:
                r.matches.append(Match(before, i, (Entity(dimension, member[0], member[1], token.start, token.end, 1.0),)))
                r.take(before, i, "entity")
            elif len(raw) >= 4 and not is_year and (raw.isdigit() or not re.fullmatch(r"[\d,.]+%?[km]?", raw.lower())):
                r.unknown_ids.append(f"{word} {raw}")
                r.take(before, i, "id")


DELIVERED = frozenset("delivery delivered shipment shipped tracking status arrive arrives arrived eta".split())


def bare_order(r: Reading) -> None:
    """ "The delivery date of 41003": a number of its own, where it is asked where something is."""
    if r.order_id or r.matches or not r.said(*DELIVERED):
        return
    for i, token in enumerate(r.tokens):
        year = len(token.raw) == 4 and token.raw[:2] in YEARS
        if r.role[i] is None and re.fullmatch(r"#?\d{4,}", token.raw) and not year:
            r.order_id = token.raw.strip("#")
            r.take(i, i, "id")
            return


def periods(r: Reading, calendar: Calendar) -> None:
    """Periods of whole words; "late September" is no whole one, and is named as not understood."""
    text, starts = "", []
    for token in r.tokens:
        starts.append(len(text))
        text += token.text + " "
    for found in find_periods(text.rstrip(), calendar):
        span = [i for i, s in enumerate(starts) if found.start <= s < found.end]
        if not span or starts[span[0]] != found.start or starts[span[-1]] + len(r.word(span[-1])) != found.end:
            continue
        if r.word(span[0] - 1) in PARTS_OF and r.word(span[0] - 2) in IN_TIME:
            r.unknown_ids.append(f"{r.word(span[0] - 1)} {found.period.label}")
        if r.is_free(span[0], span[-1]):
            r.periods.append(found)
            r.take(span[0], span[-1], "period")


def threshold(r: Reading) -> None:
    """ "Over 100k", "below 90 %", "more than half a million", "at least 100 times": keeps groups by their value."""
    words = [t.text for t in r.tokens]
    for i in range(len(words)):
        for listed, sign in ((OVER, ">"), (UNDER, "<")):
            said = next((w for w in listed if r.words(i, i + len(w.split()) - 1) == w), None)
            first = i + len(said.split()) if said else i
            number = number_at(words, first) if said and first < len(words) else None
            if said is None or number is None or not r.is_free(i, number.last):
                continue
            r.having = (sign + ("=" if said in ("at least", "at most") else ""), number.value)
            money = r.text[r.tokens[first].start - 1 : r.tokens[first].start] in "$€£" or r.word(number.last + 1) in MONEY
            r.having_of = "share" if number.share else "money" if money and r.tokens[first].start else ""
            last = number.last
            if r.word(last + 1) in ("week", "weeks", "month", "months", "quarter", "quarters", "year", "years"):
                continue  # "over three months"
            if r.word(last + 1) in ("days", "hours", "times", "dollars", "euros", "pounds", "usd", "eur", "gbp", "points"):
                last += 1
                r.counts = r.word(last) == "times"
            r.take(i, last, "having")
            return


def part(r: Reading) -> None:
    """ "The top 20 % of customers": how much of a ranking is meant."""
    for i, token in enumerate(r.tokens):
        number = re.fullmatch(r"(\d{1,2})(%)?", token.text)
        percent = number and (number[2] or r.word(i + 1) == "percent")
        if number and percent and r.role[i] is None and r.word(i - 1) in ("top", "largest", "biggest", "best", "leading"):
            r.part = int(number[1]) / 100
            r.take(i, i if number[2] else i + 1, "limit")


def limit(r: Reading) -> None:
    ranks = {p for name, said in phrases.OPERATION_PHRASES if name == "rank" for p in said}
    dims = lexicon.dimension_phrases()
    for i, token in enumerate(r.tokens):
        number = int(token.text) if token.text.isdecimal() else NUMBER_WORDS.get(token.text)
        if number is None or r.role[i] is not None or not 0 < number <= 1000:
            continue
        around = {r.word(j) for j in (i - 1, i + 1, i + 2)}
        follows = any(r.word(j) in dims for j in (i + 1, i + 2))
        if around & ranks or (
            follows and r.said("first", "list", "show", "most", "least", "best", "worst", "highest", "lowest")
        ):
            r.limit = number
            r.take(i, i, "limit")


def document_words(r: Reading) -> None:
    """Speaking of the handbook, a policy or a note, but not in the name of a figure ("policy coverage")."""
    known = {*lexicon.metric_phrases(), *lexicon.own_phrases()}
    figures = {i for a, b in _spans(r) if r.words(a, b) in known for i in range(a, b + 1)}
    for i, token in enumerate(r.tokens):
        if token.text in phrases.DOCUMENT_WORDS and r.role[i] is None and i not in figures:
            r.document_words.add(token.text)
            r.take(i, i, "document")


def metric_words(r: Reading, members: list[Match]) -> None:
    """Metrics and ambiguous names, longest first; a longer name of a customer or article wins over a metric inside it."""
    known = lexicon.metric_phrases()
    longer = [(m.first, m.last) for m in members] + _other_phrases(r)
    for first, last in _spans(r):
        text = r.words(first, last)
        if any(a <= first and last <= b and b - a > last - first for a, b in longer):
            continue
        if text in lexicon.AMBIGUOUS:
            r.ambiguous.append(text)
            r.take(first, last, "ambiguous")
        elif text in known and r.said(*ONLY_WITH.get(text, (text.split()[0],))):
            r.metrics.append((first, last, known[text]))
            r.take(first, last, "metric")


def side_metrics(r: Reading, vocabulary: Vocabulary) -> None:
    """Keeps the figures that are asked for; what only describes one ("return turnaround for refunds") becomes a name or falls away."""
    kept = asked_for(r)
    for first, last, name in r.metrics:
        if (first, last, name) in kept:
            continue
        dims = set(find(kept[0][2]).dimensions)
        words = r.words(first, last)
        fits = [
            e
            for w in (words, words.removesuffix("s"))
            for e in vocabulary.called(w, r.tokens[first], r.tokens[last])
            if e.dimension in dims
        ]
        if name == "return_reasons" and r.word(first - 1) == "by":
            r.dimensions.append((first, last, "reason"))
            r.take(first, last, "dimension")
        elif fits:
            r.matches.append(Match(first, last, (fits[0],)))
            r.take(first, last, "entity")
        else:
            r.take(first, last, "filler")
    r.metrics = kept


def other_words(r: Reading, members: list[Match]) -> None:
    """Names, dimensions, operations, grains, states and what carries no meaning; longest first."""
    dimensions = lexicon.dimension_phrases()
    operations = {p: name for name, said in reversed(phrases.OPERATION_PHRASES) for p in said}
    of_metrics = [set(find(m).dimensions) for _, _, m in r.metrics]
    for first, last in _spans(r):
        text = r.words(first, last)
        single = first == last
        match = _fitting(next((m for m in members if (m.first, m.last) == (first, last)), None), of_metrics, r)
        filler = text in phrases.FILLERS and text != PRONOUN  # a member called so is named
        meant = text in dimensions or text in operations or filler or text in phrases.AVERAGES
        if match and operations.get(text) == "distribution" and single:  # an industry too, unless it is of a figure
            meant = first > 0 and r.role[first - 1] == "metric"
        if match and not (meant and (single or match.entities[0].dimension in SOFT)):
            r.matches.append(match)
            r.take(first, last, "entity")
        elif text in phrases.STATES:
            r.states.append(phrases.STATES[text])
            r.take(first, last, "state")
        elif text in dimensions and not (text == "who" and not _ranks(r)):
            r.dimensions.append((first, last, dimensions[text]))
            r.take(first, last, "dimension")
        elif (
            single
            and text in phrases.AVERAGES
            and not (text == "mean" and r.word(first - 1) in ("i", "we", "you", "they", "does", "do", "it", "that"))
        ):
            r.averages.append((first, phrases.AVERAGES[text]))
            r.take(first, last + 1 if r.word(last + 1) == "percentile" else last, "average")
        elif text in operations:
            r.operations.append((first, operations[text], text))
            r.take(first, last, "operation")
        elif text in lexicon.GRAIN_WORDS:
            r.grains.append((first, lexicon.GRAIN_WORDS[text]))
            r.take(first, last, "grain")
        elif single and text in phrases.VERBS and (phrases.VERBS[text] != "own" or r.word(0) == "who"):
            r.verbs.append((first, phrases.VERBS[text]))
            r.take(first, last, "verb")
        elif single and (text in phrases.FILLERS or text in EMPTY_TIMES or text in NUMBER_WORDS or text in own().pass_over):
            r.take(first, last, "filler")


def misspelt(r: Reading, vocabulary: Vocabulary) -> None:
    """Runs of words that nothing accounts for: perhaps a misspelt name."""
    i = 0
    while i < len(r.tokens):
        if r.role[i] is not None:
            i += 1
            continue
        last = i
        while last + 1 < len(r.tokens) and r.role[last + 1] is None:
            last += 1
        for size in range(last - i + 1, 0, -1):
            for first in range(i, last - size + 2):
                end = first + size - 1
                match = vocabulary.fuzzy(r.tokens, first, end) if r.is_free(first, end) else None
                if match:
                    r.matches.append(match)
                    r.take(first, end, "entity")
        i = last + 1


def _fitting(match: Match | None, of_metrics: list[set[str]], r: Reading) -> Match | None:
    """The readings of a name that the metrics can be cut by; names that are also common words only where they can."""
    if match is None:
        return None
    usable = [e for e in match.entities if all(e.dimension in dims for dims in of_metrics)]
    if not of_metrics:
        usable = [e for e in match.entities if e.dimension not in SOFT or (e.dimension == "theme" and match.last > match.first)]
        usable = usable or [e for e in match.entities if r.word(match.first - 1) in ("theme", "reason", "disposition", "stage")]
    hard = [e for e in match.entities if e.dimension not in SOFT]
    kept = usable or hard
    kept = [
        e
        for e in kept
        if e.dimension not in ("theme",) or match.last > match.first or r.word(match.first - 1) in ("theme", "topic")
    ]
    return Match(match.first, match.last, tuple(kept)) if kept else None


def _other_phrases(r: Reading) -> list[tuple[int, int]]:
    """Where phrases of several words stand that are no metric ("sales rep")."""
    known = {w for w in lexicon.dimension_phrases() if " " in w}
    count = len(r.tokens)
    return [(a, b) for a in range(count) for b in range(a + 1, min(a + LONGEST_PHRASE, count)) if r.words(a, b) in known]


def _spans(r: Reading) -> Iterator[tuple[int, int]]:
    """Free stretches of words, longest first, then from the left; what is taken on the way is left out."""
    count = len(r.tokens)
    for size in range(min(LONGEST_PHRASE, count), 0, -1):
        for first in range(count - size + 1):
            if r.is_free(first, first + size - 1):
                yield first, first + size - 1


def _ranks(r: Reading) -> bool:
    return r.said("most", "least", "biggest", "best", "largest", "top", "worst", "highest", "lowest", "smallest", "fewest") or (
        r.having is not None or r.place is not None
    )

"""Whether a reading fits a question: whether it has the shape of its kind, a place for all that is said, and can be told."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from assistant.questions import Question
from assistant.reader import conditions, links, ranks
from assistant.reader.measures import USUAL, WHO, of_comments
from assistant.reader.names import kinds_said
from assistant.reader.near import negated, things_spoken
from assistant.reader.parts import NOW
from assistant.reader.reach import cut_as
from assistant.reader.spans import LOOSE, ReadQuestion, Workspace, joined
from assistant.reader.tagged import Span, Spans
from assistant.understand import lexicon, phrases
from assistant.understand.tokens import tokenise
from knowledge.entities.predicates import leaves
from knowledge.metrics import find

SURE, CONFIDENT, PART_OF_NAME = 0.6, 0.8, 0.9
"""A span or a kind of question of which the tagger is less sure speaks against no reading; of a kind that is surer the shape must be;
so sure a word beside a name says nothing that it is no part of it."""


def can_be_told(q: Question) -> bool:
    """Whether each figure has the groups and the names that the reading cuts it by."""
    told = (*q.metrics, "orders") if q.operation == "orders" else q.metrics
    return all("(" in m or cut_as(q, m) for m in told)


def elsewhere(q: Question, tagged: Spans) -> bool:
    """Whether a name is read where the tagger is sure that something else is said ("the longest lead time")."""
    other = [s for s in tagged.spans if s.role in "mgkptq" and s.sure >= CONFIDENT]
    return any(
        s.start <= e.start and e.end <= s.end for e in q.entities for s in other if e.score < 1.0 or e.dimension in LOOSE
    )


def lists_others(q: Question, kind: str, tagged: Spans) -> bool:
    """Whether groups of one kind are ranked or kept where things of another are to be listed ("orders over 10k": no customers)."""
    nouns = {links.only_noun_in(s.text) for s in tagged.spans if s.role == "m" and s.sure >= SURE} - {""}
    ranked = kind in ("list", "count") and q.operation == "rank" and bool(q.by)
    of_customers = q.by == ("customer",) and not (WHO.search(q.text) or "customer" in things_spoken(q.text))
    return ranked and ((bool(nouns) and not nouns & set(q.by)) or of_customers)  # nobody spoke of customers


def by_no_group(q: Question) -> bool:
    """Whether customers that keep to a limit are listed where nobody spoke of customers ("is on-time delivery above 95 %?")."""
    limited = q.operation == "rank" and q.having is not None and q.by == ("customer",) and not q.grain
    return limited and not (
        WHO.search(q.text) or things_spoken(q.text) & {"customer"} or re.search(r"\bwhich\b", q.text, re.IGNORECASE)
    )


def says_something(q: Question) -> bool:
    """Whether the reading by words knows what to tell."""
    return bool(q.metrics or q.order_id or q.document or q.things or q.choices) or q.operation not in (
        None,
        "value",
        "breakdown",
        "compare",
        "trend",
        "growth",
        "rank",
        "share",
    )


def misnamed(q: Question, tagged: ReadQuestion) -> Iterator[str]:
    """Words beside a name that was found by its beginning alone, as other words of that name would stand ("Kessler" "Dynamics", where
    there is only Kessler Maschinenbau)."""
    for e in (*q.entities, *q.excluded):
        typed = q.text[e.start : e.end].lower()
        if e.dimension not in ("customer", "parent") or len(typed.split()) >= len(e.label.split()) or typed == e.value.lower():
            continue
        for o in tagged.outside:
            if any(x.start < o.end and o.start < x.end for x in (*q.entities, *q.excluded)):
                continue
            word = o.text.lower()
            as_a_name = o.sure < PART_OF_NAME or (o.text[:1].isupper() and q.text[e.start : e.start + 1].isupper())
            if (
                0 <= o.start - e.end <= 1
                and word[:1].isalpha()
                and as_a_name
                and word not in phrases.FILLERS
                and word not in e.label.lower().split()
            ):
                yield o.text


NOT_VOICE = frozenset(
    (
        "value",
        "several figures",
        "breakdown",
        "two dimensions",
        "list",
        "count",
        "rank",
        "ordinal",
        "extreme over time",
        "trend",
        "compare members",
        "compare periods",
        "compare conditions",
        "share",
        "growth",
        "growth rank",
        "average per",
        "stock",
        "attribute of one",
        "is it true",
        "advise",
        "small talk or help",
    )
)
"""Kinds of questions that comments answer only where comments are spoken of."""
OF_RECORDS = ("members", "lapsed", "themes", "quotes", "advise", "stock", "claims")


def shaped(q: Question, kind: str) -> bool:
    """Whether a reading has the shape of that kind of question: a breakdown has groups, a comparison two sides."""
    listed = q.operation in ("orders", "records")  # a list of records is cut by nothing, whatever is said
    cut = not listed and bool(q.by or q.grain or q.per or q.things or q.operation in OF_RECORDS)
    if kind in NOT_VOICE and q.operation in ("themes", "quotes") and not of_comments(q.text, surely=True):
        return False
    cut = cut or any("(" not in m and find(m).along for m in q.metrics)  # reasons of returns are told one by one
    match kind:
        case "two dimensions":
            cuts = len({*q.by, q.grain, q.per} - {None})
            return (cuts > 1 and not listed) or len(q.entities) > 1 or any("." in m for m in q.metrics)
        case "breakdown" | "threshold on groups" | "growth rank":
            return cut or len(q.entities) > 1 or any("." in m for m in q.metrics)
        case "ordinal":
            return q.place is not None or q.operation in ("facts", "things", "order")
        case "rank" | "extreme over time":
            return cut or q.operation in ("rank", "growth")
        case "compare members" | "compare periods" | "compare conditions":
            named = [e.dimension for e in q.entities]
            sides = bool(q.compare_to or q.sides) or len(set(named)) < len(named)
            if kind == "compare members" and q.operation in ("growth", "orders", "records") and q.compare_to is None:
                return False  # one figure for each of them is asked
            if kind == "compare members":
                return cut or sides or q.operation in ("growth", "overview")
            return cut or sides or q.operation in ("compare", "growth", "overview")
        case "count":
            return q.operation not in ("quotes", "themes", "claims", "search", "why")
        case "trend":
            return (cut and bool(q.grain)) or q.operation in ("trend", "growth", "themes", "compare")
        case "account status" | "brief":
            return q.operation in ("brief", "who", "order", "advise") or bool(q.order_id or q.metrics)
        case "themes" | "rising themes" | "quotes":
            complains = q.operation == "rank" and q.counted is not None  # "who complains most"
            return q.operation in ("themes", "quotes", "claims", "search", "why") or bool(q.document) or complains
        case "attribute of one":
            return not (q.operation == "list" and q.metrics == (USUAL,) and links.family(USUAL) not in links.named_in(q.text))
        case "target gap":
            return any("target" in f"{find(m).label} {find(m).definition}".lower() for m in q.metrics)
        case "why":
            return q.operation in ("why", "themes", "quotes", "claims")
    return True


def answers_something(q: Question) -> bool:
    """Whether there is a figure, a list or a kind of answer to give."""
    if q.operation in ("brief", "advise", "who", "stock"):
        return bool(q.entities)
    return bool(q.metrics or q.things or q.facts or q.order_id or q.operation in ("themes", "quotes", "why"))


def without_place(q: Question, tagged: Spans) -> Iterator[Span]:
    """The spans that the tagger is sure of and for which the reading by words has no place."""
    spans: dict[str, list[Span]] = {}
    for s in joined(q.text, tagged.spans):
        inside = any(
            e.start <= s.start and s.end <= e.end and e.score == 1.0 for e in q.entities
        )  # a word of a name, whatever else it says
        if s.sure >= SURE and not inside:
            spans.setdefault(s.role, []).append(s)
    cuts = len({*q.by, q.grain} - {None})
    along = {find(m).along for m in q.metrics if "(" not in m}
    groups = [
        s for s in spans.get("g", ()) if not (cut_by(q, s.text) or lexicon.dimension_phrases().get(s.text.lower()) in along)
    ]
    if len(spans.get("g", ())) > cuts + (q.per is not None) + bool(q.things or q.part or lists(q)) and not same_words(
        spans["g"]
    ):
        yield from groups
    states = bool(q.state or q.kind or q.record_state or q.claims or q.counted) or _mood_said(q, spans.get("c", ()))
    held = (
        (len(list(leaves(q.only))) if q.only is not None else 0)
        + len(q.sides)
        + states
        + (
            0 if q.operation == "members" else max(0, len(q.by) - len(spans.get("g", ())) - bool(q.having))
        )  # a limit brings its group
        + bool(q.topic)
        + any(limits_figure(q, s.text) for s in spans.get("c", ()))
        + sum(bool(q.excluded) and negated(s.text) for s in spans.get("c", ()))  # "not placed on the" web
        + sum(bool(q.order) and ranks_in(s.text) for s in spans.get("c", ()))  # "that returned the most"
    )
    if len(spans.get("c", ())) > held and not of_metric(q, spans["c"]):
        yield from spans["c"]
    for s in spans.get("n", ()):
        named = any(e.start < s.end and s.start < e.end for e in (*q.entities, *q.excluded))
        elsewhere = bool(q.order_id or q.only or q.sides or q.document or q.asked or q.choices) or q.operation == "rank"
        if not (named or elsewhere or q.follow_up or s.text.strip().lower() in lexicon.metric_phrases()):
            yield s
    if spans.get("x") and not q.excluded and q.only is None:
        yield from spans["x"]
    if q.period is None and q.compare_to is None and q.only is None and not cuts:
        yield from (s for s in spans.get("p", ()) if not NOW.search(s.text))
    if spans.get("q") and q.compare_to is None and q.operation not in ("growth", "why", "trend") and not cuts:
        yield from spans["q"]
    limits = q.only is not None or q.having is not None
    yield from (s for s in spans.get("t", ()) if not limits or (q.having is not None and of_other_unit(q, s.text)))


def _mood_said(q: Question, spans: Sequence[Span]) -> bool:
    """Whether one of the conditions is the mood of the comments ("negative")."""
    moods = phrases.NEGATIVE_MOOD | phrases.POSITIVE_MOOD
    return q.mood is not None and any(t.text in moods for s in spans for t in tokenise(s.text))


def unkind(q: Question, where: Workspace) -> Iterator[str]:
    """Nouns that say which kind of things is meant ("tickets" of contacts), where the reading has all of them."""
    held = set(leaves(q.only)) if q.only is not None else set()
    thing = q.things or (links.home_of(q.metrics[0]) if q.metrics else "")
    for of in (thing,) if thing else {links.only_a_noun(t.text) for t in tokenise(q.text)} - {""}:
        yield from (noun for noun, one in kinds_said(q.text, of, where) if one not in held)


def without_ordinal(q: Question, tagged: Spans) -> Iterator[str]:
    """The words that ask for one place of a ranking ("third"), where the reading has none."""
    if q.place is None:
        yield from (
            s.text
            for s in tagged.spans
            if s.role == "k" and s.sure >= SURE and any(t.text in ranks.NTH for t in tokenise(s.text))
        )


def ranked_by_rate(q: Question) -> Iterator[str]:
    """ "The lowest number of backorders": what says that a ranking is by number, where the reading ranks by a rate."""
    said = NUMBER_OF.search(q.text)
    over_time = q.grain is not None and ranks_in(q.text)
    if said and (q.order or over_time) and q.metrics and find(q.metrics[0]).unit == "share" and not links.RATES.search(q.text):
        yield said[0]


def by_default(q: Question) -> bool:
    """Whether the figure of a ranking is one that nothing in the text names."""
    ranked = q.operation == "rank" and q.having is None and q.metrics == (USUAL,)
    return ranked and links.family(USUAL) not in links.named_in(q.text)


def ranks_in(text: str) -> bool:
    """Whether words say which end of a ranking is meant ("at least" says none)."""
    return any(ranks.says(t.text) for t in tokenise(BOUNDS.sub(" ", text)))


BOUNDS = re.compile(r"\bat (?:the )?(?:least|most)\b", re.IGNORECASE)


NUMBER_OF = re.compile(r"\b(?:numbers? of|how many|count of)\b|# of", re.IGNORECASE)


def limits_figure(q: Question, text: str) -> bool:
    """Whether a condition is the limit of the figure itself ("with revenue above 5,000", "over 5,000"), which the reading has; not that of
    another ("who complained at least 3 times")."""
    if q.having is None:
        return False
    named = [m.name for m in links.metrics_in(text) if m.by_words]
    if named:
        return any(links.family(n) == links.family(m) for n in named for m in q.metrics)
    if of_other_unit(q, text):
        return False
    things = {links.only_a_noun(t.text) for t in tokenise(text)} - {""}
    said = {t.text for t in tokenise(text)} - phrases.FILLERS - set(conditions.EMPTY) - set(links.EMPTY)
    comparing = {w for words in conditions.MORE for w in words.split()} | conditions.UNITS
    return not {w for w in said if not w[0].isdigit() and w not in comparing and w.removesuffix("s") not in things | comparing}


def of_other_unit(q: Question, text: str) -> bool:
    """Whether a limit is in money and the figure is not: so much money is no number of orders."""
    return links.MONEY.search(text) is not None and not any(find(m).unit == "money" for m in q.metrics)


def lists(q: Question) -> bool:
    return q.operation in ("list", "members", "rank", "orders", "records", "lapsed")


def cut_by(q: Question, text: str) -> bool:
    """Whether words name a group that the reading has, by themselves or with others ("agent id")."""
    known = lexicon.dimension_phrases()
    said = text.lower().split()
    phrases_in = {" ".join(said[i:k]).removesuffix("s") for i in range(len(said)) for k in range(i + 1, len(said) + 1)} | {
        text.lower()
    }
    return (
        bool({known[p] for p in phrases_in if p in known} & set(q.by))
        or lexicon.GRAIN_WORDS.get(text.lower()) == q.grain is not None
    )


def same_words(spans: Sequence[Span]) -> bool:
    """Whether groups are one thing said twice ("which customer … by customer")."""
    return len(spans) > 1 and len({s.text.lower().removesuffix("s") for s in spans}) == 1


FEW_WORDS = 3


def of_metric(q: Question, spans: Sequence[Span]) -> bool:
    """Whether the words of the conditions belong to the figure that was found ("late orders" is one)."""
    known = lexicon.metric_phrases()
    told = {
        w
        for phrase, name in known.items()
        if name.split(".")[0] in {m.split(".")[0] for m in q.metrics}
        for w in phrase.split()
    }
    small = all(len(s.text.split()) < FEW_WORDS for s in spans)  # "shipped from" of a place
    said = [set(s.text.lower().split()) - phrases.FILLERS for s in spans]
    return bool(q.metrics) and all((words or small) and words <= told for words in said)

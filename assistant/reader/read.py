"""Two readings of a question become one: what the words that we know say, and what the learned reader makes of the whole.

Words that the learned reader is sure say nothing ("for my slides") are set aside before the words are read. The reading by words
stands where it accounts for all that is said and has a place for all that the learned reader found. Else the learned reading is taken
if it accounts for everything; if neither does, what is not understood is named."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from assistant.questions import Question
from assistant.reader import conditions, links, ranks
from assistant.reader.assemble import OF_COMMENTS, assemble, cut_as, orders_with, reached
from assistant.reader.candidates import candidates
from assistant.reader.in_order import words_of
from assistant.reader.kinds import TIMES
from assistant.reader.measures import COMPARATIVES, USUAL, WHO, of_comments
from assistant.reader.names import kinds_said
from assistant.reader.near import NEGATIONS, negated, things_spoken
from assistant.reader.parts import NOW
from assistant.reader.spans import LOOSE, ReadQuestion, Workspace, joined
from assistant.reader.tagged import Span, Spans
from assistant.understand import lexicon, phrases
from assistant.understand.tokens import tokenise
from knowledge.entities import verbalise
from knowledge.entities.predicates import Did, compared, leaves
from knowledge.metrics import find

SURE, NOTHING = 0.6, 0.5
"""A span or a kind of question of which the tagger is less sure is no reason to set the words aside."""
CONFIDENT, FLAT, NAMED_ALONE = 0.8, 0.3, 0.5
IDLE, FORGIVEN, LEFT_ASIDE, PART_OF_NAME = 0.9, 0.85, 0.7, 0.9
"""So sure a word says nothing that it is not even looked at; that it need not be understood; that it may be left aside if that is said."""
OUTSIDE = "out of scope"
OF_THE_FIELD = frozenset(("concept", "define", "how computed"))
ByWords = Callable[[Collection[tuple[int, int]]], Question]
"""The reading by words, given the places of words that say nothing."""


@dataclass(frozen=True)
class Reading:
    """The question as it will be answered, what kind of question the tagger takes it for and how sure that is, and, of one that both
    readers read, what each of them made of it. Where it is not understood, `candidates` may be chosen from, and `rest` is what could be
    asked without the words that are not known."""

    question: Question
    kind: str = ""
    sure: float = 0.0
    by_words: Question | None = None
    learned: Question | None = None
    tagged: ReadQuestion | None = None
    candidates: tuple[Question, ...] = ()
    rest: Question | None = None

    def is_of(self, kinds: Collection[str]) -> bool:
        return self.kind in kinds and self.sure >= SURE


def settle(text: str, by_words: ByWords, tagged: ReadQuestion, where: Workspace) -> Reading:
    """The reading to answer. `by_words` reads by the words alone, `tagged` is what the tagger says of them."""
    kind, sure = tagged.op[0] if tagged.op else ("", 0.0)
    told = orders_with(_by_words(by_words, tagged))
    told = _of_a_share(told)
    eased = kind == "is it true" and by_no_group(told)  # the figure itself tells whether it is so
    if eased:
        told = replace(told, operation=None, by=(), having=None, order=None, ranked=False, limit=None)
    told = reached(told) if len(told.metrics) == 1 and not (told.choices or told.follow_up) else told
    if kind == OUTSIDE and sure >= IDLE and not told.follow_up:
        return Reading(replace(told, unknown=told.unknown or (text.strip(),)), kind, sure)
    if sure < FLAT and not any(s.sure >= NOTHING for s in tagged.spans) and not (told.unknown or says_something(told)):
        return Reading(replace(told, unknown=(text.strip(),)), kind, sure)  # nothing is said that either of them knows
    if told.operation == "compare" and told.metrics and all(ranks.says(w) or w in COMPARATIVES for w in told.unknown):
        told = replace(told, unknown=())
    learned = assemble(text, tagged, replace(where, nearest=tagged.nearest))
    assembled = learned
    if learned is not None:
        unsaid, aside = passed_over(tagged, told.unknown, learned)
        learned = replace(learned, unknown=(*learned.unknown, *unsaid), aside=aside)
    whole = learned is not None and not (learned.unknown or learned.choices) and answers_something(learned)
    whole = whole and (sure < CONFIDENT or shaped(learned, kind)) and can_be_told(learned)  # type: ignore[arg-type]
    if learned is not None and learned.operation in ("brief", "who", "advise") and sure < NAMED_ALONE:
        whole = False  # a name, and nothing that says what of it
    lost = tuple(
        dict.fromkeys(
            (
                *(s.text for s in without_place(told, tagged) if not (eased and s.role == "t")),
                *misnamed(told, tagged),
                *unkind(told, where),
                *without_ordinal(told, tagged),
                *ranked_by_rate(told),
            )
        )
    )
    whole = whole and not any(misnamed(learned, tagged)) and not any(without_ordinal(learned, tagged))  # type: ignore[arg-type]
    whole = whole and not any(ranked_by_rate(learned))  # type: ignore[arg-type]
    of_voice = told.operation in ("themes", "quotes") or "feedback_count" in told.metrics
    voiceless = of_voice and not (of_comments(text) or told.document or (kind in OF_COMMENTS and sure >= CONFIDENT))
    odd = (
        (sure >= CONFIDENT and not shaped(told, kind))
        or voiceless
        or by_no_group(told)
        or elsewhere(told, tagged)
        or lists_others(told, kind, tagged)
    )
    if learned is not None and whole:
        odd = odd or (rate_for_number(told, learned) and not kind.startswith("follow"))
        odd = odd or outdone(told, learned, sum(s.role == "m" for s in joined(text, tagged.spans)))
    if not (told.unknown or told.choices or lost or odd):
        return Reading(told, kind, sure, told, learned, tagged)
    asks = bool(told.choices) and not (told.unknown or lost) and not (sure >= CONFIDENT and not shaped(told, kind))
    if learned is not None and whole and not asks:
        return Reading(learned, kind, sure, told, learned, tagged)
    if told.choices and not (told.unknown or lost):
        return Reading(told, kind, sure, told, learned, tagged)
    unread = (*told.unknown, *lost) or (learned.unknown if learned is not None else ()) or (text.strip(),)
    readings: tuple[Question, ...] = ()
    if kind != OUTSIDE:
        readings = candidates(text, tagged, where, assembled, assemble, lambda q: _answerable(q, kind, sure, tagged))
    rest = replace(told, unknown=()) if kind != OUTSIDE and told.unknown and not lost and says_something(told) else None
    return Reading(replace(told, unknown=whole_names(unread, text, tagged)), kind, sure, told, learned, tagged, readings, rest)


def _of_things(label: str) -> bool:
    """Whether a figure is called by things in a state ("promises kept"), of which there is a share."""
    return any(w.endswith("s") and links.only_a_noun(w) for w in label.lower().split())


def _of_a_share(q: Question) -> Question:
    """The question as one for the figure itself where a share of it is asked and it is a share already ("share of promises kept")."""
    shares = (
        len(q.metrics) == 1
        and "(" not in q.metrics[0]
        and find(q.metrics[0]).unit == "share"
        and not find(q.metrics[0]).additive
    )
    if q.operation != "share" or not shares or q.limit or q.part or not _of_things(find(q.metrics[0]).label):
        return q  # a part of a rate is none
    return replace(q, operation="breakdown" if q.by or q.grain else None)


def outdone(told: Question, learned: Question, measured: int) -> bool:
    """Whether the words' reading lacks what the learned one, which is whole, has a place for; `measured` is how many figures are named."""
    fact = (
        learned.operation == "facts"
        and told.operation in (None, "value", "breakdown", "list", "who", "records", "distribution")
        and not told.order_id
        and not any(find(m).one_each for m in told.metrics)  # of one customer the figure is the fact
    )
    over_time = bool(learned.having and learned.grain) and bool(told.by or not told.grain)
    too_many = len(told.metrics) > max(1, measured)  # a group is no figure
    by_nothing = bool(learned.metrics) and by_default(told) and not by_default(learned)
    lacks = without_state(told, learned) or without_order(told, learned) or without_sides(told, learned)
    lacks = lacks or (bool(told.topic) and learned.only is not None and learned.operation in ("themes", "quotes"))
    lacks = lacks or _part_of_all(told, learned)
    return fact or over_time or too_many or by_nothing or lacks or not (says_something(told) and can_be_told(told))


def _answerable(q: Question, kind: str, sure: float, tagged: ReadQuestion) -> bool:
    """Whether a reading can be answered and has the shape of its kind of question."""
    in_shape = sure < CONFIDENT or shaped(q, kind)
    return answers_something(q) and in_shape and can_be_told(q) and not any((*misnamed(q, tagged), *without_ordinal(q, tagged)))


def whole_names(unread: Sequence[str], text: str, tagged: Spans) -> tuple[str, ...]:
    """What is not understood, a word of a name as the whole name: who asks for a name that is hidden hears what any unknown one gets."""
    names = [s.text for s in joined(text, tagged.spans) if s.role in "nx"]
    return tuple(dict.fromkeys(next((n for n in names if f" {word.lower()} " in f" {n.lower()} "), word) for word in unread))


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


def _by_words(by_words: ByWords, tagged: ReadQuestion) -> Question:
    """The reading by words, without those that the tagger is sure say nothing."""
    idle = [o for o in tagged.outside if o.text.lower() not in NEGATIONS]
    told = by_words([(o.start, o.end) for o in idle if o.sure >= IDLE])
    said = {w.lower() for s in tagged.spans for w in s.text.split()}
    forgiven = {o.text.lower() for o in idle if o.sure >= FORGIVEN} - said
    return replace(told, unknown=tuple(u for u in told.unknown if u.lower() not in forgiven))


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


def passed_over(tagged: ReadQuestion, unknown: Collection[str], q: Question) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Words of which the tagger is not sure that they say nothing, and those that it holds for saying nothing though the words' reading
    does not know them: these are said to be left aside."""
    unsure: list[str] = []
    aside: list[str] = []
    counted = q.metrics[0].removeprefix("count(").rstrip(")") if q.metrics and q.metrics[0].startswith("count(") else ""
    thing = q.things or counted or (verbalise.subject(q.sides[0]) if q.sides else "")
    sides = bool(tagged.op) and tagged.op[0][0].startswith("compare")
    done = {leaf.done for leaf in leaves(q.only) if isinstance(leaf, Did)} if q.only is not None else set()
    things = {thing, *done, *(links.home_of(m) for m in q.metrics), *(c.attribute.split(".")[0] for c in compared(q.only))} - {
        ""
    }
    named = {e.dimension for e in q.entities} | {c.attribute.split(".")[1] for c in compared(q.only)}
    over_time = bool(q.having and q.grain)
    start, end = words_of(q.text) if q.things and q.ranked and q.limit else (0, 0)
    for o in tagged.outside:
        if (start <= o.start and o.end <= end) or (over_time and o.text.lower() in TIMES):
            continue
        word = o.text.lower()
        if sides and (ranks.says(word) or word in COMPARATIVES):
            continue  # which of the two is more is what the answer tells
        if word == "but" and q.only is not None and len(list(leaves(q.only))) > 1:
            continue  # it joins conditions that are read
        if not any(c.isalnum() for c in word) or word.startswith(("'", "’")) or word in phrases.FILLERS:
            continue
        if (
            links.only_a_noun(word) in things
            or links.done_by(named, word)
            or _belongs_to_a_doing(q.text[: o.start], word, named)
        ):
            continue
        if o.sure < (LEFT_ASIDE if o.text in unknown else NOTHING):
            unsure.append(o.text)
        elif o.text in unknown and o.sure < FORGIVEN:
            aside.append(o.text)
    return tuple(unsure), tuple(aside)


def _belongs_to_a_doing(before: str, word: str, named: Collection[str]) -> bool:
    """Whether a small word goes with the verb before it that says what a member does ("look" "after")."""
    last = before.rsplit(maxsplit=1)[-1] if before.split() else ""
    return word in ("after", "with", "by", "on", "for", "out") and links.done_by(named, last)


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
        case "why":
            return q.operation in ("why", "themes", "quotes", "claims")
    return True


def answers_something(q: Question) -> bool:
    """Whether there is a figure, a list or a kind of answer to give."""
    if q.operation in ("brief", "advise", "who", "stock"):
        return bool(q.entities)
    return bool(q.metrics or q.things or q.facts or q.order_id or q.operation in ("themes", "quotes", "why"))


def without_state(told: Question, learned: Question) -> bool:
    """Whether things are counted whose state the learned reading has and the words' reading passes over ("orders shipped in May")."""
    counted = len(learned.metrics) == len(told.metrics) == 1 and learned.metrics[0].startswith("count(")
    if not counted or learned.only is None or find(told.metrics[0]).label.lower() != find(learned.metrics[0]).label.lower():
        return False
    return not (
        told.only or told.state or told.kind or told.record_state or told.claims or told.mood or told.counted or told.entities
    )


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
        elsewhere = bool(q.order_id or q.only or q.document or q.asked or q.choices) or q.operation == "rank"
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


def without_order(told: Question, learned: Question) -> bool:
    """Whether the words' reading lacks the order that the learned one has records in ("the last five tickets")."""
    return bool(learned.things and learned.ranked and learned.limit) and not (told.things and told.ranked)


def _part_of_all(told: Question, learned: Question) -> bool:
    """Whether a percentage is asked that the words' reading has no place for and the learned one tells as a share."""
    shares = any("(" not in m and find(m).unit == "share" for m in told.metrics)
    return told.percent and not shares and learned.operation == "share" != told.operation


def without_sides(told: Question, learned: Question) -> bool:
    """Whether members of one kind are told together where the learned reading sets one against the other ("who had more late
    deliveries, Haas or Marin")."""
    of_one_kind = len(told.entities) > 1 and len({e.dimension for e in told.entities}) == 1
    listed = told.operation in ("orders", "records", "list")
    return of_one_kind and learned.operation == "compare" and (listed or (told.operation is None and not told.by))


def rate_for_number(told: Question, learned: Question) -> bool:
    """Whether a rate is told where nothing asks for one and the learned reading counts the things ("cancelled orders by month")."""
    rates = [m for m in told.metrics if "(" not in m and find(m).unit == "share" and find(m).components.keys() & {"k"}]
    counts = len(learned.metrics) == 1 and learned.metrics[0].startswith("count(") and not told.follow_up
    counts = counts and not any(find(m).lists for m in rates)
    return len(rates) == len(told.metrics) == 1 and counts and not links.RATES.search(told.text) and told.operation != "share"


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

"""Two readings of a question become one: what the words that we know say, and what the learned reader makes of the whole.

Words that the learned reader is sure say nothing ("for my slides") are set aside before the words are read. The reading by words
stands where it accounts for all that is said and has a place for all that the learned reader found. Else the learned reading is taken
if it accounts for everything; if neither does, what is not understood is named."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from assistant.questions import Question
from assistant.reader import links, ranks
from assistant.reader.assemble import OF_COMMENTS, assemble
from assistant.reader.candidates import candidates
from assistant.reader.fitness import (
    CONFIDENT,
    SURE,
    answers_something,
    by_no_group,
    can_be_told,
    elsewhere,
    lists_others,
    misnamed,
    ranked_by_rate,
    says_something,
    shaped,
    unkind,
    without_ordinal,
    without_place,
)
from assistant.reader.held import figures_not_held, not_held
from assistant.reader.in_order import words_of
from assistant.reader.kinds import TIMES
from assistant.reader.measures import COMPARATIVES, of_comments
from assistant.reader.near import NEGATIONS
from assistant.reader.outdone import outdone, rate_for_number
from assistant.reader.reach import not_of_themes, orders_with, reached
from assistant.reader.spans import ReadQuestion, Workspace, joined
from assistant.reader.tagged import Spans
from assistant.reader.whose import of_those, unmeasured
from assistant.understand import phrases
from knowledge.entities import verbalise
from knowledge.entities.predicates import Did, compared, leaves
from knowledge.metrics import find

NOTHING, FLAT, NAMED_ALONE = 0.5, 0.3, 0.5
"""A span or a kind of question of which the tagger is less sure is no reason to set the words aside."""
IDLE, FORGIVEN, LEFT_ASIDE = 0.9, 0.85, 0.7
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
    told = _for_a_reason(not_of_themes(_of_a_share(told), where))
    eased = kind == "is it true" and by_no_group(told)  # the figure itself tells whether it is so
    if eased:
        told = replace(told, operation=None, by=(), having=None, order=None, ranked=False, limit=None)
    told = of_those(told, where)
    told = reached(told) if len(told.metrics) < 2 and not (told.choices or told.follow_up) else told
    if kind == OUTSIDE and sure >= IDLE and not told.follow_up:
        return Reading(replace(told, unknown=told.unknown or (text.strip(),)), kind, sure)
    if sure < FLAT and not any(s.sure >= NOTHING for s in tagged.spans) and not (told.unknown or says_something(told)):
        return Reading(replace(told, unknown=(text.strip(),)), kind, sure)  # nothing is said that either of them knows
    if told.operation == "compare" and told.metrics and all(ranks.says(w) or w in COMPARATIVES for w in told.unknown):
        told = replace(told, unknown=())
    learned = assemble(text, tagged, replace(where, nearest=tagged.nearest))
    assembled = learned
    if learned is not None:
        learned = of_those(not_of_themes(learned, where), where)
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
                *unmeasured(told),
                *not_held(told, tagged, where),
                *figures_not_held(told, tagged, where),
            )
        )
    )
    whole = whole and not any(misnamed(learned, tagged)) and not any(without_ordinal(learned, tagged))  # type: ignore[arg-type]
    whole = whole and not any(unmeasured(learned))  # type: ignore[arg-type]
    whole = whole and not any(ranked_by_rate(learned))  # type: ignore[arg-type]
    whole = whole and not any(not_held(learned, tagged, where))  # type: ignore[arg-type]
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


def _for_a_reason(q: Question) -> Question:
    """The question without the words that only lead to a reason which it has ("because of", "due to" damage)."""
    reasons = [e.start for e in q.entities if e.dimension == "reason"]
    led = {m[1].lower() for m in LEADING.finditer(q.text) if m.end() in reasons}
    return replace(q, unknown=tuple(u for u in q.unknown if u.lower() not in led))


LEADING = re.compile(r"\b(because|due|owing|thanks)\s+(?:of|to)\s+(?:an?\s+|the\s+)?", re.IGNORECASE)


def _answerable(q: Question, kind: str, sure: float, tagged: ReadQuestion) -> bool:
    """Whether a reading can be answered and has the shape of its kind of question."""
    in_shape = sure < CONFIDENT or shaped(q, kind)
    return answers_something(q) and in_shape and can_be_told(q) and not any((*misnamed(q, tagged), *without_ordinal(q, tagged)))


def whole_names(unread: Sequence[str], text: str, tagged: Spans) -> tuple[str, ...]:
    """What is not understood, a word of a name as the whole name: who asks for a name that is hidden hears what any unknown one gets."""
    names = [s.text for s in joined(text, tagged.spans) if s.role in "nx"]
    return tuple(dict.fromkeys(next((n for n in names if f" {word.lower()} " in f" {n.lower()} "), word) for word in unread))


def _by_words(by_words: ByWords, tagged: ReadQuestion) -> Question:
    """The reading by words, without those that the tagger is sure say nothing."""
    idle = [o for o in tagged.outside if o.text.lower() not in NEGATIONS]
    told = by_words([(o.start, o.end) for o in idle if o.sure >= IDLE])
    said = {w.lower() for s in tagged.spans for w in s.text.split()}
    forgiven = {o.text.lower() for o in idle if o.sure >= FORGIVEN} - said
    return replace(told, unknown=tuple(u for u in told.unknown if u.lower() not in forgiven))


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

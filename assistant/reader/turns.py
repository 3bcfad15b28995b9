"""A turn of a thread: an edit of the question before it, the same thing asked about again, or a kind of question that takes from the
question before it what the turn itself leaves out ("worst month?")."""

from __future__ import annotations

from dataclasses import replace

from assistant.questions import Entity, Question
from assistant.reader import links
from assistant.reader.assemble import MAY_BE, OPERATIONS, fits
from assistant.reader.edits import EDITS, MARK, edited_as, instead, names
from assistant.reader.kinds import settled_as
from assistant.reader.measures import one_measure_each
from assistant.reader.parts import parts_of
from assistant.reader.spans import Corrected, ReadQuestion, Workspace, joined, known_group
from assistant.reader.tagged import Spans
from assistant.understand import stock
from assistant.understand.phrases import FILLERS
from knowledge.entities.catalogue import entities, entity
from knowledge.entities.predicates import Compare

SURE, LIKELY = 0.6, 0.5
"""Followed by so much of the tagger's belief a turn changes the question before it; so sure a span is there."""
OF_FIGURES = frozenset(
    (
        "value", "breakdown", "two dimensions", "rank", "ordinal", "extreme over time", "trend", "compare periods", "compare members", "share", "growth",
        "growth rank", "distribution", "threshold on groups", "average per", "why", "define", "how computed", "target gap",
    )
)  # fmt: skip
"""Kinds that a figure of the question before can be asked as."""
GROUPED = frozenset(("rank", "ordinal", "growth rank", "compare members", "threshold on groups", "breakdown", "two dimensions"))
"""Kinds that keep the groups of the question before where they name none."""


SAYING_NOTHING = frozenset(("why", "voice", "list", "count"))
"""Edits that need no word of their own; of those the tagger has to be sure."""
TURNING_ROUND = frozenset(("remove", "define"))
"""Edits that mean something else than all others; of those too."""
OF_GROUPS = frozenset(("add", "regroup", "show", "replace"))


def turned(text: str, last: Question, tagged: ReadQuestion, where: Workspace) -> Question | None:
    """The question that a turn makes of the one before it; None where it is a question of its own, or nothing that we know.
    What is not understood of it is in `unknown`."""
    if not tagged.op or (tagged.op[0][0] == "out of scope" and tagged.op[0][1] >= LIKELY):
        return None
    if last.operation == "stock" and stock.speaks_of_counts(text):
        return None  # what else a count of stock tells is read by its words
    followed = sum(sure for kind, sure in tagged.op if kind.startswith(MARK))
    made = of_the_same(text, last, tagged, followed, where) or _edit_of(text, last, tagged, followed, where)
    unheard = _unheard(tagged) if made is not None else ()
    return replace(made, unknown=tuple(dict.fromkeys((*made.unknown, *unheard)))) if made is not None and unheard else made


def _unheard(tagged: Spans) -> tuple[str, ...]:
    """Words without a role of which the tagger is not sure that they say nothing: no turn passes them over."""
    outside = [o for o in getattr(tagged, "outside", ()) if o.sure < LIKELY and any(c.isalnum() for c in o.text)]
    return tuple(o.text for o in outside if o.text.lower() not in FILLERS)


def _edit_of(text: str, last: Question, tagged: ReadQuestion, followed: float, where: Workspace) -> Question | None:
    """The turn as an edit, or as a question of a kind that takes from the one before it what it leaves out."""
    where = replace(where, calendar=replace(where.calendar, anchor=last.period or where.calendar.anchor), text=text)
    bare = not any(s.role == "m" and s.sure >= LIKELY for s in tagged.spans)
    first: Question | None = None
    for kind, sure in tagged.op:
        if sure < MAY_BE and first is not None:
            break
        made: Question | None = None
        if kind.startswith(MARK):
            edit = kind.removeprefix(MARK)
            likely = sure >= SURE if edit in (*SAYING_NOTHING, *TURNING_ROUND) else followed >= SURE or bare
            made = edited_as(edit, text, last, _regarded(edit, tagged), where) if edit in EDITS and likely else None
        elif bare and sure >= MAY_BE and kind in OF_FIGURES and tagged.spans and (last.by or fits(kind, tagged)):
            made = inherited(kind, text, last, tagged, where)
        if made is None:
            continue
        if not (made.unknown or made.choices):
            return made
        first = first or made
    top = tagged.op[0][0].removeprefix(MARK)
    if (
        bare
        and tagged.spans
        and top not in (*SAYING_NOTHING, "define")
        and (made := edited_as("replace", text, last, tagged, where)) is not None
    ):
        return made if not made.unknown or first is None else first
    return first


def _regarded(edit: str, tagged: ReadQuestion) -> ReadQuestion:
    """ "Now add the warehouse": a group where the turn adds one, whatever the tagger takes it for."""
    if edit not in OF_GROUPS:
        return tagged
    spans = [replace(s, role="g") if s.role == "m" and known_group(s.text) else s for s in tagged.spans]
    return Corrected(tagged, spans)


def inherited(kind: str, text: str, last: Question, tagged: Spans, where: Workspace) -> Question | None:
    """A question of that kind about the figure of the question before it, with its names, times and conditions where the turn has
    no others; None where there is no such figure."""
    parts = parts_of(text, tagged, where, kind, links.home_of(last.metrics[0]) if last.metrics else "")
    if parts.thing or not last.metrics:
        return None
    by = parts.by or (last.by if kind in GROUPED and not parts.grain else ())
    grown = kind in ("growth", "growth rank", "compare periods")
    question = Question(
        text,
        OPERATIONS[kind],  # type: ignore[arg-type]
        last.metrics,
        entities=tuple(
            e for e in names(last.entities, parts.entities, add=kind == "compare members") if e.dimension not in parts.by
        ),
        excluded=tuple(dict.fromkeys((*last.excluded, *parts.excluded))),
        by=by,
        period=parts.period or last.period,
        compare_to=parts.compare_to or (last.compare_to if grown and not parts.period else None),
        grain=parts.grain,
        only=instead(last.only, parts.only),
        unknown=tuple(u for u in parts.unknown if u not in {s.text for s in parts.spans.get("m", ())}),
        choices=parts.choices,
        asked=parts.asked,
    )
    if kind in ("growth rank", "ordinal") and last.operation == "growth":
        question = replace(question, operation="growth", compare_to=parts.compare_to or last.compare_to)
    return settled_as(kind, where.calendar.today, question, parts.spans, "", parts.sides)


def of_the_same(text: str, last: Question, tagged: Spans, followed: float, where: Workspace) -> Question | None:
    """What else is known of the one thing that the thread is about ("and when had we promised it?"); None where the turn names
    another thing, or asks for nothing that is known of it."""
    one = _one_thing(last)
    if one is None or any(s.role in "nxpqktg" and s.sure >= LIKELY for s in tagged.spans):
        return None
    kind, sure = tagged.op[0]
    asks = followed >= LIKELY or (kind in ("attribute of one", "where is it", "who is", "list", "value") and sure >= LIKELY)
    told = [s for s in joined(text, tagged.spans) if s.role in "mc"]
    if not asks or not told:
        return None
    near = (one.dimension, *entity(one.dimension).links.values())
    facts: list[str] = []
    for said in one_measure_each(told, text):
        found = links.fact_in(said, near, where.nearest)
        if found is None or (one.dimension == "customer" and any(m.by_words for m in links.metrics_in(said))):
            return None
        facts.append(found)
    only = Compare(f"{one.dimension}.id", "=", (one.value,))
    return Question(text, "facts", things=one.dimension, facts=tuple(dict.fromkeys(facts)), only=only, entities=(one,))


def _one_thing(last: Question) -> Entity | None:
    """The order, customer or other thing that the question before was about, where it was one."""
    if last.order_id:
        return Entity("order", last.order_id, last.order_id, 0, 0, 1.0)
    named = [e for e in last.entities if e.dimension in entities()]
    return named[0] if len(named) == 1 and len(last.entities) == 1 else None

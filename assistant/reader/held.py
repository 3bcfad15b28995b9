"""What a question says and a reading of it does not hold: names of the workspace, whose figure it is, figures by their own words."""

from __future__ import annotations

from collections.abc import Iterator

from assistant.questions import Question
from assistant.reader import links, whose
from assistant.reader.fitness import CONFIDENT, SURE, by_default, of_metric
from assistant.reader.spans import ReadQuestion, Workspace
from assistant.understand import phrases
from assistant.understand.entities import SOFT
from assistant.understand.tokens import tokenise
from knowledge.entities.catalogue import attribute, entities
from knowledge.entities.predicates import Part, Reaches, compared, leaves


def not_held(q: Question, tagged: ReadQuestion, where: Workspace) -> Iterator[str]:
    """The words of each name and of each condition of customers, where a figure or a list of things is told without them."""
    if q.follow_up or q.choices or not (q.metrics or q.things or q.kind):
        return
    if not q.checks:  # "is europe our largest region" sets a name against the answer
        yield from _names(q, tagged, where)
    yield from whose.unheld(q, where)
    yield from _states(q)
    if q.mood is not None and q.metrics and not any(links.home_of(m) == "comment" for m in q.metrics) and not q.counted:
        moods = [t for t in tokenise(q.text) if t.text in phrases.NEGATIVE_MOOD | phrases.POSITIVE_MOOD]
        said = [(s.start, s.end) for s in tagged.spans if s.role in "mc" and s.sure >= SURE]
        unsaid = [t for t in moods if any(a <= t.start < b for a, b in said)]
        yield from (t.raw for t in unsaid if not any(a <= t.start < b for a, b in whose.places(q, where)))


def _states(q: Question) -> Iterator[str]:
    """States of the things that are counted or listed ("cancelled"), where the reading has none at all."""
    counted = q.metrics[0].partition("(")[2].rstrip(")") if len(q.metrics) == 1 and "(" in q.metrics[0] else ""
    thing = q.things or (counted if counted in entities() else "")
    held = [c for p in (q.only, *q.sides) for c in compared(p) if attribute(c.attribute)[1].kind == "flag"]
    if not thing or held or q.state or q.record_state:
        return
    for token in tokenise(q.text):
        if any(attribute(p)[1].kind == "flag" and p.split(".")[0] == thing for p in links.attributes_in(token.text, thing)):
            yield token.raw


def figures_not_held(q: Question, tagged: ReadQuestion, where: Workspace) -> Iterator[str]:
    """Figures that are called just so, of a family that neither the reading nor its conditions have."""
    told = {links.family(m) for m in q.metrics}
    if by_default(q):  # "the busiest day, most orders in one day" is no day of the most revenue
        yield from (s.text for s in tagged.spans if s.role == "m" and s.sure >= CONFIDENT and links.only_a_noun(s.text))
    told |= {links.family(leaf.metric) for leaf in leaves(q.only) if isinstance(leaf, Part | Reaches)}
    for s in tagged.spans:
        if s.role != "m" or s.sure < CONFIDENT or not told or links.only_a_noun(s.text) or of_metric(q, [s]):
            continue
        if any(s.start < end and start < s.end for start, end in whose.places(q, where)):
            continue  # "lost customers" are those that are meant
        named = [m for m in links.metrics_in(s.text) if m.by_words and not m.left]
        if named and not {links.family(m.name) for m in named} & told:
            yield s.text


def _names(q: Question, tagged: ReadQuestion, where: Workspace) -> Iterator[str]:
    """Names that nothing else can be ("gold", "Dallas"), where neither a filter nor a condition has them and no other words take them."""
    tokens = tokenise(q.text)
    values = {str(v).lower() for p in (q.only, *q.sides) for c in compared(p) for v in c.values}
    elsewhere = [(s.start, s.end) for s in tagged.spans if s.role in "mgkptq" and s.sure >= CONFIDENT]
    elsewhere += [(e.start, e.end) for e in (*q.entities, *q.excluded)]
    for match in where.vocabulary.find(tokens, [True] * len(tokens)):
        start, end = tokens[match.first].start, tokens[match.last].end
        if any(a < end and start < b for a, b in elsewhere) or values & {e.value.lower() for e in match.entities}:
            continue
        said = q.text[start:end]
        whole = all(e.label.lower() == said.lower() for e in match.entities)
        alone = start > 0 and said[:1].isupper() and len({(e.dimension, e.value) for e in match.entities}) == 1  # "(Whitman)"
        if (whole or alone) and not any(e.dimension in SOFT for e in match.entities) and not _asks(said, q):
            yield said


def _asks(said: str, q: Question) -> bool:
    """Whether a word says what is asked ("distribution", where an industry is called so)."""
    told = [p for name, listed in phrases.OPERATION_PHRASES if name == q.operation for p in listed]
    return any(said.lower() in p.split() for p in (*told, str(q.operation)))

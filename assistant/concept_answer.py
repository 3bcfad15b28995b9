"""Answers about the field from the handbook: a few of its sentences with their source, and how this workspace computes it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant import compose
from assistant.concept_match import Asked, asked, key
from assistant.concept_near import NEARER, alike, near
from assistant.documents import encoder
from assistant.questions import Answer, Choice, Plan
from assistant.shape import day, framed
from knowledge.access import Reader
from knowledge.errors import DataError, UserError
from knowledge.handbook import Entry
from knowledge.metrics import find, metrics
from knowledge.query import members, run
from knowledge.records import Citation, Figure, MetricQuery, MetricResult

SENTENCE = re.compile(r"\S.*?[.!?](?=\s|$)", re.DOTALL)
MOST_CHOICES = 3
TOLD = 5
"""Sentences of the handbook in an answer."""


@dataclass(frozen=True)
class Example:
    """A metric of a concept as this workspace has it now: its figure, or in `text` why there is none for this reader."""

    query: MetricQuery
    text: str
    result: MetricResult | None = None
    figure: Figure | None = None
    quiet: str = ""
    notes: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


def concept(text: str, reader: Reader, *, sure: bool = False, defined: Sequence[str] = ()) -> Answer | None:
    """What the handbook says to a question that names one of its entries; None where it means none clearly. `sure`: that it asks of the
    field is known; `defined`: the metrics whose definition is asked, told with it."""
    wanted = asked(text, sure=sure)
    if wanted is not None and sure and wanted.part != "difference" and not defined:
        wanted = alike(text, encoder(reader)) or wanted
    return tell(wanted, reader, defined) if wanted is not None else None


def described(text: str, reader: Reader, *, likely: bool) -> Answer | None:
    """What the handbook says to a question that names no entry, where one is near in meaning; where it is not `likely` to be of the
    field, only where it is nearly one of the questions by which entries are found."""
    encode = encoder(reader)
    wanted = near(text, encode) if likely else alike(text, encode, least=NEARER)
    return tell(wanted, reader) if wanted is not None else None


def tell(wanted: Asked, reader: Reader, defined: Sequence[str] = ()) -> Answer:
    """The answer of the handbook to what is asked of it, with the figures of this workspace."""
    if wanted.either:
        choices = tuple(Choice(e.name, f"What is {e.name}?") for e in wanted.either[:MOST_CHOICES])
        plan = Plan("define", status="clarify", choices=choices, slots={"operation": "define", "metrics": []})
        return framed(reader, plan, "clarify", "Which one do you mean?", choices=choices)
    first = wanted.entries[0]
    told = tuple(dict.fromkeys(wanted.entries))
    examples = [_example(names, reader) for names in _with_defined(_metrics(told), defined)]
    lines = [f"**{first.name}**: {_handbook(wanted)}" if wanted.part != "difference" else _handbook(wanted)]
    if wanted.beside is not None and (said := _against(first, wanted.beside) or _against(wanted.beside, first)):
        lines.append(said)
        told = (*told, wanted.beside)
    for example in examples:
        if wanted.part in ("what", "compute") or defined:
            metric = find(example.query.metric)
            lines.append(f"_Computed here_ as **{metric.label}**: {metric.definition} `{metric.formula}`")
        lines.append(example.text)
    if wanted.part == "compute" and not examples:
        lines.append("No figure of this workspace measures it.")
    lines.append(f"_Handbook: {'; '.join(f'{e.name} ({e.source})' for e in told)}_")
    lines += [e.quiet for e in examples if e.quiet]
    plan = Plan(
        "define",
        tuple(e.query for e in examples if e.result),
        slots={
            "operation": "define",
            "concepts": [e.name for e in told],
            "part": wanted.part,
            "metrics": list(
                dict.fromkeys([e.query.metric for e in examples] + ([wanted.other] if wanted.other in metrics() else []))
            ),
            "notes": [n for e in examples for n in e.notes],
            "names": [n for e in examples for n in e.names],
            "counts": {f"rows_{i}": compose.rows_told(e.result) for i, e in enumerate(examples) if e.result},
        },
    )
    return framed(
        reader, plan, "answered", "\n\n".join(lines),
        figures=tuple(e.figure for e in examples if e.figure),
        citations=tuple(Citation("handbook", _slug(e), e.name, e.source) for e in told),
    )  # fmt: skip


def _handbook(wanted: Asked) -> str:
    """The sentences that answer, those asked for first."""
    entry = wanted.entries[0]
    means = _sentences(entry.means)
    match wanted.part:
        case "what":
            told = [*means, *_sentences(entry.matters)[:1], *_sentences(entry.serves)[:1]]
        case "why":
            told = [*_sentences(entry.matters), means[0]]
        case "when":
            told = [*_sentences(entry.serves), *_sentences(entry.matters)[:1]]
        case "improve":
            told = [*_sentences(entry.improve), *_sentences(entry.serves)[:1]]
        case "compute":
            told = means
        case "difference":
            return _difference(wanted)
    if wanted.defined and wanted.part != "what":
        told = [means[0], *(t for t in told if t != means[0])]
    return " ".join(told[:TOLD])


def _begins_alike(name: str, said: str) -> bool:
    """Whether a name is the one that was said, or a longer form of it ("Lumpy demand" of "lumpy")."""
    return name.lower().split()[0].rstrip("s") == said.lower().split()[0].rstrip("s")


def _difference(wanted: Asked) -> str:
    """What sets two things apart: as one entry says it of the other, else what each is."""
    one, *more = wanted.entries
    if more and more[0] == one:
        apart = [t for name, t in one.differs.items() if any(_begins_alike(name, said) for said in wanted.said)]
        if apart:  # kinds of one thing, which the entry tells apart
            return "\n\n".join((*dict.fromkeys(apart), f"**{one.name}**: {' '.join(_sentences(one.means)[:2])}"))
        return f"**{wanted.said[0]}** and **{wanted.said[1]}** are two names for one thing here, {one.name}. {one.means}"
    if more:
        two = more[0]
        said = _against(one, two) or _against(two, one)
        if said:
            return "\n\n".join((said, *(_with_use(e, 1) for e in (one, two))))
        return "\n\n".join(_with_use(e, 2) for e in (one, two))
    if wanted.other in one.differs:
        return f"{one.differs[wanted.other]}\n\n**{one.name}**: {' '.join(_sentences(one.means)[:2])}"
    if wanted.other:
        metric = find(wanted.other)
        return f"**{one.name}**: {' '.join(_sentences(one.means)[:2])}\n\n**{metric.label}**: {metric.definition}"
    told = [f"**{name}**: {said}" for name, said in one.differs.items()][: TOLD - 1]
    return "\n\n".join((f"**{one.name}**: {_sentences(one.means)[0]}", *told))


def _with_use(entry: Entry, most: int) -> str:
    """What an entry is in a few sentences, and when it serves."""
    return f"**{entry.name}**: {' '.join((*_sentences(entry.means)[:most], *_sentences(entry.serves)[:1]))}"


def _against(one: Entry, two: Entry) -> str:
    keys = {key(n) for n in two.names}
    return next((said for name, said in one.differs.items() if key(name) in keys), "")


def _metrics(told: Sequence[Entry]) -> list[tuple[str, ...]]:
    """The metrics of each entry, without those whose first another entry had before."""
    return list({e.metrics[0]: e.metrics for e in reversed(told) if e.metrics}.values())[::-1]


def _with_defined(listed: Sequence[tuple[str, ...]], defined: Sequence[str]) -> list[tuple[str, ...]]:
    """The metrics of each entry, each metric whose definition is asked before those of its entry, or for itself where no entry has it."""
    made = list(listed)
    for name in reversed(defined):
        at = next((i for i, names in enumerate(made) if name.split(".")[0] in {n.split(".")[0] for n in names}), None)
        if at is None:
            made.insert(0, (name,))
        else:
            made[at] = (name, *(n for n in made[at] if n != name))
    return made


def _example(names: Sequence[str], reader: Reader) -> Example:
    """The current figure, over all of the data, of the first metric that can be told to this reader; what stood in the way of the first."""
    hindered: list[Example] = []
    for name in names:
        query = MetricQuery(name)
        metric = find(name)
        try:
            result = run(query, reader)
        except (UserError, DataError) as err:
            hindered.append(Example(query, f"No figure of {metric.label} for you here: {err.message}", notes=(err.message,)))
            continue
        figure = result.total if result.total and result.total.value is not None else next(iter(result.figures), None)
        if figure is None or figure.value is None:
            continue
        members_told = tuple(_member(d, m, reader) for d, m in figure.group.items())
        whose = f" of {', '.join(members_told)}, for example" if members_told else f", {compose.span(metric, None)}"
        text = f"{figure.label}{whose}: **{figure.display}**{_counts(figure)}."
        if hindered:
            text = f"{hindered[0].text} What can be told: {text}"
        told = (*result.notes, *hindered[0].notes) if hindered else result.notes
        return Example(query, text, result, figure, compose.quiet([result], day(reader)), tuple(told), members_told)
    metric = find(names[0])
    return hindered[0] if hindered else Example(MetricQuery(names[0]), f"There is nothing in scope yet for {metric.label}.")


def _member(dimension: str, member: str, reader: Reader) -> str:
    """A member as people call it; what is told of a group is seen by this reader already."""
    try:
        return dict(members(dimension, reader)).get(member, member)
    except (UserError, DataError):
        return member


def _counts(figure: Figure) -> str:
    """Numerator and denominator, where the display does not tell them."""
    if figure.numerator is None or figure.denominator is None or " of " in figure.display:
        return ""
    return f" ({figure.numerator:,.0f} of {figure.denominator:,.0f})"


def _sentences(text: str) -> list[str]:
    return SENTENCE.findall(text)


def _slug(entry: Entry) -> str:
    return re.sub(r"\W+", "-", entry.name.casefold()).strip("-")

"""What the marked words of the bank's wordings stand for: records of metrics, conditions and dimensions, with the texts that say them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from knowledge.entities.catalogue import entities
from knowledge.metrics import metrics
from knowledge.metrics.registry import Metric
from nlp.tagger.bank import Wording

LINKED = ("m", "g", "c")
_COUNTED = re.compile(r"(?:number|list|share) of (\w+)")
_OPS_WITHOUT = {"out of scope", "small talk or help"}


@dataclass(frozen=True)
class Record:
    """`texts`: ways to say it, the fullest first; `metric`: its name where it is one."""

    kind: str
    texts: tuple[str, ...]
    metric: str = ""


def metric_records() -> dict[str, Record]:
    """Of every metric of the register, by "Label: definition" as the bank's plans name it."""
    every = [m for base in metrics().values() for m in (base, *base.variants.values())]
    return {f"{m.label}: {m.definition}": metric_record(m) for m in every}


def metric_record(metric: Metric) -> Record:
    full = f"{'; '.join((metric.label, *metric.synonyms))}. {metric.definition}"
    texts = (full, metric.label, f"{metric.label}: {metric.definition}", metric.definition, *metric.synonyms)
    return Record("m", texts, metric.name)


def links_of(wording: Wording, known: dict[str, Record]) -> list[tuple[tuple[int, ...], tuple[Record, ...]]]:
    """Of each linked field of the plan: its marks, and its records. Two records and two marks are in any order."""
    if "measures" in wording.plan:
        return _named(wording, known)
    found = []
    for kind in LINKED:
        marks = tuple(i for i, m in enumerate(wording.marks) if m.role == kind)
        records = tuple(_records(kind, wording, known))
        if marks and records and len(records) in (1, len(marks)):
            found.append((marks, records))
    return found


def _named(wording: Wording, known: dict[str, Record]) -> list[tuple[tuple[int, ...], tuple[Record, ...]]]:
    """What annotators found in a free question: measures, and NOTHING where there is no record for what is said."""
    plan = wording.plan
    marks = {role: [i for i, m in enumerate(wording.marks) if m.role == role] for role in LINKED}
    by_name = {r.metric: r for r in known.values()}
    found: list[tuple[tuple[int, ...], tuple[Record, ...]]] = [
        ((i,), (record,))
        for i, name in zip(marks["m"], plan["measures"], strict=False)
        if (record := by_name.get(name) or measure_record(name)) is not None
    ]
    for role, there in plan["nothing"].items():
        found += [((marks[role][i],), (NOTHING[role],)) for i in there if i < len(marks[role])]
    return found


NOTHING = {role: Record(role, (), "nothing") for role in LINKED}
"""What is meant by words for which no record stands."""
_MEASURE = re.compile(r"(?:(\w+)\()?([a-z_]+)(?:\.(\w+))?\)?")
_AGGREGATES = {"mean": "average", "sum": "total", "median": "median", "max": "largest", "min": "smallest", "share": "share"}


@lru_cache(maxsize=1024)
def measure_record(name: str) -> Record | None:
    """Of a count of things ("count(contact)") and of an attribute or an aggregate of it ("order.carrier", "mean(order.days_late)")."""
    told = _MEASURE.fullmatch(name or "")
    if told is None or told[2] not in entities():
        return None
    of = entities()[told[2]]
    if told[3] is None:
        return Record("m", (of.plural, f"number of {of.plural}"))
    known = of.attributes.get(told[3])
    if known is None:
        return None
    return Record("m", (f"{_AGGREGATES[told[1]]} {known.label}" if told[1] in _AGGREGATES else known.label,))


def _records(kind: str, wording: Wording, known: dict[str, Record]) -> Iterable[Record]:
    said = wording.plan.get(kind, "")
    if not said or wording.op in _OPS_WITHOUT:
        return
    if kind == "c":
        for part in said.removeprefix("only ").split("; against; "):
            yield Record("c", (part, part.split(" ", 1)[1]))
    elif kind == "g":
        for part in said.split(" and ") if wording.op == "two dimensions" else [said]:
            yield Record("g", (part, re.sub(r" \(yes/no\)", "", part)))
    else:
        for part in said.removesuffix(" against its target").split(" AND ALSO "):
            counted = _COUNTED.fullmatch(part)
            if part in known:
                yield known[part]
            elif wording.op == "concept":
                yield Record("m", (part.split(": ", 1)[-1],))
            else:
                yield Record("m", (counted[1], f"number of {counted[1]}") if counted else (part,))

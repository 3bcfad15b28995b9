"""The frozen types of a question's way: Turn -> Question -> Plan -> Answer (the Reply that doors render)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from knowledge.access import Scope
from knowledge.entities.predicates import Predicate
from knowledge.records import Citation, Figure, Grain, MetricQuery, Period, Quote

Status = Literal["answered", "clarify", "out_of_scope", "not_allowed", "no_data", "error"]
Operation = Literal[
    "value", "breakdown", "rank", "trend", "compare", "share", "growth", "define", "themes", "quotes", "why", "list", "search", "order",
    "orders", "stock", "ratio", "overview", "who", "members", "distribution",
    "records", "claims", "brief", "advise", "lapsed", "things", "part", "facts",
]  # fmt: skip


@dataclass(frozen=True)
class Turn:
    """One message from one person in one conversation (None: a conversation of its own)."""

    text: str
    scope: Scope
    conversation: str | None = None


@dataclass(frozen=True)
class Entity:
    """A name found in the text: member `value` of `dimension`, at characters start..end, with a match score 0..1."""

    dimension: str
    value: str
    label: str
    start: int
    end: int
    score: float


@dataclass(frozen=True)
class Question:
    """What was understood, slot by slot; None or empty where the text says nothing (the conversation may fill it).

    `unknown` are words that nothing accounts for; `claim` is what the asker takes for granted ("why did it fall"); `refers` says
    that a pronoun points back; `bare_period` that a month or quarter came without its year; `per` what an average is over;
    `kind` and `record_state` which records are listed, `claims` which complaints are to be checked, `label` which label;
    `part` how much of a ranking ("the top 20 %"), `ranked` that one was spoken of; `topic` what comments are to be about; `having` keeps groups by value; `checks` asks whether the claim is true;
    `place` is the place of a ranking that is asked for, `than` what yes means of the first of two, `percent` a part of the whole;
    `assumed` are near-tied words read as this person chose before (words, label); `asked` the words that a choice is about; `aside` words that most likely say nothing and are not understood."""

    text: str
    operation: Operation | None = None
    metrics: tuple[str, ...] = ()
    entities: tuple[Entity, ...] = ()
    by: tuple[str, ...] = ()
    period: Period | None = None
    compare_to: Period | None = None
    grain: Grain | None = None
    order: Literal["desc", "asc"] | None = None
    limit: int | None = None
    choices: tuple[Choice, ...] = ()
    unknown: tuple[str, ...] = ()
    follow_up: bool = False
    excluded: tuple[Entity, ...] = ()
    mood: Literal[-1, 1] | None = None
    counted: Literal[-1, 1] | None = None
    claim: Literal["up", "down"] | None = None
    refers: bool = False
    bare_period: bool = False
    order_id: str | None = None
    document: str | None = None
    topic: str | None = None
    state: str | None = None
    kind: str | None = None
    record_state: str | None = None
    claims: tuple[str, ...] = ()
    label: str | None = None
    having: tuple[str, float] | None = None
    per: str | None = None
    part: float | None = None
    ranked: bool = False
    place: int | None = None
    than: Literal["more", "less"] | None = None
    percent: bool = False
    checks: bool = False
    chart: bool = False
    assumed: tuple[tuple[str, str], ...] = ()
    asked: str = ""
    aside: tuple[str, ...] = ()
    only: Predicate | None = None
    things: str = ""
    facts: tuple[str, ...] = ()
    ranked_by: str | None = None
    sides: tuple[Predicate, ...] = ()
    """`sides` are conditions set against each other; `only` is what must hold of the things counted; `things` which entity is listed, `facts` which attributes of it are asked, `ranked_by` the attribute that orders it."""


@dataclass(frozen=True)
class Choice:
    """One reading offered to the asker; `question` asked in its place gives exactly that reading."""

    label: str
    question: str


@dataclass(frozen=True)
class Plan:
    """What will be done, explicit and replayable: metric queries, or a search, or a refusal with its reason."""

    operation: Operation
    queries: tuple[MetricQuery, ...] = ()
    search: str | None = None
    status: Status = "answered"
    reason: str = ""
    choices: tuple[Choice, ...] = ()
    nearest: tuple[str, ...] = ()
    slots: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """The contract's Answer, field for field (see the command-line contract)."""

    id: str
    status: Status
    text: str
    figures: tuple[Figure, ...] = ()
    table: Mapping[str, Any] | None = None
    chart: Mapping[str, Any] | None = None
    quotes: tuple[Quote, ...] = ()
    citations: tuple[Citation, ...] = ()
    choices: tuple[Choice, ...] = ()
    nearest: tuple[str, ...] = ()
    followups: tuple[str, ...] = ()
    as_of: datetime | None = None
    snapshot: str = ""
    plan: Mapping[str, Any] = field(default_factory=dict)
    timings_ms: Mapping[str, float] = field(default_factory=dict)

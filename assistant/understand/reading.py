"""Work in progress on one question: its words, and what each has been taken for so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from assistant.understand.entities import Match
from assistant.understand.periods import Found
from assistant.understand.tokens import Token

Role = Literal[
    "metric", "dimension", "operation", "grain", "ambiguous", "entity", "period", "limit", "filler", "id", "verb", "state", "average",
    "having", "topic", "document", "record",
]  # fmt: skip


@dataclass
class Reading:
    """Tokens and their roles; what was found is kept with the places of its words (first, last)."""

    text: str
    tokens: list[Token]
    role: list[Role | None]
    metrics: list[tuple[int, int, str]] = field(default_factory=list)
    dimensions: list[tuple[int, int, str]] = field(default_factory=list)
    operations: list[tuple[int, str, str]] = field(default_factory=list)
    grains: list[tuple[int, str]] = field(default_factory=list)
    ambiguous: list[str] = field(default_factory=list)
    matches: list[Match] = field(default_factory=list)
    periods: list[Found] = field(default_factory=list)
    verbs: list[tuple[int, str]] = field(default_factory=list)
    states: list[str] = field(default_factory=list)
    averages: list[tuple[int, str]] = field(default_factory=list)
    unknown_ids: list[str] = field(default_factory=list)
    limit: int | None = None
    place: int | None = None
    part: float | None = None
    having: tuple[str, float] | None = None
    counts: bool = False
    having_of: str = ""
    order_id: str | None = None
    topic: str | None = None
    asks: str | None = None
    kind: str | None = None
    record_state: str | None = None
    facts: tuple[str, ...] = ()
    claims: tuple[str, ...] = ()
    document_words: set[str] = field(default_factory=set)

    def free(self) -> list[bool]:
        return [r is None for r in self.role]

    def is_free(self, first: int, last: int) -> bool:
        return all(self.role[i] is None for i in range(first, last + 1))

    def unaccounted(self) -> tuple[str, ...]:
        """The words, as typed, that nothing accounts for."""
        return tuple(t.raw for t, role in zip(self.tokens, self.role, strict=True) if role is None)

    def account(self, word: str) -> None:
        """The word is read, wherever it stands."""
        for i, token in enumerate(self.tokens):
            if token.text == word and self.role[i] is None:
                self.role[i] = "filler"

    def take(self, first: int, last: int, role: Role) -> None:
        for i in range(first, last + 1):
            self.role[i] = role

    def words(self, first: int, last: int) -> str:
        return " ".join(t.text for t in self.tokens[first : last + 1])

    def word(self, at: int) -> str:
        """The word at that place; empty outside."""
        return self.tokens[at].text if 0 <= at < len(self.tokens) else ""

    def said(self, *words: str) -> bool:
        return any(t.text in words for t in self.tokens)

    def names(self) -> set[str]:
        """The operations that are spoken of."""
        return {name for _, name, _ in self.operations}

    def phrases(self, operation: str | None = None) -> set[str]:
        return {p for _, name, p in self.operations if operation in (None, name)}

    def between(self, last: int, first: int) -> str:
        """What stands between two words as typed, in lower case."""
        return self.text[self.tokens[last].end : self.tokens[first].start].lower()

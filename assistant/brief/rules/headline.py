"""What a rule finds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from assistant.brief.account import Account
from assistant.brief.content import Words
from knowledge.records import Citation, Figure

Kind = Literal["buying", "service", "money", "voice", "standing"]


@dataclass(frozen=True)
class Headline:
    """One thing to know: in words, what is at stake, the rule that found it, and what to do about it by whom.

    `bad` says whether it is a trouble (alerts look at those only)."""

    key: str
    kind: Kind
    lead: str
    parts: Words
    stake: Figure
    rule: str
    step: Words = ()
    owner: str = "account owner"
    evidence: tuple[Figure, ...] = ()
    citations: tuple[Citation, ...] = ()
    bad: bool = True


Rule = Callable[[Account], list[Headline]]

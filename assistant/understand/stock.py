"""Which quantity of stock is asked for: the names that the entity layer gives to what a count of stock says."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from assistant.understand import lexicon
from assistant.understand.asks import STOCK_STATES
from assistant.understand.entities import Match
from assistant.understand.phrases import FOLLOW, OPERATION_PHRASES
from assistant.understand.reading import Reading
from assistant.understand.tokens import tokenise
from knowledge.entities.catalogue import entity

COUNTED = "stock"
"""The entity whose things are counts of stock."""
OF = frozenset(("product", "category", "ship_from", "location"))
"""What a count of stock is of."""
AMOUNT = frozenset("much many total our".split())
WORTH = frozenset("value valued worth cost costs".split())
"""Words that ask for stock in money."""
LONGEST = 4


def quantities(r: Reading, members: Sequence[Match]) -> None:
    """ "Safety stock of FAS-106 in Albany", "what is our stock worth": the quantities that are asked for, where no figure is named and
    it is said of what."""
    if r.asks not in (None, COUNTED) or r.record_state or r.having is not None or r.document_words:
        return
    named = _named(r)
    spoken = {i for first, last, _ in named for i in range(first, last + 1)}
    worth = [i for i, t in enumerate(r.tokens) if t.text in WORTH and r.role[i] is None and i not in spoken]
    worth = worth if any(_is_stock(r.words(a, b)) for a, b in _stretches(r)) or named else []
    if not (named or worth) or _a_figure(r, spoken | set(worth)) or not _said_of_what(r, members):
        return
    money = tuple(f"{COUNTED}.{a.name}" for a in entity(COUNTED).attributes.values() if a.kind == "money")
    paths = dict.fromkeys(path for _, _, path in named)
    r.facts = money if worth else tuple(paths)
    r.asks = COUNTED
    for first, last, _ in named:
        r.take(first, last, "operation")
    for at in worth:
        r.take(at, at, "operation")


def _phrases() -> dict[str, str]:
    """Names of two words and more of the quantities, each with its path; a single word says too little by itself."""
    known = [a for a in entity(COUNTED).attributes.values() if a.kind in ("number", "money")]
    return {w: f"{COUNTED}.{a.name}" for a in known for w in (a.label, *a.words) if " " in w}


def _named(r: Reading) -> list[tuple[int, int, str]]:
    """The quantities with the places of their words, from the left; none that is a part of a figure's name ("days on hand")."""
    known, found = _phrases(), list[tuple[int, int, str]]()
    figures = [(a, b) for a, b in _stretches(r, 8) if r.words(a, b) in lexicon.metric_phrases()]
    for a, b in _stretches(r):
        path = known.get(r.words(a, b)) or known.get(r.words(a, b).removesuffix("s"))
        within = any(c <= b and a <= d and not (a <= c and d <= b) for c, d in figures)
        if path and not within and not any(c <= b and a <= d for c, d, _ in found):
            found.append((a, b, path))
    return sorted(found)


def _stretches(r: Reading, longest: int = LONGEST) -> list[tuple[int, int]]:
    """Free stretches of words, longest first."""
    count = len(r.tokens)
    return [(a, a + size - 1) for size in range(longest, 0, -1) for a in range(count - size + 1) if r.is_free(a, a + size - 1)]


def _is_stock(words: str) -> bool:
    said = {p for name, listed in OPERATION_PHRASES if name == COUNTED for p in listed}
    return words in said


def _a_figure(r: Reading, apart: Collection[int]) -> bool:
    """Whether a figure is named in other words than these."""
    known = {*lexicon.metric_phrases(), *lexicon.own_phrases(), *lexicon.AMBIGUOUS}
    named = [(a, b) for a, b in _stretches(r, 8) if r.words(a, b) in known and not set(range(a, b + 1)) & set(apart)]
    return any(r.word(a - 1) != "many" for a, _ in named)  # "how many pieces are on order" asks for no figure of orders


def _said_of_what(r: Reading, members: Sequence[Match]) -> bool:
    """Whether an article, a group of them or a place is spoken of, or an amount is asked: else the words are asked about."""
    known = lexicon.dimension_phrases()
    grouped = any(known.get(r.words(a, b)) in OF for a, b in _stretches(r))
    named = any(e.dimension in OF for m in (*members, *r.matches) for e in m.entities)
    return grouped or named or r.said(*AMOUNT) or r.word(0) in FOLLOW


def speaks_of_counts(text: str) -> bool:
    """Whether a text names a quantity of a count of stock, or how an article is short."""
    low = " ".join(t.text for t in tokenise(text))
    return any(f" {w} " in f" {low} " for w in _phrases()) or any(p.search(low) for _, p in STOCK_STATES)

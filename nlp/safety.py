"""Statements that must be raised at the first one: injury, fire, contamination, electric shock, recall."""

from __future__ import annotations

import re

import pandas as pd

COLUMNS = ["feedback_id", "segment", "kind", "start", "end", "text"]
KINDS: dict[str, re.Pattern[str]] = {
    "injury": re.compile(
        r"\b(?:injur(?:ed|y|ies)|hospitali[sz]ed|(?:taken|rushed|sent|went) to (?:the )?(?:hospital|emergency)|in hospital\b|burn(?:ed|t) (?:my|his|her|their|our|a|one|the (?:hand|arm|face|skin|operator))|got hurt|was hurt|were hurt"
        r"|cut (?:his|her|my) (?:hand|finger|arm|leg)|electrocut\w+|electric shock|shocked (?:me|him|her)|lost a finger|bleeding|allergic reaction|chok(?:ed|ing))\b",
        re.I,
    ),
    "fire": re.compile(
        r"\b(?:caught fire|on fire|went up in flames|flames|burst into|explod\w+|explosion|smoke (?:came|coming|from)|started (?:smoking|to smoke)"
        r"|overheat\w* and (?:melt|smok|burn)\w*|melted|short[- ]circuit\w*|sparks?\b|gas leak)\b", re.I,
    ),
    "contamination": re.compile(
        r"\b(?:contaminat\w+|mou?ldy|salmonella|listeria|toxic|poison\w*|chemical leak|leaked? (?:acid|chemicals?|solvent)|glass (?:in|splinters?|shards?)"
        r"|metal (?:shavings?|splinters?) in (?:the )?(?:food|product|bag)|insects? in|maggots?|asbestos|lead in)\b", re.I,
    ),
    "recall": re.compile(r"\b(?:product recall|recall(?:ed)? (?:the|these|this|your|all|of|notice)|should be recalled|safety (?:hazard|risk|issue|incident|alert)|unsafe|dangerous|hazardous)\b", re.I),
}  # fmt: skip
NOT_SO = re.compile(
    r"\b(?:no|not|nobody|no one|without|never|nothing|wasn'?t|weren'?t|isn'?t|hardly|free of|luckily)\b[^.;,]{0,25}$",
    re.IGNORECASE,
)
FIGURE = re.compile(r"\b(?:fire sale|on fire today|under fire|your team is on fire|burn(?:ed|t)? (?:my|our) (?:money|budget|fingers)|recall(?:ed)? (?:the|this|that|our) (?:conversation|call|meeting|order|talk|invoice)|toxic (?:culture|relationship)|electric atmosphere|sparks? (?:joy|an? )|spark plugs?)\b", re.I)  # fmt: skip


def safety_statements(segments: pd.DataFrame) -> pd.DataFrame:
    """Clauses (feedback_id, segment, start, text) that speak of danger, with kind and exact characters; denials and figures of
    speech are left out."""
    rows = []
    for row in segments[["feedback_id", "segment", "start", "text"]].to_dict("records"):
        text = str(row["text"])
        if FIGURE.search(text):
            continue
        for kind, pattern in KINDS.items():
            match = pattern.search(text)
            if match and not NOT_SO.search(text[: match.start()]):
                start = row["start"] + match.start()
                rows.append((row["feedback_id"], row["segment"], kind, start, start + len(match.group()), match.group()))
                break
    return pd.DataFrame(rows, columns=COLUMNS)

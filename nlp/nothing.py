"""Comments that say nothing ("n/a", "none", "no comment", "-", "test"): counted as that, in no theme, with no mood."""

from __future__ import annotations

from nlp.sentiment import HAPPY, UNHAPPY, lexical_score
from nlp.terms import EDGES
from nlp.text import readable, tokens

LONGEST, NOTHING = 5, "nothing"
ANSWERS = frozenset(
    """na n nil null none nan no not applicable comment comments complaint complaints remark remarks suggestion suggestions feedback
    answer opinion idea test testing asdf x xx xxx add above report mention blank skip nope nah idk""".split()
)


def says_nothing(text: str) -> bool:
    """Whether a comment is an answer without content: no letter and no face, or a few words of which none carries meaning and
    which do not complain."""
    plain = readable(text)
    said = tokens(plain)
    if not any(c.isalpha() for c in plain):
        return bool(text.strip()) and not (HAPPY.search(text) or UNHAPPY.search(text) or _drawn(plain))
    if len(said) > LONGEST or not all(w in EDGES or w in ANSWERS or w == NOTHING or not w.isalpha() for w in said):
        return False
    if NOTHING in said:  # it is no complaint by itself
        return all(lexical_score(w) == 0 for w in said if w != NOTHING)
    return lexical_score(plain) >= 0


def _drawn(plain: str) -> bool:
    """Whether there is any character beyond punctuation and digits, such as an emoji."""
    return any(ord(c) > 0x2190 for c in plain)

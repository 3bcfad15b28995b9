"""The two ways to spell English, as one: "customised" and "customized", "centre" and "center", "cancelled" and "canceled".

Words are brought to the American form to be compared; what is shown is never changed."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import TypeVar

OUR = (
    "arm|behavi|cand|clam|col|endeav|fav|ferv|flav|glam|harb|hon|hum|lab|neighb|od|parl|ranc|rig|rum|sav|splend|tum|val|vap|vig"
)
"""Stems whose -or is -our in British English; others ("error", "vendor") are spelt alike."""
RE = "calib|cent|fib|lit|lust|meag|met|mit|och|sab|scept|sepulch|somb|spect|theat"
"""Stems whose -er is -re in British English."""
LOGUE = "analog|catalog|dialog|epilog|homolog|monolog|prolog"
"""Words that go on with -ue in British English."""
DOUBLED = (
    "bevel|cancel|channel|chisel|counsel|dial|duel|enamel|equal|fuel|funnel|initial|label|level|libel|marshal|model|panel|parcel|pedal|pencil|quarrel|"
    "refuel|relabel|remodel|rival|shovel|signal|spiral|stencil|swivel|total|towel|travel|tunnel|unravel"
)  # fmt: skip
"""Verbs whose l is doubled before an ending in British English."""
APART = {
    "programme": "program", "programmes": "programs", "grey": "gray", "licence": "license", "licences": "licenses", "defence": "defense", "ageing": "aging",
    "judgement": "judgment", "acknowledgement": "acknowledgment", "aluminium": "aluminum", "analyse": "analyze", "analysed": "analyzed",
    "analysing": "analyzing", "fulfil": "fulfill", "fulfils": "fulfills", "fulfilment": "fulfillment", "enrol": "enroll", "enrolment": "enrollment",
    "instalment": "installment", "instalments": "installments", "centred": "centered", "jewellery": "jewelry",
}  # fmt: skip
"""Words by themselves."""
ALWAYS_S = frozenset(
    """advert adv appr chem circumc compr comprom conc dem dev enterpr exc exerc expert franch impr improv merchand parad prec prem prom rev superv
    surm surpr telev treat underpr""".split()
)
"""Stems that go on with -ise in both ("promise", "supervise"); so do those that end in a vowel ("praise") and in w ("otherwise")."""
ISE = re.compile(r"([a-z]{2,}[a-z])is(e|es|ed|er|ers|ing|ation|ations)")
PATTERNS = (
    (re.compile(rf"({OUR})our(s|ed|ing|al|able|ably|ite|ites|er|ers|hood|ful|less)?"), r"\1or\2"),
    (re.compile(rf"((?:kilo|centi|milli)?(?:{RE}))re(s?)"), r"\1er\2"),
    (re.compile(rf"({LOGUE})ue(s|d)?"), r"\1\2"),
    (re.compile(rf"({DOUBLED})l(ed|ing|er|ers|ings)"), r"\1\2"),
)
BACK = {v: k for k, v in APART.items()}
TURNED = (
    (re.compile(r"iz(?=e|ing|ation)"), "is"),
    (re.compile(r"or(?=$|s$|ed$|ing$|al$|able$|ably$|ite$|ites$|er$|ers$|hood$|ful$|less$)"), "our"),
    (re.compile(r"er(s?)$"), r"re\1"),
    (re.compile(r"log(s|d)?$"), r"logue\1"),
    (re.compile(r"l(ed|ing|er|ers|ings)$"), r"ll\1"),
)
"""How an American form may come to its British one, which it is the American one of."""
Meaning = TypeVar("Meaning")


@lru_cache(maxsize=8192)
def american(word: str) -> str:
    """The word in its American form; one that has none of its own as it is. Each part of a compound for itself."""
    if "-" in word:
        return "-".join(american(part) for part in word.split("-"))
    if word in APART:
        return APART[word]
    found = ISE.fullmatch(word)
    if found is not None:
        stem = found[1]
        return word if stem in ALWAYS_S or stem[-1] in "aouw" else f"{stem}iz{found[2]}"
    return next((m.expand(put) for pattern, put in PATTERNS if (m := pattern.fullmatch(word)) is not None), word)


@lru_cache(maxsize=8192)
def british(word: str) -> str:
    """The word in its British form; one that has none of its own as it is."""
    if "-" in word:
        return "-".join(british(part) for part in word.split("-"))
    made = (pattern.sub(put, word) for pattern, put in TURNED)
    return BACK.get(word) or next((b for b in made if b != word and american(b) == word), word)


def spellings(phrase: str) -> tuple[str, ...]:
    """The phrase as it is, and all of it in either spelling."""
    words = phrase.split(" ")
    return tuple(dict.fromkeys((phrase, " ".join(map(american, words)), " ".join(map(british, words)))))


def both(phrases: Iterable[str]) -> Iterator[str]:
    """Words or phrases, each in the other spelling too."""
    return (said for phrase in phrases for said in spellings(phrase))


def in_both(meanings: Mapping[str, Meaning]) -> dict[str, Meaning]:
    """What phrases mean, also in the other spelling, as far as that means nothing else."""
    return {said: meaning for phrase, meaning in meanings.items() for said in spellings(phrase)} | dict(meanings)


def known_as(word: str, known: Collection[str]) -> str:
    """The word, or where it is not known its other spelling if that is."""
    return word if word in known else next((w for w in (american(word), british(word)) if w in known), word)

"""Wordings for a name, read from how a clause hangs together: a noun with what qualifies it ("faded label"), or subject, predicate and
complement ("driver left it at the wrong dock"), whole, with its denial, without who says it, how many and for how long."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from nlp.frames import DENIALS, NOMINAL, SUBJECTS, SUPPOSES, units
from nlp.terms import function
from nlp.text import Token

LONGEST, PAIR = 7, 2
QUALIFIES = frozenset({"amod", "compound", "nmod", "neg"})
COMPLEMENTS = frozenset({"dobj", "oprd", "acomp", "attr", "prt", "dative"})
MEASURES = frozenset({"too", "enough", "so", "not", "never", "no", "hardly", "barely", "well", "badly", "poorly", "easily", "quickly",
                      "twice", "great", "good", "fine", "right", "back", "out", "away", "far", "long", "fast"})  # fmt: skip
PEOPLE = frozenset({"nobody", "noone", "nothing", "none"})
ASKS = frozenset({"who", "whom", "whose", "which", "what", "where", "how", "when"})
VAGUE = frozenset({"other", "same", "such", "own", "many", "much", "few", "several", "first", "second", "third", "last", "next", "more", "most", "certain", "whole", "entire", "only", "least", "various"})  # fmt: skip
PARTS = frozenset(
    {
        "to",
        "worth",
        "like",
        "of",
        "in",
        "on",
        "at",
        "for",
        "with",
        "from",
        "by",
        "without",
        "about",
        "into",
        "under",
        "after",
        "before",
    }
)
CUT = PARTS - {"in", "on"}
POINTS = frozenset({"it", "them", "this", "that", "these", "those", "one", "ones", "me", "us", "you", "him", "her", "i", "we", "they", "he", "she", "u", "myself", "itself"})  # fmt: skip
EMPTY = frozenset({"thing", "things", "lot", "lots", "bit", "way", "kind", "sort", "couple", "time", "times", "guys", "guy", "day", "days",
                   "week", "weeks", "hour", "hours", "minute", "minutes", "month", "months", "year", "years", "min", "mins", "hr", "hrs", "second", "today", "yesterday", "tomorrow"})  # fmt: skip
TAKES_ING = frozenset("keep start stop begin continue try avoid mind like love hate enjoy".split())
HELPS = frozenset({"aux", "auxpass"})
INNER = frozenset({"xcomp", "pcomp", "csubj", "acl", "amod", "compound"})
"""Relations of a verb that says nothing by itself: it is part of what another says."""
TOGETHER = re.compile(r" (n['’]?t\b|['’]s\b)")
COPULA = frozenset({"be", "'s", "’s", "'re", "'m"})


@dataclass(frozen=True)
class Wording:
    """A wording, and whether it only says what something is about ("dock instructions") and nothing of it."""

    text: str
    topic: bool


def wordings(parse: Sequence[Token]) -> list[Wording]:
    """The wordings of a clause, each once, in lower case; none of what is asked, supposed or cut."""
    found: dict[str, bool] = {}
    for unit in units(parse):
        reader = _Reader(unit)
        for told, topic in (*((t, False) for t in reader.statements()), *reader.nouns()):
            words = told.lower().split()
            if stands(words):
                found.setdefault(" ".join(words), topic)
    return [Wording(text, topic) for text, topic in found.items()]


def stands(words: list[str]) -> bool:
    """Whether it is short, has no figure, and says something."""
    if (
        not words
        or len(words) > LONGEST
        or (len(words) <= PAIR and words[-1] in POINTS)
        or any(not all(c.isalpha() or c in "-'’" for c in w) for w in words)
    ):
        return False
    return any(not function(w) and w not in EMPTY for w in words) and words[-1] not in CUT | EMPTY and words[0] not in ASKS


def _tells(adverb: Token) -> bool:
    """Whether an adverb says how ("fits perfectly"), not when or with what stance."""
    return adverb.lemma in MEASURES or adverb.lemma in DENIALS or not function(adverb.text.lower())


class _Reader:
    """Reads one statement."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self.tokens = tokens
        self.below: dict[int, list[int]] = {}
        for i, t in enumerate(tokens):
            if t.head != i:
                self.below.setdefault(t.head, []).append(i)

    def of(self, at: int, *relations: str) -> list[int]:
        return [i for i in self.below.get(at, ()) if self.tokens[i].relation in relations]

    def text(self, rows: Sequence[int]) -> str:
        """The words in their order, what is written together together ("don't")."""
        return TOGETHER.sub(r"\1", " ".join(self.tokens[i].text for i in sorted(set(rows))))

    def nouns(self) -> list[tuple[str, bool]]:
        """Nouns with what qualifies them, also with what they are "of"; whether they are topics."""
        found = []
        for i, t in enumerate(self.tokens):
            if t.pos in NOMINAL and t.relation != "compound":
                alone = self.noun(i)
                topic = all(self.tokens[j].pos in NOMINAL for j in alone)
                found.append((self.text(alone), topic))
                if not self.within(i):
                    found += [(self.text([*alone, *more]), topic) for more in self.parts(i)]
        return found

    def within(self, at: int) -> bool:
        """Whether a noun is part of what a verb says by a preposition ("in love with it")."""
        over = self.tokens[at].head
        return self.tokens[at].relation == "pobj" and self.tokens[self.tokens[over].head].pos in {"VERB", "AUX"}

    def noun(self, at: int) -> list[int]:
        """A noun and what stands before it that qualifies it, without article, owner and number."""
        rows = [at]
        for i in self.of(at, *QUALIFIES):
            t = self.tokens[i]
            if i < at and t.pos != "NUM" and t.lemma not in VAGUE | EMPTY | POINTS:
                rows += [i, *self.of(i, "compound", "amod")]
                rows += [j for j in self.of(i, "advmod") if self.tokens[j].lemma in MEASURES]
        rows += [i for i in self.of(at, "det", "nummod") if self.tokens[i].lemma in {"no", "one"} and i < at]
        return rows

    def parts(self, at: int) -> list[list[int]]:
        """What hangs on a word by a preposition, whole: the preposition, and the noun with its article."""
        found = []
        for i in self.of(at, "prep"):
            if self.tokens[i].lemma in PARTS:
                named = [j for j in self.of(i, "pobj") if self.tokens[j].pos in NOMINAL and not self.timed(j)]
                found += [[i, *self.whole(j)] for j in named]
        return found

    def timed(self, at: int) -> bool:
        """Whether a noun is a date, a time or a number."""
        return self.tokens[at].lemma in EMPTY or any(c.isdigit() for c in self.tokens[at].text)

    def whole(self, at: int) -> list[int]:
        """A noun with its article and owner, as it stands within a sentence."""
        return [*self.noun(at), *(i for i in self.of(at, "det", "poss") if i < at)]

    def statements(self) -> list[str]:
        """What is said of what: subject (unless it is only pointed at), denial, predicate, complement."""
        found = []
        for i, t in enumerate(self.tokens):
            if t.pos in {"VERB", "AUX"} and t.relation not in HELPS | INNER and not self.asked(i):
                found += self.statement(i)
        return found

    def asked(self, verb: int) -> bool:
        own = [self.tokens[i] for i in self.below.get(verb, ())]
        return any((t.lemma in SUPPOSES and t.relation == "mark") or t.lemma in ASKS for t in own)

    def statement(self, verb: int) -> list[str]:
        subject = self.subject(verb)
        said = self.predicate(verb)
        if said is None:
            return []
        if self.tokens[verb].lemma in COPULA:
            return self.being(verb, subject, said)
        if len(said) == 1 and not subject:
            return []
        return [self.text([*subject, *said])]

    def subject(self, verb: int) -> list[int]:
        """The subject's words; none where it is a pronoun that points at somebody."""
        for i in self.of(verb, *SUBJECTS):
            t = self.tokens[i]
            if t.pos in NOMINAL and t.lemma not in POINTS and not self.timed(i):
                return self.noun(i)
            if t.lemma in PEOPLE:
                return [i]
            no_one = self.of(i, "det", "neg")
            if t.lemma == "one" and any(self.tokens[j].lemma == "no" for j in no_one):
                return [*no_one, i]
        return []

    def predicate(self, verb: int) -> list[int] | None:
        """A verb with its denial, particle and complements, each whole; None where one is missing or too long to be said."""
        tokens, rows = self.tokens, [verb]
        denied = self.of(verb, "neg")
        if denied:
            rows += denied + [i for i in self.of(verb, *HELPS) if i < verb]
        for i in self.below.get(verb, ()):
            t = tokens[i]
            if t.relation in {"ccomp", "pcomp", "expl"} or (t.relation == "xcomp" and self.of(i, "ccomp")):
                return None
            if t.relation == "xcomp":
                inner = self.predicate(i)
                if inner is None or (t.text.lower().endswith("ing") and tokens[verb].lemma not in TAKES_ING):
                    return None
                rows += [*inner, *self.of(i, "aux")]
            elif t.relation in COMPLEMENTS:
                rows += self.complement(i)
            elif t.relation == "advmod" and (i > verb or t.lemma in DENIALS) and _tells(t):
                rows += [i, *(j for j in self.of(i, "advmod") if tokens[j].lemma in MEASURES)]
            elif t.relation == "agent" and self.of(i, "pobj"):
                rows += [i, *self.whole(self.of(i, "pobj")[0])]
        linked = self.parts(verb)
        if linked:
            rows += linked[0]
        return rows

    def complement(self, at: int) -> list[int]:
        """What a verb is done to, or what something is: a noun whole, an adjective with its measure and what it is of."""
        t = self.tokens[at]
        if t.pos in NOMINAL:
            return self.whole(at)
        rows = [at, *(i for i in self.of(at, "advmod", "neg") if self.tokens[i].lemma in MEASURES)]
        rows += [i for i in self.of(at, "npadvmod", "compound") if i == at - 1 and not self.timed(i)]  # "user friendly"
        for i in self.of(at, "xcomp"):
            inner = self.predicate(i)
            rows += [*(inner or []), *(self.of(i, "aux") if inner else [])]
        return rows + [k for more in self.parts(at)[:1] for k in more]

    def being(self, verb: int, subject: list[int], said: list[int]) -> list[str]:
        """Of what something is: "thin fabric", "sleeves too long", "not worth the price"; "no reply" where there is none."""
        plain = [i for i in said if i != verb and i not in self.of(verb, *HELPS)]
        is_a = self.of(verb, "attr")
        if any(self.tokens[i].lemma == "there" for i in self.below.get(verb, ())):
            return [self.text([*self.noun(i)]) for i in is_a] if not self.of(verb, "neg") else []
        adjectives = self.of(verb, "acomp")
        if len(plain) == 1 and adjectives == plain and subject:
            return [f"{self.tokens[plain[0]].text} {self.text(subject)}", f"{self.text(subject)} {self.tokens[plain[0]].text}"]
        if is_a and not subject:
            return [] if self.of(verb, "neg") else [self.text(told) for i in is_a if len(told := self.noun(i)) > 1]
        return [f"{self.text(subject)} {self.text(plain)}".strip()] if plain and not is_a else []

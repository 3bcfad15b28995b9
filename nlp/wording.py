"""Wordings for a name, read from how a clause hangs together: a noun with what qualifies it ("faded label"), or subject, predicate and
complement ("driver left it at the wrong dock"), whole, with its denial, without who says it, how many and for how long."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from nlp.frames import DENIALS, GUESSED, MODAL, NOMINAL, SUBJECTS, SUPPOSES, TOLD, units
from nlp.neutral import HOLE
from nlp.terms import function
from nlp.text import Token

LONGEST, PAIR = 7, 2
QUALIFIES = frozenset({"amod", "compound", "nmod", "neg"})
COMPLEMENTS = frozenset({"dobj", "oprd", "acomp", "attr", "prt", "dative"})
MEASURES = frozenset({"too", "enough", "so", "not", "never", "no", "hardly", "barely", "well", "badly", "poorly", "easily", "quickly",
                      "twice", "else", "more", "less", "most", "great", "good", "fine", "right", "back", "out", "away", "far", "long", "fast"})  # fmt: skip
PEOPLE = frozenset({"nobody", "noone", "nothing", "none"})
ASKS = frozenset({"who", "whom", "whose", "which", "what", "where", "how", "when"})
VAGUE = frozenset({"other", "same", "such", "own", "many", "much", "few", "several", "first", "second", "third", "last", "next", "more", "most", "certain", "whole", "entire", "only", "least", "various"})  # fmt: skip
COUNTS = frozenset("a an the this these those two three some any all each every my our your their".split())
PARTS = frozenset(
    "to worth like of in on at for with from by without about into under after before within through over against onto off near behind".split()
)
CUT = PARTS - {"in", "on"} | {"than", "as", "and", "or", "but", "least"}
POINTS = frozenset({"it", "them", "this", "that", "these", "those", "one", "ones", "me", "us", "you", "him", "her", "i", "we", "they", "he", "she", "u", "myself", "itself"})  # fmt: skip
SPANS = frozenset("time day week hour minute month year min hr second".split())
EMPTY = frozenset("thing things lot lots bit way kind sort couple guys guy today yesterday tomorrow mins".split()) | {
    s + end for s in SPANS for end in ("", "s")
}
TAKES_ING = frozenset("keep start stop begin continue try avoid mind like love hate enjoy".split())
HELPS = frozenset({"aux", "auxpass"})
NEEDED = frozenset({"neg", "prt", "compound", "xcomp", "ccomp", "pcomp", "pobj", *COMPLEMENTS})
"""Relations of words without which the word that they hang on is cut."""
OPEN = frozenset({"ADP", "DET", "CCONJ", "SCONJ", "AUX", "PART"})
"""Parts of speech after which something must follow."""
INNER = frozenset({"xcomp", "pcomp", "csubj", "acl", "relcl", "amod", "compound"})
"""Relations of a verb that says nothing by itself: it is part of what another says."""
PASSES = TOLD | GUESSED | frozenset("know see notice find seem appear feel mean show".split())
"""Verbs of which what is said to be so is said by itself, too."""
ONLY_TO_BE = frozenset("will would should must might may".split())
CAUSES = frozenset("make let have help".split())
PREDICATIVE = frozenset("asleep awake alone alive afraid aware ready able unable sure glad due content ill well away".split())
"""Adjectives that do not stand before a noun."""
QUOTES = frozenset("\"'“”‘’")
TOGETHER = re.compile(r" (n['’]?t\b|['’]s\b)|(?<=\bcan) (?=not\b)")
COPULA = frozenset({"be", "'s", "’s", "'re", "'m"})


@dataclass(frozen=True)
class Wording:
    """A wording; whether it only says what something is about ("dock instructions") and nothing of it; and whether it is all that is said: a
    statement, or a noun of which nothing else is said."""

    text: str
    topic: bool
    alone: bool = True


def wordings(parse: Sequence[Token]) -> list[Wording]:
    """The wordings of a clause, each once, in lower case; none of what is asked, supposed or cut."""
    found: dict[str, Wording] = {}
    for unit in units(parse):
        reader = _Reader(unit)
        for told in (*(Wording(t, False) for t in reader.statements()), *reader.nouns()):
            words = told.text.lower().split()
            if stands(words):
                found.setdefault(" ".join(words), replace(told, text=" ".join(words)))
    return list(found.values())


def as_said(words: Sequence[str], parse: Sequence[Token]) -> Wording | None:
    """A run of words as a wording, where a clause has it in one piece that hangs together and lacks nothing; None elsewhere."""
    low = [t.text.lower() for t in parse]
    for start in (i for i in range(len(low) - len(words) + 1) if low[i] == words[0] and low[i : i + len(words)] == list(words)):
        run = range(start, start + len(words))
        tops = [i for i in run if parse[i].head not in run or parse[i].head == i]
        top = parse[tops[0]]
        denied = any(parse[i].relation == "neg" for i in run)
        lacks = any(
            t.relation in NEEDED or (t.relation in HELPS and denied) or (t.relation == "prep" and i == run.stop and top.pos not in NOMINAL)
            for i, t in enumerate(parse) if i not in run and t.head in run
        )  # fmt: skip
        if len(tops) == 1 and not lacks and parse[run[-1]].pos not in OPEN and top.relation not in {"pobj", *QUALIFIES}:
            named = all(parse[i].pos in NOMINAL for i in run if not function(low[i]))
            return Wording(" ".join(words), named, top.pos not in NOMINAL or top.head == tops[0])
    return None


def stands(words: list[str]) -> bool:
    """Whether it is short, has no figure and no hole, and says something."""
    if (
        not words
        or len(words) > LONGEST
        or HOLE.lower() in words
        or (len(words) <= PAIR and words[-1] in POINTS)
        or any(not (w[0].isalpha() and w[-1].isalpha() and all(c.isalpha() or c in "-'’" for c in w)) for w in words)
        or words[-1] in CUT
        or words[0] in ASKS | EMPTY | {"than"}
        or any(len(w) == 1 and w not in {"a", "i"} for w in words)
    ):
        return False
    return any(not function(w) and w not in EMPTY for w in words) and (words[-1] not in EMPTY or _long(words))


def _long(words: list[str]) -> bool:
    """Whether words that end in a span of time tell something by it: "waited for weeks", "waiting times", not "last week"."""
    *_, before, last = words if len(words) > 1 else ("", *words)
    if last in {"time", "times"}:
        return not function(before) and before not in VAGUE
    return last.endswith("s") and last[:-1] in SPANS and len(words) > PAIR and before not in VAGUE | COUNTS


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

    def under(self, at: int) -> list[int]:
        """A word and all that hangs on it."""
        return [at, *(j for i in self.below.get(at, ()) for j in self.under(i))]

    def text(self, rows: Sequence[int]) -> str:
        """The words in their order, what is written together together ("don't"); "" where words that matter are left out between them."""
        own = sorted(set(rows))
        if not own or any(self.leaps(i) for i in range(own[0], own[-1]) if i not in rows):
            return ""
        return TOGETHER.sub(r"\1", " ".join(self.tokens[i].text for i in own))

    def leaps(self, at: int) -> bool:
        """Whether a wording cannot leave out this word: one that matters, or a pause."""
        t = self.tokens[at]
        return t.text not in QUOTES if t.pos == "PUNCT" else not function(t.text.lower())

    def nouns(self) -> list[Wording]:
        """Nouns with what qualifies them, also with what hangs on them; none within what a preposition says of something else."""
        found = []
        for i, t in enumerate(self.tokens):
            if t.pos in NOMINAL and t.relation not in QUALIFIES | {"pobj"}:
                own = [*self.noun(i), *self.of_what(i)]
                topic = all(self.tokens[j].pos in NOMINAL for j in self.noun(i))
                found += [Wording(self.text([*own, *more]), topic, t.head == i) for more in ([], *self.parts(i))]
                found += [Wording(self.text([*own, *more]), False) for more in self.told(i)]
        return found

    def told(self, at: int) -> list[list[int]]:
        """What a clause within a noun says of it: "order approved within minutes", "surcharge nobody had mentioned"."""
        done = [j for j in self.of(at, "acl") if j > at and not self.tokens[j].text.lower().endswith("ing")]
        return [
            *(self.predicate(j) or [] for j in done if not self.of(j, "aux")),
            *(self.under(j) for j in self.of(at, "relcl")),
        ]

    def noun(self, at: int) -> list[int]:
        """A noun and what stands before it that qualifies it, without article, owner and number."""
        rows = [at]
        for i in self.of(at, *QUALIFIES):
            t = self.tokens[i]
            vague = t.lemma in POINTS or (t.relation != "compound" and t.lemma in VAGUE | EMPTY)
            if i < at and t.pos != "NUM" and not vague:
                rows += [i, *self.of(i, "compound", "amod")]
                rows += [j for j in self.of(i, "advmod") if self.tokens[j].lemma in MEASURES]
        spans = any(self.tokens[i].lemma in SPANS for i in rows if i != at)  # "two hour delay" without its number is cut
        numbers = [j for i in rows for j in self.of(i, "nummod")] if spans else []
        return rows + numbers + [i for i in self.of(at, "det", "nummod") if self.tokens[i].lemma in {"no", "one"} and i < at]

    def parts(self, at: int) -> list[list[int]]:
        """What hangs on a word by a preposition, whole: the preposition, and the noun with its article."""
        found = []
        for i in self.of(at, "prep"):
            if self.tokens[i].lemma in PARTS:
                named = [j for j in self.of(i, "pobj") if self.tokens[j].pos in NOMINAL and not self.timed(j)]
                found += [[i, *self.whole(j), *self.until(i, j)] for j in named]
        return found

    def until(self, start: int, at: int) -> list[int]:
        """What follows "from start": "to finish"."""
        ends = [
            i
            for a in (start, at, self.tokens[start].head)
            for i in self.of(a, "prep")
            if self.tokens[i].lemma == "to" and i > at
        ]
        return self.under(ends[0]) if ends and self.tokens[start].lemma == "from" else []

    def timed(self, at: int) -> bool:
        """Whether a noun is a date, a number or a span of time that does not tell anything ("last week", but "within minutes")."""
        t, own = self.tokens[at], self.below.get(at, ())
        if any(c.isdigit() for c in t.text):
            return True
        if t.lemma == "time" and any(self.tokens[i].text.lower() not in VAGUE and self.leaps(i) for i in own):
            return False
        return t.lemma in EMPTY and not (t.lemma in SPANS and t.text.endswith("s") and not own)

    def whole(self, at: int) -> list[int]:
        """A noun with its article and owner and what it is "of", as it stands within a sentence; of a span of time also how many."""
        if self.tokens[at].lemma in SPANS:
            return self.under(at)
        return [*self.noun(at), *(i for i in self.of(at, "det", "poss") if i < at), *self.of_what(at)]

    def of_what(self, at: int) -> list[int]:
        """What a noun is "of": "part of the order"."""
        return [
            k
            for i in self.of(at, "prep")
            if self.tokens[i].lemma == "of"
            for j in self.of(i, "pobj")
            for k in [i, *self.whole(j)]
        ]

    def statements(self) -> list[str]:
        """What is said of what: subject (unless it is only pointed at), denial, predicate, complement."""
        found = []
        for i, t in enumerate(self.tokens):
            if t.pos in {"VERB", "AUX"} and t.relation not in HELPS | INNER and not self.asked(i) and not self.kept(i):
                found += self.statement(i)
            elif t.pos == "ADJ" and t.head == i and not self.of(i, *SUBJECTS):
                found.append(self.text([*self.complement(i), *self.compared([i])]))  # "hard to reach anyone"
        return found

    def asked(self, verb: int) -> bool:
        own = [self.tokens[i] for i in self.below.get(verb, ())]
        return any((t.lemma in SUPPOSES and t.relation == "mark") or t.lemma in ASKS for t in own)

    def kept(self, verb: int) -> bool:
        """Whether what a verb says holds only with what is over it: "nobody made me repeat it"."""
        over = self.tokens[verb].head
        if self.tokens[verb].relation != "ccomp" or over == verb:
            return False
        denied = self.of(over, "neg") or any(self.tokens[i].lemma in PEOPLE for i in self.of(over, *SUBJECTS))
        return bool(denied) or (verb > over and self.tokens[over].lemma not in PASSES)

    def statement(self, verb: int) -> list[str]:
        subject = self.subject(verb)
        said = self.predicate(verb)
        if said is None:
            return []
        if self.tokens[verb].lemma in COPULA:
            return self.being(verb, subject, said)
        if len(said) == 1 and (not subject or self.goes_on(verb)):
            return []
        return [self.text([*(subject or self.modal(verb)), *said])]

    def modal(self, verb: int) -> list[int]:
        """The auxiliary of what is only to be, not asked for: "will answer later"."""
        who = self.of(verb, *SUBJECTS)
        told = [i for i in self.of(verb, "aux") if self.tokens[i].lemma in ONLY_TO_BE and not any(j > i for j in who)]
        return told if self.tokens[-1].text != "?" else []

    def goes_on(self, verb: int) -> bool:
        """Whether a bare verb is cut without what follows ("the truck came when it should")."""
        after = [i for i in self.of(verb, "prep", "advcl") if i > verb]
        return any(self.tokens[i].relation == "advcl" or not any(map(self.timed, self.of(i, "pobj"))) for i in after)

    def subject(self, verb: int) -> list[int]:
        """The subject's words; none where it is a pronoun that points at somebody."""
        for i in self.of(verb, *SUBJECTS):
            t = self.tokens[i]
            if t.pos in NOMINAL and t.lemma not in POINTS and not self.timed(i):
                return [*self.noun(i), *self.of_what(i)]
            if t.lemma in PEOPLE:
                return [i]
            no_one = self.of(i, "det", "neg")
            if t.lemma == "one" and any(self.tokens[j].lemma == "no" for j in no_one):
                return [*no_one, i]
        return []

    def predicate(self, verb: int) -> list[int] | None:
        """A verb with its denial, particle and complements, each whole; None where one is missing or too long to be said."""
        tokens, rows = self.tokens, [verb, *self.denial(verb)]
        for i in self.below.get(verb, ()):
            t = tokens[i]
            if t.relation == "ccomp" and i > verb and tokens[verb].lemma in CAUSES:
                rows += self.under(i)
            elif (
                t.relation in {"ccomp", "pcomp", "expl"}
                or (t.relation == "xcomp" and self.of(i, "ccomp"))
                or (t.relation == "dobj" and i < verb)
            ):
                return None
            elif t.relation == "xcomp":
                inner = self.predicate(i)
                if inner is None or (t.text.lower().endswith("ing") and tokens[verb].lemma not in TAKES_ING):
                    return None
                rows += [*inner, *self.of(i, *HELPS)]
            elif t.relation in COMPLEMENTS:
                rows += self.complement(i)
            elif t.relation == "advmod" and (i > verb or t.lemma in DENIALS) and _tells(t):
                rows += [i, *(j for j in self.of(i, "advmod") if tokens[j].lemma in MEASURES)]
            elif t.relation == "agent" and self.of(i, "pobj"):
                rows += [i, *self.whole(self.of(i, "pobj")[0])]
        rows += (self.parts(verb) or [[]])[0]
        return [*rows, *self.compared(rows)]

    def denial(self, verb: int) -> list[int]:
        """The words that deny a verb, with its auxiliaries where it needs them ("does not start", but "never entered")."""
        denied = self.of(verb, "neg")
        loose = self.of(verb, "auxpass") and all(self.tokens[i].text.lower() in DENIALS for i in denied)
        return [*denied, *([] if loose or not denied else [i for i in self.of(verb, *HELPS) if i < verb])]

    def compared(self, rows: Sequence[int]) -> list[int]:
        """What something is held against, whole: "later than promised"."""
        for i, t in enumerate(self.tokens):
            top = i if t.head in rows else t.head
            if t.text.lower() == "than" and i not in rows and self.tokens[top].head in rows:
                return self.under(top)
        return []

    def complement(self, at: int) -> list[int]:
        """What a verb is done to, or what something is: a noun whole, an adjective with its measure and what it is of."""
        t = self.tokens[at]
        if t.pos in NOMINAL:
            return self.whole(at)
        rows = [at, *(i for i in self.of(at, "advmod", "neg") if self.tokens[i].lemma in MEASURES)]
        rows += [i for i in self.of(at, "npadvmod", "compound") if i == at - 1 and not self.timed(i)]  # "user friendly"
        for i in self.of(at, "xcomp"):
            inner = self.predicate(i)
            rows += [*(inner or []), *(self.of(i, *HELPS) if inner else [])]
        return rows + [k for more in self.parts(at)[:1] for k in more]

    def being(self, verb: int, subject: list[int], said: list[int]) -> list[str]:
        """Of what something is: "thin fabric", "sleeves too long", "not worth the price"; "no reply" where there is none."""
        plain, who = [i for i in said if i != verb and i not in self.of(verb, *HELPS)], self.text(subject)
        is_a = self.of(verb, "attr")
        if any(self.tokens[i].lemma == "there" for i in self.below.get(verb, ())):
            return [self.text([*self.noun(i)]) for i in is_a] if not self.of(verb, "neg") else []
        adjectives = self.of(verb, "acomp")
        if self.of(verb, "neg") and any(self.tokens[i].lemma in MODAL for i in self.of(verb, "aux")):
            return [self.text([*subject, *said])]  # "could not have been easier" is no "not easier"
        if (subject and not who) or (len(plain) == 1 and adjectives == plain and self.of(plain[0], "prep", "ccomp")):
            return []  # "right to the hour", "short with me": cut without what follows
        if len(plain) == 1 and adjectives == plain and subject and self.tokens[plain[0]].lemma not in PREDICATIVE:
            return [f"{self.tokens[plain[0]].text} {who}"]
        if is_a and not subject:
            return [] if self.of(verb, "neg") else [self.text(told) for i in is_a if len(told := self.noun(i)) > 1]
        rest = self.text(plain) if plain and not is_a else ""
        return [f"{who} {rest}".strip()] if rest else []

"""The tagged spans as they are read: neighbours made one, words of grammar left aside, groups that the tagger passed over."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from assistant.reader import conditions, links
from assistant.reader.links import Nearest
from assistant.reader.nouns import stems
from assistant.reader.tagged import Outside, Span, Spans
from assistant.understand import lexicon
from assistant.understand.dates import Calendar
from assistant.understand.entities import Vocabulary
from assistant.understand.tokens import tokenise


@dataclass(frozen=True)
class Workspace:
    """What a question is read against: names, the calendar, what records are near in meaning, choices made before."""

    vocabulary: Vocabulary
    calendar: Calendar
    nearest: Nearest | None = None
    preferred: Mapping[str, str] | None = None
    text: str = ""
    of_number: Callable[[str], Sequence[tuple[str, str]]] | None = None


class ReadQuestion(Spans, Protocol):
    """A tagged question that finds records near its spans; `outside` are the words without a role."""

    @property
    def outside(self) -> Sequence[Outside]: ...

    def nearest(self, text: str, kind: str) -> Sequence[tuple[str, float]]: ...


@dataclass(frozen=True)
class Corrected:
    """A tagged question with other spans, or without a kind that these rule out."""

    base: ReadQuestion
    spans: Sequence[Span]
    without: str = ""

    @property
    def op(self) -> Sequence[tuple[str, float]]:
        kept = [(kind, sure) for kind, sure in self.base.op if kind != self.without]
        whole = sum(sure for _, sure in kept) or 1.0
        return [(kind, round(sure / whole, 4)) for kind, sure in kept] if self.without else self.base.op

    @property
    def outside(self) -> Sequence[Outside]:
        return [o for o in self.base.outside if not any(s.start <= o.start and o.end <= s.end for s in self.spans)]

    def nearest(self, text: str, kind: str) -> Sequence[tuple[str, float]]:
        return self.base.nearest(text, kind)


def with_names(text: str, tagged: ReadQuestion, vocabulary: Vocabulary) -> ReadQuestion:
    """The question with names of several words ("Quick coupler 1/4 in") as the workspace has them, whatever the tagger makes of their
    parts, and those of one word of which it is not sure that they say nothing; one that stands inside a longer span ("who bought Quick
    coupler 1/4 in") is left to that."""
    tokens = tokenise(text)
    spans = list(tagged.spans)
    for match in vocabulary.find(tokens, [True] * len(tokens)) if tokens else ():
        start, end = tokens[match.first].start, tokens[match.last].end
        unsure = any(o.start == start and o.end == end and o.sure < UNSURE for o in tagged.outside)
        if not match.entities or match.entities[0].dimension in LOOSE or (match.last == match.first and not unsure):
            continue
        over = [s for s in spans if s.start < end and start < s.end]
        if any(s.start <= start and end <= s.end and (s.role in "nx" or (s.start, s.end) != (start, end)) for s in over):
            continue
        if any(s.role in "mgkt" and s.start < start for s in over):
            continue  # it would be cut in two
        role = "x" if any(s.role == "x" for s in over) else "n"
        left = [replace(s, start=end, text=text[end : s.end]) for s in over if s.end > end and s.role not in "nx"]
        spans = [s for s in spans if s not in over] + [Span(role, start, end, text[start:end], 1.0)]
        spans += [s for s in left if any(c.isalnum() for c in s.text)]
    spans = _with_the_rest(text, tagged, spans)
    spans.sort(key=lambda s: s.start)
    without = TWO_TIMES if one_time(text, spans) else ""
    return Corrected(tagged, spans, without) if without or spans != list(tagged.spans) else tagged


THE_REST = (
    r"(?:(?:all|the|any|of|our|my)\s+)*(?:(?:every(?:one|body|thing)|all)\s+else|everybody|everyone|(?:the\s+)?rest(?:\s+of\s+(?:the|our|them)\s+\w+)?"
    r"|others?(?:\s+\w+){0,3}|remaining\s+\w+)"
)
"""All that one is set against: "everyone else", "the other warehouses", "the rest of the company"."""
AGAINST_REST = re.compile(rf"\b(?:vs\.?|versus|against|to|with|than|or|and)\s+({THE_REST})(?![\w-])", re.IGNORECASE)


def _with_the_rest(text: str, tagged: ReadQuestion, spans: list[Span]) -> list[Span]:
    """The spans, where one is compared with all others, with these as one name."""
    said = AGAINST_REST.search(text) if tagged.op and tagged.op[0][0].startswith("compare") else None
    if said is None:
        return spans
    start, end = said.start(1), said.start(1) + len(_to_its_noun(said[1]))
    return [*(s for s in spans if s.end <= start or s.start >= end), Span("n", start, end, text[start:end], 1.0)]


def _to_its_noun(rest: str) -> str:
    """ "The other two warehouses on": up to the first noun that is known, else with one word after "other"."""
    words = list(re.finditer(r"\w+", rest))
    other = next((i for i, w in enumerate(words) if w.group().lower() in ("other", "others")), None)
    if other is None:
        return rest
    known = (w for w in words[other + 1 :] if links.only_a_noun(w.group()) or known_group(w.group()))
    last = next(known, words[min(other + 1, len(words) - 1)])
    return rest[: last.end()]


TWO_TIMES = "compare periods"


def one_time(text: str, spans: Sequence[Span]) -> bool:
    """Whether what may look like two times is one that reaches from the first to the second ("q1 to q3 2011")."""
    apart, together = ([s for s in found if s.role in "pq"] for found in (spans, joined(text, spans)))
    return len(apart) > len(together) == 1 and together[0].role == "p"


LOOSE = frozenset(("theme", "reason", "aspect", "label", "contact_channel", "feedback_channel", "party", "stage"))
"""Dimensions whose members are called like ordinary words."""


def groups_missed(kind: str, tagged: Spans) -> list[Span]:
    """Words that name a group, without a role though the question is cut by one: "split over the channels"."""
    if kind not in ("breakdown", "two dimensions", "rank", "threshold on groups") or any(s.role == "g" for s in tagged.spans):
        return []
    weak = [o for o in getattr(tagged, "outside", ()) if o.sure < UNSURE and known_group(o.text)]
    return [Span("g", o.start, o.end, o.text, 1 - o.sure) for o in weak[:1]]


UNSURE = 0.6
"""A word that has no role with less certainty may have one."""


def joined(text: str, spans: Sequence[Span]) -> list[Span]:
    """The spans with neighbours of a role made one ("late" "open orders", "as of" "today"), without those that are words of grammar
    alone or, of conditions, a bare noun."""
    made: list[Span] = []
    for span in spans:
        last = made[-1] if made else None
        both_known = span.role == "g" and last is not None and all(known_group(x.text) for x in (last, span))
        if last is not None and last.role == span.role == "g" and known_attribute(text[last.start : span.end]):
            made[-1] = Span("g", last.start, span.end, text[last.start : span.end], min(last.sure, span.sure))
            continue
        if last is not None and last.role == "p" and span.role in "pq" and UP_TO.search(text[last.start : span.start]):
            made[-1] = Span("p", last.start, span.end, text[last.start : span.end], min(last.sure, span.sure))
            continue
        beside = last is not None and last.role == span.role and not text[last.end : span.start].strip()
        if last is not None and beside and span.role in "cgnpq" and not both_known:
            made[-1] = Span(span.role, last.start, span.end, text[last.start : span.end], min(last.sure, span.sure))
        else:
            made.append(span)
    return _left_out(text, [_with_its_side(text, _whole_noun(text, s), made) for s in made if not _idle(s)])


SIDE = re.compile(r"\b(?:since|until|till|before|after)(?: the)? $", re.IGNORECASE)


COMPARED = re.compile(
    r"\b(?:(?:better|worse|more|less|higher|lower|greater|fewer) than|above|below|over|under|at least|at most|exceed(?:s|ed|ing)?) $",
    re.IGNORECASE,
)


def _with_its_side(text: str, span: Span, spans: Sequence[Span]) -> Span:
    """A time or a limit with the word before it that says on which side of it ("since" "last november", "better than" "90 %"), where
    nothing else has that."""
    side = (
        SIDE.search(text[: span.start])
        if span.role in "pq"
        else COMPARED.search(text[: span.start])
        if span.role == "t"
        else None
    )
    if side is None or any(s.start < span.start and s.end > side.start() for s in spans if s != span):
        return span
    return replace(span, start=side.start(), text=text[side.start() : span.end])


def _whole_noun(text: str, span: Span) -> Span:
    """A measure that stops inside a noun of several words, with the rest of it ("order" "lines")."""
    if span.role not in "mg":
        return span
    before = re.search(r"\b([\w-]+) $", text[: span.start]) if span.role == "g" else None
    if before is not None and known_group(f"{before[1]} {span.text}".lower()):
        return replace(span, start=before.start(), text=text[before.start() : span.end])  # "ship-to" "region"
    following = re.match(r" (\w+)\b", text[span.end :])
    last = span.text.split()[-1] if span.text.split() else ""
    if following is None or not last or not links.noun_of_several(f"{last} {following[1]}"):
        return span
    return replace(span, end=span.end + following.end(), text=text[span.start : span.end + following.end()])


def _left_out(text: str, spans: list[Span]) -> list[Span]:
    """ "Without lubricants and web": a name joined to one that is left out is left out with it."""
    made: list[Span] = []
    for span in spans:
        last = made[-1] if made else None
        if last is not None and last.role == "x" and span.role == "n" and JOINED.fullmatch(text[last.end : span.start]):
            span = replace(span, role="x")  # noqa: PLW2901
        made.append(span)
    return made


JOINED = re.compile(r"\s*(?:,|&|\+|,?\s*\b(?:and|or|nor)\b)\s*(?:the\s+)?", re.IGNORECASE)


UP_TO = re.compile(r"\b(?:to|until|till|through|thru)\s*$|[-–]\s*$", re.IGNORECASE)
"""What a time ends with that reaches to the next one ("Q1 to" "Q3 2026")."""


def known_attribute(text: str) -> bool:
    """Whether words are together what an attribute is called ("month of the year")."""
    return any(not links.left_of(text, p) for p in links.attributes_in(text)) and " of " in text


def known_group(text: str) -> bool:
    said = " ".join(t.text for t in tokenise(text))
    return (
        said in lexicon.dimension_phrases()
        or said.removesuffix("s") in lexicon.dimension_phrases()
        or said in lexicon.GRAIN_WORDS
    )


def _idle(span: Span) -> bool:
    if span.role == "c" and links.attributes_in(span.text):
        return False  # "on time" is a state, whatever its words carry elsewhere
    said = [t.text for t in tokenise(span.text)]
    if span.role in "pqcgnm" and all(w in GRAMMAR for w in said):
        return True
    return span.role == "c" and (bool(links.only_a_noun(span.text)) or says_nothing(said))


def says_nothing(words: Sequence[str]) -> bool:
    """Whether a condition only carries others ("that we made")."""
    return all((stems(w) or (w,))[0] in conditions.EMPTY for w in words)


GRAMMAR = frozenset(
    "in on at of for by to from since over during the a an as that which who we us our they their it its this those these and or with per each w get gets got do does did have has".split()
)

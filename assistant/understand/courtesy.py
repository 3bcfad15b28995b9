"""Greetings, apologies, polite requests and the occasion of a question: said to a person, and no part of what is asked."""

from __future__ import annotations

import re
from collections.abc import Collection

from assistant.understand import phrases
from assistant.understand.reading import Reading

_who = r"(?:you|someone|somebody|anyone|anybody|one of you)"
_boss = r"(?:boss|manager|director|ceo|cfo|coo|vp|lead|team lead|supervisor|management|the board|colleague|client)"
_paper = r"(?:presentation|meeting|report|deck|slides?|slide deck|review|call|email|newsletter|memo|qbr|board pack|board meeting|workshop|update|dashboard|overview)"
_when = r"(?: (?:tomorrow|today|tonight|later|this (?:morning|afternoon|evening|week)|next week|on (?:monday|tuesday|wednesday|thursday|friday)))?"
_tell = r"(?:tell|show|give|giving|telling|showing|send|sending|share|sharing|get|getting|check|checking|pull|pulling|look up|looking up|find|finding|help|helping|explain to)"
FRAMES = tuple(
    re.compile(rf"\b{pattern}\b")
    for pattern in (
        r"(?:hi|hello|hey|dear|good (?:morning|afternoon|evening|day)|morning|greetings)(?: (?:team|all|everyone|everybody|there|folks|guys|colleagues|again|rapport))?(?=$| )",
        r"(?:so )?sorry(?: (?:to (?:bother|disturb|ask)|for (?:bothering|disturbing|asking|the (?:late )?(?:question|request|bother)))(?: you)?(?: again)?)?(?: but)?",
        r"(?:excuse me|apologies|pardon me|my apologies)(?: but)?",
        r"(?:many thanks|thanks(?: (?:a lot|so much|in advance|again))?|thank you(?: (?:very much|so much|in advance))?|cheers|much appreciated|appreciate it|ta)",
        rf"(?:would|do) you (?:kindly )?mind {_tell}(?: (?:me|us))?(?: (?:up|out|with))?",
        rf"(?:can|could|would|will) {_who} (?:please |kindly |possibly |quickly )?{_tell}(?: (?:me|us))?(?: (?:up|out|with))?",
        rf"(?:i am |i was )?(?:just )?wondering (?:if|whether)(?: {_who} (?:can|could|might))?(?: {_tell}(?: (?:me|us))?(?: up)?)?",
        r"(?:do|would) you (?:happen to )?know(?: by any chance)?(?: (?:if|whether))?",
        r"(?:do you have|is there|have you got|got) any idea(?: of)?|any idea|any chance(?: (?:you (?:know|have|can tell me)|of getting|i can get))?",
        r"(?:i would|i will|i) (?:like|love|need|want)(?: to (?:know|see|have|understand|get|find out|hear|learn|check|ask))?(?: (?:if|whether))?",
        r"if (?:possible|you (?:can|could|have (?:it|time|a (?:second|minute|moment)))|it is not too much trouble|that is ok)",
        r"when you (?:get|have) (?:a (?:chance|minute|moment|second)|time)|as soon as possible|asap|by any chance|at your convenience",
        rf"(?:my|our|the|a) {_boss} (?:is asking|are asking|asks|asked|wants|wanted|needs|would like|is wondering|keeps asking)(?: (?:me|us|for))*(?: to (?:know|see|have))?(?: (?:about|for|if|whether))?",
        rf"(?:for|in|before) (?:my|our|tomorrow|today) (?:\w+ )?{_paper}{_when}(?! (?:with|at|about|on|of|from|for|channel))",
        rf"(?:for|in) (?:the|a|an) (?:\w+ )?(?:presentation|deck|slide deck|board meeting|board pack|newsletter|memo){_when}",
        rf"i am (?:just )?(?:putting together|preparing|working on|writing|building|making|drafting|finishing)(?: up)? (?:a|an|the|my|our|some) (?:[\w-]+ )?{_paper}{_when}(?: (?:and|so))?(?: i)?(?: (?:need|want|would like))?",
        r"(?:just )?(?:a )?quick (?:one|question|check|ask)|(?:just )?curious|out of (?:interest|curiosity)|for (?:context|reference|my information)|fyi|just checking|one more(?: thing)?(?= |$)|another (?:one|question)",
        r"(?:i was|i have been|we were|someone was|people are) asked(?: (?:to find out|about|for))?",
        r"let (?:me|us) know|tell me(?: please)?|talk to me about|remind me(?: (?:of|about))?|walk me through|take me through",
        r"(?:it )?(?:would|will) be (?:great|good|nice|helpful|interesting)(?: (?:to know|to see|if you could tell me|to have))?",
    )
)
"""Whole phrases only: a word of one of them that stands elsewhere ("revenue if …") is still read, or named as not understood."""
WORDS = frozenset(
    """sorry bother disturb bothering disturbing excuse apologies pardon morning afternoon evening greetings everyone everybody folks colleagues cheers
    appreciated appreciate mind giving telling showing sharing someone somebody anyone wondering whether happen chance idea possible trouble asap
    convenience boss manager director supervisor management colleague asking presentation deck slides slide newsletter memo workshop putting together
    preparing drafting curious curiosity context reference remind great nice helpful""".split()
)
"""Words that are not to be mended into others."""
HOLDING = (
    phrases.FILLERS | phrases.MEANINGFUL | phrases.CONNECTORS | phrases.FALLING | phrases.RISING | phrases.DEFINING
    | frozenset(w for _, listed in phrases.OPERATION_PHRASES for phrase in listed for w in phrase.split())
    | frozenset((*phrases.VERBS, *phrases.AVERAGES, *phrases.FOLLOW))
)  # fmt: skip
"""Words by which other words are read, and those that say what is to be done with a figure."""


def idle(r: Reading, places: Collection[tuple[int, int]], named: Collection[int]) -> None:
    """Sets words at those places aside, apart from those that hold a question together and those of names (`named`, by place)."""
    for i, token in enumerate(r.tokens):
        if (
            i not in named
            and token.text not in HOLDING
            and any(start < token.end and token.start < end for start, end in places)
        ):
            r.role[i] = "filler"


PICTURES = frozenset("chart graph plot diagram picture visual visualization".split())
"""What a picture of figures is called; the word before it says of which kind."""
KINDS = frozenset(
    """bar column line area pie donut doughnut ring scatter bubble dot heat tree stacked grouped clustered horizontal vertical waterfall radar spider funnel
    pareto box""".split()
)
"""Kinds of pictures, where no word for a picture follows ("as a donut")."""
ALONE = frozenset("pie donut doughnut scatter histogram waterfall radar funnel treemap heatmap".split())
"""Kinds that say themselves that a picture is meant ("a pie of")."""
JOINED = re.compile(r"(?:[a-z]+(?:chart|graph|plot|diagram|map))|visuali[sz]ations?")
PARTICLES = frozenset("up out together".split())
MADE_FOR = frozenset("a an the me us our some".split())
MAKING = frozenset(
    "compile draw put bring knock lay plot chart graph render draft visualise visualize map whip throw pull set".split()
)


ASKED = re.compile(
    rf"\b(?P<kind>{'|'.join(sorted(KINDS))})[ -]?(?:{'|'.join(sorted(PICTURES))}|map)s?\b|\bas an? (?P<alone>{'|'.join(sorted(KINDS))})$|\ban? (?P<of>{'|'.join(sorted(ALONE))}) of\b"
)


def kind_of_picture(text: str) -> str:
    """The kind of picture that a question asks for ("pie"); empty where it asks for none."""
    found = ASKED.search(text.lower().strip(" ?.!"))
    return (found["kind"] or found["alone"] or found["of"]) if found else ""


def pictured(r: Reading, known: Collection[str], named: Collection[int]) -> None:
    """Takes the words that say as which picture, or by which work, a figure is wanted: "a stacked bar chart of", "as a donut", "draw up".
    Before a word for a picture stands its kind, where that is no word that we know otherwise and no name."""

    def spare(i: int) -> bool:
        return i >= 0 and r.role[i] is None and i not in named and (r.word(i) in KINDS or r.word(i) not in known)

    count = len(r.tokens)
    for i in range(count):
        word = r.word(i)
        mapped = word == "map" and spare(i - 1)
        if (word.rstrip("s") in PICTURES or mapped or (JOINED.fullmatch(word) and word not in known)) and r.role[i] is None:
            first = i
            while i - first < 2 and spare(first - 1):
                first -= 1
            if r.is_free(first, i) and not (first == 0 and i == count - 1):
                r.take(first, i, "filler")
        drawn = word in ALONE and r.word(i + 1) == "of" and r.word(i - 1) in MADE_FOR
        if drawn and r.is_free(i, i + 1):
            r.take(i, i + 1, "filler")  # "a pie of"
        last = i + 1 if r.word(i + 1) in KINDS and i + 1 < count else i
        ends = last == count - 1 or r.between(last, last + 1).strip(" ") != ""
        if word in KINDS and r.word(i - 1) in ("a", "an") and r.word(i - 2) in ("as", "in") and ends and r.is_free(i, last):
            r.take(i - 2, last, "filler")
    _made(r, known)


def _made(r: Reading, known: Collection[str]) -> None:
    """ "Put together the", "compile": a verb of making where a request begins, with the particle that belongs to it."""
    begins = next((i for i in range(len(r.tokens)) if r.role[i] is None and r.word(i) not in BEGINNING), len(r.tokens))
    verb, particle = r.word(begins), r.word(begins + 1)
    phrasal = particle in PARTICLES and r.word(begins + 2) in MADE_FOR
    if begins + 2 < len(r.tokens) and (verb in MAKING or (phrasal and verb not in known)):
        last = begins + 1 if particle in PARTICLES else begins
        if r.is_free(begins, last):
            r.take(begins, last, "filler")


BEGINNING = frozenset("please can could would will you we i to and kindly just now need want like let us me".split())
"""What may stand before the verb of a request."""


def polite(r: Reading) -> None:
    """Takes the words of such phrases, so that nothing else is read from them."""
    low = " ".join(t.text for t in r.tokens)
    for pattern in FRAMES:
        for match in pattern.finditer(low):
            first = low[: match.start()].count(" ")
            last = first + match.group().strip().count(" ")
            if r.is_free(first, last) and last - first + 1 < len(r.tokens):
                r.take(first, last, "filler")

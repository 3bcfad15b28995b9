"""Words that are read by what stands around them: profit and loss, late orders, who owns an account, what comments are about."""

from __future__ import annotations

import re
from dataclasses import replace

from assistant.understand import phrases
from assistant.understand.reading import Reading

COMPASS = frozenset("north south east west central northern southern eastern western".split())
PLACES = frozenset(("country", "region", "ship_to_region"))
INSTEAD_OF = (
    "other than",
    "apart from",
    "aside from",
    "not counting",
    "not including",
    "leaving out",
    "except for",
    "with the exception of",
)
"""Ways to say "excluding"."""
DROPPING = frozenset("drop remove skip ignore omit exclude minus leave".split())
TAGS = frozenset("right correct true".split())
DETERMINERS = frozenset("the a an our their any some all this that these those".split())
MOODS = frozenset("negative positive bad good".split())
COMMENTS = frozenset("comment comments review reviews feedback quotes responses".split())
ABOUT = frozenset("about on regarding concerning mentioning mention mentions around of with".split())
PROFIT = (
    (
        re.compile(r"\b(?:un|not )profitable\b|\b(?:loses?|losing|lost) (?:us )?money\b|\bloss[- ]making\b|\bmoney losing\b"),
        ("<", 0.0),
    ),
    (re.compile(r"\bprofitable\b|\bmakes? (?:us )?money\b"), (">", 0.0)),
)


def profit(r: Reading) -> None:
    """ "Which segment loses money", "unprofitable customers in the north": kept by their profit."""
    low = " ".join(t.text for t in r.tokens)
    for pattern, having in PROFIT:
        found = pattern.search(low)
        if found and r.having is None and not r.said("share", "many", "most", "least", "why"):
            first = low[: found.start()].count(" ")
            last = first + len(found.group().split()) - 1
            r.having = having
            r.metrics.append((first, last, "customer_net_margin"))
            r.take(first, last, "metric")
            return


NO_CUT = frozenset(
    "value quantity units pieces volume far mail email phone name number age size us them me you itself themselves".split()
)


def by_what(r: Reading) -> None:
    """ "Revenue by order": what a figure is to be cut by, and cannot be, is not passed over."""
    for i, token in enumerate(r.tokens):
        at = i + 2 if r.word(i + 1) in ("the", "each", "every") else i + 1
        if token.text not in ("by", "per") or at >= len(r.tokens) or r.word(at) in NO_CUT:
            continue
        if r.role[at] in ("verb", "filler", "state"):
            r.role[at] = None


def exclusions(r: Reading) -> None:
    """ "Other than fasteners", "all but the phone": said in the one word that leaves members out."""
    for phrase in INSTEAD_OF:
        size = len(phrase.split())
        for i in range(len(r.tokens) - size + 1):
            if r.words(i, i + size - 1) == phrase and r.is_free(i, i + size - 1):
                r.tokens[i] = replace(r.tokens[i], text="excluding")
                r.take(i, i + size - 1, "filler")
    start = next((i for i, role in enumerate(r.role) if role is None and r.word(i) not in ("and", "now", "please", "but")), 0)
    if r.word(start) in DROPPING and len(r.tokens) - start <= 4:  # "drop europe", of what was just shown
        r.tokens[start] = replace(r.tokens[start], text="excluding")
        r.take(start, start, "filler")
    for i, token in enumerate(r.tokens):
        wide = {r.word(j) for j in range(i - 3, i)} & {"all", "every", "everyone", "everything", "everybody", "any", "anything"}
        if token.text == "but" and wide and r.role[i] is None:
            r.tokens[i] = replace(token, text="excluding")
            r.take(i, i, "filler")


def tag(r: Reading) -> None:
    """ "Swiftline is our worst carrier, right?": whether it is so is asked."""
    last = len(r.tokens) - 1
    if last > 2 and r.word(last) in TAGS and r.role[last] is None and "," in r.between(last - 1, last):
        r.operations.append((last, "truth", "is it true"))
        r.take(last, last, "operation")


def compass(r: Reading) -> None:
    """ "North America", "eastern Germany": a part of a place is not the region of that name, nor the whole place."""
    for one in list(r.matches):
        two = next((m for m in r.matches if m.first == one.last + 1), None)
        beside = two is not None and not r.between(one.last, one.last + 1).strip()
        if two is None or not beside or r.words(one.first, one.last) not in COMPASS:
            continue
        if {e.dimension for e in two.entities} & PLACES:
            r.matches = [m for m in r.matches if m not in (one, two)]
            r.unknown_ids.append(r.text[r.tokens[one.first].start : r.tokens[two.last].end])


def at_risk(r: Reading) -> None:
    """ "Revenue at risk": no segment of customers, unless the words say whose."""
    for match in list(r.matches):
        if match.entities[0].dimension != "segment" or r.role[match.first - 1] != "metric" or not match.first:
            continue
        if not r.said("customer", "customers", "account", "accounts", "segment", "client", "clients"):
            r.matches.remove(match)
            r.unknown_ids.append(r.words(match.first, match.last))


def order_nouns(r: Reading) -> None:
    """ "Late deliveries to the north": the noun of what is late."""
    for i, token in enumerate(r.tokens):
        if r.states and r.role[i] is None and token.text in phrases.ORDER_NOUNS:
            r.take(i, i, "filler")


def owner(r: Reading) -> None:
    """ "Who owns acme", "who is responsible for acme": its account owner."""
    if r.word(0) != "who" or not any(m.entities[0].dimension == "customer" for m in r.matches):
        return
    responsible = [i for i, t in enumerate(r.tokens) if t.text in ("responsible", "charge")]
    if any(v == "own" for _, v in r.verbs) or responsible:
        r.dimensions.append((0, 0, "account_owner"))
        for i in responsible:
            r.take(i, i, "filler")


def topic(r: Reading) -> None:
    """ "comments about broken pallets": what the comments are to be about."""
    if not r.names() & {"quotes", "themes"}:
        return
    _metric_as_topic(r)
    if [m for _, _, m in r.metrics if m != "feedback_count"]:
        return
    for i, token in enumerate(r.tokens):
        if token.text in MOODS and r.role[i] is None and COMMENTS & {t.text for t in r.tokens}:
            r.take(i, i, "filler")
    for i, token in enumerate(r.tokens):
        if token.text not in ABOUT or r.role[i] not in ("filler", "operation") or i == len(r.tokens) - 1:
            continue
        if token.text in ("of", "with", "on", "around") and not r.phrases() & {
            "comments",
            "comment",
            "reviews",
            "quotes",
            "feedback",
            "complaints",
        }:
            continue
        last = i
        while last + 1 < len(r.tokens) and r.role[last + 1] in (
            None,
            "filler",
            "verb",
            "state",
            "operation",
            "topic",
            "dimension",
        ):
            last += 1
        content = [j for j in range(i + 1, last + 1) if r.role[j] is None or r.role[j] in ("state", "verb", "dimension")]
        if content and any(r.role[j] is None or r.role[j] in ("state",) for j in content):
            first = next(j for j in range(i + 1, content[0] + 1) if r.word(j) not in DETERMINERS)
            described = next((m for m in r.matches if m.first == content[-1] + 1), None)
            if described and described.entities[0].dimension in ("category", "product", "theme"):  # "damaged packaging"
                r.matches.remove(described)
                content.append(described.last)
            r.topic = r.text[r.tokens[first].start : r.tokens[content[-1]].end]
            r.take(first, content[-1], "topic")
            return
    loose = [i for i, role in enumerate(r.role) if role is None]
    noun = next(
        (i for i, t in enumerate(r.tokens) if t.text in ("comments", "complaints", "reviews", "feedback", "quotes")), None
    )
    if loose and noun is not None and loose[-1] < noun and noun - loose[0] <= 3 and r.is_free(loose[0], loose[-1]):
        r.topic = r.text[r.tokens[loose[0]].start : r.tokens[loose[-1]].end]
        r.take(loose[0], loose[-1], "topic")


def _metric_as_topic(r: Reading) -> None:
    """ "What do they say about invoices": the name of a figure after "about" is what is spoken of, not asked for."""
    for first, last, _ in sorted(r.metrics):
        about = next(
            (i for i in range(first - 1, max(-1, first - 4), -1) if r.word(i) in ABOUT - {"of", "with", "on", "around"}), None
        )
        if about is not None and all(r.role[i] in ("filler", "state", None) for i in range(about + 1, first)):
            r.metrics = [m for m in r.metrics if m[0] != first]
            r.topic = r.text[r.tokens[about + 1].start : r.tokens[last].end]
            r.take(about + 1, last, "topic")
            return

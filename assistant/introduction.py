"""What can be asked: the answer to "what can you do", made of what this workspace holds and this reader may see."""

from __future__ import annotations

import re

from assistant.questions import Answer, Plan
from assistant.shape import framed
from knowledge.access import Reader
from knowledge.errors import RapportError
from knowledge.query import can_run
from knowledge.records import MetricQuery

_hello = r"(?:hi|hello|hey|hiya|good (?:morning|day|afternoon|evening))(?: there| rapport| everyone)?"
_who = r"(?:you|i|we|it|this|rapport)"
_more = r"(?: (?:you|me|us|about|with|for|here|to do))*"
_what = (
    r"help(?: me)?(?: please)?"
    rf"|what(?: else)? (?:can|could|do|does|should) {_who} (?:do|ask|know|answer|help|offer){_more}"
    rf"|what (?:(?:kind|sort|type)s? of )?(?:questions?|things) can {_who} (?:ask|answer|do){_more}"
    rf"|how (?:do|can|should) (?:i|we) (?:use|start|begin)(?: with)?(?: {_who}| here)?|how do(?:es)? {_who} work|(?:who|what) (?:are you|is rapport)"
)
WANTED = re.compile(rf"{_hello}[?!. ]*|(?:{_hello}[,.! ]*)?(?:please )?(?:{_what})[?!. ]*")
ABOUT = (
    ("revenue, orders and customers", "revenue"),
    ("on-time delivery and other service", "otd"),
    ("returns", "return_rate"),
    ("margin and what it costs to serve", "gross_margin"),
    ("what customers say, and why", "feedback_count"),
)
STARTERS: tuple[tuple[str, MetricQuery], ...] = (
    ("top 5 customers by revenue this year", MetricQuery("revenue", ("customer",))),
    ("why are customers unhappy?", MetricQuery("feedback_count")),
    ("on-time delivery by month this year", MetricQuery("otd", grain="month")),
    ("return rate by category this year", MetricQuery("return_rate", ("category",))),
    ("comments by channel this year", MetricQuery("feedback_count", ("channel",))),
    ("revenue by month this year", MetricQuery("revenue", grain="month")),
)
"""Questions for somebody who does not know what to ask, each with what must run for it to be answered."""


def wanted(text: str) -> bool:
    """Whether somebody asks what can be asked, or only says hello."""
    said = " ".join(text.lower().replace("’", "'").split())
    return any(c.isalpha() for c in said) and WANTED.fullmatch(said) is not None


def starters(reader: Reader) -> tuple[str, ...]:
    """Questions that this reader can have answered here."""
    return tuple(text for text, query in STARTERS if _runs(query, reader))


def answer(reader: Reader) -> Answer:
    """What can be asked here, with questions that work."""
    about = [words for words, metric in ABOUT if _runs(MetricQuery(metric), reader)]
    if not about:
        text = "I answer questions about customers, but this workspace holds no data that you may see yet."
    else:
        listed = f"{', '.join(about[:-1])} and {about[-1]}" if len(about) > 1 else about[0]
        text = (
            f"Ask in your own words about {listed}: a figure, its course over time, a ranking, a comparison with before, or the reasons. Name a customer, "
            "region, product or period to narrow it, then ask on (“and last year?”). “Brief on” a customer gives what matters before a meeting. "
            "With each answer you can see how its figures came about; what cannot be answered is refused in words."
        )
    return framed(reader, Plan("value", slots={"operation": "help"}), "answered", text, followups=starters(reader)[:4])


def _runs(query: MetricQuery, reader: Reader) -> bool:
    try:
        can_run(query, reader)
    except RapportError:
        return False
    return True

"""What people call things: metrics from the registry, dimensions, operations, and the words that carry no meaning here."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from knowledge.metrics import metrics

DIMENSION_WORDS: dict[str, tuple[str, ...]] = {
    "customer": ("customer", "customers", "account", "accounts", "client", "clients", "buyer", "company", "companies", "who"),
    "product": ("product", "products", "article", "articles", "item", "items", "stock code", "part", "parts"),
    "category": ("category", "categories", "product group", "product groups", "product category", "product line"),
    "region": ("region", "regions", "area", "areas", "territory", "territories"),
    "country": ("country", "countries", "nation", "nations"),
    "industry": ("industry", "industries", "sector", "sectors", "vertical", "verticals"),
    "size": ("size", "sizes", "company size", "size class"),
    "service_tier": ("tier", "tiers", "service tier", "service tiers", "service class"),
    "account_owner": ("owner", "owners", "account owner", "account owners", "account manager", "account managers", "sales rep"),
    "parent": ("parent", "parents", "parent company", "group", "groups"),
    "channel": ("channel", "channels", "order channel", "sales channel"),
    "carrier": ("carrier", "carriers", "courier", "couriers", "haulier", "hauliers", "forwarder"),
    "ship_from": ("warehouse", "warehouses", "ship from", "site", "sites", "depot", "depots", "distribution center", "dc", "location"),
    "ship_to_region": ("ship to", "ship to region", "destination", "destinations", "delivery region", "state", "states"),
    "status": ("status", "order status"),
    "order_type": ("order type", "make or stock"),
    "reason": ("return reason", "return reasons", "reason code", "reason codes"),
    "disposition": ("disposition", "dispositions"),
    "contact_channel": ("contact channel", "contact channels"),
    "feedback_channel": ("feedback channel", "survey channel", "feedback source"),
    "theme": ("theme", "themes", "topic", "topics"),
    "aspect": ("aspect", "aspects"),
    "sentiment": ("sentiment class",),
    "language": ("language", "languages"),
    "stage": ("stage", "stages", "touchpoint", "touchpoints"),
    "agent": ("agent", "agents"),
    "segment": ("segment", "segments", "customer segment", "customer segments", "rfm segment"),
    "churn_risk": ("churn risk", "risk class"),
    "abc": ("abc class", "abc"),
    "demand_class": ("demand class", "demand classes"),
    "decoupling_point": ("decoupling point", "decoupling points"),
}  # fmt: skip
GRAIN_WORDS = {
    "daily": "day", "day": "day", "days": "day", "weekly": "week", "week": "week", "weeks": "week", "monthly": "month", "month": "month", "months": "month",
    "quarterly": "quarter", "quarter": "quarter", "quarters": "quarter", "yearly": "year", "annual": "year", "annually": "year", "year": "year", "years": "year",
}  # fmt: skip
MORE_SYNONYMS: dict[str, tuple[str, ...]] = {
    "revenue": ("revenues", "sale", "turn over", "money made", "sold", "spent", "buy", "buys", "buying", "value ordered", "purchases", "total sales", "income"),
    "orders": ("order", "order volume", "ordered", "orders placed", "order numbers"),
    "units": ("unit", "units ordered", "quantities", "volumes", "pieces ordered"),
    "aov": ("aov", "average order", "mean order value", "order value", "average basket value"),
    "aov.median": ("median order value", "median order", "median aov"),
    "active_customers": ("active customer", "number of customers", "customer count", "customers ordering", "ordering customers", "customers active"),
    "new_customers": ("new customer", "first buyers", "newly acquired customers"),
    "return_rate": ("returned share", "return percentage", "returning", "return ratio"),
    "return_rate.units": ("return rate by units", "unit return rate", "return rate in units", "return rate units"),
    "return_rate.orders": ("return rate by orders", "share of orders returned", "order return rate"),
    "returned_value": ("returned goods value", "value of returns", "money returned", "return value", "refunded"),
    "net_revenue": ("net turnover", "revenue after returns", "revenue net of returns"),
    "fill_rate.unit": ("unit fill rate", "fill rate by unit", "unit fill", "fill rate by units"),
    "fill_rate.order": ("order fill rate", "order fill", "fill rate by order", "orders filled complete"),
    "fill_rate.value": ("value fill rate", "fill rate by value"),
    "otd": ("otd", "ontime", "on-time", "on-time rate", "ontime delivery", "on-time deliveries", "delivered on time", "late orders", "late delivery rate", "ship on time", "timeliness"),
    "otif": ("on-time in-full", "on-time in full"),
    "perfect_order": ("perfect order rate", "perfect orders", "perfect order index"),
    "order_cycle_time": ("order to delivery time", "order-to-delivery time", "order to delivery", "days to deliver", "delivery lead time", "how fast do we deliver", "throughput time"),
    "feedback_count": ("comment count", "number of reviews", "number of complaints", "feedback count", "how many complaints", "how many reviews"),
    "nps": ("net promoter",),
    "rating_mean": ("mean rating", "ratings", "star rating", "review score", "average review score"),
    "csat": ("satisfied", "satisfaction rate", "satisfaction score"),
    "net_sentiment": ("sentiment score",),
    "repeat_rate": ("repeat purchase rate", "repurchase rate", "repeat customer rate"),
    "cancellation_rate": ("cancellation rate", "cancelled", "canceled orders", "order cancellations"),
    "days_late": ("average delay", "delay days"),
    "repeat_rate.days": ("repeat rate by days",),
}  # fmt: skip
AMBIGUOUS: dict[str, tuple[tuple[str, str], ...]] = {
    "service level": (("Fill rate", "fill rate"), ("On-time delivery", "on-time delivery"), ("Perfect orders", "perfect order rate")),
    "service performance": (("Fill rate", "fill rate"), ("On-time delivery", "on-time delivery"), ("Perfect orders", "perfect order rate")),
    "performance": (("Revenue", "revenue"), ("On-time delivery", "on-time delivery"), ("Satisfaction", "satisfaction")),
}  # fmt: skip
OPERATION_PHRASES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("why", ("why", "reason for", "reasons for", "what caused", "what is behind", "what drives", "drivers of", "driver of", "root cause", "how come", "explain the drop", "explain the rise", "what happened to")),
    ("define", ("define", "definition", "definition of", "what does", "how is", "how do you calculate", "how do we calculate", "how do you compute", "calculated", "computed", "measured", "meaning of", "explain", "formula", "formula for", "mean exactly")),
    ("compare", ("compare", "compared", "comparison", "vs", "versus", "against", "difference between", "yoy", "year over year", "year on year", "qoq", "quarter over quarter", "mom", "month over month", "compared to", "compared with", "relative to")),
    ("growth", ("growth", "grow", "grew", "grown", "growing", "increase", "increased", "decrease", "decreased", "decline", "declined", "declining", "change", "changed", "rise", "rose", "rising", "fall", "fell", "falling", "drop", "dropped", "up", "down", "shrink", "shrinking", "growth rate")),
    ("trend", ("trend", "trends", "over time", "development", "evolution", "developed", "evolved", "history", "time series", "timeline", "develop")),
    ("share", ("share of", "percentage of", "percent of", "proportion of", "what share", "what percentage", "contribution of", "contribute", "contributes", "what percent", "share")),
    ("rank", ("top", "bottom", "best", "worst", "highest", "lowest", "largest", "biggest", "smallest", "most", "least", "leading", "rank", "ranked", "ranking", "lowest performing", "best performing", "fewest")),
    ("themes", ("complaining about", "complain about", "complaints", "complaint", "complain", "complaining", "unhappy", "dissatisfied", "happy", "saying", "say", "think", "feel", "voice of the customer", "voc", "feedback themes", "feedback", "talk about", "talking about", "praise", "like about", "dislike", "annoyed", "angry", "upset", "issues", "pain points", "problems", "frustrated", "themes")),
    ("quotes", ("comments", "quotes", "quote", "show me the comments", "what did", "verbatims", "verbatim", "in their words", "examples of comments", "reviews")),
    ("list", ("list", "which", "name all", "show all")),
)  # fmt: skip
FALLING = frozenset(
    "fall fell falling drop dropped decline declined declining decrease decreased down shrink shrinking lower worse".split()
)
RISING = frozenset("rise rose rising grow grew grown growing increase increased up higher better".split())
LOW_WORDS = frozenset("bottom worst lowest smallest least fewest".split())
GOOD_BAD = {"best": "good", "worst": "bad"}
NEGATIVE_MOOD = frozenset(
    "complaining complain complaints complaint unhappy dissatisfied dislike annoyed angry upset issues problems frustrated pain".split()
)
POSITIVE_MOOD = frozenset("happy praise like love satisfied".split())
FILLERS = frozenset(
    """the a an of in on at for to from by per with and or is are was were be been being do does did have has had having we us our you your i me my
    they them their he she his her it its this that these those there where what which who whom whose when how much many show give tell get
    see look find please thanks thank hi hello hey can could would will should may might want need like know let just only also then now
    so as about into over under across within during between than any some all each every both either such same other another more
    data figures figure number numbers value values total totals overall sum amount current currently latest recent recently far
    ok okay yes well right actually really again still yet already ever not no dont if but because since until against toward via out up
    rep reps team report dashboard table chart graph plot breakdown split broken grouped group sorted sort order rate rates level
    percent percentage place placed made make makes making happen happened happening going doing come came here today question help
    quickly quick exactly roughly approximately about account customer person people business company whole entire full
    list compare comparison against versus it's between them one ones thing things good bad kind sort type there's im am here's per-""".split()
)
CHITCHAT = frozenset("hi hello hey thanks thank bye goodbye".split())
FOLLOW = (
    "and",
    "what about",
    "how about",
    "same",
    "same for",
    "now",
    "only",
    "just",
    "then",
    "but",
    "or",
    "also",
    "instead",
    "for",
    "in",
    "by",
)


@dataclass(frozen=True)
class Phrase:
    """Words (normalised) that stand for a metric."""

    text: str
    metric: str


@lru_cache(maxsize=1)
def metric_phrases() -> dict[str, str]:
    """Every way to say a metric, lower case, to its name (variants by `metric.variant`)."""
    from assistant.understand.entities import normal

    out: dict[str, str] = {}
    for name, metric in metrics().items():
        said = (metric.label.split(" (")[0], name.replace("_", " "), name, *metric.synonyms, *MORE_SYNONYMS.get(name, ()))
        for phrase in said:
            out.setdefault(normal(phrase), name)
        for variant in metric.variants.values():
            for phrase in (
                variant.label,
                variant.name.replace(".", " ").replace("_", " "),
                variant.name,
                *MORE_SYNONYMS.get(variant.name, ()),
            ):
                out.setdefault(normal(phrase), variant.name)
    for name, phrases in MORE_SYNONYMS.items():
        for phrase in phrases:
            out.setdefault(normal(phrase), name)
    for weak in WEAK:
        out.pop(weak, None)
    return out


WEAK = frozenset(
    "complete rating condition approval handling picking transit lines stars responses reviews complaints comments".split()
)


@lru_cache(maxsize=1)
def known_words() -> frozenset[str]:
    """All words that mean something here, for mending typing errors."""
    from assistant.understand.periods import MONTHS, NUMBERS

    words: set[str] = set(FILLERS) | set(GRAIN_WORDS) | set(MONTHS) | set(NUMBERS) | set(PERIOD_WORDS) | CHITCHAT
    for phrases in (*DIMENSION_WORDS.values(), *(p for _, p in OPERATION_PHRASES), tuple(metric_phrases()), tuple(AMBIGUOUS)):
        for phrase in phrases:
            words.update(phrase.split())
    return frozenset(words)


PERIOD_WORDS = ("last", "previous", "past", "prior", "this", "current", "today", "yesterday", "fiscal", "half", "first", "second", "third", "fourth", "since", "until",
                "before", "after", "between", "ago", "ytd", "qtd", "mtd", "date", "rolling", "trailing", "beginning", "end", "weather", "time")  # fmt: skip

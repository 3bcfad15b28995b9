"""What people call things: metrics by the registry's names and by more of people's own, dimensions, time buckets."""

from __future__ import annotations

from functools import lru_cache

from assistant.understand.spelling import both, in_both
from knowledge.entities import catalogue
from knowledge.metrics import metrics, shipped
from knowledge.metrics.own import NOTHING, Own, own

COMPANIES = 16
"""So many companies' own words are kept ready in one process."""
DIMENSION_WORDS: dict[str, tuple[str, ...]] = {
    "customer": ("customer", "customers", "account", "accounts", "client", "clients", "buyer", "company", "companies", "who", "buyers", "firms", "firm", "shops", "accts"),
    "product": ("product", "products", "article", "articles", "item", "items", "stock code", "part", "parts"),
    "category": ("category", "categories", "product group", "product groups", "product category", "product line"),
    "region": ("region", "regions", "area", "areas", "territory", "territories"),
    "country": ("country", "countries", "nation", "nations"),
    "industry": ("industry", "industries", "sector", "sectors", "vertical", "verticals"),
    "size": ("size", "sizes", "company size", "size class"),
    "service_tier": ("tier", "tiers", "service tier", "service tiers", "service class"),
    "account_owner": ("owner", "owners", "account owner", "account owners", "account manager", "account managers", "sales rep", "sales reps", "rep", "reps", "salespeople", "key account manager", "key account managers"),
    "parent": ("parent", "parents", "parent company", "group", "groups"),
    "channel": ("channel", "channels", "order channel", "sales channel"),
    "party": ("party", "parties", "partner", "partners", "planner"),
    "carrier": ("carrier", "carriers", "courier", "couriers", "haulier", "hauliers", "forwarder"),
    "ship_from": ("warehouse", "warehouses", "ship from", "site", "sites", "depot", "depots", "distribution center", "dc", "location"),
    "ship_to_region": ("ship to", "ship-to", "ship-to region", "ship to region", "destination", "destinations", "delivery region", "state", "states"),
    "status": ("status", "order status"),
    "order_type": ("order type", "make or stock"),
    "reason": ("return reason", "return reasons", "reason code", "reason codes", "reason", "reasons"),
    "disposition": ("disposition", "dispositions"),
    "contact_channel": ("contact channel", "contact channels"),
    "feedback_channel": ("feedback channel", "feedback channels", "survey channel", "feedback source", "comment channel"),
    "theme": ("theme", "themes", "topic", "topics"),
    "aspect": ("aspect", "aspects"),
    "sentiment": ("sentiment class",),
    "language": ("language", "languages"),
    "stage": ("stage", "stages", "touchpoint", "touchpoints"),
    "agent": ("agent", "agents"),
    "segment": ("segment", "segments", "customer segment", "customer segments", "rfm segment"),
    "own_segment": ("own segment", "own segments", "our segment", "our segments"),
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
    "days_of_supply": ("days on hand", "days of inventory", "stock reach"),
    "revenue": ("business", "how much business", "revenues", "sale", "turn over", "money made", "value ordered", "total sales", "income", "value of orders", "order intake", "sales value", "business volume", "money they spent", "how much money", "net of cancellations"),
    "orders": ("order volume", "orders placed", "order numbers", "invoices", "transactions", "purchase orders", "number of invoices", "shipments", "number of shipments"),
    "units": ("unit", "units ordered", "quantities", "volumes", "pieces ordered"),
    "aov": ("order values", "order sizes", "basket sizes", "size of an order", "typical order size", "size of orders", "order size", "aov", "average order", "mean order value", "order value", "average basket value"),
    "aov.median": ("median order value", "median order", "median aov"),
    "active_customers": ("active customer", "number of customers", "customer count", "customers ordering", "ordering customers", "customers active", "active accounts", "active buyers", "number of buyers", "how many buyers", "how many accounts", "how many clients", "number of accounts", "buying customers", "how many different customers", "unique customers", "distinct customers", "customer base", "how many companies"),
    "new_customers": ("new customer", "first buyers", "newly acquired customers", "new accounts", "new buyers", "first time customers", "customers acquired", "customer acquisition", "acquired customers", "new clients"),
    "return_rate": ("returned share", "return percentage", "returning", "return ratio"),
    "return_rate.units": ("return rate by units", "unit return rate", "return rate in units", "return rate units"),
    "return_rate.orders": ("return rate by orders", "share of orders returned", "order return rate"),
    "returned_value": ("how much did we refund", "refunded", "value refunded", "returned goods value", "value of returns", "money returned", "return value", "value returned", "returns by value", "value of goods returned", "value of returned goods", "returns in value", "returns value", "how much was returned", "returned amount", "amount returned"),
    "returns_count": ("number of returns", "count of returns", "return count", "how many times returned", "rma count", "how many rmas", "returns count"),
    "returned_units": ("units returned", "pieces returned", "return quantity", "returned pieces"),
    "return_reasons": ("return reason", "returns by reason", "reasons for returns", "reasons for returning", "why do customers return", "reasons of return"),
    "return_turnaround": ("time to close a return", "close a return", "close returns", "how long do refunds take", "how long does a refund take", "refund times", "time to refund", "how long does a return take", "return turnaround", "return turnaround time", "turnaround of returns", "how long do returns take", "time to settle a return", "return processing", "returns turnaround", "turnaround time for returns", "turnaround time", "turnaround"),
    "open_returns": ("returns are open", "many returns are open", "returns open", "returns pending", "outstanding returns", "returns still open", "unsettled returns"),
    "net_revenue": ("net turnover", "revenue after returns", "revenue net of returns"),
    "fill_rate.unit": ("unit fill rate", "fill rate by unit", "unit fill", "fill rate by units"),
    "fill_rate.order": ("order fill rate", "order fill", "fill rate by order", "orders filled complete"),
    "fill_rate.value": ("value fill rate", "fill rate by value"),
    "otd": ("otd", "ontime", "on-time", "on-time rate", "ontime delivery", "on-time deliveries", "delivered on time", "ship on time", "shipped on time", "timeliness", "on time performance", "delivery performance", "delivering on time", "deliver on time", "on time deliveries", "on schedule", "arrive on time", "arrived on time", "on time rate", "delivery punctuality", "delivery precision"),
    "otif": ("on-time in-full", "on-time in full"),
    "perfect_order": ("perfect order rate", "perfect orders", "perfect order index"),
    "order_cycle_time": ("time between order and delivery", "average time between order and delivery", "from order to delivery", "order to delivery time", "from ordering to delivery", "how long does an order take", "how long do orders take", "how long does it take to deliver", "time to deliver", "delivery times", "lead times", "how long does delivery take", "delivery duration", "order lead time", "cycle times", "time from order to delivery", "how long until delivery", "delivery speed", "fulfilment time", "fulfillment time", "order to delivery time", "order-to-delivery time", "order to delivery", "days to deliver", "delivery lead time", "how fast do we deliver", "throughput time"),
    "feedback_count": ("number of comments", "how much feedback", "how many responses", "how many survey responses", "number of responses", "how many customer comments", "amount of feedback", "comment count", "number of reviews", "number of complaints", "feedback count", "how many complaints", "how many reviews"),
    "nps": ("net promoter",),
    "segment_size": ("size of each segment", "customers per segment", "customers per rfm segment", "how many customers per segment", "how many customers per rfm segment", "how many customers in each segment", "number of customers by segment", "customers by rfm segment"),
    "segment_migration": ("changed segment", "segment changes", "moved segments", "between segments", "who moved between segments", "moved between segments"),
    "differentiation_index": ("best customers get better service", "better service for better customers", "better customers get better service", "service by customer value", "best customers better served"),
    "codp_mismatch": ("wrong decoupling point", "have the wrong decoupling point", "codp mismatches", "decoupling mismatches"),
    "recommended_codp": ("make to stock", "make to order", "assemble to order", "engineer to order", "be make to stock or make to order"),
    "forecast_value_added": ("does our planning help", "does planning help us"),
    "churn_risk": ("should i be worried about", "should we be worried about", "should i worry about", "should we worry about", "losing any big", "likely to churn", "likely to leave", "need attention", "needs attention", "at risk of leaving", "may leave us", "about to leave", "at risk customers"),
    "handling_time": ("from approval to ship", "approval to shipping", "approval to shipment", "from approval to shipping", "time to ship"),
    "transit_time": ("shipping take", "transport take", "in transit time", "time in transit", "transit times", "carrier transit", "days in transit", "from shipping to delivery", "shipping to delivery"),
    "picking_time": ("at picking", "picking take", "picking takes", "pick time", "picking times", "time to pick"),
    "approval_time": ("approval take", "approval takes", "approving take", "time to approve", "order approval", "order approval time", "approval times", "from order to approval"),
    "contact_rate": ("contacts per order", "interactions per order", "calls per order"),
    "in_full": ("in full rate", "complete orders", "delivered in full", "deliver in full", "delivered complete", "order completeness"),
    "share(order.damaged)": ("damage rate", "damaged orders", "damaged deliveries", "damages", "rate of damage", "share of damaged orders", "orders damaged"),
    "damage_free": ("damage free", "damage free rate", "damage-free rate", "undamaged orders", "orders undamaged"),
    "backorder_rate": ("backorder rate", "back order rate", "short shipments", "short ship rate", "backordered lines"),
    "order_lines_count": ("number of lines", "order line count", "number of order lines", "how many lines", "lines ordered"),
    "rating_mean": ("mean rating", "ratings", "average stars", "mean score", "average review", "avg rating", "mean review score", "rating average", "customer rating", "star rating", "review score", "average review score"),
    "csat": ("satisfied", "satisfaction rate", "satisfaction score", "satisfied customers", "share of satisfied customers", "how satisfied are", "how satisfied", "how happy are customers"),
    "net_sentiment": ("sentiment score",),
    "repeat_rate": ("repeat purchase rate", "repurchase rate", "repeat customer rate"),
    "cancellation_rate": ("cancellation rate", "order cancellations", "cancellation share", "share of cancelled orders", "percentage of cancelled orders", "share of orders cancelled", "percentage of orders cancelled"),
    "days_late": ("average delay", "delay days", "average days late", "mean delay", "how late are we", "average lateness", "days of delay", "delay", "late on average", "days late on average"),
    "repeat_rate.days": ("repeat rate by days",),
    "clv": ("valuable", "worth most", "worth to us", "how valuable",),
    "revenue_concentration": ("how concentrated is our revenue", "how concentrated", "concentrated",),
    "wape": ("forecast errors",),
    "wape.accuracy": ("accurate are our forecasts", "accurate are the forecasts", "accurate is our planning", "forecasts accurate", "accuracy of our forecasts", "how accurate are forecasts", "accuracy of forecasts", "good are our forecasts", "good is our forecasting", "good are the forecasts", "reliable are our forecasts", "forecast quality", "forecasting accuracy",),
    "forecast_bias": ("biased", "biased forecasts", "forecasts biased", "forecasts are biased", "forecast is biased",),
    "first_response_hours": ("time to respond", "response times", "respond", "answer a customer", "answer customers", "answer slowest", "answer fastest", "fastest response", "slowest response", "reply times",),
    "promise_keeping": ("keep our promises", "kept our promises", "keep promises", "promises we kept", "keep our word", "kept our word", "promise kept",),
    "target_attainment": ("against target", "against targets", "against the target", "versus target", "vs target", "meet our targets", "meeting targets", "hit our targets", "reach our targets",),
    "cost_to_serve_ratio": ("cost to serve as a percentage of revenue", "cost to serve as percentage of revenue", "cost to serve as a share of revenue", "cost to serve as percent of revenue", "cost to serve as a percentage of sales", "cost to serve percent of revenue",),
    "gross_margin.share": ("margin as a percentage of revenue", "margin percentage", "margin percent", "gross margin percentage", "margin rate",),
    "customer_net_margin": ("profitable", "earn", "money we make", "how much money do we make on", "how much do we earn",),
    "revenue_growth": ("growth of revenue",),
    "bottleneck_stage": ("where do orders wait longest", "orders wait longest", "where do orders get stuck", "which stage is slowest", "slowest stage",),
    "channel_mix": ("channels mix", "mix of channels", "mix of order channels", "order channels mix",),
    "service_tier.recommended": ("be upgraded", "be downgraded", "upgraded", "downgraded",),
    "tier_gap": ("over-serving", "under-serving", "overserving", "underserving", "over serving", "under serving", "serving too well",),
    "revenue_behind_theme": ("revenue at stake behind", "revenue behind complaints",),
    "recovery_rate": ("value recovered", "recovered from returns",),
    "next_best_product": ("offer next", "sell them next", "recommend to",),
    "theme_trend": ("theme is growing fastest", "theme grows fastest", "themes are growing", "growing themes", "fastest growing theme", "fastest growing themes", "themes are rising", "themes are getting worse", "themes getting worse", "complaints are getting worse", "what complaints are rising", "complaints are growing"),
    "order_frequency": ("days between orders", "time between orders", "how frequently do they order", "ordering frequency", "frequency of orders"),
    "last_touch_days": ("last talk", "last talked", "last speak", "last spoke", "last contacted", "last touched",),
    "tenure_days": ("been a customer", "been customers", "been our customer", "customer since",),
    "share(line.wrong_item)": ("mispick", "mispicks", "mispick rate", "wrong item rate", "picking errors", "picking error rate",),
    "share(order.billed_wrong)": ("invoice errors", "invoice error rate", "wrong invoices", "billing errors", "invoicing errors", "document errors",),
    "overdue_ratio": ("overdue to order", "overdue to reorder", "overdue accounts", "overdue customers", "accounts overdue", "customers overdue",),
    "abc_class": ("abc analysis", "abc classes", "abc classification",),
    "xyz_class": ("xyz classes", "xyz analysis", "xyz",),
    "trust_index": ("trusts us", "trust us", "trusting", "trust score",),
    "loyalty_lift": ("pay off", "loyalty programme work", "loyalty program work", "programme work", "loyalty programme help",),
    "replenishment_suggestion": ("replenishment proposals", "replenishment suggestions", "reorder proposals", "what to reorder", "reorder list",),
    "first_contact_resolution": ("solved at first contact", "resolved at first contact", "solved at the first contact", "solved on first contact", "resolved on first contact", "tickets solved at first contact",),
    "resolution_hours": ("resolve tickets", "resolve a ticket", "resolve cases", "solve tickets", "resolve a case", "close a case", "close tickets", "time to close a ticket",),
    "multichannel_share": ("multichannel customers", "multichannel", "multi channel customers",),
    "fill_rate": ("lines ship complete", "lines shipped complete", "lines we ship complete", "shipped complete",),
    "journey_stage_score": ("touchpoint hurts most", "stage hurts most", "touchpoints hurt most", "hurts most",),
    "parameter_to_fix": ("fix first", "should we fix first", "what should we fix first", "improve first",),
    "open_order_age": ("oldest open orders", "oldest orders",),
    "target_gap": ("meeting target", "target", "below target", "far below target", "how far below target", "above target", "gap to the target", "targets",),
    "capability_scorecard": ("scorecard for", "design scorecard", "scorecard",),
}  # fmt: skip
AMBIGUOUS: dict[str, tuple[tuple[str, str], ...]] = {
    "service level": (("Fill rate", "fill rate"), ("On-time delivery", "on-time delivery"), ("Perfect orders", "perfect order rate")),
    "service performance": (("Fill rate", "fill rate"), ("On-time delivery", "on-time delivery"), ("Perfect orders", "perfect order rate")),
    "quality": (("Satisfaction", "satisfaction"), ("Damage-free orders", "damage-free"), ("Return rate", "return rate")),
    "service": (("Fill rate", "fill rate"), ("On-time delivery", "on-time delivery"), ("Perfect orders", "perfect order rate")),
    "service levels": (("Fill rate", "fill rate"), ("On-time delivery", "on-time delivery"), ("Perfect orders", "perfect order rate")),
    "service rate": (("Fill rate", "fill rate"), ("On-time delivery", "on-time delivery"), ("Perfect orders", "perfect order rate")),
    "performance": (("Revenue", "revenue"), ("On-time delivery", "on-time delivery"), ("Satisfaction", "satisfaction")),
}  # fmt: skip


LABELS_ASKED: dict[str, tuple[str, ...]] = {
    "high": ("at risk", "at risk of leaving", "at risk customers", "risk of leaving", "may leave us", "about to leave", "who may leave", "likely to leave", "likely to churn", "should i be worried about", "should we be worried about", "should i worry about", "should we worry about", "losing any big", "need attention", "needs attention", "risk of churn", "churning"),
    "over": ("over-served", "overserved", "over served", "over-serving", "overserving", "over serving", "serving too well"),
    "under": ("under-served", "underserved", "under served", "under-serving", "underserving", "under serving"),
}  # fmt: skip
"""The label that words for a metric single out."""


def label_asked(words: str) -> str | None:
    """The label that these words ask for; None where they only name the metric."""
    return next((label for label, said in LABELS_ASKED.items() if words in said), None)


def dimension_phrases() -> dict[str, str]:
    """Every way to say a dimension, singular and plural, to its name; a company's own words come before ours."""
    return _dimension_phrases(own())


@lru_cache(maxsize=COMPANIES)
def _dimension_phrases(added: Own) -> dict[str, str]:
    said = {w: d for d, words in DIMENSION_WORDS.items() for w in words}
    said = {_plural(w): d for w, d in said.items() if not w.endswith("s") and w not in ("who", "ship from", "ship to")} | said
    owned = {
        f"{of.name} {w}": d
        for of in catalogue.shipped().values()
        for d in of.attributes
        for w, named in said.items()
        if named == d != of.name
    }
    said = owned | said  # "customer size", "product category"
    theirs = {w: d for d, words in own_dimension_words(added).items() for w in words}
    return in_both(said | {_plural(w): d for w, d in theirs.items() if not w.endswith("s")} | theirs)


def own_dimension_words(added: Own) -> dict[str, tuple[str, ...]]:
    """What a company calls the dimensions that it added, and those that it has other words for."""
    from assistant.understand.entities import normal

    told = {n: (n.replace("_", " "), *d.said) for n, d in added.dimensions.items()}
    told |= {n: words for n, words in added.words.items() if n not in metrics()}
    return {n: tuple(normal(w) for w in words) for n, words in told.items()}


def own_phrases() -> frozenset[str]:
    """All that the company itself calls a figure or a dimension."""
    return _own_phrases(own())


@lru_cache(maxsize=COMPANIES)
def _own_phrases(added: Own) -> frozenset[str]:
    dimensions = {w for words in own_dimension_words(added).values() for w in words}
    dimensions |= {_plural(w) for w in dimensions if not w.endswith("s")}
    return frozenset(both(dimensions | set(_own_metric_phrases(added))))


def _own_metric_phrases(added: Own) -> dict[str, str]:
    from assistant.understand.entities import normal

    out = {normal(w): n for n, words in added.words.items() if n not in added.dimensions and n in metrics() for w in words}
    for name, metric in added.metrics.items():
        out |= {normal(w): name for w in (name, name.replace("_", " "), metric.label, *metric.synonyms)}
    return out


def _plural(phrase: str) -> str:
    return phrase[:-1] + "ies" if phrase.endswith("y") else phrase + "es" if phrase.endswith("s") else phrase + "s"


def metric_phrases() -> dict[str, str]:
    """Every way to say a metric, lower case, to its name (variants by `metric.variant`); a company's own words come before ours."""
    return _metric_phrases(own())


@lru_cache(maxsize=COMPANIES)
def _metric_phrases(added: Own) -> dict[str, str]:
    if added is not NOTHING:
        return _metric_phrases(NOTHING) | in_both(_own_metric_phrases(added))
    from assistant.understand.entities import normal

    out: dict[str, str] = {}
    for name, metric in shipped().items():
        said = (metric.label.split(" (")[0], name.replace("_", " "), name, *metric.synonyms, *MORE_SYNONYMS.get(name, ()))
        for phrase in said:
            out.setdefault(normal(phrase), name)
        for variant in metric.variants.values():
            for phrase in (
                variant.label,
                variant.name.replace(".", " ").replace("_", " "),
                variant.name,
                *variant.synonyms,
                *MORE_SYNONYMS.get(variant.name, ()),
            ):
                out.setdefault(normal(phrase), variant.name)
    for name, phrases in MORE_SYNONYMS.items():
        for phrase in phrases:
            out.setdefault(normal(phrase), name)
    for weak in both((*WEAK, *READ_APART)):
        out.pop(weak, None)
    return in_both(out)


READ_APART = ("late deliveries", "orders per month", "orders a month", "orders per week", "orders per year")
"""Synonyms that say more by their parts: a figure by month is a course over time, late deliveries are counted or listed."""
WEAK = frozenset(
    """complete rating condition approval handling picking transit lines stars responses reviews complaints comments spend bought buyers returning delay segment tier demand yoy slack cover recommend importance potential effort accuracy alive backlog spread consistency recovery bias reorder overdue migration contribution dependence headcount trust variability frequency
    optimism ageing survival hazard shortfall salvage resold customised scorecard replenishment""".split()
)


def known_words() -> frozenset[str]:
    """All words that mean something here, for mending typing errors."""
    return _known_words(own())


@lru_cache(maxsize=COMPANIES)
def _known_words(added: Own) -> frozenset[str]:
    from assistant.understand import asks, courtesy, phrases
    from assistant.understand.dates import MONTHS, NUMBERS
    from assistant.understand.entities import PLACES
    from assistant.understand.meaning import INSTEAD_OF
    from assistant.understand.plain_periods import SEASONS, WEEKDAYS

    words: set[str] = (
        set(phrases.FILLERS)
        | set(GRAIN_WORDS)
        | set(MONTHS)
        | set(NUMBERS)
        | set(SEASONS)
        | set(WEEKDAYS)
        | set(PERIOD_WORDS)
        | phrases.CHITCHAT
    )
    words |= (
        set(phrases.AVERAGES)
        | set(phrases.VERBS)
        | phrases.DOCUMENT_WORDS
        | phrases.MEANINGFUL
        | set(OTHER_WORDS)
        | asks.WORDS
        | courtesy.WORDS
    )
    words |= added.pass_over
    operations = (said for _, said in phrases.OPERATION_PHRASES)
    for listed in (
        tuple(_dimension_phrases(added)),
        *operations,
        tuple(_metric_phrases(added)),
        tuple(AMBIGUOUS),
        tuple(phrases.STATES),
        tuple(PLACES),
        INSTEAD_OF,
    ):
        for phrase in listed:
            words.update(phrase.split())
    return frozenset(both(words))


def core_words() -> frozenset[str]:
    """The words that people ask with: of figures, dimensions, operations, buckets and periods, without the empty ones in them."""
    return _core_words(own())


@lru_cache(maxsize=COMPANIES)
def _core_words(added: Own) -> frozenset[str]:
    from assistant.understand import phrases

    said = (
        *_metric_phrases(added),
        *_dimension_phrases(added),
        *(p for _, words in phrases.OPERATION_PHRASES for p in words),
        *GRAIN_WORDS,
        *PERIOD_WORDS,
    )
    return frozenset(w for phrase in said for w in phrase.split() if len(w) > 4 or w not in phrases.FILLERS)


OTHER_WORDS = """weather market employee employees salary salaries driver website temperature password credit joke news stock inventory hand phone
    whether competitor competitors profit tax staff contact""".split()
"""Words that are not to be mended into others."""
PERIOD_WORDS = ("last", "previous", "past", "prior", "this", "current", "today", "yesterday", "fiscal", "half", "first", "second", "third", "fourth", "since", "until",
                "before", "after", "between", "ago", "ytd", "qtd", "mtd", "date", "rolling", "trailing", "beginning", "end", "time", "start", "next", "tomorrow", "coming", "upcoming", "future", "earlier", "following", "preceding", "later", "commencing")  # fmt: skip

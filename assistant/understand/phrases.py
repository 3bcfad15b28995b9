"""What people want with a figure: operations, moods, comparisons, and the words that carry no meaning of their own here."""

from __future__ import annotations

from assistant.understand.spelling import both, in_both

_SAID: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("truth", ("is it true", "is it true that", "it is true that", "is that true", "true that", "is it correct that", "is it right that", "confirm that", "did we really", "verify that", "check whether", "check if")),
    ("why", ("why", "reason for", "reasons for", "reasons behind", "reason behind", "what caused", "what causes", "what is behind", "what drives", "what drove", "drivers of", "driver of", "root cause", "root cause of", "how come", "explain the drop", "explain the rise", "explain the change", "what happened to", "what explains", "what moved", "cause of", "causes of")),
    ("define", ("define", "definition", "definition of", "what does", "how is", "how do you calculate", "how do we calculate", "how do you compute", "how do we compute", "how do we measure", "how do you measure", "how do you define", "how do we define", "calculated", "computed", "measured", "defined", "meaning of", "explain", "formula", "formula for", "mean exactly", "stand for", "what is meant by", "what counts as", "counts as", "what qualifies as", "qualifies as", "what do you mean by", "what do we mean by", "what do we understand by")),
    ("compare", ("compare", "compared", "comparison", "vs", "versus", "against", "difference between", "difference in", "difference of", "yoy", "year over year", "year on year", "qoq", "quarter over quarter", "quarter on quarter", "mom", "month over month", "month on month", "wow", "week over week", "compared to", "compared with", "relative to", "better than", "worse than", "higher than", "lower than", "than")),
    ("growth", ("growth", "grow", "grew", "grown", "growing", "increase", "increased", "increasing", "decrease", "decreased", "decline", "declined", "declining", "change", "changed", "rise", "rose", "risen", "rising", "fall", "fell", "fallen", "falling", "drop", "dropped", "dropping", "up", "down", "shrink", "shrank", "shrinking", "growth rate", "improve", "improved", "improving", "worsen", "worsened", "gain", "gained", "lose", "lost", "slip", "slipped", "went up", "went down", "go up", "go down", "gone up", "gone down", "jump", "jumped", "deteriorate", "deteriorated", "better", "worse", "higher", "lower", "collapse", "collapsed", "collapsing", "plunge", "plunged", "plummet", "plummeted", "slump", "slumped", "dip", "dipped", "sink", "sank", "sunk", "tank", "tanked", "crash", "crashed", "tumble", "tumbled", "soar", "soared", "surge", "surged", "spike", "spiked", "climb", "climbed", "climbing", "skyrocketed", "recover", "recovered")),
    ("distribution", ("distribution of", "distributed", "distribution", "histogram", "histogram of", "spread of", "how spread out")),
    ("trend", ("trend", "trends", "trending", "over time", "development", "evolution", "developed", "evolved", "evolve", "history", "time series", "timeline", "develop", "month by month", "week by week", "quarter by quarter", "year by year", "day by day", "trajectory")),
    ("share", ("share of", "percentage of", "percent of", "proportion of", "fraction of", "what share", "what percentage", "what proportion", "contribution of", "contribute", "contributes", "what percent", "share", "how much of our", "how much of the", "portion of", "part of total", "weight of")),
    ("rank", ("top", "bottom", "best", "worst", "highest", "lowest", "largest", "biggest", "smallest", "most", "least", "leading", "rank", "ranked", "ranking", "lowest performing", "best performing", "fewest", "strongest", "weakest", "number one", "slowest", "fastest", "longest", "shortest", "best selling", "bestselling", "best sellers", "bestsellers", "top selling", "main", "key", "poorest", "greatest", "major")),
    ("themes", ("complaining about", "complain about", "complaints", "complaint", "complain", "complains", "complained", "complaining", "unhappy", "dissatisfied", "happy", "saying", "say", "think", "feel", "voice of the customer", "voc", "feedback themes", "feedback", "talk about", "talking about", "praise", "praising", "like about", "dislike", "annoyed", "angry", "upset", "issues", "pain points", "problems", "frustrated", "themes", "satisfied with", "grievances", "bothers", "mention", "mentioning", "raise", "said", "tell us", "telling us", "hurting us", "hurts us", "frustrates", "frustrating", "annoys", "bothering", "bugging", "bugs", "irritating", "irritates", "upsetting", "upsets")),
    ("quotes", ("comments", "quotes", "quote", "what did", "verbatims", "verbatim", "in their words", "in their own words", "examples of comments", "reviews", "comment", "review")),
    ("stock", ("stock", "in stock", "stock of", "on hand", "stock level", "stock levels", "inventory", "inventory of", "inventory level", "on the shelf", "how much stock", "stock on hand")),
    ("list", ("list", "which", "name all", "show all")),
)  # fmt: skip
OPERATION_PHRASES = tuple((name, tuple(dict.fromkeys(both(said)))) for name, said in _SAID)
"""What is to be done, and how it is said."""
FALLING = frozenset(
    """fall fell fallen falling drop dropped dropping decline declined declining decrease decreased down shrink shrank shrinking lower worse
    worsen worsened lose lost slip slipped deteriorate deteriorated less fewer collapse collapsed collapsing plunge plunged
    plummet plummeted slump slumped dip dipped sink sank sunk tank tanked crash crashed tumble tumbled""".split()
)
RISING = frozenset(
    "rise rose risen rising grow grew grown growing increase increased increasing up higher better improve improved improving gain gained jump jumped soar soared surge surged spike spiked climb climbed climbing skyrocketed recover recovered".split()
)
BETTER, WORSE = (
    frozenset("better improve improved improving".split()),
    frozenset("worse worsen worsened deteriorate deteriorated".split()),
)
LOW_WORDS = frozenset("bottom lowest smallest least fewest shortest fastest weakest".split())
GOOD_BAD = {"best": "good", "worst": "bad", "strongest": "good", "poorest": "bad", "slowest": "bad"}
BY_REVENUE = frozenset("top biggest largest leading bottom smallest main key major greatest".split())
NEGATIVE_MOOD = frozenset(
    """complaining complain complaints complaint unhappy dissatisfied dislike annoyed angry upset issues problems frustrated pain negative bad
    grievances bothers worst hurting hurts frustrates frustrating annoys bothering bugging bugs irritating irritates upsetting upsets unhappiest negative""".split()
)
POSITIVE_MOOD = frozenset("happy praise praising like love satisfied positive good best".split())
AVERAGES: dict[str, str] = {
    "average": "mean", "mean": "mean", "avg": "mean", "median": "median", "typical": "median", "p90": "p90", "90th": "p90", "total": "sum", "overall": "sum",
}  # fmt: skip
CONNECTORS = frozenset("and or plus vs versus as also then but to with".split())
VERBS: dict[str, str] = {
    **dict.fromkeys("buy buys buying bought booked bring brings brought purchase purchased purchases sell sells sold selling spend spends spent ordering ordered order place placed places".split(), "buy"),
    **dict.fromkeys("returned returning sent-back".split(), "return"),
    **dict.fromkeys("owns own looks-after handles manages".split(), "own"),
}  # fmt: skip
STATES: dict[str, str] = in_both({
    "late": "late", "delayed": "late", "overdue": "overdue", "past due": "overdue", "open": "open", "pending": "open", "undelivered": "open", "outstanding": "open",
    "not delivered": "open", "not yet delivered": "open", "unshipped": "open", "backlog": "open", "cancelled": "cancelled", "canceled": "cancelled",
    "delivered": "delivered", "in transit": "shipped", "on the way": "shipped",
})  # fmt: skip
ORDER_NOUNS = frozenset("order orders shipment shipments delivery deliveries backlog".split())
DOCUMENT_KINDS = frozenset(
    both(
        """handbook handbooks policy policies playbook playbooks document documents guideline guidelines procedure procedures manual manuals agreement
    agreements documentation rule rules""".split()
    )
)
"""Words that ask for a text whatever else is named ("our returns policy")."""
DOCUMENT_WORDS = DOCUMENT_KINDS | frozenset("notice notices allowed approve approval-of memo note notes".split())
"""Words that ask for a text where no figure is named."""
FILLERS = frozenset(
    both(
        """the a an of in on at for to from by per with and or is are was were be been being do does did have has had having we us our ours you your i me my
    they them their theirs he she his her him it its this that these those there where what which who whom  how much many show give tell get
    see look find please thanks thank hi hello hey can could would will may might want need like know let just only also then now
    so as corresponding respective about into over under across within during between any some all each every both either such same other another more
    data figures figure number numbers value values totals sum amount amounts current currently latest recent recently far
    ok okay yes well right actually really again still yet already ever until against toward via out
      team report dashboard table chart graph plot breakdown split broken break grouped group sorted sort rate rates level levels
    percent percentage made make makes making happen happens happened happening go goes going doing come comes came coming here today question help
    quickly quick exactly roughly approximately account customer person people business company whole entire full
    list compare comparison versus between one ones thing things kind sort type there's im am here's per-
    long take takes taking took took   need needs needed get gets getting got become display present provide calculate compute overall
    terms regarding concerning respect view check pull run generate summary summarize summarise overview details detail info information stats
    statistics statistic metric metrics kpi kpis numbers generally usually normally typically period time times date dates days
    receive received receiving see seen deliver delivering delivers ship shipped shipping ships perform performing performance-wise did've we've
    count counts counted score scores worth me us folks guys hmm um uh erm so-called mean meant i'd we'd you'd bit lot lots plus
    dollars dollar usd euros euro eur pounds pound gbp money in-total altogether combined each-other perhaps maybe possibly
    leave left leaving send sent put through went gone been-going along among amongst amid around onwards
    quick-question curious wondering wonder interested using based according basis every-one everything everyone anybody anyone somebody
    accounts clients customers' company's firms' compared level-wise looks looking like-for-like currently-open hit hits reach reached
    goods merchandise stuff giving generated earned achieved recorded brings bring bringing brought split splits
    thru via plan planning program programme today's latest-month use uses used using work works working exist exists offer offers existing serve serves operate operates there's run runs carry carries write writes written specifically particular certain various different separately respectively individually together jointly alone something anything someone""".split()
    )
)
MEANINGFUL = frozenset("when last lasts often not no never without but whose if because should unless except".split())
"""Words that change what is asked; one that nothing reads is named as not understood, never passed over."""
CHITCHAT = frozenset("hi hello hey thanks thank bye goodbye".split())
FOLLOW = (
    "and", "what about", "how about", "same", "same for", "now", "only", "just", "then", "but", "or", "also", "instead", "for", "in", "by", "without", "excluding",
)  # fmt: skip
DEFINING = frozenset("define definition calculated computed measured defined formula".split()) | {
    "definition of", "meaning of", "formula for", "what does", "how do you calculate", "how do we calculate", "how do you compute", "how do we compute",
    "how do we measure", "how do you measure", "how do you define", "how do we define", "explain", "mean exactly", "how is", "stand for", "what is meant by", "what counts as", "counts as", "what qualifies as", "qualifies as", "what do you mean by", "what do we mean by", "what do we understand by",
}  # fmt: skip

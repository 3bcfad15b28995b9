"""What is asked that is no figure: records of a kind, whether a complaint is right, a brief, advice, who fell silent."""

from __future__ import annotations

import re
from collections.abc import Iterable

from assistant.understand.reading import Reading

RECORD_NOUNS: dict[str, tuple[str, ...]] = {
    "invoice": ("invoice", "invoices", "bill", "bills"),
    "contract": ("contract", "contracts"),
    "quote": ("quote", "quotes", "quotation", "quotations", "opportunity", "opportunities", "deal", "deals"),
    "promise": ("promise", "promises", "commitment", "commitments"),
    "contact": ("contact", "contacts"),
    "case": ("case", "cases", "ticket", "tickets"),
}
RECORD_STATES: dict[str, dict[str, tuple[str, ...]]] = {
    "invoice": {"overdue": ("overdue", "late", "past due"), "unpaid": ("unpaid", "open", "outstanding", "unsettled", "not paid"), "paid": ("paid", "settled")},
    "contract": {"ending": ("end", "ends", "ending", "expire", "expires", "expiring", "renewal", "renew", "renewals", "run out", "running out"),
                 "running": ("active", "running", "current", "open")},
    "quote": {"open": ("open", "pending", "outstanding"), "won": ("won",), "lost": ("lost",)},
    "promise": {"open": ("open", "outstanding", "pending"), "broken": ("broken", "missed", "overdue", "late", "broke", "break", "unkept"), "kept": ("kept",)},
    "contact": {},
    "case": {"unanswered": ("unanswered", "not answered"), "open": ("open", "unresolved", "outstanding", "pending", "not resolved")},
}  # fmt: skip
NEEDS_STATE = frozenset(("invoice", "quote", "case", "promise"))
"""Nouns that also mean something else (orders, comments, a figure) unless a state or a holder stands beside them."""
HELD_BY = frozenset("of for at to with from".split())
CLAIM_WORDS: dict[str, tuple[str, ...]] = {
    "late": ("late", "delay", "delays", "delayed", "lateness"),
    "damaged": ("damage", "damaged", "damages", "broken"),
    "wrong_item": ("wrong item", "wrong items", "wrong article", "wrong articles", "wrong goods", "mispick", "mispicks"),
    "incomplete": ("incomplete", "missing", "short"),
    "no_reply": ("reply", "replies", "answer", "answers", "unanswered", "response", "slow support"),
    "slow_refund": ("refund", "refunds", "credit", "credits", "credit note", "credit notes"),
    "wrong_invoice": ("invoice", "invoices", "invoicing", "billing", "price", "prices"),
    "out_of_stock": ("out of stock", "availability", "unavailable", "stock"),
}
COMPLAINT = r"(?:complaints?|complaining|claims?)"
CLAIMS_ASKED = re.compile(
    rf"\b{COMPLAINT}\b.*\b(?:right(?! now| away)|true|justified|correct|valid|legit|legitimate|fair|founded|accurate|hold up|borne out|backed|confirmed|supported|contradicted)\b"
    rf"|\b{COMPLAINT}\b.*\b(?:wrong|false)(?=$| or )"
    rf"|\b(?:records?|data|facts|figures|system|orders?) (?:\w+ )?(?:backs?|supports?|confirms?|contradicts?|bears?)\b.*\b{COMPLAINT}\b"
    rf"|\b(?:verify|check) (?:the |this |that |their |his |her )?{COMPLAINT}\b"
    r"|\btrue that\b.*\b(?:claims?|complains?|says?|tells us)\b"
)
BRIEF_ASKED = re.compile(
    r"^(?:(?:give|get|make|show|write|prepare)(?: me)? )?(?:an? |the )?(?:(?:account |customer |quick |short |meeting )*brief(?:ing)?|account (?:summary|review|overview))\b"
    r"|^(?:summar(?:y|ise|ize)|tell me about|everything (?:about|on)|overview of|what (?:should|do) i (?:need to )?know about|prepare me|prep me)\b|\bbrief me\b|\b(?:the |a )?(?:rundown|run-down|low-?down|heads[ -]up)\b(?: (?:on|about|for))?|\b(?:before|for) (?:my|the|our) (?:meeting|visit|call|review)\b"
)
ENCOUNTER = re.compile(
    r"\b(?:a |my |our )?(?:call|meeting|visit|appointment|lunch|review|session) (?:with|at)\b|^(?:i am |we are )?(?:just )?(?:seeing|visiting|meeting|calling|talking to|speaking (?:to|with)|about to (?:see|call|meet|visit))\b"
)
"""Somebody is about to meet a customer, and wants to know what matters."""
OCCASION = frozenset(
    """call meeting visit appointment lunch review session seeing visiting calling talking speaking minutes minute hour hours half afternoon morning
    evening soon later anything should worry worried know aware prepare prepared ready watch mention careful about heads nervous noon tonight bring raise on monday tuesday wednesday thursday friday""".split()
)
ADVICE_ASKED = re.compile(
    r"\bnext (?:steps?|actions?)\b|\bwhat (?:should|can|do|could) (?:we|i) do (?:next |now )?(?:about|for|with|to)\b|\bhow (?:do|can|could|should) (?:we|i) (?:win back|keep|save|retain|help)\b|\bwhat (?:now|next) for\b|\bwhat is next for\b"
)
SILENT_ASKED = re.compile(
    r"\b(?:not|never|no longer|stopped|quit|ceased)(?: \w+)? (?:order(?:ed|ing)?|buy(?:ing)?|bought|purchas(?:ed|ing)|placed)\b|\b(?:inactive|lapsed|dormant|silent) (?:customers|accounts|clients|buyers)\b"
    r"|\b(?:customers|accounts|clients) (?:that )?(?:are |went |have gone )?(?:inactive|lapsed|dormant|silent|quiet)\b"
)
ORDERS_NOT = re.compile(
    r"\b(?:orders?|sales|revenue|shipments?|deliver(?:y|ies)) (?:that (?:are |were |have been )?)?(?:was |were )?not\b"
)
"""What was not bought so, of what was ("orders not placed on the web"): no silence."""
WORDS = frozenset(
    w
    for listed in (
        *RECORD_NOUNS.values(),
        *(words for states in RECORD_STATES.values() for words in states.values()),
        *CLAIM_WORDS.values(),
    )
    for phrase in listed
    for w in phrase.split()
) | frozenset(
    """complaint complaints complaining claim claims brief briefing summary summarise summarize meeting inactive lapsed dormant silent stopped right true
    justified correct valid legit legitimate fair founded accurate wrong false backed back backs confirm confirms confirmed support supports
    supported contradict contradicts contradicted verify check record records borne bears hold""".split()
)
"""Words that are not to be mended into others."""


RECORD_ASKED = re.compile(
    r"\bwhen did .*\blast (?:order|buy|purchase|place)\b|\bwhen was .*\blast (?:order|purchase)\b|\blast (?:order|purchase)(?: date)? (?:of|from|by|for)\b|\blast ordered\b"
    r"|\b(?:children|subsidiaries|daughters|affiliates|sister companies) of\b|\bparent (?:company )?of\b|\b(?:belong|belongs) to which group\b"
)
STOCK_OUT = re.compile(r"\b(?:out of stock|stock ?outs?|stocked out|sold out|no stock|zero stock)\b")
STOCK_TO_REORDER = re.compile(r"\b(?:at or )?(?:below|under|at) (?:the |its |their )?(?:reorder (?:point|level))s?\b")
STOCK_LOW = re.compile(
    r"\b(?:below|under) (?:the |its |their )?(?:safety|buffer) stocks?\b|\blow (?:on |in )?stock\b|\bstock (?:is |are )?(?:running )?low\b|\brunning (?:low|short|out)\b"
)
STOCK_STATES = (("out", STOCK_OUT), ("to_reorder", STOCK_TO_REORDER), ("low", STOCK_LOW))
"""How it is said that an article is short; each is a state of stock by its name there."""


OF_COMMENTS = ("complaints", "complain", "complaining", "say", "comments")
CLAIM_TOLD = WORDS | {
    "is",
    "it",
    "that",
    "always",
    "constantly",
    "says",
    "complains",
    "delivery",
    "deliveries",
    "data",
    "facts",
    "figures",
    "system",
    "up",
    "out",
}
"""Words that are read where it is asked whether a complaint is right."""
RECORD_TOLD = frozenset(
    """when did was last order orders purchase buy place date ordered children subsidiaries daughters affiliates sister companies parent company belong
    belongs group""".split()
)


def special(r: Reading) -> None:
    """Takes the words that ask for one of these; names, periods and the rest of the question are read after it."""
    low = " ".join(t.text for t in r.tokens)
    if CLAIMS_ASKED.search(low) and not r.said("rate", "share", "many"):
        r.asks = "claims"
        r.claims = tuple(kind for kind, words in CLAIM_WORDS.items() if any(re.search(rf"\b{w}\b", low) for w in words))
        _take(r, [i for i, t in enumerate(r.tokens) if t.text in CLAIM_TOLD])
    elif not r.said("rate", "share", "why") and not ORDERS_NOT.search(low) and _spans(r, low, SILENT_ASKED):
        r.asks = "lapsed"
        r.record_state = "never" if r.said("never") else "stopped" if r.said("stopped", "quit", "ceased") else None
    elif _spans(r, low, ADVICE_ASKED):
        r.asks = "advise"
    elif _spans(r, low, BRIEF_ASKED) or ENCOUNTER.search(low):
        r.asks = "brief"
        if ENCOUNTER.search(low):
            _take(r, [i for i, t in enumerate(r.tokens) if t.text in OCCASION or t.text.isdigit()])
    elif RECORD_ASKED.search(low):
        r.asks = "who"
        _take(r, [i for i, t in enumerate(r.tokens) if t.text in RECORD_TOLD])
    elif not r.said(*OF_COMMENTS, "rate", "contract", "contracts") and (state := _stock(r, low)):
        r.asks, r.record_state = "stock", state
    else:
        _records(r)


def _stock(r: Reading, low: str) -> str | None:
    return next((state for state, pattern in STOCK_STATES if _spans(r, low, pattern)), None)


def _spans(r: Reading, low: str, pattern: re.Pattern[str]) -> bool:
    """Takes all words that the pattern covers, and says whether there are any."""
    found = list(pattern.finditer(low))
    for match in found:
        first = low[: match.start()].count(" ")
        _take(r, range(first, first + len(match.group().split())))
    return bool(found)


def _take(r: Reading, places: Iterable[int]) -> None:
    for i in places:
        if r.role[i] is None:
            r.take(i, i, "operation")


def _records(r: Reading) -> None:
    """ "Overdue invoices of acme", "contracts that end this year", "contacts at globex"."""
    nouns = {word: kind for kind, words in RECORD_NOUNS.items() for word in words}
    for i, token in enumerate(r.tokens):
        kind = nouns.get(token.text)
        if kind is None or r.role[i] is not None or r.said("say", "says", "rate", "share", "policy", "per", "by"):
            continue
        state, places = _state(r, kind)
        held = r.word(i + 1) in HELD_BY and i + 2 < len(r.tokens)
        plain = kind not in NEEDS_STATE and (kind != "contact" or held)
        if state is None and not plain and not (held and kind == "case"):
            continue
        r.asks, r.kind, r.record_state = "records", kind, state
        for place in (i, *places):
            r.take(place, place, "record")
        return


def _state(r: Reading, kind: str) -> tuple[str | None, list[int]]:
    for state, words in RECORD_STATES[kind].items():
        for phrase in words:
            size = len(phrase.split())
            for i in range(len(r.tokens) - size + 1):
                if r.words(i, i + size - 1) == phrase and r.is_free(i, i + size - 1):
                    return state, list(range(i, i + size))
    return None, []

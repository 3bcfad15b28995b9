"""Claims of clauses that an order record can settle: late, incomplete, damaged, wrong item, wrong invoice, slow refund, no reply,
out of stock. A clause makes a claim by what it says (patterns) or by its aspect, where it is no praise and no denial."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

COLUMNS = ["feedback_id", "segment", "start", "end", "claim"]
SURE, GLAD = 0.5, 0.3


@dataclass(frozen=True)
class Claim:
    """One checkable claim: the aspects that make it, the words that do, and words which show that it is something else."""

    name: str
    label: str
    aspects: tuple[str, ...]
    says: re.Pattern[str]
    unless: re.Pattern[str] | None = None


def _any(text: str) -> re.Pattern[str]:
    return re.compile("|".join(line.strip() for line in text.strip().splitlines()), re.IGNORECASE)


_DAY = r"(?:(?:mon|tues?|wednes|wed|thurs?|fri|satur|sun)(?:day)?|yesterday|last week|\d{1,2}(?:st|nd|rd|th|/\d{1,2}|\.\d{1,2}\.?)?(?: \w{3,9})?|\w{3,9} \d{1,2})"
_GOODS = r"(?:goods|parts?|items?|articles?|pieces?|units?|products?|material|stuff|things?)"
_BILL = r"(?:invoic\w*|bill(?:s|ed|ing)?|charged|credit note)"

CLAIMS = (
    Claim(
        "late", "late", ("delivery.late",),
        _any(rf"""
            \b(?:late|delay(?:s|ed)?|overdue|past due|behind (?:schedule|the|plan)|not on time|too late)\b
            \b(?:still|yet) (?:not|isn'?t|hasn'?t|haven'?t) (?:here|there|arrived?|come|delivered|received|shipped|got)
            \b(?:has|have|had|is|was)(?: still|n'?t| not| never)+ (?:arriv\w*|here|come|been delivered|turned up|shown up)
            \b(?:never|not) (?:arriv\w+|turned up|showed up|shown up|came|been delivered)\b
            \bno sign of\b
            \bwhere (?:is|are|the \w+ is)\b.{{0,40}}\b(?:order|delivery|shipment|goods|parcel|truck)\b
            \b(?:should|supposed to|was to|were to) (?:have )?(?:been|come|arrive\w*|be)\b.{{0,25}}\b(?:{_DAY}|here|ago)
            \b(?:you (?:said|told|promised|confirmed)|promised?(?: for)?|told|due|confirmed for|said)\b (?:us )?{_DAY}.{{0,60}}\b(?:is|was|it is|came|come|arriv\w+|got|here|received|until|nothing|no truck|not here|thursday)\b
            \b(?:came|got|arriv\w+|received|delivered)\b.{{0,30}}\b(?:instead of|not on) {_DAY}
            \b(?:arriv\w+|delivered|came|turned up|showed up|shipped)\b.{{0,30}}\b(?:days?|weeks?|hours?) (?:after|later|behind|late)
            \bdue {_DAY}\b.{{0,25}}\b(?:here|came|arrived|nothing)
            \b(?:no|missed|slip\w*)\b.{{0,30}}\b(?:delivery|promised?|arrival) dates?\b
            \bmissed (?:date|our (?:slot|window|deadline)|delivery|due date|shut ?down)
            \bslip(?:ped|s)?\b.{{0,20}}\b(?:days?|weeks?)
            \b(?:did not|didn'?t|never) (?:make it|come|arrive) (?:on|in) time
            \barriv\w+ after (?:we|our|the)\b
            \barrival {_DAY}
            \bmissed our (?:\w+ )?(?:window|deadline|slot)
            {_DAY} came and went
            \bdelay\w* on (?:an?|our|the|this) order|\bdel+ay on\b
            \bstill waiting for\b|\bwaiting {_DAY} and no\b
            \b(?:is|are) missing in action\b
            \bif {_DAY} means {_DAY}
            \b(?:promised?|delivery|arrival) dates? (?:mean|are|is) (?:nothing|worth|a joke|fiction)
            \btook forever\b.{{0,25}}\b(?:due|deliver|arriv|here)
        """),
        re.compile(r"\b(?:invoice|credit|refund|reply|replies|answer\w*|respon[sd]\w*|certificate|mail|documents?|paper\w*|payment|too early|lead times?|quote|money|rest of|remaining|approval|call ?back|line for)\b|\b(?:late|delay\w*) fee", re.I),
    ),
    Claim(
        "incomplete", "incomplete", ("order.incomplete",),
        _any(rf"""
            \bincomplete\b
            \bshort[- ]?(?:ship\w*|deliver\w*|fall)\b
            \b(?:was|were|is|are|came|one layer|pieces?|units?|boxes|delivered|\d+|again|product|goods|we) short\b
            \bshort (?:on|of|by|again|in)\b
            \b(?:missing|lacking)\b.{{0,30}}\b(?:deliver\w*|order|shipment|box\w*|pallets?|line|goods|pieces?)\b
            \b(?:{_GOODS}|boxes|box|cartons?|pallets?|lines?|rest|half|some|\d+)\b.{{0,20}}\b(?:is|are|was|were)?\s?(?:still )?missing\b
            \bmissing (?:from|line|{_GOODS})\b
            \b(?:only|just) (?:a )?(?:part|half|some|fraction|\d+)\b.{{0,30}}\b(?:arriv\w+|came|delivered|received|got|of)\b
            \b(?:not|wasn'?t|never) (?:complete\b|everything|all of)
            \bpartial (?:delivery|shipment|order)
            \b(?:where is|waiting for|send|missing) the (?:rest|remain\w+)
            \b(?:quantity|count|pieces?) (?:does not|doesn'?t|did not|didn'?t|is|was|are) (?:match|short|wrong|off|not there)
            \b(?:are|is|were|was)(?:n'?t| not) (?:there|in the box|included)\b
            \beverything except\b
            \b(?:half|fraction|part) (?:of|the)\b.{{0,30}}\b(?:missing|we ordered|not (?:here|there))
            \bpaid for all\b
            \bnever seen .{{0,30}} in one piece\b
            \bpallet says otherwise\b
            \bcannot \w+ with half\b
            \bordered enough\b
            \b(?:short|missing)\W*$
            \bline (?:is )?missing\b
        """),
        re.compile(r"\b(?:certificates?|documents?|papers?|paperwork|labels?|packing list|delivery note|po number|discount|invoice|signature|data sheet|drawings?|statement|picture|barcode|short with (?:me|us)|numbers? (?:is |was )?missing|lot number|credit note|in short|short notice|short heads|short of (?:people|staff|hands)|customs|missing in action|portal shows|call ?back|answer|reference|on back order)\b", re.I),
    ),
    Claim(
        "damaged", "damaged", ("product.damaged",),
        _any(r"""
            \bdamag\w*
            \b(?:hole|dents?) in (?:it|the (?:box|carton|side))
            \b(?:crush|smash|dent|shatter|crack|chip|scratch|squash|batter|scrap)(?:ed|es|s)\b
            \b(?:bent|caved in|in pieces|dropped from|torn open|ripped|soaked|scrapes|scratches|dents)\b
            \b(?:arriv\w+|came|received|delivered|deliveries|opened|unpack\w*|on arrival|transport|transit)\b.{0,40}\b(?:broken|bent|wet|leaking|open|in pieces|terrible shape|unusable)\b
            \bbroken (?:on arrival|in transit|parts|goods|items)
            \b(?:is|was|were|are) (?:broken|scrap)\b.{0,30}\b(?:arriv|open|deliver|unpack|box)
            \bbroken\b(?=.{0,30}\b(?:pieces|dock|pallet|box|carton))|\b(?:dock|pallet|box|carton|pieces)\b.{0,30}\bbroken\b
            \beverything leaked\b
        """),
        re.compile(r"\b(?:relationship|reputation|trust) .{0,12}damage|\bafter (?:a|one|two|\d+) (?:weeks?|months?|days?)\b|\b(?:credit|refund)\b|dents? in (?:my|our|the) (?:budget|trust)|web ?shop|search|portal|checkout|foam chips", re.I),
    ),
    Claim(
        "wrong_item", "wrong item", ("order.wrong_item",),
        _any(rf"""
            \b(?:wrong|incorrect|mixed up) (?:item|{_GOODS}|sizes?|colou?r|variant|version|model|goods|pick|shipment|order|box|parts?)\b
            \b(?:sent|got|received|shipped|delivered|has|came)\b.{{0,25}}\b(?:a different|another|some other) (?:item|{_GOODS}|sizes?|colou?r|variant|version|model)\b
            \b(?:different|wrong) (?:sizes?|part|item) in (?:it|the)\b
            \bwrong\b.{{0,60}}\b(?:sent|shipped|delivered|received|in the box|picked|in (?:po|order|so)\b)
            \b(?:sent|shipped|picked|delivered|received|got|put)\b(?: us| me)?.{{0,20}}\b(?:the wrong|wrong|something else|somebody else'?s|someone else'?s|whatever this is|a different)\b
            \bpicked wrong\b
            \bnot (?:what|the one|the ones) (?:we|i) (?:ordered|asked for|wanted)
            \b(?:this|that|it|they) (?:is|are)(?:n'?t| not) (?:the (?:one|ones|right|part|product|item)|what|ours|the product)
            \b(?:ordered|asked for|wanted)\b.{{0,50}}\b(?:got|received|came|was sent|found)\b
            \bnever ordered\b
            \b(?:item|part|article|product) (?:number )?(?:mismatch|mix-?up)|\bmix-?up on\b|\bitem mismatch\b
            \bcontents? (?:is |are |was |were )?(?:wrong|not right)\b
            \bneeds? glasses\b
            \bthis is not (?:the |a |an |what |our )?\w+
            \b(?:inch instead of|instead of (?:the )?(?:right|metric|ordered))
            \b(?:left|right) hand version\b
            \bswap(?:ped)?\b.{{0,40}}\b(?:items?|parts?|bins?|product)\b
            \bput the right .{{0,40}} in (?:a|the) box\b|\bis the wrong\b
        """),
        re.compile(rf"\b(?:{_BILL}|prices?|picture|address|dock|advice|amount|hand ?over|po reference|entrance|gate|different answer|competitor|elsewhere|enough|short|only part|fraction|lead time|feedback|answer|packing list|person|department)\b", re.I),
    ),
    Claim(
        "wrong_invoice", "wrong invoice", ("commercial.invoice",),
        _any(rf"""
            \b{_BILL}\b.{{0,60}}\b(?:wrong|incorrect|errors?|mistakes?|not (?:the|match|right|what|on|agreed)|does(?:n'?t| not) match|do(?:n'?t| not) match|twice|double|off\b|mismatch|missing|although|list price|last year|difference|more than|corrected|until|instead of|plus something)
            \b(?:wrong|incorrect|corrected?|fix|error|mistake|double|discount|conditions?|price difference)\w*\b.{{0,50}}\b{_BILL}\b
            \b(?:over|double)[- ]?(?:charg\w+|bill\w+)|\bbilling errors?\b
            \bwrong (?:price|amount|unit price|total)\b
            \b(?:contract|agreed|quoted) price\w*\b.{{0,40}}\bnot\b|\b(?:price|discount|rebate) (?:was |is |were )?(?:not applied|missing|ignored)
            \b(?:discount|price) (?:is |was )?missing on\b
            \brejects? every (?:second )?invoice
            \bspend more time on your invoices
        """),
        re.compile(r"\b(?:fast at invoicing|waiting for (?:the|our|a) credit|credit note)\b", re.I),
    ),
    Claim(
        "slow_refund", "refund or credit slow", ("after_sales.refund", "commercial.credit"),
        _any(r"""
            \b(?:credit(?:s|ed)?(?: notes?)?|refund(?:s|ed|ing)?|money back|reimburse\w*)\b.{0,60}\b(?:wait\w*|late|slow\w*|overdue|ages|forever|still|open|not|no|never|missing|longer|weeks?|months?|where|outstanding|chas\w+|drags?|take|comes)\b
            \b(?:wait\w*|slow|still|no|never|where|missing|chas\w+|reminders?|overdue|without|speed up|how long|when)\b.{0,60}\b(?:credit(?:ed)?(?: notes?)?|refund\w*|our money|money back)\b
            \breturn(?:ed|s)?\b.{0,60}\b(?:not credited|no credit|no refund|no money|drags|settled at last|after weeks)\b
            \bwhere is our money\b
            \b(?:not|never|nothing) (?:been )?credited\b
            \bnot have the money back\b
        """),
        re.compile(r"\b(?:credit limit|credit card|credit to|to (?:your|their) credit|payment terms)\b", re.I),
    ),
    Claim(
        "no_reply", "no or slow answer", ("people.responsiveness",),
        _any(r"""
            \b(?:no|never|not|nobody|without|wait\w*|still|slow|hours|days?|until|took|takes|ignored|chase|had to)\b.{0,50}\b(?:answer\w*|repl(?:y|ies|ied)|respon[sd]\w*|call(?:ed)? back|got back|heard back|feedback from|reacted)\b
            \b(?:answer\w*|repl(?:y|ies)|respon[sd]\w*|support|service|helpdesk|call back)\b.{0,50}\b(?:slow\w*|too long|took|takes|never|hours|days|ages|forever|worse|ignored|late|black hole|hang)\b
            \bunanswered\b|\bheard nothing\b|\bnothing back\b|\bblack hole\b|\bhard to reach\b|\b(?:question|request|mail|ticket|email|enquiry|inquiry)s?\b.{0,40}\bignored\b
            \b(?:cannot|can'?t|could not|couldn'?t) (?:reach|get hold of|get through)
            \bis (?:anybody|anyone) there\b|\bby the time you (?:answered|replied)\b|\bhad to chase\b|\bon hold for\b|\bplease answer\b
            \b(?:hours|days) of silence\b|\bticket\b.{0,30}\bopen for\b|\bcarrier pigeons?\b
        """),
        re.compile(r"\b(?:credit|refund|invoice corrected|lead times?|different answer|delivery took|impolite answer|(?:waiting|looking forward) (?:for|to) your (?:reply|answer|call)|need an answer (?:today|now|soon)|call(?:ed)? back (?:within|even|at once)|knew the answer)\b", re.I),
    ),
    Claim(
        "out_of_stock", "out of stock", ("order.availability",),
        _any(r"""
            \b(?:out of|no|not in|never in|without|low on) stock\b|\bstock[- ]?outs?\b
            \bback[- ]?order(?:s|ed)?\b
            \b(?:sold out|unavailable|not available|no longer available)\b
            \b(?:none|nothing) (?:left )?(?:on|in) (?:the |your )?(?:shelf|shelves|stock)|\bnone left\b
            \bran out of\b|\bstock was sold\b
        """),
        re.compile(r"\bportal shows\b", re.I),
    ),
)  # fmt: skip
BY_NAME = {c.name: c for c in CLAIMS}
DENIED = re.compile(
    r"\b(?:never|not once|no longer|without|zero|nothing|isn'?t|wasn'?t|weren'?t|hardly|not) (?:\w+ ){0,2}?(?:late|delayed?|delays?|damaged?|wrong|missing|broken|short|incomplete)\b"
    r"|\bno (?:delays?|damages?|damaged|errors?|mistakes?|missing|wrong|problems?|issues?)\b"
    r"|\b(?:early|on time|punctual|in full|undamaged|complete)\b(?!.{0,15}\?)",
    re.IGNORECASE,
)
PRAISE = re.compile(
    r"\b(?:thank(?:s| you)|great|good|excellent|perfect\w*|love\w*|nice|happy|pleased|helpful|quick(?:ly)?|fast|friendly|fine|well|best"
    r"|solved|sorted|fixed|resolved|prompt\w*|reliable|impressed|improved|better)\b",
    re.IGNORECASE,
)
BUT = re.compile(r"\bnot (?:on time|complete|in full)|\bn'?t (?:on time|complete)|\bon time delivery\?|nothing (?:has )?arriv|did not make it|delivery note says complete|nothing (?:was|is) (?:on time|complete)", re.IGNORECASE)  # fmt: skip


def find_claims(segments: pd.DataFrame) -> pd.DataFrame:
    """The checkable claims of clauses: feedback_id, segment, start, end, claim; a clause may make several.

    `segments`: feedback_id, segment, start, end, text, aspect, aspect_confidence, sentiment, sentiment_score."""
    if segments.empty:
        return pd.DataFrame(columns=COLUMNS)
    text = segments["text"].astype("object")
    denied = np.array([bool(DENIED.search(t)) and not BUT.search(t) for t in text])
    glad = (segments["sentiment_score"].to_numpy(np.float64) > GLAD) & np.array([bool(PRAISE.search(t)) for t in text])
    open_to = ~glad & ~denied
    sure = segments["aspect_confidence"].to_numpy(np.float64) >= SURE
    aspects = segments["aspect"].to_numpy(dtype=object)
    parts = []
    for claim in CLAIMS:
        said = np.array([bool(claim.says.search(t)) for t in text])
        other = np.array([bool(claim.unless and claim.unless.search(t)) for t in text])
        by_aspect = np.isin(aspects, claim.aspects)
        negative = segments["sentiment"].to_numpy(np.float64) < 0
        makes = open_to & ((said & (~other | by_aspect)) | (by_aspect & sure & negative & ~other))
        parts.append(segments.loc[makes, COLUMNS[:4]].assign(claim=claim.name))
    found = pd.concat(parts, ignore_index=True)
    ordered: pd.DataFrame = found.sort_values(["feedback_id", "segment", "claim"], ignore_index=True)
    return ordered

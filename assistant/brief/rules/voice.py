"""Rules on what they say: the complaint behind most orders, and complaints that the record bears out or contradicts."""

from __future__ import annotations

from assistant.brief.account import Account
from assistant.brief.content import Words, several
from assistant.brief.rules.headline import Headline, Rule
from assistant.brief.sections import voice
from knowledge.records import Citation, Verdict

LEAST_COMMENTS, LEAST_CLAIMS = 2, 3


def complaint(account: Account) -> list[Headline]:
    """The theme they complained of most in the year; at stake is the value of the orders that these comments name."""
    found = voice.complaints(account)
    total = account.figure("feedback_count", account.spans.year)
    if not found or total is None or len({c["feedback_id"] for c in found[0].clauses}) < LEAST_COMMENTS:
        return []
    first = found[0]
    quote = voice.exact(account.book, first.clauses[0])
    if quote is None:
        return []
    orders = {c["order_id"]: c["order_value"] or 0.0 for c in first.clauses if c["order_id"]}
    stake = account.total("feedback", "value of the orders complained of", sum(orders.values()), len(orders))
    words: Words = (
        first.comments,
        " of ",
        total,
        " comments in the ",
        account.spans.year,
        " complain of ",
        first.theme,
        ": ",
        quote,
        ".",
    )
    step: Words = ("Answer their complaint about ", first.theme, " (", *several(first.comments, "comment", "comments"), ").")
    return [Headline("complaint", "voice", "What they complain of.", words, stake, "the most frequent complaint of the year", step,
                     "quality", citations=voice.cited(first))]  # fmt: skip


def checked(account: Account) -> list[Headline]:
    """Complaints that can be checked, mostly contradicted or mostly borne out by the order record."""
    rows = voice.claims(account)
    decided = [r for r in rows if r["verdict"] != Verdict.NO_RECORD]
    wrong = [r for r in decided if r["verdict"] == Verdict.CONTRADICTED]
    if len(decided) < LEAST_CLAIMS:
        return []
    against = len(wrong) * 2 >= len(decided)
    shown = wrong if against else [r for r in decided if r["verdict"] == Verdict.CORROBORATED]
    values = {c["order_id"]: c["order_value"] or 0.0 for c in account.said if c["order_id"]}
    orders = {r["record_id"] for r in shown if r["record_kind"] == "order" and r["record_id"] in values}
    stake = account.total("claims", "value of the orders complained of", sum(values[o] for o in orders), len(orders))
    count = account.total("claims", "complaints decided that way", len(shown), len(shown), "count")
    total = account.total("claims", "complaints that the record decides", len(decided), len(decided), "count")
    quote = voice.exact(account.book, shown[0])
    said = (Verdict.CONTRADICTED if against else Verdict.CORROBORATED).words
    words: Words = (count, " of ", total, f" complaints that the order record can decide are {said} by it")
    if quote is not None:
        words += (
            ": ",
            quote,
            " – ",
            voice.told_by(shown[0]),
        )
    lead = "The record contradicts their complaints." if against else "Their complaints are right."
    step: Words = ("Bring the record of the ", *several(count, "order", "orders"), " they complain of.") if against else (
        "Own up to the ", *several(count, "complaint", "complaints"), " that are right, and say what changes.")  # fmt: skip
    cited = (
        *(Citation("feedback", str(r["feedback_id"])) for r in shown[:20]),
        *(c for r in shown[:20] for c in voice.record(r)),
    )
    rule = (
        "three or more complaints decided by the record, half or more contradicted" if against else "most complaints borne out"
    )
    return [Headline("checked", "voice", lead, (*words, "."), stake, rule, step, "quality", citations=cited)]


RULES: tuple[Rule, ...] = (complaint, checked)

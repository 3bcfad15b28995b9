"""What is worth an alert: accounts at risk, service below promise, themes that surge. Each has a name, so that it is told once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from assistant.brief import derived
from assistant.brief.account import Account
from assistant.brief.book import Book, plain
from assistant.brief.content import Line, Name, Words, several
from assistant.brief.groups import Group
from assistant.brief.headlines import headlines
from knowledge import account_voice
from knowledge.intervals import benjamini_hochberg, surge
from knowledge.records import Citation

AT_RISK = ("falling", "silent", "contract")
NOW_DAYS, BASE_DAYS = 28, 168
LEAST, TIMES, Q = 5, 2.0, 0.01
RULES = ("at risk", "service", "theme")


@dataclass(frozen=True)
class Alert:
    """One thing to tell: `name` is the same as long as it is the same matter; `ask` are questions that lead to the evidence."""

    name: str
    rule: str
    line: Line
    ask: tuple[tuple[str, str], ...]
    stake: float = 0.0


def alerts(group: Group, book: Book, rules: tuple[str, ...] = RULES) -> list[Alert]:
    """Everything worth an alert on the accounts of the group, most at stake first."""
    found = [a for i in group.ids for a in _of_account(Account(book, i), rules)]
    found += _surges(group, book) if "theme" in rules else []
    return sorted(found, key=lambda a: (-abs(a.stake), a.name))


def _of_account(account: Account, rules: tuple[str, ...]) -> list[Alert]:
    made = []
    for headline in headlines(account):
        risk = headline.key in AT_RISK and "at risk" in rules
        service = headline.kind == "service" and headline.lead.startswith("Service is below promise") and "service" in rules
        if not (headline.bad and (risk or service)):
            continue
        who = account.name.text
        parts: Words = (account.name, ": ", headline.lead, " ", *headline.parts)
        ask = (("brief", f"brief on {who}"), ("orders", f"orders of {who}")) if risk else (
            ("why", f"why is on-time delivery of {who} down"), ("brief", f"brief on {who}"))  # fmt: skip
        told = Line(parts, figures=headline.evidence, rule=headline.rule, owner=str(account.facts["account_owner"] or ""))
        made.append(
            Alert(
                f"{headline.key}: {account.id}",
                "at risk" if risk else "service",
                told,
                ask,
                derived.number(headline.stake) or 0.0,
            )
        )
    return made


def _surges(group: Group, book: Book) -> list[Alert]:
    """Themes with at least twice the usual number of complaints in the last four weeks, beyond chance (METRICS C9, corrected)."""
    ids = set(group.ids)
    rows = [r for r in book.kept("said", lambda: plain(account_voice.said(book.reader))) if r["customer_id"] in ids]
    first, begin = book.today - timedelta(days=NOW_DAYS - 1), book.today - timedelta(days=NOW_DAYS + BASE_DAYS - 1)
    now: dict[str, set[str]] = {}
    before: dict[str, set[str]] = {}
    for row in rows:
        day = row["on"].date() if hasattr(row["on"], "hour") else row["on"]
        if row["theme_id"] and (row["sentiment"] or 0) < 0 and day >= begin:
            (now if day >= first else before).setdefault(row["theme_id"], set()).add(row["feedback_id"])
    tried = [t for t, said in sorted(now.items()) if len(said) >= LEAST]
    p_values = [surge(len(now[t]), NOW_DAYS, len(before.get(t, ())), BASE_DAYS) for t in tried]
    names = book.names("themes", "theme_id")
    made = []
    for theme, q in zip(tried, benjamini_hochberg(p_values), strict=True):
        count, base = len(now[theme]), len(before.get(theme, ())) * NOW_DAYS / BASE_DAYS
        if q > Q or count < TIMES * base:
            continue
        name = Name(names.get(theme, theme), "theme", theme)
        said = derived.counted("feedback_segments", "complaints in four weeks", count, "count", "", theme, book.as_of, count)
        usual = derived.counted(
            "feedback_segments", "usual complaints in four weeks", round(base, 1), "ratio", "", theme, book.as_of, count
        )
        parts: Words = (name, ": ", *several(said, "complaint", "complaints"), " in the last four weeks; usually ", usual, ".")
        cited = tuple(Citation("feedback", i) for i in sorted(now[theme])[:20])
        month = f"{book.today:%Y-%m}"
        told = Line(
            parts, citations=cited, rule="at least twice the usual complaints of a theme, beyond chance", owner="quality"
        )
        made.append(
            Alert(
                f"theme {theme} {month}",
                "theme",
                told,
                (("why", f"why do customers complain about {name.text}"),),
                float(count),
            )
        )
    return made

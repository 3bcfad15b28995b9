"""Briefs of many accounts: a segment, or a portfolio. The same rules look at every account; what matters most is told."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from assistant.brief import derived
from assistant.brief.account import Account
from assistant.brief.book import Book
from assistant.brief.content import Brief, Line, Name, Section, Table, Words, line, several, unknown
from assistant.brief.headlines import headlines
from assistant.brief.rules.headline import Headline
from assistant.brief.sections import voice
from knowledge import display
from knowledge.intervals import wilson
from knowledge.records import Figure, Period, Quote

DIMENSIONS = ("industry", "region", "country", "service_tier", "size", "account_owner")
FILLERS = re.compile(r"\b(?:the|all|our|customers?|accounts?|clients?|segment|industry|region|tier|in|of)\b", re.IGNORECASE)
MINE = re.compile(
    r"^(?:my|our)\s+(?:accounts?|customers?|portfolio)\b|^(?:the\s+)?portfolio$|^all\s+(?:accounts|customers)$", re.IGNORECASE
)
ATTENTION, GOOD, THEMES, LEAST_OTHERS = 8, 3, 5, 3
ROWS = ("revenue", "orders", "otd", "fill_rate", "perfect_order", "returned_value", "feedback_count", "net_sentiment")


@dataclass(frozen=True)
class Group:
    """Accounts that are looked at together; `dimension` and `member` are what they have in common (empty: all that are seen)."""

    kind: str
    title: str
    ids: tuple[str, ...]
    dimension: str = ""
    member: str = ""

    @property
    def filters(self) -> dict[str, list[str]]:
        return {self.dimension: [self.member]} if self.dimension else {}


def find_group(wanted: str, book: Book) -> Group | None:
    """The portfolio ("my accounts") or segment ("healthcare customers", "region north") that is meant; None where none is."""
    text = wanted.strip()
    if MINE.match(text):
        return portfolio(book)
    named = " ".join(FILLERS.sub(" ", text.replace("=", " ")).casefold().split())
    for dimension in DIMENSIONS:
        for member in sorted({str(c[dimension]) for c in book.customers.values() if c[dimension]}):
            if named and member.casefold() in (named, named.removeprefix(dimension.replace("_", " ")).strip()):
                return segment(dimension, member, book)
    return None


def segment(dimension: str, member: str, book: Book) -> Group:
    ids = tuple(sorted(i for i, c in book.customers.items() if str(c[dimension]).casefold() == member.casefold()))
    return Group("segment", f"{member} – {dimension.replace('_', ' ')}", ids, dimension, member)


def portfolio(book: Book) -> Group:
    """The accounts of whoever reads: those of the scope, else those they own, else all."""
    scope = book.reader.scope
    mine = tuple(
        sorted(i for i, c in book.customers.items() if str(c["account_owner"]).casefold() == scope.principal.casefold())
    )
    if scope.accounts is None and mine:
        return Group("portfolio", f"Accounts of {scope.principal}", mine, "account_owner", scope.principal)
    return Group("portfolio", "All accounts" if scope.accounts is None else "My accounts", tuple(sorted(book.customers)))


def group_brief(group: Group, book: Book) -> Brief:
    """Figures of the week, the quarter and the year; who needs attention and why; who does well; what they say."""
    accounts = [Account(book, i) for i in group.ids]
    found = [(a, h) for a in accounts if (h := _first(a)) is not None]
    ranked = sorted(found, key=lambda p: (-abs(derived.number(p[1].stake) or 0.0), p[0].id))
    bad, good = [p for p in ranked if p[1].bad], [p for p in ranked if not p[1].bad and p[1].kind == "buying"]
    sections = (
        _who(group, book), _attention(bad, book), _figures(group, book),
        Section("good", "Doing well", tuple(_about(a, h) for a, h in good[:GOOD]) or (line("No account grows by a tenth or more."),), place="page"),
        _said(group, book),
    )  # fmt: skip
    scope = book.reader.scope
    return Brief(
        group.kind, f"{group.dimension}={group.member}" if group.dimension else "all", group.title, scope.principal, scope.role,
        book.as_of, book.reader.snapshot.id, str(book.reader.snapshot.facts.get("zone", "UTC")), book.currency, sections,
    )  # fmt: skip


def total(group: Group, metric: str, span: Period, book: Book) -> Figure | None:
    """The figure over the group, from its accounts' own sums: never an average of rates. Equals the query with its filter."""
    found = [f for i in group.ids if (f := book.figure(i, metric, span)) is not None]
    if not found:
        return None
    first, rows = found[0], sum(f.rows for f in found)
    plain = replace(first, group={}, filters=group.filters, rows=rows, interval=None, numerator=None, denominator=None)
    if first.denominator is not None:
        k, n = sum(f.numerator or 0.0 for f in found), sum(f.denominator or 0.0 for f in found)
        shown = display.figure(k / n, first.unit, book.currency, k, n)
        return replace(
            plain, value=k / n, display=shown, numerator=k, denominator=n, interval=wilson(k, n) if first.interval else None
        )
    if first.unit == "points":
        value = sum((derived.number(f) or 0.0) * f.rows for f in found) / rows if rows else 0.0
    elif first.unit in ("money", "count", "qty"):
        value = round(sum(derived.number(f) or 0.0 for f in found), 6)
    else:
        return None
    exact: float | int = int(value) if first.unit == "count" else value
    return replace(plain, value=exact, display=display.figure(value, first.unit, book.currency))


def _first(account: Account) -> Headline | None:
    """What stands out most on the account, apart from what kind of account it is."""
    return next((h for h in headlines(account) if h.kind != "standing" or h.bad), None)


def _who(group: Group, book: Book) -> Section:
    count = derived.counted(
        "customers", "accounts", len(group.ids), "count", "", group.member or "all", book.as_of, len(group.ids)
    )
    active = sum(1 for i in group.ids if derived.number(book.figure(i, "orders", book.spans.quarter)))
    bought = derived.counted("orders", "accounts that ordered", active, "count", "", group.member or "all", book.as_of, active)
    told: list[Line] = [line(*several(count, "account", "accounts"), "; ", bought, " ordered in the ", book.spans.quarter, ".")]
    return Section("who", "Who", (*told, *_margin(group, book)), place="page")


def _margin(group: Group, book: Book) -> list[Line]:
    """What is left of the group's revenue after cost to serve, and of the others'; empty without costs or the right to them."""
    known = {i: m[0] for i, m in book.models.items() if m[0].get("net_margin") is not None and m[0].get("profit_revenue")}
    inside = [m for i, m in known.items() if i in set(group.ids)]
    outside = [m for i, m in known.items() if i not in set(group.ids)]
    if not inside:
        return []

    def share(rows: list[dict[str, Any]], what: str) -> Figure:
        rate = sum(r["net_margin"] for r in rows) / sum(r["profit_revenue"] for r in rows)
        return derived.counted("customer_model", what, rate, "share", "", group.member or "all", book.as_of, len(rows))

    earned = sum(r["net_margin"] for r in inside)
    money = derived.counted(
        "customer_model",
        "margin after cost to serve",
        earned,
        "money",
        book.currency,
        group.member or "all",
        book.as_of,
        len(inside),
    )
    losing = sum(1 for r in inside if r["net_margin"] < 0)
    count = derived.counted(
        "customer_model", "accounts that lose money", losing, "count", "", group.member or "all", book.as_of, len(inside)
    )
    words: Words = (
        "Margin after cost to serve of the last costed year ",
        money,
        ", ",
        share(inside, "margin share"),
        " of revenue",
    )
    words += ("; the others ", share(outside, "margin share of the others")) if len(outside) >= LEAST_OTHERS else ()
    return [line(*words, "; ", *several(count, "account loses", "accounts lose"), " money.")]


def _attention(bad: Sequence[tuple[Account, Headline]], book: Book) -> Section:
    lines = [_about(a, h) for a, h in bad[:ATTENTION]]
    if len(bad) > ATTENTION:
        more = derived.counted("customers", "more accounts", len(bad) - ATTENTION, "count", "", "all", book.as_of, len(bad))
        lines.append(line("And ", more, " more accounts with something to look at."))
    return Section("attention", "Who needs attention", tuple(lines) or (line("Nothing stands out."),), place="page")


def _about(account: Account, headline: Headline) -> Line:
    stake: Words = (" At stake: ", headline.stake, ".") if derived.number(headline.stake) else ()
    owner = str(account.facts["account_owner"] or "") if headline.owner == "account owner" else headline.owner
    parts: Words = (account.name, ": ", headline.lead, " ", *headline.parts, *stake)
    return Line(parts, figures=headline.evidence, citations=headline.citations, rule=headline.rule, owner=owner)


def _figures(group: Group, book: Book) -> Section:
    spans = book.spans
    rows: list[tuple[Words, ...]] = []
    for metric in ROWS:
        cells = [total(group, metric, s, book) for s in (spans.week, spans.week_before, spans.quarter, spans.quarter_last_year)]
        if any(cells):
            label = next(f.label for f in cells if f is not None)
            rows.append(((label,), *((f,) if f is not None else ("–",) for f in cells)))
    if not rows:
        return Section("figures", "Figures", (unknown("figures; nothing was ordered or said."),), place="page")
    heads: Words = ("Figure", spans.week, spans.week_before, spans.quarter, spans.quarter_last_year)
    return Section("figures", "Figures", (), (Table("Figures of the accounts together", heads, tuple(rows)),), place="page")


def _said(group: Group, book: Book) -> Section:
    """What they complain of most, with the plainest words."""
    if not book.has("feedback_segments"):
        return Section("voice", "What they say", (unknown("what they say; no comments were analysed."),))
    themes: dict[str, tuple[Name, set[str], Quote | None]] = {}
    for identity in group.ids:
        for complaint in voice.complaints(Account(book, identity)):
            ids = {c["feedback_id"] for c in complaint.clauses}
            name, known, quote = themes.get(complaint.theme.id, (complaint.theme, set(), None))
            themes[complaint.theme.id] = (name, known | ids, quote or voice.exact(book, complaint.clauses[0]))
    lines = []
    for identity, (name, ids, quote) in sorted(themes.items(), key=lambda t: (-len(t[1][1]), t[0]))[:THEMES]:
        count = derived.counted(
            "feedback_segments", "complaining comments", len(ids), "count", "", group.member or identity, book.as_of, len(ids)
        )
        lines.append(
            line(name, ": ", *several(count, "comment", "comments"), *((" – ", quote) if quote is not None else ()), ".")
        )
    return Section("voice", "What they complain of", tuple(lines) or (line("No complaint in the ", book.spans.year, "."),))

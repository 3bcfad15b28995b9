"""The brief of one theme: how much, since when, why, who says it, is it true, and which accounts stand behind it."""

from __future__ import annotations

from collections import Counter
from typing import Any

from assistant.brief import derived
from assistant.brief.book import Book, plain
from assistant.brief.content import Brief, Line, Name, Section, Table, Words, line, several, unknown
from assistant.brief.sections import voice
from knowledge import account_voice
from knowledge.records import Citation, Figure, Verdict

REASONS, ACCOUNTS, LIKE = 5, 8, 88


def find_theme(wanted: str, book: Book) -> str | None:
    """The id of the theme that is meant by an id, a name, or most of its words; None where none is."""
    from rapidfuzz import fuzz, process, utils

    names = book.names("themes", "theme_id")
    text = wanted.strip().casefold()
    exact = [i for i, n in names.items() if text in (i.casefold(), n.casefold())]
    if exact:
        return exact[0]
    ranked = process.extract(
        wanted, names, scorer=fuzz.token_sort_ratio, processor=utils.default_process, limit=1, score_cutoff=LIKE
    )
    return str(ranked[0][2]) if ranked else None


def theme_brief(identity: str, book: Book) -> Brief:
    name = Name(book.names("themes", "theme_id")[identity], "theme", identity)
    rows = [r for r in book.kept("said", lambda: plain(account_voice.said(book.reader))) if r["theme_id"] == identity]
    year = [r for r in rows if _day(r["on"]) >= book.spans.year.start]
    sections = (
        Section("three", "What to know", tuple(_much(identity, rows, book)), place="page"),
        Section("reasons", "Why they say it", tuple(_reasons(year, book)), place="page"),
        _accounts(identity, year, book),
        Section("true", "Is it true?", tuple(_checked(identity, year, book)), place="page"),
    )
    scope = book.reader.scope
    return Brief(
        "theme", identity, name.text, scope.principal, scope.role, book.as_of, book.reader.snapshot.id,
        str(book.reader.snapshot.facts.get("zone", "UTC")), book.currency, sections,
    )  # fmt: skip


def _much(identity: str, rows: list[dict[str, Any]], book: Book) -> list[Line]:
    """How many comments and customers, against the quarter before, and the mood."""
    spans = book.spans

    def inside(span: Any) -> set[str]:
        return {r["feedback_id"] for r in rows if span.start <= _day(r["on"]) <= span.end}

    now, before, year = inside(spans.quarter), inside(spans.quarter_before), inside(spans.year)
    who = {r["customer_id"] for r in rows if r["feedback_id"] in year}
    words: Words = (*several(_count(book, identity, "comments", len(year)), "comment", "comments"), " of ")
    words += (*several(_count(book, identity, "customers", len(who)), "customer", "customers"), " in the ", spans.year)
    made = [line(*words, "; ", _count(book, identity, "comments now", len(now)), " in the ", spans.quarter, " after ",
                 _count(book, identity, "comments before", len(before)), " in ", spans.quarter_before, ".")]  # fmt: skip
    down = sum(1 for r in rows if (r["sentiment"] or 0) < 0 and r["feedback_id"] in year)
    clauses = sum(1 for r in rows if r["feedback_id"] in year)
    if clauses:
        share = derived.counted(
            "feedback_segments", "negative mentions", down / clauses, "share", "", identity, book.as_of, clauses
        )
        made.append(line(share, " of what is said about it is negative."))
    return made


def _reasons(rows: list[dict[str, Any]], book: Book) -> list[Line]:
    given = Counter(r["reason_id"] for r in rows if r["reason_id"])
    names = book.names("reasons", "reason_id")
    made = []
    for reason, n in sorted(given.items(), key=lambda i: (-i[1], i[0]))[:REASONS]:
        clause = next(r for r in rows if r["reason_id"] == reason)
        quote = voice.exact(book, clause)
        words: Words = (
            Name(names.get(reason, reason), "reason", reason),
            ": ",
            *several(_count(book, reason, "mentions", n), "mention", "mentions"),
        )
        made.append(Line((*words, *((" – ", quote) if quote is not None else ()), "."), citations=(Citation("feedback", str(clause["feedback_id"])),)))  # fmt: skip
    return made or [unknown("why they say it; no reason was found in the comments.")]


def _accounts(identity: str, rows: list[dict[str, Any]], book: Book) -> Section:
    """The accounts that say it most, with the revenue of the year that stands behind them."""
    said = Counter(
        r["customer_id"] for r in {(r["customer_id"], r["feedback_id"]): r for r in rows if (r["sentiment"] or 0) < 0}.values()
    )
    behind = sum(book.revenue_of_year.get(i, 0.0) for i in said)
    lines: list[Line] = []
    if said:
        worth = derived.counted(
            "order_lines",
            "revenue of the year behind the theme",
            behind,
            "money",
            book.currency,
            identity,
            book.as_of,
            len(said),
        )
        lines.append(line("Accounts with a negative mention bought for ", worth, " in the ", book.spans.year, "."))
    table = []
    for who, n in sorted(said.items(), key=lambda i: (-i[1], i[0]))[:ACCOUNTS]:
        revenue = book.figure(who, "revenue", book.spans.year)
        name = Name(str(book.customers[who]["name"] or who), "customer", who)
        table.append(((name,), (_count(book, who, "comments", n),), (revenue,) if revenue is not None else ("–",)))
    heads: Words = ("Account", "Comments", "Revenue of the year")
    tables = (Table("Who says it most", heads, tuple(table), len(said) - len(table)),) if table else ()
    return Section("accounts", "Who says it", tuple(lines) or (line("Nobody says it as a complaint."),), tables, place="page")


def _checked(identity: str, rows: list[dict[str, Any]], book: Book) -> list[Line]:
    if not book.has("claims"):
        return [unknown("whether the order record bears it out; complaints were not checked in this build.")]
    here = {(r["feedback_id"], r["start"]) for r in rows}
    found = [c for c in plain(book.table("claims")) if (c["feedback_id"], c["start"]) in here]
    verdicts = Counter(str(c["verdict"]).replace("_", " ") for c in found)
    if not found:
        return [line("None of these comments makes a claim that an order record could settle.")]
    words: Words = ("Checked against the order record: ",)
    for n, verdict in enumerate(Verdict):
        words += (", " if n else "", _count(book, identity, f"claims {verdict}", verdicts[verdict]), f" {verdict.words}")
    return [line(*words, ".")]


def _count(book: Book, identity: str, what: str, n: int) -> Figure:
    return derived.counted("feedback_segments", what, n, "count", "", identity, book.as_of, n)


def _day(on: Any) -> Any:
    return on.date() if hasattr(on, "hour") else on

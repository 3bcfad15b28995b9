"""What they say: themes, mood, reasons in exact words, and what the order record says of their complaints."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from assistant.brief.account import Account
from assistant.brief.book import Book
from assistant.brief.content import Day, Line, Name, Section, Words, line, several, unknown
from knowledge.records import Citation, Figure, Quote, Verdict

THEMES, QUOTE_LENGTH = 4, 220


@dataclass(frozen=True)
class Complaint:
    """A theme that the account complained of within a year: how many comments, and the clauses, plainest complaint first."""

    theme: Name
    comments: Figure
    clauses: tuple[dict[str, Any], ...]


def section(account: Account) -> Section:
    spans = account.spans
    if not account.book.has("feedback"):
        return Section("voice", "What they say", (unknown("what they say; no comments were ever loaded."),))
    count = account.figure("feedback_count", spans.year)
    if count is None:
        return Section("voice", "What they say", (line("They said nothing in the ", spans.year, "."),))
    lines = [_volume(account, count)]
    found = complaints(account)
    if not found:
        lines.append(line("No complaint among them."))
    for complaint in found[:THEMES]:
        quote = exact(account.book, complaint.clauses[0])
        words: Words = several(complaint.comments, "comment", "comments")
        reason = _reason(account.book, complaint)
        if reason is not None:
            words += ("; why: ", reason)
        if quote is not None:
            words += (" – ", quote, ", ", Day(_day(complaint.clauses[0]["on"])))
        lines.append(Line((complaint.theme, ": ", *words, "."), citations=cited(complaint)))
    lines += checked(account)
    return Section("voice", "What they say", tuple(lines))


def _volume(account: Account, count: Figure) -> Line:
    spans = account.spans
    parts: Words = (*several(count, "comment", "comments"), " in the ", spans.year)
    mood, before = account.figure("net_sentiment", spans.year), account.figure("net_sentiment", spans.year_before)
    if mood is not None:
        parts += ("; net sentiment ", mood)
        if before is not None:
            parts += (" (", before, " in ", spans.year_before, ")")
    score = account.figure("nps", spans.year)
    if score is not None and score.rows >= 5:
        parts += ("; net promoter score ", score)
    return line(*parts, ".")


def complaints(account: Account) -> list[Complaint]:
    """Themes of the year's negative clauses, most comments first; a theme of praise is none that they complain of."""
    praise = account.book.praised
    year = [
        r for r in account.said if r["theme_id"] and r["theme_id"] not in praise and _day(r["on"]) >= account.spans.year.start
    ]
    rows = [r for r in year if (r["sentiment"] or 0) < 0]
    comments: dict[str, set[str]] = {}
    for row in rows:
        comments.setdefault(row["theme_id"], set()).add(row["feedback_id"])
    names = account.book.names("themes", "theme_id")
    made = []
    for identity, ids in sorted(comments.items(), key=lambda i: (-len(i[1]), i[0])):
        clauses = tuple(sorted((r for r in rows if r["theme_id"] == identity), key=_plainest))
        count = account.total("feedback_segments", "complaining comments", len(ids), len(ids), "count")
        made.append(Complaint(Name(names.get(identity, identity), "theme", identity), count, clauses))
    return made


def _plainest(clause: Mapping[str, Any]) -> tuple[float, int, str, int]:
    """The worst mood first, then the newest."""
    score = clause["sentiment_score"]
    return (
        round(score, 2) if score is not None else 0.0,
        -_day(clause["on"]).toordinal(),
        clause["feedback_id"],
        clause["start"],
    )


def exact(book: Book, clause: Mapping[str, Any]) -> Quote | None:
    """The clause in its exact words, from the masked comment; None where the comment is not there."""
    text = book.texts.get(clause["feedback_id"])
    if text is None or clause["start"] is None or clause["end"] is None:
        return None
    start, end = int(clause["start"]), min(int(clause["end"]), int(clause["start"]) + QUOTE_LENGTH)
    return Quote(str(clause["feedback_id"]), text[start:end], start, end)


def checked(account: Account) -> list[Line]:
    """What the order record says of their complaints, by verdict."""
    if not account.book.has("claims"):
        return [unknown("whether the order record bears them out; complaints were not checked in this build.")]
    rows = claims(account)
    if not rows:
        return []
    verdicts = Counter(r["verdict"] for r in rows)
    parts: list[Any] = ["Checked against the order record: "]
    for n, verdict in enumerate(Verdict):
        count = account.total("claims", f"claims {verdict}", verdicts[verdict], verdicts[verdict], "count")
        parts += [", " if n else "", count, f" {verdict.words}"]
    made = [line(*parts, ".")]
    wrong, right = ([r for r in rows if r["verdict"] == v] for v in (Verdict.CONTRADICTED, Verdict.CORROBORATED))
    for row in wrong[:2] + right[:1]:
        quote = exact(account.book, row)
        if quote is None:
            continue
        evidence = told_by(row)
        lead = Verdict(row["verdict"]).words.capitalize()
        made.append(Line((quote, " – ", evidence, "."), lead=lead, citations=record(row)))
    return made


def claims(account: Account) -> list[dict[str, Any]]:
    """The year's checked claims, newest first."""
    days = {r["feedback_id"]: _day(r["on"]) for r in account.said}
    rows = [
        {**r, "on": days[r["feedback_id"]], "verdict": str(r["verdict"]).replace("_", " ")}
        for comment, day in days.items()
        if day >= account.spans.year.start
        for r in account.book.claims.get(comment, ())
    ]
    return sorted(rows, key=lambda r: (-r["on"].toordinal(), r["feedback_id"], r["start"] or 0))


def _reason(book: Book, complaint: Complaint) -> Name | None:
    """The reason that most of the clauses give."""
    given = Counter(c["reason_id"] for c in complaint.clauses if c["reason_id"])
    if not given:
        return None
    identity = min(given, key=lambda i: (-given[i], i))
    name = book.names("reasons", "reason_id").get(identity)
    return Name(name.lower(), "reason", identity) if name else None


def cited(complaint: Complaint) -> tuple[Citation, ...]:
    ids = dict.fromkeys(c["feedback_id"] for c in complaint.clauses)
    return tuple(Citation("feedback", str(i)) for i in list(ids)[:20])


def told_by(row: Mapping[str, Any]) -> Name:
    """What the record says, without its full stop."""
    return Name(str(row["evidence"] or "").rstrip("."), str(row["record_kind"] or "record"), str(row["record_id"] or ""))


def record(row: Mapping[str, Any]) -> tuple[Citation, ...]:
    """The record that a verdict rests on."""
    return (Citation(str(row["record_kind"] or "record"), str(row["record_id"])),) if row["record_id"] else ()


def _day(on: Any) -> Any:
    return on.date() if hasattr(on, "hour") else on

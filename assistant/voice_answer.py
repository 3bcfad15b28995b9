"""Answers about what customers say: themes with their reasons and quotes, and comments in their own words."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from assistant import compose
from assistant.questions import Answer, Plan
from assistant.shape import Name, framed
from knowledge.access import Reader
from knowledge.errors import NoData
from knowledge.query import run as run_query
from knowledge.records import Citation, MetricQuery, Quote

QUOTES, COMMENTS = 1, 8


def themes_of(plan: Plan, reader: Reader, name: Name) -> Answer:
    """The themes of the comments in scope, most said first, each with its main reason and one quote."""
    query = plan.queries[0]
    result = run_query(query, reader)
    figures = [f for f in result.figures if f.group["theme"] not in ("(not given)", "")]
    if not figures:
        raise NoData(
            f"No comments{compose.scope_words(query, name)}{compose.period_words(query.period)}.",
            "Widen the period or the filters.",
        )
    whole = run_query(
        replace(query, by=(), order=None, limit=None, where=tuple(f for f in query.where if f.dimension != "sentiment")), reader
    ).figures[0]
    comments = _in_scope(query, reader)
    quotes: list[Quote] = []
    lines = []
    rows = []
    for figure in figures:
        identity = figure.group["theme"]
        reason, quote = _why(identity, comments, reader)
        told = f"- **{name('theme', identity)}** ({figure.display} comments)"
        if reason:
            told += f": {reason}"
        if quote:
            quotes.append(quote)
            told += f" — “{' '.join(quote.text.split())}” ({quote.feedback_id})"
        lines.append(told)
        rows.append([name("theme", identity), figure.display, reason or ""])
    mood = next((f.values[0] for f in query.where if f.dimension == "sentiment"), None)
    what = {"-1": "complain about", "1": "praise"}.get(mood or "", "speak of")
    who = compose.scope_words(replace(query, where=tuple(f for f in query.where if f.dimension != "sentiment")), name)
    text = f"What customers {what}{who}{compose.period_words(query.period)}, of {whole.display} comments:\n\n" + "\n".join(
        lines
    )
    text += f"\n\n_Themes found in the comments; a comment may be in several · data to {reader.snapshot.as_of:%-d %b %Y}_"
    table = {"columns": ["Theme", "Comments", "Main reason"], "rows": rows}
    slots = {**plan.slots, "names": [name("theme", f.group["theme"]) for f in figures], "reasons": [r[2] for r in rows]}
    return framed(
        reader, replace(plan, slots=slots), "answered", text, figures=(*figures, whole), table=table, quotes=tuple(quotes)
    )


def comments_of(plan: Plan, reader: Reader, name: Name) -> Answer:
    """The newest comments in scope, in their own words."""
    query = plan.queries[0]
    identities = _in_scope(query, reader)
    if not identities:
        raise NoData(
            f"No comments{compose.scope_words(query, name)}{compose.period_words(query.period)}.",
            "Widen the period or the filters.",
        )
    texts = reader.table("feedback_text")
    wanted = reader.engine.backend.to_pyarrow(
        texts.filter(texts.feedback_id.isin(identities[: 50 * COMMENTS])).select("feedback_id", "text")
    ).to_pylist()
    by_id = {r["feedback_id"]: r["text"] for r in wanted if (r["text"] or "").strip()}
    chosen = [i for i in identities if i in by_id][: plan.slots.get("limit") or COMMENTS]
    quotes = tuple(Quote(i, by_id[i], 0, len(by_id[i])) for i in chosen)
    count = run_query(replace(query, by=(), order=None, limit=None), reader).figures[0]
    text = (
        f"**{count.display}** comments{compose.scope_words(query, name)}{compose.period_words(query.period)}; the newest:\n\n"
    )
    text += "\n".join(f"- “{' '.join(q.text.split())}” ({q.feedback_id})" for q in quotes)
    return framed(
        reader,
        plan,
        "answered",
        text,
        figures=(count,),
        quotes=quotes,
        citations=tuple(Citation("feedback", q.feedback_id) for q in quotes),
    )


def _in_scope(query: MetricQuery, reader: Reader) -> list[str]:
    """Ids of the comments that the query counts, newest first (ties by id)."""
    from knowledge.compile import rows_of

    return rows_of("feedback", query, reader)


def _why(theme: str, comments: list[str], reader: Reader) -> tuple[str | None, Quote | None]:
    """The main reason of a theme among these comments, and its most typical quote there."""
    if not reader.rows("reason_mentions"):
        return None, None
    mentions = reader.table("reason_mentions")
    own = mentions.filter(mentions.theme_id == theme)
    found = reader.engine.backend.to_pyarrow(own).to_pylist()
    inside = set(comments)
    kept: list[dict[str, Any]] = [m for m in found if m["feedback_id"] in inside]
    if not kept:
        return None, None
    counts: dict[str, set[str]] = {}
    for m in kept:
        counts.setdefault(m["reason_id"], set()).add(m["feedback_id"])
    top = min(counts, key=lambda r: (-len(counts[r]), r))
    reasons = reader.table("reasons")
    told = reader.engine.backend.to_pyarrow(reasons.filter(reasons.reason_id == top).select("name")).to_pylist()
    best = min((m for m in kept if m["reason_id"] == top), key=lambda m: (m["rank"], m["feedback_id"]))
    return (told[0]["name"] if told else None), Quote(best["feedback_id"], best["text"], best["start"], best["end"])
